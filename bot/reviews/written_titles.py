"""The paper's title as the text writes it: with its colon, or in full.

In: a post's title without a colon, the headings and the text. Out: that title, or None. Many posts are files, named
after their papers; a file name cannot have a colon ("KettleNet Warm Pots for All"), and often only has the paper's
name ("KettleNet"). A heading, a reference or a BibTeX entry below still has the whole title. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.text.patterns import lazy_pattern
from bot.text.terms import bare_letters

_MIN_WORDS = 4
"""With fewer words, a colon after the first ones is not clearly that of the title."""
_MAX_NAME_WORDS = 2
_WORDS_BEHIND = 3
"""The words behind the colon that must agree; what follows them may be spelt in other ways."""
_LATIN_WORD = lazy_pattern(r"[A-Za-z][A-Za-z'’-]+")
_BETWEEN = r"[\s_.-]+"
_COLON = r"[*_`}\]]{0,3}\s?[:：][*_`{]{0,3}\s*"
_IN_FULL = lazy_pattern(r"\s*[:：]\s*(\S.*)")
_YEAR = lazy_pattern(r"\A(?:19|20)\d\d\s+(?=[A-Z][^\s:：]+\Z)")


def find_written_title(title: str, headings: Iterable[str], text: str) -> str | None:
    """Return the title with the colon that the headings or the text have behind its first word or two, or the whole
    title if the first heading begins with the post's and goes on behind a colon; None if neither is so.

    Args:
        title: The post's title without a count or venue.
        headings: All headings, the one that repeats the title first.
    """
    if ":" in title or "：" in title:
        return None
    listed = list(headings)
    return find_full_title(title, listed) or _with_colon(title.split(), "\n".join((*listed, text)))


def find_full_title(title: str, headings: Iterable[str]) -> str | None:
    """Return the first heading if it begins with the post's title, a word or two, and goes on behind a colon."""
    name = _YEAR.sub("", title)
    first = next((heading.strip() for heading in headings if heading.strip()), "")
    if not 0 < len(name.split()) <= _MAX_NAME_WORDS or not first.casefold().startswith(name.casefold()):
        return None
    match = _IN_FULL.match(first, len(name))
    is_title = match and len(_LATIN_WORD.findall(match[1])) >= _WORDS_BEHIND
    return first if is_title and bare_letters(name) else None


def _with_colon(words: list[str], text: str) -> str | None:
    if len(words) < _MIN_WORDS:
        return None
    for count in range(1, _MAX_NAME_WORDS + 1):
        head, behind = words[:count], words[count : count + _WORDS_BEHIND]
        parts = (_BETWEEN.join(map(re.escape, part)) for part in (head, behind))
        if re.search(rf"(?<!\w){_COLON.join(parts)}(?!\w)", text, re.IGNORECASE):
            return f"{' '.join(head)}: {' '.join(words[count:])}"
    return None
