"""Addresses: what of them is shown, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import FeedError, FetchError
from bot.text.links import (
    HIDDEN,
    drop_session,
    has_credentials,
    has_secrets,
    page_name,
    redact,
    redact_text,
    secret_values,
    session_names,
)

SHOWN = [
    # credentials go, other uses of @ stay
    ("https://a:b@example.org/feed", "https://example.org/feed"),
    ("https://only-a-user@example.org/feed", "https://example.org/feed"),
    ("http:/u:p@example.org/feed", "http:/example.org/feed"),
    ("user:secret@example.org", "user:example.org"),
    ("https://user:pass#word@example.org/feed", "https://example.org/feed"),
    ("https://user:pa/ss@example.org/feed", "https://example.org/feed"),
    ("https://medium.example/@user/feed", "https://medium.example/@user/feed"),
    ("https://example.org:8080/@user", "https://example.org:8080/@user"),
    ("http://[::1]:8080/@user", "http://[::1]:8080/@user"),
    ("https://example.org/?mail=a@b", "https://example.org/?mail=a@b"),
    ("feeds/a@b.xml", "feeds/a@b.xml"),
    # values of keys go, names and other values stay
    ("https://example.org/feed?token=abc&page=2", "https://example.org/feed?token=…&page=2"),
    ("https://example.org/feed?page=2&TOKEN=abc#top", "https://example.org/feed?page=2&TOKEN=…#top"),
    ("example.org/feed?key=abc", "example.org/feed?key=…"),
    ("https://example.org/feed?%74oken=abc", "https://example.org/feed?%74oken=…"),
    ("https://example.org/feed?a=1;auth=abc", "https://example.org/feed?a=1;auth=…"),
    ("https://example.org/feed?a=1&amp;auth=abc", "https://example.org/feed?a=1&amp;auth=…"),
    ("https://example.org/feed;jsessionid=abc?a=1", "https://example.org/feed;jsessionid=…?a=1"),
    ("https://example.org/feed#access_token=abc", "https://example.org/feed#access_token=…"),
    ("https://example.org/feed?user[password]=abc", "https://example.org/feed?user[password]=…"),
    ("https://example.org/feed?X-Amz-Signature=abc", "https://example.org/feed?X-Amz-Signature=…"),
    ("https://example.org/feed?token=", "https://example.org/feed?token="),
    # what looks like a key, whatever its name
    ("https://example.org/feed?u=6f1d0c2b7a9e4d35", "https://example.org/feed?u=…"),
    ("https://example.org/feed?u=3f2504e0-4f89-41d3-9a0c-0305e82c3301", "https://example.org/feed?u=…"),
    ("https://example.org/feed?u=k3j9dmq27xhz81bvnw5t", "https://example.org/feed?u=…"),
    ("https://example.org/feed?u=aZ-9x_Q2mN7pL0wKr4", "https://example.org/feed?u=…"),
    ("https://example.org/feed?6f1d0c2b7a9e4d35", "https://example.org/feed?…"),
    # an address within
    ("https://proxy.example/?url=https://u:p@example.org/feed", "https://proxy.example/?url=https%3A//example.org/feed"),
    (
        "https://proxy.example/?url=https%3A%2F%2Fexample.org%2F%3Ftoken%3Dabc&a=1",
        "https://proxy.example/?url=https%3A//example.org/%3Ftoken%3D…&a=1",
    ),
    ("https://example.org/login?next=/feed?token=abc", "https://example.org/login?next=/feed%3Ftoken%3D…"),
]  # fmt: skip
KEPT = [
    "https://example.org/feed",
    "https://example.org/feed?author=kim&keyword=llm&encoding=utf-8&lang_code=ko",
    "https://example.org/?p=20230101123456789&cat=12",
    "https://example.org/?q=a-survey-of-large-language-models-2023",
    "https://example.org/?q=Llama-3-Instruct-Tuning-2024",
    "https://example.org/?q=%ED%99%98%EA%B0%81",
    "https://export.arxiv.org/api/query?search_query=cat:cs.CL&sortBy=submittedDate&max_results=100",
    "https://www.youtube.com/feeds/videos.xml?channel_id=UCbfYPyITQ-7l4upoX8nvctg",
    "data/feed.xml",
    r"C:\feeds\a.xml",
    "",
]


@pytest.mark.parametrize(("url", "shown"), SHOWN)
def test_keys_and_credentials_are_not_shown(url: str, shown: str) -> None:
    """What opens a door goes, and what an address is recognised by stays."""
    assert redact(url) == shown
    assert has_secrets(url) is (url != shown)


@pytest.mark.parametrize("url", KEPT)
def test_plain_addresses_stay_as_they_are(url: str) -> None:
    """An address without a secret is shown as it is."""
    assert redact(url) == url
    assert not has_secrets(url)


NAMES = (
    "key token auth secret sig signature password passwd pw pass apikey api_key access_token code session "
    "feed_key rssToken x-auth client_secret authorization user_key"
).split()


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_key_is_known(name: str) -> None:
    assert redact(f"https://example.org/feed?{name}=v4lue") == f"https://example.org/feed?{name}={HIDDEN}"
    assert secret_values(f"https://example.org/feed?{name}=v4lue") == {"v4lue"}


@given(st.text() | st.text().map(lambda text: f"https://{text}") | st.text().map(lambda text: f"https://a.b/?{text}"))
@example("a:@b:/@c")
def test_anything_can_be_redacted(text: str) -> None:
    """Whatever is given comes out without credentials, and stays so."""
    shown = redact(text)
    assert not has_secrets(shown)
    assert not has_credentials(shown)


@given(
    name=st.sampled_from(NAMES), value=st.text("abcXYZ019-_", min_size=6), others=st.lists(st.sampled_from("abcd"))
)
def test_a_key_is_found_among_other_values(name: str, value: str, others: list[str]) -> None:
    query = "&".join((*(f"{other}=1" for other in others), f"{name}={value}", "z=2"))
    assert redact(f"https://example.org/?{query}").count(value) == 0


def test_addresses_in_a_text_are_redacted() -> None:
    """Each address that a sentence quotes loses its secrets, and the sentence keeps its punctuation."""
    said = "(https://u:p@a.example/x, see https://b.example/?token=abc). It is //c.example/?key=1!"
    assert redact_text(said) == "(https://a.example/x, see https://b.example/?token=…). It is //c.example/?key=…!"


@pytest.mark.parametrize("kind", [FetchError, FeedError])
def test_errors_hold_no_secret(kind: type[FetchError | FeedError]) -> None:
    """Whoever raises one need not think of it."""
    error = kind("https://u:hunter2@a.example/?token=hunter3", "redirected to https://b.example/?key=hunter4")
    assert "hunter" not in f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize(
    "address",
    [
        "https://github.test/zenid/reviews",
        "https://x.test/cfid/tokens",
        "https://blog.test/phpsessid/how-it-works",
        "https://blog.test/zenid/attention-2017-paper",
    ],
)
def test_a_path_that_is_called_like_a_session_stays(address: str) -> None:
    assert drop_session(address) == address


def test_a_session_in_a_path_goes() -> None:
    assert drop_session("https://f.test/index.php/post/PHPSESSID/0a1b2c3d4e5f60") == "https://f.test/index.php/post"
    assert drop_session("https://f.test/post/CFID=12/CFTOKEN=34") == "https://f.test/post"


@pytest.mark.parametrize(
    ("links", "names"),
    [
        (["https://f.test/v?t=1&sid=0a1b2c3d4e5f", "https://f.test/v?t=2&sid=0a1b2c3d4e5f"], {"sid"}),
        (["https://f.test/v?t=1&wpsessionid=0a1b2c3d4e5f", "https://f.test/v?t=2&wpsessionid=0a1b2c3d4e5f"],
         {"wpsessionid"}),
        (["https://f.test/v?lang=en&sid=0a1b2c3d4e5f"], set()),  # alone, it may be what tells the page
        (["https://f.test/v?t=1&bbsId=BBSMSTR0000000001", "https://f.test/v?t=2&bbsId=BBSMSTR0000000001"], set()),
        (["https://f.test/v?t=1&s=attention-2017-paper", "https://f.test/v?t=2&s=attention-2017-paper"], set()),
    ],
)  # fmt: skip
def test_which_parameters_hold_a_session(links: list[str], names: set[str]) -> None:
    assert session_names(links) == names


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://shelf.example/vit/index.html", "vit"),
        ("https://shelf.example/OvenGAN_/summary.html", "OvenGAN"),
        ("https://shelf.example/OvenGAN/overview.md", "OvenGAN"),
        ("https://shelf.example/2024/summary.html", "summary"),
        ("https://shelf.example/summary.html", "summary"),
        ("https://shelf.example/a-summary-of-ovens.html", "a-summary-of-ovens"),
    ],
)
def test_the_part_of_an_address_that_says_something(link: str, name: str) -> None:
    """A page that is called like any other's says nothing, and a folder without letters neither."""
    assert page_name(link) == name
