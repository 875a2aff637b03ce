"""What became of each visit: how it went, which expected visit it met and how it fitted the window."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from lib.schedule import Protocol
from lib.schedule.explain import visit_name
from lib.words import FLAGS, TIMINGS, VISIT_STATUSES, days_range, fitted, sentence

DAY = pd.Timedelta(days=1)
DETAILS = ("depth_mm", "device", "notes")


def known_visits(visits: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The visits as known on that day (docs/rules.md): not what was entered later, nor how a later day went.

    A visit that was called off later was booked then, also where its day was over; there the schedule counts it for
    nothing. Columns: visit_date, status, [recorded_on], [cancelled_on] and more; the same come back, without what only
    a visit that took place has.
    """
    missing = pd.Series(pd.NaT, index=visits.index, dtype="datetime64[s]")
    recorded, cancelled = visits.get("recorded_on", missing), visits.get("cancelled_on", missing)
    later, status = visits["visit_date"] > as_of, visits["status"].astype(object)
    stood = (status == "cancelled") & (cancelled > as_of)
    called_off = (status == "cancelled") & ~stood
    was_booked = stood | (later & ~called_off)
    unknown = (recorded > as_of) & (was_booked | later | (status == "booked")) & ~(called_off & cancelled.notna())
    unknown |= later & recorded.isna() & (status != "booked") & ~called_off
    known = visits.assign(status=status.mask(was_booked, "booked"))
    for name in DETAILS:
        if name in known:
            known[name] = known[name].mask(was_booked)
    return known[~unknown]


def met(rows: pd.DataFrame) -> dict[tuple[str, pd.Timestamp], list[Any]]:
    """The schedule's rows, as tuples, by the visit kind and day that fulfils them or is booked for them."""
    return met_of(rows.itertuples(index=False))


def met_of(rows: Iterable[Any]) -> dict[tuple[str, pd.Timestamp], list[Any]]:
    """The same for rows that are tuples already: a frame for each of many plans takes far longer."""
    found: dict[tuple[str, pd.Timestamp], list[Any]] = {}
    for row in rows:
        on = row.done_on if row.status == "done" else row.booked_on
        kind = "session" if row.kind in ("session", "maintenance") else "review"
        if not pd.isna(on):
            found.setdefault((kind, on), []).append(row)
    return found


def what_it_was(kind: str, matched: Iterable[Any], protocol: Protocol | None) -> str:
    """A visit's name: that of the expected visits that it meets ("session 2 and follow-up review"), else its kind's."""
    names = [visit_name(protocol, row.kind, row.number) for row in matched] if protocol else []
    return " and ".join(names) or {"session": "session", "review": "review"}.get(kind, "other visit")


def visit_history(rows: pd.DataFrame, visits: pd.DataFrame, protocol: Protocol | None, as_of) -> pd.DataFrame:
    """One row for each known visit of a course, the latest first, in words.

    `rows` are the course's rows of the schedule; `visits` has kind, visit_date, status and more, which is
    kept. Adds what (session 2, follow-up review), went (came, did not come …), fit (2 days late) and window.
    """
    on = pd.Timestamp(as_of)
    known = known_visits(visits, on).sort_values("visit_date", ascending=False, kind="stable")
    of_day = met(rows)
    came = set(known.loc[known["status"] == "completed", ["kind", "visit_date"]].itertuples(index=False, name=None))
    told = []
    for kind, day, status in zip(known["kind"], known["visit_date"], known["status"], strict=True):
        matched = of_day.get((kind, day), []) if status in ("completed", "booked") else []
        what = what_it_was(kind, matched, protocol)
        went = VISIT_STATUSES[status]
        if status == "booked" and (kind, day) in came:
            went = VISIT_STATUSES["completed"]
        elif status == "booked" and day < on:
            went = "Did they come?"
        window = next((_window(row) for row in matched if not pd.isna(row.due_on) and not pd.isna(row.overdue_on)), "")
        told.append((sentence(what), went, _fit(matched), window))
    words = pd.DataFrame(told, columns=["what", "went", "fit", "window"], index=known.index)
    return pd.concat([known, words], axis=1)


def _fit(matched: list[Any]) -> str:
    """How the visit fitted its window, or how its booking does."""
    if not matched:
        return ""
    row = matched[0]
    if row.status == "done":
        return sentence(fitted(row.timing, int(row.days_off)))
    if isinstance(row.flag, str) and row.flag.startswith("booked_"):
        return FLAGS[row.flag]
    return TIMINGS[row.booked_fit] if isinstance(row.booked_fit, str) else ""


def _window(row: Any) -> str:
    return days_range(row.due_on, row.overdue_on - DAY)
