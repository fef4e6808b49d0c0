"""Turn an answer or an announcement into a card that every front end can draw.

In: values of `bot.models`. Out: a `Card` of blocks, parts and choices, without markup or limits. Pure.
"""
