"""One treatment plan as the handout sees it: what was done, what is to come, and until when it is paused."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from lib.pauses import NO_DAY, paused_from, resumes_on, told_holds
from lib.schedule import Protocol
from lib.schedule.durations import after

DAY = pd.Timedelta(days=1)
Days = tuple[pd.Timestamp, pd.Timestamp]
NO_DAYS: Days = NO_DAY, NO_DAY
OPEN = ("on_hold", "upcoming", "due", "overdue", "lapsed")
SESSIONS = ("session", "maintenance")
UNSAFE = ("booked_on_hold", "booked_too_soon")


@dataclass(frozen=True, eq=False)
class Plan:
    """A treatment plan on a day.

    `rows` are its rows of that day's schedule and `holds` its pauses, with the columns of docs/rules.md and cause
    (medical, wish); `waived` are the reviews that the clinic does without, as (kind, number).
    """

    rows: pd.DataFrame
    holds: pd.DataFrame
    protocol: Protocol
    as_of: date
    area: str
    planned: int
    opened_on: date
    closed_on: date | None = None
    waived: Collection[tuple[str, int]] = ()

    @cached_property
    def on(self) -> pd.Timestamp:
        """The day."""
        return pd.Timestamp(self.as_of)

    @property
    def is_closed(self) -> bool:
        """Whether the plan expects nothing any more."""
        return self.closed_on is not None and self.closed_on <= self.as_of

    @cached_property
    def done(self) -> list[Any]:
        """What was done, the earliest first."""
        return sorted((row for row in self._all if row.status == "done"), key=lambda row: row.done_on)

    @property
    def last_session(self) -> pd.Timestamp:
        """The day of the last session, missing where there was none."""
        return max((row.done_on for row in self.done if row.kind in SESSIONS), default=NO_DAY)

    @property
    def sessions_done(self) -> int:
        """How many of the planned sessions are done."""
        return sum(row.kind == "session" for row in self.done)

    @property
    def next_session(self) -> Any:
        """The row of the session that comes next, of the series or after it; None where there is none."""
        return next((row for row in self._all if row.kind in SESSIONS and row.status in OPEN), None)

    @property
    def is_paused(self) -> bool:
        """Whether the next session has to wait for the end of a pause."""
        return self.next_session is not None and self.next_session.status == "on_hold"

    @cached_property
    def coming(self) -> list[Any]:
        """What the patient is to come for, the soonest first, what has no day at the end.

        What would count from a visit without a day is left out.
        """
        rows = [row for row in self._ahead if row.status in OPEN or not pd.isna(self.likely(row)[0])]
        return sorted(filter(self._is_awaited, rows), key=lambda row: order(self.likely(row)[0]))

    def likely(self, row: Any) -> Days:
        """Between which days, from today on, the patient comes for a row; missing where that can't be said."""
        return self._likely[row.kind, row.number]

    def is_paused_ahead(self, row: Any) -> bool:
        """Whether pauses that have not begun yet take up all that is left of a row's window."""
        if row.kind not in SESSIONS or row.status not in ("upcoming", "due") or not pd.isna(row.booked_on):
            return False
        return not resumes_on(self.told, max(row.due_on, self.on)) < row.overdue_on

    @cached_property
    def told(self) -> pd.DataFrame:
        """The pauses known of today."""
        return told_holds(self.holds, self.on)

    def name(self, row: Any) -> str:
        """What a row is called: session 3, maintenance session, follow-up review."""
        review = self.protocol.review(row.kind)
        if review is not None:
            return review.name[:1].lower() + review.name[1:]
        return "maintenance session" if row.kind == "maintenance" else f"session {row.number}"

    @cached_property
    def _all(self) -> list[Any]:
        return list(self.rows.astype(object).itertuples(index=False))

    @property
    def _ahead(self) -> list[Any]:
        return [row for row in self._all if row.status in (*OPEN, "projected")]

    @cached_property
    def _likely(self) -> dict[tuple[str, int], Days]:
        found: dict[tuple[str, int], Days] = {}
        days = NO_DAYS
        for row in self._ahead:
            found[row.kind, row.number] = days = self._likely_after(days, row)
        return found

    def _likely_after(self, before: Days, row: Any) -> Days:
        """A row's likely days; a projected one counts from those of the row before."""
        if not pd.isna(row.booked_on):
            return row.booked_on, row.booked_on
        first, last = self._projected(before, row) if row.status == "projected" else (row.due_on, row.overdue_on - DAY)
        if pd.isna(first) or pd.isna(last):
            return NO_DAYS
        first = max(first, self.on)
        last = max(first, last)
        return self._past_pauses(first, last) if row.kind in SESSIONS else (first, last)

    def _projected(self, before: Days, row: Any) -> Days:
        rules = self.protocol.maintenance if row.kind == "maintenance" else None
        window = rules.window if rules else self.protocol.sessions.window_of(row.number)
        return NO_DAYS if pd.isna(before[0]) else (after(before[0], window[0]), after(before[1], window[1]))

    def _past_pauses(self, first: pd.Timestamp, last: pd.Timestamp) -> Days:
        """What the known pauses leave of a window, moved as docs/rules.md moves it once they have begun."""
        free = resumes_on(self.told, first)
        if pd.isna(free):
            return NO_DAYS
        if free > first:
            last = max(last, after(free, self.protocol.resume_within) - DAY)
        return free, paused_from(self.told, last) - DAY

    def _is_awaited(self, row: Any) -> bool:
        """Whether the patient is to come: not for a review that the next session meets, or that was given up."""
        review, session = self.protocol.review(row.kind), self.next_session
        if review is None:
            return True
        is_booked, is_met = not pd.isna(row.booked_on), review.met_by_session and session is not None
        if is_met and session.kind == "session":
            return is_booked and row.booked_on != session.booked_on
        return is_booked or (row.status != "lapsed" and (row.kind, row.number) not in self.waived)


def order(first: pd.Timestamp) -> tuple[bool, pd.Timestamp]:
    """What sorts by day, and puts what has none at the end."""
    return (True, pd.Timestamp(0)) if pd.isna(first) else (False, first)
