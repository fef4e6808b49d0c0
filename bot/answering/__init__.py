"""A request → an answer.

In: a `Request` and the `Audience` that asks it. Out: an `Answer`. `answering` decides, `searcher` asks the full-text
index, `name_cache` holds the names of all reviews in memory. Acts: it reads the store, and changes nothing but the
list of searches that found nothing.
"""
