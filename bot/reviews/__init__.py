"""Entry → Review: which paper a post is about, and its text as a list of sections.

In: a :class:`bot.models.feeds.Entry` with the author's markup. Out: a :class:`bot.models.reviews.Review`. Pure,
synchronous, bounded, and never raises: bad markup is normal, and as much of it as possible is read.

The parts: `parsing` joins them; `markup` reads the HTML (the only use of BeautifulSoup, with `elements`), with
`colors` and `inline` for the kinds of text runs; `outline` finds the depths of the headings; `titles` (with
`short_names`), `facts` and `identifiers` find the facts about the paper.

Nothing is imported here: look-ups use `identifiers`, and loading what reads markup takes as long as a look-up.
"""

STRUCTURE_VERSION = 14
"""Raised whenever the same entry would give a different result: the cache then reads older rows again."""
