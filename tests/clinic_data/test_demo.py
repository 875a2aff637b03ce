"""The demo clinic: the same each time, believable, made of nobody's data, and with every status and flag in it."""

import re
from datetime import date, timedelta

import pandas as pd
import pytest

from clinic_data.actor import DESK
from clinic_data.database import Store, prepare
from clinic_data.demo import fill_demo
from clinic_data.errors import NotAllowed
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import Settings, read_settings
from lib.schedule.flags import FLAGS, STATUSES

TODAY = date(2026, 11, 23)
DAYS = [TODAY, date(2028, 2, 29)]
UNSAFE_OR_RARE = {"booked_too_soon", "booked_on_hold", "hold_to_check"}


def rows_of(store: Store, sql: str) -> pd.DataFrame:
    """A query as a frame."""
    with store.read() as db:
        cursor = db.execute(sql)
        return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])


UNLIKE = {"changes", "trail", "trail_values", "_sqlite_migrations"}
"""The tables that no two files have in common."""


def everything(store: Store) -> dict[str, list]:
    """All rows of all tables but the log, which knows the time, and the trail, which is salted too."""
    with store.read() as db:
        tables = [name for name in db.table_names() if name not in UNLIKE]
        return {name: db.execute(f"select * from {name}").fetchall() for name in tables}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Makes demo clinics, each one once."""
    made: dict[tuple, Store] = {}

    def make(today: date = TODAY, patients: int = 600, seed: int = 1) -> Store:
        key = (today, patients, seed)
        if key not in made:
            made[key] = prepare(tmp_path_factory.mktemp("demo") / "clinic.db")
            fill_demo(DESK, made[key], today=today, patients=patients, seed=seed)
        return made[key]

    return make


def test_the_same_seed_makes_the_same_clinic(demo, tmp_path):
    """Every row of every table is the same the second time."""
    again = prepare(tmp_path / "again.db")
    fill_demo(DESK, again, today=TODAY, patients=600, seed=1)
    assert everything(again) == everything(demo())


def test_another_seed_makes_another_clinic(demo):
    """What chance decides differs; what is the clinic's own does not."""
    one, other = everything(demo()), everything(demo(seed=2))
    for table in ("patients", "courses", "visits", "outcome_scores", "holds"):
        assert one[table] != other[table], table
    for table in ("settings", "protocols", "practitioners", "closures"):
        assert one[table] == other[table], table


def test_it_is_one_change_of_a_demo_file(demo):
    """One entry in the log, one revision, and settings that mark the file."""
    store = demo()
    assert rows_of(store, "select action from changes")["action"].tolist() == ["fill the demo clinic"]
    assert store.revision() == 1
    assert read_settings(DESK, store) == Settings("Demo clinic", "Europe/London", True, TODAY)


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_every_status_and_flag_is_there(demo, today, seed):
    """At least three of each flag, few of the unsafe ones, and most active patients without any."""
    store = demo(today, seed=seed)
    made = read_schedule_input(DESK, store, today)
    rows = made.schedule()
    flags = rows["flag"].value_counts()
    assert (rows["status"].value_counts().reindex(STATUSES) > 0).all()
    assert flags.reindex(FLAGS).min() >= 3, flags
    assert flags.reindex(sorted(UNSAFE_OR_RARE)).max() <= 12, flags

    patient = made.courses.set_index("course_id")["patient_id"]
    flagged = set(rows.loc[rows["flag"].notna(), "course_id"].map(patient))
    active = set(rows_of(store, "select id from patients where status = 'active'")["id"])
    assert 0.6 <= 1 - len(flagged & active) / len(active) <= 0.78


@pytest.mark.parametrize("today", [date(2026, 12, 24), date(2026, 12, 29), date(2027, 1, 3), date(2026, 8, 5)])
def test_every_flag_is_there_around_closures(demo, today):
    """Closed days move visits and windows, but not the steered situations out of their flag."""
    flags = read_schedule_input(DESK, demo(today), today).schedule()["flag"].value_counts()
    assert flags.reindex(FLAGS).min() >= 3, flags


@pytest.mark.parametrize("today", DAYS)
def test_attendance_is_believable(demo, today):
    """The shares of docs/evidence.md, in a clinic large enough to measure them."""
    store = demo(today, patients=3000)
    visits = rows_of(
        store,
        "select course_id, kind, status, visit_date, recorded_on from visits join visit_courses on id = visit_id"
        f" where visit_date < '{today}' and status <> 'booked' and kind <> 'other'",
    )
    booked = visits[visits["recorded_on"] < visits["visit_date"]]
    assert 0.08 <= (booked["status"] == "no_show").mean() <= 0.15
    assert 0.05 <= (booked["status"] == "cancelled").mean() <= 0.1

    courses = rows_of(store, "select id, planned_sessions as planned, opened_on from courses").set_index("id")
    done = visits[visits["status"] == "completed"].groupby(["course_id", "kind"]).size().unstack(fill_value=0)
    courses = courses.join(done).fillna(0)
    old = courses[courses["opened_on"] < str(today - timedelta(days=400))]
    started = old[(old["session"] >= 1) & (old["planned"] > 1)]
    came_back = started[started["session"] >= 2]
    finished = old[old["session"] >= old["planned"]]
    assert 0.45 <= len(came_back) / len(started) <= 0.65
    assert 0.75 <= (came_back["session"] >= came_back["planned"]).mean() <= 0.92
    assert 0.35 <= (finished["session"] > finished["planned"]).mean() <= 0.6
    assert 0.5 <= finished["review"].mean() / 2 <= 0.7


@pytest.mark.parametrize("today", DAYS)
def test_nothing_is_known_before_it_happens(demo, today):
    """Visits after today are bookings; nothing was recorded, called off or closed after today."""
    visits = rows_of(demo(today), "select * from visits")
    assert set(visits.loc[visits["visit_date"] >= str(today), "status"]) == {"booked", "cancelled"}
    assert visits["recorded_on"].notna().all()
    assert (visits["recorded_on"] <= visits["visit_date"]).all()
    assert visits["recorded_on"].max() <= str(today)
    off = visits[visits["status"] == "cancelled"]
    assert ((off["recorded_on"] <= off["cancelled_on"]) & (off["cancelled_on"] <= off["visit_date"])).all()
    assert off["cancelled_on"].max() <= str(today)
    latest = rows_of(
        demo(today),
        "select max(opened_on), max(closed_on), (select max(status_on) from patients),"
        " (select max(recorded_on) from holds), (select max(agreed_on) from agreements) from courses",
    )
    assert (latest.iloc[0] <= str(today)).all()


def test_nobody_comes_on_a_closed_day(demo):
    """No visit falls on a Sunday or into a closure."""
    store = demo()
    days = pd.to_datetime(rows_of(store, "select visit_date from visits")["visit_date"], format="%Y-%m-%d")
    assert (days.dt.day_of_week != 6).all()
    closures = rows_of(store, "select * from closures")
    assert 2 <= (closures["starts_on"] <= str(TODAY)).sum() <= 4
    assert (closures["starts_on"] > str(TODAY)).sum() == 1
    for closure in closures.itertuples():
        assert not days.between(closure.starts_on, closure.ends_on, inclusive="left").any()


def test_closed_courses_have_no_later_visit(demo):
    """A course is closed after its last appointment."""
    late = rows_of(
        demo(patients=3000),
        "select c.id from courses c join visit_courses on course_id = c.id join visits v on v.id = visit_id"
        " where closed_on is not null and visit_date > closed_on",
    )
    assert late.empty


def test_contacts_are_reserved_for_fiction(demo):
    """Phones from Ofcom's numbers for drama only, mails at example domains only, adults only."""
    patients = rows_of(demo(patients=3000), "select * from patients")
    digits = patients["phone_digits"].dropna()
    assert digits.str.fullmatch(r"(44)?(7700900\d{3}|2079460\d{3})").all()
    assert [re.sub(r"\D", "", phone).lstrip("0") for phone in patients["phone"].dropna()] == digits.tolist()
    assert patients["email"].dropna().str.fullmatch(r"[a-z.]+\d+@example\.(com|org)").all()
    assert patients["born_on"].between("1956-01-01", "2008-01-01").all()
    assert patients["code"].str.fullmatch(r"[bcdfghjkmnpqrstvwxz2-9]{10}").all()


def test_a_patient_may_have_two_courses(demo):
    """About one in eight has two, some of them on the same area, and some reviews serve both."""
    store = demo()
    courses = rows_of(store, "select patient_id, area, protocol_id, practitioner_id from courses")
    each = courses.groupby("patient_id").size()
    assert each.max() == 2
    assert 0.08 <= (each == 2).mean() <= 0.16
    assert courses.duplicated(["patient_id", "area"]).sum() >= 5
    assert set(courses["practitioner_id"]) == {1, 2, 3, 4}
    assert courses["protocol_id"].nunique() == 6
    shared = rows_of(
        store,
        "select kind from visits join visit_courses on visit_id = id group by visit_id having count(*) = 2",
    )
    assert set(shared["kind"]) == {"review"}


def test_scores_get_better(demo):
    """Most scores are better at the reviews than at the start, but not all."""
    scores = rows_of(
        demo(),
        "select course_id, scale, better, value, kind, visit_date from outcome_scores join visits v on v.id = visit_id",
    )
    assert set(scores.loc[scores["scale"] == "gais", "kind"]) == {"review"}
    start = scores[scores["kind"] == "session"].set_index(["course_id", "scale"])["value"]
    later = scores[scores["kind"] == "review"].join(start.rename("start"), on=["course_id", "scale"]).dropna()
    gain = (later["value"] - later["start"]).where(later["better"] == "higher", later["start"] - later["value"])
    assert len(gain) > 100
    assert 0.6 <= (gain > 0).mean() < 1


def test_holds_tell_why(demo):
    """Medical ones and wishes, past and running ones, some of them for one area, some to be asked about."""
    holds = rows_of(demo(), "select * from holds")
    assert set(holds["cause"]) == {"medical", "wish"}
    assert holds["ends_on"].isna().any()
    assert (holds["ends_on"] <= str(TODAY)).any()
    assert holds["area"].notna().any()
    assert (holds.loc[holds["ends_on"].isna(), "check_on"].dropna() <= str(TODAY)).any()
    assert 0.04 <= holds["patient_id"].nunique() / 600 <= 0.09


@pytest.mark.parametrize("patients", [1, 2, 10, 150])
def test_small_clinics_work(demo, patients):
    """A demo of one patient is a demo too."""
    store = demo(patients=patients)
    assert rows_of(store, "select id from patients order by id")["id"].tolist() == list(range(1, patients + 1))
    rows = read_schedule_input(DESK, store, TODAY).schedule()
    assert rows["course_id"].nunique() >= 1


@pytest.mark.parametrize("seed", range(20))
def test_one_patient_of_any_seed_works(demo, seed):
    """Also where that patient never comes, or has left."""
    store = demo(patients=1, seed=seed)
    assert len(rows_of(store, "select id from courses")) in (1, 2)


def test_only_an_empty_file_is_filled(demo):
    """A file with patients in it is refused, and stays as it was."""
    store = demo(patients=10)
    before = everything(store)
    with pytest.raises(NotAllowed, match="empty file"):
        fill_demo(DESK, store, today=TODAY, patients=10)
    assert everything(store) == before


def test_a_clinic_has_patients(demo, tmp_path):
    """Fewer than one patient is refused before anything is written."""
    with pytest.raises(NotAllowed, match="0 patients"):
        fill_demo(DESK, prepare(tmp_path / "none.db"), today=TODAY, patients=0)
