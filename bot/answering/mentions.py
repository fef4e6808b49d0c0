"""What a message mentions: the links and identifiers in its texts, and what is known about them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.models.answers import Answer, DidYouMean, EmptyCache, MessageRead, NotFoundHere, NotReviewed, PaperFound
from bot.models.requests import Command, Request
from bot.models.reviews import Identifiers
from bot.reviews.identifiers import is_known, parse_identifiers
from bot.search.keys import identifier_keys, link_key, pasted
from bot.text.patterns import lazy_pattern

MOST_READ = 20_000
"""Characters of a message that are read: more than Discord takes in one, with all its embeds."""
_ADDRESS = lazy_pattern(r"(?:https?://|www\.)[^\s<>\"|\\^`]+", re.IGNORECASE)
_WORD = lazy_pattern(r"[^\s<>()\[\]{}|,;\"'“”‘’`*~]+")
_OLD_ACL = lazy_pattern(r"[A-Za-z]\d{2}-\d{4}\W*")
"""As bare words these are codes of anything."""
_NO_PAPERS = ("discord.com", "discord.gg", "discordapp.com", "discordapp.net", "tenor.com", "giphy.com")
"""Sites whose addresses stand in messages and are never a review's."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A link or an identifier, as it was written; ``is_paper`` if it has a paper's identifier."""

    text: str
    is_paper: bool

    @property
    def request(self) -> Request:
        """What asks for the review of it."""
        return Request(command=Command.PAPER, query=self.text)


def find_mentions(texts: Iterable[str], *, names: Iterable[str] = (), most: int) -> tuple[Mention, ...]:
    """Find the links and identifiers in a message, each paper and page once, papers first.

    Args:
        texts: Its texts and addresses.
        names: Of its files: a paper if they are its arXiv number, as a download is called.
        most: How many to return.
    """
    found: dict[str, Mention] = {}
    for text in texts:
        for mention, key in _mentions_in(text[:MOST_READ]):
            found.setdefault(key, mention)
    for name in names:
        if arxiv := parse_identifiers(name).arxiv:
            found.setdefault(f"arxiv:{arxiv}", Mention(arxiv, is_paper=True))
    return tuple(sorted(found.values(), key=lambda mention: not mention.is_paper)[:most])


def paper_named_in(question: str) -> str | None:
    """Return the first link or identifier of a paper in a question, as it was written; None if it has none."""
    named = find_mentions([question], most=1)
    return named[0].text if named and named[0].is_paper else None


def _mentions_in(text: str) -> Iterator[tuple[Mention, str]]:
    """Each mention with the key by which it is the same as another one, in the order in which they stand."""
    for match in _ADDRESS.finditer(text):
        address = pasted(match[0])
        identifiers = parse_identifiers(address)
        if is_known(identifiers):
            yield Mention(address, is_paper=True), _key(identifiers)
        elif not _is_elsewhere(address):
            yield Mention(address, is_paper=False), link_key(address)
    for match in _WORD.finditer(_ADDRESS.sub(" ", text)):
        identifiers = Identifiers() if _OLD_ACL.fullmatch(match[0]) else parse_identifiers(match[0])
        if is_known(identifiers):
            yield Mention(match[0].rstrip(".,:!?"), is_paper=True), _key(identifiers)


def _key(identifiers: Identifiers) -> str:
    """One key for all addresses of a paper: its arXiv number, where an address has another identifier besides."""
    return f"arxiv:{identifiers.arxiv}" if identifiers.arxiv else identifier_keys(identifiers)[0]


def _is_elsewhere(address: str) -> bool:
    try:
        host = (urlsplit(address if "://" in address else f"https://{address}").hostname or "").lower()
    except ValueError:  # "http://[": not an address
        return True
    return not host or any(host == site or host.endswith(f".{site}") for site in _NO_PAPERS)


def combine(mentions: Sequence[Mention], answers: Sequence[Answer]) -> Answer | MessageRead:
    """Turn the answers to a message's mentions into one: the answer to the only paper, or what is known about each.

    Pages that are neither a review's nor a paper's are left out, unless there is nothing else.
    """
    for answer in answers:
        if isinstance(answer, EmptyCache):
            return answer
    asked = list(zip(mentions, answers, strict=True))
    found = distinct_papers(answers)
    others = [(mention, answer) for mention, answer in asked if not isinstance(answer, PaperFound)]
    papers = [(mention, answer) for mention, answer in others if mention.is_paper]
    missing = papers if papers or found else others
    if len(found) + len(missing) == 1:
        return found[0] if found else missing[0][1]
    return MessageRead(found=tuple(found), missing=tuple(_not_found(*each) for each in missing))


def combine_own(answers: Sequence[Answer]) -> Answer | MessageRead:
    """Turn the answers to the reviews that a message of ours shows, of which there are some, into one."""
    found = distinct_papers(answers)
    return MessageRead(found=tuple(found)) if len(found) > 1 else next(iter(found), answers[0])


def _not_found(mention: Mention, answer: Answer) -> NotFoundHere:
    asked = answer.asked if isinstance(answer, DidYouMean | NotReviewed) else None
    return NotFoundHere(text=mention.text, title=asked.record.title if asked and asked.record else None)


def distinct_papers(answers: Iterable[Answer]) -> list[PaperFound]:
    """Return the papers among answers, each once: two reviews of one paper are one."""
    kept: list[PaperFound] = []
    known: set[int] = set()
    for answer in answers:
        if not isinstance(answer, PaperFound):
            continue
        same = {answer.stored.id, *(head.id for head in answer.also)}
        if known.isdisjoint(same):
            kept.append(answer)
        known |= same
    return kept
