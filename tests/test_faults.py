"""Unexpected errors: each waits longer, is set aside in the end, and fills no log."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.errors import StoreError
from bot.faults import MOST_FAULTS, MOST_KNOWN, FaultLog, describe_fault, pause_after


def test_pauses_grow_and_end() -> None:
    """Work that keeps failing is left alone for longer each time, some hours in all, and then set aside."""
    pauses = [pause_after(faults) for faults in range(1, MOST_FAULTS + 1)]
    assert pauses[-1] is None
    waited = [pause for pause in pauses if pause is not None]
    assert len(waited) == MOST_FAULTS - 1
    assert waited == sorted(set(waited))
    assert waited[0] == timedelta(minutes=1)
    assert timedelta(hours=5) < sum(waited, timedelta()) < timedelta(hours=7)


def test_what_is_shown_of_an_error_is_its_kind() -> None:
    assert describe_fault(KeyError("a token")) == "an unexpected error (KeyError); the log has the details"


def test_an_error_that_comes_again_is_logged_once_then_counted(caplog: pytest.LogCaptureFixture) -> None:
    faults = FaultLog()
    for _ in range(120):
        faults.failed("poll", KeyError("x"))
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 3
    first, *repeats = caplog.records
    assert first.exc_info
    assert [record.getMessage().split("times=")[1].split()[0] for record in repeats] == ["10", "100"]
    assert not any(record.exc_info for record in repeats)


def test_another_error_of_the_same_work_is_logged_anew(caplog: pytest.LogCaptureFixture) -> None:
    faults = FaultLog()
    faults.failed("poll", KeyError("x"))
    faults.failed("poll", KeyError("y"))
    faults.failed("deliver", KeyError("y"))
    assert len(caplog.records) == 3


def test_work_that_never_comes_again_is_forgotten() -> None:
    """A post that is given up, a feed that is removed: years of those take no memory. The last ones are known."""
    faults = FaultLog()
    for number in range(MOST_KNOWN + 50):
        faults.failed("poll", KeyError("x"))
        faults.failed(f"post {number}", KeyError("x"))
    assert len(faults) == MOST_KNOWN
    assert faults.times("poll") == MOST_KNOWN + 50


def test_an_error_in_words_has_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    FaultLog().failed("poll", StoreError("the disk is full"))
    assert not caplog.records[0].exc_info
    assert "the disk is full" in caplog.text


def test_the_end_of_a_fault_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    faults = FaultLog()
    faults.worked("poll")
    assert not caplog.records
    faults.failed("poll", KeyError("x"))
    faults.worked("poll")
    faults.failed("poll", KeyError("x"))
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.INFO, logging.ERROR]
