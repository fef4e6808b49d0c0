"""Lists of names that other modules compare with, each with its source. Data only."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PAPERS_HEADING = "Papers"
"""The heading above the list of a digest's papers."""

HTML_NAMES = _words(
    # WHATWG HTML, "Index of elements" without svg and math, whose names only count between their two tags, …
    """a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption cite
    code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label
    legend li link main map mark menu meta meter nav noscript object ol optgroup option output p
    picture pre progress q rp rt ruby s samp script search section select selectedcontent slot small
    source span strong style sub summary sup table tbody td template textarea tfoot th thead time
    title tr track u ul var video wbr """
    # … those of its "Obsolete features" that still occur, Word's empty paragraph, and Distill's own
    """acronym applet bgsound big blink center dir font frame frameset marquee nobr noframes param rb rtc
    strike tt o:p d-article d-byline d-cite d-code d-figure d-footnote d-math"""
)

PLACEHOLDER_NAMES = _words(
    # HTML names that mean nothing without an attribute, and that papers use for the parts of a prompt.
    """base data frame frameset input link meta noframes object option output param search select slot
    source template textarea title track"""
)

INLINE_NAMES = _words("a abbr bdi bdo big data font ins label q small span time u")

BLOCK_NAMES = _words(
    # Elements that begin and end a block in WHATWG HTML, "Flow content" (rendering section 15.3.3).
    """address article aside body caption center dd details dialog dir div dl dt fieldset figure footer
    form header hgroup hr html legend main menu nav ol p section summary tbody td tfoot th thead tr ul"""
)

DROPPED_NAMES = _words(
    # Nothing that a reader sees, or nothing to read: controls, drawings, fallbacks that repeat an image.
    """script style noscript template svg canvas button select datalist textarea head title meta link base
    map applet frameset noframes progress meter rp rt"""
)

STOCK_CAPTIONS = _words(
    # Alternative texts that editors fill in automatically.
    """image img images figure fig picture photo screenshot thumbnail untitled 이미지 그림 사진 스크린샷"""
)

VENUES = _words(
    # Names that may stand alone in brackets; with a year after it, any name in a leading bracket counts as a venue.
    """3dv aaai aacl aamas accv acl acl-ijcnlp acmmm acsac adbis aistats apsipa apsys arxiv asiaccs asiacrypt
    asplos asru bibm biorxiv bmvc ccgrid ccs cgo ches chi chil cidr cikm clef coling colm colt conext conll corl
    cscw cvpr cvprw dasfaa dcase dexa dsn eacl ecai eccv eccvw ecir ecml ecml-pkdd ecrts edbt emnlp emnlp-ijcnlp
    esorics eurocrypt eurographics eurospeech eurosys eurovis facct focs fpga fse gecco globecom hotcloud
    hotmobile hotnets hotos hotstorage hpca hpdc humanoids icaif icail icann icaps icassp iccad iccv iccvw icdar
    icde icdm icdt icip iclp iclr icme icmi icml icnp icpc icpp icpr icra icse icslp icsme icsoc icst icwsm
    ieeevis ijcai ijcai-ecai ijcar ijcb ijcnlp ijcnn ijcv ijrr imwut infocom interspeech ipdps ipmi iros isbi
    isca iser ismar ismb ismir isrr issta iswc itsc iwslt jacm jair jbhi jcdl jmir jmlr kdd l4dc lics lrec lrec-
    coling mascots medrxiv miccai midl mipr mlhc mlsys mobicom mobihoc mobilehci mobisys naacl naacl-hlt ndss
    neco neurips nips nordichi nsdi oopsla osdi pacling pacmhci pakdd pami pkdd pldi plosone pnas podc pods
    popets popl ppopp pvldb ra-l ranlp recomb recsys rtas rtss saner sdm semeval sensys sigcomm sigcse sigdial
    siggraph sigir sigkdd sigmetrics sigmod sigops sigsac sigspatial socc socg soda sosp sosr spaa ssbse ssdbm
    ssrn stoc systor t-ro tacas tacl taffc taslp tcad tcsvt tgrs thewebconf tifs tist tits tkdd tkde tmi tmlr
    tmm tnnls toch tochi tocs tods tois toms tosem tpami tpds tvcg tvt uai ubicomp uist umap usenix vldb vldbj
    vmcai wacv wafr waspaa wmt wsdm www
    acml aies aspdac collas egsr euromlsys eusipco fccm gecco hotcarbon icdcs icmla icmr icws igarss inlg iscas isit
    isscc jstsp mlsp mmsys nlpcc pricai spl cicling icac k-cap kcap"""
)

ORDINARY_VENUES = _words(
    # Venues whose names are also words or other short names: only in capitals and with a year.
    """ase assets atc bigdata cade cav ccs chiir dac dis disc ease ecoop eg esa esem fast fg hri imc iui lak
    mass micro mm msr pact pets pkc raid ral rss s&p sc slt tcc tei tip tog tro vee vis vr wsc"""
)

JOURNALS = frozenset({"Nature", "Science", "Cell", "eLife", "NeuroImage", "Bioinformatics"})
"""Journals whose names are also words: only with this spelling and with a year."""

VENUES_IN_FULL = (
    # Names of conferences in citations; the first that occurs in a text counts.
    ("north american chapter of the", "NAACL"),
    ("european chapter of the association", "EACL"),
    ("asia-pacific chapter of the association", "AACL"),
    ("meeting of the association for computational linguistics", "ACL"),
    ("findings of the association for computational linguistics: emnlp", "EMNLP"),
    ("empirical methods in natural language processing", "EMNLP"),
    ("international conference on computational linguistics", "COLING"),
    ("joint conference on natural language processing", "IJCNLP"),
    ("transactions of the association for computational linguistics", "TACL"),
    ("conference on computer vision and pattern recognition", "CVPR"),
    ("winter conference on applications of computer vision", "WACV"),
    ("european conference on computer vision", "ECCV"),
    ("international conference on computer vision", "ICCV"),
    ("neural information processing systems", "NeurIPS"),
    ("international conference on machine learning", "ICML"),
    ("international conference on learning representations", "ICLR"),
    ("aaai conference on artificial intelligence", "AAAI"),
    ("joint conference on artificial intelligence", "IJCAI"),
    ("artificial intelligence and statistics", "AISTATS"),
    ("knowledge discovery and data mining", "KDD"),
    ("knowledge discovery & data mining", "KDD"),
    ("research and development in information retrieval", "SIGIR"),
    ("research & development in information retrieval", "SIGIR"),
    ("web search and data mining", "WSDM"),
    ("world wide web", "WWW"),
    ("conference on recommender systems", "RecSys"),
    ("information and knowledge management", "CIKM"),
    ("robotics and automation (icra", "ICRA"),
    ("international conference on robotics and automation", "ICRA"),
    ("intelligent robots and systems", "IROS"),
    ("human factors in computing systems", "CHI"),
    ("acoustics, speech and signal processing", "ICASSP"),
    ("symposium on operating systems principles", "SOSP"),
    ("operating systems design and implementation", "OSDI"),
    ("networked systems design and implementation", "NSDI"),
    ("conference on file and storage technologies", "FAST"),
    ("usenix annual technical conference", "ATC"),
    ("european conference on computer systems", "EuroSys"),
    ("architectural support for programming languages", "ASPLOS"),
    ("symposium on computer architecture", "ISCA"),
    ("conference on management of data", "SIGMOD"),
    ("conference on data engineering", "ICDE"),
    ("vldb endowment", "VLDB"),
    ("very large data bases", "VLDB"),
    ("principles of distributed computing", "PODC"),
    ("computer and communications security", "CCS"),
    ("user interface software and technology", "UIST"),
    ("conference on robot learning", "CoRL"),
    ("medical image computing and computer", "MICCAI"),
    ("conference on learning theory", "COLT"),
    ("uncertainty in artificial intelligence", "UAI"),
    ("high performance computing, networking, storage and analysis", "SC"),
    ("high performance computing, networking, storage, and analysis", "SC"),
)

OLD_ARXIV_ARCHIVES = _words(
    # Archives of the scheme used until 2007: https://info.arxiv.org/help/arxiv_identifier.html
    """acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas
    cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex
    nucl-th patt-sol physics plasm-ph q-alg q-bio quant-ph solv-int supr-con"""
)

CODE_LANGUAGES = _words(
    # Names of languages that stand as a class alone; words that classes use for other things (go, r, c, d, text) are
    # included only if they are common in code blocks.
    """python py python3 ipython ipython3 pycon pytb java javascript js jsx typescript ts tsx c cpp c++ csharp cs
    go golang rust rs ruby rb php perl swift kotlin scala r julia matlab octave lua bash sh shell zsh console
    shell-session powershell ps1 batch sql mysql postgresql html xml css scss sass less json json5 jsonc jsonl
    yaml yml toml ini dockerfile docker makefile make cmake cuda latex tex markdown md diff patch haskell hs
    ocaml elixir erlang clojure lisp scheme fortran dart groovy verilog vhdl protobuf proto graphql nginx vim
    asm x86asm llvm mermaid pseudocode algorithm objectivec objc assembly gherkin solidity zig nim crystal
    racket prolog stan bibtex csv http regex vue svelte"""
)

COMMON_SECTIONS = (
    "abstract", "introduction", "related work", "related works", "background", "preliminary", "preliminaries",
    "method", "methods", "methodology", "approach", "experiment", "experiments", "experimental setup",
    "experimental settings", "experimental results", "experiment results", "evaluation", "results", "analysis",
    "discussion", "conclusion", "conclusions", "future work", "limitation", "limitations", "references",
    "appendix", "초록", "요약", "서론", "들어가며", "배경", "관련 연구", "방법", "방법론", "제안 방법", "실험",
    "실험 결과", "결과", "분석", "논의", "결론", "한계", "마치며", "참고 문헌", "맺음말", "향후 연구",
    "はじめに", "概要", "背景", "関連研究", "手法", "提案手法", "実験", "実験結果", "結果", "考察", "議論",
    "結論", "まとめ", "おわりに", "参考文献", "摘要", "引言", "相关工作", "方法", "实验", "实验结果", "结果",
    "讨论", "结论", "总结", "局限性",
)  # fmt: skip
"""Names that most papers give their sections. The order means nothing."""

REVIEW_SECTIONS = (
    "summary", "overview", "problem", "motivation", "main idea", "main ideas", "key idea", "key ideas", "idea",
    "contribution", "contributions", "main contributions", "novelty", "strengths", "weaknesses", "pros", "cons",
    "takeaways", "thoughts", "notes", "questions", "comments", "opinion", "review", "한줄 요약", "개요", "문제 정의",
    "동기", "핵심 아이디어", "주요 아이디어", "아이디어", "기여", "기여점", "장점", "단점", "한계점", "의의", "총평",
    "한줄평", "느낀 점", "의견", "질문", "動機", "課題", "貢献", "新規性", "利点", "欠点", "感想", "疑問点", "动机",
    "问题", "创新点", "贡献", "优点", "缺点", "总评", "思考",
)  # fmt: skip
"""Names that reviewers give parts of their own besides those that most papers have. The order means nothing."""

FRAME_SECTIONS = (
    "abstract", "introduction", "conclusion", "conclusions", "references", "reference", "appendix", "초록",
    "서론", "들어가며", "결론", "마치며", "맺음말", "참고 문헌", "はじめに", "概要", "結論", "おわりに",
    "参考文献", "摘要", "引言", "结论",
)  # fmt: skip
"""Names of parts that frame a paper and so never belong to another section. The order means nothing."""
