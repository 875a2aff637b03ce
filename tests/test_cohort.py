"""The cohort: the order of plans, and the fates of sessions by number, which add up."""

from collections.abc import Sequence
from random import Random

import pandas as pd
import pytest

from lib.cohort import (
    DAYS_OVER,
    FATES,
    PRACTITIONER,
    RANKS,
    REGULARITY,
    URGENCY,
    Cohort,
    by_number,
    cohort,
    ranked,
    reopened,
)
from lib.schedule import expected_visits
from lib.worklist import flagged
from tests.charts.course import PROTOCOLS
from tests.schedule.frames import PROTOCOLS as RANDOM_PROTOCOLS
from tests.schedule.frames import frames
from tests.schedule.random_clinic import as_of_dates, random_clinic

SEEDS = range(12)
OPEN = ["on_hold", "upcoming", "due", "overdue", "lapsed"]


def made(inputs: dict[str, pd.DataFrame], protocols, as_of) -> tuple[Cohort, pd.DataFrame, pd.DataFrame]:
    """The cohort of these frames, and the schedule and flags that it reduces."""
    day = pd.Timestamp(as_of)
    courses = inputs["courses"].reset_index(drop=True)
    courses = courses.assign(
        patient_id=courses["course_id"] // 2,
        practitioner_id=pd.array([None if one % 3 == 0 else one % 3 for one in courses["course_id"]], "Int64"),
        protocol=courses["protocol_id"],
        area="Face",
        contact_allowed=["none" if one % 7 == 0 else "yes" for one in courses["course_id"]],
    )
    inputs = inputs | {"courses": courses}
    schedule = expected_visits(**inputs, protocols=protocols, as_of=as_of)
    again = dict(zip(("courses", "holds"), reopened(courses, inputs["holds"], day), strict=True))
    ended = expected_visits(**inputs | again, protocols=protocols, as_of=as_of)
    flags = flagged(schedule, courses)
    return cohort(schedule, courses, flags, ended, day), schedule, flags


def randomly(seed: int) -> tuple[Cohort, pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """The cohort of a random clinic on a random day."""
    rng = Random(seed)
    clinic = random_clinic(rng, 40)
    (day,) = as_of_dates(rng, clinic, 1)
    return *made(frames(clinic), RANDOM_PROTOCOLS, day), pd.Timestamp(day)


def clinic(
    *plans: tuple[str, str, str | None], planned: int = 3, holds: Sequence[tuple] = (), as_of: str = "2026-03-03"
) -> Cohort:
    """The cohort of plans (visits, opened on, closed on) under one protocol; holds are (plan's number, start, end).

    Visits are written "2025-06-02, 2026-03-25 review booked": a day alone is that of a session done.
    """
    courses = pd.DataFrame(
        [(at, "acne-scars", planned, opened, closed) for at, (_, opened, closed) in enumerate(plans, start=1)],
        columns=["course_id", "protocol_id", "planned_sessions", "opened_on", "closed_on"],
    ).astype({"opened_on": "datetime64[s]", "closed_on": "datetime64[s]"})
    told = [(at, one.split()) for at, (visits, *_) in enumerate(plans, start=1) for one in visits.split(", ") if one]
    visits = pd.DataFrame(
        [(at, day, *(how or ["session", "completed"])) for at, (day, *how) in told],
        columns=["course_id", "visit_date", "kind", "status"],
    ).astype({"visit_date": "datetime64[s]"})
    pauses = pd.DataFrame(list(holds), columns=["course_id", "starts_on", "ends_on"])
    pauses = pauses.astype({"starts_on": "datetime64[s]", "ends_on": "datetime64[s]"})
    return made({"courses": courses, "visits": visits, "holds": pauses}, PROTOCOLS, as_of)[0]


def numbers(one: Cohort, number: int) -> dict[str, int]:
    """How many plans had each fate for a session number, those that are not 0, and n."""
    rows = by_number(one.fates).set_index("number")
    return {name: int(count) for name, count in rows.loc[number].items() if count}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_plan_with_a_row_is_there_once(seed):
    """The plans are those that the schedule has rows of, each once, and its telling visit is one of these rows."""
    one, schedule, _, _ = randomly(seed)
    assert sorted(one.plans["course_id"]) == sorted(schedule["course_id"].unique())
    key = ["course_id", "kind", "number", "status"]
    text = schedule[key].astype({"kind": object, "status": object})
    assert len(one.plans[key].astype({"kind": object, "status": object}).merge(text, on=key)) == len(one.plans)


@pytest.mark.parametrize("seed", SEEDS)
def test_urgency_is_the_order_of_follow_ups(seed):
    """Flagged plans come first, as Follow-ups has them; after them what is expected, the soonest first."""
    one, schedule, flags, _ = randomly(seed)
    first = flags["course_id"].drop_duplicates().tolist()
    assert one.plans["course_id"].tolist()[: len(first)] == first
    rest = one.plans.iloc[len(first) :]
    expected = rest[rest["status"] != "done"]
    assert expected.index.tolist() == rest.index.tolist()[: len(expected)]
    days = [soon(row) for row in expected.itertuples()]
    assert days == sorted(days)
    open_ = schedule[schedule["status"].isin(OPEN)]
    for row, day in zip(expected.itertuples(), days, strict=True):
        assert day == min(soon(other) for other in open_[open_["course_id"] == row.course_id].itertuples())


def soon(row) -> tuple[bool, pd.Timestamp]:
    """What orders visits that are expected: those that are lost last, then by their booking or else their window."""
    on = row.due_on if pd.isna(row.booked_on) else row.booked_on
    return row.status == "lapsed" and pd.isna(row.booked_on), pd.Timestamp.max if pd.isna(on) else on


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ("2026-02-20", "review 2026-03-20 unbooked"),
        ("2026-02-20, 2026-03-25 review booked", "review 2026-03-20 2026-03-25"),
        ("2025-11-20, 2026-03-25 session booked, 2026-04-10 review booked", "maintenance 2026-05-20 2026-03-25"),
        ("2025-11-20, 2026-04-10 review booked", "outcome 2026-02-20 2026-04-10"),
    ],
    ids=["a review before maintenance", "a review booked", "maintenance booked sooner", "a lapsed review"],
)
def test_the_telling_visit_is_the_one_expected_soonest(visits, expected):
    """Without a flag a plan stands as its next visit does, needling or not, by its booking or else its window."""
    row = clinic((visits, visits[:10], None), planned=1).plans.iloc[0]
    assert pd.isna(row["flag"])
    booked = "unbooked" if pd.isna(row["booked_on"]) else row["booked_on"].date()
    assert f"{row['kind']} {row['due_on'].date()} {booked}" == expected


def test_a_lapsed_visit_that_is_booked_is_not_lost():
    """A plan whose next visit has lapsed comes by the day of its booking."""
    one = clinic(
        ("2026-02-20, 2026-03-25 session booked", "2026-02-20", None),
        ("2025-02-20, 2026-03-10 session booked", "2025-02-20", None),
    )
    assert one.plans["course_id"].tolist() == [2, 1]
    assert one.plans["status"].tolist() == ["lapsed", "upcoming"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rank", RANKS)
def test_a_rank_orders_and_loses_nobody(seed, rank):
    """Each rank has every plan once, in its order, and urgency decides between equals."""
    one, schedule, _, _ = randomly(seed)
    rows = ranked(one.plans, rank, pd.Series({1: "Zoe", 2: "Ada"}))
    assert sorted(rows["course_id"]) == sorted(one.plans["course_id"])
    names = rows["practitioner_id"].map({1: "Zoe", 2: "Ada"}).astype(object).fillna("~")
    keys = {URGENCY: rows["days_over"] * 0, DAYS_OVER: -rows["days_over"], REGULARITY: -rows["median_off"].fillna(-1)}
    key = keys.get(rank, names)
    assert key.is_monotonic_increasing
    for _, some in rows.groupby(key.to_numpy(), sort=False):
        assert some.index.is_monotonic_increasing
    most = schedule.groupby("course_id")["days_overdue"].max()
    assert rows["days_over"].tolist() == most.loc[rows["course_id"]].tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_fates_add_up(seed):
    """Every session that is not only likely has one fate; n and still open are all of them, none counted twice."""
    one, schedule, _, day = randomly(seed)
    assert not one.fates.duplicated(["course_id", "number"]).any()
    assert set(one.fates["fate"]) <= set(FATES)
    table = by_number(one.fates)
    sizes = one.fates.groupby("number").size()
    assert (table["n"] + table["open"]).tolist() == sizes.loc[table["number"]].tolist()
    sessions = schedule[(schedule["kind"] == "session") & (schedule["status"] != "projected")]
    fates = one.fates.merge(sessions, on=["course_id", "number"])
    assert len(fates) == len(sessions)
    counted = fates[fates["fate"] != "open"]
    assert (counted["overdue_on"] <= day).all()
    came = counted["status"] == "done"
    assert counted.loc[came, "fate"].tolist() == counted.loc[came, "timing"].astype(object).tolist()
    assert set(counted.loc[~came, "status"]) <= {"overdue", "lapsed"}


def test_only_closed_windows_count():
    """A session done in a window that has not closed waits with those not done in it, so that neither is favoured."""
    opened = "2026-02-20"
    one = clinic(("2026-02-25", opened, None), ("", opened, None), ("2025-10-14", "2025-10-01", None))
    assert numbers(one, 1) == {"n": 1, "on_time": 1, "open": 2}


def test_a_session_done_in_a_pause_without_an_end_is_open():
    """A pause keeps a window open for those who come in it too; once it has ended and the window closed, they count."""
    done, opened = "2025-12-01, 2026-01-05", "2025-12-01"
    pauses = [(1, "2025-12-20", None), (2, "2025-12-20", "2025-12-27")]
    one = clinic((done, opened, None), (done, opened, None), planned=2, holds=pauses)
    assert numbers(one, 1) == {"n": 2, "on_time": 2}
    assert numbers(one, 2) == {"n": 1, "on_time": 1, "open": 1}


def test_sessions_come_on_time_late_too_soon_or_not_at_all():
    """Each done session counts by how it fitted its window, one that is overdue as not done."""
    start = "2025-06-02"
    one = clinic(
        (f"{start}, 2025-07-07", start, None),
        (f"{start}, 2025-08-20", start, None),
        (f"{start}, 2025-06-09", start, None),
        (start, start, None),
    )
    assert numbers(one, 1) == {"n": 4, "on_time": 4}
    assert numbers(one, 2) == {"n": 4, "on_time": 1, "late": 1, "too_soon": 1, "not_done": 1}


def test_a_closed_plan_counts_as_not_done_if_its_window_had_closed():
    """Who dropped out before the closing stays in the figure; who was closed before the last day does not count."""
    start = "2025-06-02"
    one = clinic((start, start, "2025-12-01"), (start, start, "2025-06-20"), ("", start, "2025-12-01"))
    assert numbers(one, 1) == {"n": 3, "on_time": 2, "not_done": 1}
    assert numbers(one, 2) == {"n": 1, "not_done": 1}


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "not_done"),
    [
        ("2026-02-15", None, 1),
        ("2026-02-15", "2026-02-25", 1),
        ("2025-12-01", "2025-12-10", 1),
        ("2025-10-01", None, 0),
        ("2025-12-01", None, 0),
    ],
)
def test_a_pause_after_the_closing_moves_no_window_of_the_plan(starts_on, ends_on, not_done):
    """A session whose window closed before the plan did stays not done, unless a pause from before kept it open."""
    one = clinic(("2025-09-10", "2025-09-10", "2026-02-01"), planned=2, holds=[(1, starts_on, ends_on)])
    assert (one.fates["fate"] == "not_done").sum() == not_done


def test_regularity_is_the_median_of_days_off():
    """Early and late days count alike, days in the window as none; without a session it is missing."""
    start = "2025-06-02"
    one = clinic((f"{start}, 2025-08-20, 2025-11-20", start, None), ("", "2026-02-20", None))
    plans = one.plans.set_index("course_id")
    assert plans.loc[1, "median_off"] > 0
    assert pd.isna(plans.loc[2, "median_off"])
    assert ranked(one.plans, REGULARITY, pd.Series(dtype=object))["course_id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("second", "off"),
    [("2025-06-16", 169), ("2025-08-01", 123), ("2025-12-02", 0), ("2026-06-02", 0), ("2026-06-12", 10)],
)
def test_days_off_are_counted_from_the_window(second, off):
    """Too soon, early, in the window or late: the days to its nearer edge, whatever the skin needed to heal."""
    one = clinic((f"2025-06-02, {second}", "2025-06-02", None), planned=1, as_of="2026-07-01")
    assert one.plans["median_off"].tolist() == [off / 2]


def test_nothing_is_a_cohort_too():
    """Without plans there are no rows, but all columns."""
    one = clinic()
    assert one.plans.empty
    assert list(by_number(one.fates).columns) == ["number", "n", *FATES]
    assert ranked(one.plans, PRACTITIONER, pd.Series(dtype=object)).empty
