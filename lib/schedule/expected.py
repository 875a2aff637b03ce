"""The one long table: every visit that courses call for, with its window, status and flag (docs/rules.md, Rows)."""

from collections.abc import Mapping

import pandas as pd

from lib.schedule.clinic import Clinic
from lib.schedule.protocols import Protocol
from lib.schedule.reviews import add_reviews
from lib.schedule.sessions import add_sessions
from lib.schedule.table import Table


def expected_visits(
    courses: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    protocols: Mapping[str, Protocol],
    as_of,
    *,
    agreements: pd.DataFrame | None = None,
    closures: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every expected, done and projected visit of the courses as judged on the day `as_of`.

    Input columns (in brackets: may be absent or missing in a row), dates as datetime64:

    - courses: course_id, protocol_id (a key of `protocols`), planned_sessions (1 or more), opened_on,
      [closed_on], [earliest_start_on]
    - visits: course_id, kind (session, review; others are ignored), visit_date, status (booked, completed,
      cancelled, no_show), [recorded_on], [cancelled_on]
    - holds: course_id, starts_on, [ends_on], [recorded_on], [check_on]
    - agreements: course_id, kind (session or a review's id), agreed_on, due_on, last_on
    - closures: starts_on, ends_on (the day the clinic reopens)

    Returns one row per (course_id, kind, number), in the order of the courses, then kind, then number:
    course_id, kind, number, anchor_on, earliest_on, due_on, overdue_on (the day after the window's last
    day), lapses_on, status, done_on, timing, days_off (days), booked_on, booked_fit, missed_on,
    missed_count, cancelled_on, unrecorded_on, days_overdue (days), flag. Text is categorical, dates are
    datetime64 without a time, what is missing is missing.

    Raises ValueError, naming the course, for an unknown protocol, a course given twice, fewer than one
    planned session or a date that is required and missing.
    """
    clinic = Clinic.read(courses, visits, holds, protocols, as_of, agreements, closures)
    return judge(clinic).frame(clinic.courses.ids, clinic.rulebook.kinds)


def judge(clinic: Clinic) -> Table:
    """All rows of the clinic as a Table, with what moved each window."""
    table = Table(len(clinic.courses))
    add_sessions(clinic, table)
    for place, slot in enumerate(clinic.rulebook.slots, start=1):
        add_reviews(clinic, table, slot, place)
    return table
