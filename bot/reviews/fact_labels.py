"""What a label means: "Authors", "📄 논문 링크", "会议", "Link to the paper (arXiv)".

In: the words of a link, of a heading, or before a colon. Out: a :class:`Label`, or None for all other words. Pure.

A label consists only of words from a list. "Paper" and "original paper (PDF)" are labels of the paper, "another
paper" and "papers with code" are not.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from bot.text.patterns import lazy_pattern
from bot.text.terms import remembered


class Label(StrEnum):
    """What follows a label."""

    TITLE = "title"
    NAME = "name"  # the name of the paper's model or method
    AUTHORS = "authors"
    AUTHOR = "author"  # of the paper or of the post
    AFFILIATION = "affiliation"  # of the authors
    VENUE = "venue"
    PUBLISHED = "published"  # a venue or a date, of the paper or of the post
    YEAR = "year"
    DATE = "date"  # of the paper or of the post
    PAPER = "paper"
    LINK = "link"  # to the subject of the post
    CODE = "code"
    FACTS = "facts"  # a heading: "Metadata", "논문 정보"
    TAGS = "tags"  # and other labels whose values may include a venue


MAX_LABEL_CHARS = 60

_EDGES = lazy_pattern(r"^[^\w\[(（【]+|(?<![^\w\])）】.])[^\w\])）】.]+$")  # tried once per run, at its beginning
_NUMBERING = lazy_pattern(r"^(?:\d{1,2}[.)]\s*)+")

_BETWEEN = r"[\s/・·|｜,，、&+()（）\[\]【】「」『』:：_\-–—.'’]*"
_NEUTRAL = (
    r"the|a|to|of|for|in|on|at|from|here|original|official|full|links?|urls?|uri|address|read|view|see|download|"
    r"click|go|get|find|"
    r"versions?|v\d{1,2}|abs|abstract|pages?|ready|camera|text|html|sites?|web(?:site)?|online|open|access|research|"
    r"conference|journal|published|sources?|library|digital|info(?:rmation)?|details?|id|ids|numbers?|no|title|name|"
    r"本|该|本篇|原|链接|連結|地址|网址|下载|信息|传送门|来源|來源|页面|出处|出處|阅读|全文|基本|题目|標題|标题|编号|"
    r"主页|"
    r"リンク|情報|はこちら|こちら|への?|の|ページ|出典|は|掲載|サイト|番号|タイトル|"
    r"링크|주소|보기|보러|가기|바로가기|바로|다운로드|다운|읽기|출처|정보|제목|사이트|페이지|해당|이번|오늘의|리뷰한|"
    r"리뷰할|의|은|는|원|번호|위치|전문|공식"
)
_PAPER = (
    r"papers?(?=\W|$|링크|链接|リンク|地址)|pdfs?|arxiv|ar5iv|alphaxiv|openreview|open review|acl anthology|"
    r"aclanthology|acl|doi|eprint|"
    r"pre-?prints?|articles?|publications?|manuscript|bio-?rxiv|med-?rxiv|pmlr|neurips proceedings|cvf|openaccess|"
    r"ieee xplore|ieee|identifiers?|cite as|식별자|識別子|"
    r"acm dl|acm|springer|sciencedirect|semantic scholar|hugging ?face papers?|"
    r"본 논문|원 논문|원논문|논문|원문|원본|페이퍼|아카이브|본논문|"
    r"论文原文|论文|論文|原论文|原論文|元論文|原著論文|原著|原文|文章|プレプリント|预印本|文献"
)
_CODE = (
    r"codes?|github|git|gitlab|bitbucket|repos?|repository|repositories|implementations?|코드|깃허브|깃헙|깃|구현|"
    r"레포|레포지토리|저장소|"
    r"代码|代碼|源码|源代码|开源|仓库|コード|実装|ソースコード|リポジトリ|ギットハブ"
)
_BESIDE_CODE = (
    r"source|and|datasets?|data|models?|weights|pytorch|tensorflow|jax|py|tf|available|"
    r"公式|官方|项目|project|コード|ソース|소스|공개"
)


def _made_of(needed: str, *others: str) -> re.Pattern[str]:
    """Match only words of the lists, with at least one of the first."""
    allowed = rf"(?:(?:{'|'.join((needed, *others))})(?![a-z])|\d{{1,5}}(?!\d)){_BETWEEN}"
    return lazy_pattern(rf"{_BETWEEN}(?=.*?(?<![a-z])(?:{needed})(?![a-z]))(?:{allowed}){{1,8}}", re.IGNORECASE)


_PATTERNS: tuple[tuple[Label, re.Pattern[str]], ...] = (
    (
        Label.TITLE,
        lazy_pattern(
            r"(?:paper |full |original )?titles?|(?:name|title) of (?:the |this )?(?:paper|article|thesis)|"
            r"(?:paper|article|thesis) (?:name|title)|"
            r"(?:논문\s*)?(?:제목|이름|명)|(?:论文)?(?:标题|题目|名称)|論文名|"
            r"論文タイトル|タイトル|题名|題名",
            re.IGNORECASE,
        ),
    ),
    (
        Label.NAME,
        lazy_pattern(
            r"short ?names?|(?:model|method|system|algorithm|framework) ?names?|abbreviations?|abbr\.?|acronyms?|"
            r"약칭|약어|줄임말|(?:모델|방법|기법|알고리즘|시스템)\s?(?:명|이름)|简称|缩写|(?:模型|方法|算法)(?:名称|名)|"
            r"略称|略語|(?:モデル|手法)名",
            re.IGNORECASE,
        ),
    ),
    (
        Label.AUTHORS,
        lazy_pattern(
            r"(?:paper |full |the |all |main |lead |list of )?authors|author(?:\s?\(s\)|/s| list| names?)|"
            r"(?:paper|lead|first|1st|main) authors?|authors? info(?:rmation)?|"
            r"第一作者|(?:논문\s*)?(?:제\s*)?1\s*저자|주\s*저자|"
            r"authors?(?:\(s\))? ?[(/&,]? ?(?:and )?(?:affiliations?|institutions?|organizations?)\)?|"
            r"(?:논문\s*|공동\s*|전체\s*|원\s*)?(?:저자|지은이|저술)(?:들|명|진|\s*정보|\s*목록)?"
            r"(?:\s*[(/,&]?\s*(?:및)?\s*(?:소속|기관)\)?)?|"
            r"论文作者|作者们|全部作者|所有作者|作者(?:列表|团队|名单|信息)|作者\s*[(（/及与和、]\s*(?:单位|机构|所属)[)）]?|"
            r"(?:論文)?(?:第一|筆頭)?著者(?:名|ら|一覧|たち|情報)?(?:\s*[(（/／・]\s*所属(?:機関)?[)）]?)?|論文の著者|論文作者|"
            r"(?:論文)?著作者|執筆者",
            re.IGNORECASE,
        ),
    ),
    (Label.AUTHOR, lazy_pattern(r"author|by|作者", re.IGNORECASE)),
    (
        Label.AFFILIATION,
        lazy_pattern(
            r"(?:authors?'? )?(?:affiliations?|institutions?|institutes?|organi[sz]ations?)|"
            r"(?:저자\s*)?(?:소속|기관)(?:\s*기관)?|"
            r"(?:作者)?(?:单位|機構|机构|所属)(?:機関)?|研究機関",
            re.IGNORECASE,
        ),
    ),
    (
        Label.VENUE,
        lazy_pattern(
            r"(?:publication |published |paper |the )?(?:venue|conference|journal|proceedings|booktitle|conf\.?)s?"
            r"(?: ?(?:/|or|&|and|,) ?(?:venue|conference|journal|year|workshop|date|proceedings))*(?: name)?|"
            r"(?:venue|conference|journal) ?[(（] ?(?:year|date) ?[)）]|"
            r"(?:published|presented|appeared)(?: (?:in|at|@))|to appear(?: (?:in|at))?|"
            r"accepted(?: (?:to|at|by|in|for|@))?|"
            r"publication(?: info(?:rmation)?| details| status)?|"
            r"publishing status|status of publication|where published|"
            r"(?:발표\s*|게재\s*|출판\s*|논문\s*|투고\s*)?(?:학회|학술지|저널|컨퍼런스|콘퍼런스|학술\s*대회|"
            r"저널지)(?:명|지)?(?:\s*(?:/|및|,|·|&|[(（])\s*(?:학회|저널|컨퍼런스|연도|년도|날짜|시기|학술지)[)）]?)*|"
            r"게재(?:지|처|처명|정보|\s*정보)?|발표(?:처|지)|출판(?:처|지|\s*정보)|발행처|수록(?:지|처)|"
            r"(?:发表|收录|录用|论文|所属|中稿|投稿|接收)?(?:会议|會議|期刊|刊物)(?:名称|名|时间)?"
            r"(?:(?:\s*[/／、或&和与及(（]\s*)?(?:会议|期刊|年份|时间|及年份|与年份)[)）]?)*|(?:论文|文章)?发表(?:于|在|状态|出处|地点|平台|情况|處|刊物)?|發表(?:於|在)?|"
            r"收录(?:于|情况)?|录用(?:于|状态|情况)?|中稿(?:于)?|(?:年份[与和及]|论文|文章)?出处|出處|"
            r"(?:国際|採択|発表|掲載|投稿)?(?:会議|学会|カンファレンス|ジャーナル|"
            r"雑誌)(?:名)?(?:\s*[/・／]\s*(?:雑誌|ジャーナル|年|論文誌|学会)(?:名)?)*|"
            r"採択(?:先|会議)?|発表(?:先|場所)|掲載(?:誌|先)|論文誌|投稿先",
            re.IGNORECASE,
        ),
    ),
    (
        Label.PUBLISHED,
        lazy_pattern(
            r"(?:paper )?(?:published(?: as)?|publish|presented|appears(?: in)?|appeared)|first published|"
            r"(?:논문\s*)?(?:발표|게재|개제|출간|출판|발행|수록|등재|채택|공개|억셉트?|어셉트?)(?:\s*(?:정보|현황|상태|이력))?|"
            r"(?:論文)?(?:発表|掲載|採択|収録|出版|刊行|公開)(?:情報|状況)?|出版|刊登|刊载|接收|接受",
            re.IGNORECASE,
        ),
    ),
    (
        Label.YEAR,
        lazy_pattern(
            r"(?:paper |published |publication |publishing )?years?(?: published| of publication)?|publication date|"
            r"date (?:published|of publication)|"
            r"published (?:on|date)|submitted(?: on)?|submission date|paper date|arxiv date|"
            r"(?:논문\s*)?(?:발표|발행|출판|출간|게재|공개)?\s*(?:연도|년도)|(?:논문\s*)?(?:발표|발행|출판|출간|"
            r"게재)\s*(?:일|일자|날짜|시기|년월)|논문\s*발표|"
            r"(?:论文)?(?:发表|出版|发布)?(?:年份|年度)|年|(?:论文)?(?:发表|出版)(?:时间|日期|年|年月)|"
            r"(?:発表|出版|掲載|公開|論文)年(?:月|度|月日)?|年度",
            re.IGNORECASE,
        ),
    ),
    (
        Label.FACTS,
        lazy_pattern(
            r"meta ?-?(?:data|info(?:rmation)?)?|(?:paper |basic |bibliographic |publication |general |"
            r"article )(?:info(?:rmation)?s?|details|metadata|meta|facts|data)|"
            r"info(?:rmation)?|bibliography|"
            r"about (?:the |this )?paper|paper (?:overview|card|summary card)|citation|bibtex|how to cite|properties|"
            r"(?:논문\s*|기본\s*|서지\s*|메타\s*)(?:정보|데이터|사항|개요|소개)|메타데이터|메타정보|서지사항|"
            r"(?:论文|基本|基础|文献|元)(?:信息|资料|数据|概况)|论文基本信息|(?:論文|基本|書誌|文献|"
            r"メタ)(?:の)?(?:情報|データ)|論文情報|書誌情報",
            re.IGNORECASE,
        ),
    ),
    (Label.CODE, _made_of(_CODE, _NEUTRAL, _BESIDE_CODE)),
    (Label.PAPER, _made_of(_PAPER, _NEUTRAL)),
    (
        Label.LINK,
        lazy_pattern(
            r"(?:the |original |source |related )?(?:links?|urls?|sources?|uri)|링크(?:\s*주소)?|주소|출처|"
            r"(?:공식\s*)?소스(?:\s*링크)?|リンク|出典|(?:公式)?ソース(?:リンク)?|链接|連結|地址|网址|传送门|(?:论文|文章)?来源|來源",
            re.IGNORECASE,
        ),
    ),
    (
        Label.DATE,
        lazy_pattern(
            r"date|released?|날짜|일자|게시일|공개일|"
            r"日期|时间|发布(?:时间|日期)|日付|公開日|発表日",
            re.IGNORECASE,
        ),
    ),
    (
        Label.TAGS,
        lazy_pattern(
            r"tags?|keywords?|categor(?:y|ies)|labels?|topics?|status|publisher|published(?: by)?|notes?|comments?|"
            r"태그|키워드|분류|카테고리|상태|비고|标签|分类|类别|备注|关键词|关键字|タグ|キーワード|"
            r"カテゴリ|分類|備考",
            re.IGNORECASE,
        ),
    ),
)


PLAIN = {"pdf": Label.PAPER, "paper": Label.PAPER, "arxiv": Label.PAPER, "code": Label.CODE, "github": Label.CODE}
"""What the patterns say about the most common labels. A card of a review mostly needs no more."""


@remembered(4_096)
def read_label(text: str) -> Label | None:
    """Return the kind of a label; None for other words."""
    text = _NUMBERING.sub("", _EDGES.sub("", " ".join(text.split())))
    if not text or len(text) > MAX_LABEL_CHARS:
        return None
    return PLAIN.get(text) or _find_label(text.strip("[]【】() ") if text[0] in "[【(（" else text)


@lru_cache(maxsize=4_096)  # short texts only: the words of a line and of a link are looked up again and again
def _find_label(bare: str) -> Label | None:
    return next((label for label, pattern in _PATTERNS if pattern.fullmatch(bare)), None)


def is_paper_label(text: str) -> bool:
    """Whether the words of a link say that it leads to the paper."""
    return read_label(text) is Label.PAPER
