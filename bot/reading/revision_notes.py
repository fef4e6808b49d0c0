"""Descriptions of changes in other languages: what a note in a thread says, and what a note that is there said. Pure.

A description is made and kept in English (`bot.reading.changes.describe`). It is said in the language of the moment
when it is sent, and read back into English when a note is compared with it.
"""

from __future__ import annotations

from bot.languages import ENGLISH, N_, _, get_language, languages, ngettext, pattern_of, speaking

REVISED = N_("The review was revised: {changes}.")
ONLY_FORM = N_("Only the form of the review was changed.")
OPENING = N_("the opening")
"""The name of the text before the first heading."""
NEW, CHANGED, GONE = N_("new: {headings}"), N_("changed: {headings}"), N_("gone: {headings}")
MORE = N_("{headings} and {count} more")
REORDERED = N_("sections in another order, or under other numbers")
NEW_FACTS = N_("other venue, year or authors")
RETITLED = N_("another title")


def count_sections(count: str) -> str:
    """A number of sections, as in "new: 11 sections"."""
    number = int(count.replace(",", ""))
    return ngettext("{count} section", "{count} sections", number).format(count=count)


def say_note(description: str) -> str:
    """A description, or any other text, in the current language."""
    return _translate(description, ENGLISH, get_language())


def read_note(text: str) -> str:
    """The English description of a note in any of our languages; any other text as it is."""
    for language in languages():
        if language != ENGLISH and (read := _translate(text, language, ENGLISH)) != text:
            return read
    return text


def _translate(text: str, source: str, target: str) -> str:
    """Translate a description; headings stay as they are."""
    if source == target:
        return text
    if text == _in(source, ONLY_FORM):
        return _in(target, ONLY_FORM)
    revised = pattern_of(_in(source, REVISED)).fullmatch(text)
    if revised is None:
        return text
    changes = (_translate_change(change, source, target) for change in revised["changes"].split("; "))
    return _in(target, REVISED).format(changes="; ".join(changes))


def _translate_change(change: str, source: str, target: str) -> str:
    for phrase in (REORDERED, NEW_FACTS, RETITLED):
        if change == _in(source, phrase):
            return _in(target, phrase)
    for kind in (NEW, CHANGED, GONE):
        if found := pattern_of(_in(source, kind)).fullmatch(change):
            return _in(target, kind).format(headings=_translate_headings(found["headings"], source, target))
    return change  # the rest of a heading with a semicolon


def _translate_headings(headings: str, source: str, target: str) -> str:
    for number in ("1", "2"):
        with speaking(source):
            counted = pattern_of(count_sections(number).replace(number, "{count}")).fullmatch(headings)
        if counted:
            with speaking(target):
                return count_sections(counted["count"])
    if more := pattern_of(_in(source, MORE)).fullmatch(headings):
        named = _translate_headings(more["headings"], source, target)
        return _in(target, MORE).format(headings=named, count=more["count"])
    opening = _in(source, OPENING)
    return ", ".join(_in(target, OPENING) if each == opening else each for each in headings.split(", "))


def _in(language: str, template: str) -> str:
    with speaking(language):
        return _(template)
