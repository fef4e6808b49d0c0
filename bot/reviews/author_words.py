"""Words that are not names of people, and words that show a name: subjects, institutions, places, last names.

In: nothing. Out: sets of words in lower case, and patterns. Data only.
"""

from __future__ import annotations

from bot.text.patterns import lazy_pattern

SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d.", "ph.d", "md", "m.d."})
PARTICLES = frozenset(
    """de del della der den di da do dos das du van von vom zu zur la le les el al bin ibn ben ter ten te y e i af av
    st san santa bint abu abd op 't mac o""".split()
)

SUBJECTS = frozenset(
    # What stands in bold lines and lists beside authors: subjects, parts of a post, function words.
    """the a an of for with without using via on in at to from by is are as we our this that these it its and or not
    what how why when where paper papers author authors author title abstract introduction summary conclusion method
    methods results review reviews reading note notes code github pdf arxiv link links keywords keyword tags
    tag date year venue conference journal published accepted best oral poster spotlight award preprint report
    technical survey tutorial blog post posts learning deep machine neural network networks model models
    modeling modelling language vision visual image images video audio speech text data dataset datasets
    benchmark attention transformer transformers diffusion generation generative detection segmentation
    recognition classification retrieval recommendation recommender system systems graph graphs reinforcement
    representation representations embedding embeddings training inference optimization tuning prompt
    prompting reasoning knowledge distillation pruning quantization compression domain adaptation transfer
    supervised unsupervised self-supervised semi-supervised few-shot zero-shot multimodal multi-modal object
    pose estimation depth tracking robot robotics control planning agent agents search question answering
    translation summarization dialogue federated contrastive adversarial robustness safety alignment fairness
    privacy security analysis theory application applications computer natural processing artificial
    intelligence information large small foundation pre-training pretraining pretrained fine-tuning
    instruction understanding end-to-end tl dr tldr key points contribution et al others unknown anonymous
    none various many equal corresponding work done during internship
    magazine letters bulletin transactions proceedings annals frontiers symposium science sciences neuroscience
    psychology biology physics chemistry mathematics statistics linguistics philosophy cognition
    cybernetics""".split()
)
INSTITUTIONS = frozenset(
    """university universität université universidad universita università universiteit univ uni institute institut
    institution instituto istituto college school ecole école politecnico polytechnic polytechnique department
    dept laboratory laboratories laboratoire labs lab research center centre centro academy hospital clinic
    faculty corporation corp corporate inc ltd llc gmbh company technologies technology google microsoft meta
    facebook amazon apple nvidia intel ibm deepmind openai anthropic tencent alibaba baidu huawei bytedance
    samsung adobe salesforce stanford mit cmu kaist postech unist berkeley harvard oxford princeton tsinghua
    team group workshop consortium collaboration initiative community foundation uc ucla ucsd ucsb eth epfl ethz
    inria cnrs cea tum snu gist dgist hkust cuhk hku nus ntu usc uiuc umass umd caltech deepseek cohere mistral
    xai zhipu moonshot qwen kuaishou xiaomi oppo vivo sensetime megvii kakao sktelecom rakuten sony ntt
    sakana stability huggingface eleutherai eleuther allenai ai2 midjourney databricks mosaicml perplexity
    snowflake oracle cisco twitter uber waymo tesla spotify netflix airbnb pinterest linkedin ebay alipay
    meituan netease iflytek baichuan minimax stepfun upstage siemens qualcomm yandex sber toyota hyundai hitachi
    fujitsu panasonic baai casia nyu rwth""".split()
)
COMPANIES = frozenset({"hugging face", "red hat", "snap"})
"""Those whose names no single word of `INSTITUTIONS` shows."""
PLACES = COMPANIES | frozenset(
    (
        "usa|u.s.a|us|uk|u.k|united states|united kingdom|england|scotland|china|p.r. china|pr china|"
        "hong kong|macau|taiwan|japan|korea|south korea|republic of korea|singapore|india|israel|iran|"
        "turkey|russia|germany|france|italy|spain|portugal|switzerland|austria|netherlands|the netherlands|"
        "belgium|sweden|norway|denmark|finland|poland|greece|ireland|canada|mexico|brazil|argentina|"
        "australia|new zealand|saudi arabia|uae|vietnam|thailand|egypt|sri lanka|costa rica|south africa|"
        "czech republic|pakistan|bangladesh|indonesia|malaysia|hungary|romania|qatar|chile|tunisia|morocco|"
        "beijing|shanghai|shenzhen|hangzhou|"
        "guangzhou|nanjing|wuhan|chengdu|seoul|tokyo|kyoto|osaka|london|paris|berlin|munich|zurich|"
        "zürich|new york|boston|san francisco|san diego|los angeles|seattle|mountain view|menlo park|"
        "palo alto|toronto|montreal|montréal|vancouver|sydney|melbourne"
    ).split("|")
)
NO_PERSONS = frozenset(
    """admin administrator editor editors editorial staff guest me myself you us them reviewer reviewers writer
    webmaster owner user member unknown anonymous na n/a tbd tba todo none nobody various multiple several see
    many here there click more all blog blogger bot chatgpt gpt claude gemini he-she they""".split()
)
"""Words that follow "Author:" but name nobody."""

SURNAMES = frozenset(
    """li wang zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo lin gao luo zheng liang xie tang deng feng
    cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren shen yao cui zhong tan fan
    jin shi liao jia xia fu bai zou meng xiong qin qiu hou xue yan duan lei qian gu dai ling kong mao hao gong
    shao wan chang lai yin yi mo zhan ouyang hsu hsieh tsai chiang chung kuo lau wong chan cheung leung kim lee
    park choi jung jeong kang cho yoon jang lim han oh seo shin kwon hwang ahn song ryu yoo jeon hong ko moon
    son shon sohn yang bae baek heo hur nam noh ha joo woo koo min jin ji cha kwak sung pyo chun bang byun yeo
    sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki matsumoto
    inoue kimura hayashi shimizu saito mori ikeda hashimoto ishikawa ogawa okada hasegawa fujita maeda smith
    johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson
    thomas taylor moore jackson martin perez thompson white harris sanchez clark ramirez lewis robinson walker
    hall allen wright hill scott torres nguyen tran pham hoang adams nelson baker rivera campbell mitchell
    carter roberts kumar singh gupta sharma patel agarwal agrawal jain shah das roy rao reddy mehta schmidt
    müller mueller schneider fischer weber meyer wagner becker hoffmann bengio hinton lecun goodfellow vaswani
    sutton barto fang geng guan jiao kuang lou miao nie niu ou pei pu ruan shang sheng tao tong weng xiang zhai
    zhuang zuo bian chai cen iyer nair menon verma mishra pandey joshi desai cohen levy rossi ferrari silva
    santos oliveira pereira costa kuznetsov ivanov petrov novak kowalski nielsen hansen jensen johansson
    andersson eriksson""".split()
)
"""Frequent last names in Latin letters: they show where a name ends in "Ann Lee Bo Kim", and that "Park, Bo Min" is
one name. Names that are also English words ("he", "long") are left out."""
FIRST_NAMES = frozenset(
    """david john michael james robert william richard joseph daniel matthew anthony mark steven andrew joshua kevin
    brian george edward jason jeffrey geoffrey ryan jacob nicholas eric jonathan stephen larry justin scott
    brandon benjamin samuel alexander patrick jack peter christopher adam nathan henry douglas zachary aaron tom
    tim ben dan alex max chris sam ian mary jennifer linda elizabeth barbara susan jessica sarah karen lisa
    nancy emily anna maria laura rachel julia sophie ada yoshua yann ilya andrej pierre jean hans ivan sergey
    jose juan carlos minsu jihoon minjun seojun wei xin hao abhinav abhishek aditya ahmed alan albert aleksandr
    alejandro alessandro alexey amanda amit amy andrea andreas angela anil anita anja ankit anne antoine anton
    antonio arthur arvind ashish benoit bjorn bruce caleb carl catherine charles christian christina claire
    connor craig cristina daniela danielle deborah deepak dennis derek diana diego dieter dirk dmitri dmitry
    dominik donald dylan eduardo ehsan elena emilio enrico erik erin ethan evan fabian fabio felix fernando
    filip florian francesco francois françois frank frantisek frederic fredrik gabriel gabriele gabriela
    giovanni giulia giulio giuseppe greg gregory guillaume gustavo hamed harold heike heinrich helen helena
    henrik hiroshi hossein ignacio igor irina isabel isabelle istvan jakob jakub jan jane janet jared javier
    jeff jens jeremy jerome jerry jim joanna joao joel joerg johan johannes jon jorge julian julien jurgen
    jürgen kai karthik katarzyna katherine kathleen kazuki keith kenji kenneth kirill konstantin konstantinos
    krzysztof kyle laurent leila leonard leonardo leonid lorenzo louis luca lucas lucia lukas lukasz luke magnus
    manish manuel marc marcin marek margaret marie mario marius martina massimo mateusz matej mathieu matteo
    matthias matthieu matt maxime maximilian megan mehdi melanie melissa michal michel michelle miguel mikael
    mikhail mohamed mohammad mohammed monica moritz muhammad natalia nathaniel neil nicola nicolas nikhil nikola
    nikolai nikos nils oleg oliver olivier pablo pamela paolo pascale patricia pavel pedro philip philipp
    philippe pieter piotr prateek rahul rafael raj rajesh ralf raphael ravi rebecca reza ricardo rob roberto
    rohit roland ronald ruslan samantha sandeep sanjay sara satoshi saurabh sean sebastian sebastien sergei
    sergio sharon shubham siddharth simone sofia sonia stefan stefano steffen stephanie steve sven svetlana
    takashi takeshi tamara tamas tatiana teresa theo theodore thierry tiago timo timothy tobias todd tomas tony
    trevor tyler ulrich ursula valentin valerie vanessa veronica vijay vikram viktor vincent virginie vivek
    vladimir walter willem wojciech wolfgang yannick yuki yuri yusuke zoltan""".split()
)
"""Frequent first names: if one stands alone in a list of single words, the list is not one of last names."""
HANGUL_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방변함현염여추도소석선설마길"
    "연위표명기반왕금옥육인맹제모탁국은편용예봉경사부가복태목형두감음빈동온호범팽승제갈선"
)
HAN_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧"
)
JOINED_PREFIXES = frozenset("mc mac le la de di da du des del van von fitz st el al o d l ab".split())
"""Prefixes that a capital within one last name may follow: "McDonald", "LeCun"."""

INSTITUTIONS_ASIAN = lazy_pattern(
    r"(?:대학|대학교|대학원|연구소|연구원|연구실|주식회사|그룹)$|(?:大学|大學|学院|學院|研究院|研究所|公司|实验室|研究室|株式会社|研究科)"
)
NOT_NAMES_ASIAN = lazy_pattern(
    r"대학|연구|학과|학회|회사|논문|저자|리뷰|정리|요약|링크|코드|모델|학습|방법|목차|분류|소개|결론|제목|저널|없음|미상|하다|합니다|"
    r"구글|브레인|네이버|카카오|삼성|엔비디아|메타|딥마인드|마이크로|페이스북|애플|아마존|바이두|텐센트|알리바바|화웨이|"
    r"출간|출판|발표|게재|발행|날짜|일자|연도|년도|소속|기관|주소|원문|번역|키워드|태그|참고|인용|개요|배경|실험|결과|기여|비고|"
    r"大学|学院|研究|公司|实验室|會議|会议|期刊|论文|作者|論文|概要|著者|链接|代码|領域|领域|关键词|機関|机构|团队|"
    r"まとめ|リンク|株式会社|不明|匿名|なし|未知|佚名|等人|参考|学習|手法|モデル"
)
