"""Which posts are announced, where, when and how.

In: reviews, subscriptions and the time. Out: decisions, verdicts of `filters`, the time of the next digest. Pure;
`feeds` and `delivering` act on the results.
"""
