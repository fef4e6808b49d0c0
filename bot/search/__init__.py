"""From what a member types to the reviews that answer it.

`bot.text.terms` splits text into terms; `extract`, with `own_names` and `known_papers`, collects everything by which
a review can be found. `names` looks up a paper (`tables` and `strings` store the names; `slips`, `hangul` and `keys`
compare them), `headings` (with `roles`) finds a section within it, and `sections` finds both in one string. A search
goes from `query` (with `filters` and `glossary`) through `ranking` to `passages`. `sureness` says whether the best
that was found is the answer. `anchoring` keeps a passage that somebody quoted, and finds it again in a later version
of its review.

Pure, except that `glossary` and `known_papers` read their lists from files. The only use of rapidfuzz.
"""
