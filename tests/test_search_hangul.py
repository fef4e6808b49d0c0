"""Names typed in Hangul: by their sound, and with the Korean keyboard left on."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.index import NameKind
from bot.models.requests import Audience, Place
from bot.search.extract import index_review
from bot.search.glossary import Glossary
from bot.search.hangul import readings, unmistype
from bot.search.matches import How
from bot.search.names import Names
from bot.search.sections import named
from tests.factories import make_names, make_review, shelve

PAPERS = """InsTag LoftQ BLIP-2 Self-Instruct Ditto FLARE CLAIR Ensemble-Instruct NoMIRACL HyperPrompt UltraChat
HaluEval TaskDiff DP-OPT X-VLM VLMixer IfQA HyperCLOVA-X LLaMA Mistral Gemini Alpaca Vicuna Transformer Longformer
LoRA QLoRA Flamingo Whisper Chinchilla Toolformer ReAct Reflexion RAPTOR ColBERT BERT RoBERTa ELECTRA DeBERTa Mamba
GPT-4 DPO CoT ControlNet SimCSE CLIP Galactica Falcon RAFT BLIP-3""".split()


def make_shelf(*named: tuple[int, NameKind, str]) -> Names:
    """Names without a glossary: sound and keys are all there is to go by."""
    return make_names(*named, glossary=Glossary())


NAMED = [(number, NameKind.SHORT, name) for number, name in enumerate(PAPERS)]
SHELF = make_shelf(*NAMED)
SHELF_WITH_GLOSSARY = make_names(*NAMED)
"""As in life: the glossary knows the Korean spelling of some of these names."""

# The 2-set layout by key, in the order of the alphabet; typed without the shift key.
LAYOUT = dict(zip("abcdefghijklmnopqrstuvwxyz", "ㅁㅠㅊㅇㄷㄹㅎㅗㅑㅓㅏㅣㅡㅜㅐㅔㅂㄱㄴㅅㅕㅍㅈㅌㅛㅋ", strict=True))
JOINED = {
    "ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ",
}  # fmt: skip
CLUSTERS = {
    "ㄱㅅ": "ㄳ", "ㄴㅈ": "ㄵ", "ㄴㅎ": "ㄶ", "ㄹㄱ": "ㄺ", "ㄹㅁ": "ㄻ", "ㄹㅂ": "ㄼ", "ㄹㅅ": "ㄽ", "ㄹㅌ": "ㄾ",
    "ㄹㅍ": "ㄿ", "ㄹㅎ": "ㅀ", "ㅂㅅ": "ㅄ",
}  # fmt: skip
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


def compose(keys: str) -> str:
    """Type Latin keys through a Korean input method, as it joins them into syllables."""
    jamo = "".join(LAYOUT[key] for key in keys)
    text, i = "", 0
    while i < len(jamo):
        if not (is_consonant(jamo[i]) and jamo[i + 1 : i + 2] and not is_consonant(jamo[i + 1])):
            text, i = text + jamo[i], i + 1
            continue
        syllable, i = unicodedata.normalize("NFKC", jamo[i] + "ㅏ")[:1], i + 1
        initial = unicodedata.normalize("NFKD", jamo[i - 1])
        vowel = JOINED.get(jamo[i : i + 2], jamo[i])
        i += 2 if vowel != jamo[i] else 1
        final, taken = final_of(jamo, i)
        syllable = unicodedata.normalize("NFC", initial + unicodedata.normalize("NFKD", vowel) + final)
        text, i = text + syllable, i + taken
    return text


def final_of(jamo: str, i: int) -> tuple[str, int]:
    """The consonants that end a syllable: those no vowel follows."""
    ending = ""
    while len(ending) < 2 and i + len(ending) < len(jamo) and is_consonant(jamo[i + len(ending)]):
        ending += jamo[i + len(ending)]
    if i + len(ending) < len(jamo) and not is_consonant(jamo[i + len(ending)]):
        ending = ending[:-1]
    final = CLUSTERS.get(ending, ending[:1])
    return (
        (chr(0x11A7 + FINALS.index(final)), len(ending) if len(ending) == 2 and final == CLUSTERS.get(ending) else 1)
        if final
        else ("", 0)
    )


def is_consonant(jamo: str) -> bool:
    return "ㄱ" <= jamo <= "ㅎ"


# ── the keyboard ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ㅑㅜㄴㅅㅁㅎ", "instag"),
        ("ㅠㅣㅑㅔ2", "blip2"),
        ("ㄴ디ㄹ-ㄱㅁㅎ", "self-rag"),
        ("ㅗ뭐", "hanj"),
        ("ㄳ ㄿ", "rt fv"),
        ("instag", None),
        ("2024", None),
        ("", None),
    ],
)
def test_a_wrong_keyboard_is_read_back(typed: str, meant: str | None) -> None:
    assert unmistype(typed) == meant


@given(st.text(alphabet=list(LAYOUT), min_size=1))
def test_any_word_comes_back_from_the_input_method(word: str) -> None:
    assert unmistype("".join(LAYOUT[key] for key in word)) == word
    assert unmistype(compose(word)) == word


@pytest.mark.parametrize("name", ["instag", "ditto", "flare", "ultrachat", "controlnet", "galactica", "chinchilla"])
def test_a_name_typed_with_the_korean_keyboard_on_is_found(name: str) -> None:
    lookup = SHELF.lookup(compose(name))
    assert lookup.is_sure
    assert lookup.matches[0].how is How.KEYBOARD
    assert lookup.matches[0].name.casefold() == name


def test_a_slip_on_the_wrong_keyboard_still_needs_a_lone_name() -> None:
    assert SHELF.lookup("ㅑㅜㄴㅅㅁㅎㅎ").matches[0].how is How.KEYBOARD
    assert not SHELF.lookup("ㅠㅣㅑㅔ").is_sure, "BLIP-2 and BLIP-3 both begin so"


# ── the sound ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "name"),
    [
        line.rsplit(" ", 1)
        for line in """인스태그 InsTag
로프트큐 LoftQ
블립2 BLIP-2
블립투 BLIP-2
셀프 인스트럭트 Self-Instruct
셀프인스트럭트 Self-Instruct
디토 Ditto
플레어 FLARE
클레어 CLAIR
앙상블 인스트럭트 Ensemble-Instruct
노미라클 NoMIRACL
하이퍼프롬프트 HyperPrompt
울트라챗 UltraChat
할루이밸 HaluEval
태스크디프 TaskDiff
디피 옵트 DP-OPT
엑스브이엘엠 X-VLM
브이엘믹서 VLMixer
이프큐에이 IfQA
하이퍼클로바 엑스 HyperCLOVA-X
라마 LLaMA
미스트랄 Mistral
제미나이 Gemini
알파카 Alpaca
트랜스포머 Transformer
롱포머 Longformer
로라 LoRA
큐로라 QLoRA
위스퍼 Whisper
친칠라 Chinchilla
콜버트 ColBERT
로버타 RoBERTa
일렉트라 ELECTRA
맘바 Mamba
지피티4 GPT-4
디피오 DPO
씨오티 CoT
컨트롤넷 ControlNet
심씨에스이 SimCSE
인스태그를 InsTag""".splitlines()
    ],
)
def test_the_korean_spelling_of_a_name_finds_it(query: str, name: str) -> None:
    lookup = SHELF.lookup(query)
    assert lookup.is_sure
    assert (lookup.matches[0].how, lookup.matches[0].name) == (How.SOUND, name)
    assert lookup.matches[0].score >= 0.7
    with_glossary = SHELF_WITH_GLOSSARY.lookup(query)
    assert with_glossary.is_sure
    assert PAPERS[with_glossary.matches[0].review_id] == name


@pytest.mark.parametrize(
    "query",
    "강아지 사료,부동산 시세,ㅋㅋㅋㅋ,ㅠㅠ,ㅎㅎㅎ,파이토치,인스타그램,크래프트,미라클,결론,실험 결과,"
    "한계점,블립,블립4,엑스엘엠,와이브이엘엠,"
    "지피티3,로프트,프롬프트,챗지피티,스테이블 디퓨전,이오,나무".split(","),
)
def test_what_only_resembles_a_name_is_never_sure(query: str) -> None:
    for shelf in (SHELF, SHELF_WITH_GLOSSARY):
        lookup = shelf.lookup(query)
        assert not lookup.is_sure
        assert all(match.score < 0.7 for match in lookup.matches)
        assert not named(lookup), "no guess is opened"


def test_a_name_that_sounds_near_is_offered() -> None:
    assert [match.name for match in SHELF.lookup("미라클").matches] == ["NoMIRACL"]


def test_two_names_of_one_sound_are_both_offered() -> None:
    names = make_shelf((1, NameKind.SHORT, "Llama"), (2, NameKind.SHORT, "Rahma"))
    lookup = names.lookup("라마")
    assert not lookup.is_sure
    assert {match.review_id for match in lookup.matches} == {1, 2}


@pytest.mark.parametrize("owner", ["someone", "acme"])
def test_a_repository_that_another_paper_has_for_its_name_is_no_rival(owner: str) -> None:
    """Whatever its owner is called: nobody says that."""
    links = (("code", f"https://github.com/{owner}/FLARE"),)
    otter = replace(make_review("We use FLARE."), title="Otter: a tool", short_name="Otter", links=links)
    flare = replace(make_review("We reflect."), title="FLARE: active retrieval", short_name="FLARE")
    lookup = shelve(otter, flare, glossary=Glossary()).lookup("플레어")
    assert lookup.is_sure
    assert lookup.matches[0].review_id == 2


def test_a_title_is_heard_and_a_coined_name_is_offered() -> None:
    """A text's coined name may be another paper's: to hear it is not to be sure."""
    title, coined = (1, NameKind.TITLE, "Soup for Nobody"), (2, NameKind.COINED, "HyenaBroth")
    names = make_shelf(title, coined)
    assert names.lookup("수프 포 노바디").is_sure
    lookup = names.lookup("하이에나브로스")
    assert [match.review_id for match in lookup.matches] == [2]
    assert not lookup.is_sure
    presented = make_shelf((1, NameKind.INTRODUCED, "HyenaBroth"), (2, NameKind.INTRODUCED, "BAT"))
    assert presented.lookup("하이에나브로스").is_sure
    assert not presented.lookup("배트").is_sure  # too little is heard to say that a text's name is meant


@pytest.mark.parametrize("name", ["KZ²", "KZ^2"])
def test_a_square_is_said_as_a_word(name: str) -> None:
    lookup = make_shelf((1, NameKind.SHORT, name)).lookup("케이제트 스퀘어드")
    assert [match.review_id for match in lookup.matches] == [1]


def test_the_first_words_of_a_title_are_offered() -> None:
    """Up to its first preposition or sign; "Noisy Ovens" alone may be another paper's subject."""
    review = replace(
        make_review("Ovens."), title="Noisy Ovens for Warm Bread", clean_title="Noisy Ovens for Warm Bread"
    )
    lookup = shelve(replace(review, short_name=None), glossary=Glossary()).lookup("노이지 오븐")
    assert lookup.matches
    assert not lookup.is_sure


TITLES = (
    "This is Sherlock",
    "Steaming: A Framework for Local Kettles, by Ada Last, CL 1995.",
    "Two-Pass Colander Rinsing at the Shared Stove",
    "Simmering Neural Nets for One-Shot Tasting",
    "Simmering Kettles",
    "KETTLE TASTING WITH LADLESTYLE",
    "Kettle Tensors and Applications",
    "PanDB/K100: Hyper-Pouring Soup Execution",
)
HEARD = shelve(
    *(
        replace(make_review("x"), title=title, clean_title=title, link=f"https://a.test/{n}")
        for n, title in enumerate(TITLES, 1)
    ),
    replace(
        make_review("x"), title="Soup", clean_title="Soup Plans", link="https://a.test/notes/pan2021croupier.html"
    ),
    glossary=Glossary(),
)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("셜록", 1),
        ("스티밍", 2),
        ("투패스 콜랜더", 3),
        ("콜랜더 린싱 논문", 3),
        ("시머링 네트워크", 4),
        ("시머링 뉴럴 넷", 4),
        ("원샷 테이스팅", 4),
        ("시머링 투 케틀", 5),
        ("레이들스타일", 6),
        ("레이들 스타일", 6),
        ("케틀 텐서", 7),
        ("케틀 텐서를", 7),
        ("팬디비", 8),
        ("크루피어", 9),
        ("tufghr", 1),
    ],
)
def test_words_of_a_title_said_in_hangul_are_offered_first(query: str, number: int) -> None:
    """Others may be left out; a net is a network; a BibTeX key names its page; 셜록 typed with the other keyboard."""
    lookup = HEARD.lookup(query)
    assert [match.review_id for match in lookup.matches[:1]] == [number]
    assert not lookup.is_sure
    assert not named(lookup), "no guess is opened"


@pytest.mark.parametrize(
    "query",
    [
        "셜록 홈즈",
        "강아지 사료",
        "결론",
        "한계점",
        "논문",
        "그 책",
        "시머링 강아지",
        "ㅋㅋㅋ",
        "Kettle 뭄바이에 대해 알아보자",
    ],
)
def test_a_word_that_no_title_has_by_its_sound_is_not_left_out(query: str) -> None:
    assert not HEARD.lookup(query).matches


def test_a_whole_name_is_heard_before_words_of_a_longer_title() -> None:
    """Deep Ladle Network is not first of all “Deep Session Ladle Network …”."""
    titles = ("Deep Session Ladle Network for Soup Rate Prediction", "Deep Ladle Network for Soup Rate Prediction")
    reviews = (replace(make_review("x"), title=title, clean_title=title) for title in titles)
    assert shelve(*reviews, glossary=Glossary()).lookup("딥 레이들 네트워크").matches[0].review_id == 2


def test_a_query_of_two_scripts_is_not_met_by_pairs_of_its_syllables() -> None:
    """As one word it would be met by any pair: 대해."""
    review = replace(make_review("x"), title="바다에 대해", clean_title="바다에 대해")
    lookup = shelve(review, glossary=Glossary()).lookup("Teapot 뭄바이에 대해")
    assert not any(match.how is How.SLIPS for match in lookup.matches)


def test_words_are_heard_among_the_reviews_that_the_asker_can_read() -> None:
    assert HEARD.within(Audience(feeds=frozenset({7}), place=Place.SERVER)).lookup("셜록").matches == ()


def test_the_owner_of_a_repository_is_not_heard() -> None:
    review = replace(make_review("x"), links=(("code", "https://github.com/someone/kettle"),))
    assert all(not name.sounds for name in index_review(review).names if "/" in name.text)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("더스터", "DUSt3R"),
        ("마스터 슬램", "MASt3R-SLAM"),
        ("욜로v10", "YOLOv10"),
        ("디씨갠", "DCGAN"),
        ("오씨갠", "OCGAN"),
        ("디디아이엠", "DDIM"),
        ("브이큐브이에이이", "VQVAE"),
        ("탭피에프엔", "TabPFN"),
        ("레이아웃엘엠", "LayoutLM"),
        ("딥캐시", "DeepCache"),
        ("애니플로우", "AnyFlow"),
        ("애니플로", "AnyFlow"),
        ("스트리트 가우시안", "Street Gaussians"),
        ("가우시안 그루핑", "Gaussian Grouping"),
        ("프레겔", "Pregel"),
        ("카멜레온", "Chameleon"),
        ("스냅미러", "SnapMirror"),
        ("루크", "LUKE"),
        ("팩터브이에이이", "FactorVAE"),
        ("푸가토", "Fugatto"),
        ("허니비", "Honeybee"),
        ("타우루스", "Taurus"),
        ("오토믹스얼라인", "AutoMixAlign"),
        ("제이슨튜닝", "JsonTuning"),
        ("데이터투비즈", "Data2Vis"),
        ("딥워크", "DeepWalk"),
        ("비주얼 센서", "Visual Sensors"),
        ("텐서플로우", "TensorFlow"),
        ("인스트럭터", "Instructor"),
        ("어텐션 이즈 올 유 니드", "Attention Is All You Need"),
        ("네스티드 엘에스티엠", "Nested LSTMs"),
        ("알엘투", "RL²"),
    ],
)
def test_names_are_heard_as_koreans_say_them(query: str, name: str) -> None:
    """Spelled letter by letter in part or whole, digits that stand for letters, versions, plurals, a hard g."""
    rivals = [(number, NameKind.SHORT, other) for number, other in enumerate(PAPERS, start=10)]
    lookup = make_shelf((1, NameKind.SHORT, name), *rivals).lookup(query)
    assert [match.review_id for match in lookup.matches[:1]] == [1]
    assert lookup.is_sure


def test_a_term_of_the_glossary_is_the_name_that_it_spells() -> None:
    """맵리듀스 is MapReduce, not each title that has the word; 버트썸 and 픽셀버트 are more than BERT."""
    names = make_names(
        (1, NameKind.SHORT, "MapReduce"),
        (2, NameKind.TITLE, "RCFile: A Format for MapReduce Warehouses"),
        (3, NameKind.SHORT, "BERT"),
    )
    assert (names.lookup("맵리듀스").matches[0].review_id, names.lookup("맵리듀스").is_sure) == (1, True)
    assert not names.lookup("버트썸").is_sure
    assert not names.lookup("픽셀버트").is_sure


@pytest.mark.parametrize(("query", "name"), [("블립2", "BLIP-3"), ("브이엘엠", "BLM"), ("제이엘", "ZL")])
def test_digits_and_letters_alone_must_agree(query: str, name: str) -> None:
    assert not make_shelf((1, NameKind.SHORT, name)).lookup(query).matches


@given(st.text() | st.text(alphabet="가나다인스태그큐엑스이ㄱㅏㅠ aA1-뷁핳", max_size=120))
def test_any_text_is_read_within_bounds(text: str) -> None:
    found = readings(text)
    assert len(found) <= 30
    for reading in found:
        assert len(reading.code) <= 12 * len(unicodedata.normalize("NFKC", text))
    lookup = SHELF.lookup(text)
    assert len(lookup.matches) <= 10
    assert all(0 < match.score <= 1 for match in lookup.matches)
    unmistype(text)
