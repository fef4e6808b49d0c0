"""How good the answers are on the graded sample: `nonmun batch` and the libraries by hand, scored in the same way.

The sample, its `score.py` and its `evaluate.py` are not part of this repository; without them there is nothing to
run, and the benchmark says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import by_hand
from benchmarks.by_hand import Found
from benchmarks.measure import print_table
from benchmarks.shelf import SHARED, real_feed

ROOT = Path(__file__).resolve().parents[1]
BATCH = (sys.executable, "-m", "bot", "batch")
SURE_PERCENT = 90.0
"""From this similarity on, the baseline is sure; WRatio gives 90 if a title contains the whole query."""
COLUMNS = ("S@1", "MRR", "nDCG", "R@10", "sect", "sure", "wrong!")

Scores = dict[str, dict[str, float]]


def score_ours(feed: Path, sample: Path, folder: Path) -> Scores:
    """Poll the feed into a new database, then let the sample's own script ask ``nonmun batch``."""
    database = str(folder / "ours.db")
    os.environ["NONMUN_RESOLVE_IDS"] = "false"  # what a server of others says is no part of the score
    poll = (sys.executable, "-m", "bot", "poll", "--db", database, "--feed", str(feed))
    subprocess.run(poll, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    command = shlex.join((*BATCH, "--db", database))
    return _scores([str(sample / "score.py"), "--command", command, "--queries", str(sample / "dev.jsonl"), "--json"])


def score_by_hand(feed: Path, sample: Path, folder: Path) -> Scores:
    """Answer with rapidfuzz over titles (and headings) and with bare FTS5."""
    lookups = by_hand.Lookups(feed, folder / "by-hand.db")
    queries = [json.loads(line) for line in (sample / "dev.jsonl").read_text("utf-8").splitlines() if line.strip()]
    run = folder / "run.jsonl"
    run.write_text("".join(json.dumps(_answer(lookups, query)) + "\n" for query in queries), "utf-8")
    lookups.close()
    return _scores([str(sample / "evaluate.py"), str(run), "--queries", str(sample / "dev.jsonl"), "--json"])


def _answer(lookups: by_hand.Lookups, query: dict[str, Any]) -> dict[str, Any]:
    found, is_sure = _look_up(lookups, query["command"], query["query"])
    return {
        "id": query["id"],
        "results": [item.link for item in found],
        "section": found[0].heading if found else None,
        "confident": is_sure,
    }


def _look_up(lookups: by_hand.Lookups, command: str, text: str) -> tuple[list[Found], bool]:
    """The results, and whether the baseline is sure of them."""
    match command:
        case "search":
            found = lookups.search(text)
            return found, bool(found) and found[0].score > 0
        case "section":
            found = lookups.best_section(text)
        case _:
            found = lookups.papers(text)
    return found, bool(found) and found[0].score >= SURE_PERCENT


def _scores(command: Sequence[str]) -> Scores:
    """Run one of the sample's scripts; the text that it prints before its JSON is for people."""
    done = subprocess.run((sys.executable, *command), cwd=ROOT, check=True, capture_output=True, text=True)
    groups: Scores = json.loads(done.stdout[done.stdout.index("{") :])["groups"]
    return groups


def _print_scores(hand: Scores, ours: Scores) -> None:
    rows = [
        (f"{kind}, {name}", f"{scores[kind]['n']:.0f}", *(_cell(scores[kind], column) for column in COLUMNS))
        for kind in ours
        for name, scores in (("by hand", hand), ("nonmun", ours))
    ]
    print_table("Graded queries; for “wrong!” less is better", ("kind", "n", *COLUMNS), rows)


def _cell(scores: dict[str, float], column: str) -> str:
    return f"{scores[column]:.3f}" if column in scores else ""


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feed", type=Path, default=real_feed(), metavar="PATH", help="the feed that was graded")
    parser.add_argument(
        "--sample", type=Path, default=SHARED / "relevance", metavar="FOLDER", help="dev.jsonl and its two scripts"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Score both and print one table."""
    options = _options(argv)
    if options.feed is None or not (options.sample / "dev.jsonl").exists():
        print("The graded sample or its feed is not here; give --sample and --feed to run this benchmark.")
        return
    feed, sample = options.feed.resolve(), options.sample.resolve()
    with TemporaryDirectory() as name:
        hand = score_by_hand(feed, sample, Path(name))
        ours = score_ours(feed, sample, Path(name))
    _print_scores(hand, ours)


if __name__ == "__main__":
    main()
