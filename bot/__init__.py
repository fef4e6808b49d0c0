"""Nonmun: reviews of research papers, announced and found in Discord.

One value moves along, and each module takes one step::

    bytes ─fetch→ FetchResult ─feed→ Entry ─reviews→ Review ─store→ SQLite
    Request ─search→ matches ─answers→ Answer ─cards→ Card ─ui→ Discord | terminal | JSON
    Review ─issue→ Decision, outbox ─courier→ Outgoing ─ui→ an announcement, once

`poller`, `librarian` and `courier` join the steps of a line each, `desk` sets up what is announced, and `service`
holds the four; `schedule` says when; `cli` and `cogs` are the two doors.
"""

__version__ = "0.1.0"
