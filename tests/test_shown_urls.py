"""Which addresses are sent to Discord as pictures, and which are only linked."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.models.reviews import Block, BlockKind
from bot.ui.discord.limits import EMBED_URL
from bot.ui.discord.markdown import clean_url
from bot.ui.discord.pages import MIN_PAGE, Room, draw_pages
from bot.ui.discord.pictures import shown_url

BASE = "https://boats.example/"


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}hull.png",
        "http://boats.example/hull.JPG?w=800",
        f"{BASE}hull",
        f"{BASE}돛 그림.png",
        f"{BASE}svg/hull.png",
        f"{BASE}hull.svg.png",
        f"{BASE}hull.png?from=hull.svg",
        f"{BASE}hull.png#.svg",
        "https://돛.example/hull.png",
        "https://boats.example:8443/hull.png",
        "https://8.8.8.8/hull.png",
        "https://10.boats.example/hull.png",
        "https://local.example/hull.png",
        "https://localhost.example/hull.png",
        "https://img.shields.io/badge/boats-4-blue.png",
        "https://latex.codecogs.com/png.latex?x",
        BASE + "h" * (EMBED_URL - len(BASE)),
        " https://boats.example/hull.png ",
    ],
)
def test_picture_is_shown(url: str) -> None:
    """A public address of what may be a picture."""
    assert shown_url(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "hull.png",
        "/hull.png",
        "//boats.example/hull.png",
        "data:image/png;base64,AAAA",
        "ftp://boats.example/hull.png",
        "javascript:alert(1)",
        "attachment://hull.png",
        # not drawn by Discord
        f"{BASE}hull.svg",
        f"{BASE}hull.SVG?raw=true",
        f"{BASE}hull.svgz",
        f"{BASE}hull%2Esvg",
        f"{BASE}hull.svg/",
        f"{BASE}hull?format=svg",
        f"{BASE}hull?a=1&wx_fmt=svg",
        f"{BASE}hull?type=image%2Fsvg%2Bxml",
        "https://latex.codecogs.com/svg.latex?x",
        "https://img.shields.io/badge/boats-4-blue",
        # with credentials
        "https://ada@boats.example/hull.png",
        "https://ada:quill@boats.example/hull.png",
        "https://@boats.example/hull.png",
        # not on the internet
        "http://localhost/hull.png",
        "http://localhost:8000/hull.png",
        "http://LOCALHOST/hull.png",
        "http://boats/hull.png",
        "http://boats.local/hull.png",
        "http://Boats.LOCAL/hull.png",
        "http://boats.localhost/hull.png",
        "http://boats.internal/hull.png",
        "http://boats.lan/hull.png",
        "http://boats.home.arpa/hull.png",
        "http://127.0.0.1/hull.png",
        "http://127.8.9.1:8000/hull.png",
        "http://127.1/hull.png",
        "http://0x7f.1/hull.png",
        "http://0177.0.0.1/hull.png",
        "http://2130706433/hull.png",
        "http://10.1.2.3/hull.png",
        "http://172.16.0.1/hull.png",
        "http://192.168.0.1/hull.png",
        "http://169.254.169.254/hull.png",
        "http://0.0.0.0/hull.png",
        "http://[::1]/hull.png",
        "http://[2001:db8::1]/hull.png",
        "http://[",
        "http:///hull.png",
        "https://boats.example:x/hull.png",
        BASE + "h" * (EMBED_URL - len(BASE) + 1),
        BASE + "돛" * (EMBED_URL // 9),
    ],
)
def test_picture_is_not_shown(url: str | None) -> None:
    """Discord would refuse the message, or show a broken picture."""
    assert not shown_url(url)


def test_the_first_figure_that_can_be_shown_is_shown() -> None:
    """An SVG before it stays a link in the text."""
    urls = ("data:image/png;base64,AAAA", f"{BASE}hull.svg", f"{BASE}돛.png", f"{BASE}sail.png")
    (page,) = draw_pages(
        [tuple(Block(kind=BlockKind.FIGURE, url=url) for url in urls)], room=Room(characters=MIN_PAGE)
    )
    assert page.figure_url == clean_url(f"{BASE}돛.png")
    assert f"({BASE}hull.svg)" in page.text
    (page,) = draw_pages([(Block(kind=BlockKind.FIGURE, url=f"{BASE}hull.svg"),)], room=Room(characters=MIN_PAGE))
    assert page.figure_url is None


@example(host="0.-/", path="")
@given(host=st.text("ab.-0123456789xLl:@[]돛/", max_size=20), path=st.text(max_size=20))
def test_any_address_is_judged(host: str, path: str) -> None:
    """Nothing raises, and what is shown has an address that can be sent."""
    for url in (f"http://{host}/{path}", path):
        assert shown_url(url) in (None, clean_url(url))
    assert not shown_url(f"http://{host.replace('/', '')}.local/{path}")
    assert not shown_url(f"https://boats.example/{path.replace('?', '').replace('#', '')}.svg")
