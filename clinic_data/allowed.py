"""Checks of values that people give, each refused in a sentence that says what is allowed."""

from collections.abc import Collection
from datetime import date, timedelta

from clinic_data.errors import NotAllowed

LONGEST = 2000


def day_between(day: date, what: str, today: date, *, back: int, ahead: int) -> date:
    """The day, if it lies from `back` days before today to `ahead` days after it."""
    first, last = today - timedelta(days=back), today + timedelta(days=ahead)
    if not first <= day <= last:
        raise NotAllowed(f"{what} must lie between {first:%d %b %Y} and {last:%d %b %Y}, not on {day:%d %b %Y}")
    return day


def one_of(value: str, allowed: Collection[str], what: str) -> str:
    """The value, if it is one of those allowed."""
    if value not in allowed:
        raise NotAllowed(f"{what} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def text_of(value: str | None, what: str) -> str:
    """The text without outer space, if there is any and it is not too long."""
    text = (value or "").strip()
    if not text:
        raise NotAllowed(f"{what} must not be empty")
    if len(text) > LONGEST:
        raise NotAllowed(f"{what} must have at most {LONGEST:,} letters, not {len(text):,}")
    return text


def text_or_none(value: str | None, what: str) -> str | None:
    """The text without outer space, or None where there is none."""
    return text_of(value, what) if value and value.strip() else None
