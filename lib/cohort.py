"""The cohort: all treatment plans side by side, in an order, and how sessions of each number came.

A plan is on the page where the schedule has a row of it on the day shown. Its state is that of one visit, its `telling`
one: the flagged visit that Follow-ups takes first, else the one expected soonest, else the last session done.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.caseload import TIMINGS

PAGE = 50
URGENCY, DAYS_OVER, REGULARITY, PRACTITIONER = "urgency", "days-over", "regularity", "practitioner"
RANKS = {
    URGENCY: "Urgency",
    DAYS_OVER: "Days over",
    REGULARITY: "Regularity",
    PRACTITIONER: "Practitioner",
}
"""The orders by the name that they have in the address."""
ABOUT_RANKS = {
    URGENCY: "Plans with a flag first, in the order of Follow-ups; then what is expected next, the soonest first, by "
    "its booking or else its window, and after that who was not heard from; then plans of which nothing more is "
    "expected.",
    DAYS_OVER: "The most days since a window's last day first, whatever visit that is, booked or not.",
    REGULARITY: "The least regular first: by the median of how many days, early or late, sessions done were off their "
    "window. In the window is 0 days off; plans without a session that had a window come last.",
    PRACTITIONER: "By the practitioner's name; inside each, by urgency.",
}

NOT_DONE, OPEN = "not_done", "open"
FATES = [*TIMINGS, NOT_DONE, OPEN]
"""What came of a session whose window has closed, and that it has not closed yet."""
ABOUT_NUMBERS = (
    "Of all treatment plans whose window for that session has closed by the day shown: how the day fitted the "
    "window, or that it was not done. A window that has not closed, or is paused, counts as still open, done in it or "
    "not: else those who came would count before those who did not. Of plans that were closed since, a session "
    "counts as not done if its window had closed by then. Likely later sessions and maintenance do not count."
)
COLUMNS = ["course_id", "patient_id", "practitioner_id", "protocol_id", "protocol", "area", "opened_on", "closed_on"]
"""What a plan has of its course."""
_EXPECTED = ["on_hold", "upcoming", "due", "overdue", "lapsed"]


@dataclass(frozen=True)
class Cohort:
    """The plans, a row each in the order of urgency, and of every session that counts what came of it.

    `plans` has the columns of the telling visit's row in the schedule, and patient_id, practitioner_id, protocol_id,
    protocol, area, opened_on, closed_on (missing where the plan is open), days_over (the most of its visits), and of
    the sessions done, missing where there are none: median_off (the median of their days off their window), first_on
    and last_on. `fates` has course_id, number and fate, one of FATES.
    """

    plans: pd.DataFrame
    fates: pd.DataFrame


def cohort(
    schedule: pd.DataFrame, courses: pd.DataFrame, flags: pd.DataFrame, ended: pd.DataFrame, as_of: pd.Timestamp
) -> Cohort:
    """The cohort of that day.

    `schedule` is `expected_visits` of the courses, `flags` are the rows of `lib.worklist.flagged`, and `ended` is the
    schedule of the `reopened` courses: it tells whether a window had closed by then.
    """
    about = courses[COLUMNS]
    about = about.assign(closed_on=about["closed_on"].where(about["closed_on"] <= as_of))
    plans = _telling(schedule, flags).merge(about, on="course_id", how="left")
    done = _done(schedule)
    days = done.groupby("course_id")["done_on"].agg(["min", "max"]).reindex(plans["course_id"])
    plans = plans.assign(
        days_over=schedule.groupby("course_id")["days_overdue"].max().reindex(plans["course_id"]).to_numpy(np.int64),
        median_off=_median_off(done).reindex(plans["course_id"]).to_numpy(),
        first_on=days["min"].to_numpy(),
        last_on=days["max"].to_numpy(),
    )
    return Cohort(plans, _fates(schedule, about, ended, as_of))


def reopened(courses: pd.DataFrame, holds: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The courses closed by that day, as if they had stayed open, and their holds that began by the closing.

    A hold that began later is the patient's, not the closed plan's: it moves none of its windows.
    """
    closed = courses[courses["closed_on"] <= as_of]
    closed_on = closed.set_index("course_id")["closed_on"].reindex(holds["course_id"]).to_numpy()
    return closed.assign(closed_on=np.datetime64("NaT", "s")), holds[holds["starts_on"] <= closed_on]


def ranked(plans: pd.DataFrame, by: str, practitioners: pd.Series) -> pd.DataFrame:
    """The plans of a `Cohort`, or some of them in their order, in the order `by`; `practitioners` are names by id."""
    if by == DAYS_OVER:
        return plans.sort_values("days_over", ascending=False, kind="stable")
    if by == REGULARITY:
        return plans.sort_values("median_off", ascending=False, kind="stable", na_position="last")
    if by == PRACTITIONER:
        names = plans["practitioner_id"].map(practitioners).astype(object)
        return plans.loc[names.sort_values(kind="stable", na_position="last").index]
    return plans


def by_number(fates: pd.DataFrame) -> pd.DataFrame:
    """For each session number how many plans had each of FATES, and n: those whose window has closed."""
    counts = pd.crosstab(fates["number"], fates["fate"].astype(object)).reindex(columns=FATES, fill_value=0)
    counts.insert(0, "n", counts.drop(columns=OPEN).sum(axis=1))
    return counts.rename_axis(columns=None).reset_index()


def _telling(schedule: pd.DataFrame, flags: pd.DataFrame) -> pd.DataFrame:
    """The telling visit of each plan, in the order of urgency."""
    flagged = flags.drop_duplicates("course_id")[schedule.columns]
    rest = schedule[~schedule["course_id"].isin(flagged["course_id"])]
    expected = _soonest_first(rest[rest["status"].isin(_EXPECTED)]).drop_duplicates("course_id")
    rest = rest[~rest["course_id"].isin(expected["course_id"])]
    last = _done(rest).drop_duplicates("course_id", keep="last").sort_values("done_on", ascending=False, kind="stable")
    return pd.concat([part.astype({"flag": object}) for part in (flagged, expected, last)], ignore_index=True)


def _soonest_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Expected visits by the day of the booking or else of the window's opening, those that are lost last."""
    has_lapsed = rows["status"] == "lapsed"
    order = pd.DataFrame(
        {
            "is_lost": has_lapsed & rows["booked_on"].isna(),
            "on": rows["booked_on"].fillna(rows["due_on"]),
            "has_lapsed": has_lapsed,
        }
    )
    return rows.loc[order.sort_values(list(order.columns), kind="stable").index]


def _done(schedule: pd.DataFrame) -> pd.DataFrame:
    """The sessions done, of the series and of maintenance."""
    return schedule[(schedule["status"] == "done") & schedule["kind"].isin(["session", "maintenance"])]


def _median_off(done: pd.DataFrame) -> pd.Series:
    """For each course the median of the days, early or late, by which sessions done were off a window they had."""
    rows = done[done["due_on"].notna()]
    # the schedule counts days too soon from when the skin has healed
    off = rows["days_off"].astype(float).mask(rows["timing"] == "too_soon", (rows["due_on"] - rows["done_on"]).dt.days)
    return off.abs().groupby(rows["course_id"]).median()


def _fates(schedule: pd.DataFrame, courses: pd.DataFrame, ended: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    rows = schedule[(schedule["kind"] == "session") & (schedule["status"] != "projected")]
    status, timing = rows["status"].astype(object), rows["timing"].astype(object)
    done = status == "done"
    closed = (rows["overdue_on"] <= as_of) & (status != "on_hold")
    fate = timing.where(done, NOT_DONE).where(closed, OPEN)
    found = pd.DataFrame({"course_id": rows["course_id"], "number": rows["number"], "fate": fate})
    rows = ended[(ended["kind"] == "session") & ended["status"].isin(_EXPECTED)]
    closed_on = courses.set_index("course_id")["closed_on"].reindex(rows["course_id"])
    dropped = rows.loc[rows["overdue_on"].to_numpy() <= closed_on.to_numpy(), ["course_id", "number"]].assign(
        fate=NOT_DONE
    )
    return pd.concat([found, dropped], ignore_index=True)
