"""docs/rules.md case by case: the tables in `tests/cases`, and what is refused.

A case is a plan (a protocol of `tests/cases/plans` and a number of sessions), a few dated events and, for a day
and a row, what the schedule shows: `"2026-09-17 session 3" = "status overdue, days_overdue 1"`.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lib.schedule import expected_visits, read_protocols
from tests.schedule.frames import frames, plain

CASES = Path(__file__).parents[1] / "cases"
PLANS = read_protocols(CASES / "plans")

OF_COURSE = {"opened": "opened_on", "closed": "closed_on", "may-start": "earliest_start_on"}
TABLES = {"hold": ("holds", "starts_on"), "closure": ("closures", "starts_on"), "agreed": ("agreements", "agreed_on")}
MORE = {"until": "ends_on", "entered": "recorded_on", "called-off": "cancelled_on", "ask-by": "check_on",
        "from": "due_on", "to": "last_on"}  # fmt: skip


def clinic_of(plan: str, events: str) -> dict[str, list[dict[str, Any]]]:
    """The tables of one course, from its plan and lines such as "2026-08-20 hold until 2026-09-10"."""
    protocol, sessions = plan.split(", ")
    course = {"course_id": 1, "protocol_id": protocol, "planned_sessions": int(sessions.split()[0])}
    clinic: dict[str, list[dict[str, Any]]] = {"courses": [course], "visits": [], "holds": [], "agreements": []}
    clinic["closures"] = []
    for line in events.strip().splitlines():
        day, what, *words = line.split()
        if what in OF_COURSE:
            course[OF_COURSE[what]] = pd.Timestamp(day)
            continue
        table, dated = TABLES.get(what, ("visits", "visit_date"))
        row: dict[str, Any] = {"course_id": 1, dated: pd.Timestamp(day)}
        if table == "visits":
            row |= {"kind": what, "status": words.pop(0)}
        elif table == "agreements":
            row |= {"kind": words.pop(0)}
        row |= {MORE[word]: pd.Timestamp(on) for word, on in zip(words[::2], words[1::2], strict=True)}
        clinic[table].append(row)
    return clinic


def cases() -> list:
    """Every case of every file, under its file's name and its own."""
    files = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.toml"))}
    return [pytest.param(case, id=f"{stem}: {name}") for stem, found in files.items() for name, case in found.items()]


@pytest.mark.parametrize("case", cases())
def test_case(case):
    """On each day that the case names, each row shows what the case says."""
    inputs = frames(clinic_of(case["plan"], case["events"]))
    got, wanted = {}, {}
    for seen in case.keys() - {"plan", "events"}:
        day, kind, number = seen.split()
        rows = plain(expected_visits(**inputs, protocols=PLANS, as_of=day)).replace("", "none")
        found = rows[(rows["kind"] == kind) & (rows["number"] == number)].to_dict("records")
        wanted[seen] = {} if case[seen] == "no row" else dict(pair.split() for pair in case[seen].split(", "))
        got[seen] = {name: row[name] for row in found for name in wanted[seen] or row}
    assert wanted
    assert got == wanted


GOOD = clinic_of(
    "standard, 4 sessions",
    """
    2026-07-01 opened
    2026-07-01 session completed
    2026-08-20 hold until 2026-09-10
    2026-08-07 agreed session from 2026-09-25 to 2026-09-30
    2026-09-14 closure until 2026-09-21
    """,
)
REFUSED = [
    ("courses", {"protocol_id": "standart"}, "course 1: unknown protocol 'standart'; known are: calendar, "),
    ("courses", {"protocol_id": None}, "course 1: unknown protocol"),
    ("courses", {"planned_sessions": 0}, "course 1: planned_sessions must be 1 or more"),
    ("courses", {"opened_on": pd.NaT}, "course 1: opened_on is missing"),
    ("visits", {"visit_date": pd.NaT}, "course 1: visit_date is missing"),
    ("visits", {"status": "came"}, "course 1: a visit's status must be one of booked, completed, cancelled, no_show"),
    ("holds", {"starts_on": pd.NaT}, "course 1: starts_on of a hold is missing"),
    ("agreements", {"agreed_on": pd.NaT}, "course 1: agreed_on of an agreement is missing"),
    ("agreements", {"due_on": pd.NaT}, "course 1: due_on of an agreement is missing"),
    ("agreements", {"last_on": pd.NaT}, "course 1: last_on of an agreement is missing"),
    ("agreements", {"last_on": pd.Timestamp("2026-09-24")}, "course 1: an agreement's last_on must not lie before"),
    ("closures", {"starts_on": pd.NaT}, "a closure needs both dates"),
    ("closures", {"ends_on": pd.NaT}, "a closure needs both dates"),
]


@pytest.mark.parametrize(("table", "change", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_cannot_be_judged_is_refused(table, change, message):
    """A row that cannot be judged is a ValueError that says whose it is and what is wrong; unchanged it is not."""
    inputs = frames(GOOD)
    assert len(expected_visits(**inputs, protocols=PLANS, as_of="2026-09-01"))
    inputs[table] = inputs[table].assign(**change)
    with pytest.raises(ValueError, match=re.escape(message)):
        expected_visits(**inputs, protocols=PLANS, as_of="2026-09-01")


def test_a_course_given_twice_is_refused():
    """Two rows for one course_id are refused, and the message names it."""
    inputs = frames(GOOD | {"courses": GOOD["courses"] * 2})
    with pytest.raises(ValueError, match="course 1: it is given twice"):
        expected_visits(**inputs, protocols=PLANS, as_of="2026-09-01")


def test_a_missing_column_is_refused_by_name():
    """A frame with rows but without a column it must have is refused, and the message names the column."""
    inputs = frames(GOOD)
    inputs["visits"] = inputs["visits"].drop(columns="status")
    with pytest.raises(ValueError, match="the column status is missing; there are: course_id, kind"):
        expected_visits(**inputs, protocols=PLANS, as_of="2026-09-01")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("visits", {"visit_date": pd.NaT}),
        ("holds", {"starts_on": pd.NaT}),
        ("agreements", {"last_on": pd.NaT}),
        ("visits", {"status": None}),
    ],
)
def test_rows_of_other_courses_are_not_judged(table, change):
    """Whatever is wrong with a row of a course that was not given, it changes nothing."""
    inputs = frames(GOOD)
    wanted = expected_visits(**inputs, protocols=PLANS, as_of="2026-09-01")
    stray = inputs[table].assign(course_id=2).assign(**change)
    inputs[table] = pd.concat([inputs[table], stray])
    pd.testing.assert_frame_equal(expected_visits(**inputs, protocols=PLANS, as_of="2026-09-01"), wanted)
