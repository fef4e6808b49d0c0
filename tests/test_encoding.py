"""Decoding and repair: whatever bytes come, the library gets well-formed XML with every letter in it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading import repair as repairing
from bot.reading.encoding import decode, repair_text
from bot.reading.repair import first_element, repair

KOREAN = "[논문리뷰] 뷁의 눈물: Don’t “count” 가나다라 마바사"  # 뷁 is in CP949 and not in EUC-KR
ASCII_KOREAN = "[논문리뷰] 눈물: 가나다라 마바사"


def _xml(text: str, *, encoding: str | None = None) -> str:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding else ""
    return f"{declaration}<rss><channel><title>{text}</title></channel></rss>"


def _repaired(text: str) -> str:
    repaired = repair(text)
    assert repaired is not None
    ET.fromstring(repaired.xml)  # noqa: S314 - well-formed, or this raises
    return repaired.xml


# ── charsets ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "codec", "declared", "content_type"),
    [
        # UTF-8 is UTF-8, whatever a label says
        (KOREAN, "utf-8", "utf-8", "text/xml; charset=utf-8"),
        (KOREAN, "utf-8", "euc-kr", None),
        (KOREAN, "utf-8", None, "text/xml; charset=ISO-8859-1"),
        (KOREAN, "utf-8", "no-such-charset", 'text/xml; charset="'),
        # byte-order marks, and UTF-16 and UTF-32 without one
        (KOREAN, "utf-8-sig", "euc-kr", None),
        (KOREAN, "utf-16", "utf-8", None),
        (KOREAN, "utf-16-le", "utf-16", None),
        (KOREAN, "utf-16-be", None, None),
        (KOREAN, "utf-32", None, None),
        (KOREAN, "utf-32-le", None, None),
        (KOREAN, "utf-32-be", None, None),
        # Korean under each of its names, under none, and under a wrong one
        (KOREAN, "cp949", "cp949", None),
        (KOREAN, "cp949", "euc-kr", None),
        (KOREAN, "cp949", "ks_c_5601-1987", None),
        (KOREAN, "cp949", None, "text/xml; charset=EUC-KR"),
        (KOREAN, "cp949", "windows-949", None),
        (ASCII_KOREAN, "euc-kr", None, None),
        (ASCII_KOREAN, "euc-kr", "utf-8", "text/xml; charset=utf-8"),
        (ASCII_KOREAN, "euc-kr", "utf-8", "text/xml; charset=ISO-8859-1"),
        (ASCII_KOREAN, "euc-kr", None, "text/xml; charset=us-ascii"),
        ("Größe", "cp1252", None, "text/xml; CHARSET=ISO-8859-1"),
        # others, as the web means them
        ("Don’t “count” waves", "cp1252", "iso-8859-1", None),
        ("Don’t count the waves", "cp1252", "us-ascii", None),
        ("日本語のブログ①", "cp932", "shift_jis", None),
        ("日本語のブログ", "euc_jp", "euc-jp", None),
        ("论文阅读笔记镕", "gb18030", "gb2312", None),
        ("Заметки о статьях", "koi8-r", "koi8-r", None),
        ("Заметки о статьях", "cp1251", None, "application/rss+xml; charset=windows-1251"),
    ],
)
def test_charset_rules(text: str, codec: str, declared: str | None, content_type: str | None) -> None:
    document = _xml(text, encoding=declared)
    assert decode(document.encode(codec), content_type) == document


def test_windows_quotes_are_not_taken_for_korean() -> None:
    """0x92 and the letter behind it are a valid pair of CP949, though of a rare syllable."""
    assert "Don’t" in decode(_xml("Don’t and won’t and can’t").encode("cp1252"))


def test_unlabelled_cyrillic_is_detected() -> None:
    text = "Заметки о статьях: большие языковые модели и поиск. " * 5
    assert text in decode(_xml(text).encode("cp1251"))
    assert text in decode(_xml("a" * 100_000 + text).encode("cp1251"))  # far behind the beginning


def test_one_bad_byte_does_not_change_the_charset() -> None:
    """Bodies are cut in the middle of a character, and old posts hold single bytes of another charset."""
    assert decode(_xml("가나다라마바사아자차카타파하" * 3).encode()[:-24] + b"\xff").count("\ufffd") == 1
    assert decode("가나다라마바사아자차카타파하".encode() * 3 + "가".encode()[:2]).startswith("가나다")
    assert "가나다" in decode(b"\xb0\xa1\xb3\xaa\xb4\xd9" * 20 + b"\xff", "text/xml; charset=euc-kr")


@pytest.mark.parametrize("label", ["punycode", "unicode_escape", "zlib", "idna", "utf-7", "os.path", "a" * 5000])
def test_a_server_cannot_choose_any_codec(label: str) -> None:
    assert "rss" in decode(b"<rss>\xb0\xa1\xe9 \\x41</rss>", f"text/xml; charset={label}")


def test_two_marks_and_forbidden_characters_go() -> None:
    assert decode("\ufeff\ufeff<rss>a\x00b\x0cc\ufffe\td</rss>".encode()) == "<rss>abc\td</rss>"


# ── references ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("served", "text"),
    [
        ("R&D at AT&T", "R&D at AT&T"),
        ("R&D; at AT&amp;T", "R&D; at AT&T"),
        ("a & b && c &", "a & b && c &"),
        ("caf&eacute;&nbsp;&hellip; &Alpha;", "café\xa0… Α"),
        ("&lt;mask&gt; &LT;b&GT; &AMP;", "<mask> <b> &"),
        ("&quot;&apos;&#39;&#x27;", "\"'''"),
        ("&xxe; &unknown;", "&xxe; &unknown;"),
        ("&#xD55C;&#44544;", "한글"),
        ("&#xD83D;&#xDE00;", "😀"),  # one emoji as two halves
        ("&#xD83D; &#56832;", "\ufffd \ufffd"),
        ("&#128; &#146; &#159;", "€ ’ Ÿ"),
        (
            "&#x10FFFF;|&#x10ffff;|&#1114112;",
            "\U0010ffff|\U0010ffff|\ufffd",
        ),  # the last code point, and one behind it
        ("&#0;&#1;&#xFFFE;a&#x110000;&#999999999;", "a\ufffd\ufffd"),
        ("&#60;p&#62; &#38;", "<p> &"),
        ("a < b <= c <3 <http://x.example> <한글>", "a < b <= c <3 <http://x.example> <한글>"),
        ("a ]]> b", "a ]]> b"),
        ("<![CDATA[R&D <b> &amp;]]> & <![CDATA[]]]]><![CDATA[>]]>", "R&D <b> &amp; & ]]>"),
        ("a<!-- </title></rss> & -->b<?php </rss> ?>c", "abc"),
        ("<![CDATA[</rss><!--]]>", "</rss><!--"),
        ("a <![CDATA[ never closed", "a  never closed"),
        ("a <!-- never closed", "a  never closed"),
    ],
)
def test_texts_are_read_as_meant(served: str, text: str) -> None:
    xml = _repaired(_xml(served))
    assert ET.fromstring(xml).findtext("channel/title") == text  # noqa: S314


def test_json_surrogates_are_joined() -> None:
    assert repair_text("\ud83d\ude00 \ud83d \x00가") == "😀 \ufffd 가"


# ── structure ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        # end tags that are missing, too many or crossed
        ("<rss><channel><a><b>x</a></channel></rss>", "<rss><channel><a><b>x</b></a></channel></rss>"),
        ("<rss></b><channel></rss>", "<rss><channel></channel></rss>"),
        ("<rss><item><p>x<item>y</item></rss>", "<rss><item><p>x</p></item><item>y</item></rss>"),
        ("<RSS><Channel></channel></rss>", "<RSS><Channel></Channel></RSS>"),
        ("<rss><d>a<br>b</br>c<hr/></d></rss>", "<rss><d>a<br/>bc<hr/></d></rss>"),
        # attributes unquoted, twice, without value, with bare ampersands
        ('<rss a=1 b a="2" c=\'"\' d="x&y"></rss>', '<rss a="1" b="" c="&quot;" d="x&amp;y"></rss>'),
        ('<rss><a x="1 > 0"/></rss>', '<rss><a x="1 > 0"/></rss>'),
        # prefixes undeclared
        (
            "<rss><content:encoded>x</content:encoded></rss>",
            '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><content:encoded>x</content:encoded></rss>',
        ),
        ('<rss xmlns:a=""><a:b/></rss>', '<rss xmlns:a="urn:a"><a:b/></rss>'),
        # what stands before and behind
        ('<br />\n<b>Warning</b>: x\n<?xml version="1.0"?>\n<!-- <rss> --><rss>y</rss>', "<rss>y</rss>"),
        ('<!DOCTYPE rss [<!ENTITY a "<rss>]>">]><rss>&a;</rss>', "<rss>&amp;a;</rss>"),
        ("<rss>x</rss><rss>y</rss>", "<rss>x</rss>"),
        ("<feed><feed>x</feed>y</feed>z", "<feed><feed>x</feed>y</feed>"),
        # what describes a picture is not the entry's
        (
            "<rss><media:title>x</media:title></rss>",
            "<rss><unread-media-title>x</unread-media-title></rss>",
        ),
        ("<rss/>", "<rss></rss>"),
    ],
)
def test_structure_is_mended(served: str, expected: str) -> None:
    assert _repaired(served) == expected


def test_a_second_document_is_named() -> None:
    repaired = repair("<rss><channel/></rss>\n<!-- x -->\n<urlset><url/></urlset>")
    assert repaired is not None
    assert repaired.problems == ("After </rss> another document (<urlset>) follows; it was ignored.",)


def test_an_end_tag_in_cdata_or_comment_ends_nothing() -> None:
    served = "<rss><item><d><![CDATA[</d></item></rss>]]></d><!-- </rss> --></item><item/></rss>"
    repaired = repair(served)
    assert repaired is not None
    assert repaired.items_seen == 2
    assert not repaired.problems


def test_an_unfinished_entry_is_left_for_the_next_time() -> None:
    """Its guid may come after the cut, and without it the same entry would be another one."""
    repaired = repair("<rss><channel><item><t>a</t></item><item><t>b</t><d>half")
    assert repaired is not None
    assert repaired.xml == "<rss><channel><item><t>a</t></item></channel></rss>"
    assert repaired.is_cut
    assert repaired.problems == ("The document breaks off before </rss>; it was read up to there.",)


def test_an_element_closed_in_itself_ends_no_entry() -> None:
    repaired = repair("<rss><item><t>a</t></item><item>b<br/>half")
    assert repaired is not None
    assert repaired.xml == "<rss><item><t>a</t></item></rss>"


@pytest.mark.parametrize("text", ["", "hello", "<html><rss></rss></html>", "<urlset/>", "<!-- <rss> -->", "</rss>"])
def test_no_feed_no_repair(text: str) -> None:
    assert repair(text) is None


def test_first_element_skips_comments_and_declarations() -> None:
    assert first_element('<?xml version="1.0"?><!-- <a> --><!DOCTYPE b><sitemap:urlset x="1">') == "sitemap:urlset"
    assert first_element("no markup < here") is None


# ── limits: asserted on the size of what is handed on, not on seconds ───────────────────────────


def test_items_beyond_the_limit_are_cut() -> None:
    repaired = repair("<rss><channel>" + "<item>x</item>" * (repairing.MAX_ITEMS + 10) + "</channel></rss><b/>")
    assert repaired is not None
    assert repaired.items_seen == repaired.xml.count("<item>") == repairing.MAX_ITEMS
    assert repaired.problems == ("The feed has more than 5,000 entries; the rest was not read.",)
    ET.fromstring(repaired.xml)  # noqa: S314


def test_nesting_is_bounded_and_the_rest_survives() -> None:
    deep = "<a>" * 20_000 + "x" + "</a>" * 20_000
    xml = _repaired(f"<rss><channel><item>{deep}</item><item>y</item></channel></rss>")
    assert xml.count("<a>") < repairing.MAX_DEPTH
    assert xml.endswith("<item>y</item></channel></rss>")


def test_attributes_are_bounded() -> None:
    many = " ".join(f'a{number}="x"' for number in range(20_000))
    assert _repaired(f"<rss><item {many}/></rss>").count("=") == repairing.MAX_ATTRIBUTES


def test_an_element_has_a_hundred_attributes() -> None:
    """A crafted one has more; the first are kept."""
    for number, kept in ((100, 100), (101, 100)):
        attributes = " ".join(f'a{n}="x"' for n in range(number))
        xml = _repaired(f"<rss><item {attributes}/></rss>")
        assert re.findall(r'a(\d+)="x"', xml) == [str(n) for n in range(kept)]


def test_a_doctype_is_left_out_with_all_that_it_declares() -> None:
    """In any case of letters; a quoted value may hold what ends it, or what looks like the feed."""
    for doctype in ("<!DOCTYPE rss", "<!doctype rss"):
        xml = _repaired(f"""{doctype} [<!ENTITY a "]><rss><item>no</item>">]><rss><item>yes</item></rss>""")
        assert xml == "<rss><item>yes</item></rss>"


def test_a_second_doctype_is_read_as_any_declaration() -> None:
    """Up to the first ">": a flood of them would be searched through again and again."""
    one = '<!DOCTYPE rss [<!ENTITY a "b>c">]>'
    assert _repaired(f"{one}<rss><item>x</item></rss>") == "<rss><item>x</item></rss>"
    xml = _repaired(f"{one}<rss><item>x{one}</item></rss>")
    assert ET.fromstring(xml).findtext("item") == 'xc">]>'  # noqa: S314


def test_prefixes_and_labels_are_bounded() -> None:
    prefixes = "".join(f"<p{number}:a/><b xmlns:q{number}='u'/>" for number in range(2_000))
    labels = "<category>x</category><category term='x'/>" * 2_000
    xml = _repaired(f"<rss><item>{prefixes}{labels}</item></rss>")
    assert len(set(re.findall(r"xmlns:\w+", xml))) <= repairing.MAX_PREFIXES
    assert xml.count("<category") == repairing.MAX_LABELS


def test_dates_and_people_are_bounded_in_any_number_of_pieces() -> None:
    pieces = "<author>" + ("a&amp;" * 200 + "<x></x><![CDATA[bbb]]>") * 1_000 + "</author>"
    (author,) = re.findall("<author>(.*)</author>", _repaired(f"<rss><item>{pieces}</item></rss>"))
    assert len(re.sub("<.*?>", "", author)) <= repairing.MAX_SHORT_TEXT


def test_tags_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairing, "MAX_TOKENS", 1_000)
    repaired = repair("<rss><item>a</item><item>" + "<b></b>" * 2_000 + "</item></rss>")
    assert repaired is not None
    assert repaired.xml == "<rss><item>a</item></rss>"
    assert repaired.problems == (
        "The document has more than 1,000 tags and texts before </rss>; it was read up to there.",
    )


def test_blank_lines_before_a_text_are_not_handed_on() -> None:
    blank = "\n" * 10_000
    served = f"<feed><content>{blank}<!-- -->{blank}<![CDATA[{blank}]]><![CDATA[{blank}x\n]]></content></feed>"
    assert _repaired(served) == "<feed><content><![CDATA[x\n]]></content></feed>"


@pytest.mark.parametrize(
    "opener", ["<", "<!--", "<![CDATA[", "<?", "<!", "<!DOCTYPE a [", "<a ", '<a b="', "&", "&#1"]
)
def test_floods_are_read_once(opener: str) -> None:
    """What comes out is bounded by what went in, and what stands behind a flood is still there."""
    flood = opener * 50_000
    repaired = repair(f'<rss><channel><item>x</item>{flood}"><item>y</item></channel></rss>')
    assert repaired is not None
    assert len(repaired.xml) < 6 * len(flood)
    assert repaired.items_seen == 2


_MARKUP = ("<rss>", "</rss>", "<item>", "</item>", "<a b='c'", "<title>", "<x:y z:w=1>", "<!DOCTYPE x [")
_SCRAPS = (
    ">",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "&",
    ";",
    "#xD83D;",
    "&eacute;",
    '"',
    "'",
    "=",
    "/",
)
_PIECES = st.sampled_from(_MARKUP + _SCRAPS)


@given(st.lists(_PIECES | st.text(max_size=5)).map("".join))
def test_repaired_is_always_well_formed(text: str) -> None:
    """Any heap of markup after a root comes out as XML that a strict parser takes."""
    _repaired("<rss>" + decode(text.encode("utf-8", "replace")))


@given(st.binary())
def test_any_bytes_decode(data: bytes) -> None:
    assert not re.search("[\x00-\x08\ud800-\udfff]", decode(data))
