"""The clock: the one place that reads the time."""

import os
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from clinic_data.errors import NotReady

VARIABLE = "CLINIC_NOW"


def now() -> datetime:
    """This instant, in UTC; CLINIC_NOW sets it for a demo."""
    text = os.environ.get(VARIABLE)
    if not text:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotReady(f"{VARIABLE} is {text!r}; an instant such as 2026-03-01T09:00:00+00:00 is wanted.") from error
    if instant.tzinfo is None:
        raise NotReady(f"{VARIABLE} is {text!r}; it needs its offset from UTC, such as +00:00.")
    return instant.astimezone(UTC)


def is_set_by_hand() -> bool:
    """Whether CLINIC_NOW takes the place of the time."""
    return bool(os.environ.get(VARIABLE))


def instant() -> str:
    """This instant as the file keeps it: UTC, ISO text, to the second."""
    return text(now())


def text(moment: datetime) -> str:
    """An instant as the file keeps it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today(zone: str) -> date:
    """The day it is in that time zone: it turns at the clinic's midnight."""
    return now().astimezone(ZoneInfo(zone)).date()
