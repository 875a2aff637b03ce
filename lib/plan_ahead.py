"""Planning ahead: which session comes next, on which days the rest would be, how they fit, what moves with them."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from lib.schedule import Protocol
from lib.schedule.durations import after
from lib.schedule.explain import visit_name
from lib.words import TIMINGS, count, day, days_range, sentence

NEEDLED = ("session", "maintenance")
COMING = ("on_hold", "upcoming", "due", "overdue", "lapsed", "projected")
DAY = pd.Timedelta(days=1)


def next_session(rows: pd.DataFrame) -> dict[str, Any] | None:
    """The first session or maintenance session to come that is not booked; None where there is none.

    `rows` are a plan's rows of `expected_visits`.
    """
    free = rows[rows["kind"].isin(NEEDLED) & rows["status"].isin(COMING) & rows["booked_on"].isna()].astype(object)
    if free.empty:
        return None
    order = free["kind"].map(NEEDLED.index)
    first = free.assign(order=order).sort_values(["order", "number"]).iloc[0]
    return {str(name): value for name, value in first.items()}


def sessions_left(rows: pd.DataFrame, planned: int) -> int:
    """How many of the planned sessions of the series are neither done nor booked; `rows` as for `next_session`."""
    of_series = rows[rows["kind"] == "session"]
    return max(planned - int(((of_series["status"] == "done") | of_series["booked_on"].notna()).sum()), 0)


def weeks_between(protocol: Protocol, numbers: Iterable[int], since: date) -> int:
    """So many whole weeks after the session before, each of the sessions with these numbers has its window open."""
    opens = max(after(since, protocol.sessions.window_of(number)[0]) for number in numbers)
    return max(math.ceil((opens - pd.Timestamp(since)).days / 7), 1)


def rhythm(first: date, weeks: int, number: int, closures: pd.DataFrame) -> list[date]:
    """The days of so many sessions, each `weeks` after the one before.

    A later one on which the clinic is closed is put off until it opens. Closures: starts_on, ends_on (the day the
    clinic reopens).
    """
    days = [first]
    while len(days) < number:
        days.append(_open_day(days[-1] + timedelta(weeks=weeks), closures))
    return days


def how_they_fit(rows: pd.DataFrame, days: Sequence[date], protocol: Protocol) -> pd.DataFrame:
    """How planned days fit, in order; `rows` are a plan's rows of the schedule in which these days are booked.

    Columns: visit, day, fits (a few words), about (the window, or what forbids the day), unsafe (too soon or during a
    pause).
    """
    booked = rows[rows["kind"].isin(NEEDLED) & rows["booked_on"].isin(pd.to_datetime(list(days)))].astype(object)
    told = [_fit(row, protocol) for row in booked.sort_values("booked_on").to_dict("records")]
    return pd.DataFrame(told, columns=["visit", "day", "fits", "about", "unsafe"])


def moved_windows(before: pd.DataFrame, after: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """The visits to come whose window moves, with both windows; `before` and `after` are a plan's rows of the schedule.

    Columns: visit, before, after (days, or when treatment resumes), moves (days by which the window's first day moves;
    missing where one of them has none).
    """
    old, new = (
        {(row["kind"], row["number"]): row for row in rows.astype(object).to_dict("records")}
        for rows in (before, after[after["status"].isin(COMING)])
    )
    told = []
    for key, row in new.items():
        was = old.get(key)
        if _window(was) == _window(row):
            continue
        moves = (row["due_on"] - was["due_on"]).days if was and not pd.isna(row["due_on"] - was["due_on"]) else None
        told.append((sentence(visit_name(protocol, *key)), _window(was), _window(row), moves))
    return pd.DataFrame(told, columns=["visit", "before", "after", "moves"]).astype({"moves": "Int64"})


def _open_day(on: date, closures: pd.DataFrame) -> date:
    for closure in closures.sort_values("starts_on").to_dict("records"):
        if closure["starts_on"].date() <= on < closure["ends_on"].date():
            on = closure["ends_on"].date()
    return on


def _fit(row: dict[Any, Any], protocol: Protocol) -> tuple[str, Any, str, str, bool]:
    """One planned day: what forbids it comes first."""
    on, due, overdue = row["booked_on"], row["due_on"], row["overdue_on"]
    visit = sentence(visit_name(protocol, row["kind"], row["number"]))
    window = "" if pd.isna(due) or pd.isna(overdue) else f"window {days_range(due, overdue - DAY)}"
    in_pause, too_soon = row["flag"] == "booked_on_hold", row["booked_fit"] == "too_soon"
    unhealed = f"not healed before {day(row['earliest_on'])}" if too_soon else ""
    if in_pause:
        return visit, on, "During a pause", unhealed, True
    if too_soon:
        return visit, on, TIMINGS["too_soon"], f"{unhealed}, {_apart(on, row['earliest_on'])} later", True
    if row["booked_fit"] == "early":
        return visit, on, TIMINGS["early"], f"{_apart(on, due)} before its {window}", False
    if row["booked_fit"] == "late":
        return visit, on, TIMINGS["late"], f"{_apart(overdue - DAY, on)} after its {window}", False
    return visit, on, "In the window", window, False


def _apart(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return count((last - first).days, "day")


def _window(row: dict[Any, Any] | None) -> str:
    if row is None or row["status"] not in COMING:
        return ""
    if pd.isna(row["due_on"]) or pd.isna(row["overdue_on"]):
        return "when treatment resumes"
    return days_range(row["due_on"], row["overdue_on"] - DAY)
