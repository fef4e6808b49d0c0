"""Settings: every fault at once, in words, and never a token."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path

import pytest

from bot.config import MAIN_FEED, Settings, load_settings
from bot.errors import SettingsError

ROOT = Path(__file__).parents[1]
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"  # made up, in the shape of one


def test_defaults_follow_the_main_feed() -> None:
    settings = load_settings()
    assert settings.feeds == (MAIN_FEED,)
    assert (settings.poll_seconds, settings.announce_backlog, settings.channel_id) == (900, 0, None)
    assert (settings.glossary, settings.keep_unmatched) == (None, True)


def test_environment_wins_over_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("NONMUN_POLL_SECONDS=60\nNONMUN_ANNOUNCE_BACKLOG=3\n", "utf-8")
    monkeypatch.setenv("NONMUN_POLL_SECONDS", "120")
    settings = load_settings()
    assert (settings.poll_seconds, settings.announce_backlog) == (120, 3)


def test_feeds_are_split_at_commas_once_each() -> None:
    settings = load_settings(NONMUN_FEEDS=" https://a.test/f , b.xml,,https://a.test/f ")
    assert settings.feeds == ("https://a.test/f", "b.xml")
    assert load_settings(NONMUN_FEEDS=("a,b.xml",)).feeds == ("a,b.xml",)


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = {
        "DISCORD_TOKEN": "a b",
        "DISCORD_API_URL": "ftp://x",
        "DISCORD_GATEWAY_URL": "http://x",
        "NONMUN_FEEDS": "gopher://x",
        "NONMUN_PRIVATE_HOSTS": "https://nas.local",
        "NONMUN_CHANNEL_ID": "general",
        "NONMUN_POLL_SECONDS": "0",
        "NONMUN_ANNOUNCE_BACKLOG": "-1",
        "NONMUN_KEEP_UNMATCHED": "perhaps",
        "NONMUN_POLL_SECOND": "60",
        "NONMUN_ASK_MODEL": "m\x07",
        "NONMUN_ASK_URL": "https://user:key@models.example/v1",
        "NONMUN_ASK_KEY": "a b",
        "NONMUN_ASK_LEVEL": "write",
        "NONMUN_ASK_PER_DAY": "-1",
    }
    for name, value in faults.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert {fault.partition(":")[0] for fault in caught.value.faults} == set(faults)
    assert "user:key" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7:8080/v1", "http://10.0.0.7:8080/v1/", "http://10.0.0.7:8080/v1/chat/completions"]
)
def test_the_address_of_a_model_may_be_written_in_each_way(url: str) -> None:
    assert load_settings(NONMUN_ASK_URL=url).ask_url == "http://10.0.0.7:8080/v1"


@pytest.mark.parametrize(
    ("name", "value"), [("DISCORD_API_URL", "https://a.test"), ("DISCORD_GATEWAY_URL", "wss://a.test")]
)
def test_api_and_gateway_belong_together(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="only together"):
        load_settings()


@pytest.mark.parametrize("token", [TOKEN, TOKEN + " x"])
def test_token_never_shows(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """Neither a repr nor an error nor a traceback holds it, whether the token is good or not."""
    monkeypatch.setenv("DISCORD_TOKEN", token)
    monkeypatch.setenv("NONMUN_POLL_SECONDS", "soon")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.delenv("NONMUN_POLL_SECONDS")
    settings = load_settings()
    assert TOKEN not in f"{settings!r}{settings}{settings.model_dump()}"
    assert settings.discord_token
    assert settings.discord_token.get_secret_value() == TOKEN


def test_credentials_of_a_feed_do_not_show_in_a_fault() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(NONMUN_FEEDS="ftp://me:secret@a.test/f")
    assert "secret" not in str(caught.value)


def test_env_example_names_every_setting_with_its_default() -> None:
    """The example and the settings are one list, with the same defaults, and the example itself is valid."""
    text = (ROOT / ".env.example").read_text("utf-8")
    shown = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    known = {str(field.alias): field for field in Settings.model_fields.values()}
    assert set(shown) == set(known)
    for name in (
        "NONMUN_FEEDS", "NONMUN_DATABASE", "NONMUN_POLL_SECONDS", "NONMUN_ANNOUNCE_BACKLOG", "NONMUN_KEEP_UNMATCHED",
    ):  # fmt: skip
        assert load_settings(**{name: shown[name]}) == load_settings(), name
    Path(".env").write_text(text, "utf-8")
    assert load_settings(NONMUN_POLL_SECONDS=900) == load_settings()
    assert os.environ.get("DISCORD_TOKEN") is None


def test_no_private_host_is_reachable_by_default() -> None:
    """But for the origin of the main feed, which is where it is."""
    settings = load_settings()
    assert settings.private_hosts == ()
    assert settings.reachable_private == {"https://yong1-kim.github.io"}


def test_feeds_and_private_hosts_are_reachable() -> None:
    """Hosts as they are named, feeds by their origin and without credentials; files are no hosts."""
    settings = load_settings(
        NONMUN_FEEDS="http://me:secret@127.0.0.1:8000/f, HTTPS://a.test/f,https://a.test/g, feeds/b.xml, file:///c.xml",
        NONMUN_PRIVATE_HOSTS=" nas.local, 10.0.0.5:8080,,nas.local ",
    )
    assert settings.private_hosts == ("nas.local", "10.0.0.5:8080")
    assert settings.reachable_private == {
        "nas.local", "10.0.0.5:8080", "http://127.0.0.1:8000", "https://a.test",
    }  # fmt: skip
    mirror = load_settings(NONMUN_FEEDS="b.xml", NONMUN_ARXIV_API_URL="http://mirror.local:9000/api/query")
    assert mirror.reachable_private == {"http://mirror.local:9000"}


@pytest.mark.parametrize("url", ["mirror.local", "ftp://mirror.local/", "https://mirror.local/api?x=1"])
def test_arxivs_address_is_one_that_a_query_can_be_added_to(url: str) -> None:
    with pytest.raises(SettingsError, match="NONMUN_ARXIV_API_URL"):
        load_settings(NONMUN_ARXIV_API_URL=url)


@pytest.mark.parametrize(
    "host", ["localhost", "nas", "nas.local:8080", "10.0.0.5", "::1", "[::1]", "[fd00::1]:8080", "논문.local"]
)
def test_names_and_addresses_are_private_hosts(host: str) -> None:
    assert load_settings(NONMUN_PRIVATE_HOSTS=host).private_hosts == (host,)


@pytest.mark.parametrize(
    "host",
    [
        *("http://nas.local", "nas.local/feed", "nas.local:0", "nas.local:99999", "nas.local:web", "nas:", "*.local"),
        *("10.0.0.0/8", "[::1", "me:secret@nas.local", "a b", "a?b", "#"),
    ],
)  # fmt: skip
def test_other_texts_are_no_private_hosts(host: str) -> None:
    """Neither addresses nor patterns nor networks are taken for names that would never match."""
    with pytest.raises(SettingsError, match="NONMUN_PRIVATE_HOSTS") as caught:
        load_settings(NONMUN_PRIVATE_HOSTS=host)
    assert "secret" not in str(caught.value)


def test_a_folder_named_env_holds_no_settings(tmp_path: Path) -> None:
    """A Python environment often has that name."""
    (tmp_path / ".env").mkdir()
    assert load_settings().feeds == (MAIN_FEED,)


def test_an_env_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("NONMUN_FEEDS=https://one.test/논문".encode("utf-16"))
    with pytest.raises(SettingsError, match="not UTF-8 text; save it as UTF-8") as told:
        load_settings()
    assert str(tmp_path / ".env") in told.value.faults[0]
