"""Whether the best that was found may be shown as the answer, or is offered as a guess. Pure.

`is_sure` decides for a paper's name, `Evidence.is_sure` for a topic. The numbers of both are here, and what they rest
on is in docs/ranking.md. A wrong answer that looks sure costs more trust than a right one that asks back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from bot.search.matches import How, NameMatch

UNFINISHED = 0.9
"""The score of a name of which only the beginning was typed."""
FULL_WORDS = 0.7 - 1e-9
"""The score of a look-up by words in which every word matched, apart from rounding."""
SURE_SOUND = 0.125
"""One vowel of four, or one consonant in a name of eight sounds: as far as spellings of one name differ."""
SOUND_MARGIN = 0.1
"""How much farther every other review must sound for the best one to be sure."""
SURE_SOUND_WEIGHT = 10
"""Two consonants and a vowel, or three spelled-out letters. With less, everyday syllables sound like names."""
SURE_INTRODUCED_WEIGHT = 18
"""Three consonants and three vowels."""
SURE_TITLE_WEIGHT = 1.5
"""For each of its letters."""


def is_sure(matches: Sequence[NameMatch]) -> bool:
    """Whether the first of these matches, best first, may be shown as the answer."""
    if not matches or not matches[0].is_own:
        return False
    best, alone = matches[0], len(matches) == 1
    match best.how:
        case How.EXACT:
            return True
        case How.PREFIX:
            return alone and best.score >= UNFINISHED
        case How.SLIP:
            return alone or matches[1].how is How.SLIPS or matches[1].score < best.score
        case How.WORDS:
            return best.score >= FULL_WORDS and (alone or matches[1].score < best.score)
        case _:
            return False


SURE_SHARE = 0.6
"""The share of the query's weight that the best review must cover to be an answer and not a guess."""
SURE_PLACE = (0.6, 0.9)
"""If several things were asked, the share that title, headings and abstract, or one passage, must cover: with up
to a hundred reviews, and with a thousand or more. The more posts there are, the likelier one has all the words by
chance."""
SCATTERED = 4
SURE_PASSAGE = 0.5
"""If at least `SCATTERED` things were asked, the share of their weight that one passage must cover."""
SURE_TITLE = 0.5
"""For a question in everyday language, the share that the title must cover."""
SURE_HEADED = (0.5, 0.9)
"""What title, headings and abstract must cover instead: if field terms make up most of the question, and if not."""
SURE_FIRM = 0.6
SURE_TOGETHER = 0.8
"""In that case, what one passage must also cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How much of a query a review covers, in shares of its weight; words that no review has weigh as much as terms.

    Attributes:
        share: In the whole text.
        title: In the title.
        headed: In title, headings or abstract.
        passage: In one passage.
        firm: Anywhere, counting only field terms and Latin words.
        asked: How many things were asked, not counting words that say little.
        is_everyday: Whether some are everyday words, or Korean words that no glossary knows.
        is_on: Whether the review is about the first of them and does not just mention it.
    """

    share: float
    title: float
    headed: float
    passage: float
    firm: float
    asked: int
    is_everyday: bool
    is_on: bool

    def is_sure(self, *, total: int) -> bool:
        """Whether the review is an answer, given the total number of reviews."""
        if self.share < SURE_SHARE or (self.asked >= SCATTERED and self.passage < SURE_PASSAGE):
            return False
        if self.asked < 2:
            return self.is_on or not self.is_everyday
        if max(self.headed, self.passage) < _sure_place(total):
            return False
        return not self.is_everyday or self.title >= SURE_TITLE or self._is_headed

    @property
    def _is_headed(self) -> bool:
        enough = SURE_HEADED[0] if self.firm >= SURE_FIRM else SURE_HEADED[1]
        return self.headed >= enough and self.passage >= SURE_TOGETHER


def _sure_place(total: int) -> float:
    low, high = SURE_PLACE
    return min(high, low + (high - low) * max(0.0, log10(total / 100))) if total else low
