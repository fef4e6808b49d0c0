"""From what a member types to the reviews that answer it.

`text` cuts text into terms; `extract` draws from a review what it is found by. `names` looks up a paper (`tables`
and `strings` hold the names, `slips`, `hangul` and `keys` compare them), `headings` a section within it, `sections`
both in one string. A search goes from `query` (with `filters` and `glossary`) by `ranking` to `passages`. All pure;
the only rapidfuzz.
"""
