"""Pictures of messages: Discord's Markdown and each kind of component as HTML, and nothing foreign as markup."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import UTC, datetime
from html import unescape
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures import browser
from tests.pictures.markdown import Reader, render_inline, render_text
from tests.pictures.messages import COMPONENTS_V2, EPHEMERAL, Shown, UnknownComponentError, render_message
from tests.pictures.page import PHONE, render_page
from tests.pictures.png import write_png
from tests.pictures.scenes import LOCALES, SCENES, Choose, Member, Scene, SceneError, run_sample

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
READER = Reader(now=NOW, names={2: "papers"})
KOREAN = Reader(now=NOW, language="ko")
URL = "https://a.example/x"
STAMP = int(NOW.timestamp())


def mention(text: str) -> str:
    return f'<span class="mention">{text}</span>'


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("**b** *i* _i_ __u__ ~~s~~", "<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>"),
        ("***bi***", "<strong><em>bi</em></strong>"),
        ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
        ("**환각**을", "<strong>환각</strong>을"),
        ("__**m**__", "<u><strong>m</strong></u>"),
        ("||x||", '<span class="spoiler">x</span>'),
        ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
        (
            r"\*a\* \[b\](https://x) \\ \a \<@1>",
            r'*a* [b](<a href="https://x">https://x</a>) \ \a &lt;@1&gt;',
        ),
        ("`a**b**`", '<code class="inline">a**b**</code>'),
        ("`` `a` ``", '<code class="inline">`a`</code>'),
        (f"[l **b**]({URL})", f'<a href="{URL}">l <strong>b</strong></a>'),
        (f"[a [b] c](<{URL}_(d)>)", f'<a href="{URL}_(d)">a [b] c</a>'),
        (rf"[a \] b]({URL})", f'<a href="{URL}">a ] b</a>'),
        (f"see {URL}.", f'see <a href="{URL}">{URL}</a>.'),
        (f"<{URL}>", f'<a href="{URL}">{URL}</a>'),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        (f"[https://b.example]({URL})", f"[https://b.example]({URL})"),
        (
            "<@1> <@!1> <#2> <#3> <@&4>",
            " ".join(map(mention, ("@member", "@member", "#papers", "#channel", "@role"))),
        ),
        ("</feed add:5> @here", f"{mention('/feed add')} {mention('@here')}"),
        ("<:tag:12>", ":tag:"),
    ],
)
def test_a_line_is_drawn_as_discord_reads_it(text: str, drawn: str) -> None:
    assert render_inline(text, READER) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("# a\n\n## b\n### c", "<h1>a</h1><h2>b</h2><h3>c</h3>"),
        ("#### a", "<div>#### a\n</div>"),
        ("# # a", "<div># # a\n</div>"),
        ("  ## a", "<h2>a</h2>"),
        ("-# small **b**", '<div class="subtext">small <strong>b</strong></div>'),
        ("a\nb\n\nc", "<div>a\nb\n\nc\n</div>"),
        ("**a\nb**", "<div><strong>a\nb</strong>\n</div>"),
        ("> a\n> b\nc", "<blockquote><div>a\nb\n</div></blockquote><div>c\n</div>"),
        (">>> a\n- b", "<blockquote><div>a\n</div><ul><li>b</li></ul></blockquote>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n  - b\n    - c\n- d", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>"),
        ("3. a\n4. b\n   * c", '<ol start="3"><li>a</li><li>b<ul><li>c</li></ul></li></ol>'),
        ("- a\n  more", "<ul><li>a\nmore</li></ul>"),
        ("a\n```py\n*x*\n\ny\n```\nb", "<div>a\n</div><pre><code>*x*\n\ny</code></pre><div>b\n</div>"),
        ("```x```", "<pre><code>x</code></pre>"),
        ("", ""),
    ],
)
def test_blocks_are_drawn_as_discord_reads_them(text: str, drawn: str) -> None:
    assert render_text(text, READER) == drawn


@pytest.mark.parametrize(
    ("mark", "english", "korean"),
    [
        (f"<t:{STAMP}>", "June 1, 2026 12:00 PM", "2026년 6월 1일 오후 12:00"),
        (f"<t:{STAMP}:t>", "12:00 PM", "오후 12:00"),
        (f"<t:{STAMP}:d>", "6/1/2026", "2026. 6. 1."),
        (f"<t:{STAMP - 3 * 86_400}:R>", "3 days ago", "3일 전"),
        (f"<t:{STAMP + 60}:R>", "in 1 minute", "1분 후"),
        (f"<t:{STAMP}:R>", "0 seconds ago", "0초 전"),
    ],
)
def test_times_are_written_in_the_readers_language(mark: str, english: str, korean: str) -> None:
    assert render_inline(mark, READER) == f'<span class="timestamp">{english}</span>'
    assert render_inline(mark, KOREAN) == f'<span class="timestamp">{korean}</span>'


@given(st.text(alphabet=st.sampled_from("<>&\"'`*_~|[]()\\#->. \nab1/:@t환") | st.characters(codec="utf-8")))
def test_no_text_becomes_markup_of_its_own(text: str) -> None:
    """Every tag is one of ours, and every < of the text arrives as text or is part of a mention or link."""
    drawn = render_text(text, READER)
    ours = (
        r"</?(?:h[123]|ul|ol|li|pre|code|blockquote|div|strong|em|u|s|span|a)(?: (?:class|href|start)=\"[^\"<>]*\")?>"
    )
    assert not re.search(r"[<>]", re.sub(ours, "", drawn))


@given(st.lists(st.sampled_from(["a", "환각", "1", " ", "\\", "*", "_", "<", "&", "[", "`"]), max_size=30))
def test_what_is_escaped_is_shown_as_it_was(parts: list[str]) -> None:
    text = "".join(parts)
    escaped = re.sub(r"[\\*_<&\[`]", r"\\\g<0>", text)
    assert unescape(render_inline(escaped, READER)) == text


# ── messages ────────────────────────────────────────────────────────────────────────────────────


def draw(*components: dict[str, Any], **files: bytes) -> str:
    body = {"flags": COMPONENTS_V2, "components": list(components)}
    return render_message(Shown(body=body, files={f"{name}.png": data for name, data in files.items()}), READER)


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def row(*inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(inner)}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "custom_id": "x", "label": "Open"} | fields


def gallery(count: int) -> dict[str, Any]:
    items = [{"media": {"url": URL}, "description": f"picture {number}"} for number in range(count)]
    return {"type": 12, "items": items}


def test_an_embed_shows_each_of_its_parts() -> None:
    embed = {
        "title": "A **title**", "url": URL, "description": "# Said", "color": 0x57F287, "author": {"name": "By"},
        "fields": [{"name": "Name", "value": "- value", "inline": True}], "footer": {"text": "*foot*"},
        "timestamp": "2026-03-16T04:30:00+00:00", "image": {"url": URL}, "thumbnail": {"url": URL},
    }  # fmt: skip
    drawn = render_message(Shown(body={"content": "<@1>", "embeds": [embed]}), READER)
    for part in (
        mention("@member"), f'<a href="{URL}">A <strong>title</strong></a>', "<h1>Said</h1>", "#57f287", "By",
        '<div class="field inline"><b>Name</b><div class="markup"><ul><li>value</li></ul>', "*foot* • 3/16/2026",
    ):  # fmt: skip
        assert part in drawn
    assert drawn.count("placeholder") == 2


def test_a_container_shows_what_is_in_it_with_its_colour() -> None:
    drawn = draw({"type": 17, "accent_color": 255, "components": [text("## In it"), {"type": 14}]}, text("below"))
    assert '<div class="container card accented" style="border-left-color:#0000ff">' in drawn
    assert drawn.index("<h2>In it</h2>") < drawn.index("<hr>") < drawn.index("below")


@pytest.mark.parametrize(
    ("fields", "drawn"),
    [
        ({"style": 1}, '<button class="primary"><span>Open</span></button>'),
        ({"style": 3, "disabled": True}, '<button class="success" disabled><span>Open</span></button>'),
        ({"style": 4, "emoji": {"name": "🔖"}, "label": None}, '<button class="danger"><span>🔖</span></button>'),
        ({"style": 5, "url": URL}, '<button class="link"><span>Open</span><span class="arrow">↗</span></button>'),
    ],
)
def test_each_style_of_button_is_drawn(fields: dict[str, Any], drawn: str) -> None:
    assert drawn in draw(row(button(**fields)))


def test_a_menu_shows_what_is_chosen_or_its_placeholder() -> None:
    menu = {"type": 3, "custom_id": "x", "placeholder": "Sections", "options": [{"label": "One", "value": "1"}]}
    assert "<span>Sections</span>" in draw(row(menu))
    menu["options"] = [{"label": "One", "value": "1", "default": True}]
    assert "<span>One</span>" in draw(row(menu))
    channels = {"type": 8, "custom_id": "x", "default_values": [{"id": "2", "type": "channel"}]}
    assert f"<span>{mention('#papers')}</span>" in draw(row(channels))
    assert "<span>Make a selection</span>" in draw(row({"type": 6, "custom_id": "x"}))


def test_a_section_shows_its_texts_beside_its_accessory() -> None:
    picture = {"type": 11, "media": {"url": URL}, "description": "figure 1"}
    drawn = draw({"type": 9, "components": [text("a"), text("b")], "accessory": picture})
    assert drawn.index("a\n") < drawn.index("b\n") < drawn.index("figure 1")
    assert "<button" in draw({"type": 9, "components": [text("a")], "accessory": button()})


@pytest.mark.parametrize("count", range(1, 11))
def test_a_gallery_shows_all_of_its_pictures_in_order(count: int) -> None:
    assert re.findall(r"picture (\d)", draw(gallery(count))) == [str(number) for number in range(count)]


@pytest.mark.parametrize("count", [0, 11])
def test_a_gallery_that_discord_refuses_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 10 items"):
        draw(gallery(count))


def test_a_picture_that_came_along_is_shown_and_no_other_is_fetched() -> None:
    own = {"type": 12, "items": [{"media": {"url": "attachment://formula.png"}, "description": "x²"}]}
    assert '<img src="data:image/png;base64,UE5H" alt="x²">' in draw(own, formula=b"PNG")
    assert "src=" not in draw(own)
    assert "src=" not in draw(gallery(1))


def test_a_file_a_spoiler_and_a_separator_are_drawn() -> None:
    drawn = draw({"type": 13, "file": {"url": "attachment://feeds.png"}, "spoiler": True}, feeds=b"x" * 2048)
    assert "feeds.png" in drawn
    assert "2.00 KB" in drawn
    assert "veiled" in drawn
    assert '<div class="separator large"></div>' in draw({"type": 14, "spacing": 2, "divider": False})


@pytest.mark.parametrize(
    ("component", "where"),
    [
        ({"type": 99}, "a message"),
        ({"type": 17, "components": [{"type": 17}]}, "a container"),
        ({"type": 1, "components": [{"type": 10}]}, "an action row"),
        ({"type": 9, "components": [], "accessory": {"type": 3}}, "a section's accessory"),
        (row(button(style=9)), "an action row"),
    ],
)
def test_an_unknown_component_is_named_with_its_place(component: dict[str, Any], where: str) -> None:
    with pytest.raises(UnknownComponentError, match=where) as raised:
        draw(component)
    assert "tests/pictures/messages.py" in str(raised.value)


def test_v2_components_without_their_flag_are_an_error() -> None:
    with pytest.raises(UnknownComponentError, match="without the flag"):
        render_message(Shown(body={"components": [text("a")]}), READER)


def test_foreign_text_is_escaped_wherever_it_stands() -> None:
    bad = '<script>"x"</script>'
    embed = {
        "title": bad, "url": f"{URL}?{bad}", "description": bad, "footer": {"text": bad}, "author": {"name": bad},
        "fields": [{"name": bad, "value": bad}],
    }  # fmt: skip
    menu = {"type": 3, "custom_id": bad, "placeholder": bad, "options": []}
    thumbnail = {"type": 11, "media": {"url": bad}, "description": bad}
    classic = Shown(body={"content": bad, "embeds": [embed]}, used_by=bad, command=bad)
    drawn = render_message(classic, READER) + draw(
        text(bad), row(button(label=bad, emoji={"name": bad})), row(menu), {"type": 13, "file": {"url": bad}},
        {"type": 9, "components": [text(bad)], "accessory": thumbnail},
    )  # fmt: skip
    assert "<script" not in drawn
    assert drawn.count("&lt;script&gt;") >= 15


def test_a_private_answer_says_so_in_the_members_language() -> None:
    shown = Shown(body={"content": "x", "flags": EPHEMERAL}, used_by="보라", command="paper")
    assert "Only you can see this" in render_message(shown, READER)
    assert "used <i>/paper</i>" in render_message(shown, READER)
    assert "나만 볼 수 있는" in render_message(shown, KOREAN)
    assert "Only you" not in render_message(Shown(body={"content": "x"}), READER)


def test_a_page_holds_its_messages_in_order() -> None:
    page = render_page(["<p>1", "<p>2"], PHONE)
    assert '<body class="phone"><p>1<p>2</body>' in page


# ── files ───────────────────────────────────────────────────────────────────────────────────────


def read_png(data: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The pixels of a picture with a palette and no filters."""
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + content) == struct.unpack_from(">I", data, at + 8 + size)[0]
        chunks[kind] = content
        at += size + 12
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    palette: np.ndarray[Any, np.dtype[np.uint8]] = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    return palette[rows[:, 1:]]


def test_a_picture_of_few_colours_keeps_each_pixel() -> None:
    pixels = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)
    assert (read_png(write_png(pixels)) == pixels).all()


def test_a_picture_of_many_colours_keeps_the_commonest_and_is_near_in_the_others() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (60, 40, 3), np.uint8)
    pixels[:50] = (0x31, 0x33, 0x38)
    read = read_png(write_png(pixels))
    assert (read[:50] == pixels[:50]).all()
    assert np.abs(read[50:].astype(int) - pixels[50:]).max() < 64


# ── the command ─────────────────────────────────────────────────────────────────────────────────


def test_every_picture_has_a_file_of_its_own() -> None:
    names = [s.file_name(lang, port) for s in SCENES for lang in s.languages for port in s.viewports]
    assert len(set(names)) == len(names)
    assert {"paper-phone-ko.png", "announcement-desktop.png"} <= set(names)


@pytest.mark.parametrize("language", LOCALES)
async def test_every_scene_can_be_played_and_drawn_in_its_languages(language: str) -> None:
    async with run_sample(language) as discord:
        member = Member(discord, language)
        for scene in (scene for scene in SCENES if language in scene.languages):
            drawn = render_message(await member.play(scene), member.reader)
            assert len(drawn) > 400, scene.name
        with pytest.raises(SceneError, match="no button and no menu has 'Nowhere'"):
            await member.play(Scene(name="lost", steps=(*SCENES[0].steps, Choose("Nowhere"))))


def test_without_a_browser_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(browser.BrowserError, match="apt install chromium"):
        browser.find_chromium()
    with pytest.raises(browser.BrowserError, match="/nowhere was not found"):
        browser.find_chromium("/nowhere")
