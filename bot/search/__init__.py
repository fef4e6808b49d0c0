"""From what a member types to the reviews that answer it.

`text` cuts text into terms; `extract` draws a review's names and index terms; `names` looks up a paper,
`headings` a section within it, `sections` both in one string; `topics` ranks a search and finds the passage.
All pure; the only rapidfuzz.
"""
