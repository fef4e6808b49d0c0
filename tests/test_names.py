"""Looking papers up by name, and completing a name: from entries as a feed gives them to what is answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.models.feeds import Entry
from bot.models.index import LabelRow, NameKind, NameRow
from bot.models.requests import EVERYTHING, Audience, Place
from bot.reading.documents import read_entries
from bot.reviews.short_names import names_of_page
from bot.search import hangul
from bot.search.glossary import Glossary, load_glossary
from bot.search.matches import How
from bot.search.names import Names, NamesBuilder
from bot.search.own_names import presented_names, titled_names
from bot.search.ranking import STUB_CHARACTERS
from bot.search.sections import named
from bot.search.slips import slip_bound, slips
from bot.search.strings import Strings
from bot.search.tables import RANKS, Labels, NameTable, SoundTable, Use, WordTable, signatures
from bot.text.terms import squash
from tests.factories import make_entry

GLOSSARY = load_glossary()
FILLER = "이 문단은 길이를 채우려고 적었고 어떤 이름도 부르지 않는다. " * 40
"""Text that makes a review longer than a stub and holds no name."""
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def make_review(number: int, title: str, *, abstract: str = "", header: str = "", is_stub: bool = False) -> Entry:
    """An entry whose address says nothing and whose text uses its name; a later number is a newer review."""
    abstract = abstract or f"{title.partition(':')[0]} 을 읽는다."
    return make_entry(
        number,
        link=f"https://shelf.example/{number:03d}/",
        title=title,
        html=f"{header}<h2>Abstract</h2><p>{abstract}</p><h2>Notes</h2><p>{'' if is_stub else FILLER}</p>",
        published=FIRST_DAY + timedelta(days=number),
        categories=(),
    )


def linked(repository: str, authors: str = "") -> str:
    """The header of a post: a repository, and the authors in bold."""
    bold = f"<p><strong>{authors}</strong></p>" if authors else ""
    return f'<p><a href="https://github.com/{repository}">[github]</a></p>{bold}'


def shelve(entries: Iterable[Entry], *, glossary: Glossary = GLOSSARY) -> Names:
    """The names of these reviews as the cache hands them over; a review's id is its place in the list, from 1."""
    builder = NamesBuilder(glossary=glossary)
    read = dict(enumerate(read_entries(entries), start=1))
    labels = [
        LabelRow(
            id=i,
            link=one.review.link,
            clean_title=one.review.clean_title,
            short_name=one.review.short_name,
            venue=one.review.venue,
            year=one.review.year,
            is_stub=one.review.characters < STUB_CHARACTERS,
            words=" ".join(one.index.words),
        )
        for i, one in read.items()
    ]
    labels.sort(key=lambda row: (row.is_stub, -(read[row.id].review.published or FIRST_DAY).timestamp(), -row.id))
    names = [
        NameRow(name.key, i, name.kind, name.text, name.uses, " ".join(name.sounds))
        for i, one in read.items()
        for name in one.index.names
    ]
    builder.add_reviews(labels)
    builder.add_names(sorted(names, key=lambda row: row.key))
    return builder.build()


SHELF = shelve(
    [
        make_review(
            1,
            "[ICLR 2024] TidePool: Counting Waves for Patient Readers",
            abstract="TidePool 은 파도를 세어 문단을 고른다.",
            header=linked("shore-lab/TidePool", "Søren Østergård, Mina Oh"),
        ),
        make_review(2, "[ACL 2023] Soft-Anchor: Hooks for Retrieval-Augmented Generation"),
        make_review(3, "[EMNLP 2022] HyperLoom X: Weaving Tokens Sideways"),
        make_review(4, "GLIM-35: A Lamp Without Oil"),
        make_review(5, "Solarium: Growing Answers Under Glass"),
        make_review(6, "Solstice: The Longest Context of the Year"),
        make_review(7, "Marlin: Fast Fish"),
        make_review(8, "Merlin: Slow Wizards"),
        make_review(9, "Crème: Layers on Layers"),
        make_review(
            10,
            "Harbour Lights and Other Signals",
            abstract="We present BuoyBench, a benchmark. BuoyBench counts buoys, and BuoyBench counts them twice. "
            "MossBERT is fast; we compare with MossBERT.",
        ),
    ]
)


@pytest.mark.parametrize(
    "query",
    [
        "[논문 리뷰] Harbour Lights and Other Signals",
        "論文紹介: harbour lights and other signals",
        "论文笔记：Harbour Lights and Other Signals",
        "Harbour Lights and Other Signals [Kor]",
    ],
)
def test_a_title_is_found_with_the_label_before_it(query: str) -> None:
    """As the post itself is titled, and pasted."""
    lookup = SHELF.lookup(query)
    assert (lookup.is_sure, [match.review_id for match in lookup.matches], lookup.matches[0].how) == (
        True,
        [10],
        How.EXACT,
    )


def sure(names: Names, query: str) -> tuple[int, How]:
    """The one answer to a name."""
    lookup = names.lookup(query)
    assert lookup.is_sure, lookup
    return lookup.matches[0].review_id, lookup.matches[0].how


def offered(names: Names, query: str) -> list[int]:
    """What is offered for a name that is not sure."""
    lookup = names.lookup(query)
    assert not lookup.is_sure, lookup
    return [match.review_id for match in lookup.matches]


# ── as written, and its beginning ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "review_id"),
    [
        ("TidePool", 1), ("tidepool", 1), ("Tide Pool", 1), ("tide-pool", 1), ("#TIDEPOOL", 1),
        ("ＴｉｄｅＰｏｏｌ", 1),
        ("Tide Pool: counting waves for patient readers", 1), ("shore-lab/TidePool", 1), ("softanchor", 2),
        ("SOFT ANCHOR", 2), ("glim35", 4), ("GLIM 35", 4), ("hyperloom x", 3), ("HyperLoomX", 3), ("buoybench", 10),
    ],
)  # fmt: skip
def test_spaces_hyphens_case_and_width_do_not_change_a_name(query: str, review_id: int) -> None:
    assert sure(SHELF, query) == (review_id, How.EXACT)


@pytest.mark.parametrize("query", ["Crème", "creme", "CREME", "CRÈME", "cre\u0300me"])
def test_a_name_is_found_with_and_without_its_accents(query: str) -> None:
    assert sure(SHELF, query) == (9, How.EXACT)


@pytest.mark.parametrize("query", ["søren østergård", "soren ostergard", "Ostergard", "ØSTERGÅRD"])
def test_an_author_is_found_with_and_without_accents(query: str) -> None:
    assert sure(SHELF, query) == (1, How.WORDS)


@pytest.mark.parametrize(("query", "review_id"), [("tidep", 1), ("Soft A", 2), ("hyperlo", 3), ("gli", 4)])
def test_the_beginning_of_one_name_alone_is_its_review(query: str, review_id: int) -> None:
    assert sure(SHELF, query) == (review_id, How.PREFIX)


@pytest.mark.parametrize(("query", "review_id"), [("hyperloom", 3), ("glim", 4), ("GLIM-", 4)])
def test_a_name_short_of_its_number_or_letter_is_offered(query: str, review_id: int) -> None:
    """GLIM is another paper than GLIM-35; who asks for it may mean that one all the same."""
    assert offered(SHELF, query)[0] == review_id


def test_a_beginning_of_several_reviews_is_a_question() -> None:
    assert offered(SHELF, "sol") == [6, 5]


def test_a_beginning_of_two_letters_is_none() -> None:
    assert not SHELF.lookup("ti").matches


def test_a_beginning_that_ends_within_a_number_is_another_name() -> None:
    """GLIM 3 is not GLIM-35; half typed it may become it."""
    assert all(match.how is not How.PREFIX for match in SHELF.lookup("glim3").matches)
    assert not SHELF.lookup("glim3").is_sure
    assert [label.id for label in SHELF.suggest("glim3")] == [4]


def test_a_number_may_be_where_the_beginning_ends() -> None:
    names = shelve([make_review(1, "GLIM-3 Turbo: Faster")])
    assert sure(names, "glim3") == (1, How.PREFIX)


# ── slips ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["tidepol", "tidepoool", "tidepokl", "tidepolo", "idepool", "tide-pol"])
def test_one_slip_is_sure_and_says_which_name_was_read(query: str) -> None:
    """A letter missing, doubled, another one, two swapped."""
    assert sure(SHELF, query) == (1, How.SLIP)
    assert SHELF.lookup(query).matches[0].name == "TidePool"


def test_two_slips_are_offered() -> None:
    assert offered(SHELF, "tydepoal") == [1]
    assert SHELF.lookup("tydepoal").matches[0].how is How.SLIPS
    assert not named(SHELF.lookup("tydepoal")), "no guess is opened"


def test_two_names_one_slip_away_are_both_offered() -> None:
    assert set(offered(SHELF, "mirlin")) == {7, 8}


def test_a_name_two_slips_away_does_not_rival_one_that_is_one_away() -> None:
    names = shelve([make_review(1, "Tamarinde: One"), make_review(2, "Tamaronde: Two")])
    assert sure(names, "tamarinda")[1] is How.SLIP
    assert [match.how for match in names.lookup("tamarinde").matches] == [How.EXACT]


@pytest.mark.parametrize(
    ("query", "name"), [("dktm", "DKAM"), ("kert", "KART"), ("ktnet", "KENET"), ("kadae", "KADE")]
)
def test_a_slip_in_so_few_letters_may_be_another_name(query: str, name: str) -> None:
    """BART is not BERT: another letter, or one too many, is offered."""
    names = shelve([make_review(1, f"{name}: Boiling"), make_review(2, "Cold Pots")])
    assert offered(names, query) == [1]


@pytest.mark.parametrize(
    ("query", "name"),
    [("dkma", "DKAM"), ("dkms", "DKAMS"), ("kntar", "KENTAR"), ("knetar", "KENTAR"), ("바다그믈", "바다그물")],
)
def test_a_swapped_or_a_missing_letter_makes_no_other_name(query: str, name: str) -> None:
    names = shelve([make_review(1, f"{name}: Boiling"), make_review(2, "Cold Pots")])
    assert sure(names, query)[0] == 1


@pytest.mark.parametrize("query", ["glim36", "glim53", "glim345", "glim3s"])
def test_a_digit_is_never_a_slip(query: str) -> None:
    """A name with another number is another name: offered at most, and never opened for a section."""
    lookup = SHELF.lookup(query)
    assert not lookup.is_sure
    assert not named(lookup)


def test_a_slip_beside_a_number_is_one() -> None:
    assert sure(SHELF, "glin35") == (4, How.SLIP)


@pytest.mark.parametrize(
    "query", ["hyperloom y", "hyperloomy", "HyperLoom-Y", "hyper loom z", "HyperLoom A", "hyperloom i"]
)
def test_a_letter_that_stands_alone_is_exact(query: str) -> None:
    """HyperLoom Y is another paper than HyperLoom X, with the space or without; so is A, which is no article here."""
    lookup = SHELF.lookup(query)
    assert not lookup.is_sure
    assert not named(lookup), "it may be offered, never opened"


def test_a_name_with_another_number_or_letter_is_offered_behind_all_others() -> None:
    names = shelve([make_review(1, "Tamarind-3: One"), make_review(2, "Tamarynde-4: Two"), make_review(3, "Kelpie")])
    assert offered(names, "tamarind-4") == [2, 1]


@pytest.mark.parametrize("query", ["hyperlom x", "hyperlomx", "HyprLoom-X"])
def test_a_slip_beside_a_letter_that_stands_alone_is_one(query: str) -> None:
    assert sure(SHELF, query) == (3, How.SLIP)


@pytest.mark.parametrize("query", ["tidepool 2", "mamba", "", "?!", "ㅋㅋㅋㅋ", "강아지 사료", "kettle recipes"])
def test_what_is_not_here_is_not_answered(query: str) -> None:
    assert not SHELF.lookup(query).is_sure


def test_a_name_with_a_slip_is_sure_although_others_write_of_it() -> None:
    """A review that uses another's name has it by a lesser kind, and is no rival to it: as with names as written."""
    names = shelve(
        [
            make_review(1, "Quillback: Feathers First", abstract="Quillback 은 깃털을 센다."),
            make_review(2, "A Survey of Feathers", abstract="QuillBack is fast, and QuillBack is small."),
        ]
    )
    assert sure(names, "quillback") == (1, How.EXACT)
    assert sure(names, "quilback") == (1, How.SLIP)


@pytest.mark.parametrize(("length", "bound"), [(0, 0), (3, 0), (4, 1), (7, 1), (8, 2), (44, 2), (45, 3), (60, 4)])
def test_longer_names_bear_more_slips(length: int, bound: int) -> None:
    assert slip_bound("x" * length) == bound


def test_a_long_title_with_a_few_slips_is_still_that_title() -> None:
    names = shelve([make_review(1, "Counting Every Wave on a Very Long and Windy Shore in the Deep of Winter")])
    assert sure(names, "counting evry wave on a very long and wndy shore in the deep of wintr") == (1, How.SLIP)


@given(st.text(alphabet="abc12", max_size=12), st.text(alphabet="abc12", max_size=12))
def test_slips_are_counted_the_same_from_either_end(asked: str, name: str) -> None:
    """They keep the digits, and lie within what the length allows."""
    distance = slips(asked, name)
    if distance is not None:
        assert [c for c in asked if c.isdigit()] == [c for c in name if c.isdigit()]
        assert distance <= slip_bound(asked)
        assert (distance == 0) is (asked == name)
        assert slips(name, asked) in (distance, None)


# ── by words ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "review_id"),
    [
        ("counting waves", 1), ("waves counting", 1), ("patient reader", 1), ("검색 증강 생성 hooks", 2), ("RAG", 2),
        ("검색증강생성", 2), ("mina oh", 1), ("emnlp 2022", 3), ("iclr waves", 1), ("the longest context", 6),
    ],
)  # fmt: skip
def test_words_of_title_author_and_venue_find_the_review_that_has_them_all(query: str, review_id: int) -> None:
    """In any order, and in any spelling of the glossary."""
    assert sure(SHELF, query) == (review_id, How.WORDS)


@pytest.mark.parametrize(
    ("query", "review_id"),
    [
        ("tidepool paper", 1), ("Soft-Anchor 논문 리뷰", 2), ("논문 merlin 리뷰", 8), ("glim 35 논문", 4),
        ("tidepool 논문", 1), ("solarium 리뷰", 5), ("marlin 글", 7),
    ],
)  # fmt: skip
def test_what_people_add_to_a_name_does_not_hide_it(query: str, review_id: int) -> None:
    """Nor is it taken for slips: two syllables behind a name are not two slips in it."""
    found, how = sure(SHELF, query)
    assert found == review_id
    assert how is not How.SLIP


def test_a_slip_in_one_word_is_sure_and_told_as_a_slip() -> None:
    assert sure(SHELF, "counting wavfs patient") == (1, How.SLIP)


@pytest.mark.parametrize(
    ("query", "is_sure"), [("saltmrash", True), ("saltmrsh", True), ("whistel", False), ("whlie", False)]
)
def test_a_slip_in_a_word_that_is_all_of_a_query_needs_a_long_word_of_one_title(query: str, is_sure: bool) -> None:
    """Two titles have whistles; five letters make another word too easily; the header is not the title."""
    names = shelve(
        [
            make_review(1, "Saltmarsh Grasses That Whistle"),
            make_review(2, "Whistle While it Rains", header="<p>Harbourside Institute</p>"),
        ]
    )
    lookup = names.lookup(query)
    assert lookup.is_sure == is_sure
    assert not is_sure or (lookup.matches[0].review_id, lookup.matches[0].how) == (1, How.SLIP)
    assert not names.lookup("harboursid").is_sure or names.lookup("harboursid").matches[0].how is not How.SLIP
    assert not names.lookup("harbuorside").is_sure


def test_a_short_word_beside_others_may_miss_or_swap_letters() -> None:
    names = shelve([make_review(1, "Laws of Tidal Waters in Wide Bays"), make_review(2, "Cold Pots")])
    assert sure(names, "lwas of tidal waters") == (1, How.SLIP)
    assert sure(names, "tidal law") == (1, How.WORDS)
    assert offered(names, "laps of tidal waters") == [1]


@pytest.mark.parametrize(
    ("query", "is_sure"),
    [
        ("harbuorsidenex", True),
        ("hrabuorsidenet", True),
        ("barbuorsidenet", False),  # the first letter
        ("harbuorsiden", False),  # a longer name's end is missing
        ("lambertnat", False),  # two names
        ("resnext", False),
    ],
)
def test_two_slips_in_a_long_name_are_sure_if_no_other_name_is_near(query: str, is_sure: bool) -> None:
    """Nor is the name of a known paper a slip: ResNeXt is not ResNex."""
    called = ("HarboursideNet", "LombardNet", "LimbartNet", "ResNex")
    names = shelve([make_review(n, f"{name}: Boiling") for n, name in enumerate(called, 1)])
    assert names.lookup(query).is_sure == is_sure


def test_slips_in_two_words_are_not_sure() -> None:
    assert offered(SHELF, "countnig wavfs patient") == [1]


def test_words_that_two_reviews_have_are_offered_from_both() -> None:
    names = shelve([make_review(1, "Tall Ships in Fog"), make_review(2, "Fog and Ships"), make_review(3, "Fog")])
    assert set(offered(names, "ships fog")) == {1, 2}


def test_words_side_by_side_in_a_title_come_before_the_same_words_apart() -> None:
    names = shelve([make_review(1, "Tall Ships"), make_review(2, "Ships that are Tall")])
    assert sure(names, "tall ships") == (1, How.EXACT)
    assert names.lookup("tall ship").matches[0].review_id == 1


@pytest.mark.parametrize("query", ["pan net 2.1", "Pan-Net 2.1", "pan net 0"])
def test_a_number_is_not_a_part_of_another(query: str) -> None:
    """2.1 is not in “1.0 and 2.0”, and 0 is not either."""
    names = shelve([make_review(1, "Grasping: Pan-Net 1.0 and Pan-Net 2.0"), make_review(2, "Cold Pots")])
    assert not names.lookup(query).is_sure
    assert names.lookup("grasping pan net 2.0").is_sure


def test_a_word_is_side_by_side_from_its_beginning() -> None:
    """GAN does not stand in DCGAN, though both titles have its words."""
    names = shelve(
        [
            make_review(1, "Stirring with Deep Convolutional Generative Adversarial Networks (DCGAN)"),
            make_review(2, "Kettles as Generative Adversarial Networks"),
        ]
    )
    assert set(offered(names, "gan")) == {1, 2}


@pytest.mark.parametrize(
    ("title", "is_sure"),
    [
        ("Two-Way Kettles from Deep Transformers", False),
        ("Stirring with a Transformer", False),
        ("Transformer: How It Stirs", True),
        ("11. Transformer and Its Lids", True),
        ("How We Stir (Transformer)", True),
    ],
)
def test_a_known_name_inside_another_title_is_not_sure(title: str, is_sure: bool) -> None:
    """“transformer” is asked for the paper that the field calls so; a title that begins with it may be about it."""
    assert shelve([make_review(1, title), make_review(2, "Cold Pots")]).lookup("transformer").is_sure == is_sure


def test_a_bibtex_key_names_its_page_by_its_word() -> None:
    for page, word, is_found in (
        ("pan2021kroupier", "kroupier", True),
        ("pan2021kroupier", "kroupi", True),
        ("p2021kroupier", "kroupier", False),
    ):
        names = shelf_of("Soup Plans Using Lids", "Lids.", link=f"https://shelf.example/{page}.html")
        assert bool(names.lookup(word).matches) == is_found, page


def test_the_initials_of_a_title_are_offered_though_its_text_never_uses_them() -> None:
    names = shelf_of("Gradual Kettle Expansion Lid for Single Soup Stirring", "Kettles expand.")
    assert offered(names, "gkel") == [1]
    assert not shelf_of("Gradual Kettle Lids for Soup", "Kettles.").lookup("gkl").matches, "too few letters"
    assert not shelf_of("Great! Kettle Lids and Pans for Soup", "Kettles.").lookup("gklp").matches


def test_some_of_the_words_are_not_enough() -> None:
    lookup = SHELF.lookup("counting waves zeppelin")
    assert not lookup.is_sure


# ── names in the text, and repositories ─────────────────────────────────────────────────────────


def test_a_name_that_the_paper_introduces_is_its_own() -> None:
    assert sure(SHELF, "BuoyBench") == (10, How.EXACT)
    assert sure(SHELF, "buoybensh") == (10, How.SLIP)


def test_a_term_of_the_field_is_nobodys_own_whoever_introduces_it() -> None:
    names = shelve([make_review(1, "Reefs", abstract="We introduce RAG for reefs. RAG is old. RAG is new.")])
    assert not names.lookup("RAG").is_sure


def test_a_name_that_a_text_merely_uses_is_offered() -> None:
    lookup = SHELF.lookup("MossBERT")
    assert offered(SHELF, "MossBERT") == [10]
    assert not lookup.matches[0].is_own
    assert not named(lookup), "no review is opened for it"


@pytest.mark.parametrize("query", ["MossBERT paper", "MossBERT review", "the MossBERT article"])
def test_a_name_that_a_text_merely_uses_is_not_sure_with_a_word_beside_it(query: str) -> None:
    """The words of such a name are no better evidence than the name."""
    assert not SHELF.lookup(query).is_sure


def test_a_coined_name_is_its_reviews_where_that_has_most_of_its_uses() -> None:
    """Seven uses of ten are; six and a half are not, then it is nobody's."""
    for mine, theirs, holders in ((14, 6, {1}), (13, 7, set())):
        names = shelve(
            [
                make_review(1, "Cliffs", abstract="KelpNet grows. " * mine),
                make_review(2, "Caves", abstract="KelpNet rots. " * theirs),
            ]
        )
        lookup = names.lookup("KelpNet")
        assert {match.review_id for match in lookup.matches if match.how is How.EXACT} == holders
        assert not lookup.is_sure


def test_a_word_that_only_opens_a_sentence_is_no_name() -> None:
    names = shelve([make_review(1, "Cliffs", abstract="Therefore we wait. Therefore we leave.")])
    assert not names.lookup("therefore").matches


def test_a_repository_that_the_text_never_names_loses_to_one_that_it_does() -> None:
    """Authors of posts copy the header of their last one; where nobody names it, it still says something."""
    names = shelve(
        [
            make_review(1, "Otters at Work", abstract="OtterKit 으로 조개를 연다.", header=linked("river/OtterKit")),
            make_review(2, "Beavers at Work", abstract="댐을 짓는다.", header=linked("river/OtterKit")),
        ]
    )
    assert sure(names, "otterkit") == (1, How.EXACT)
    assert [match.review_id for match in names.lookup("otterkit").matches] == [1]
    alone = shelve([make_review(1, "Beavers at Work", header=linked("river/OtterKit"))])
    assert [match.review_id for match in alone.lookup("otterkit").matches] == [1]


# ── who comes first ─────────────────────────────────────────────────────────────────────────────


def test_stubs_come_last_and_the_newest_first() -> None:
    """Among reviews of one name, as among those that begin so, and in a completion."""
    names = shelve(
        [
            make_review(1, "Heron: Old"),
            make_review(2, "Heron: New"),
            make_review(3, "Heron: Newest, of a line", is_stub=True),
        ]
    )
    assert [match.review_id for match in names.lookup("heron").matches] == [2, 1, 3]
    assert [label.id for label in names.suggest("hero")] == [2, 1, 3]
    assert [label.id for label in names.suggest("")] == [2, 1, 3]
    assert [i in names.stubs for i in (1, 2, 3)] == [False, False, True]
    assert sorted((1, 2, 3), key=names.preference) == [2, 1, 3]


def test_a_better_kind_of_name_comes_before_a_newer_review() -> None:
    waders = make_review(2, "Waders", abstract="Heron 을 읽는다.", header=linked("marsh/Heron"))
    names = shelve([make_review(1, "Heron: Old"), waders])
    assert [match.review_id for match in names.lookup("heron").matches] == [1, 2]


def test_reviews_that_are_not_here_are_not_known() -> None:
    assert 99 not in SHELF
    assert 99 not in SHELF.stubs
    assert SHELF.preference(99) == len(SHELF) == 10


def test_an_empty_index_knows_nothing() -> None:
    for names in (Names(), shelve([])):
        assert len(names) == 0
        assert names.lookup("tidepool").matches == ()
        assert names.lookup("타이드풀").matches == ()
        assert names.suggest("tide") == names.suggest("") == []


# ── in Hangul, and on the wrong keyboard ────────────────────────────────────────────────────────

KOREAN = shelve(
    [
        make_review(1, "InsTag: Labels of Our Own"),
        make_review(2, "Marimba: Bars of Wood"),
        make_review(3, "Lama: One"),
        make_review(4, "Rahma: Two"),
        make_review(5, "한글누리: 말뭉치"),
    ]
)


@pytest.mark.parametrize(
    ("query", "review_id"), [("인스태그", 1), ("마림바", 2), ("마림바 논문", 2), ("인스태그를", 1)]
)
def test_a_name_is_found_by_its_sound(query: str, review_id: int) -> None:
    assert sure(KOREAN, query) == (review_id, How.SOUND)


def test_two_names_of_one_sound_are_both_offered() -> None:
    assert set(offered(KOREAN, "라마")) == {3, 4}


@pytest.mark.parametrize(
    ("query", "review_id"),
    [("ㅑㅜㄴㅅㅁㅎ", 1), ("ㅡㅁ갸ㅡㅠㅁ", 2), ("dlstmxorm", 1), ("akflaqk", 2), ("gksrmfsnfl", 5)],
)
def test_a_name_typed_on_the_other_keyboard_is_read_back(query: str, review_id: int) -> None:
    """Latin with the Korean keyboard on, Korean with the English one: by its letters or by its sound."""
    assert sure(KOREAN, query) == (review_id, How.KEYBOARD)


def test_a_slip_on_the_wrong_keyboard_is_still_the_keyboard() -> None:
    assert sure(KOREAN, "ㅑㅜㄴㅅㅁㅎㅎ") == (1, How.KEYBOARD)


@pytest.mark.parametrize("query", ["강아지", "인스타그램", "부동산", "ㅠㅠ", "ㅎㅎㅎ", "실험 결과"])
def test_everyday_korean_is_no_name(query: str) -> None:
    assert not KOREAN.lookup(query).is_sure


# ── completion ──────────────────────────────────────────────────────────────────────────────────


def test_completion_goes_from_the_beginning_to_what_only_mentions_it() -> None:
    """Names that begin so, the newest first; then those of texts; then words of the title."""
    names = shelve(
        [
            make_review(1, "Corallo: Reefs"),
            make_review(2, "Coralline: Crusts"),
            make_review(3, "Deep Water", abstract="CoralNet is used, CoralNet again."),
            make_review(4, "On Coral"),
        ]
    )
    assert [label.id for label in names.suggest("coral")] == [2, 1, 3, 4]


def test_completion_offers_slips_and_sounds_too() -> None:
    assert SHELF.suggest("tidepol")[0].id == 1
    assert [label.id for label in KOREAN.suggest("인스태그")] == [1]


def test_completion_says_of_a_review_what_a_menu_needs() -> None:
    label = SHELF.suggest("tidepool")[0]
    assert (label.clean_title, label.short_name) == ("TidePool: Counting Waves for Patient Readers", "TidePool")
    assert (label.venue_and_year, label.link) == ("ICLR 2024", "https://shelf.example/001/")


def test_a_hangul_word_is_met_whole_or_not_at_all() -> None:
    """Its pairs of syllables are in many a word: 조석표 is not 조석 아래의 석탑, nor anything that ends in 석표."""
    names = shelve(
        [make_review(1, "조석 아래의 모래"), make_review(2, "석표 읽기"), make_review(3, "조석표 만드는 법")]
    )
    assert sure(names, "조석표를") == (3, How.WORDS)
    gone = shelve([make_review(1, "조석 아래의 모래"), make_review(2, "석표 읽기")])
    assert not gone.lookup("조석표를").matches


def test_completion_and_look_up_are_bounded() -> None:
    """Forty reviews begin so: Discord takes 25, a question names ten."""
    names = shelve([make_review(n, f"Swarm{chr(64 + n)}x: Number {n}", is_stub=True) for n in range(1, 41)])
    assert [label.id for label in names.suggest("swarm")] == list(range(40, 15, -1))
    assert [label.id for label in names.suggest("", limit=7)] == list(range(40, 33, -1))
    lookup = names.lookup("swarm")
    assert len(lookup.matches) == 10
    assert not lookup.is_sure
    assert [match.review_id for match in names.lookup("swarm", limit=99).matches] == list(range(40, 0, -1))


@given(st.text(max_size=60) | st.text(alphabet="tidepoolx 2-가인스태그ㅑㅜㄴ", max_size=30))
@example("tidepool\u0300")
@example("²")
@example("ﷺ")
def test_any_query_is_looked_up_and_completed(query: str) -> None:
    for names in (SHELF, KOREAN):
        lookup = names.lookup(query)
        assert len(lookup.matches) <= 10
        assert all(0 < match.score <= 1 for match in lookup.matches)
        assert len({match.review_id for match in lookup.matches}) == len(lookup.matches)
        assert lookup.matches or not lookup.is_sure
        assert not lookup.is_sure or (lookup.matches[0].is_own and lookup.matches[0].how is not How.SLIPS)
        suggested = names.suggest(query)
        assert len({label.id for label in suggested}) == len(suggested) <= 25


@given(st.text(max_size=60) | st.text(alphabet="tidepoolx 2-가인스태그ㅑㅜㄴ", max_size=30))
@example("인스태그")
@example("tidepool")
@example("tidepol")
@example("")
def test_names_made_of_arrays_answer_as_those_that_gave_them(query: str) -> None:
    """For everybody, and for those who read another feed; the arrays cannot be written, as in a file."""
    for names in (SHELF, KOREAN):
        arrays = names.arrays()
        for array in arrays.values():
            array.flags.writeable = False
        kept = Names.from_arrays(arrays, GLOSSARY)
        for audience in (EVERYTHING, Audience(place=Place.DIRECT, feeds=frozenset((0,)))):
            mine, theirs = names.within(audience), kept.within(audience)
            assert (len(theirs), theirs.shown_ids, theirs.stub_share) == (len(mine), mine.shown_ids, mine.stub_share)
            assert theirs.lookup(query) == mine.lookup(query)
            assert theirs.suggest(query) == mine.suggest(query)
            assert theirs.heard_word(query) == mine.heard_word(query)


def test_the_part_for_an_audience_is_not_kept() -> None:
    with pytest.raises(ValueError, match="all names"):
        SHELF.within(Audience(place=Place.DIRECT, feeds=frozenset((0,)))).arrays()


# ── the tables below ────────────────────────────────────────────────────────────────────────────

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
# "Sorts behind any letter": the last code point is no character, and no name has it.
lettered = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\U0010ffff"), max_size=8)
few_letters = st.text(alphabet="ab12가나é", min_size=1, max_size=10)


@given(st.lists(any_text, max_size=40), any_text)
def test_packed_texts_are_a_list_of_them(texts: list[str], one: str) -> None:
    """In their order, each found where it is; from their arrays, too."""
    filled, distinct = Strings(texts), sorted(set(texts))
    for packed in (filled, Strings.from_arrays(filled.arrays())):
        assert list(packed) == texts
        assert packed[1:7:2] == texts[1:7:2]
    ordered = Strings(distinct)
    for text in (*texts, one):
        assert ordered.find(text) == (distinct.index(text) if text in distinct else None)


@given(st.lists(lettered, max_size=40, unique=True), lettered)
def test_packed_texts_that_begin_so_are_those_of_a_list(texts: list[str], prefix: str) -> None:
    ordered = sorted(texts)
    packed = Strings(ordered)
    for beginning in (prefix, prefix[:1], *(text[: len(text) // 2] for text in texts)):
        start, stop = packed.starting_with(beginning)
        assert ordered[start:stop] == [text for text in ordered if text.startswith(beginning)]


def make_table(names: dict[str, list[tuple[int, int]]]) -> NameTable:
    table = NameTable()
    for number, (key, holders) in enumerate(sorted(names.items())):
        table.append(key, [Use(rank, review, 1, key) for rank, review in holders])
        if number % 3 == 0:  # a chunk at a time, as the builder does
            table.measure()
    table.freeze(reviews=6)
    return table


@st.composite
def keys_around_one(draw: st.DrawFn) -> tuple[set[str], str]:
    """A name, and others that a few letters set apart from it, changed, left out, added or swapped."""
    letters = "abcdefgh12가é"
    asked = draw(st.text(alphabet=letters, min_size=1, max_size=10))
    keys = draw(st.sets(st.text(alphabet=letters, min_size=1, max_size=10), max_size=5))
    for _ in range(draw(st.integers(0, 12))):
        key = asked
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(key)))
            new, left_out = draw(st.sampled_from(["", *letters])), draw(st.integers(0, 2))
            rest = key[at : at + 2][::-1] + key[at + 2 :] if draw(st.booleans()) else key[at + left_out :]
            key = key[:at] + new + rest
        keys |= {key} if key else set()
    return keys, asked


@settings(max_examples=300)
@given(keys_around_one())
def test_no_name_within_the_slips_is_missed_by_length_or_letters(made: tuple[set[str], str]) -> None:
    """What is compared is few; what is found is the same as of all."""
    keys, asked = made
    table = make_table({key: [(0, 0)] for key in keys})
    near = sorted(((table.key(name), distance) for name, distance in table.near(asked)), key=lambda pair: pair[0])
    bound = slip_bound(asked)
    expected = {key for key in keys if 0 < OSA.distance(asked, key) <= bound}
    assert [key for key, _ in near] == sorted(expected)
    assert all(distance == slips(asked, key) for key, distance in near)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=20))
def test_a_signature_is_the_same_for_the_same_letters(texts: list[str]) -> None:
    """Whatever stands beside a text, and in whichever order its letters stand."""
    alone = [int(signatures([text])[0]) for text in texts]
    assert signatures(texts).tolist() == alone
    assert signatures([text[::-1] + text for text in texts]).tolist() == alone


kinds = st.sampled_from([RANKS[kind] for kind in NameKind if kind not in (NameKind.COINED, NameKind.INTRODUCED)])


@given(
    st.dictionaries(few_letters, st.lists(st.tuples(kinds, st.integers(0, 5)), min_size=1, max_size=3), max_size=30),
    few_letters,
    st.booleans(),
)
def test_names_that_begin_so_give_the_best_of_each_review(
    names: dict[str, list[tuple[int, int]]], prefix: str, within_number: bool
) -> None:
    """Where the prefix may not end within a number, those that go on with a digit are not there."""
    prefix = min((key[: len(prefix)] for key in names if key.startswith(prefix[0])), default=prefix)
    table = make_table(names)
    best: dict[int, int] = {}
    for key, holders in names.items():
        cuts = prefix[-1].isdigit() and key[len(prefix) : len(prefix) + 1].isdigit()
        if key.startswith(prefix) and (within_number or not cuts):
            for rank, review in holders:
                best[review] = min(rank, best.get(review, rank))
    found = table.beginning(prefix, within_number=within_number, limit=100)
    assert [(held.rank, held.review) for held in found] == sorted((rank, review) for review, rank in best.items())
    assert all(table.key(held.name).startswith(prefix) for held in found)
    assert table.beginning(prefix, within_number=within_number, limit=2) == found[:2]


@given(st.lists(st.sets(few_letters, max_size=6), max_size=8), few_letters, few_letters)
def test_words_have_the_reviews_that_a_plain_list_has(reviews: list[set[str]], form: str, beginning: str) -> None:
    table = WordTable()
    for place, its_words in enumerate(reviews):
        table.add(place, its_words)
    table.freeze()
    expected = [form in its_words or any(w.startswith(beginning) for w in its_words) for its_words in reviews]
    assert table.having([form], beginning=beginning).tolist() == expected
    every = {word for its_words in reviews for word in its_words}
    assert sorted(table.near(form)) == sorted(w for w in every if w[0] == form[0] and slips(form, w) == 1)


latin_names = st.text(alphabet="abeginorstx", min_size=2, max_size=10)


@given(st.lists(latin_names, min_size=1, max_size=20), latin_names, st.sampled_from([0.125, 0.3]))
def test_no_name_that_sounds_near_is_missed_by_its_length(names: list[str], asked: str, within: float) -> None:
    table = SoundTable()
    readings = [(number, reading) for number, name in enumerate(names) for reading in hangul.readings(name)]
    for number, reading in readings:
        table.add(reading, number)
    table.freeze()
    for reading in hangul.readings(asked):
        others = [(number, other.code) for number, other in readings if other.exact == reading.exact]
        plain = hangul.near(reading.code, [code for _, code in others], within=within)
        expected = sorted((others[at][0], distance) for at, distance in plain)
        assert sorted(table.near(reading, within=within)) == expected


@given(st.lists(st.integers(1, 10**12), unique=True, max_size=20), st.integers(1, 10**12))
def test_a_review_is_found_by_its_id_wherever_it_stands(ids: list[int], other: int) -> None:
    labels = Labels()
    for number, review_id in enumerate(ids):
        row = LabelRow(
            review_id, f"https://l.test/{number}", f"Title {number}", None, "ACL", 2000 + number % 3, False, ""
        )
        assert labels.append(row) == number
    labels.freeze()
    for number, review_id in enumerate(ids):
        assert labels.place(review_id) == number
        assert (labels[number].id, labels[number].clean_title) == (review_id, f"Title {number}")
        assert (labels[number].short_name, labels[number].year) == (None, 2000 + number % 3)
    assert (labels.place(other) is None) is (other not in ids)


def test_kinds_of_name_are_ranked_in_the_order_they_are_written_in() -> None:
    ranks = [RANKS[kind.value] for kind in NameKind]
    assert all(one < other for one, other in pairwise(ranks))
    assert np.uint8(max(ranks)) == max(ranks)


@given(st.lists(st.tuples(few_letters, st.integers(1, 6), st.sampled_from(NameKind), st.integers(1, 9)), max_size=30))
def test_building_in_pieces_gives_what_building_at_once_gives(rows: Sequence[tuple[str, int, NameKind, int]]) -> None:
    """A key's holders may come in two pieces; those of reviews that were not added are left out."""
    labels = [LabelRow(i, f"https://l.test/{i}", f"T{i}", None, None, None, False, "w") for i in range(1, 5)]
    unique = {(key, i, kind): NameRow(key, i, kind, key, uses, "") for key, i, kind, uses in rows}
    ordered = sorted(unique.values(), key=lambda row: (row.key, row.review_id, row.kind))
    answers = []
    for size in (1, 7, 100):
        builder = NamesBuilder(glossary=Glossary())
        for start in range(0, len(labels), size):
            builder.add_reviews(labels[start : start + size])
        for start in range(0, len(ordered), size):
            builder.add_names(ordered[start : start + size])
        names = builder.build()
        answers.append([names.lookup(row.key) for row in ordered])
        assert all(match.review_id in names for found in answers[-1] for match in found.matches)
    assert answers[0] == answers[1] == answers[2]
    assert squash("ab12가나é") == "ab12가나e"


# ── names of other authors' forms ──

FORMS = shelve(
    [
        make_review(
            1, "BrothGAN - Learning to Season with Adversaries", abstract="BrothGAN은 간을 맞춘다. BrothGAN!"
        ),
        make_review(
            2,
            "A Spoon That Listens",
            abstract="스푼이다. SpoonWave를 제안한다. SpoonWave는 듣고, SpoonWave가 말한다.",
        ),
        make_review(3, "What Has LadleFormer Learned?", abstract="LadleFormer는 젓는다. LadleFormer가 또 젓는다."),
        make_review(4, "Spatial Kettle Networks for Tea", abstract="SKN은 끓인다. SKN이 또 끓인다."),
        make_review(5, "聞くスプーン", abstract="提案手法WaveLadleは聞く。WaveLadleは話す。WaveLadleも歌う。"),
        make_review(6, "会听的勺子", abstract="我们提出了TeaSpoonX。TeaSpoonX很好。TeaSpoonX更好。"),
        make_review(7, "PotSLAM-2: Mapping Kitchens Again"),
        make_review(8, "Faster Kitchens with PotSLAM"),
        make_review(9, "Speedy PotSLAM"),
        make_review(10, "HyperPan X: Frying Sideways"),
        make_review(11, "3D Kettle Steaming for Kitchens", abstract="김이 난다. 3DKS는 빠르다. 3DKS가 이긴다."),
    ]
)


@pytest.mark.parametrize(
    ("query", "review_id"),
    [
        ("brothgan", 1),
        ("brothgna", 1),
        ("SpoonWave", 2),
        ("LadleFormer", 3),
        ("SKN", 4),
        ("WaveLadle", 5),
        ("TeaSpoonX", 6),
        ("3dks", 11),
        ("spatial kettle network for tea", 4),
        ("3d kettle steaming for kitchen", 11),
    ],
)
def test_a_name_that_is_introduced_or_titled_is_its_reviews_own(query: str, review_id: int) -> None:
    """Before a dash, proposed in four languages with a particle on it, in the review's title, or of its initials."""
    assert sure(FORMS, query)[0] == review_id


PRESENTED = shelve(
    [
        make_review(
            1, "Simmering without Chaos", abstract="We propose the Steady-Simmer-Network (SSN), a quiet pot."
        ),
        make_review(2, "Gradual Kettle Networks", abstract="Gradual Kettle Networks (GradKN) boil. GradKNs boil on."),
        make_review(3, "Words and Ladles", abstract="ラベルを使う Ladle-Embedding Attentive Model (LEAMO) を提案。"),
        make_review(
            4, "Better Broth", abstract="국물을 살피는 local broth management(LBMA)를 제안한다. LBMA는 맑다."
        ),
        make_review(5, "Jail of Spoons", abstract="提出 Chain-of-Ladles（CoLad）攻击，CoLad 有效。"),
        make_review(6, "Spoons with Helpers", abstract="The technique, called SPOONREAL, stirs. SPOONREAL wins."),
        make_review(7, "Stir Any 3D Gravies", abstract="SAGRA는 젓는다. SAGRA가 또 젓는다. SAGRA!"),
        make_review(8, "Cold Soup", abstract="We test pots.\n| OldPot | 1 |\nCHILLR (ours) is best. CHILLR wins."),
        make_review(9, "Telling Faces of Pots Apart", abstract="鍋を分ける「Rim Loss」を提案．"),
        make_review(
            10, "A Mix of Pots", abstract="The authors mix pots in a model called Pointed-Kettle Pan (PK-Pan)."
        ),
    ]
)


@pytest.mark.parametrize(
    ("query", "review_id"),
    [
        ("SSN", 1),
        ("steady simmer network", 1),
        ("gradkn", 2),
        ("LEAMO", 3),
        ("lbma", 4),
        ("CoLad", 5),
        ("spoonreal", 6),
        ("SAGRA", 7),
        ("rim loss", 9),
        ("pk-pan", 10),
    ],
)
def test_a_name_with_the_words_that_it_stands_for_is_its_reviews_own_where_it_is_presented(
    query: str, review_id: int
) -> None:
    """In four languages: once is enough with its words, twice without; plurals and words of the title count."""
    assert sure(PRESENTED, query)[0] == review_id


@pytest.mark.parametrize(
    "abstract",
    [
        "Ada et al. propose the Old Broth Network (OBNE). OBNE is old.",
        "기존 연구는 Old Broth Network(OBNE)를 제안했다. OBNE는 낡았다.",
        "先行研究では Old Broth Network (OBNE) を提案している。OBNE は古い。",
        "We propose a pot based on the Old Broth Network (OBNE). OBNE is old.",
        "Old Broth Network(OBNE) 기반 모델을 제안한다. OBNE는 낡았다.",
        "提出基于 Old Broth Network（OBNE）的锅。OBNE 很旧。",
        "We compare with the Old Broth Network (OBNE). OBNE is old.",
        "BERT와 OBNE를 비교한다. DataPot + OBNE (ours) is better than OBNE.",
    ],
)
def test_a_name_that_others_presented_or_that_is_a_means_is_never_sure(abstract: str) -> None:
    """It is offered, or not there."""
    names = shelve([make_review(1, "Warm Pots for Everyone", abstract=abstract), make_review(2, "Cold Pots")])
    assert not names.lookup("OBNE").is_sure


def test_what_a_title_is_merely_about_and_what_a_survey_says_is_not_its_own() -> None:
    names = shelve(
        [
            make_review(
                1, "Pans for Broth Pose Estimation", abstract="Broth pose estimation (BPEST) is hard. BPEST!"
            ),
            make_review(
                2, "Ladle Pose Estimation: A Survey", abstract="Ladle pose estimation (LPEST) is hard. LPEST!"
            ),
        ]
    )
    assert not any(names.lookup(query).is_sure for query in ("BPEST", "LPEST"))


@pytest.mark.parametrize(
    "text",
    [
        f"We propose {'aaaaaaaaaaaaaaa ' * 9}({'A' * 24}). " * 200,
        f"We propose {'A or ' * 4_000}(AOA)",
        "(AB-C) " * 9_000,
    ],
)
def test_abbreviations_of_hostile_texts_end(text: str) -> None:
    """The tries do not multiply, and nothing goes as deep as a text is long."""
    presented_names(text)
    titled_names(text[:2_000], text)


def test_who_presents_a_name_has_it_though_others_use_it_as_much() -> None:
    """Another that presents it as well has as good a claim."""
    owner = make_review(1, "Layers of Pots", abstract="We propose the Hot Attention Net (HANE). HANE! HANE!")
    user = make_review(2, "Lids", abstract="HANE is a baseline. HANE is warm. We beat HANE.")
    rival = make_review(3, "Rims", abstract="We propose the Hard Attention Net (HANE). HANE! HANE!")
    assert sure(shelve([owner, user]), "hane")[0] == 1
    assert not shelve([owner, user, rival]).lookup("hane").is_sure


def test_a_name_that_stands_in_several_titles_is_not_surely_the_longer_one() -> None:
    """PotSLAM may be meant: PotSLAM-2 merely begins so."""
    assert set(offered(FORMS, "potslam")) >= {7, 8, 9}


def test_the_beginning_of_a_known_title_is_not_surely_a_review_that_has_its_words_apart() -> None:
    """It names a paper that is not here; a title that has the words side by side may be meant."""
    query = "Very Deep Convolutional Networks"
    apart = make_review(1, "Deep Pots: Very Convolutional Lids for Networks")
    together = make_review(2, "Lids: Very Deep Convolutional Networks in Kitchens")
    lookup = shelve([apart]).lookup(query)
    assert (lookup.is_sure, [match.review_id for match in lookup.matches]) == (False, [1])
    assert sure(shelve([apart, together]), query)[0] == 2
    assert sure(shelve([apart]), "very convolutional networks")[0] == 1


@pytest.mark.parametrize("query", ["x", "a", "in", "pa"])
def test_less_than_three_letters_are_never_sure(query: str) -> None:
    """Unless a review is called so."""
    assert not FORMS.lookup(query).is_sure
    assert shelve([make_review(1, "T5: Five Pots")]).lookup("t5").is_sure


SPOKEN = shelve(
    [
        make_review(number, f"{name}: A Title of Its Own")
        for number, name in enumerate(
            "SoupNet EfficientLamp MossFormer spoon2vec Chromora ReBoil SeqPan OpenLid WordLoom BERT4Soup CookGAN "
            "SoundPot PosePan".split(),
            1,
        )
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "review_id"),
    [
        ("수프넷", 1),
        ("이피션트램프", 2),
        ("모스포머", 3),
        ("스푼투벡", 4),
        ("크로모라", 5),
        ("리보일", 6),
        ("시퀀스팬", 7),
        ("오픈리드", 8),
        ("워드룸", 9),
        ("버트포수프", 10),
        ("쿡갠", 11),
        ("사운드팟", 12),
        ("포즈팬", 13),
    ],
)
def test_a_latin_name_is_found_as_koreans_write_its_sound(query: str, review_id: int) -> None:
    """Numbers within a name are spoken, seq is 시퀀스, re- is 리, chr keeps its r, -en loses its vowel."""
    assert sure(SPOKEN, query)[0] == review_id


def test_a_part_is_found_by_its_number_whatever_stands_behind_it() -> None:
    """The third part speaks of two, and is not the second."""
    titles = ("Straight Strings", "(K4) Long Strings", "Even 2 Strings")
    names = shelve([make_review(n, f"Kite flying의 기초 ({n}) - {title}") for n, title in enumerate(titles, 1)])
    assert [sure(names, f"kite flying {n}")[0] for n in (1, 2, 3)] == [1, 2, 3]
    assert len(named(names.lookup("kite flying의 기초"))) == 3


@pytest.mark.parametrize("text", ["WaveNet은 빠르다. WaveNet보다 낫다.", "파도보다 낫다."])
def test_a_name_beside_the_papers_own_in_a_title_is_anothers(text: str) -> None:
    """Whether the text uses it often or not: WaveNet itself is not reviewed here."""
    names = shelve([make_review(1, "PuddleFormer: Splashing at WaveNet Speed", abstract=f"PuddleFormer다. {text}")])
    assert offered(names, "wavenet") == [1]
    assert sure(names, "puddleformer")[0] == 1


def shelf_of(title: str, text: str, link: str = "https://shelf.example/1/") -> Names:
    """A review and another that says nothing of its names."""
    first = replace(make_review(1, title, abstract=text), link=link)
    return shelve([first, make_review(2, "Cold Pots")])


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        # made of the title's first words, up to a sign or a preposition
        ("Gentle remote kettle calls", "Calls are slow. GRKC copies once.", "grkc"),
        ("Dual-Pot Filter Kettle: Spoon-Aware Modelling", "DPFK filters. DPFK stirs. DPFK.", "dpfk"),
        ("Single Handled Attention POT: Stop Stirring", "SHA-POT is small. SHA-POT!", "sha-pot"),
        ("2D Kettle Steaming for Kitchens", "The authors present 2D Kettle Steaming (2DKS), which boils.", "2dks"),
        # of the words with which it does so
        ("Unsupervised Soups Using Mixture Invariant Tasting", "MixIT tastes. MixIT is new. MixIT!", "mixit"),
        ("Phase-aware Soups with Deep Complex P-Ot", "DCPot is trained.", "dcpot"),
        ("Using Pots to Train Magnetron-Touring NLP 53B", "MT-NLP is big. MT-NLP. MT-NLP.", "mt-nlp"),
        # presented in other words
        ("Pots of All Kinds", "Propose a method, the auxiliary autopouring pot tasting (A2PT), which pours.", "a2pt"),
        ("Pots for Clarity", "In this paper, the authors presented MonoKettle. MonoKettle waits.", "monokettle"),
        ("Questions of Soup", "We present Ladleva, a language model. Ladleva stirs.", "ladleva"),
        ("Soups of Unknown Kind", "The proposed WavePot uses a lid. WavePot boils.", "wavepot"),
        ("A Real-Time Soup System", "Our kettle diarization system with spoons (KDSS).", "kdss"),
        ("Stirring toward a Target", "The authors propose two soups. TD-POT uses lids. TD-POT, TD-POT.", "td-pot"),
        ("국물을 젓는 법", "이 논문은 새로운 냄비를 제안한다. KettleGAN은 젓는다. KettleGAN이 이긴다.", "kettlegan"),
        # in a title that is all capitals, what the text marks as a name
        ("BROTH GENERALIZATION WITH MIXLADLE", "MixLadle pours. A mixladle stirs, MixLadle waits.", "mixladle"),
        ("Skills in Soup", "They propose semi-stirred skillet generalization (S3G) for this.", "s3g"),
        ("Calming the Noise", "This paper introduces a new soup, G-Stir, which is calm. G-Stir!", "g-stir"),
        ("Seeing and Grasping Soups", "This is the SFPot paper, which won. SFPot boils.", "sfpot"),
        ("국물 보기", "오늘은 SFPot 논문을 리뷰하겠습니다. SFPot은 끓는다.", "sfpot"),
        ("Stirring with Lids", "We propose the Consecutive Batch DropLid Network (CBDL-Net).", "cbdl-net"),
        # the title said again, with its name
        ("A Spoon-Based Kettle Generator", "A Spoon-Based Kettle Generator (SpoonGAN) - 2019", "spoongan"),
        # another name of what it is called
        ("RDPX: Row-Diagonal Pots", "RDPX is fast. RDPX is also known as RAID-PX.", "raid-px"),
        ("RDPX: Row-Diagonal Pots", "RDPX는 RAID-PX라고도 부른다.", "raid-px"),
        ("Diffusion-KET: One Kettle", "DiKET pours. DiKET boils.", "diket"),
        # the words that its own name stands for
        ("DPK (Cold Pots, 2031)", "Salt. DPK（Dented Pots Kettle） boils.", "dented pots kettle"),
        ("DPK: Warm Pots for All", "Its dented pots kettle (DPK) boils.", "dented pots kettle"),
        # a name of mixed letters, said once
        ("Warm Pots for All", "They propose a solution called BurstPot which is a lid.", "burstpot"),
        ("Warm Pots for All", "連続時間で国を煮る potNF を提案している。", "potnf"),
        ("Warm Pots for All", "提案する PoTiC は国を煮る。", "potic"),
        # words, and a word that the text makes a name
        ("Warm Pots for All", "The lid that they propose is called Even Simmer. It is slow.", "even simmer"),
        ("Warm Pots for All", "This paper proposes Ladleva as the first pot. Ladleva stirs.", "ladleva"),
    ],
)  # fmt: skip
def test_a_name_that_the_title_or_a_sentence_explains_is_its_reviews_own(title: str, text: str, name: str) -> None:
    assert sure(shelf_of(title, text), name)[0] == 1


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        # what a part of a phrase abbreviates is what the paper builds on, or its subject
        ("Interrupted Permutation Invariant Tasting for Soups", "PITA is old. PITA! PITA!", "pita"),
        ("Pots for Broth Pose Estimation", "BPEST is hard. BPEST! BPEST!", "bpest"),
        ("Tasting in Harbour Traffic Control", "HTCO is hard. HTCO! HTCO!", "htco"),
        # a part of the paper's own name is another paper's
        ("KET-POT 2: More Pots", "KET-POT was first. KET-POT is old. KET-POT.", "ket-pot"),
        ("Quick K-PAN: Lids", "K-PAN was slow. K-PAN! K-PAN!", "k-pan"),
        # an abbreviation or two names in a title that is all capitals
        ("TASTING BROTH WITH SKP", "SKP is old. SKP boils. SKP stirs.", "skp"),
        ("MIXLADLE FOR BROTHNET", "MixLadle and BrothNet. BrothNet boils. MixLadle stirs.", "mixladle"),
        # its kind, and what it is made of
        ("Warm Pots for All", "We propose DL-based pots. DL-based pots boil. DL-based.", "dl-based"),
        ("Warm Pots for All", "This paper proposed a EG3P[1] version of pots. EG3P boils. EG3P is old.", "eg3p"),
        ("Warm Pots for All", "We propose a pot after OLDPOT. OLDPOT is old. OLDPOT!", "oldpot"),
        ("Warm Pots for All", "We present results, and Boston, a city, is cold. Boston.", "boston"),
        ("Warm Pots for All", "They present results on Street Pot House Numbers (SPHN). SPHN!", "sphn"),
        ("Warm Pots for All", "Unlike the OLDPOT paper, this is slow. OLDPOT is old.", "oldpot"),
        ("국물 보기", "이번 글을 읽기 전에 OLDPOT 논문을 읽어야 한다. OLDPOT은 낡았다.", "oldpot"),
        ("RDPX: Row-Diagonal Pots", "Its rival is also known as RAID-PX. RAID-PX is old.", "raid-px"),
        # the words of another's name
        ("DPK: Warm Pots for All", "It uses the tall old kettle (TOK).", "tall old kettle"),
        (
            "DPK: Warm Pots for All",
            "Unlike previous work on dented pots kettles (DPK), it boils.",
            "dented pots kettles",
        ),
        # said once, and not mixed, or not alone, or not the paper's
        ("Warm Pots for All", "The salt is called BOILS here.", "boils"),
        ("Warm Pots for All", "We propose a Two-Lid pot.", "two-lid"),
        ("Warm Pots for All", "We propose BurstPot. We introduce LidBench.", "lidbench"),
        ("RDPX: Row-Diagonal Pots", "We propose BurstPot.", "burstpot"),
        ("A Survey of Pots", "We propose BurstPot.", "burstpot"),
        ("Warm Pots for All", "Unlike previous work, which proposed a lid called BurstPot, it boils.", "burstpot"),
        ("Warm Pots for All", "This paper proposes Ladleva as usual. Ladleva stirs.", "ladleva"),
    ],
)
def test_a_name_that_nothing_explains_is_not_sure(title: str, text: str, name: str) -> None:
    lookup = shelf_of(title, text).lookup(name)
    assert not lookup.is_sure or squash(lookup.matches[0].name) != squash(name)


def test_a_repository_that_ends_with_a_name_that_the_text_uses_gives_it() -> None:
    header = linked("lab/Tasting-Anything-with-KETL")
    used, unused = "KETL tastes. KETL stirs. KETL rests.", "KETL tastes."
    for text, is_known in ((used, True), (unused, False)):
        names = shelve(
            [make_review(1, "Tasting with Care", abstract=text, header=header), make_review(2, "Cold Pots")]
        )
        assert names.lookup_exact("ketl").is_sure == is_known


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("[리뷰][2024][arXiv][Pot4Tea][Summary] Training Cooks Inside Scalable Kitchens.html", "pot4tea"),
        ("%5B2024%5D%5BKiT%5D%20Scalable%20Kettle%20Models%20for%20Tea.html", "kit"),
        ("Graph Kettles for Web-Scale Cooking - PotSage.html", "potsage"),
        ("How Powerful Are Kettle Networks (GKN)", "gkn"),
        ("KettleGAN_/summary.html", "kettlegan"),
    ],
)
def test_a_page_s_own_name_names_its_paper(page: str, name: str) -> None:
    """In brackets, behind a dash or as the folder of a page that is called like any other's."""
    names = shelf_of("Scalable Cooking", "GKN and KiT boil.", link=f"https://shelf.example/{page}")
    assert sure(names, name)[0] == 1


@pytest.mark.parametrize("page", ["[2024][IEEE] Scalable Kettle Models", "[2024][LLM] Scalable Kettle Models"])
def test_a_publisher_or_a_field_in_a_page_s_name_is_none(page: str) -> None:
    assert not names_of_page(f"https://shelf.example/{page}.html", "Scalable Cooking\nIEEE and LLM.")


def test_the_words_of_a_title_with_its_initials_are_a_name_beside_these() -> None:
    header = "<p><b>Authors</b>: Ada Quill, Bo Lindqvist</p><p><b>Algorithm</b>: SPS</p>"
    named = make_review(1, "Slow Pot-Stirrer: Tasting the Broth of Tall Pots", header=header)
    names = shelve([named, make_review(2, "Cold Pots")])
    for query in ("SPS", "slow pot-stirrer", "슬로우 팟 스터러"):
        assert sure(names, query)[0] == 1, query


SPOKEN_SHELF = shelve(
    make_review(number, title)
    for number, title in enumerate(
        ("Two-Pass Colander Rinsing", "Simmering Nets for One-Shot Tasting", "Kettle Tasting and Tensors"), 1
    )
)


@pytest.mark.parametrize(
    ("word", "heard"),
    [
        ("콜랜더", "colander"),
        ("테이스팅", "tasting"),  # in two titles
        ("시머링을", "simmering"),  # with a particle
        ("텐서스", "tensors"),
        ("스티뮬레이션", None),  # in no title
        ("심하게는", None),  # a Korean word
        ("해도", None),  # too short to be told by its sound
    ],
)
def test_a_long_word_of_a_search_is_a_word_of_a_title_by_its_sound(word: str, heard: str | None) -> None:
    assert SPOKEN_SHELF.heard_word(word) == heard


def test_a_title_that_the_asker_cannot_read_is_not_heard() -> None:
    elsewhere = SPOKEN_SHELF.within(Audience(feeds=frozenset({7}), place=Place.SERVER))
    assert elsewhere.heard_word("콜랜더") is None
