"""Preformatted text: its lines, whether it is code, and in which language.

In: what the markup reader finds inside a ``<pre>``, and the attributes of the elements around it. Out: text without
line numbers, with its line breaks, and a language. Pure; no soup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.reviews.names import CODE_LANGUAGES
from bot.text.patterns import lazy_pattern

NUMBER_CLASSES = frozenset(
    {
        *(
            "lineno",
            "linenos",
            "linenodiv",
            "linenumber",
            "line-number",
            "lineNumber",
            "code-line-number",
        ),  # Pygments, Rouge, Shiki
        *("lnt", "ln", "gutter", "gl", "rouge-gutter"),  # Hugo; Hexo, Rouge and Expressive Code
        *("hljs-ln-numbers", "hljs-ln-n", "line-numbers-rows", "blob-num", "js-line-number"),
        *("CodeMirror-linenumber", "cm-gutters", "crayon-nums", "react-code-line-number", "se-code-line-number"),
    }
)
"""Classes of line numbers, which are not part of the code."""

_LINE_CLASSES = frozenset(
    {
        *("line", "ec-line", "token-line", "code-line", "codeline", "view-line", "cm-line", "CodeMirror-line"),
        *("hljs-ln-line", "crayon-line", "react-code-line", "highlight-line", "chroma-line", "cl-line"),
    }
)
_LINE_NAMES = frozenset({"div", "p", "li", "tr", "dd", "dt", "section", "pre", "ol", "ul", "table", "blockquote"})
_BLOCK_STYLE = lazy_pattern(r"display\s*:\s*(?:block|flex|grid|list-item|table-row)", re.IGNORECASE)
_UNSELECTABLE = lazy_pattern(r"user-select\s*:\s*none", re.IGNORECASE)


def is_line(name: str, attributes: Mapping[str, str], classes: frozenset[str]) -> bool:
    """Whether an element inside preformatted text stands on lines of its own."""
    if name in _LINE_NAMES or (name == "span" and classes & _LINE_CLASSES):
        return True
    return name in {"span", "code"} and _BLOCK_STYLE.search(attributes.get("style", "")) is not None


def is_number(attributes: Mapping[str, str], classes: frozenset[str]) -> bool:
    """Whether an element inside preformatted text holds line numbers: by its class, or because it cannot be
    selected.
    """
    return bool(classes & NUMBER_CLASSES) or _UNSELECTABLE.search(attributes.get("style", "")) is not None


_TOKEN_CLASSES = frozenset(
    # Keywords, names, strings, numbers and comments of Pygments and Rouge, pandoc, highlight.js, Prism and GitHub.
    """k kn kd kc kr kt nn nf nc nb nd mi mf s1 s2 sd c1 cm ow bp kw im cf fu dt st co bu hljs-keyword hljs-string
    hljs-comment hljs-built_in hljs-number hljs-title hljs-literal token pl-k pl-s pl-c1 pl-en cm-keyword""".split()
)
_MIN_COLOURED = 3


@dataclass(slots=True)
class _OpenLine:
    start: int
    has_inner: bool = False


@dataclass(slots=True)
class Preformatted:
    """Collects the text of one ``<pre>``.

    Each element with a line of its own begins one, unless the markup has already broken the line: some programs write
    the line breaks inside these elements or between them, others not at all.
    """

    language: str | None = None
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _coloured: int = 0
    _open: list[_OpenLine] = field(default_factory=list)
    _has_break: bool = True  # since the last line began
    _is_behind: bool = False  # a line's element has just ended

    def notice(self, classes: frozenset[str]) -> None:
        """Note the classes of an element that begins: a highlighter may have coloured words."""
        self._coloured += not _TOKEN_CLASSES.isdisjoint(classes)

    @property
    def is_coloured(self) -> bool:
        """Whether a highlighter has coloured words, and so treated the text as code."""
        return self._coloured >= _MIN_COLOURED

    def add(self, text: str) -> None:
        """Add text as it is."""
        if not text:
            return
        visible = text.lstrip(" \t")
        if visible and self._is_behind:
            self._is_behind = False
            is_glued = not self._open and not self._has_break and visible[0] not in "\r\n"
            text = "\n" + text if is_glued else text
        self._has_break = self._has_break or "\n" in text
        self._parts.append(text)
        self._length += len(text)

    def open_line(self) -> None:
        """Begin an element that stands on a line of its own."""
        outer = self._open[-1] if self._open else None
        if outer is None or outer.has_inner or outer.start != self._length:
            self._is_behind = False
            if not self._has_break:
                self.add("\n")
            self._has_break = False
        if outer is not None:
            outer.has_inner = True
        self._open.append(_OpenLine(self._length))

    def close_line(self) -> None:
        """End such an element."""
        self._open.pop()
        self._is_behind = True

    @property
    def text(self) -> str:
        """The collected text, without blank lines around it; the first line keeps its indentation."""
        lines = "".join(self._parts).replace("\r\n", "\n").split("\n")
        filled = [at for at, line in enumerate(lines) if line.strip()]
        return "\n".join(lines[filled[0] : filled[-1] + 1]).rstrip() if filled else ""


_COUNTED = lazy_pattern(r"\s*\d{1,6}(?:\s+\d{1,6})*\s*")


def is_count(text: str) -> bool:
    """Whether a text is only line numbers, each one more than the one before."""
    if not _COUNTED.fullmatch(text):
        return False
    numbers = [int(number) for number in text.split()]  # at most six digits each
    return all(number == numbers[0] + at for at, number in enumerate(numbers))


# ── languages ───────────────────────────────────────────────────────────────────────────────────

MAX_LANGUAGE_CHARS = 30
_PLAIN = frozenset(
    ("plaintext", "plain", "text", "txt", "none", "nohighlight", "no-highlight", "default", "undefined")
)
_LANGUAGE_ATTRIBUTES = (
    *("data-ke-language", "data-language", "data-lang", "data-code-block-lang", "data-enlighter-language"),
    *("data-code-language", "data-codetype", "data-rawcode-lang"),
)
_LANGUAGE_CLASS = lazy_pattern(
    r"(?:language|lang|highlight-source|highlight-text|src|brush)[-:_]([a-z0-9+#_.-]{1,30})", re.IGNORECASE
)
_AFTER_BRUSH = lazy_pattern(r"brush\s*:\s*([a-z0-9+#_.-]{1,30})", re.IGNORECASE)
_SPHINX_CLASS = lazy_pattern(r"highlight-([a-z0-9+#_]{1,30})", re.IGNORECASE)
_MARKERS = frozenset(
    {
        *(
            "sourceCode",
            "hljs",
            "highlight",
            "highlighted",
            "chroma",
            "shiki",
            "codehilite",
            "prettyprint",
            "src",
            "code",
        ),
        *(
            "syntaxhighlighter",
            "prism-code",
            "codeblock",
            "code-block",
            "EnlighterJSRAW",
            "crayon-syntax",
            "astro-code",
        ),
    }
)
"""Classes that mark an element as code; a language may stand beside them as a separate class."""

_NEAR = 4  # the <pre>, its <code> and the two elements around it: there any word may name a language


def find_language(elements: Sequence[Mapping[str, str]]) -> str | None:
    """Return the language that preformatted text is marked with; None for plain text.

    Args:
        elements: The attributes of the ``<pre>``, of its ``<code>`` and of the boxes around it, nearest first.
    Source: the class names and attributes of Rouge, Pygments, Sphinx, pandoc, highlight.js, Prism, Shiki, Hexo, Hugo,
        SyntaxHighlighter, Enlighter, GitHub, Tistory and Notion.
    """
    for distance, attributes in enumerate(elements):
        for name, is_known in _named_languages(attributes):
            language = name.strip().casefold().rstrip(";,")[:MAX_LANGUAGE_CHARS]
            if language and (distance < _NEAR or is_known or language in CODE_LANGUAGES):
                return None if language in _PLAIN else language
    return None


def _named_languages(attributes: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Return what an element's attributes name as language, and whether it is a language that we know."""
    named = [(value, False) for name in _LANGUAGE_ATTRIBUTES if (value := attributes.get(name, ""))]
    class_names = attributes.get("class", "")
    if brush := _AFTER_BRUSH.search(class_names):
        named.append((brush[1], False))
    classes = class_names.split()
    named += [(match[1], False) for class_name in classes if (match := _LANGUAGE_CLASS.fullmatch(class_name))]
    named += [
        (m[1], True)
        for class_name in classes
        if (m := _SPHINX_CLASS.fullmatch(class_name)) and m[1].casefold() in CODE_LANGUAGES | _PLAIN
    ]
    if attributes.get("tag") in {"pre", "code"} or not _MARKERS.isdisjoint(classes):
        named += [(class_name, True) for class_name in classes if class_name.casefold() in CODE_LANGUAGES]
    if attributes.get("tag") == "pre" and attributes.get("lang", "").casefold() in CODE_LANGUAGES:
        named.append((attributes["lang"], True))
    return named


# ── code without a mark ─────────────────────────────────────────────────────────────────────────

_MAX_LINES = 200
_CODE_LINE = lazy_pattern(
    r"""(?x)
    (?: from\s+[\w.]+\s+import\s | import\s+[\w.]+(?:\s+as\s+\w+)?(?:,\s*[\w.]+)*;?\s*$
      | (?:async\s+)?def\s+\w+\s*\( | class\s+\w+\s*(?:\([^)]*\))?\s*[:{]\s*$
      | (?:if|for|while|with|elif|else|try|except|finally)\b[^.!?]*:\s*$
      | (?:\#include|\#define|\#!|using\s+namespace|package\s+\w)
      | (?:export\s+(?:default|const|function)|function\s+\w*\s*\()
      | (?:const|let|var|auto|int|float|double|char|bool|void|public|private|static|func|fn)\s+[\w<>\[\]*&: ]+[=({;]
      | @\w[\w.]*(?:\(.*\))?\s*$
      | [A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:\s*,\s*[A-Za-z_][\w.]*)*\s*(?:[-+*/|&]|//|\*\*)?=\s*[\w\[({'"-][^=]*$
      | [A-Za-z_][\w.]*\(.*\)\s*;?\s*(?:\#.*|//.*)?$
      | (?:>>>|\.\.\.|\$|%|!)\s?[\w./-]+
      | (?:pip3?|conda|git|sudo|apt|apt-get|npm|yarn|npx|docker|brew|gem|wget|curl|cd|mkdir|chmod|uv)
        (?:\s+[-\w./:=~@+]+)+\s*\\?$
      | python3?\s+(?:-m\s+)?[\w./-]+(?:\.py|\s+-).*$
      | (?:SELECT|INSERT\s+INTO|CREATE\s+TABLE|UPDATE|DELETE\s+FROM)\s+\S
      | [^.!?]*[;{]\s*(?://.*)?$
    )"""
)
_NEUTRAL_LINE = lazy_pattern(r"\s*(?:[\])}\],;]+|\#\s.*|//.*|/?\*.*|-- .*)\s*")
_SENTENCE = lazy_pattern(r"(?:[A-Za-z]{2,}[ ,]+){6}|[가-힣]{2,}\s+[가-힣]{2,}\s+[가-힣]{2,}|[.!?。]\s*$")


def looks_like_code(text: str) -> bool:
    """Whether unmarked preformatted text is clearly code: half of its lines could be nothing else.

    Prompts, quotations and printed output stay what they are.
    """
    lines = [line.strip() for line in text.split("\n", _MAX_LINES)[:_MAX_LINES] if line.strip()]
    telling = [line for line in lines if not _NEUTRAL_LINE.fullmatch(line)]
    code_count = sum(1 for line in telling if len(line) <= 300 and _CODE_LINE.match(line) and not _is_sentence(line))
    return code_count > 0 and code_count * 2 >= len(telling)


def _is_sentence(line: str) -> bool:
    return _SENTENCE.search(line) is not None and not line.endswith((";", "{", ")", ":"))
