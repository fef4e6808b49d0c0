"""Which addresses may be reached: public ones, and those that the host names; and where a redirect leads."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import unquote

import aiohttp
from yarl import URL

from bot.errors import FetchError
from bot.languages import Message
from bot.text.links import has_credentials, redact
from bot.text.patterns import lazy_pattern

REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 §15.4
_PERMANENT_REDIRECTS = frozenset({301, 308})  # RFC 9110 §15.4.2, §15.4.9

# Two characters at least, so that "C:\feeds\a.xml" is a drive and not a scheme.
SCHEME = lazy_pattern(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_USERINFO = lazy_pattern(r"((?:[a-z][a-z0-9+.-]+:)?//)([^/\\?#]*)@", re.IGNORECASE)

WEB_PORTS = frozenset({80, 443})
FIRST_UNPRIVILEGED_PORT = 1024  # below it are mail, shells and other services that we must not contact

# Addresses outside this block are not assigned for use on the internet (IANA, IPv6 Address Space). Python 3.11's
# `is_global` takes site-local, IPv4-compatible and other addresses for public.
_GLOBAL_UNICAST = ip_network("2000::/3")
_TRANSLATED = ip_network("64:ff9b::/96")  # NAT64, RFC 6052 §2.1: the last four bytes are an IPv4 address
_NOT_PUBLIC = (
    ip_network("2001::/23"),  # Teredo (RFC 4380) and other protocol assignments
    ip_network("2002::/16"),  # 6to4: an IPv4 address again, and out of use (RFC 7526)
    ip_network("3fff::/20"),  # documentation (RFC 9637), newer than Python 3.11
    ip_network("192.0.0.0/24"),  # protocol assignments (RFC 6890 §2.2.2); one cloud has its metadata there
    ip_network("192.88.99.0/24"),  # 6to4 relays
    ip_network("168.63.129.16/32"),  # looks public, but is Azure's service inside each virtual machine
)

Place = tuple[str, int | None]  # a host and a port; None for any port


def is_local(url: str) -> bool:
    """Return whether an address is a path on this machine: no scheme, or ``file:``.

    Only the host may give such an address; users' addresses go through `read_public_address` before they get here.
    """
    scheme = SCHEME.match(url.strip())
    return scheme is None or scheme[1].lower() == "file"


_NOT_WEB = Message("only http and https addresses can be fetched")


def read_public_address(text: str) -> str:
    """Read an address from somebody who does not host the bot; every such address goes through here.

    Only its form is checked here. Where it leads is known once it is connected to; the fetcher checks that.

    Returns:
        The http(s) address as it is sent: international names and paths encoded, without fragment.
    Raises:
        FetchError: A file, another protocol, not an address at all, or one with credentials, which would be
            stored, shown, and sent to any server that the address names.
    """
    asked = redact(text)
    if is_local(text):
        raise FetchError(asked, _NOT_WEB)
    try:
        address = parse_address(text, asked)
    except ValueError as exc:
        raise FetchError(asked, Message("not a usable address")) from exc
    if address.authorization is not None or has_credentials(text):
        raise FetchError(asked, Message("an address with a user name or password is not accepted"))
    return str(address.url)


def is_public(text: str) -> bool:
    """Return whether an IP address is on the internet, and not on a machine that only we can reach.

    IPv4 in IPv6 (mapped, NAT64) counts as the IPv4 address that it leads to. A text that is not an IP address is not
    public.

    Source: the IANA special-purpose registries (RFC 6890), which `ipaddress` knows in part.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or _translated(address) or address
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special and not any(address in network for network in _NOT_PUBLIC)


def is_private_number(host: str) -> bool:
    """Return whether a host is written as an IP address that is not public: no look-up is needed to refuse it."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return not is_public(host)


def _translated(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else None


class PrivateAddressError(OSError):
    """A connection that was not opened because its address is not public.

    The text is always the same: the errors of a host's several addresses stay this error only if their texts agree.
    """

    def __init__(self) -> None:
        super().__init__("not a public address")


def open_public_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """Make the socket for one connection, if it goes to a public address.

    ``info`` is exactly what is about to be connected to, so nothing can change between this check and the
    connection: no other spelling of the address, no second answer from a name server.

    Raises:
        PrivateAddressError: The address is not public.
    """
    if not is_public(str(info[4][0])):
        raise PrivateAddressError
    return open_any_socket(info)


private_visits: ContextVar[set[str]] = ContextVar("private addresses of a visit")


def open_any_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """Make the socket for one connection to any address, and note private addresses for the visit."""
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        private_visits.get().add(str(address[0]))
    return socket.socket(family, kind, protocol)


def read_places(entries: Collection[str]) -> frozenset[Place]:
    """Read hosts, hosts with ports, and origins, spelled as in addresses; unreadable entries are left out."""
    return frozenset(place for entry in entries if (place := _read_place(entry)) is not None)


def _read_place(entry: str) -> Place | None:
    has_scheme = "://" in entry
    if not has_scheme and entry.count(":") > 1 and not entry.startswith("["):
        entry = f"[{entry}]"  # an IPv6 address without brackets
    try:
        url = URL(entry if has_scheme else f"http://{entry}")
        return _plain_host(url), url.port if has_scheme else url.explicit_port
    except ValueError:
        return None


def _plain_host(url: URL) -> str:
    """Return the host of an address in lower case, without a final dot."""
    return (url.host or "").lower().rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to ask. The credentials are kept apart, so that showing ``url`` never shows them."""

    url: URL
    host: str
    authorization: str | None = None

    @property
    def place(self) -> Place:
        """The host and port."""
        return self.host, self.url.port


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A redirect as a server answered it. ``location`` is None if it gave none."""

    status: int
    location: str | None
    sets_cookie: bool

    @property
    def is_permanent(self) -> bool:
        """Whether the document has moved. A redirect that sets a cookie counts for this visit only."""
        return self.status in _PERMANENT_REDIRECTS and not self.sets_cookie


def parse_address(text: str, asked: str, *, base: Address | None = None) -> Address:
    """Read an address, relative to ``base`` if given.

    Args:
        asked: The address as errors name it, without credentials.
    Raises:
        FetchError: Not the address of a server that we may ask.
        ValueError: Not an address at all; the message holds no credentials.
    """
    bare, authorization = _split_credentials(text.strip())
    url = URL(bare).with_fragment(None)
    if base is not None:
        url = base.url.join(url)

    def where(reason: Message) -> Message:
        return reason if base is None else Message("redirected to {url}: {why}", url=redact(str(url)), why=reason)

    if url.scheme not in {"http", "https"}:
        raise FetchError(asked, where(_NOT_WEB))
    if not url.host:
        raise FetchError(asked, where(Message("the address names no host")))
    if base is not None and authorization is None and url.origin() == base.url.origin():
        authorization = base.authorization
    return Address(url=url, host=_plain_host(url), authorization=authorization)


def _split_credentials(url: str) -> tuple[str, str | None]:
    """Split an address into one without credentials and the value of an Authorization header.

    This works on the text, before any parsing, because a parser's error would quote the credentials.

    Source: RFC 7617 §2.
    """
    userinfo = _USERINFO.match(url)
    if userinfo is None:
        return url, None
    bare = userinfo[1] + url[userinfo.end() :]
    user, _, password = userinfo[2].partition(":")
    credentials = f"{unquote(user)}:{unquote(password)}".encode(errors="replace")
    return bare, "Basic " + base64.b64encode(credentials).decode("ascii")


def next_address(address: Address, redirect: Redirect, asked: str) -> Address:
    """Return where a redirect leads. Raises FetchError if that is not an address we may ask."""
    if not redirect.location:
        raise FetchError(asked, Message("the server answered {status} without a new address", status=redirect.status))
    try:
        return parse_address(redirect.location, asked, base=address)
    except ValueError as exc:
        raise FetchError(asked, Message("redirected to something that is not an address")) from exc
