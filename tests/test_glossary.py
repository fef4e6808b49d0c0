"""The glossary: its file, how it is read, and that one concept is found under each of its names."""

from __future__ import annotations

import sqlite3
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import bundled
from bot.bundled import sample_feed
from bot.reading.documents import read_feed
from bot.search.extract import index_review
from bot.search.glossary import Glossary
from bot.search.passages import find_places
from bot.search.query import Concept, parse_query, whole_phrase
from bot.search.ranking import Hits, rank, weigh
from bot.search.sureness import SURE_SHARE
from bot.text.terms import index_terms, squash, words
from tests.factories import bundled_glossary, make_review

LINES = bundled_glossary().lines[::100]
AMBIGUOUS = set("추론 정규화 근거 문제분해 수리추론 조기종료 질의생성 풍자 cfg mae mpc".split())
"""Spellings of two meanings in the field: typed, they mean both."""

EVERYDAY = set(
    (
        "afford author available between central compile correspond employ enhance general help import map "
        "observe page part pose posit probably promote satisfy specific transfer universe"
    ).split()
)
"""English words of any text: a spelling with the same stem would find them."""

EVERYDAY_PHRASES = (
    "source code",
    "no code",
    "code available",
    "key points",
    "the core set of features",
    "a more complex network",
    "high-performance models",
    "we perform predictions",
    "we perform an analysis, perform analyses",
    "student performance",
    "related models",
    "observed data",
    "a weighted average",
    "computed using",
    "adaptively learned",
    "objects stored on disk",
    "a policy makes decisions",
)
"""English phrases of reviews in every field: the stems of “source coding” are those of “source code”."""

STRANGERS = {
    "재해": "존재해야", "작물": "저작물", "해상": "해상도", "열차": "배열차원",
    "제조": "문제조건", "식단": "인식단계", "증시": "검증시간", "치아": "위치아래",
    "교실": "비교실험", "심실": "중심실험", "도로": "정도로", "포커": "포커스",
    "재활": "재활용", "해마": "해마다", "용종": "사용종료", "지진": "좋아지진",
    "가축": "평가축", "수문": "함수문제", "수목": "점수목록", "의수": "토큰의수",
    "치과": "설치과정", "축산": "구축산출", "정적": "부정적", "동적": "자동적",
    "성별": "특성별", "임업": "게임업계", "건설": "건설적인", "전경": "사전경험",
    "측위": "예측위치", "단안": "첨단안전", "조향": "구조향상", "역합성": "역합성곱",
}  # fmt: skip
"""Korean words of other fields, and everyday ones within which they stand by chance."""

TOPICS = {
    "보행자 검출, 보행자를, 보행자탐지": "Occluded pedestrians at night: pedestrian detection is hard.",
    "차선 인식, 차선검출, 차선을 인식": "Lane detection when the lane markings are worn.",
    "신호등, 교통 신호등을": "Whether the traffic light is red.",
    "레이더, 레이더를": "Radar works in rain.",
    "라이다, 라이다로": "A LiDAR sweep of the street.",
    "조감도, 버드 아이 뷰": "Features in bird's-eye view.",
    "기술 부채, 기술부채가, 기술적 부채": "Technical debt grows in the build.",
    "분산 처리, 분산 시스템, 분산처리를": "Distributed systems fail in parts.",
    "광고 클릭률, 클릭률 예측": "The click-through rate of an ad.",
    "군중 계수, 크라우드 카운팅": "Crowd counting estimates how many people a photo shows.",
    "인스턴스 분할, 인스턴스 세그멘테이션": "Instance segmentation of overlapping spoons.",
    "비최대 억제, NMS": "Boxes are merged by non-maximum suppression.",
    "영상 정합, 이미지 정합": "Image registration aligns two scans.",
    "옵티컬 플로우, 광류": "Optical flow between two frames.",
    "시점 합성, 뷰 합성": "Novel view synthesis of a kitchen.",
    "폐 결절, 폐결절 검출": "A lung nodule is found early.",
    "심전도, ECG": "The electrocardiogram shows an arrest.",
    "강수 예측, 초단기 강수 예측": "Precipitation nowcasting for the next hour.",
    "경로 계획, 길찾기": "Path planning around a table.",
    "사족 보행 로봇, 4족 보행": "A quadruped climbs stairs.",
    "파지, 로봇 그래스핑": "Robotic grasping of mugs.",
    "심 투 리얼, 시뮬레이션 실제 전이": "The sim-to-real gap of a hand.",
    "칵테일 파티 문제": "The cocktail party problem has two talkers.",
    "후보 생성": "Candidate generation comes before the order of the list.",
    "과평활화, 오버스무딩": "Deep message nets suffer from over-smoothing.",
    "결측치 대치, 결측값": "Imputation fills what was not measured.",
    "합의 알고리즘, 합의 프로토콜": "A consensus protocol for five replicas.",
    "동시성 제어, 병행 제어": "Optimistic concurrency control without locks.",
    "쿼리 최적화, 질의 최적화": "Query optimization of joins.",
    "교착 상태, 데드락": "A deadlock of two threads.",
    "컴파일러 최적화": "Compiler optimization of loops.",
    "침입 탐지": "Intrusion detection at the gateway.",
    "유전자 발현, 유전자 발현량": "Gene expression in yeast.",
    "단백질 접힘, 단백질 구조 예측": "Protein folding from the sequence.",
    "역합성": "Retrosynthesis of a dye.",
    "처치 효과, 인과 효과": "The treatment effect on the treated.",
    "일반화 경계": "A generalization bound of the margin.",
    "볼록 함수": "A convex function has one basin.",
    "경험 재생": "Experience replay breaks correlations.",
    "증강 현실": "Augmented reality on a phone.",
    "학습 분석": "Learning analytics of a course.",
    "인구 통계학적 동등성": "Demographic parity between two groups.",
    "양자 컴퓨팅, 양자 컴퓨터": "A quantum computer of nine parts.",
    "확률": "The probability of heads.",
    "역기구학, 로봇 기구학": "Inverse kinematics of an elbow.",
    "클래스 증분 학습": "Class-incremental learning of birds.",
    "호모필리, 동종 선호": "Homophily among friends.",
    "장바구니 추천, 장바구니 분석을": "Next basket recommendation at a grocer.",
    "세포 유형": "Cell types of a leaf.",
    "캐시 미스, 캐시미스가": "Cache misses of an inner product.",
    "립시츠 연속": "A Lipschitz constant of one.",
    "폐루프, 폐루프 평가": "Closed-loop driving for an hour.",
}
"""Searches in Korean, and the one English text that each is to find."""

TEXTS = {
    1: "We propose retrieval-augmented generation for open questions.",
    2: "외부 문서를 쓰는 RAG 의 성능을 본다.",
    3: "검색증강생성은 환각을 줄인다.",
    4: "Chain-of-thought prompting elicits reasoning.",
    5: "CoT 로 수학 문제를 푼다.",
    6: "We quantize the weights; quantization to four bits.",
    7: "Fine-tuning a few parameters with LoRA: PEFT.",
    8: "Few-shot in-context learning, and whether demonstrations matter.",
    9: "The generation of cottages, and the augmented retrieval of rugs.",
    10: "LLMs hallucinate; such hallucinations are measured.",
    11: "Copyrighted books are memorized.",
}


@pytest.fixture
def shelf() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE texts USING fts5 (body)")
    rows = [(number, index_terms(text)) for number, text in TEXTS.items()]
    db.executemany("INSERT INTO texts (rowid, body) VALUES (?, ?)", rows)
    return db


def concepts_of(query: str) -> tuple[Concept, ...]:
    return parse_query(query, bundled_glossary())


def found(shelf: sqlite3.Connection, query: str) -> set[int]:
    """The texts that carry all that was asked."""
    wholes = [concept for concept in concepts_of(query) if concept.part_of is None]
    hits = [
        {number for (number,) in shelf.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (whole.match_query(),))}
        for whole in wholes
    ]
    in_text = [{number for number, text in TEXTS.items() if whole.find(text)} for whole in wholes]
    assert in_text == hits, "what is found is what is emphasised"
    return set.intersection(*hits) if hits else set()


def load(tmp_path: Path, *texts: str) -> Glossary:
    paths = [tmp_path / f"{number}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return Glossary.load(paths)


# ── the file ────────────────────────────────────────────────────────────────────────────────────


def test_the_bundled_file_is_read_whole() -> None:
    glossary = bundled_glossary()
    assert glossary.problems == ()
    assert len(glossary.lines) > 2500


def test_each_spelling_stands_in_one_line() -> None:
    counts = Counter(squash(spelling) for line in bundled_glossary().lines for spelling in set(map(squash, line)))
    assert {spelling for spelling, count in counts.items() if count > 1} == AMBIGUOUS


def test_each_spelling_finds_its_line() -> None:
    for line in bundled_glossary().lines:
        for spelling in line:
            (concept,) = bundled_glossary().find(spelling.split())
            assert concept.text == spelling


def test_no_spelling_that_texts_are_searched_for_has_the_stem_of_an_everyday_word() -> None:
    everyday = {index_terms(word) for word in EVERYDAY}
    assert {spelling for spelling in sought() if index_terms(spelling) in everyday} == set()


@pytest.mark.parametrize("word", "access available help person probably".split())
def test_an_everyday_word_is_not_the_term_that_is_made_of_it(word: str) -> None:
    """Accessibility, availability, helpfulness, personality and probability have stems of their own."""
    (concept,) = concepts_of(word)
    terms = "accessibility availability helpfulness personality probability".split()
    assert not {(index_terms(term),) for term in terms} & set(concept.spellings)


@pytest.mark.parametrize("phrase", EVERYDAY_PHRASES)
def test_no_spelling_that_texts_are_searched_for_is_found_in_an_everyday_phrase(phrase: str) -> None:
    around = f" {index_terms(phrase)} "
    several = (spelling for spelling in sought() if " " in index_terms(spelling))
    assert [spelling for spelling in several if f" {index_terms(spelling)} " in around] == []


def test_no_korean_spelling_that_texts_are_searched_for_stands_by_chance_within_an_everyday_word() -> None:
    """Two syllables are one term of the index, wherever in a word they stand."""
    assert all(word in around for word, around in STRANGERS.items())
    assert sought() & set(STRANGERS) == set()


@pytest.mark.parametrize(
    "word", "날씨 병원 보험 지하철 주차 치과 선거 시장 스마트폰 weather hospital insurance".split()
)
def test_nouns_of_everyday_questions_are_no_terms(word: str) -> None:
    """A term weighs more than other words, and a question about rain is not one about a review."""
    assert bundled_glossary().find([word]) == ()


def sought() -> set[str]:
    """Every spelling but those in brackets."""
    glossary = bundled_glossary()
    lines = enumerate(glossary.lines)
    return {spelling for at, line in lines for spelling in line if (at, spelling) not in glossary.typed_only}


def test_terms_of_other_fields_typed_in_korean_find_the_english_text() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE texts USING fts5 (body)")
    db.executemany("INSERT INTO texts VALUES (?)", [(index_terms(text),) for text in TOPICS.values()])
    asked = {query: text for queries, text in TOPICS.items() for query in queries.split(", ")}
    find = "SELECT body FROM texts WHERE texts MATCH ?"
    found = {query: [body for (body,) in db.execute(find, (concepts_of(query)[0].match_query(),))] for query in asked}
    assert found == {query: [index_terms(text)] for query, text in asked.items()}


def test_the_file_says_where_it_comes_from() -> None:
    text = bundled.glossary().read_text(encoding="utf-8")
    assert "no list was copied" in text
    assert "MIT" in text
    assert not [line for line in text.splitlines() if len(line) > 300 or line != line.rstrip()]


@pytest.mark.parametrize("line", ["환각", "환각 |", "| 환각", "환각 | ***", "a b c d e f g | h", "x" * 81 + " | y"])
def test_a_bad_line_is_reported_and_the_others_are_read(tmp_path: Path, line: str) -> None:
    glossary = load(tmp_path, f"# 용어\n\n{line}\n환각 | hallucination # both\n")
    assert glossary.lines == (("환각", "hallucination"),)
    assert [problem.partition(":")[0] for problem in glossary.problems] == ["0.txt, line 3"]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 | coffee")
    glossary = Glossary.load([tmp_path / "missing.txt", tmp_path / "latin.txt", bundled.glossary()])
    assert [problem.partition(":")[0] for problem in glossary.problems] == ["missing.txt", "latin.txt"]
    assert glossary.lines == bundled_glossary().lines


def test_a_hosts_file_adds_to_the_one_before_it(tmp_path: Path) -> None:
    glossary = load(tmp_path, "RAG | 검색 증강 생성\n", "\ufeffRAG | 래그\n")
    (concept,) = parse_query("rag를", glossary)
    assert {("검색", "증강", "생성"), ("래그",), ("rag",)} <= set(concept.spellings)


def test_a_spelling_in_brackets_is_understood_and_not_sought(tmp_path: Path) -> None:
    glossary = load(tmp_path, "(요약) | summarization\n")
    summarization = (index_terms("summarization"),)
    assert parse_query("summarization", glossary)[0].spellings == (summarization,)
    assert parse_query("요약을", glossary)[0].spellings == (("요약",), summarization)


# ── queries ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("queries", "numbers"),
    [
        (
            "RAG, rag를, 검색증강생성, 검색 증강 생성을, 검색 증강생성, Retrieval-Augmented generation, 검색강화생성",
            {1, 2, 3},
        ),
        ("환각, 환각을, 환각에서의, 할루시네이션, hallucination, hallucinate, 환각 현상", {3, 10}),
        ("CoT, 사고의 사슬, 사고의사슬을, 생각의 사슬, 체인 오브 소트, chain of thought, chain-of-thought", {4, 5}),
        ("양자화, 양자화를, 양자화하기, 양자화된, quantize, quantization, quantisation", {6}),
        ("파라미터 효율적 미세조정, 파라미터 효율적 파인튜닝, PEFT, parameter efficient finetuning", {7}),
        ("인컨텍스트 러닝, 문맥 내 학습, ICL, in context learning", {8}),
        ("저작권, 저작권을, copyright", {11}),
        ("검색증강생성의 환각, 환각 검색증강생성, RAG 할루시네이션", {3}),
    ],
)
def test_one_concept_is_found_under_each_of_its_names(
    shelf: sqlite3.Connection, queries: str, numbers: set[int]
) -> None:
    asked = queries.split(", ")
    assert {query: found(shelf, query) for query in asked} == dict.fromkeys(asked, numbers)


def test_concepts_run_together_are_taken_apart() -> None:
    concepts = concepts_of("양자화멀티홉")
    assert [concept.text for concept in concepts] == ["양자화", "멀티홉"]
    assert [concept.text for concept in concepts_of("강아지사료")] == ["강아지사료"]


def test_two_names_of_one_concept_are_one_concept() -> None:
    (concept,) = concepts_of("환각을 hallucinations")
    assert concept.text == "환각을"


def test_a_phrase_in_quotes_and_a_name_with_a_hyphen_stay_as_typed() -> None:
    quoted, name = concepts_of('"in-context learning" Self-RAG')
    assert quoted.spellings[0] == ("in", "context", "learn")
    assert name.spellings[:2] == (("self", "rag"), ("selfrag",))


def test_words_of_a_known_term_count_less_where_they_stand_apart() -> None:
    whole, *parts = concepts_of("검색 증강 생성")
    assert {part.part_of for part in parts} == {"검색 증강 생성"}
    assert whole_phrase([whole, *parts]) is None
    hits = [Hits.of(0, [(1, 1.0)]), *(Hits.of(n, [(1, 1.0), (2, 9.0)]) for n in range(1, len(parts) + 1))]
    weights = weigh([whole, *parts], {whole: 1} | dict.fromkeys(parts, 2), total=9)
    first, second = rank([whole, *parts], hits, weights)
    assert (first.review_id, first.share) == (1, 1.0)
    assert second.share < SURE_SHARE


def test_the_passage_shows_the_term_before_its_words() -> None:
    blocks = ("The generation of retrieval.", "We use RAG.")
    assert block_shown(*blocks, query="검색 증강 생성") == 1
    assert block_shown(blocks[0], query="검색 증강 생성") == 0


def block_shown(*texts: str, query: str) -> int | None:
    """Which block of a review with these is its passage."""
    concepts = concepts_of(query)
    text = index_review(make_review(*texts, heading="A")).text
    place = find_places({1: text}, concepts, dict.fromkeys(concepts, 1.0)).get(1)
    return place.block if place else None


_WORDS = ["검색", "증강", "생성을", "RAG", "환각", "미세조정", "fine", "tuning", '"', "NEAR(", "-", "*", "OR"]
_TYPED = st.text(max_size=40) | st.lists(st.sampled_from(_WORDS)).map(" ".join)


def test_a_run_that_no_spelling_begins_like_is_left_out_without_losing_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """In texts as they are written, with every spelling at hand, joined or not, and with particles."""
    _, read = read_feed(sample_feed().read_bytes(), content_type=None, url="https://reviews.example/", known={})
    texts = [words(section.text)[:120] for each in islice(read, 4) for section in each.review.sections[:3]]
    texts += [f"{' '.join(squash(spelling) for spelling in line)}를 쓴다".split() for line in LINES]
    texts += [[part for spelling in line for part in _halves(squash(spelling))] for line in LINES]
    texts += [[*_halves(f"{squash(line[0])}ings"), "with", *line[-1].split()] for line in LINES]
    found = [bundled_glossary().find(text) for text in texts]
    monkeypatch.setattr(Glossary, "_stops", lambda _self, _typed, start, last: range(last, start, -1))
    assert found == [bundled_glossary().find(text) for text in texts]


def _halves(word: str) -> list[str]:
    return [word[: len(word) // 2], word[len(word) // 2 :]] if len(word) > 1 else [word]


@given(_TYPED)
def test_whatever_is_typed_is_asked_of_the_index_in_quotes(query: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE texts USING fts5 (body)")
    for concept in concepts_of(query):
        assert concept.spellings
        assert hash(concept) == hash(concept)
        db.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (concept.match_query(),)).fetchall()
    db.close()


@given(st.text(max_size=200))
def test_any_file_is_read(text: str) -> None:
    lines = [line for line in text.splitlines() if line]
    glossary = Glossary._of([(line,) for line in lines if squash(line)], [], is_everyday=False)
    assert all(glossary.find(line.split()) is not None for line in lines)


def test_a_sign_that_is_no_word_is_told(tmp_path: Path) -> None:
    """℃ has a letter once it is folded, but no text has it as a word: nothing could be sought by it."""
    path = tmp_path / "own.txt"
    path.write_text("℃ | celsius\n섭씨 | degrees", encoding="utf-8")
    glossary = Glossary.load([path])
    assert glossary.problems == ("own.txt, line 1: a spelling without letters",)
    assert len(glossary.lines) == 1
