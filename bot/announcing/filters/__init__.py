"""Which posts of a feed are announced, as a server's admin writes it: text → `PostFilter` → `Verdict`. Pure.

::

    hallucination                         a word, anywhere: title, categories, venue, authors or text
    venue:EMNLP2023 OR tag:rag            in one field
    title:"instruction tuning" -author:kim
    (환각 OR hallucination) AND NOT year:2022
    title:/instruct(ion)?s?/              a regular expression
    year:2023..2025  year:>=2023

What stands side by side must all be met; OR binds looser. Operators are written in capitals. A word in Latin letters
is met by its other forms, as in a search; a word in Hangul wherever it stands, since particles are glued to it.

Filters come from strangers, and so do posts. Patterns are RE2's, of a bounded size, and look at a bounded piece of
text at a time; in between, the clock is asked. So a filter takes 0.2 s of CPU at most, and one step more. What is
prepared of a post for one filter serves the others (`ReadPost`), and what is cheap to ask is asked first.
"""
