r"""Formulas: TeX → text that people can read where no TeX is drawn, such as “θᵢ ∈ ℝ”. Pure.

pylatexenc parses the source and knows the signs; how they stand together is decided here. Only what certainly means
the same is given: whatever is not known, or needs more than one line, has no readable form, and its source is shown
instead. Sources: “TeX for the Impatient”, chapter 8; Unicode 16, “Superscripts and Subscripts”.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

from pylatexenc.latex2text import fmt_math_text_style
from pylatexenc.latex2text import get_default_latex_context_db as known_texts
from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexNode,
    LatexWalker,
    LatexWalkerError,
)
from pylatexenc.latexwalker import get_default_latex_context_db as known_macros
from pylatexenc.macrospec import LatexContextDb, MacroSpec

from bot.text.patterns import lazy_pattern

__all__ = ["SUBSCRIPTS", "SUPERSCRIPTS", "readable"]

MAX_CHARS = 600
"""The longest source that is read; what is longer cannot be read on one line anyway."""

MAX_NESTING = 16
"""Braces and arguments within each other. The parser is recursive, some ten frames a level."""

SUPERSCRIPTS = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθϕφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵠᵡ",
        strict=True,
    )
)
SUBSCRIPTS = dict(
    zip("0123456789+-−=()aehijklmnoprstuvxβγρϕφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵩᵪ", strict=True)
)
_RAISED_ALREADY = {sign: sign for sign in "∗⋆†‡′⊤⊥"} | {"∘": "°"}
"""What is clear as a superscript although Unicode does not raise it."""


def readable(tex: str) -> str | None:
    r"""Return a formula as text of one line; None if it has no readable form.

    Args:
        tex: The source, with its delimiters ($…$, $$…$$, \(…\), \[…\]) or without.
    """
    source = _without_delimiters(tex)
    if not source.strip() or len(source) > MAX_CHARS or _nesting(source) > MAX_NESTING or "\\begin" in source:
        return None
    try:
        text = _join(_read(_parse(source)))
    except (_UnreadableError, LatexWalkerError, RecursionError):
        return None
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return text if text.isprintable() and "\\" not in text and text else None


class _UnreadableError(ValueError):
    """A part of a formula has no readable form."""


_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))


def _without_delimiters(tex: str) -> str:
    text = tex.strip()
    for opening, closing in _DELIMITERS:
        if text.startswith(opening) and text.endswith(closing) and len(text) >= len(opening) + len(closing):
            return text[len(opening) : -len(closing)]
    return text


_PART = lazy_pattern(r"\\[A-Za-z]+|\\.|[^\s\[]", re.DOTALL)


def _nesting(source: str) -> int:
    r"""Return how deep groups and arguments are within each other; “\hat\hat x” nests without any brace."""
    waiting: list[int] = []  # 0 for an open brace; for a command, how many arguments it still takes
    deepest = 0
    for part in _PART.findall(source):
        arguments = _argument_count(part[1:]) if len(part) > 1 else 0
        if part == "{" or arguments:
            waiting.append(arguments)
            deepest = max(deepest, len(waiting))
            continue
        if part == "}":
            while waiting and waiting.pop():
                pass
        while waiting and waiting[-1]:  # something complete: an argument of what waits, which may complete that
            waiting[-1] -= 1
            if waiting[-1]:
                break
            waiting.pop()
    return deepest


# ── what pylatexenc is asked ────────────────────────────────────────────────────────────────────

_ARGUMENTS = {
    **dict.fromkeys(("dfrac", "tfrac", "cfrac", "overset", "underset", "stackrel"), "{{"),
    **dict.fromkeys(("operatorname", "tag"), "*{"),
    **dict.fromkeys(("boldsymbol", "bm", "pmb", "mathbbm", "mathnormal", "textnormal", "hbox", "boxed"), "{"),
    **dict.fromkeys(("mathop", "mathbin", "mathrel", "mathord", "mathopen", "mathclose", "mathinner"), "{"),
}
"""Arguments of usual commands that pylatexenc does not know: "{" for one, "*" for a star."""


@cache
def _macros() -> LatexContextDb:
    known = known_macros().filter_context(keep_categories=["latex-base"], keep_which=["macros"])
    more = [MacroSpec(name, arguments) for name, arguments in _ARGUMENTS.items()]
    known.add_context_category("more", prepend=True, macros=more)
    return known


def _argument_count(name: str) -> int:
    """Return how many arguments a command needs."""
    spec = _macros().get_macro_spec(name)
    return spec.args_parser.argspec.count("{") if spec is not None else 0


@cache
def _texts() -> LatexContextDb:
    # Without the placeholders, such as “<ref>”.
    return known_texts().filter_context(keep_categories=["latex-base", "advanced-symbols"])


def _parse(source: str) -> Sequence[LatexNode]:
    nodes, _, _ = LatexWalker(source, latex_context=_macros(), tolerant_parsing=False).get_latex_nodes()
    return list(nodes)


_MORE_SIGNS = {
    "|": "‖", "colon": ":", "gets": "←", "ne": "≠", "land": "∧", "lor": "∨", "neg": "¬", "lnot": "¬", "iff": "⟺",
    "implies": "⟹", "coloneqq": "≔", "models": "⊨", "triangle": "△", "ddagger": "‡", "checkmark": "✓", "lbrack": "[",
    "rbrack": "]", "Re": "ℜ", "Im": "ℑ", "triangleq": "≜", "bigodot": "⨀", "biguplus": "⨄", "bigsqcup": "⨆",
    "Pr": "Pr", "arg": "arg", "det": "det", "dim": "dim", "gcd": "gcd", "hom": "hom", "ker": "ker", "deg": "deg",
    "lg": "lg", "sec": "sec", "csc": "csc", "cot": "cot", "coth": "coth", "argmax": "argmax", "argmin": "argmin",
    "%": "%", "prime": "′", "cdotp": "·", "dotsm": "⋯", "dotsb": "⋯", "lvert": "|", "rvert": "|",
}  # fmt: skip
"""Signs and names of plain TeX and AMS-LaTeX that pylatexenc does not know, or knows only as ASCII."""


@cache
def _sign(name: str) -> str:
    """Return the text of a command without arguments."""
    if name in _MORE_SIGNS:
        return _MORE_SIGNS[name]
    spec = _texts().get_macro_spec(name)
    text = spec.simplify_repl if spec is not None else None
    if not isinstance(text, str) or not text or unicodedata.combining(text[0]):
        raise _UnreadableError(name)
    is_name = text.replace(" ", "") == name
    if not is_name and any(character.isascii() and character.isalnum() for character in text):
        raise _UnreadableError(name)  # a date, a pattern with arguments
    return text


# ── atoms: what stands together ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atom:
    """A part of a formula, already as text.

    ``is_spaced`` is a relation, with a space on both sides. ``is_word`` needs a space towards letters and digits: a
    function's name, or a large operator. ``is_quotient`` needs brackets beside a factor.
    """

    text: str
    is_spaced: bool = False
    is_word: bool = False
    is_quotient: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether it is only a space."""
        return not self.text.strip()


_BLANK = _Atom(text=" ")
_RELATIONS = frozenset("=≠≈∼≃≅≡≐≔≜∝≤≥⩽⩾≦≧≪≫≲≳≺≻⪯⪰∈∉∋⊂⊃⊆⊇⊊⊋⊢⊨⊥→←↔⇒⇐⇔⟶⟵⟷⟹⟸⟺↦⟼↪↛⇝≼≽")
_LARGE = frozenset("∑∏∐∫∬∭∮⋃⋂⋁⋀⨀⨄⨆")
_CHARACTERS = {"-": "−", "*": "∗", "'": "′", "~": " "}
_NOT_READ = frozenset("&#")

_Item: TypeAlias = str | LatexNode


def _is(item: _Item, character: str) -> bool:
    return isinstance(item, str) and item == character  # the parser's nodes cannot be compared with text


def _items(nodes: Iterable[LatexNode | None]) -> Iterator[_Item]:
    """Yield the nodes, and of text each character: TeX reads it so."""
    for node in nodes:
        if isinstance(node, LatexCharsNode):
            yield from node.chars
        elif node is not None:
            yield node


def _read(nodes: Iterable[LatexNode | None]) -> list[_Atom]:
    """Read mathematics into atoms."""
    items = deque(_items(nodes))
    atoms: list[_Atom] = []
    while items:
        item = items.popleft()
        if isinstance(item, str):
            _read_character(item, items, atoms)
        elif isinstance(item, LatexMacroNode):
            _read_macro(item, items, atoms)
        else:
            atoms += _inside(item)
    return atoms


def _inside(node: LatexNode | None) -> list[_Atom]:
    """Read a group or an argument: a single atom stays what it is."""
    if isinstance(node, LatexGroupNode):
        atoms = _read(node.nodelist)
    elif isinstance(node, (LatexCharsNode, LatexMacroNode)):
        atoms = _read([node])
    else:  # an environment, a comment, another formula
        raise _UnreadableError
    return atoms if len(atoms) < 2 else [_Atom(text=_join(atoms))]


def _read_character(character: str, items: deque[_Item], atoms: list[_Atom]) -> None:
    if character in _NOT_READ:
        raise _UnreadableError
    if character in "^_":
        _attach(atoms, _script(character, _argument(items)))
    elif character.isspace():
        atoms.append(_BLANK)
    elif character == "=" and atoms and atoms[-1].text in {":", "<", ">", "!", "="}:
        atoms[-1] = _Atom(text=f"{atoms[-1].text}=", is_spaced=True)
    else:
        text = _CHARACTERS.get(character, character)
        atoms.append(_Atom(text=text, is_spaced=text in _RELATIONS or _compares(text, items, atoms)))


_OTHER_ANGLE = {"<": ">", ">": "<"}


def _compares(sign: str, items: deque[_Item], atoms: Sequence[_Atom]) -> bool:
    """Whether “<” or “>” stands between two things, and not as a bracket: “<mask>”."""
    other = _OTHER_ANGLE.get(sign)
    if other is None or not items or all(atom.is_blank for atom in atoms):
        return False
    return not any(_is(item, other) for item in items) and all(atom.text != other for atom in atoms)


def _argument(items: deque[_Item]) -> str:
    """Take the next item, as TeX does for what follows “^” or “_”."""
    while items and isinstance(items[0], str) and items[0].isspace():
        items.popleft()
    if not items:
        raise _UnreadableError
    item = items.popleft()
    taken: list[_Atom] = []
    if isinstance(item, LatexMacroNode):
        _read_macro(item, deque(), taken)
    elif isinstance(item, str):
        if item in "^_":
            raise _UnreadableError
        _read_character(item, deque(), taken)
    elif isinstance(item, LatexGroupNode):
        taken = _read(item.nodelist)
    else:
        raise _UnreadableError
    return _join(taken, is_tight=True)


def _script(sign: str, text: str) -> str:
    """Raise or lower a text: with Unicode's own letters if it has all of them, otherwise as ^(…) or _(…)."""
    table = SUBSCRIPTS if sign == "_" else SUPERSCRIPTS | _RAISED_ALREADY
    text = text.strip()
    if all(character in table for character in text):
        return "".join(table[character] for character in text)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}{_in_brackets(text)}"


def _attach(atoms: list[_Atom], script: str) -> None:
    while atoms and atoms[-1].is_blank:
        atoms.pop()
    base = atoms.pop() if atoms else _Atom(text="")
    text = _in_brackets(base.text) if base.is_quotient else base.text
    is_open = script[:1] in {"_", "^"} and not script.endswith(")")  # “W_Q”, which must not run into a letter
    atoms.append(replace(base, text=text + script, is_quotient=False, is_word=base.is_word or is_open))


def _join(atoms: Sequence[_Atom], *, is_tight: bool = False) -> str:
    """Join atoms to a text, with the spaces that tell them apart.

    Args:
        is_tight: Without all others, for what is raised or lowered.
    """
    if is_tight:
        atoms = [atom for atom in atoms if not atom.is_blank]
    joined = ""
    for at, atom in enumerate(atoms):
        text = atom.text
        if atom.is_blank and (
            joined[-1:] in _OPENING or (at + 1 < len(atoms) and atoms[at + 1].text[:1] in _CLOSING)
        ):
            continue
        if atom.is_quotient and _has_factor_beside(atoms, at):
            text = _in_brackets(text)
        if atom.is_spaced and not is_tight:
            text = f" {text} "
        elif joined and text and _runs_together(atoms[at - 1], atom, joined[-1], text[0]):
            joined += " "
        joined += text
    return joined


_OPENING = frozenset(("", *"([{⟨⌈⌊"))
_CLOSING = frozenset(",;)]}⟩⌉⌋")


def _runs_together(left: _Atom, right: _Atom, last: str, first: str) -> bool:
    """Whether two neighbours would be read as one name."""
    is_word_before = left.is_word and (_is_letter(first) or left.text[0] in _LARGE or first in _LARGE)
    is_word_after = right.is_word and (_is_letter(last) or last in ")]}")
    return not (last.isspace() or first.isspace() or first in ",.;:)]}") and (is_word_before or is_word_after)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character in "∂∇√"


_BEFORE_QUOTIENT = frozenset("+−±∓·×,;:([{⟨|‖<>")
_BEHIND_QUOTIENT = frozenset("+−±∓·×,;:.)]}⟩|‖<>")


def _has_factor_beside(atoms: Sequence[_Atom], at: int) -> bool:
    """Whether a quotient is multiplied, so that without brackets the divisor would not be clear."""
    before = next((atom for atom in reversed(atoms[:at]) if not atom.is_blank), None)
    behind = next((atom for atom in atoms[at + 1 :] if not atom.is_blank), None)
    is_behind_factor = before is not None and not before.is_spaced and before.text[-1] not in _BEFORE_QUOTIENT
    is_before_factor = behind is not None and not behind.is_spaced and behind.text[0] not in _BEHIND_QUOTIENT
    return is_behind_factor or is_before_factor


def _in_brackets(text: str) -> str:
    return text if _is_bracketed(text) else f"({text})"


def _is_bracketed(text: str) -> bool:
    """Whether a text is one pair of brackets with all the rest inside."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


# ── commands ────────────────────────────────────────────────────────────────────────────────────

_IGNORED = frozenset(
    "left right middle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr biggm Biggl Biggr Biggm"
    " displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag ! negthinspace rm"
    " bf it sf tt cal label color".split()
)
_SPACES = frozenset(
    (*", ; : > /".split(), " ", *"quad qquad enspace enskip thinspace medspace thickspace hspace vspace".split())
)
_TEXTS = frozenset(
    "text textrm textit textbf textmd textsc textsf textsl texttt textup textnormal mbox hbox emph".split()
)
_UPRIGHT = frozenset("mathrm mathit mathsf mathtt mathnormal operatorname".split())
_ALPHABETS = {"mathbb": "doublestruck", "mathbbm": "doublestruck", "mathcal": "script", "mathscr": "script",
              "mathfrak": "fraktur"}  # fmt: skip
_BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb"})
_AS_IT_IS = frozenset(
    "ensuremath boxed underbrace overbrace textcolor mathop mathbin mathrel mathord mathopen mathclose"
    " mathinner".split()
)
_FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac", "nicefrac"})
_ACCENTS = {
    "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "hat": "\u0302", "widehat": "\u0302", "check": "\u030c",
    "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0305", "underline": "\u0332", "not": "\u0338", "overrightarrow": "\u20d7",
}  # fmt: skip
_LONG_ACCENTS = frozenset({"overline", "underline", "bar"})
_STACKED = {"underset": "_", "overset": "^", "stackrel": "^"}


def _read_macro(node: LatexMacroNode, items: deque[_Item], atoms: list[_Atom]) -> None:
    name = node.macroname
    if name in _IGNORED:
        if name in {"left", "right", "middle"} and items and _is(items[0], "."):
            items.popleft()  # a bracket that is not drawn
        while name == "right" and atoms and atoms[-1].is_blank:
            atoms.pop()
        return
    if name in _SPACES:
        atoms.append(_BLANK)
    elif name in _AS_IT_IS:
        atoms += _inside(_arguments(node)[-1])
    else:
        atoms.append(_atom_of(node))
        # The space that ends a command's name means nothing, but one on both sides is meant to be seen.
        if node.macro_post_space and len(atoms) > 1 and atoms[-2].is_blank:
            atoms.append(_BLANK)


def _arguments(node: LatexMacroNode) -> list[LatexNode | None]:
    arguments = list(node.nodeargd.argnlist) if node.nodeargd is not None else []
    if not arguments:
        raise _UnreadableError(node.macroname)
    return arguments


def _atom_of(node: LatexMacroNode) -> _Atom:
    name = node.macroname
    if read := _READERS.get(name):
        return read(name, _arguments(node))
    if node.nodeargd is not None and any(argument is not None for argument in node.nodeargd.argnlist):
        raise _UnreadableError(name)
    text = _sign(name)
    is_name = text[0].isascii() and text[0].isalpha()
    return _Atom(text=text, is_spaced=text in _RELATIONS or name == "mid", is_word=is_name or text in _LARGE)


def _text_of(argument: LatexNode | None) -> str:
    return _join(_inside(argument)).strip()


def _read_text(_name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    text = "".join(_plain(arguments[-1:]))
    return _Atom(text=text, is_word=_is_word(text))


def _is_word(text: str) -> bool:
    return len(text) > 1 and text.isalpha()


def _plain(nodes: Iterable[LatexNode | None]) -> Iterator[str]:
    """Read what is not mathematics, such as words within a formula: each character stands for itself."""
    for node in nodes:
        if isinstance(node, LatexCharsNode):
            yield node.chars.replace("~", " ")
        elif isinstance(node, LatexGroupNode):
            yield from _plain(node.nodelist)
        elif isinstance(node, LatexMacroNode):
            yield _join(_read([node])) + node.macro_post_space * (node.macroname in _TEXTS)
        else:
            raise _UnreadableError


def _read_upright(_name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    text = _text_of(arguments[-1]).replace("−", "-")
    return _Atom(text=text, is_word=_is_word(text))


_DOUBLE_DIGITS = str.maketrans("0123456789", "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡")  # pylatexenc knows the letters alone


def _read_alphabet(name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    style = _ALPHABETS[name]
    text = fmt_math_text_style(_text_of(arguments[-1]), style)
    return _Atom(text=text.translate(_DOUBLE_DIGITS) if style == "doublestruck" else text)


def _read_bold(_name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    text = _text_of(arguments[-1])
    return _Atom(text=fmt_math_text_style(text, "bold") if len(text) == 1 else text)


def _read_fraction(_name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    above, below = map(_text_of, arguments[-2:])
    if not above or not below:
        raise _UnreadableError
    dividend = above if _is_product(above) else _in_brackets(above)
    divisor = below if _is_factor(below) else _in_brackets(below)
    return _Atom(text=f"{dividend}/{divisor}", is_quotient=True)


def _read_root(_name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    index, radicand = arguments
    below = _text_of(radicand)
    raised = _script("^", _text_of(index)) if index is not None else ""
    if not below or raised.startswith("^"):
        raise _UnreadableError
    return _Atom(text=f"{raised}√{below if _is_factor(below) else _in_brackets(below)}")


def _read_accent(name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    text, accent = _text_of(arguments[-1]), _ACCENTS[name]
    if name in _LONG_ACCENTS and text.isalnum() and text.isascii():
        return _Atom(text="".join(character + accent for character in text))
    if not _ONE_LETTER.fullmatch(text) if name != "not" else len(text) != 1:
        raise _UnreadableError
    accented = unicodedata.normalize("NFC", text[:1] + accent)
    return _Atom(text=accented + text[1:], is_spaced=name == "not")


def _read_stack(name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    beside, base = arguments[-2:]
    atoms = _inside(base)
    _attach(atoms, _script(_STACKED[name], _join(_inside(beside), is_tight=True)))
    return replace(atoms[0], text=_join(atoms)) if len(atoms) == 1 else _Atom(text=_join(atoms))


def _read_tag(_name: str, arguments: Sequence[LatexNode | None]) -> _Atom:
    return _Atom(text=f" ({_text_of(arguments[-1])})")


_READERS: dict[str, Callable[[str, Sequence[LatexNode | None]], _Atom]] = {
    **dict.fromkeys(_TEXTS, _read_text),
    **dict.fromkeys(_UPRIGHT, _read_upright),
    **dict.fromkeys(_ALPHABETS, _read_alphabet),
    **dict.fromkeys(_BOLD, _read_bold),
    **dict.fromkeys(_FRACTIONS, _read_fraction),
    "sqrt": _read_root,
    **dict.fromkeys(_ACCENTS, _read_accent),
    **dict.fromkeys(_STACKED, _read_stack),
    "tag": _read_tag,
}

# ── which texts are one factor ──────────────────────────────────────────────────────────────────

_SCRIPTS = frozenset("".join((*SUPERSCRIPTS.values(), *SUBSCRIPTS.values(), *_RAISED_ALREADY.values())))


_MARKS = rf"\u0300-\u036f\u20d0-\u20ff{re.escape(''.join(_SCRIPTS))}"
_ONE_LETTER = lazy_pattern(rf"[^\W_](?:[{_MARKS}]|[_^](?:[^\W_]|\([^()]*\)))*")
"""A letter with its accents and scripts."""


_BRACKETED = lazy_pattern(r"\([^()]+\)|\[[^\[\]]+\]")
_BARRED = lazy_pattern(r"\|[^|‖]+\||‖[^|‖]+‖")
_NAME = rf"(?:[^\W_]|[∂∇∞.{_MARKS}])++"
_BESIDE = rf"(?:[{_MARKS}]|[_^](?:[^\W_]|\(\)))*+"
_PRODUCT = lazy_pattern(rf"[\w^√∂∇∞.(){_MARKS}]+")
_FACTOR = lazy_pattern(rf"√?(?:{_NAME}{_BESIDE}(?:\(\){_BESIDE})?|\(\){_BESIDE})")


def _is_product(text: str) -> bool:
    """Whether a text is certainly divided as a whole without brackets: it has no sum in it, and no space."""
    return _PRODUCT.fullmatch(_without_insides(text)) is not None


def _is_factor(text: str) -> bool:
    """Whether a text certainly divides as a whole without brackets: a number, a name, a call, “2” but not “2x”."""
    flat = _without_insides(text)
    core = [character for character in flat if character not in _SCRIPTS]
    has_both = any(map(str.isdigit, core)) and any(map(str.isalpha, core))
    return _FACTOR.fullmatch(flat) is not None and not has_both


def _without_insides(text: str) -> str:
    """Empty the brackets of a text: “p()” for “p(x + 1)”."""
    for brackets in (_BRACKETED, _BARRED):
        for _ in range(MAX_NESTING):
            emptied = brackets.sub("\0", text)
            if emptied == text:
                break
            text = emptied
    return text.replace("\0", "()")
