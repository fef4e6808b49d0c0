"""Public repositories of posts, as the feeds that their sites would serve, with what is true of each post.

Clone those of `benchmarks.sites` into a folder (`git clone --bare https://github.com/OWNER/NAME OWNER+NAME`), then
`python -m benchmarks.repositories CLONES OUT` writes OUT/NAME.xml and OUT/NAME.jsonl for `benchmarks.habits`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.notes import read_notes, truth_of, write_feed
from benchmarks.sites import REPOSITORIES


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("clones", type=Path, metavar="CLONES", help="a folder of clones, named OWNER+NAME")
    parser.add_argument("out", type=Path, metavar="OUT", help="where feeds and truths go")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Write a feed and its truths for each repository that has a clone."""
    options = _options(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, repository in REPOSITORIES.items():
        clone = options.clones / repository.repository.replace("/", "+")
        clone = clone / "repo" if (clone / "repo").is_dir() else clone
        if not clone.is_dir():
            print(f"{repository.repository} is not in {options.clones}")
            continue
        notes = read_notes(repository, clone)
        (options.out / f"{name}.xml").write_text("\n".join(write_feed(repository, notes)) + "\n", "utf-8")
        lines = (json.dumps(truth_of(repository, note), ensure_ascii=False) for note in notes)
        (options.out / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(notes)} posts")


if __name__ == "__main__":
    main()
