"""Which posts are announced, where, when and how.

In: reviews, subscriptions and the time. Out: decisions, verdicts of `filters`, the moment of a digest. Pure; `feeds`
and `delivering` act on it.
"""
