"""What holds for every clinic on every day, and the forms in which its frames may come (docs/rules.md)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.schedule import expected_visits, parse_protocol
from tests.schedule.frames import PROTOCOLS, frames, plain
from tests.schedule.plain_schedule import COLUMNS
from tests.schedule.random_clinic import PROTOCOL_FILES, as_of_dates, random_clinic

Inputs = dict[str, pd.DataFrame]

KEY = ["course_id", "kind", "number"]
TEXT = ["kind", "status", "timing", "booked_fit", "flag"]
OPEN = ["on_hold", "upcoming", "due", "overdue", "lapsed"]
SESSIONS = ["session", "maintenance"]
OVERDUE = ["not_started", "missed_session", "overdue_maintenance", "overdue_review"]
UNBOOKED = [*OVERDUE, "no_show", "not_rebooked", "due_unbooked", "lapsed"]
WHILE_HELD = ["booked_on_hold", "booked_too_soon", "attendance_unrecorded", "hold_to_check"]
DAY = pd.Timedelta(days=1)


def judge(inputs: Inputs, as_of, protocols=PROTOCOLS) -> pd.DataFrame:
    """The schedule, its text no longer categorical: easier to compare and to group."""
    return expected_visits(**inputs, protocols=protocols, as_of=as_of).astype(dict.fromkeys(TEXT, object))


def assert_same(got: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """The same rows in the same order, whatever their index."""
    pd.testing.assert_frame_equal(plain(got.reset_index(drop=True)), plain(wanted.reset_index(drop=True)))


def by_key(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows other than projected ones, whose dates hang on those of another row."""
    return rows[rows["status"] != "projected"].set_index(KEY)


@cache
def clinic_of(seed: int) -> tuple[Inputs, list[date]]:
    """The frames of thirty random courses, and days to judge them on."""
    rng = Random(seed)
    clinic = random_clinic(rng, courses=30)
    return frames(clinic), as_of_dates(rng, clinic, 4)


@cache
def rows_of(seed: int, as_of: date) -> pd.DataFrame:
    """The schedule of a random clinic, shared by the tests that only look at it."""
    return judge(clinic_of(seed)[0], as_of)


@dataclass(frozen=True)
class Drawn:
    """A random clinic on one of its days; the two numbers are all it takes to see a failure again."""

    seed: int
    day: int

    @property
    def inputs(self) -> Inputs:
        return clinic_of(self.seed)[0]

    @property
    def as_of(self) -> pd.Timestamp:
        return pd.Timestamp(clinic_of(self.seed)[1][self.day])

    @property
    def later(self) -> pd.Timestamp:
        """A day of the same clinic, later or the same."""
        return pd.Timestamp(clinic_of(self.seed)[1][self.day + 1])

    @property
    def rows(self) -> pd.DataFrame:
        return rows_of(self.seed, self.as_of)

    @property
    def open(self) -> pd.DataFrame:
        return self.rows[self.rows["status"].isin(OPEN)]

    def judged(self, **changed: pd.DataFrame) -> pd.DataFrame:
        """The schedule with some frames replaced."""
        return judge({**self.inputs, **changed}, self.as_of)


def for_every_clinic(test: Callable) -> Callable:
    """Run a test on clinics and days drawn by hypothesis, the same ones on each run."""
    drawn = st.builds(Drawn, seed=st.integers(0, 29), day=st.integers(0, 2))
    return settings(max_examples=12, deadline=None, derandomize=True)(given(drawn)(test))


# Rows


@for_every_clinic
def test_one_row_for_each_expected_visit_in_order(clinic):
    """Rows follow the courses, then the protocol's kinds, then a number that counts from 1 without a gap."""
    protocol_of = clinic.inputs["courses"].set_index("course_id")["protocol_id"]
    place = {course: at for at, course in enumerate(protocol_of.index)}
    keys = []
    for course, kind, number in clinic.rows[KEY].itertuples(index=False):
        kinds = [*SESSIONS, *(review.id for review in PROTOCOLS[protocol_of[course]].reviews)]
        keys.append((place[course], kinds.index(kind), number))
    assert keys == sorted(set(keys))
    counted = clinic.rows.groupby(["course_id", "kind"]).cumcount() + 1
    assert (clinic.rows["number"] == counted).all()


@for_every_clinic
def test_sessions_are_done_then_next_then_projected(clinic):
    """A course has at most one next session, after all that are done and before all that are projected."""
    sessions = clinic.rows[clinic.rows["kind"].isin(SESSIONS)]
    stage = sessions["status"].map({"done": 0, **dict.fromkeys(OPEN, 1), "projected": 2})
    of_course = stage.groupby(sessions["course_id"])
    assert of_course.is_monotonic_increasing.all()
    assert ((stage == 1).groupby(sessions["course_id"]).sum() <= 1).all()
    for _, days in sessions[sessions["status"] == "done"].groupby("course_id")["done_on"]:
        assert days.is_monotonic_increasing
        assert days.is_unique


@for_every_clinic
def test_a_session_is_anchored_on_the_one_before(clinic):
    """From the second session on, the anchor of a done or open row is the day of the session before."""
    sessions = clinic.rows[clinic.rows["kind"].isin(SESSIONS) & (clinic.rows["status"] != "projected")]
    before = sessions.groupby("course_id")["done_on"].shift()
    follows = sessions.groupby("course_id").cumcount() > 0
    assert (sessions["anchor_on"][follows] == before[follows]).all()


@for_every_clinic
def test_closed_and_unopened_courses(clinic):
    """A closed course has only done and skipped rows; one that opens after the day has none."""
    courses, visits = clinic.inputs["courses"].set_index("course_id"), clinic.inputs["visits"]
    status = clinic.rows["status"]
    closed = clinic.rows["course_id"].map(courses["closed_on"]) <= clinic.as_of
    assert status[closed].isin(["done", "skipped"]).all()
    begun = visits[(visits["status"] == "completed") & (visits["visit_date"] <= clinic.as_of)]
    begun = begun.loc[begun["kind"] == "session", "course_id"]
    opened = courses.index[(courses["opened_on"] <= clinic.as_of) | courses.index.isin(begun)]
    assert set(clinic.rows["course_id"]) <= set(opened)
    still_open = opened[~(courses.loc[opened, "closed_on"] <= clinic.as_of)]
    first = clinic.rows[(clinic.rows["kind"] == "session") & (clinic.rows["number"] == 1)]
    assert set(still_open) <= set(first["course_id"])


@for_every_clinic
def test_projected_rows_have_no_anchor(clinic):
    """A projected row has a window and perhaps a booking, and nothing that only open rows have."""
    projected = clinic.rows[clinic.rows["status"] == "projected"]
    empty = "anchor_on lapses_on done_on timing days_off missed_on cancelled_on unrecorded_on".split()
    assert projected[empty].isna().all(axis=None)
    assert projected[["earliest_on", "due_on", "overdue_on"]].notna().all(axis=None)
    assert (projected[["missed_count", "days_overdue"]] == 0).all(axis=None)
    assert (projected["due_on"] > clinic.as_of - DAY).all()


# Windows, status and fit


@for_every_clinic
def test_no_window_opens_before_the_skin_has_healed(clinic):
    """Wherever both dates exist: anchor ≤ earliest ≤ due < overdue ≤ lapses."""
    rows = clinic.rows
    assert not (rows["earliest_on"] < rows["anchor_on"]).any()
    assert not (rows["due_on"] < rows["earliest_on"]).any()
    assert not (rows["overdue_on"] <= rows["due_on"]).any()
    assert not (rows["lapses_on"] < rows["overdue_on"]).any()
    judged = rows[rows["status"] != "projected"]
    assert (judged["lapses_on"].isna() == judged["overdue_on"].isna()).all()


@for_every_clinic
def test_status_follows_from_the_dates(clinic):
    """An open row that is not held stands where the day lies among its dates, and is over by those days."""
    free = clinic.open[clinic.open["status"] != "on_hold"]
    reached = sum((free[name] <= clinic.as_of).astype(int) for name in ("due_on", "overdue_on", "lapses_on"))
    assert free["status"].tolist() == [["upcoming", "due", "overdue", "lapsed"][count] for count in reached]
    over = ((clinic.as_of - free["overdue_on"]).dt.days + 1).clip(lower=0)
    assert (free["days_overdue"] == over).all()
    is_over = clinic.rows["status"].isin(["overdue", "lapsed"])
    assert ((clinic.rows["days_overdue"] > 0) == is_over).all()


@for_every_clinic
def test_only_a_hold_leaves_an_open_window_without_an_end(clinic):
    """An open row lacks a date of its window only while an open-ended hold covers the day; no review is held."""
    endless = clinic.open[["due_on", "overdue_on"]].isna().any(axis=1)
    assert (clinic.open["status"][endless] == "on_hold").all()
    held = clinic.rows[clinic.rows["status"] == "on_hold"]
    assert held["kind"].isin(SESSIONS).all()
    holds = clinic.inputs["holds"]
    covering = holds[(holds["starts_on"] <= clinic.as_of) & ~(holds["ends_on"] <= clinic.as_of)]
    of_sessions = clinic.open[clinic.open["kind"].isin(SESSIONS)]
    assert set(held["course_id"]) == set(covering["course_id"]) & set(of_sessions["course_id"])


def fit_of(days: pd.Series, rows: pd.DataFrame) -> list[tuple[str, int]]:
    """How each day fits its row's window, and days_off; a comparison with a missing date is no."""
    soon, early, late = days < rows["earliest_on"], days < rows["due_on"], days >= rows["overdue_on"]
    words = np.select([soon, early, late], ["too_soon", "early", "late"], "on_time")
    since = np.select([soon, early, late], [rows["earliest_on"], rows["due_on"], rows["overdue_on"] - DAY], days)
    return list(zip(words.tolist(), (days - since).dt.days, strict=True))


@for_every_clinic
def test_done_rows_tell_how_they_fitted(clinic):
    """Done rows, and no others, have a day up to the as-of day and its fit in the window."""
    is_done = clinic.rows["status"] == "done"
    done = clinic.rows[is_done]
    assert list(zip(done["timing"], done["days_off"], strict=True)) == fit_of(done["done_on"], done)
    assert (done["done_on"] <= clinic.as_of).all()
    assert clinic.rows.loc[~is_done, ["done_on", "timing", "days_off"]].isna().all(axis=None)


@for_every_clinic
def test_bookings_lie_ahead_and_tell_how_they_fit(clinic):
    """A booking is for the day or later, on an open or projected row, with its fit; sessions take them in order."""
    booked = clinic.rows[clinic.rows["booked_on"].notna()]
    assert booked["status"].isin([*OPEN, "projected"]).all()
    assert (booked["booked_on"] >= clinic.as_of).all()
    assert booked["booked_fit"].tolist() == [word for word, _ in fit_of(booked["booked_on"], booked)]
    assert clinic.rows["booked_fit"].notna().equals(clinic.rows["booked_on"].notna())
    ahead = clinic.rows[clinic.rows["kind"].isin(SESSIONS) & clinic.rows["status"].isin([*OPEN, "projected"])]
    for _, days in ahead.groupby("course_id")["booked_on"]:
        taken = days.dropna()
        assert days.notna().tolist() == [True] * len(taken) + [False] * (len(days) - len(taken))
        assert taken.is_monotonic_increasing
        assert taken.is_unique


@for_every_clinic
def test_what_went_wrong_lies_between_anchor_and_today(clinic):
    """Missed, called-off and unrecorded days are on open rows only, after the anchor and up to the day."""
    names = ["missed_on", "cancelled_on", "unrecorded_on"]
    assert clinic.rows.drop(clinic.open.index)[names].isna().all(axis=None)
    assert ((clinic.rows["missed_count"] > 0) == clinic.rows["missed_on"].notna()).all()
    is_first = (clinic.open["kind"] == "session") & (clinic.open["number"] == 1)
    for name in names:
        assert not (clinic.open[name] < clinic.open["anchor_on"]).any()
        assert is_first[clinic.open[name] == clinic.open["anchor_on"]].all()
        assert not (clinic.open[name] > clinic.as_of).any()
    assert not (clinic.open["unrecorded_on"] == clinic.as_of).any()


# Flags


@for_every_clinic
def test_flags_are_for_what_is_still_to_come(clinic):
    """Only open and projected rows have a flag, held rows only one of four, projected ones only about a booking."""
    flags = clinic.rows.groupby("status")["flag"].agg(lambda found: set(found.dropna()))
    assert set(flags[flags.astype(bool)].index) <= {*OPEN, "projected"}
    assert flags.get("on_hold", set()) <= set(WHILE_HELD)
    assert flags.get("projected", set()) <= {"booked_on_hold", "booked_too_soon", "booked_late"}


@for_every_clinic
def test_nobody_is_called_who_has_booked(clinic):
    """Flags that ask for a booking stand on rows without one, and flags about a booking on rows with one."""
    flag, booked = clinic.rows["flag"], clinic.rows["booked_on"].notna()
    assert not booked[flag.isin(UNBOOKED)].any()
    assert booked[flag.isin(["booked_on_hold", "booked_too_soon", "booked_late"])].all()
    overdue = clinic.rows["status"] == "overdue"
    assert not (booked & overdue & flag.isin(OVERDUE)).any()
    assert flag[overdue & ~booked].isin([*OVERDUE, "attendance_unrecorded"]).all()


@for_every_clinic
def test_flags_keep_to_their_kind(clinic):
    """Each overdue flag belongs to one sort of row, and a review is never held, nor lost."""
    of = clinic.rows.groupby("flag")["kind"].agg(set)
    assert of.get("missed_session", set()) <= {"session"}
    assert of.get("overdue_maintenance", set()) <= {"maintenance"}
    assert not of.get("overdue_review", set()) & set(SESSIONS)
    for flag in ("not_started", "lapsed", "booked_on_hold", "hold_to_check"):
        assert of.get(flag, set()) <= set(SESSIONS)
    assert (clinic.rows["number"][clinic.rows["flag"].isin(["not_started"])] == 1).all()


# What changes nothing, and what changes things one way


@for_every_clinic
def test_the_past_looks_the_same_from_any_later_day(clinic):
    """What is done or skipped stays so in every column: a later day only adds rows done since then."""
    later = judge(clinic.inputs, clinic.later)
    then = clinic.rows
    done, done_later = then[then["status"] == "done"], later[later["status"] == "done"]
    assert_same(done, done_later[done_later["done_on"] <= clinic.as_of])
    skipped = then[then["status"] == "skipped"].set_index(KEY)
    skipped_later = later[later["status"] == "skipped"].set_index(KEY)
    assert set(skipped.index) <= set(skipped_later.index)
    assert_same(skipped, skipped_later.loc[skipped.index])


@for_every_clinic
def test_what_nobody_knows_yet_changes_nothing(clinic):
    """Visits, holds and agreements that come later and were entered later do not show."""
    visits, holds, agreements = (clinic.inputs[name] for name in ("visits", "holds", "agreements"))
    today = clinic.as_of
    called_off = (visits["status"] == "cancelled") & (visits["cancelled_on"] <= today)
    changed = clinic.judged(
        visits=visits[~((visits["visit_date"] > today) & (visits["recorded_on"] > today) & ~called_off)],
        holds=holds[~((holds["starts_on"] > today) & (holds["recorded_on"] > today))],
        agreements=agreements[agreements["agreed_on"] <= today],
    )
    assert_same(changed, clinic.rows)


@for_every_clinic
def test_the_order_of_the_rows_does_not_matter(clinic):
    """Shuffled frames, with their old index or a new one, give the same rows, in the new order of the courses."""
    for reset in (False, True):
        shuffled = {name: frame.sample(frac=1, random_state=clinic.seed) for name, frame in clinic.inputs.items()}
        if reset:
            shuffled = {name: frame.reset_index(drop=True) for name, frame in shuffled.items()}
        place = pd.Series(range(len(shuffled["courses"])), index=shuffled["courses"]["course_id"])
        order = clinic.rows["course_id"].map(place).sort_values(kind="stable").index
        assert_same(judge(shuffled, clinic.as_of), clinic.rows.loc[order])


@for_every_clinic
def test_a_course_is_judged_by_itself(clinic):
    """A course alone has the same rows as among others."""
    for at in (0, 13, 29):
        course = clinic.inputs["courses"].iloc[[at]]
        wanted = clinic.rows[clinic.rows["course_id"] == course["course_id"].iloc[0]]
        assert_same(clinic.judged(courses=course), wanted)


@for_every_clinic
def test_rows_entered_twice_change_nothing(clinic):
    """A second entry of the same counts once, but for a patient who did not come: each such row is counted."""
    twice = {name: pd.concat([frame, frame]) for name, frame in clinic.inputs.items() if name != "courses"}
    changed = clinic.judged(**twice)
    assert_same(changed.assign(missed_count=clinic.rows["missed_count"]), clinic.rows)
    assert (changed["missed_count"] == 2 * clinic.rows["missed_count"]).all()


@for_every_clinic
def test_what_is_not_for_the_schedule_is_ignored(clinic):
    """Other columns, kinds of visit and courses, and holds and closures of no length, change nothing."""
    visits, holds, closures = (clinic.inputs[name] for name in ("visits", "holds", "closures"))
    known = clinic.inputs["courses"]["course_id"]
    lean = clinic.judged(
        visits=visits[visits["kind"].isin(["session", "review"]) & visits["course_id"].isin(known)],
        holds=holds[~(holds["ends_on"] <= holds["starts_on"])],
        closures=closures[closures["starts_on"] < closures["ends_on"]],
        agreements=clinic.inputs["agreements"].query("kind != 'maintenance'"),
    )
    assert_same(lean, clinic.rows)
    wide = {name: frame.assign(note="x", due_by=pd.NaT, row=3) for name, frame in clinic.inputs.items()}
    assert_same(judge(wide, clinic.as_of), clinic.rows)


@for_every_clinic
def test_the_protocols_order_and_company_do_not_matter(clinic):
    """Protocols may come in any order, with others that no course uses."""
    others = {f"{key} again": PROTOCOLS[key] for key in reversed(PROTOCOLS)}
    protocols = {**others, **{key: PROTOCOLS[key] for key in reversed(PROTOCOLS)}}
    assert_same(judge(clinic.inputs, clinic.as_of, protocols), clinic.rows)


@for_every_clinic
def test_the_frames_given_stay_as_they_are(clinic):
    """The schedule writes into none of its inputs."""
    mine = {name: frame.copy() for name, frame in clinic.inputs.items()}
    judge(mine, clinic.as_of)
    for name, frame in clinic.inputs.items():
        pd.testing.assert_frame_equal(mine[name], frame)


def in_days(text: str) -> str:
    """A protocol file with 30 days for each month and 360 for each year."""
    return re.sub(r"(\d+) (month|year)s?", lambda m: f"{int(m[1]) * (30 if m[2] == 'month' else 360)} days", text)


PROTOCOLS_IN_DAYS = {protocol.id: protocol for protocol in (parse_protocol(in_days(t), "") for t in PROTOCOL_FILES)}


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 29), by=st.integers(-2000, 2000))
def test_without_months_only_distances_between_dates_matter(seed, by):
    """Under protocols in days and weeks, all dates moved by some days give the same rows moved by as many."""
    assert not re.search('months?"|years?"', "".join(map(in_days, PROTOCOL_FILES)))

    def moved(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{name: days + by * DAY for name, days in frame.select_dtypes("datetime").items()})

    inputs, days = clinic_of(seed)
    rows = judge(inputs, days[1], PROTOCOLS_IN_DAYS)
    there = {name: moved(frame) for name, frame in inputs.items()}
    assert_same(judge(there, days[1] + timedelta(days=by), PROTOCOLS_IN_DAYS), moved(rows))


@for_every_clinic
def test_a_hold_only_puts_off(clinic):
    """Holds never bring a window forward nor touch the healing time, and leave every review as it is."""
    none = {"closures": pd.DataFrame()}
    free, held = by_key(clinic.judged(**none, holds=pd.DataFrame())), by_key(clinic.judged(**none))
    assert free.index.equals(held.index)
    assert held["earliest_on"].equals(free["earliest_on"])
    for name in ("due_on", "overdue_on", "lapses_on"):
        assert (held[name].isna() | free[name].isna() | (held[name] >= free[name])).all()
    is_review = ~free.index.get_level_values("kind").isin(SESSIONS)
    assert_same(held[is_review], free[is_review])


@for_every_clinic
def test_a_closure_only_keeps_windows_open_longer(clinic):
    """Closures leave due_on where it is and never shorten a window; none is extended past the last one's week."""
    free, shut = by_key(clinic.judged(closures=pd.DataFrame())), by_key(clinic.rows)
    assert free.index.equals(shut.index)
    assert shut["due_on"].equals(free["due_on"])
    later = shut["overdue_on"] > free["overdue_on"]
    assert (later | (shut["overdue_on"] == free["overdue_on"]) | free["overdue_on"].isna()).all()
    reopened = clinic.inputs["closures"]["ends_on"] + 7 * DAY
    assert shut["overdue_on"][later].isin(reopened).all()


# Forms of the input


@pytest.fixture(params=[3, 5])
def inputs(request) -> Inputs:
    """A clinic whose dates all fit nanoseconds."""
    limit = pd.Timestamp("2200-01-01")
    return {
        name: frame.assign(
            **{day: days.mask(days > limit, limit) for day, days in frame.select_dtypes("datetime").items()}
        )
        for name, frame in clinic_of(request.param)[0].items()
    }


ON = date(2024, 8, 31)


def reshaped(inputs: Inputs, form: Callable[[pd.Series], pd.Series], names: Callable[[str], bool]) -> Inputs:
    return {
        name: frame.assign(**{column: form(frame[column]) for column in frame if names(column)})
        for name, frame in inputs.items()
    }


def as_python(days: pd.Series, form: Callable[[pd.Timestamp], object]) -> pd.Series:
    return pd.Series([None if pd.isna(day) else form(day) for day in days], index=days.index, dtype=object)


DATE_FORMS = {
    "nanoseconds": lambda days: days.astype("datetime64[ns]"),
    "microseconds": lambda days: days.astype("datetime64[us]"),
    "seconds": lambda days: days.astype("datetime64[s]"),
    "with a time of day": lambda days: days.astype("datetime64[us]") + pd.Timedelta(hours=23, minutes=59),
    "python dates": lambda days: as_python(days, pd.Timestamp.date),
    "python datetimes": lambda days: as_python(days, lambda day: datetime.combine(day.date(), time(17, 45))),
    "timestamps as objects": lambda days: days.astype(object),
}


@pytest.mark.parametrize("form", DATE_FORMS.values(), ids=list(DATE_FORMS))
def test_dates_may_come_in_any_form(inputs, form):
    """A date is a date in any resolution, as a Python object, and whatever the time of day."""
    changed = reshaped(inputs, form, lambda name: name.endswith(("_on", "_date")))
    assert_same(judge(changed, ON), judge(inputs, ON))


TEXT_FORMS = {
    "str": lambda text: text.astype("str"),
    "object": lambda text: text.astype(object),
    "categorical": lambda text: text.astype("category"),
    "categorical, other order": lambda text: text.astype(pd.CategoricalDtype(sorted(set(text), reverse=True))),
    "categorical, some unused": lambda text: text.astype(pd.CategoricalDtype(["a", *sorted(set(text)), "session "])),
}


@pytest.mark.parametrize("form", TEXT_FORMS.values(), ids=list(TEXT_FORMS))
def test_text_may_come_in_any_form(inputs, form):
    """Kinds, statuses and protocol names may be str, object or categorical, with categories in any order."""
    changed = reshaped(inputs, form, lambda name: name in ("kind", "status", "protocol_id"))
    assert_same(judge(changed, ON), judge(inputs, ON))


ID_FORMS = {
    "text": lambda ids: ("K-" + ids.astype("str")).astype("str"),
    "text as objects": lambda ids: ("K-" + ids.astype("str")).astype(object),
    "categorical text": lambda ids: ("K-" + ids.astype("str")).astype("category"),
    "far apart": lambda ids: ids * 1_000_003 - 7,
    "small integers": lambda ids: ids.astype("int16"),
    "nullable integers": lambda ids: ids.astype("Int64"),
    "integers as objects": lambda ids: ids.astype(object),
    "categorical integers": lambda ids: ids.astype("category"),
}


@pytest.mark.parametrize("form", ID_FORMS.values(), ids=list(ID_FORMS))
def test_course_ids_may_come_in_any_form(inputs, form):
    """A course_id may be text, whole numbers near or far apart, or categorical; the rows carry it as it came."""
    changed = reshaped(inputs, form, lambda name: name == "course_id")
    rows = judge(inputs, ON)
    ids = inputs["courses"]["course_id"]
    renamed = dict(zip(ids, form(ids), strict=True))
    assert_same(judge(changed, ON), rows.assign(course_id=rows["course_id"].map(renamed)))
    assert set(judge(changed, ON)["course_id"]) <= set(form(ids))


@pytest.mark.parametrize("form", ["str", object, "category"])
def test_the_frames_may_keep_their_ids_differently(inputs, form):
    """Visits, holds and agreements may hold the courses' text ids as another type, and lack one in a row."""
    text = reshaped(inputs, ID_FORMS["text"], lambda name: name == "course_id")
    changed = reshaped(text, lambda ids: ids.astype(form), lambda name: name == "course_id")
    stray = changed["visits"].tail(3).assign(course_id=pd.Series(dtype=changed["visits"]["course_id"].dtype))
    changed["visits"] = pd.concat([changed["visits"], stray])
    assert changed["visits"]["course_id"].isna().sum() == 3
    assert_same(judge({**changed, "courses": text["courses"]}, ON), judge(text, ON))


def test_an_index_may_repeat(inputs):
    """Frames put together from several keep their rows' labels, and these mean nothing."""
    changed = {name: frame.set_axis([0] * len(frame)) for name, frame in inputs.items()}
    assert_same(judge(changed, ON), judge(inputs, ON))


@pytest.mark.parametrize("planned", ["int8", "Int64", "float64", object])
def test_planned_sessions_may_be_any_number(inputs, planned):
    """A whole number is one in every type that can hold it."""
    changed = inputs["courses"].astype({"planned_sessions": planned})
    assert_same(judge({**inputs, "courses": changed}, ON), judge(inputs, ON))


AS_OF_FORMS = [pd.Timestamp(ON), datetime.combine(ON, time(23, 59)), np.datetime64(ON), ON.isoformat()]


@pytest.mark.parametrize("as_of", AS_OF_FORMS, ids=lambda value: type(value).__name__)
def test_the_day_may_come_in_any_form(inputs, as_of):
    """The as-of date may be a date, a timestamp with a time of day, numpy's or ISO text."""
    assert_same(judge(inputs, as_of), judge(inputs, ON))


OPTIONAL = [
    ("courses", "closed_on"), ("courses", "earliest_start_on"), ("visits", "recorded_on"),
    ("visits", "cancelled_on"), ("holds", "ends_on"), ("holds", "recorded_on"), ("holds", "check_on"),
]  # fmt: skip
MISSING = {
    "dates": lambda days: pd.Series(pd.NaT, index=days.index, dtype="datetime64[ns]"),
    "objects": lambda days: pd.Series(None, index=days.index, dtype=object),
    "numbers": lambda days: pd.Series(np.nan, index=days.index),
}


@pytest.mark.parametrize(("table", "column"), OPTIONAL)
def test_optional_columns_may_be_absent(inputs, table, column):
    """An optional column that is absent is one that is missing in every row, in whatever form."""
    absent = judge({**inputs, table: inputs[table].drop(columns=column)}, ON)
    for empty in MISSING.values():
        missing = inputs[table].assign(**{column: empty(inputs[table][column])})
        assert_same(judge({**inputs, table: missing}, ON), absent)


@pytest.mark.parametrize("table", ["visits", "holds", "agreements", "closures"])
def test_a_frame_may_be_empty(inputs, table):
    """A frame without rows says the same with its columns and without any, and so does None where allowed."""
    stripped = judge({**inputs, table: inputs[table].iloc[:0]}, ON)
    assert len(stripped)
    for empty in (pd.DataFrame(), pd.DataFrame(columns=inputs[table].columns)):
        assert_same(judge({**inputs, table: empty}, ON), stripped)
    if table in ("agreements", "closures"):
        assert_same(judge({**inputs, table: None}, ON), stripped)


@pytest.mark.parametrize("protocols", [PROTOCOLS, {}])
def test_no_courses_give_no_rows_but_all_columns(inputs, protocols):
    """Without courses the table is empty and has its columns, whatever else is given."""
    no_rows = {name: frame.iloc[:0] for name, frame in inputs.items()}
    nothing = dict.fromkeys(inputs, pd.DataFrame())
    for given_frames in (no_rows, nothing, {**inputs, "courses": pd.DataFrame()}):
        rows = expected_visits(**given_frames, protocols=protocols, as_of=ON)
        assert len(rows) == 0
        assert list(rows.columns) == list(COLUMNS)
        assert all(pd.api.types.is_datetime64_dtype(rows[name].dtype) for name in rows if name.endswith("_on"))


def test_the_output_has_the_types_that_are_promised(inputs):
    """Dates have no time of day, days_off is a nullable integer, text is categorical, counts are integers."""
    rows = expected_visits(**inputs, protocols=PROTOCOLS, as_of=datetime.combine(ON, time(23, 59)))
    assert list(rows.columns) == list(COLUMNS)
    for name in rows:
        if name.endswith("_on"):
            assert pd.api.types.is_datetime64_dtype(rows[name].dtype)
            assert (rows[name].dropna() == rows[name].dropna().dt.normalize()).all()
    assert rows["days_off"].dtype in ("Int8", "Int16", "Int32", "Int64")
    assert all(isinstance(rows[name].dtype, pd.CategoricalDtype) for name in TEXT)
    assert all(pd.api.types.is_integer_dtype(rows[name].dtype) for name in ("number", "missed_count", "days_overdue"))
    assert rows.index.equals(pd.RangeIndex(len(rows)))
    assert not (rows[TEXT].astype(object) == "").any(axis=None)
