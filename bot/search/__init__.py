"""From what a member types to the reviews that answer it.

`text` splits text into terms; `extract` collects everything by which a review can be found. `names` looks up a paper
(`tables` and `strings` store the names; `slips`, `hangul` and `keys` compare them), `headings` finds a section within
it, and `sections` finds both in one string. A search goes from `query` (with `filters` and `glossary`) through
`ranking` to `passages`. Everything is pure. The only use of rapidfuzz.
"""
