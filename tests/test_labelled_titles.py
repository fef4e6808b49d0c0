"""The paper's title in a list of facts, in a post that is titled by a name or in another language."""

from __future__ import annotations

import pytest

from bot.models.index import NameKind
from bot.reading.documents import read_entries
from bot.reviews.labelled_titles import find_labelled_title
from bot.reviews.parsing import parse_review
from tests.factories import make_entry

PAPER = "Kettle: Warm Tea for Patient Boats"


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("Kettle paper summary", f"<h2>1. 논문 정보</h2><p>제목: {PAPER}</p><p>저자: Ada Quill, Bo Roh</p>"),
        ("Kettle", f"<ul><li><b>Title</b>: “{PAPER}”</li><li>Authors: Ada Quill, Bo Roh</li></ul><h2>A</h2>"),
        ("따뜻한 배 논문 정리", f"<p>저자: Ada Quill, Bo Roh<br>논문 제목: {PAPER}</p>"),
        ("ケトル", f"<p>タイトル：{PAPER}</p><p>著者：Ada Quill, Bo Roh</p>"),
        ("茶壶 论文笔记", f"<p>标题：{PAPER}</p><p>作者：Ada Quill, Bo Roh</p>"),
        ("Kettle: Warm Tea for Patient Boats at Sea", f"<p>Title: {PAPER}</p><p>Authors: Ada Quill, Bo Roh</p>"),
    ],
)
def test_a_label_next_to_the_authors_gives_the_papers_title(title: str, html: str) -> None:
    assert find_labelled_title(parse_review(make_entry(1, title=title, html=html))) == PAPER


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("Kettle", f"<p>제목: {PAPER}</p><p>오늘은 배를 묶는다.</p>"),
        (
            "Two papers",
            f"<p>Title: {PAPER}</p><p>Authors: Ada Quill</p><p>Title: Cold Soup for Boats</p><p>Authors: Bo Roh</p>",
        ),
        ("Cold Soup for Old Sailors", f"<p>Title: {PAPER}</p><p>Authors: Ada Quill, Bo Roh</p>"),
        ("Kettle", "<p>제목: 끓는 주전자</p><p>저자: Ada Quill, Bo Roh</p>"),
        ("Kettle", "<p>Title: Kettle</p><p>Authors: Ada Quill, Bo Roh</p>"),
        ("Kettle", f"<h2>A</h2>t<h2>B</h2>t<h2>C</h2>t<h2>D</h2><p>Title: {PAPER}</p><p>Authors: Ada Quill</p>"),
        ("Kettle", "<p>오늘은 배를 묶는다.</p>"),
    ],
)
def test_other_labels_give_none(title: str, html: str) -> None:
    assert find_labelled_title(parse_review(make_entry(1, title=title, html=html))) is None


def test_a_post_is_found_by_the_labelled_title_and_by_what_the_field_calls_it() -> None:
    html = "<p>제목: Deep Residual Learning for Image Recognition</p><p>저자: Ada Quill, Bo Roh</p>"
    (read,) = read_entries([make_entry(1, title="깊은 배 정리", html=html)])
    names = {name.key: name.kind for name in read.index.names}
    assert names["deepresiduallearningforimagerecognition"] is NameKind.TITLE
    assert names["resnet"] is NameKind.KNOWN
    assert "residu" in read.index.text.title
