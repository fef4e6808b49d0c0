"""What can go wrong, in words that a person can act on.

::

    NonmunError
    ├── SettingsError          every fault of the settings at once
    ├── FetchError             a feed could not be downloaded
    │   ├── FetchTimeoutError
    │   ├── TooLargeError
    │   ├── AddressError        it leads to a place that we do not access
    │   ├── RobotsError         its site's robots.txt forbids it
    │   ├── NotYetError         its site may not be asked now; .wait_s, .failures
    │   └── HttpStatusError    .status, .retry_after_s
    ├── FeedError              a document was downloaded and is not usable as a feed
    ├── ReaderError            the reader process cannot be used: the host's fault, not the document's
    ├── StoreError             the database cannot be used; .reason, .advice
    │   ├── NewerDatabaseError
    │   ├── BusyError           another program keeps it locked
    │   ├── DamagedError        part of it can no longer be read
    │   └── BotRunningError     another bot runs on it; .pid
    ├── DeliveryError          a post was not accepted; .is_final, .is_blocked, .retry_after_s …
    ├── ModelError             the language model that the host chose gave no usable answer
    ├── EmbedderError          the model that compares passages with questions cannot be used
    └── RequestError           a request cannot be understood
        └── StartingError      the bot has just started, and does not know every name yet

Messages are built from the fields, so the log and a card say the same. A reason is a `Message`: English in the
log, in the reader's language on a card (`bot.languages.say`). No field or message contains a user name,
password or key from an address (`bot.text.links.redact`). Bugs are not wrapped.
"""

from __future__ import annotations

from bot.languages import Message, _, join, say
from bot.text.links import redact, redact_text


class NonmunError(Exception):
    """The base class; its ``str`` is a sentence that the bot's host may see."""

    @property
    def sentence(self) -> str:
        """What the host reads, for `say`; ``str`` is the same in English, for the log."""
        (said,) = self.args
        return said if isinstance(said, str) else str(said)


def _redact(reason: str) -> str:
    return reason.map(redact_text) if isinstance(reason, Message) else redact_text(reason)


class SettingsError(NonmunError):
    """The settings cannot be used; ``faults`` lists every reason."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join([_("The settings cannot be used:"), *(f"  - {fault}" for fault in faults)]))
        self.faults = faults


class FetchError(NonmunError):
    """There is no usable answer. ``__cause__`` is the original error if there is one."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = redact(url)
        self.reason = _redact(reason)
        super().__init__(f"{self.url}: {self.reason}")


class FetchTimeoutError(FetchError):
    """The answer was not complete in time."""

    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__(url, Message("no complete answer within {seconds:g} s", seconds=timeout_s))
        self.timeout_s = timeout_s


class TooLargeError(FetchError):
    """The answer is larger than we accept."""

    def __init__(self, url: str, max_bytes: int) -> None:
        super().__init__(url, Message("larger than {size:,} bytes", size=max_bytes))
        self.max_bytes = max_bytes


class HttpStatusError(FetchError):
    """The server sent a status without a document. ``retry_after_s`` is the pause it asked for, or None."""

    def __init__(self, url: str, status: int, *, retry_after_s: float | None = None) -> None:
        super().__init__(url, Message("the server answered {status}", status=status))
        self.status = status
        self.retry_after_s = retry_after_s


class AddressError(FetchError):
    """The address, or one it redirects to, leads to a private network or to a port that we do not access."""


class RobotsError(FetchError):
    """A page is not requested, because its site's robots.txt forbids it."""

    def __init__(self, url: str) -> None:
        super().__init__(url, Message("the site’s robots.txt forbids reading it"))


class NotYetError(FetchError):
    """A page may not be requested now.

    Attributes:
        wait_s: Seconds until it may be.
        failures: How many times in a row the site's robots.txt could not be read; 0 if the site asks for a pause.
    """

    def __init__(self, url: str, reason: str, *, wait_s: float, failures: int = 0) -> None:
        super().__init__(url, reason)
        self.wait_s = wait_s
        self.failures = failures


class FeedError(NonmunError):
    """The document is not usable as a feed; the reason says what it is instead."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = redact(url)
        self.reason = _redact(reason)
        super().__init__(f"{self.url}: {self.reason}")


class ModelError(NonmunError):
    """The language model gave no answer that can be used; ``host`` is where it was asked."""

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        self.reason = _redact(reason)
        super().__init__(f"{host}: {self.reason}")


class EmbedderError(NonmunError):
    """The model that compares passages with questions cannot be used on this machine."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(Message("The model for passages cannot be used: {why}.", why=reason))


class ReaderError(NonmunError):
    """The reader process could not be started, or was ended from outside; the document is not at fault."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StoreError(NonmunError):
    """The database file cannot be used: what is wrong, and what to do about it."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(join(". ", (reason, advice)) if advice else reason)
        self.reason = reason
        self.advice = advice


class BusyError(StoreError):
    """Another program has locked the file; it can be used later."""


class DamagedError(StoreError):
    """Part of the file can no longer be read."""


class NewerDatabaseError(StoreError):
    """A newer version of Nonmun wrote the database: schema ``found``, while this version knows up to ``known``."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            Message(
                "{file} was written by a newer version of Nonmun (schema {found}; this one supports up to {known})",
                file=path,
                found=found,
                known=known,
            ),
            Message("Update Nonmun, or set NONMUN_DATABASE to another file."),
        )
        self.path = path
        self.found = found
        self.known = known


class BotRunningError(StoreError):
    """Another bot runs on this database; ``pid`` is None if its process is not known."""

    def __init__(self, path: str, pid: int | None) -> None:
        process = Message("process {pid}", pid=pid) if pid is not None else Message("another process")
        super().__init__(
            Message("A bot is already running on {file} ({process})", file=path, process=process),
            Message("Stop it first, or set NONMUN_DATABASE to another file."),
        )
        self.path = path
        self.pid = pid


class DeliveryError(NonmunError):
    """Discord did not accept a post.

    Attributes:
        public_reason: The reason as others may read it: it may mention a channel, but does not name one.
        is_final: True if sending the same post again cannot succeed (the post itself is at fault).
        is_about_post: True if Discord refuses the content of the post; a plainer version may be accepted.
        is_blocked: True if the channel refuses us (403): nothing gets through until somebody acts.
        is_gone: True if the channel no longer exists (404).
        is_doubtful: True if the post may have arrived nevertheless (the answer was lost, or the server failed).
        is_unknown: True if nobody can find out any more whether it arrived; it is not sent again.
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
    """The request cannot be understood; the message says what is expected, in the language of the current context."""

    def __init__(self, sentence: str) -> None:
        super().__init__(say(sentence))


class StartingError(RequestError):
    """The bot has just started, and is still reading the names of many reviews."""

    def __init__(self) -> None:
        super().__init__(
            _("I have just started and am still reading the names of the reviews. Ask again in a minute.")
        )
