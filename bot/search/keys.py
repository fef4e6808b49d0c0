"""Identifiers and addresses as they are looked up: "arxiv:2308.07074", "link:one.test/2024/instag"."""

from __future__ import annotations

from dataclasses import asdict

from bot.models import Identifiers


def identifier_keys(identifiers: Identifiers) -> tuple[str, ...]:
    """A key for each identifier that is known. Their case says nothing, but for OpenReview's."""
    known = ((kind, value) for kind, value in asdict(identifiers).items() if value)
    return tuple(f"{kind}:{value if kind == 'openreview' else value.casefold()}" for kind, value in known)


def link_key(url: str) -> str:
    """An address without what people leave out: scheme, www., a fragment, a slash at the end."""
    folded = url.strip().casefold()
    bare = folded.partition("://")[2] or folded
    return "link:" + bare.removeprefix("www.").partition("#")[0].rstrip("/")
