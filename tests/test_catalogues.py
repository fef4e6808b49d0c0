"""The catalogues: complete, with the same placeholders as the sources, and Korean that reads right."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from inspect import signature
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from discord import app_commands

from bot.errors import NonmunError
from bot.languages import language_of, languages
from bot.languages.catalogues import (
    FUNCTIONS,
    LOCALES,
    ROOT,
    collect,
    compile_catalogues,
    missing,
    read_catalogue,
    write_catalogue,
)
from bot.ui.terminal.records import BatchLineError
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.running import RunBot, eventually

CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/nonmun.po"))
PARTICLE = re.compile(
    r"\{\w+[^}]*\}[”’\"'`)*]*(?:이|가|을|를|은|는|으로|로|과|와|이나|나|이라|라|이에요|예요)(?![가-힣])"
)
"""A particle directly behind a placeholder: which one is right depends on what fills it."""


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return collect()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text) if isinstance(text, list | tuple) else []


def texts(source: Path) -> list[Message]:
    return [message for message in read_catalogue(source) if message.id]


@pytest.mark.parametrize("source", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_catalogue_is_complete(source: Path, sources: Catalog) -> None:
    """It holds exactly the texts of the sources, each translated; `bot.languages.catalogues` lists what is not."""
    wanted = {(message.context, *forms(message.id)) for message in sources if message.id}
    assert {(message.context, *forms(message.id)) for message in texts(source)} == wanted
    assert [message.id for message in missing(read_catalogue(source))] == []


@pytest.mark.parametrize("source", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_placeholders_are_those_of_the_source(source: Path) -> None:
    for message in texts(source):
        for said in filter(None, forms(message.string)):
            assert fields(said) == fields(forms(message.id)[-1]), message.id


@pytest.mark.parametrize("source", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_catalogue_is_written_as_the_tool_writes_it(source: Path, tmp_path: Path) -> None:
    """So that an update changes only what has changed."""
    write_catalogue(tmp_path / "again.po", read_catalogue(source))
    assert (tmp_path / "again.po").read_text("utf-8") == source.read_text("utf-8")


@pytest.mark.parametrize("text", ["{name}을 봅니다", "“{name}”가", "{count:,}와", "`{name}`으로"])
def test_a_bare_particle_is_found(text: str) -> None:
    assert PARTICLE.search(text)


def test_no_particle_depends_on_what_fills_a_placeholder() -> None:
    """Korean sentences are written so that no particle follows a placeholder whose last sound is not known."""
    said = [each for message in texts(LOCALES / "ko/LC_MESSAGES/nonmun.po") for each in forms(message.string)]
    assert [each for each in said if PARTICLE.search(each)] == []


def test_korean_is_spoken() -> None:
    assert {"en", "ko"} <= set(languages())
    assert language_of("ko") == "ko"


def test_every_text_is_collected() -> None:
    """A text with values already in it can be looked up in no catalogue."""
    filled = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
        if any(isinstance(argument, ast.JoinedStr) for argument in node.args[: FUNCTIONS[node.func.id]])
    ]
    assert filled == []


TEXTS = {"reason", "public_reason", "advice", "sentence", "faults"}
"""The parameters of our errors that people read."""


def uncatalogued(source: str) -> list[str]:
    """What is passed to our errors as text although no catalogue has it: words in a literal, also under a name."""
    tree = ast.parse(source)
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                named.setdefault(ast.unparse(target), []).append(node.value)
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if not (names := OUR_ERRORS.get(ast.unparse(call.func).rpartition(".")[2])):
            continue
        given = [*zip(names, call.args, strict=False), *((word.arg, word.value) for word in call.keywords)]
        texts = [text for name, value in given if name in TEXTS for text in literals(value, named)]
        found += [f"line {call.lineno}: {text}" for text in texts]
    return found


def literals(text: ast.expr, named: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """The literals with words that a text is made of, without those that are passed through the catalogues."""
    match text:
        case ast.Constant(value=str(said)):
            yield from [said] if re.search(r"[^\W\d_]{2}", said) else []
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "join")):
            yield from literals(value, named)
        case ast.Call():  # by now it is of the catalogues, or it quotes
            return
        case ast.Name(id=name) if name in named:
            for value in named[name]:
                yield from literals(value, {other: values for other, values in named.items() if other != name})
        case _:
            for part in ast.iter_child_nodes(text):
                yield from literals(part, named) if isinstance(part, ast.expr) else []


def errors(base: type[NonmunError] = NonmunError) -> Iterator[type[NonmunError]]:
    """Our errors, without the one that JSON alone shows, which is English."""
    for error in base.__subclasses__():
        if error is not BatchLineError:
            yield error
            yield from errors(error)


OUR_ERRORS = {"NonmunError": ("sentence",)} | {
    error.__name__: tuple(signature(error).parameters) for error in errors()
}
"""Our errors with the names of their parameters."""


@pytest.mark.parametrize(
    "path",
    sorted(path.relative_to(ROOT).as_posix() for top in ("bot", "cogs") for path in (ROOT / top).rglob("*.py")),
)
def test_what_an_error_says_is_in_the_catalogues(path: str) -> None:
    """Members and the host read it in their language."""
    assert uncatalogued((ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("raise RequestError('Not now.')", ["Not now."]),
        ("raise RequestError(f'{count} of them') from exc", [" of them"]),
        ("raise RequestError(_('Yes.') if yes else 'No.')", ["No."]),
        ("raise RequestError('{count} of them'.format(count=2))", ["{count} of them"]),
        ("said = 'Not now.'\nraise errors.RequestError(said)", ["Not now."]),
        ("raise FetchError('the address', 'gone')", ["gone"]),
        ("raise DeliveryError(WHY, public_reason='a place')", ["a place"]),
        ("raise RequestError(f'{url}: {say(reason)}.')", []),
        ("said = _('{count} of them')\nraise RequestError(said.format(count='a few'))", []),
        ("raise FeedError('the address', Message('gone'))", []),
        ("raise NonmunError('Not now.')", ["Not now."]),
        ("raise ValueError('a bug')", []),
    ],
)
def test_a_text_outside_the_catalogues_is_found(source: str, texts: list[str]) -> None:
    assert [text.partition(": ")[2] for text in uncatalogued(source)] == texts


def test_a_changed_catalogue_is_compiled_again(tmp_path: Path) -> None:
    source = tmp_path / "ko/LC_MESSAGES/nonmun.po"
    source.parent.mkdir(parents=True)
    sizes = []
    for said in ("가", "가나다"):
        catalogue = Catalog(locale="ko", charset="utf-8")
        catalogue.add("a", said)
        write_catalogue(source, catalogue)
        compile_catalogues(tmp_path)
        sizes.append(source.with_suffix(".mo").stat().st_size)
    assert sizes[0] < sizes[1]


# ── commands ────────────────────────────────────────────────────────────────────────────────────


MESSAGE = 3
"""The type of a command in a message's menu."""


@pytest.fixture
async def sent(discord: LoopbackDiscord, run: RunBot) -> list[dict[str, object]]:
    """The commands as the bot registers them."""
    async with run():
        await eventually(lambda: bool(discord.commands[None]), "the commands", timeout_s=60)
    return discord.commands[None]


def walk(command: dict[str, object]) -> list[dict[str, object]]:
    inner = command.get("options", [])
    assert isinstance(inner, list)
    return [command, *(each for option in inner for each in walk(option))]


def characters(command: dict[str, object]) -> int:
    """The length that Discord limits: names, descriptions and values, each in its longest language.

    Source: Discord's documentation, "Application Commands", Localization.
    """
    total = 0
    for part in walk(command):
        choices = part.get("choices", [])
        assert isinstance(choices, list)
        for each in [part, *choices]:
            for key in ("name", "description", "value"):
                localised = each.get(f"{key}_localizations") or {}
                assert isinstance(localised, dict)
                total += max(len(str(said)) for said in [each.get(key, ""), *localised.values()])
    return total


async def test_commands_are_described_in_korean_and_keep_their_names(sent: list[dict[str, object]]) -> None:
    """An entry of a message's menu has a name alone, which nobody types: that one is Korean."""
    for command in sent:
        if command["type"] == MESSAGE:
            assert language_texts(command, "name"), command["name"]
            continue
        for part in walk(command):
            is_option = part is not command and part["type"] not in (1, 2)
            assert language_texts(part, "description") or part["description"] == "…", part["name"]
            assert bool(language_texts(part, "name")) == is_option, part["name"]
        assert characters(command) < 8_000


async def test_names_of_options_are_accepted_and_distinct(sent: list[dict[str, object]]) -> None:
    """Source: Discord's documentation, "Application Commands", Application Command Naming."""
    for command in sent:
        for part in walk(command):
            options = part.get("options", [])
            assert isinstance(options, list)
            named = [language_texts(option, "name") for option in options]
            for said in filter(None, named):
                assert re.fullmatch(r"[-_'\w]{1,32}", said), said
                assert said == said.lower()
            assert len(set(filter(None, named))) == len(list(filter(None, named)))
            assert len(language_texts(part, "description") or "") <= 100


def language_texts(part: dict[str, object], key: str) -> str | None:
    localised = part.get(f"{key}_localizations") or {}
    assert isinstance(localised, dict)
    said = localised.get("ko")
    assert said is None or isinstance(said, str)
    return said


def test_discord_py_still_wraps_plain_descriptions() -> None:
    """What the catalogues collect from decorators reaches the translator."""

    @app_commands.command(description="Such as this")
    async def some(interaction: object) -> None: ...

    assert some._locale_description is not None
