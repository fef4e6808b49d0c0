"""The links and identifiers that a message mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.mentions import find_mentions


def found(*texts: str, names: tuple[str, ...] = (), most: int = 10) -> list[str]:
    return [mention.text for mention in find_mentions(texts, names=names, most=most)]


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("read https://arxiv.org/abs/2401.00001v2.", ["https://arxiv.org/abs/2401.00001v2"]),
        ("(see <https://arxiv.org/pdf/2401.00001>)", ["https://arxiv.org/pdf/2401.00001"]),
        ("[this](https://openreview.net/forum?id=abcDEF_123), ok", ["https://openreview.net/forum?id=abcDEF_123"]),
        ("||https://aclanthology.org/2024.acl-long.7/||", ["https://aclanthology.org/2024.acl-long.7/"]),
        ("arXiv:2401.00001 and arxiv 2401.00002!", ["arXiv:2401.00001", "2401.00002"]),
        ("doi:10.1234/lamps.5, twice 10.1234/LAMPS.5", ["doi:10.1234/lamps.5"]),
        ("2401.00001 = https://huggingface.co/papers/2401.00001", ["https://huggingface.co/papers/2401.00001"]),
        ("이 글 www.reviews.example/2024/lantern-1/ 봤어요?", ["www.reviews.example/2024/lantern-1/"]),
        ("costs 12.50, version 3.14, model B12-3456, 2024-01-01", []),
        ("https://discord.com/channels/1/2/3 https://tenor.com/view/cat", []),
        ("http://[ and https:// and www.", []),
        ("", []),
    ],
)
def test_links_and_identifiers_are_read(text: str, mentions: list[str]) -> None:
    assert found(text) == mentions


def test_each_paper_and_page_counts_once() -> None:
    """However its address is written, and wherever in the message it stands."""
    texts = (
        "https://arxiv.org/abs/2401.00001 https://www.alphaxiv.org/abs/2401.00001v1",
        "https://reviews.example/a/?utm_source=x",
        "http://www.reviews.example/a",
        "https://doi.org/10.48550/arXiv.2401.00001",
    )
    assert found(*texts) == ["https://arxiv.org/abs/2401.00001", "https://reviews.example/a/?utm_source=x"]


def test_papers_come_before_other_pages() -> None:
    """So that the limit leaves out what is least likely to be reviewed."""
    pages = " ".join(f"https://site.example/{number}" for number in range(12))
    assert found(f"{pages} 2401.00001", most=3) == ["2401.00001", "https://site.example/0", "https://site.example/1"]


def test_files_count_if_they_are_called_by_an_arxiv_number() -> None:
    assert found(names=("2401.00001v3.pdf", "2401.00001.PDF", "slides.pdf", "2023.acl-long.1.pdf")) == ["2401.00001"]


@given(st.lists(st.text(st.sampled_from("htps:/w.arxiv2401.0()[]<>|%é한 ")), max_size=5), st.integers(0, 10))
def test_any_text_can_be_read(texts: list[str], most: int) -> None:
    mentions = find_mentions(texts, most=most)
    assert len(mentions) <= most
    assert all(any(mention.text in text for text in texts) for mention in mentions)
