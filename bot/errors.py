"""What can go wrong in words a person can act on.

::

    NonmunError
    ├── SettingsError          every fault of the settings at once
    ├── FetchError             a feed could not be downloaded
    │   ├── FetchTimeoutError
    │   ├── TooLargeError
    │   ├── AddressError        it leads where nothing is asked for
    │   ├── RobotsError         its site's robots.txt forbids it
    │   ├── NotYetError         its site may not be asked now; .wait_s, .failures
    │   └── HttpStatusError    .status, .retry_after_s
    ├── FeedError              a document was downloaded and is not usable as a feed
    ├── ReaderError            the reader process cannot be used: the host's fault, and no document's
    ├── StoreError             the database cannot be used; .reason, .advice
    │   ├── NewerDatabaseError
    │   ├── BusyError           another program keeps it locked
    │   ├── DamagedError        some of it cannot be read any more
    │   └── BotRunningError     another bot runs on it; .pid
    ├── DeliveryError          a post was not accepted; .is_final, .is_blocked, .retry_after_s …
    └── RequestError           what somebody asked cannot be understood

Messages are built from the fields, so a log line and a card say the same. No field or message holds a user name, a
password or a key of an address (`bot.text.links.redact`). Bugs are not wrapped.
"""

from __future__ import annotations

from bot.text.links import redact, redact_text


class NonmunError(Exception):
    """The root; its ``str`` is a sentence that may be shown to whoever hosts the bot."""


class SettingsError(NonmunError):
    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


class FetchError(NonmunError):
    """No usable answer. ``__cause__`` has the original where there is one."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = redact(url)
        self.reason = redact_text(reason)
        super().__init__(f"{self.url}: {self.reason}")


class FetchTimeoutError(FetchError):
    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__(url, f"no complete answer within {timeout_s:g} s")
        self.timeout_s = timeout_s


class TooLargeError(FetchError):
    def __init__(self, url: str, max_bytes: int) -> None:
        super().__init__(url, f"larger than {max_bytes:,} bytes")
        self.max_bytes = max_bytes


class HttpStatusError(FetchError):
    """The server answered with a status that is no feed. ``retry_after_s`` is what it asked for, or None."""

    def __init__(self, url: str, status: int, *, retry_after_s: float | None = None) -> None:
        super().__init__(url, f"the server answered {status}")
        self.status = status
        self.retry_after_s = retry_after_s


class AddressError(FetchError):
    """The address, or one that it redirects to, leads to a private network or to a port that is not asked."""


class RobotsError(FetchError):
    """A page is not asked for, because its site's robots.txt forbids it."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "the site’s robots.txt forbids reading it")


class NotYetError(FetchError):
    """A page is not asked for now.

    Attributes:
        wait_s: Seconds until it may be.
        failures: How often in a row the site's robots.txt could not be read; 0 where the site asks for a pause.
    """

    def __init__(self, url: str, reason: str, *, wait_s: float, failures: int = 0) -> None:
        super().__init__(url, reason)
        self.wait_s = wait_s
        self.failures = failures


class FeedError(NonmunError):
    """The document is not usable as a feed; the reason says what it is instead."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = redact(url)
        self.reason = redact_text(reason)
        super().__init__(f"{self.url}: {self.reason}")


class ReaderError(NonmunError):
    """The reader process could not be started, or was ended from outside: no fault of what it was to read."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the reader process {reason}")
        self.reason = f"the reader process {reason}"


class StoreError(NonmunError):
    """The database file cannot be used: what is wrong, and what to do about it."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(f"{reason}. {advice}" if advice else reason)
        self.reason = reason
        self.advice = advice


class BusyError(StoreError):
    """Another program keeps the file locked; later it can be used."""


class DamagedError(StoreError):
    """Some of the file cannot be read any more."""


class NewerDatabaseError(StoreError):
    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer Nonmun (schema {found}; this one knows up to {known})",
            "Update Nonmun, or point NONMUN_DATABASE at another file.",
        )
        self.path = path
        self.found = found
        self.known = known


class BotRunningError(StoreError):
    def __init__(self, path: str, pid: int | None) -> None:
        process = f"process {pid}" if pid is not None else "another process"
        super().__init__(
            f"A bot is running on {path} already ({process})",
            "Stop it first, or set NONMUN_DATABASE to another file.",
        )
        self.path = path
        self.pid = pid


class DeliveryError(NonmunError):
    """Discord did not take a post.

    Attributes:
        public_reason: The reason as it may stand where others read it: it names no channel; it may mention one.
        is_final: True where a repeat of the same post cannot succeed (a fault of the post itself).
        is_about_post: True where Discord refuses what is in the post: a plainer one may pass.
        is_blocked: True where the channel refuses us (403): nothing gets through until somebody acts.
        is_gone: True where the channel does not exist any more (404).
        is_doubtful: True where the post may have arrived all the same (a lost answer, a server's fault).
        is_unknown: True where nobody can tell any more whether it arrived: it is not sent again.
        retry_after_s: Seconds that Discord asked us to wait, or None.
    """

    def __init__(
        self,
        reason: str,
        *,
        public_reason: str | None = None,
        is_final: bool = False,
        is_about_post: bool = False,
        is_blocked: bool = False,
        is_gone: bool = False,
        is_doubtful: bool = False,
        is_unknown: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.public_reason = public_reason or reason
        self.is_final = is_final
        self.is_about_post = is_about_post
        self.is_blocked = is_blocked
        self.is_gone = is_gone
        self.is_doubtful = is_doubtful
        self.is_unknown = is_unknown
        self.retry_after_s = retry_after_s


class RequestError(NonmunError):
    """A request that cannot be understood; the message says what is expected."""
