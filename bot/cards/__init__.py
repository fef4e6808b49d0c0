"""What is said: an answer or an announcement → a card that every front end draws.

In: values of `bot.models`. Out: a `Card` of blocks, parts and choices, without markup or limits. Pure.
"""
