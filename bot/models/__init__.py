"""The nouns of the project: frozen values without I/O, a module a domain.

Times are aware datetimes in UTC. ``None`` means unknown; never ``""`` or 0. They import nothing of ours but how
addresses are shown. Pure.
"""
