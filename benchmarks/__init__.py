"""Benchmarks, run by hand; never part of the tests. See docs/benchmarks.md.

`ingest` times a poll, `lookups` times the answers, and `relevance` scores them on a graded sample. Each does the same
work once with the bot and once with the libraries alone (`by_hand`). Both take turns in one run, so that the ratio is
meaningful on a busy machine, too. `shelf` opens the bot on a feed; `measure` holds the arithmetic and the tables.
"""
