"""Nonmun announces reviews of research papers in Discord and finds them again.

Data moves in one direction, and each package is one stage::

    bytes ─feeds→ FetchResult ─reading→ Entry ─reviews→ Review ─store→ SQLite
    Request ─search→ matches ─answering→ Answer ─cards→ Card ─ui→ Discord | terminal
    Review ─feeds.intake→ Decision, outbox ─delivering→ Outgoing ─ui→ an announcement, once

Pure stages: `text`, `models`, `reading`, `reviews`, `search`, `announcing`, `cards`. Stages with side effects:
`feeds`, `store`, `answering`, `delivering`, `ui`. `service` opens them and connects them, `schedule` decides when
they run, `app` is the running bot, and `cli` and `cogs` are the two entry points.
"""

__version__ = "0.2.0"
