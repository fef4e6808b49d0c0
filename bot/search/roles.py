"""The roles that sections play in papers, with their names in four languages, and what stands in for a missing one.

In: a heading, or what somebody types for one. Out: the roles that it names. Reviewers name sections in their own
words ("Key Results", "실험 결과는?", 手法の肝は？), so adjectives, question words and conjunctions are removed before
names are compared. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.search.slips import slips
from bot.text.patterns import lazy_pattern
from bot.text.terms import MOST_REMEMBERED, bare_forms, fold, has_hangul, remembered, squash, without_particle


class Role(StrEnum):
    """The role that a section plays in most papers, or in most notes on a paper."""

    ABSTRACT = "abstract"
    INTRODUCTION = "introduction"
    RELATED_WORK = "related work"
    BACKGROUND = "background"
    PROBLEM = "problem"
    CHALLENGES = "challenges"
    METHOD = "method"
    KEY_IDEA = "key idea"
    ARCHITECTURE = "architecture"
    IMPLEMENTATION = "implementation"
    LOSS = "loss"
    SETUP = "experimental setup"
    EXPERIMENTS = "experiments"
    RESULTS = "results"
    COMPARISON = "comparison"
    ANALYSIS = "analysis"
    ABLATION = "ablation"
    DISCUSSION = "discussion"
    CONCLUSION = "conclusion"
    ADVANTAGES = "advantages"
    LIMITATIONS = "limitations"
    SUMMARY = "summary"
    MOTIVATION = "motivation"
    CONTRIBUTIONS = "contributions"
    SIGNIFICANCE = "significance"
    NOVELTY = "novelty"
    DATA = "data"
    TRAINING = "training"
    METRICS = "metrics"
    EVALUATION = "evaluation"
    APPLICATIONS = "applications"
    FUTURE_WORK = "future work"
    QUESTIONS = "questions"
    IMPRESSIONS = "impressions"
    NOTES = "notes"
    TERMS = "terms"
    CODE = "code"
    LINKS = "links"
    FURTHER_READING = "further reading"
    REFERENCES = "references"
    APPENDIX = "appendix"
    CONTENTS = "contents"
    OUTLINE = "outline"
    CITATION = "citation"
    METADATA = "metadata"
    ALGORITHM = "algorithm"
    THEORY = "theory"
    COST = "cost"
    PREPROCESSING = "preprocessing"
    REWARD = "reward"
    FEATURES = "features"
    HYPOTHESIS = "hypothesis"
    EXAMPLES = "examples"
    REPRODUCIBILITY = "reproducibility"
    ETHICS = "ethics"
    IMPROVEMENTS = "improvements"
    LESSONS = "lessons"
    RATING = "rating"
    RECOMMENDATIONS = "recommendations"


ROLE_WORDS: dict[str, Role] = {
    spelling: role
    for role, spellings in {
        Role.ABSTRACT: "abstract summary tldr 초록 요약 논문초록 논문초록abstract 논문요약 概要 要旨 摘要",
        Role.INTRODUCTION: (
            "introduction intro 서론 소개 도입 들어가며 논문소개 はじめに 序論 導入 引言 前言 绪论 介绍 简介"
        ),
        Role.RELATED_WORK: (
            "rw "
            "predecessors relatedwork relatedworks relatedresearch relatedstudies priorwork priorworks priorart "
            "previouswork previousworks otherapproaches literaturereview existingwork existingmethods 관련연구 "
            "선행연구 이전연구 기존연구 기존방법 関連研究 先行研究 従来研究 従来手法 既存研究 相关工作 相关研究 "
            "已有工作 现有方法 前人工作 paperconnections similarwork similarworks similarpapers 비슷한연구 유사연구 "
            "유사한연구 類似研究 类似工作 类似研究"
        ),
        Role.BACKGROUND: (
            "context readingcontext 맥락 사전맥락 concepts basicconcepts keyconceptstoknow 기초 개념 기본개념 "
            "기초개념 핵심개념정리 알아야할핵심개념 핵심사전개념 먼저알아야할것 background backgrounds preliminary "
            "preliminaries prerequisites backgroundknowledge priorknowledge 배경 배경지식 사전지식 연구배경 "
            "기초지식 선수지식 背景 研究背景 背景知識 前提知識 予備知識 背景知识 预备知识 基础知识 前置知识 "
            "선행지식 필요한지식 필요한배경지식 前提となる知識"
        ),
        Role.PROBLEM: (
            "researchquestion researchquestions 연구질문 문제상황 problem problems problemstatement "
            "problemstatements problemdefinition problemredefinition problemformulation problemsetup problemsetting "
            "problemdescription taskdefinition 문제 문제점 문제정의 문제제기 문제의식 문제설정 해결하려는문제 "
            "풀려는문제 과제정의 태스크정의 課題 問題 問題設定 問題定義 解決したい課題 问题 问题定义 核心问题 "
            "问题描述 研究问题"
        ),
        Role.CHALLENGES: "challenge challenges difficulties 도전과제 어려움 어려운점 난점 難点 难点 挑战",
        Role.METHOD: (
            "how "
            "solution solutions proposedsystem proposedsolution scheme workflow 해결방안 해법 제안 제안시스템 "
            "프레임워크 해결 method methods methodology methodologies approach approaches proposedmethod "
            "proposedmethods ourmethod ourapproach proposedapproach design designandimplementation technique "
            "techniques framework howitworks technicaldetails 방법 방법론 제안방법 제안방법론 제안기법 제안모델 "
            "접근법 접근방법 접근방식 기법 설계 동작방식 동작원리 작동방식 작동원리 원리 해결방법 해결책 어떻게 "
            "어떻게해 어떻게했어 어떻게동작해 어떻게풀었어 手法 提案手法 提案法 方法 アプローチ 仕組み 提案 方法论 "
            "方法详解 关键设计 核心设计 解决方案 技术方案 原理 设计 メソッド フレームワーク 提案フレームワーク "
            "메소드 메서드"
        ),
        Role.KEY_IDEA: (
            "주요포인트 포인트 요점 중요한점 인사이트 basicidea basicideas keyidea keyideas coreidea coreideas "
            "mainidea mainideas idea ideas keypoint "
            "keypoints mainpoints "
            "mainpoint keyinsight keyinsights insight insights keyconcept keyconcepts intuition 핵심 핵심아이디어 "
            "아이디어 핵심내용 핵심개념 직관 중심아이디어 キモ 肝 要点 ポイント アイデア 核心思想 核心思路 "
            "核心想法 "
            "核心观点 论文要点 思路"
        ),
        Role.ARCHITECTURE: (
            "architecture architectures components modelcomponents pipeline modelconfig 구성 구성요소 모델구성 "
            "모델구성요소 파이프라인 전체흐름 modelarchitecture networkarchitecture systemarchitecture "
            "modelstructure "
            "networkstructure architectureoverview systemoverview systemdesign modeldesign networkdesign model "
            "themodel 구조 아키텍처 아키텍쳐 모델구조 모델아키텍처 네트워크구조 전체구조 시스템구조 모델 "
            "アーキテクチャ モデル構造 ネットワーク構造 構造 モデル 架构 模型架构 网络结构 模型结构 整体框架 框架 "
            "总体框架 整体架构 系统架构 模型"
        ),
        Role.IMPLEMENTATION: (
            "implementation implementations implementationdetails implementationdetail implementationstrategy 구현 "
            "구현세부사항 세부구현 구현상세 実装 実装詳細 实现 实现细节 implementationplan implementationnotes "
            "codestrategy codingstrategy 구현방법 구현방식 구현전략 구현계획 코드전략 코드작성전략 実装方針 "
            "実装方法 实现策略 实现方法 实现方案 代码策略"
        ),
        Role.LOSS: (
            "trainingtargets "
            "loss losses lossfunction lossfunctions objective objectives objectivefunction objectivefunctions "
            "trainingobjective trainingobjectives learningobjective trainingtarget 손실 손실함수 로스 로스함수 "
            "목적함수 "
            "학습목표 훈련목표 학습목적함수 비용함수 損失 損失関数 目的関数 损失 损失函数 目标函数 训练目标"
        ),
        Role.SETUP: (
            "studydesign experimentdesign experimentaldesign 실험설계 연구설계 実験計画 实验设计 "
            "셋업 환경 실험셋업 실험조건 setup settings setting expsetup expconfig configuration experimentalsetup "
            "experimentsetup experimentalsetting experimentalsettings experimentsettings experimentalprotocol "
            "evaluationsetup 실험설정 실험환경 실험세팅 설정 세팅 평가환경 実験設定 設定 実験条件 实验设置 实验配置 "
            "实验设定 设置 equipment softwarehardware hardwaresoftware softwareequipment equipmentsoftware 장비 "
            "실험장비 하드웨어환경 使用機材 実験機材 硬件环境 软硬件环境"
        ),
        Role.EXPERIMENTS: (
            "experiment experiments exp exps expt expts experimentation casestudy casestudies empiricalstudy "
            "simulation simulations "
            "실험 실험부분 실증 実験 検証 検証方法 有効性の検証 实验 主实验 实验部分 仿真"
        ),
        Role.RESULTS: (
            "얼마나좋아 얼마나빨라 얼마나잘돼 성능이어때 result results experimentresult experimentresults "
            "experimentalresult experimentalresults mainresults "
            "keyresults keyfindings findings finding performance benchmarks benchmarkresults outcome outcomes "
            "결과 실험결과 주요결과 성능 성과 성능결과 벤치마크결과 연구결과 효과 結果 実験結果 性能 効果 结果 "
            "实验结果 "
            "主要结果 关键发现 核心发现 实验发现 效果"
        ),
        Role.COMPARISON: (
            "performancecomparison comparisonwithsota comparisontosota sota비교 sota와비교 성능비교 "
            "기존방법과비교 기존연구와비교 다른모델과비교 다른방법과비교 comparison comparisons "
            "comparisonpapers baselines baseline competitors 비교 비교대상 베이스라인 "
            "비교실험 "
            "타모델과비교 比較 ベースライン 对比 对比实验 基线 与相关工作的对比"
        ),
        Role.ANALYSIS: "analysis analyses 분석 分析 解析",
        Role.ABLATION: (
            "ablation ablations ablationstudy ablationstudies ablationexperiment ablationexperiments 절제 절제실험 "
            "절제연구 소거실험 소거연구 어블레이션 アブレーション アブレーションスタディ 消融 消融实验 消融研究 "
            "消融实验要点"
        ),
        Role.DISCUSSION: "discussion discussions 논의 토의 고찰 토론 논의점 논의사항 議論 考察 讨论",
        Role.CONCLUSION: (
            "conclusion conclusions concludingremarks 맺으며 concluding closingremarks closing bottomline wrapup "
            "wrappingup "
            "finalwords verdict finalverdict "
            "결론 맺음말 마무리 마치며 나가며 끝으로 結論 まとめ おわりに 终章 结论 总结 结语 小结"
        ),
        Role.ADVANTAGES: (
            "advantage advantages strength strengths pro pros prosandcons strongpoints benefit benefits merit "
            "merits "
            "highlight highlights whatilike whatiliked 장점 강점 이점 장단점 좋은점 장점과단점 優点 長所 利点 "
            "メリット "
            "强み 強み 优点 优势 亮点 优缺点 长处"
        ),
        Role.LIMITATIONS: (
            "shortcomings 弱み 弱さ "
            "문제점과한계 한계와문제점 limitation limitations limit limits weakness weaknesses disadvantage "
            "disadvantages drawback drawbacks shortcoming failuremodes failurecase failureanalysis criticalthinking "
            "criticalreview 실패모드 실패원인 실패사례분석 비판적사고 비판적검토 비판적고찰 失敗例 失敗事例 "
            "批判的考察 批判的検討 失败案例 失败模式 批判性思考 shortcomings con cons caveat caveats criticism "
            "criticisms critique failurecases demerits downsides 한계 한계점 제한점 제약 제약사항 단점 약점 "
            "아쉬운점 부족한점 비판 실패사례 限界 欠点 短所 弱点 デメリット 制限 制約 局限 局限性 缺点 不足 缺陷 "
            "局限与不足 비판점 비판적분석 비판적시각 비판적평가 criticalanalysis criticaldiscussion 批評 批判 "
            "批判点"
        ),
        Role.SUMMARY: (
            "what "
            "뭘했어 뭐했어 뭐하는논문이야 무슨논문이야 무슨내용이야 어떤논문이야 무슨내용 어떤내용 keytakeaway "
            "keytakeaways takeaway takeaways onelinesummary onesentencesummary coreideainonesentence inonesentence "
            "inshort quicksummary briefsummary shortsummary overview paperoverview summaryofthepaper 개요 한줄요약 "
            "한줄정리 세줄요약 3줄요약 핵심요약 정리 총정리 どんなもの どんな論文 要約 一言でいうと ひとことで "
            "一言で言うと 一句话总结 一句话概括 概述"
        ),
        Role.MOTIVATION: (
            "motivation motivations motivationandgoal goal goals purpose aim aims why whyitmatters 동기 "
            "연구동기 목적 목표 "
            "연구목적 필요성 왜 왜필요해 왜필요한가 왜필요할까 왜필요하지 왜했어 왜했나 왜하는가 왜나왔어 "
            "왜나왔나 왜만들었어 "
            "왜써 왜쓰는가 왜중요해 왜중요한가 이유 연구이유 動機 目的 研究動機 研究目的 なぜ なぜ必要か 动机 "
            "研究动机 目的 目标 "
            "为什么 为什么需要"
        ),
        Role.CONTRIBUTIONS: (
            "contribution contributions maincontributions keycontributions 기여 기여점 기여도 논문의기여 공헌 "
            "공헌점 "
            "貢献 主な貢献 贡献 主要贡献 核心贡献"
        ),
        Role.SIGNIFICANCE: ("示唆 含意 significance impact implications 의의 시사점 영향 意義 影響 意义 影响"),
        Role.NOVELTY: (
            "다른점 달라진점 어떤점이새로워 어떤점이달라 novelty novelties noveltyandcontribution whatisnew "
            "whatsnew innovation innovations "
            "differencefrompriorwork "
            "differencesfrompriorwork differencetopreviouswork 새로운점 참신성 신규성 차별점 차별성 차이 차이점 "
            "뭐가새로워 뭐가달라 뭐가다른가 무엇이새로운가 기존연구와차이 기존연구와차이점 기존연구와의차이 "
            "기존연구와의차이점 "
            "기존연구와다른점 기존방법과차이 기존방법과의차이 기존방법과의차이점 선행연구와차이 선행연구와의차이 "
            "선행연구와의차이점 新規性 新しい点 先行研究との違い 先行研究との差分 従来手法との違い "
            "既存研究との違い 创新 "
            "创新点 新颖性 创新之处 与已有工作的区别"
        ),
        Role.DATA: (
            "data dataset datasets datadescription trainingdata trainingdataset datasource datasources corpus "
            "corpora "
            "데이터 데이터셋 데이터세트 학습데이터 훈련데이터 말뭉치 데이터구성 データ データセット 学習データ "
            "数据 数据集 "
            "训练数据 数据来源"
        ),
        Role.TRAINING: (
            "training trainingdetails trainingdetail trainingprocedure trainingprocess trainingstrategy "
            "trainingsetup trainingsettings trainingsetting trainingscheme trainingmethod trainingrecipe "
            "modeltraining hyperparameter hyperparameters optimization optimizer optimizers learningrate 학습률 "
            "옵티마이저 학습 훈련 학습방법 학습방식 학습과정 학습설정 학습전략 훈련방법 훈련과정 모델학습 "
            "하이퍼파라미터 하이퍼파라메터 최적화 学習 学習方法 学習設定 モデルの学習 ハイパーパラメータ 训练 "
            "训练策略 训练细节 训练方法 训练过程 超参数 학습파라미터 하이퍼파라미터설정 ハイパーパラメータ設定 "
            "学習パラメータ 训练参数 训练参数设定 训练参数设置 训练设置 超参数设置 参数设置"
        ),
        Role.METRICS: (
            "metric metrics evaluationmetric evaluationmetrics 지표 평가지표 평가척도 메트릭 評価指標 評価尺度 "
            "指标 "
            "评价指标 评估指标"
        ),
        Role.EVALUATION: (
            "userstudy humanevaluation performanceevaluation 사용자평가 성능평가 사용자연구 evaluation evaluations "
            "평가방식 evaluationmethod evaluationmethods evaluationprotocol benchmark 평가 평가방법 벤치마크 검증 "
            "評価 評価方法 评估 评测 评价"
        ),
        Role.APPLICATIONS: (
            "어디에써 어디에쓰여 어디에쓰나 어디쓰여 어디에활용 활용방법 적용방안 application applications usecase "
            "usecases 응용 활용 적용 응용사례 활용사례 활용방안 쓰임새 応用 活用 应用 应用场景 실무적용 현업적용 "
            "실제적용 적용사례 적용분야 응용분야 applicationareas 応用例 应用领域 实际应用"
        ),
        Role.FUTURE_WORK: (
            "lookingforward lookingahead whatsnext wheretogofromhere "
            "researchideas researchidea futureideas ideasforextension possibleextensions buildupon buildingupon "
            "확장아이디어 연구아이디어 확장방향 확장가능성 남은과제 미해결과제 研究アイデア 残された課題 研究想法 "
            "遗留问题 future 앞으로 다음단계 futurework futureworks futuredirection futuredirections futureresearch "
            "futureresearchdirections futureprospects furtherresearch furtherwork ideasforfuturework "
            "ideasforfurtherresearch nextsteps outlook 향후연구 향후과제 향후방향 향후계획 향후연구방향 "
            "향후연구과제 후속연구 추후연구 미래연구 앞으로의연구 앞으로의과제 개선방향 발전방향 今後の課題 "
            "今後の展望 将来の課題 展望 未来工作 未来方向 未来展望 可改进方向 改进方向 后续工作 后续研究"
        ),
        Role.QUESTIONS: (
            "未解決の問い 未解決の疑問 残された問い "
            "discussionpoints discussionquestions selfquestion selfquestions 토론주제 토론거리 질문거리 생각해볼점 "
            "생각할점 question questions openquestion openquestions notesquestions questionsnotes myquestions "
            "openproblem openproblems openissues 열린질문 미해결문제 未解決問題 未解决问题 qa qna 질문 의문 의문점 "
            "궁금한점 질문사항 모르는점 疑問 疑問点 質問 疑问 问题与思考 开放问题 미해결질문 모르는부분 모르겠는점 "
            "아직모르는부분 아직까지모르는부분 unclearpoints unclearparts whatidontunderstand whatididntunderstand "
            "thingsidontunderstand わからなかった点 分からなかった点 わからない点 不明点 理解できなかった点 "
            "不懂的地方 不懂之处 没看懂的地方 待解决的问题 待解决问题"
        ),
        Role.IMPRESSIONS: (
            "느낌 일기 impression impressions thought thoughts mythoughts personalthoughts comment comments "
            "mycomment mycomments opinion opinions myopinion personalopinion reflection reflections personalnote "
            "personalnotes apersonalnote personalinsight personalinsights personalreflection personaltake "
            "mytwocents closingthoughts finalthoughts 논문평가 overallimpression overallimpressions 총평 한줄평 "
            "총체적평가 remarks myremarks mytakes 总体印象 総評 总评 一言感想 ひとこと感想 mytake myreview review "
            "느낀점 느낀바 감상 감상평 소감 후기 의견 개인의견 내의견 내생각 생각 나의생각 개인적인생각 읽고나서 "
            "코멘트 평 感想 所感 コメント 個人的な感想 读后感 思考 个人思考 感想与思考 点评 评论 个人观点 心得 "
            "개인적의견 개인적생각 개인적감상 읽은소감 느낌점 overallthoughts 個人的な意見 私見 意見 读后想法 "
            "个人看法 我的看法 看法 个人评价 我的评价 我的思考 自分の考え 読んだ感想 反思"
        ),
        Role.NOTES: (
            "chapternotes chapterwisenotes sectionnotes sectionwisenotes roughnotes "
            "roughchapterwisenotes detailednotes 챕터별정리 장별정리 챕터별노트 장별노트 "
            "챕터별메모 장별메모 챕터별요약 장별요약 章ごとのメモ "
            "章ごとの要約 各章のまとめ 分章笔记 逐章笔记 "
            "note notes mynotes readingnotes papernotes keynotes memo memos 메모 노트 독서노트 논문노트 필기 メモ "
            "ノート 読書メモ 笔记 阅读笔记 论文笔记 备注"
        ),
        Role.TERMS: (
            "wordsididntknow wordsidontknow newwords unknownwords newterms abbreviations abbreviation "
            "acronyms 약어 약어정리 줄임말 略語 略語一覧 缩写 缩略语 "
            "term terms terminology terminologies newvocabulary vocabulary glossary definitions definition "
            "notation "
            "notations keywords 용어 용어정리 용어설명 모르는단어 모르는용어 단어 새로운용어 표기법 기호 "
            "키워드 用語 用語集 "
            "不明な単語 わからない単語 分からない用語 単語 用語の定義 术语 名词解释 符号说明"
        ),
        Role.CODE: (
            "code codes github githubrepository repository opensource opensourceimplementations officialcode 깃허브 "
            "깃헙 코드링크 오픈소스 공식코드 sourcecode codeexample 코드 소스코드 코드구현 コード ソースコード 代码 "
            "源码 구현코드 代码实现"
        ),
        Role.LINKS: (
            "seealso 함께보기 같이보기 참고링크 참고할링크 관련자료 関連項目 関連資料 参照 参见 另请参阅 相关资料 "
            "link links resources resource usefullinks 링크 관련링크 자료 리소스 リンク 関連リンク "
            "論文情報リンク 链接 资源 "
            "相关链接"
        ),
        Role.FURTHER_READING: (
            "otherpapers otherinterestingpapers interestingpapers 기타논문 다른논문 그외논문 その他の論文 其他论文 "
            "후속논문 먼저읽으면좋은논문 읽어볼논문 읽을논문 successors followuppapers furtherreading "
            "furtherreadings morereading morereadings readnext whattoreadnext papertoreadnext referencestofollowup "
            "followup followups recommendedreading relatedpapers 다음에읽을논문 다음읽을논문 더읽을거리 더읽을논문 "
            "읽을거리 추천논문 함께읽을논문 같이읽을논문 관련논문 이어서읽을논문 次に読むべき論文 次に読む論文 "
            "次に読みたい論文 关联论文 延伸阅读 扩展阅读 推荐阅读 연관논문 関連論文 相关论文"
        ),
        Role.REFERENCES: (
            "참고할것 참고할자료 참고할만한것 참고할만한자료 "
            "reference references bibliography 참고문헌 참고자료 참고 출처 레퍼런스 인용 参考 参考文献 "
            "参考資料 参考资料 "
            "引用"
        ),
        Role.OUTLINE: "tableofcontents toc outline paperstructure paperstructureoutline 목차 논문구조 目次 目录",
        Role.CITATION: (
            "citation citations cite bibtex howtocite citethispaper 인용정보 인용방법 인용하기 빕텍스 引用方法 "
            "引用情報 引用信息 引用格式 引用方式"
        ),
        Role.METADATA: (
            "metadata paperinfo paperinformation paperdetails 메타데이터 논문정보 서지정보 論文情報 论文信息"
        ),
        Role.ALGORITHM: (
            "algorithm algorithms algorithmdescription pseudocode 알고리즘 의사코드 수도코드 アルゴリズム 算法 "
            "算法描述 伪代码"
        ),
        Role.THEORY: (
            "theory proof proofs theoreticalanalysis theoreticalresults theoreticalbackground derivation "
            "derivations formula formulas equation equations math maths mathematics mathematicalformulation "
            "mathformulation mathematicaldetails mathematicalbackground mathematicalanalysis 수식정리 수학적정식화 "
            "수학적배경 수학적분석 定式化 数学的定式化 数学公式 公式推导 数学推导 이론 증명 수식 수학 수식유도 유도 "
            "이론분석 이론적배경 理論 証明 数式 理论 证明 公式 理论分析 推导 수학적정의 수학적정리 수학적원리 "
            "수식설명 수식전개 数学原理 数学定义 数学的背景 数学的な定式化"
        ),
        Role.COST: (
            "complexity timecomplexity computationalcomplexity computationalcost computationcost "
            "computationalefficiency "
            "efficiency cost costs speed latency runtime memoryusage 복잡도 시간복잡도 계산복잡도 계산량 "
            "계산비용 연산량 속도 "
            "비용 효율성 효율 메모리사용량 計算量 計算コスト 速度 复杂度 计算复杂度 效率 计算开销 成本"
        ),
        Role.PREPROCESSING: (
            "preprocessing datapreprocessing dataprocessing datapreparation datacollection dataaugmentation "
            "augmentation 전처리 데이터전처리 데이터처리 데이터수집 데이터증강 데이터생성 前処理 データ前処理 "
            "预处理 数据预处理 数据处理 数据收集 datasetconstruction dataconstruction datasetcreation datacreation "
            "datageneration 데이터구축 데이터셋구축 데이터셋생성 데이터제작 데이터만드는법 데이터만드는방법 "
            "作成方法 データ作成 データ作成方法 データセット作成 データセットの作成方法 数据构建 数据集构建"
        ),
        Role.REWARD: (
            "reward rewards rewardfunction rewarddesign 보상 보상함수 보상설계 報酬 報酬関数 奖励 奖励函数 奖励设计"
        ),
        Role.FEATURES: "features keyfeatures characteristics 특징 주요특징 특성 特徴 特点 特性",
        Role.HYPOTHESIS: (
            "hypothesis hypotheses assumption assumptions hiddenassumptions 가설 가정 仮説 仮定 假设 failuremode "
            "failuremodel failuremodels faultmodel threatmodel 장애모델 위협모델 故障模型 威胁模型 障害モデル "
            "脅威モデル"
        ),
        Role.EXAMPLES: "example examples workedexample 예시 예제 사례 例 具体例 例子 示例 案例",
        Role.REPRODUCIBILITY: (
            "reproducibility reproducibilitynotes reproduction replication 재현성 재현 재현실험 再現性 可复现性 复现"
        ),
        Role.ETHICS: (
            "broaderimpact broaderimpacts societalimpact societalimpacts ethics ethicalconsiderations "
            "ethicsstatement "
            "윤리 윤리적고려 윤리적고려사항 사회적영향 倫理 社会的影響 伦理 社会影响"
        ),
        Role.IMPROVEMENTS: (
            "improvement improvements 개선점 개선할점 보완점 개선사항 보완할점 개선 改善点 改进点 改进"
        ),
        Role.LESSONS: (
            "lesson lessons lessonslearned whatilearned whatwelearned 배운점 배울점 배운것 교훈 얻은점 学び "
            "学んだこと 收获 启发 启示 启发与关联 thingsilearned whativelearned わかったこと 学到的东西"
        ),
        Role.RATING: "rating ratings score scores 평점 별점 점수 评分 打分 評点",
        Role.CONTENTS: "contents content body 내용 본문 본론 内容 本文 正文",
        Role.RECOMMENDATIONS: (
            "recommendation recommendations suggestions practicaltips tips 권장 권장사항 추천 추천사항 "
            "제안사항 팁 推奨 建议"
        ),
        Role.APPENDIX: (
            "appendix appendices supplementary supplement supplementarymaterial supplementarymaterials 부록 付録 附录"
        ),
    }.items()
    for spelling in spellings.split()
}
"""Names of sections as headings and members write them, squashed."""

OTHER_ROLES: dict[str, Role] = {
    name: role
    for role, names in {
        Role.SUMMARY: "overallimpression overallimpressions 총평 한줄평 总体印象 総評 总评",
        Role.FUTURE_WORK: (
            "openquestion openquestions openproblem openproblems openissues 열린질문 미해결문제 "
            "未解決問題 未解决问题 开放问题 未解決の問い 残された問い"
        ),
    }.items()
    for name in names.split()
}
"""The second role of names that have two: a last word on a paper sums it up, what is open is left to later work."""

MINOR = frozenset(
    (
        Role.ALGORITHM, Role.THEORY, Role.COST, Role.PREPROCESSING, Role.REWARD, Role.FEATURES, Role.HYPOTHESIS,
        Role.EXAMPLES, Role.CODE, Role.DATA, Role.METRICS, Role.LOSS, Role.COMPARISON, Role.APPLICATIONS,
    )
)  # fmt: skip
"""Topics that many papers treat inside other sections: if no section has this role, the whole text is searched."""

STAND_INS: dict[Role, tuple[Role, ...]] = {
    Role.ABSTRACT: (Role.SUMMARY, Role.KEY_IDEA, Role.NOTES),
    Role.SUMMARY: (Role.ABSTRACT, Role.KEY_IDEA, Role.CONCLUSION, Role.NOTES),
    Role.INTRODUCTION: (Role.BACKGROUND, Role.MOTIVATION, Role.PROBLEM),
    Role.BACKGROUND: (Role.MOTIVATION, Role.PROBLEM, Role.INTRODUCTION),
    Role.MOTIVATION: (Role.PROBLEM, Role.BACKGROUND, Role.INTRODUCTION, Role.CHALLENGES),
    Role.PROBLEM: (Role.CHALLENGES, Role.MOTIVATION, Role.BACKGROUND, Role.INTRODUCTION),
    Role.CHALLENGES: (Role.PROBLEM, Role.LIMITATIONS),
    Role.RELATED_WORK: (Role.NOVELTY, Role.BACKGROUND, Role.COMPARISON),
    Role.METHOD: (Role.ARCHITECTURE, Role.ALGORITHM, Role.KEY_IDEA, Role.IMPLEMENTATION, Role.NOTES),
    Role.KEY_IDEA: (Role.SUMMARY, Role.ABSTRACT, Role.CONTRIBUTIONS, Role.METHOD, Role.NOTES),
    Role.ARCHITECTURE: (Role.METHOD,),
    Role.IMPLEMENTATION: (Role.CODE, Role.SETUP, Role.TRAINING),
    Role.CODE: (Role.IMPLEMENTATION, Role.LINKS),
    Role.LOSS: (Role.TRAINING,),
    Role.TRAINING: (Role.LOSS, Role.SETUP, Role.IMPLEMENTATION),
    Role.SETUP: (Role.EXPERIMENTS, Role.EVALUATION, Role.TRAINING, Role.DATA),
    Role.DATA: (Role.SETUP, Role.EXPERIMENTS, Role.EVALUATION),
    Role.METRICS: (Role.EVALUATION, Role.SETUP, Role.EXPERIMENTS),
    Role.EXPERIMENTS: (Role.EVALUATION, Role.RESULTS, Role.SETUP, Role.NOTES),
    Role.RESULTS: (Role.EXPERIMENTS, Role.EVALUATION, Role.NOTES),
    Role.EVALUATION: (Role.EXPERIMENTS, Role.RESULTS, Role.METRICS),
    Role.COMPARISON: (Role.NOVELTY, Role.RESULTS, Role.EXPERIMENTS, Role.RELATED_WORK),
    Role.ANALYSIS: (Role.DISCUSSION,),
    Role.DISCUSSION: (Role.ANALYSIS, Role.LIMITATIONS, Role.QUESTIONS, Role.IMPRESSIONS),
    Role.CONCLUSION: (Role.SUMMARY, Role.DISCUSSION, Role.IMPRESSIONS),
    Role.ADVANTAGES: (Role.CONTRIBUTIONS, Role.NOVELTY, Role.SIGNIFICANCE, Role.IMPRESSIONS),
    Role.LIMITATIONS: (
        Role.DISCUSSION,
        Role.FUTURE_WORK,
        Role.IMPRESSIONS,
        Role.QUESTIONS,
        Role.PROBLEM,
        Role.CHALLENGES,
        Role.IMPROVEMENTS,
    ),
    Role.CONTRIBUTIONS: (Role.NOVELTY, Role.SIGNIFICANCE, Role.KEY_IDEA, Role.ADVANTAGES),
    Role.SIGNIFICANCE: (Role.CONTRIBUTIONS, Role.NOVELTY, Role.CONCLUSION),
    Role.NOVELTY: (Role.CONTRIBUTIONS, Role.RELATED_WORK, Role.KEY_IDEA, Role.ADVANTAGES),
    Role.APPLICATIONS: (Role.EXAMPLES,),
    Role.OUTLINE: (Role.CONTENTS,),
    Role.METADATA: (Role.LINKS,),
    Role.CITATION: (Role.METADATA, Role.REFERENCES),
    Role.ALGORITHM: (Role.METHOD,),
    Role.THEORY: (Role.ANALYSIS,),
    Role.PREPROCESSING: (Role.DATA, Role.SETUP, Role.IMPLEMENTATION),
    Role.REWARD: (Role.LOSS, Role.TRAINING),
    Role.FEATURES: (Role.ADVANTAGES, Role.KEY_IDEA, Role.CONTRIBUTIONS),
    Role.EXAMPLES: (Role.APPLICATIONS,),
    Role.REPRODUCIBILITY: (Role.IMPLEMENTATION, Role.CODE, Role.SETUP),
    Role.ETHICS: (Role.SIGNIFICANCE, Role.LIMITATIONS),
    Role.IMPROVEMENTS: (Role.FUTURE_WORK, Role.LIMITATIONS),
    Role.LESSONS: (Role.IMPRESSIONS, Role.SIGNIFICANCE, Role.SUMMARY),
    Role.RATING: (Role.IMPRESSIONS,),
    Role.FUTURE_WORK: (Role.IMPROVEMENTS, Role.LIMITATIONS, Role.QUESTIONS, Role.DISCUSSION),
    Role.QUESTIONS: (Role.DISCUSSION, Role.IMPRESSIONS),
    Role.IMPRESSIONS: (Role.LESSONS, Role.NOTES, Role.DISCUSSION, Role.QUESTIONS),
    Role.NOTES: (Role.SUMMARY, Role.KEY_IDEA, Role.IMPRESSIONS),
    Role.LINKS: (Role.REFERENCES, Role.CODE),
    Role.FURTHER_READING: (Role.REFERENCES, Role.RELATED_WORK, Role.LINKS),
    Role.REFERENCES: (Role.LINKS, Role.FURTHER_READING),
}
"""What is nearest to a role that no heading names, nearest first. It is never presented as the section itself."""

LOOSE = frozenset(("summary", "tldr", "요약", "논문요약", "들어가며", "마무리", "마치며", "나가며", "정리"))
"""Names that authors also use for parts of their own: a review's preface is not the introduction if it has both."""

LEADING_NUMBER = lazy_pattern(
    "^[\\s\u203b\u25a0-\u25ff\u2600-\u2775\u2794-\u27bf\ufe0f\U0001f000-\U0001faff]*"
    r"(?:\d{1,3}(?:[.-]\d{1,3})*[.-][A-Za-z][.)]\s*|[(（]\d{1,2}[)）]\s*|[\u2460-\u2473]\s*"
    r"|(?:section|chapter|sec\.|ch\.)\s*\d{1,2}(?:\.\d{1,2})*\s*[:.：–—-]?\s+"
    r"|(?:제\s?)?\d{1,2}\s?[장절](?:[.:]\s*|\s+)|第\s?\d{1,2}\s?[章节節][.:：]?\s*"
    r"|[一二三四五六七八九十]{1,3}[、．]\s*|[IVX]{1,5}[.)]\s+|\d\ufe0f?\u20e3\s*"
    r"|\d{1,3}(?:[.-]\d{1,3})*(?:[.)）．]|\s?[:：](?=\s))?\s*)",
    re.IGNORECASE,
)
_MIN_SLIP = 5  # "Date" is not "Data"
BRACKETS = lazy_pattern(r"[()（）\[\]/:：|]")
_ASIDE = lazy_pattern(r"[(（\[][^()（）\[\]]*[)）\]]")
_AND = lazy_pattern(
    r"\s*[/&+,、，・·|]\s*|\s+(?:and|및|또는|or)\s+|(?<=[가-힣])(?<![결성효경초])[와과]\s+|\s*[与和]\s*|(?<=[ァ-ヶー一-龯])と(?=[ァ-ヶー一-龯])"
)
_AROUND = lazy_pattern(r"^[\W_]+|[\W_]+$")
_BEFORE = frozenset(
    (
        "the a an our my this paper papers key main major core primary overall general proposed detailed "
        "brief short "
        "quick empirical experimental experiment quantitative qualitative additional more further possible "
        "potential "
        "technical personal extensive final some author authors 주요 핵심 전체 전반적인 제안 제안하는 제안된 "
        "상세 세부 본 "
        "이 논문 논문의 논문에서 연구 연구의 모델의 실험적 정량적 정성적 간단한 짧은 저자의 저자 나의 내 "
        "개인적인 개인적 필자의 필자 리뷰어의 리뷰어 글쓴이의 글쓴이 reviewer's 추가 기타 "
        "최종 이론적 기술적 가장 큰 모델"
    ).split()
)
"""Words before a section's name that do not change its role: "Key Results", "주요 결과"."""
_BEHIND = frozenset(
    (
        "section part overview details detail description explanation log strategy 설명 상세 소개 부분 파트 내용 "
        "방향 목록 개요 정리 분석 요약 전체 부 절 장"
    ).split()
)
"""Words after a section's name that do not change its role: "Method Overview", "방법 설명"."""
_ASKING = frozenset(
    (
        "뭐가 뭘 어떤 무슨 어디 얼마나 얼마 뭐 뭐야 뭐지 뭔데 뭔가 뭔지 뭘까 뭐임 뭐니 무엇 무엇인가 "
        "무엇인가요 무엇이야 뭔가요 뭐예요 뭐에요 "
        "인가 인가요 있어 "
        "있나 있나요 있는가 어때 어떤가 어떤지 어떻게돼 어떻게되나 알려줘 알려 보여줘 설명해줘 설명해 정리해줘 "
        "요약해줘 "
        "궁금해 좀 관련 어떻게 돼 되나 됐어 했어 했나 하나 what is are was the of 부탁해 말해줘 찾아줘 해줘 "
        "썼어 썼나 사용했어 써 씀"
    ).split()
)
"""Words that ask for a section: "한계가 뭐야", "데이터셋은 뭐 썼어"."""
_TIGHT_BEFORE = lazy_pattern(
    r"^(?:主要な|主な|本論文の|提案する|提案|主要|核心|关键|關鍵|整体|总体|主|本文的?|论文的?|研究|实验|実験|我们的|所提|提出的|详细|个人|具体)"
)
_TIGHT_BEHIND = lazy_pattern(
    r"(?:について|の概要|の詳細|の説明|详解|概述|要点|细节|概要|一覧|はある|はあるか|とは|は|か)$"
)
_QUESTIONS: tuple[tuple[re.Pattern[str], Role], ...] = tuple(
    (lazy_pattern(pattern), role)
    for pattern, role in (
        (r"^(?:これは)?(?:どんな|どういう|なに|何)(?:もの|論文|研究|を(?:した|する))|^一言で", Role.SUMMARY),
        (
            r"(?:先行研究|従来研究?|従来手法|既存研究|既存手法)と(?:比べ|比較|の(?:違い|差))|どこが(?:すごい|凄い|新しい)|何がすごい",
            Role.NOVELTY,
        ),
        (
            r"(?:技術|手法|方法).{0,8}(?:キモ|肝|きも|ポイント|コア)|どうやって(?:実現|解決|作)|どのような手法",
            Role.METHOD,
        ),
        (r"(?:どうやって|どのように).{0,6}(?:有効|検証|評価)|有効性.{0,4}検証|有効だと検証", Role.EXPERIMENTS),
        (r"^(?:肝|キモ|鍵|カギ|核)となる(?:技術|手法|部分|ところ)", Role.METHOD),
        (r"^結果は|どんな結果|結果はどう", Role.RESULTS),
        (r"^議論(?:は|が|点|すべき)", Role.DISCUSSION),
        (r"次(?:に)?読(?:む|み|もう)", Role.FURTHER_READING),
        (r"なぜ(?:必要|重要|この(?:研究|論文)|やる|取り組)|^何が(?:問題|課題)", Role.MOTIVATION),
        (r"^(?:어떤|무슨)논문|^무엇을(?:했|하)|^뭐하는논문|^이논문은무엇", Role.SUMMARY),
        (
            r"(?:기존|선행|이전)(?:연구|방법|논문|모델)?[와과]?(?:의|는)?(?:비교해|비교했을|뭐가|무엇이|다른|차이|차별)",
            Role.NOVELTY,
        ),
        (r"(?:뭐가|무엇이|어디가)(?:새로|대단|다른|달라|좋)", Role.NOVELTY),
        (r"^(?:기술|방법|기법|방법론)의?핵심|^핵심(?:기술|방법|기법)(?:은|이란|이)?$", Role.METHOD),
        (r"^어떻게(?:동작|작동|해결|풀|구현|하|했)", Role.METHOD),
        (r"어떻게(?:검증|평가|실험|증명)", Role.EXPERIMENTS),
        (r"다음(?:에)?읽", Role.FURTHER_READING),
        (r"이해(?:가|를|하지)?(?:안|못)[가-힣]{0,4}(?:점|부분|내용|것)$", Role.QUESTIONS),
        (r"^(?:새로|새롭게|이번에|읽고|읽으며)?알게된(?:점|것|사실|내용|(?:사전|배경)?지식)$", Role.LESSONS),
        (r"^왜(?:필요|중요|이연구|이논문|이걸|만들|나왔|했|하는|쓰|써|연구)", Role.MOTIVATION),
        (r"^whatis(?:it|this)|^whatdo(?:es)?(?:they|it|the(?:paper|authors?))do", Role.SUMMARY),
        (
            r"(?:whatis(?:amazing|great|new|novel|different)|compared(?:to|with)(?:previous|prior|existing))",
            Role.NOVELTY,
        ),
        (r"^(?:howdoesitwork|howisitdone|whereisthekey|howdoesthe)|keytotechnolog", Role.METHOD),
        (r"^how(?:did|do|was|is|were)?(?:they|it|we)?.{0,6}(?:validat|verif|evaluat|test)", Role.EXPERIMENTS),
        (r"^(?:isthere|arethere)any(?:discussion|debate)", Role.DISCUSSION),
        (r"(?:should(?:i|we)?read|paperstoread|toread)next|^whattoread", Role.FURTHER_READING),
        (r"^why(?:is|do|does|did|should)?(?:it|this|we|they|the(?:paper|work|problem))", Role.MOTIVATION),
        (
            (
                r"^(?:connections?|relations?|relationships?|links?)(?:to|with)"
                r"(?:other|prior|previous|existing|related)(?:papers?|works?|research|methods?|studies)$"
            ),
            Role.RELATED_WORK,
        ),
        (
            (
                r"^(?:다른|타|관련|이전|기존|선행)(?:논문|연구)들?[와과]의?(?:관계|연결|연관성?|관련성)$"
                r"|^(?:他の?|先行|関連|既存)(?:論文|研究)と(?:の)?(?:関係|関連|つながり)$"
                r"|^与(?:其他|其它|相关|已有|现有)(?:论文|工作|研究)的?(?:关系|联系|关联)$"
            ),
            Role.RELATED_WORK,
        ),
        (r"类似的?(?:东西|工作|研究|方法|模型|论文)(?:还)?有(?:啥|什么|哪些)", Role.RELATED_WORK),
        (r"(?:如何|怎么|怎样)(?:实际)?(?:应用|落地)$", Role.APPLICATIONS),
        (
            (
                r"^(?:comparison|compared?)(?:to|with)(?:the)?(?:other|prior|previous|existing|related).{0,12}$"
                r"|^(?:다른|타|기존|이전).{1,8}[과와]의?(?:성능)?비교$|^(?:他の|既存|従来).{1,10}との比較$"
                r"|^[与和跟](?:其他|其它|已有|现有).{1,8}(?:比较|对比)$"
            ),
            Role.COMPARISON,
        ),
        (r"^why.{0,40}(?:important|matters?|needed|necessary)$", Role.MOTIVATION),
        (r"^(?:\d+)?(?:second|minute|line|sentence)s?summary$", Role.SUMMARY),
        (r"^(?:做了什么|这是什么|讲了什么|主要内容)", Role.SUMMARY),
        (r"^(?:解决(?:了)?什么问题|要解决的问题|想解决什么)", Role.PROBLEM),
        (r"^(?:怎么做|如何(?:做|实现|解决))", Role.METHOD),
        (r"为什么(?:需要|重要|要做|要研究)", Role.MOTIVATION),
        (r"与(?:之前|已有|现有|以往)(?:的)?(?:工作|方法|研究)(?:相比|的(?:区别|不同))", Role.NOVELTY),
    )
)
"""How headings and members ask for a section in whole questions, squashed. The Japanese ones are a template's."""
ASKED_ALONE = frozenset(
    (
        "why how what rw 왜 어떻게 이유 なぜ 为什么 context 맥락 math maths mathematics 수학 equation note notes "
        "노트 ノート メモ"
    ).split()
)
"""Names that mean a role only when they stand alone: among other words they may be anything ("Long Context")."""
_UNSPACED = lazy_pattern(r"[\u3040-\u30ff\u3400-\u9fff]{2,}")


@cache
def _joined() -> tuple[tuple[str, Role], ...]:
    """Names in scripts without spaces between words, longest first."""
    names = (name for name in ROLE_WORDS if _UNSPACED.fullmatch(name) and name not in ASKED_ALONE)
    return tuple((name, ROLE_WORDS[name]) for name in sorted(names, key=len, reverse=True))


@lru_cache(maxsize=256)
def _nearly_as_long(length: int) -> tuple[str, ...]:
    """The names that a heading of so many letters can be with one slip. Comparing all takes a second for a digest."""
    if length < _MIN_SLIP:
        return ()
    return tuple(name for name in ROLE_WORDS if len(name) >= _MIN_SLIP and abs(len(name) - length) <= 1)


def role_of(heading: str | None) -> Role | None:
    """The role that a heading names as a whole, with one slip allowed: "5. Concclusion" is a conclusion."""
    return _role_of(heading) if heading else None


@remembered(10_000)
def _role_of(heading: str) -> Role | None:
    title = LEADING_NUMBER.sub("", heading)
    text = squash(title)
    if text in ROLE_WORDS:
        return ROLE_WORDS[text]
    if (role := _told_twice(title)) is not None:
        return role
    if not (names := _nearly_as_long(len(text))):
        return None  # rapidfuzz would keep a long text until the next garbage collection
    alike = process.extract_iter(text, names, scorer=OSA.distance, score_cutoff=1)
    return next((ROLE_WORDS[name] for name, distance, _ in alike if distance == 1 and slips(text, name) == 1), None)


def _told_twice(title: str) -> Role | None:
    """The role that every part of a heading names: "초록(Abstract)", "関連研究 / Related Work"."""
    parts = [squash(part) for part in BRACKETS.split(title)]
    roles = {ROLE_WORDS.get(part) for part in parts if part}
    return roles.pop() if len(roles) == 1 else None


def roles_of(heading: str) -> tuple[Role, ...]:
    """All roles that a heading names, in order: "Background & Motivation", "Key Results", "結果は？".

    Text in brackets or after a colon counts only if the text before it names no role. A text too long for a heading
    names none.
    """
    return _roles_of(heading) if len(heading) <= MOST_REMEMBERED else ()


@remembered(10_000)
def _roles_of(heading: str) -> tuple[Role, ...]:
    title = " ".join(LEADING_NUMBER.sub("", heading).split())
    if (whole := role_of(heading)) is not None:
        return (whole, Role.SUMMARY) if whole is Role.ABSTRACT and is_loose(title) else _with_other(whole, title)
    if (asked := _question(squash(title))) is not None:
        return (asked, Role.KEY_IDEA) if asked is Role.METHOD and _CORE.search(title) else (asked,)
    before = re.split(r"\s*[:：]\s*|\s+[-–—]\s+", without_asides(title), maxsplit=1)[0]
    asides = " / ".join(re.findall(r"[(（\[]([^()（）\[\]]*)[)）\]]", title))
    return tuple(_roles_in(before)) or tuple(_roles_in(asides))


def without_asides(title: str) -> str:
    """A heading without the text in brackets."""
    return _ASIDE.sub(" ", title).strip()


_CORE = lazy_pattern(r"キモ|きも|肝|핵심|\bkey\b", re.IGNORECASE)
"""Words by which a question for the method asks for its idea as well: "技術や手法の肝は？"."""


def _question(squashed: str) -> Role | None:
    return next((role for pattern, role in _QUESTIONS if pattern.search(squashed)), None)


def _roles_in(text: str) -> Iterator[Role]:
    """The roles of the parts joined by "and", each once."""
    if (whole := _plain(text)) is not None:
        return iter(_with_other(whole, text))
    parts = _AND.split(text)
    roles = [None if squash(part) in ASKED_ALONE else _plain(part) for part in parts]
    if any(role is None and _IS_ANOTHERS.search(part) for part, role in zip(parts, roles, strict=True)):
        return iter(())
    if roles[-1] is None and _governs(parts[-1].split()):
        return iter(())
    named = ((part, role) for part, role in zip(parts, roles, strict=True) if role is not None)
    return iter(dict.fromkeys(each for part, role in named for each in _with_other(role, part)))


def _with_other(role: Role, name: str) -> tuple[Role, ...]:
    """The role that a name has, and its other one: "Open questions" are questions, and future work."""
    other = OTHER_ROLES.get(squash(name))
    return (role,) if other is None else (role, other)


_IS_ANOTHERS = lazy_pattern(r"[가-힣]의\s|\b(?:its|their)\b", re.IGNORECASE)
"""Signs that a section is about another thing: "램프의 부상과 한계" are the limits of lamps, not the paper's."""


def _governs(last: list[str]) -> bool:
    """Whether the last words also belong to the parts before them: "Evaluation/Validation Data" is data."""
    if len(last) < 2:
        return False
    return has_hangul(last[-1]) or ROLE_WORDS.get(squash(last[-1])) in (Role.DATA, Role.METRICS)


def _plain(text: str) -> Role | None:
    """The role of a section's name, ignoring surrounding words that do not change it."""
    named = [_AROUND.sub("", word) for word in fold(text).split()]
    named = [word for word in named if word]
    if (role := _before_details(named)) is not None:
        return role
    while named:
        if (role := ROLE_WORDS.get(squash("".join(named)))) is not None:
            return role
        if named[0] in _BEFORE:
            del named[0]
        elif named[-1] in _BEHIND:
            del named[-1]
        else:
            break
    return _tight(squash("".join(named))) if named else None


def _before_details(named: Sequence[str]) -> Role | None:
    """The role of a name of two words or more before words that do not change it: "Personal insight log".

    This comes before the words in front are taken away, because they may belong to the name: an insight is the
    paper's idea, a personal one the reviewer's thought.
    """
    end = len(named)
    while end > 2 and named[end - 1] in _BEHIND:
        end -= 1
        if (role := ROLE_WORDS.get(squash("".join(named[:end])))) is not None:
            return role
    return None


def _tight(name: str) -> Role | None:
    """The same in scripts without spaces: 主要结果, 評価方法について."""
    if not _UNSPACED.search(name):
        return None
    for bare in (_TIGHT_BEHIND.sub("", name), _TIGHT_BEFORE.sub("", name)):
        if bare != name and (role := ROLE_WORDS.get(bare)) is not None:
            return role
    return ROLE_WORDS.get(_TIGHT_BEFORE.sub("", _TIGHT_BEHIND.sub("", name)))


@remembered(1_000)
def asked_role(text: str) -> Role | None:
    """The role that somebody asks for, ignoring the words and particles of a question: "한계가 뭐야", "결과는?"."""
    if len(text) > MOST_REMEMBERED:
        return None
    asked = squash(text)
    if (role := _asked_name(asked)) is not None:
        return role
    named = [word for word in fold(text).split() if squash(word) not in _ASKING] or fold(text).split()
    if (role := _asked_name(squash("".join(named)))) is not None:
        return role
    if (role := _question(asked)) is not None:
        return role
    if not named:
        return None
    bare = " ".join([*named[:-1], _bare(named[-1])])
    return _plain(bare) or _first_of(_AND.split(bare)) or _first_of(bare.split())


def _first_of(parts: list[str]) -> Role | None:
    """The first role, if every part names one: "장점 단점", "한계와 향후 연구"."""
    roles = [_plain(part) for part in parts]
    return roles[0] if all(roles) else None


def _asked_name(squashed: str) -> Role | None:
    forms = (squashed, without_particle(squashed) or "", *bare_forms(squashed), _ENDING.sub("", squashed))
    return next((ROLE_WORDS[form] for form in forms if form in ROLE_WORDS), None)


def _bare(word: str) -> str:
    bare = _ENDING.sub("", squash(word))
    return without_particle(bare) or bare or word


_ENDING = lazy_pattern(
    r"(?:이야|인가요|인가|인지|이에요|예요|입니까|야|임|했어|했나|했지|했는지|하는지|하나|됐어|됐나|되나|해)$"
)
"""Endings that turn a section's name into a question: 문제야, 학습했어."""


def is_loose(title: str) -> bool:
    """Whether a heading without its number has a name in `LOOSE`."""
    return any(squash(part) in LOOSE for part in BRACKETS.split(title))


_OF = lazy_pattern(r"\s(?:of|as)\s")
"""What stands between a main word and what it is said of."""


def head_role(title: str) -> Role | None:
    """The role of the main word in a heading: "Problems of Lamps", "Tests as proof", 램프의 문제점, 实验关键数据."""
    name = squash(title)
    if (joined := next((role for word, role in _joined() if name.startswith(word)), None)) is not None:
        return joined
    before, *behind = _OF.split(title, maxsplit=1)
    if behind:
        return _plain(before)
    named = title.split()
    return ROLE_WORDS.get(squash(named[-1])) if len(named) > 1 and squash(named[-1]) not in ASKED_ALONE else None


def stands_within(role: Role, name: str) -> bool:
    """Whether a squashed heading in a script without spaces contains a name of the role: 方法详解, 主实验."""
    return any(word in name for word, known in _joined() if known is role)
