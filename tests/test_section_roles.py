"""Parts asked for by their role: what headings call them, what members type for them, and what only stands in."""

from __future__ import annotations

import pytest

from bot.models.reviews import Section
from bot.search.headings import SectionMatch, find_sections
from bot.search.roles import Role, asked_role, roles_of
from tests.factories import bundled_glossary

TEMPLATE = (
    "1. Reading Context (사전 맥락)",
    "2. Problem Re-definition",
    "3. Mathematical Formulation Log",
    "4. Limitations & Failure Modes",
    "5. Code Strategy",
    "6. Extension & Research Ideas",
    "7. Connection to Other Papers",
    "8. Personal Insight Log",
)
MINE = ("Notes", "Thoughts")


def outline(*headings: str) -> tuple[Section, ...]:
    return tuple(Section(depth=1, number=None, heading=heading, blocks=()) for heading in headings)


def first(headings: tuple[str, ...], asked: str) -> tuple[str, bool] | None:
    """The heading that opens, and whether it is sure."""
    found: list[SectionMatch] = find_sections(outline(*headings), asked, bundled_glossary())
    return (headings[found[0].position], found[0].is_sure) if found else None


QUESTIONS = (
    "どんなもの？",
    "先行研究と比べてどこがすごい？",
    "技術や手法の肝は？",
    "どうやって有効だと検証した？",
    "結果は？",
    "議論はある？",
    "次に読むべき論文は？",
    "不明な単語",
    "感想",
)
NOTES = (
    "One-line Summary",
    "Background & Motivation",
    "Design and Implementation",
    "Evaluation",
    "New Vocabulary",
    "Links & References",
)
PASSES = ("Core Idea in One Sentence", "Method / Approach", "Key Results", "Strengths", "Weaknesses / Open Questions")
LAMPS = ("Key ideas", "Design and Architecture", "Advantages and disadvantages", "Problems of oil lamps")
KOREAN = (
    "핵심 아이디어",
    "제안하는 방법",
    "주요 결과 (Main Results)",
    "한계점: 기름값",
    "향후 과제",
    "느낀 점",
    "손실 함수",
)


@pytest.mark.parametrize(
    ("headings", "asked", "heading"),
    [
        (QUESTIONS, "요약", "どんなもの？"),
        (QUESTIONS, "novelty", "先行研究と比べてどこがすごい？"),
        (QUESTIONS, "기존 연구와 차이", "先行研究と比べてどこがすごい？"),
        (QUESTIONS, "차별점", "先行研究と比べてどこがすごい？"),
        (QUESTIONS, "method", "技術や手法の肝は？"),
        (QUESTIONS, "방법이 뭐야", "技術や手法の肝は？"),
        (QUESTIONS, "실험", "どうやって有効だと検証した？"),
        (QUESTIONS, "실험 결과", "結果は？"),
        (QUESTIONS, "결과는?", "結果は？"),
        (QUESTIONS, "논의", "議論はある？"),
        (QUESTIONS, "further reading", "次に読むべき論文は？"),
        (QUESTIONS, "모르는 단어", "不明な単語"),
        (QUESTIONS, "느낀점", "感想"),
        (NOTES, "한줄 요약", "One-line Summary"),
        (NOTES, "배경", "Background & Motivation"),
        (NOTES, "왜 필요해", "Background & Motivation"),
        (NOTES, "왜?", "Background & Motivation"),
        (NOTES, "방법", "Design and Implementation"),
        (NOTES, "평가는 어떻게 돼", "Evaluation"),
        (NOTES, "용어", "New Vocabulary"),
        (NOTES, "링크", "Links & References"),
        (NOTES, "참고 문헌", "Links & References"),
        (PASSES, "방법론", "Method / Approach"),
        (PASSES, "핵심", "Core Idea in One Sentence"),
        (PASSES, "결과", "Key Results"),
        (PASSES, "장점", "Strengths"),
        (PASSES, "강점이 뭐야", "Strengths"),
        (PASSES, "한계점", "Weaknesses / Open Questions"),
        (PASSES, "단점", "Weaknesses / Open Questions"),
        (PASSES, "의문점", "Weaknesses / Open Questions"),
        (LAMPS, "구조", "Design and Architecture"),
        (LAMPS, "아키텍처", "Design and Architecture"),
        (LAMPS, "단점", "Advantages and disadvantages"),
        (LAMPS, "장점", "Advantages and disadvantages"),
        (LAMPS, "아이디어", "Key ideas"),
        (KOREAN, "key idea", "핵심 아이디어"),
        (KOREAN, "method", "제안하는 방법"),
        (KOREAN, "results", "주요 결과 (Main Results)"),
        (KOREAN, "limitations", "한계점: 기름값"),
        (KOREAN, "한계가 뭐야", "한계점: 기름값"),
        (KOREAN, "향후 연구", "향후 과제"),
        (KOREAN, "future work", "향후 과제"),
        (KOREAN, "감상", "느낀 점"),
        (KOREAN, "loss", "손실 함수"),
        (("目的関数", "モデルの学習"), "손실함수", "目的関数"),
        (("主要结果", "整体框架", "亮点与洞察", "读后感"), "실험 결과", "主要结果"),
        (("主要结果", "整体框架", "亮点与洞察", "读后感"), "아키텍처", "整体框架"),
        (("主要结果", "整体框架", "亮点与洞察", "读后感"), "장점", "亮点与洞察"),
        (("主要结果", "整体框架", "亮点与洞察", "读后感"), "느낀점", "读后感"),
        (
            ("What is it?", "How did they validate it?", "What should I read next?"),
            "실험",
            "How did they validate it?",
        ),
        (("어떤 논문인가?", "어떻게 검증했나?", "다음에 읽을 논문"), "evaluation", "어떻게 검증했나?"),
        (("Ideas for further research", "Code"), "후속 연구", "Ideas for further research"),
        (("II. BACKGROUND", "III. METHODOLOGY"), "방법", "III. METHODOLOGY"),
        (("Training settings", "Corpus"), "hyperparameters", "Training settings"),
        (TEMPLATE, "배경", "1. Reading Context (사전 맥락)"),
        (TEMPLATE, "문제 정의", "2. Problem Re-definition"),
        (TEMPLATE, "수식", "3. Mathematical Formulation Log"),
        (TEMPLATE, "数式", "3. Mathematical Formulation Log"),
        (TEMPLATE, "実装", "5. Code Strategy"),
        (TEMPLATE, "구현", "5. Code Strategy"),
        (TEMPLATE, "향후 연구", "6. Extension & Research Ideas"),
        (TEMPLATE, "related work", "7. Connection to Other Papers"),
        (TEMPLATE, "関連研究", "7. Connection to Other Papers"),
        (TEMPLATE, "느낀 점", "8. Personal Insight Log"),
        (TEMPLATE, "感想", "8. Personal Insight Log"),
        (MINE, "감상", "Thoughts"),
        (MINE, "개인 의견", "Thoughts"),
        (MINE, "opinion", "Thoughts"),
        (MINE, "看法", "Thoughts"),
        (MINE, "memo", "Notes"),
        (("Summary", "총평"), "한줄평", "총평"),
        (("Summary", "총평"), "요약", "Summary"),
        (("실험", "비판적 사고(개선점 / 제안)"), "한계점", "비판적 사고(개선점 / 제안)"),
        (("실험", "배를 보고 완벽하게 이해안된 점"), "질문", "배를 보고 완벽하게 이해안된 점"),
        (("실험", "새로 알게 된 사전지식"), "배운 점", "새로 알게 된 사전지식"),
        (("実験", "批判的考察", "残された課題"), "limitations", "批判的考察"),
        (("実験", "批判的考察", "残された課題"), "future work", "残された課題"),
        (("实验", "不懂的地方", "总评"), "questions", "不懂的地方"),
        (("Failure Model", "Limitations"), "failure modes", "Limitations"),
        (("概要", "課題", "技術や手法の肝は？"), "핵심 아이디어", "技術や手法の肝は？"),
        (("データセット", "提案するフレームワーク"), "방법", "提案するフレームワーク"),
        (("概要", "肝となる技術"), "method", "肝となる技術"),
        (("实验", "与现有灯的比较"), "다른 모델과 비교", "与现有灯的比较"),
        (("Results", "Comparison with other lamps"), "비교", "Comparison with other lamps"),
        (("与它类似的工作还有哪些", "训练参数设置"), "비슷한 연구", "与它类似的工作还有哪些"),
        (("与它类似的工作还有哪些", "训练参数设置"), "hyperparameters", "训练参数设置"),
        (("在工厂里如何实际应用", "反思"), "실무 적용", "在工厂里如何实际应用"),
        (("在工厂里如何实际应用", "反思"), "고찰", "反思"),
        (("データセットの作成方法", "評価"), "데이터 만드는 법", "データセットの作成方法"),
        (("Software & Hardware", "Results"), "장비", "Software & Hardware"),
        (("References", "BibTeX:"), "citation", "BibTeX:"),
        (("Research Question", "Challenges"), "어려운 점", "Challenges"),
        (("Research Question", "Challenges"), "문제", "Research Question"),
        (("Consensus", "Fault Tolerance"), "장애 대응", "Fault Tolerance"),
        (("Related Works(기존의 방법론, 기존보다 나은 점)", "Main Idea"), "방법론", "Main Idea"),
        (
            ("Related Works(기존의 방법론, 기존보다 나은 점)", "Main Idea"),
            "관련 연구",
            "Related Works(기존의 방법론, 기존보다 나은 점)",
        ),
    ],
)
def test_a_role_opens_the_part_however_its_heading_says_it(
    headings: tuple[str, ...], asked: str, heading: str
) -> None:
    """Templates that reviewers fill in, in four languages, asked in Korean or English."""
    found = first(headings, asked)
    assert found is not None
    assert found[0] == heading


@pytest.mark.parametrize(
    ("headings", "asked"),
    [
        (("Key Results", "Setup"), "실험 결과"),
        (("Evaluation", "Strengths"), "장점"),
        (("Introduction", "Limitations & Societal Impact"), "한계"),
        (("結果は？", "感想"), "results"),
        (("Why is light important?", "Approach"), "동기"),
        (MINE, "느낀점"),
        (("Lamps", "총평"), "한줄평"),
        (("Lamps", "Open questions"), "future work"),
        (("Lamps", "Open questions"), "질문"),
        (("Lamps", "Reviewer's opinion"), "소감"),
    ],
)
def test_the_same_role_under_another_name_is_sure(headings: tuple[str, ...], asked: str) -> None:
    found = first(headings, asked)
    assert found is not None
    assert found[1]


@pytest.mark.parametrize(
    ("headings", "asked", "heading"),
    [
        (("Lamps", "Evaluation"), "실험 결과", "Evaluation"),
        (("Lamps", "Bottom line", "Summary"), "토론", None),
        (("Lamps", "Summary"), "결론", "Summary"),
        (("Lamps", "Limits of earlier lamps", "Problems of earlier lamps"), "한계점", "Limits of earlier lamps"),
        (("Lamps", "Problems of earlier lamps"), "한계점", "Problems of earlier lamps"),
        (("Lamps", "Oil data processing inequality"), "data", "Oil data processing inequality"),
        (("Lamps", "기존 램프의 한계"), "한계점", "기존 램프의 한계"),
        (("Lamps", "Comparison methods"), "method", "Comparison methods"),
        (("Lamps", "Evaluation/Validation Data", "Key Results"), "experiments", "Key Results"),
        (("Lamps", "Learning by curiosity"), "learning 실험 결과", "Learning by curiosity"),
        (("Lamps", "램프의 부상과 한계"), "한계", "램프의 부상과 한계"),
        (("Lamps", "램프 연구의 흐름과 한계"), "한계점", "램프 연구의 흐름과 한계"),
        (("Lamps", "학습 및 추론 프레임워크"), "학습", "학습 및 추론 프레임워크"),
        (("Lamps", "PIT and its problems"), "문제", "PIT and its problems"),
        (("Lamps", "Why is oil faster than wax in some cases?"), "동기", None),
        (("Lamps", "References"), "다음에 읽을 논문", "References"),
        (("Lamps", "Notes"), "감상", "Notes"),
        (("Lamps", "Notes"), "method", "Notes"),
        (("Lamps", "Questions"), "한계점", "Questions"),
        (("Lamps", "Thoughts"), "단점", "Thoughts"),
        (("Lamps", "Summary"), "총평", "Summary"),
        (("Lamps", "Experiment as proof"), "실험 결과", "Experiment as proof"),
        (("Lamps", "Introduction", "Long Context"), "배경", "Introduction"),
        (("Lamps", "Challenges"), "문제", "Challenges"),
        (("Lamps", "Problems of lamps", "Improvements"), "한계점", "Problems of lamps"),
        (("Lamps", "Query & Context"), "배경", None),
        (("Lamps", "Release notes"), "실험", None),
        (("Lamps", "Math Word Problems"), "수식", None),
        (("Lamps", "Failure Model"), "한계점", None),
        (("Lamps", "Content"), "context", "Content"),
        (("Lamps", "Related Works(기존의 방법론)"), "방법론", "Related Works(기존의 방법론)"),
    ],
)
def test_a_part_of_another_role_is_never_sure(headings: tuple[str, ...], asked: str, heading: str | None) -> None:
    """What comes nearest is shown as such; a word of the role among others does not make a heading that part."""
    assert first(headings, asked) == (None if heading is None else (heading, False))


@pytest.mark.parametrize("asked", ["한계점", "limitations", "단점"])
def test_a_role_that_nothing_plays_is_not_found(asked: str) -> None:
    assert first(("Introduction", "Lantern method", "Experiments", "Conclusion"), asked) is None


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("왜 필요해", Role.MOTIVATION), ("한계가 뭐야?", Role.LIMITATIONS), ("데이터셋은 뭐 썼어", Role.DATA),
        ("장점이", Role.ADVANTAGES), ("어떻게 동작해?", Role.METHOD), ("what are the limitations", Role.LIMITATIONS),
        ("결과 알려줘", Role.RESULTS), ("주요 기여는", Role.CONTRIBUTIONS), ("기존 방법과 다른 점", Role.NOVELTY),
        ("なぜ必要か", Role.MOTIVATION), ("为什么需要", Role.MOTIVATION),
        ("어떤 데이터 썼어?", Role.DATA), ("뭐가 문제야", Role.PROBLEM), ("어떻게 학습했어", Role.TRAINING),
        ("장점 단점", Role.ADVANTAGES), ("한계와 향후 연구", Role.LIMITATIONS), ("어디에 써", Role.APPLICATIONS),
        ("얼마나 빨라?", Role.RESULTS), ("깃허브", Role.CODE), ("재현성", Role.REPRODUCIBILITY),
        ("배운 점", Role.LESSONS),
        ("learning 실험 결과", None), ("램프", None), ("oil method of lamps", None),
    ],
)  # fmt: skip
def test_what_members_type_for_a_part(text: str, role: Role | None) -> None:
    """Question words and particles left out."""
    assert asked_role(text) is role


@pytest.mark.parametrize(
    ("heading", "roles"),
    [
        ("Background & Motivation", (Role.BACKGROUND, Role.MOTIVATION)),
        ("4. Results and Discussion", (Role.RESULTS, Role.DISCUSSION)),
        ("局限性 / 可改进方向", (Role.LIMITATIONS, Role.FUTURE_WORK)),
        ("한계 및 향후 연구", (Role.LIMITATIONS, Role.FUTURE_WORK)),
        ("損失関数と学習方法", (Role.LOSS, Role.TRAINING)),
        ("2. 배경(Background):", (Role.BACKGROUND,)),
        ("성과 및 의의", (Role.RESULTS, Role.SIGNIFICANCE)),
        ("효과와 결과", (Role.RESULTS,)),
        ("모델의 구조와 학습 방법", (Role.ARCHITECTURE, Role.TRAINING)),
        ("30-Second Summary", (Role.SUMMARY,)),
        ("Counting Lamps", ()),
        ("Evaluation/Validation Data", ()),
    ],
)
def test_a_heading_may_name_two_parts(heading: str, roles: tuple[Role, ...]) -> None:
    assert roles_of(heading) == roles


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ("3.1", 1), ("3.1 base lamp", 1), ("2. 기름의 부족", 3), ("2. Related lamps", 4), ("2", 4),
        ("1. 심지 256x256 비교", 5), (r"1. 심지 $256\times256$ 비교", 5),
    ],
)  # fmt: skip
def test_numbers_that_begin_anew_in_each_part(asked: str, at: int) -> None:
    """Those printed in a heading count where no section has the number, or where words tell which one is meant."""
    sections = tuple(
        Section(depth=depth, number=number, heading=heading, blocks=())
        for depth, number, heading in [
            (1, "1", "1. Introduction"),
            (2, None, "3.1 The base lamp"),
            (2, None, "1. 기름의 발견"),
            (2, None, "2. 기름의 부족"),
            (1, "2", "2. Related lamps"),
            (2, None, r"1. 심지 $256\times256$ 비교"),
        ]
    )
    assert find_sections(sections, asked, bundled_glossary())[0].position == at


@pytest.mark.parametrize(("asked", "at"), [("III", 2), ("3", 2), ("II.", 1), ("iii", 2), ("method", 2), ("서론", 0)])
def test_a_roman_number_is_one(asked: str, at: int) -> None:
    sections = tuple(
        Section(depth=1, number=str(place + 1), heading=heading, blocks=())
        for place, heading in enumerate(("I. INTRODUCTION", "II. LAMPS", "III. METHODOLOGY"))
    )
    assert find_sections(sections, asked, bundled_glossary())[0].position == at


@pytest.mark.parametrize(
    "heading",
    [
        "📌 2. 방법",
        "제2장 방법",
        "第2章 方法",
        "Section 2: Method",
        "2️⃣ 방법",
        "II. METHOD",
        "02. 방법",
        "2.A. Method",
    ],
)
def test_a_role_is_known_behind_every_number(heading: str) -> None:
    assert roles_of(heading) == (Role.METHOD,)


@pytest.mark.parametrize(
    ("heading", "is_found"),
    [
        ("2. Lamp: Learning to kindle, shade and critique", False),
        ("5. Wick: Limitations", True),
        ("RQ2: the limitations", True),
        ("6. Limitations: what the lamp cannot do at night", True),
    ],
)
def test_a_sentence_behind_a_colon_names_no_part(heading: str, *, is_found: bool) -> None:
    """What a method does is told there; a word or three behind it may be the part's name."""
    sections = (Section(depth=1, number="1", heading=heading, blocks=()),)
    assert bool(find_sections(sections, "limitations", bundled_glossary())) == is_found


@pytest.mark.parametrize(
    ("headings", "asked", "heading"),
    [
        (("What", "Why", "How", "Notes"), "방법", "How"),
        (("What", "Why", "How", "Notes"), "method", "How"),
        (("What", "Why", "How", "Notes"), "한줄요약", "What"),
        (("Paper", "Summary", "Rough chapter-wise notes"), "챕터별 정리", "Rough chapter-wise notes"),
        (("Paper", "Summary", "Rough chapter-wise notes"), "장별 노트", "Rough chapter-wise notes"),
        (("Summary", "See also"), "관련 링크", "See also"),
        (("Summary", "See also"), "참고할 것", "See also"),
        (("Intro", "RW", "Method"), "선행 연구", "RW"),
        (("背景", "手法", "弱み・未解決の問い"), "한계점", "弱み・未解決の問い"),
        (("背景", "手法", "弱み・未解決の問い"), "limitations", "弱み・未解決の問い"),
        (("Methods", "Results", "Looking forward"), "향후 과제", "Looking forward"),
        (("Methods", "Words I didn't know"), "용어", "Words I didn't know"),
        (("방법", "相关链接"), "코드 링크", "相关链接"),
        (("Data preparation", "Training Targets"), "loss", "Training Targets"),
        (("Introduction", "Study design", "Results"), "실험 설정", "Study design"),
    ],
)
def test_more_names_of_parts(headings: tuple[str, ...], asked: str, heading: str) -> None:
    found = first(headings, asked)
    assert found is not None
    assert found[0] == heading


@pytest.mark.parametrize(
    "heading", ["How Lamps Work", "What Lamps Need", "The How of Lamps", "RW-Lamp", "Forward Lamps"]
)
def test_words_that_are_names_of_parts_alone_are_not_among_others(heading: str) -> None:
    assert roles_of(heading) == ()


LETTERED = ("4. Tests", "4a Evaluation", "4b Interpretation of Oars", "3D Boats", "3b Sails")


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ("4a", "4a Evaluation"),
        ("4B", "4b Interpretation of Oars"),
        ("section 4b", "4b Interpretation of Oars"),
        ("4b interpretation", "4b Interpretation of Oars"),
        ("3d boats", "3D Boats"),
    ],
)
def test_a_number_with_a_letter_behind_it(asked: str, heading: str) -> None:
    assert first(LETTERED, asked) == (heading, True)


def test_a_number_with_a_letter_that_no_heading_counts_is_a_word() -> None:
    assert first(LETTERED, "3b") == first(("3b Sails",), "3b")
    assert first(LETTERED, "4c") is None
    assert first(("4a Evaluation",), "4b") is None


@pytest.mark.parametrize(
    ("headings", "asked", "found"),
    [
        (("1. Introduction", "2. Wicker", "3. Experiments"), "method", ("2. Wicker", True)),
        (("1. Introduction", "2. Wicker", "3. Experiments"), "방법", ("2. Wicker", True)),
        (("1. Introduction", "2. Wicker", "3. Method"), "method", ("3. Method", True)),
        (("1. Introduction", "2. Wicker", "3. Architecture"), "method", ("2. Wicker", True)),
        (("1. Wicker", "2. Wicker"), "method", None),
        (("1. Introduction", "2. Wicker at night"), "method", None),
        (("1. Introduction", "2. Wicker", "3. Experiments"), "limitations", None),
    ],
)
def test_a_section_that_the_papers_name_heads_is_its_method(
    headings: tuple[str, ...], asked: str, found: tuple[str, bool] | None
) -> None:
    """Unless another section is, or two are headed so; and it is no other part."""
    matches = find_sections(outline(*headings), asked, bundled_glossary(), paper="WICKER")
    assert ((headings[matches[0].position], matches[0].is_sure) if matches else None) == found
