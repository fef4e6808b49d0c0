"""How many slips lie between what was typed and a name."""

from __future__ import annotations

from rapidfuzz.distance import OSA

LETTERS_A_SLIP = 15
"""A whole title may have one slip per this many letters; a short name with a slip may be another name."""

SHORTEST = 4
"""Letters from which on a name may have a slip."""
MAX_ACRONYM = 5
"""Up to this many letters, another one may make another name."""


def slip_bound(asked: str) -> int:
    """How many slips are allowed in a squashed name of this length."""
    return 0 if len(asked) < SHORTEST else 1 if len(asked) < 8 else max(2, len(asked) // LETTERS_A_SLIP)


def is_slight(distance: int, name: str) -> bool:
    """Whether this many slips leave no doubt about a name: one, or a few in a long title."""
    return distance == 1 or distance * LETTERS_A_SLIP <= len(name)


def is_another_name(asked: str, name: str) -> bool:
    """Whether a slip in so few letters makes the name of another paper: BART is not BERT, DrTM is not DRAM.

    Swapped letters do not, nor does a missing one; a syllable of Hangul says as much as two or three letters.
    """
    is_short = len(asked) <= MAX_ACRONYM and asked.isascii()
    return is_short and len(name) <= len(asked) and sorted(asked) != sorted(name)


def slips(asked: str, name: str) -> int | None:
    """How many slips lie between two squashed names; None if there are too many, or if they are not slips at all.

    One is allowed from four letters on, two from eight, more in a long title (optimal string alignment: swapping
    neighbours is one slip). A digit is never a slip: a name with another number is another name.
    """
    bound = slip_bound(asked)
    distance = OSA.distance(asked, name, score_cutoff=bound)
    if distance > bound or [c for c in asked if c.isdigit()] != [c for c in name if c.isdigit()]:
        return None
    return distance
