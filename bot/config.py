"""Settings, read once at start from the environment and `.env`.

All faults are reported at once, in words; a token never appears in a repr or an error. `.env.example` names every
setting with its unit and default, and a test keeps the two in step.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError
from bot.languages import N_, _
from bot.logs import LogFormat, LogLevel
from bot.models.asking import AskLevel
from bot.text.patterns import lazy_pattern

MAIN_FEED = "https://yong1-kim.github.io/sitemap.xml"
ARXIV_API_URL = "https://export.arxiv.org/api/query"
ASK_URL = "http://127.0.0.1:11434/v1"
"""Ollama on this machine."""
SNOWFLAKE_MAX = 2**63 - 1
_HOST = lazy_pattern(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?", re.IGNORECASE)  # names may be international
_FAULTS = {
    "int_parsing": N_("must be a whole number"),
    "int_parsing_size": N_("must be a whole number with fewer digits"),
    "greater_than": N_("must be more than {gt}"),
    "greater_than_equal": N_("must be at least {ge}"),
    "less_than_equal": N_("must be at most {le}"),
    "bool_parsing": N_("must be true or false"),
    "enum": N_("must be {expected}"),
    "string_pattern_mismatch": N_("must be an http(s) address of at most 200 characters, without spaces"),
}
"""What is wrong with a value, by pydantic's type of error. Source: pydantic's documentation, "Validation Errors"."""


class Settings(BaseSettings):
    """What a host can set. The environment overrides `.env`; unknown names are ignored here."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True,
        hide_input_in_errors=True, validate_default=True,
    )  # fmt: skip

    discord_token: SecretStr | None = Field(None, alias="DISCORD_TOKEN")
    discord_api_url: str | None = Field(None, alias="DISCORD_API_URL")
    discord_gateway_url: str | None = Field(None, alias="DISCORD_GATEWAY_URL")
    shards: int = Field(0, alias="NONMUN_SHARDS", ge=0, le=1_000)
    http_port: int | None = Field(None, alias="NONMUN_HTTP_PORT", ge=1, le=65_535)
    http_host: str = Field("127.0.0.1", alias="NONMUN_HTTP_HOST")
    feeds: Annotated[tuple[str, ...], NoDecode] = Field((MAIN_FEED,), alias="NONMUN_FEEDS")
    private_hosts: Annotated[tuple[str, ...], NoDecode] = Field((), alias="NONMUN_PRIVATE_HOSTS")
    contact_url: str | None = Field(None, alias="NONMUN_CONTACT_URL", pattern=r"^https?://[!-~]{1,200}$")
    database: Path = Field(Path("data/nonmun.db"), alias="NONMUN_DATABASE")
    channel_id: int | None = Field(None, alias="NONMUN_CHANNEL_ID", gt=0, le=SNOWFLAKE_MAX)
    poll_seconds: int = Field(900, alias="NONMUN_POLL_SECONDS", ge=1, le=7 * 86_400)
    entries_per_day: int = Field(2_000, alias="NONMUN_ENTRIES_PER_DAY", ge=1, le=1_000_000)
    keep_unfollowed_days: int = Field(30, alias="NONMUN_KEEP_UNFOLLOWED_DAYS", ge=0, le=36_500)
    announce_backlog: int = Field(0, alias="NONMUN_ANNOUNCE_BACKLOG", ge=0, le=100)

    member_commands_per_minute: int = Field(30, alias="NONMUN_MEMBER_COMMANDS_PER_MINUTE", ge=0, le=60_000)
    server_commands_per_minute: int = Field(600, alias="NONMUN_SERVER_COMMANDS_PER_MINUTE", ge=0, le=60_000)
    feeds_per_server: int = Field(200, alias="NONMUN_FEEDS_PER_SERVER", ge=0, le=100_000)
    feeds_total: int = Field(5_000, alias="NONMUN_FEEDS_TOTAL", ge=0, le=1_000_000)

    log_format: LogFormat = Field(LogFormat.LINES, alias="NONMUN_LOG_FORMAT")
    log_level: LogLevel = Field(LogLevel.INFO, alias="NONMUN_LOG_LEVEL")
    glossary: Path | None = Field(None, alias="NONMUN_GLOSSARY")
    backup_dir: Path | None = Field(None, alias="NONMUN_BACKUP_DIR")
    wanted_dir: Path | None = Field(None, alias="NONMUN_WANTED_DIR")
    backup_keep: int = Field(7, alias="NONMUN_BACKUP_KEEP", ge=1, le=1_000)
    shared_feeds: bool = Field(True, alias="NONMUN_SHARED_FEEDS")  # noqa: FBT003 - pydantic's default
    keep_unmatched: bool = Field(True, alias="NONMUN_KEEP_UNMATCHED")  # noqa: FBT003 - pydantic's default
    resolve_ids: bool = Field(True, alias="NONMUN_RESOLVE_IDS")  # noqa: FBT003 - pydantic's default
    arxiv_api_url: str = Field(ARXIV_API_URL, alias="NONMUN_ARXIV_API_URL")

    ask_model: str | None = Field(None, alias="NONMUN_ASK_MODEL")
    ask_url: str = Field(ASK_URL, alias="NONMUN_ASK_URL")
    ask_key: SecretStr | None = Field(None, alias="NONMUN_ASK_KEY")
    ask_level: AskLevel = Field(AskLevel.PICK, alias="NONMUN_ASK_LEVEL")
    ask_member_per_day: int = Field(20, alias="NONMUN_ASK_MEMBER_PER_DAY", ge=0, le=100_000)
    ask_server_per_day: int = Field(200, alias="NONMUN_ASK_SERVER_PER_DAY", ge=0, le=1_000_000)
    ask_per_day: int = Field(1_000, alias="NONMUN_ASK_PER_DAY", ge=0, le=10_000_000)

    @field_validator("feeds", "private_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Split at commas. An address must percent-encode its own commas, although RFC 3986 allows them raw."""
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))

    @field_validator("feeds")
    @classmethod
    def _check_feeds(cls, feeds: tuple[str, ...]) -> tuple[str, ...]:
        if not feeds:
            raise ValueError(_("contains no feed; remove the setting to use the default"))
        for feed in feeds:
            if "://" in feed and not _is_url(feed, ("http", "https", "file")):
                said = _("{address!r} is neither an http(s) address nor a file")
                raise ValueError(said.format(address=_without_userinfo(feed)))
        return feeds

    @field_validator("private_hosts")
    @classmethod
    def _check_private_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _is_host(host):
                said = _("{host!r} is neither a host nor host:port, such as nas.local:8080")
                raise ValueError(said.format(host=_without_userinfo(host)))
        return hosts

    @field_validator("ask_model")
    @classmethod
    def _check_ask_model(cls, name: str | None) -> str | None:
        if name is not None and (len(name) > 100 or not name.isprintable() or name != name.strip()):
            raise ValueError(_("must be the model’s name as its server knows it, at most 100 characters"))
        return name

    @field_validator("ask_url")
    @classmethod
    def _check_ask_url(cls, url: str) -> str:
        if not _is_url(url, ("http", "https")) or set("?#@ ") & set(url):
            said = _("must be an http(s) address such as {example}, without a key in it; the key is NONMUN_ASK_KEY")
            raise ValueError(said.format(example=ASK_URL))
        return url.rstrip("/").removesuffix("/chat/completions")

    @field_validator("log_format", "log_level", "ask_level", mode="before")
    @classmethod
    def _fold(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("http_host")
    @classmethod
    def _check_http_host(cls, host: str) -> str:
        try:
            return str(ip_address(host))
        except ValueError:
            raise ValueError(_("must be an IP address, such as 127.0.0.1, or 0.0.0.0 for all")) from None

    @field_validator("discord_api_url")
    @classmethod
    def _check_api_url(cls, url: str | None) -> str | None:
        if url is not None and not _is_url(url, ("http", "https")):
            raise ValueError(_("must be an http(s) address such as https://discord.com/api/v10"))
        return url.rstrip("/") if url else None

    @field_validator("arxiv_api_url")
    @classmethod
    def _check_arxiv_api_url(cls, url: str) -> str:
        if not _is_url(url, ("http", "https")) or set("?#") & set(url):
            raise ValueError(_("must be an http(s) address such as https://export.arxiv.org/api/query"))
        return url

    @field_validator("discord_gateway_url")
    @classmethod
    def _check_gateway_url(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is not None and not _is_url(url, ("ws", "wss")):
            raise ValueError(_("must be a ws(s) address such as wss://gateway.discord.gg/"))
        if (info.data.get("discord_api_url", url) is None) != (url is None):
            raise ValueError(_("works only together with DISCORD_API_URL; set both or neither"))
        return url

    @field_validator("discord_token", "ask_key")
    @classmethod
    def _check_token(cls, token: SecretStr | None) -> SecretStr | None:
        text = token.get_secret_value() if token else ""
        if token and (text != text.strip() or not text.isascii() or any(c.isspace() for c in text)):
            raise ValueError(_("contains spaces or letters that cannot be part of a token; copy it again"))
        return token

    @property
    def reachable_private(self) -> frozenset[str]:
        """The private addresses that the fetcher may reach, in the format of its ``allowed_private``.

        The private hosts, for every request; and the origins of the feeds, and of another address for arXiv, for
        requests that start there: the host put them in the settings, so they are meant to be read.
        """
        api = () if self.arxiv_api_url == ARXIV_API_URL else (self.arxiv_api_url,)
        origins = (_origin(url) for url in (*self.feeds, *api) if _is_url(url, ("http", "https")))
        return frozenset((*self.private_hosts, *origins))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Args:
        overrides: Values by environment name that override the environment, such as command-line options; None is
            ignored.
    Raises:
        SettingsError: Lists every fault.
    """
    if unreadable := _look_at_env():
        raise SettingsError((unreadable,))
    faults = _unknown_names()
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as exc:
        # The original error holds the input, so it is not chained: a traceback would print a token.
        faults += [_in_words(fault) for fault in exc.errors(include_input=False)]
    if faults:
        raise SettingsError(tuple(faults))
    return settings


def _look_at_env() -> str | None:
    """Why `.env` cannot be read; None if it can, or if it is missing or a folder (perhaps a virtual environment)."""
    file = Path(".env")
    try:
        file.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        return None
    except UnicodeDecodeError:
        return _("{file} is not UTF-8 text; save it as UTF-8").format(file=file.absolute())
    except OSError as exc:
        return _("{file} cannot be read ({why}); run Nonmun as its owner, or from another folder").format(
            file=file.absolute(), why=exc.strerror
        )
    return None


def _unknown_names() -> list[str]:
    """Names that look like our settings but are not: a misspelt name would otherwise silently leave the default."""
    known = {field.alias for field in Settings.model_fields.values()}
    given = {name.upper() for name in (*os.environ, *dotenv_values(".env"))}
    unknown = sorted(name for name in given if name.startswith("NONMUN_") and name not in known)
    return [_("{name}: unknown setting; .env.example lists every setting").format(name=name) for name in unknown]


def _in_words(fault: Any) -> str:
    field = Settings.model_fields.get(str(fault["loc"][0])) if fault["loc"] else None
    name = (field and field.alias) or ".".join(str(part) for part in fault["loc"])
    said = _FAULTS.get(fault["type"])
    text = _(said).format(**fault.get("ctx", {})) if said else fault["msg"].removeprefix("Value error, ")
    return f"{name}: {text}" if name else text


def _is_url(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and (bool(parts.hostname) or parts.scheme == "file") and parts.port != 0
    except ValueError:
        return False


def _is_host(text: str) -> bool:
    """Whether this is a name or an IP address, with or without a port; an IPv6 address may stand alone."""
    try:
        ip_address(text)
    except ValueError:
        return _HOST.fullmatch(text) is not None and _is_url(f"http://{text}", ("http",))
    return True


def _origin(url: str) -> str:
    """Scheme, host and port of an address as written, without credentials."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _without_userinfo(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else url.rpartition("@")[2]
