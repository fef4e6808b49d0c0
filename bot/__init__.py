"""Nonmun: reviews of research papers, announced and found in Discord.

One value moves along, and each package is a stage of its way::

    bytes ─feeds→ FetchResult ─reading→ Entry ─reviews→ Review ─store→ SQLite
    Request ─answering→ matches ─search→ Answer ─cards→ Card ─ui→ Discord | terminal | JSON
    Review ─feeds.intake→ Decision, outbox ─delivering→ Outgoing ─ui→ an announcement, once

Pure stages: `text`, `models`, `reading`, `reviews`, `search`, `announcing`, `cards`. Those that act: `feeds`,
`store`, `answering`, `delivering`, `ui`. `service` opens and joins them; `schedule` says when; `app` is what runs;
`cli` and `cogs` are the two doors.
"""

__version__ = "0.1.0"
