"""Which posts of a feed are announced, as a server's admin writes it: text → `PostFilter` → `Verdict`. Pure.

::

    hallucination                         a word, anywhere: title, categories, venue, authors or text
    venue:EMNLP2023 OR tag:rag            in one field
    title:"instruction tuning" -author:kim
    (환각 OR hallucination) AND NOT year:2022
    title:/instruct(ion)?s?/              a regular expression
    year:2023..2025  year:>=2023

Terms side by side must all match; OR binds less tightly. Operators are written in capitals. A word in Latin letters
also matches its other forms, as in a search. A word in Hangul matches inside longer words, because particles are
attached to it.

Both filters and posts come from strangers. Patterns are compiled by RE2, limited in size, and run on a limited piece
of text at a time; the clock is checked between pieces. So a filter takes at most 0.2 s of CPU time and one more step.
What one filter prepares of a post is reused by the others (`ReadPost`), and cheap terms are tried first.
"""
