"""The catalogues of languages: collected from the sources, compiled by each build, and checked.

``python -m bot.languages.catalogues`` collects every text into the catalogues in `bot/languages/locales` and lists
what is not translated yet; with a code such as ``ja`` it begins a new language first.

Hatchling loads this file by its path and calls `CatalogueHook` for a wheel, an sdist and an editable install alike.
So it imports nothing of ours. The wheel does not contain it: it needs Babel and hatchling, which the bot does not.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "bot" / "languages" / "locales"
DOMAIN = "nonmun"
FUNCTIONS = {"_": 1, "N_": 1, "Message": 1, "ngettext": 2}
"""The functions of `bot.languages` that take a text, and how many of their first arguments are its forms."""
HEADER = """\
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
"""What a catalogue begins with: no dates, which would change with each update."""
OPTION = "option"
"""The context of names of command options, which are one word in lower case and are often other texts as well."""


_TRANSLATED = {("command", "description"), ("context_menu", "name"), ("Choice", "name")}
"""Texts of commands by the call and its argument."""


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles the catalogues before files are collected for a package."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's interface
        """Compile what has changed."""
        compile_catalogues(Path(self.root) / "bot" / "languages" / "locales")


def compile_catalogues(locales: Path = LOCALES) -> None:
    """Compile each catalogue whose compiled file is missing or older."""
    for source in locales.glob(f"*/LC_MESSAGES/{DOMAIN}.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        data = BytesIO()
        write_mo(data, read_catalogue(source))
        compiled.write_bytes(data.getvalue())


def read_catalogue(source: Path) -> Catalog:
    """Read a catalogue of one language."""
    with source.open("rb") as file:
        return read_po(file, locale=source.parent.parent.name, domain=DOMAIN)


def collect(root: Path = ROOT) -> Catalog:
    """Collect the texts of the sources, in the order of the files, without line numbers that change all the time."""
    found = Catalog(domain=DOMAIN, charset="utf-8")
    for path in sorted([*(root / "bot").rglob("*.py"), *(root / "cogs").rglob("*.py")]):
        name = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        for text in _texts(tree):
            found.add(text, locations=[(name, 0)])
        if name.startswith("cogs/"):
            for text, context in _command_texts(tree):
                found.add(text, locations=[(name, 0)], context=context)
    return found


def _texts(tree: ast.Module) -> Iterator[str | tuple[str, ...]]:
    """The texts that are passed to our functions, as written; one that was marked elsewhere is passed by its name."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        forms = [tuple(_constants(argument)) for argument in call.args[: FUNCTIONS[ast.unparse(call.func)]]]
        yield from forms[0] if len(forms) == 1 else zip(*forms, strict=True)


def _command_texts(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """The texts of commands that discord.py translates: descriptions, names of options, and choices."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef) and any(_is_command(each) for each in node.decorator_list):
            for each in [*node.args.args[2:], *node.args.kwonlyargs]:
                yield each.arg, OPTION
                yield from ((choice, None) for choice in _literals(each.annotation))
        elif isinstance(node, ast.ClassDef):
            texts = (keyword.value for keyword in node.keywords if keyword.arg == "group_description")
            yield from ((text, None) for value in texts for text in _constants(value))
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            for keyword in node.keywords:
                if name == "describe" or (name, keyword.arg) in _TRANSLATED:
                    yield from ((text, None) for text in _constants(keyword.value))


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(".command")


def _literals(annotation: ast.expr | None) -> Iterator[str]:
    for node in ast.walk(annotation) if annotation else ():
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
            yield from (each.value for each in ast.walk(node.slice) if isinstance(each, ast.Constant))  # type: ignore[misc]


def _constants(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from (text for choice in (value.body, value.orelse) for text in _constants(choice))


def update(source: Path, found: Catalog) -> Catalog:
    """Bring a catalogue up to date with the collected texts, and return it."""
    catalogue = read_catalogue(source)
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    write_catalogue(source, catalogue)
    return catalogue


def write_catalogue(source: Path, catalogue: Catalog) -> None:
    """Write a catalogue so that the same texts give the same file."""
    data = BytesIO()
    write_po(data, catalogue, width=110, include_lineno=False, omit_header=True)
    header = HEADER.format(code=catalogue.locale, plural_forms=catalogue.plural_forms)
    source.write_bytes(header.encode() + data.getvalue())


def begin(code: str) -> None:
    """Begin the catalogue of a language."""
    source = LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    source.parent.mkdir(parents=True)
    write_catalogue(source, Catalog(locale=code, domain=DOMAIN, charset="utf-8"))


def missing(catalogue: Catalog) -> list[Message]:
    """The texts of a catalogue that are not translated."""
    return [message for message in catalogue if message.id and not _is_translated(message)]


def _is_translated(message: Message) -> bool:
    said = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return not message.fuzzy and all(said)


def main(codes: list[str]) -> int:
    """Begin new languages, update all, and list what is missing; 1 if anything is."""
    for code in codes:
        begin(code)
    found, is_complete = collect(), True
    for source in sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        left = missing(update(source, found))
        is_complete = is_complete and not left
        lines = [f"{source.parent.parent.name}: {len(left)} of {len(found)} texts are not translated"]
        sys.stdout.write("\n".join([*lines, *(f"  {message.id!r}" for message in left), ""]))
    compile_catalogues()
    return 0 if is_complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
