"""The project's data types: frozen values without I/O, one module for each domain.

Times are aware datetimes in UTC. ``None`` means unknown; never ``""`` or 0. Of our own code they import only how
addresses are shown. Pure.
"""
