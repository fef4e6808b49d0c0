"""The log: each event one line that a program can take apart again, and nothing secret in it."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs
from bot.config import load_settings
from bot.errors import SettingsError
from bot.languages import Message
from bot.logs import Formatter, Log, LogFormat, LogLevel, logging_to, quoted

PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s"=]*)(?: |$)')


def read(line: str) -> dict[str, str]:
    """Take a line apart, as a program that reads logfmt does."""
    assert PAIR.sub("", line) == "", line
    return {key: json.loads(value) if value.startswith('"') else value for key, value in PAIR.findall(line)}


def record(
    message: str, *args: object, name: str = "bot.test", error: BaseException | None = None
) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, info)


def raised(error: Exception) -> Exception:
    """An error with a traceback."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def line(message: str, *args: object) -> dict[str, str]:
    return read(Formatter().format(record(message, *args)))


def as_json(message: str, *args: object) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(Formatter(LogFormat.JSON).format(record(message, *args)))
    return made


def test_an_event_and_its_facts_are_told_apart() -> None:
    made = line("feed failed url=%s failures=%d reason=%s", "https://blog.test/?a=b", 3, Message("no answer, again"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", made.pop("time"))
    assert made == {
        "level": "warning",
        "logger": "bot.test",
        "event": "feed failed",
        "url": "https://blog.test/?a=b",
        "failures": "3",
        "reason": "no answer, again",
    }


def test_numbers_are_numbers_in_json_and_nothing_else_is() -> None:
    made = as_json("names read reviews=%d took=%.1f ready=%s by=%s what=%r", 5.0, 1.26, True, None, "5")
    assert {key: made[key] for key in ("reviews", "took", "ready", "by", "what")} == {
        "reviews": 5, "took": 1.3, "ready": True, "by": None, "what": "5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("message", "args", "event"),
    [
        ("We are being rate limited. %s %s responded with 429. Retrying in %.2f seconds.", ("GET", "x", 1.5),
         "We are being rate limited. GET x responded with 429. Retrying in 1.50 seconds."),
        ("nothing to see", (), "nothing to see"),
        ("%s refused delivery=%d", ("edit", 5), "edit refused"),
        ("100%% of url=%s read", ("x",), "100% of read"),
        ("%(a)s of a mapping", ({"a": 1},), "1 of a mapping"),
        ("interactions not answered %s", ("late=1 crowded=2",), "interactions not answered late=1 crowded=2"),
    ],
)  # fmt: skip
def test_messages_of_other_forms_are_whole_events(message: str, args: tuple[object, ...], event: str) -> None:
    """Those of libraries, too."""
    assert line(message, *args)["event"] == event


def test_a_fact_never_takes_the_place_of_the_line_s_own_keys() -> None:
    made = line("made level=%s time=%s", "high", "late")
    assert (made["level"], made["level_"], made["time_"]) == ("warning", "high", "late")


@given(st.text(), st.text())
def test_any_value_comes_back_and_stays_in_its_line(first: str, second: str) -> None:
    """Line ends, escape sequences, quotation marks: whoever names a feed writes no line of our log."""
    formatted = Formatter().format(record("feed read title=%s reason=%r", first, second))
    assert formatted.splitlines() == [formatted]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", formatted)
    line_of_json = Formatter(LogFormat.JSON).format(record("feed read title=%s reason=%r", first, second))
    assert line_of_json.splitlines() == [line_of_json]
    for key in ("title", "reason"):
        assert read(formatted)[key] == json.loads(line_of_json)[key]


@pytest.mark.parametrize("form", list(LogFormat))
def test_passwords_and_keys_are_in_no_field(form: LogFormat) -> None:
    secret = "https://reader:hunter22@blog.test/feed?token=s3cret55"
    formatter = Formatter(form)
    error = raised(ValueError(f"cannot read {secret}"))
    made = formatter.format(record(f"asking {secret} url=%s what=%r", secret, f"poll {secret}", error=error))
    assert "hunter22" not in made
    assert "s3cret55" not in made
    assert made.count("blog.test") >= 4  # what can be shown is


# ── faults ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_traceback_is_written_once_while_its_fault_lasts(form: LogFormat) -> None:
    """In whatever job it comes up, and whatever its text: kind and place are the same."""
    formatter = Formatter(form)
    made = [
        formatter.format(record("failed what=%s", job, error=raised(ValueError(job))))
        for job in ("poll a", "poll b", "deliver")
    ]
    assert ["Traceback" in one for one in made] == [True, False, False]
    told = [json.loads(one) if form is LogFormat.JSON else read(one.splitlines()[0]) for one in made]
    assert [str(one.get("times")) for one in told] == ["None", "2", "3"]


def test_a_traceback_comes_again_after_an_hour_and_for_another_fault() -> None:
    formatter = Formatter()
    first, soon, later = (record("failed", error=raised(ValueError("x"))) for _ in range(3))
    soon.created, later.created = first.created + 3_000, first.created + 3_700
    assert ["Traceback" in formatter.format(one) for one in (first, soon, later)] == [True, False, True]
    assert "Traceback" in formatter.format(record("failed", error=raised(KeyError("x"))))


def test_faults_without_end_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_KNOWN", 10)
    formatter = Formatter()
    for number in range(50):
        formatter.format(record("failed", error=type(f"Error{number}", (Exception,), {})()))
    assert len(formatter._seen) == 10


# ── the handler ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def log() -> Iterator[tuple[Log, io.StringIO]]:
    stream = io.StringIO()
    with logging_to(stream, logging.INFO) as made:
        yield made, stream


def test_form_and_level_are_those_of_the_settings(log: tuple[Log, io.StringIO]) -> None:
    made, stream = log
    made.use(LogFormat.JSON, LogLevel.ERROR)
    logging.getLogger("bot.a").warning("too little")
    logging.getLogger("discord.gateway").error("enough of it")
    assert json.loads(stream.getvalue())["event"] == "enough of it"
    assert json.loads(stream.getvalue())["level"] == "error"


def test_details_are_ours_alone(log: tuple[Log, io.StringIO]) -> None:
    """Libraries' details hold what members write; their schedule's lines would be all there is to see."""
    made, stream = log
    made.use(LogFormat.LINES, LogLevel.DEBUG)
    for name in ("bot.a", "cogs.a", "discord.http", "aiosqlite", "apscheduler.executors.default"):
        logging.getLogger(name).debug("details")
    logging.getLogger("apscheduler.executors.default").info("Running job")
    assert [read(one)["logger"] for one in stream.getvalue().splitlines()] == ["bot.a", "cogs.a"]


def test_what_was_set_before_is_set_after() -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    with logging_to(sys.stderr, logging.DEBUG):
        assert root.level == logging.DEBUG
    assert (root.level, list(root.handlers)) == before


@pytest.mark.parametrize(("name", "value"), [("NONMUN_LOG_FORMAT", "xml"), ("NONMUN_LOG_LEVEL", "loud")])
def test_other_forms_and_levels_are_refused_in_words(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: must be '"):
        load_settings(**{name: value})


def test_forms_and_levels_in_any_case() -> None:
    settings = load_settings(NONMUN_LOG_FORMAT="JSON", NONMUN_LOG_LEVEL="Warning")
    assert (settings.log_format, settings.log_level) == (LogFormat.JSON, LogLevel.WARNING)


def test_values_that_need_no_quotation_marks_have_none() -> None:
    assert [quoted(one) for one in ("x", 5, True, None, "", "a b", 'a"b', "가나")] == [
        "x", "5", "true", "null", '""', '"a b"', '"a\\"b"', "가나",
    ]  # fmt: skip
