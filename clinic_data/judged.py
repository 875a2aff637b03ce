"""The clinic as judged on a day; after a change, only the patients whom it concerns are read and judged anew."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.renewal import latest_change, replaced, touched_since
from clinic_data.schedule_input import ScheduleInput, schedule_input
from clinic_data.visits import last_and_next_in
from lib.worklist import flagged


@dataclass(frozen=True)
class Judged:
    """All patients of one actor's view on one day; nobody may change the frames, for several share them.

    `latest_change` is the number of the latest change that is in them.
    """

    known: ScheduleInput
    schedule: pd.DataFrame
    flagged: pd.DataFrame
    last_and_next: pd.DataFrame
    latest_change: int


@needs("see patients")
def judge_clinic(actor: Actor, store: Store, as_of: date) -> Judged:
    """Everybody whom the actor may see, read and judged on that day."""
    with store.read() as db:
        known = schedule_input(db, actor, as_of)
        schedule = known.schedule()
        days = last_and_next_in(db, actor, as_of)
        return Judged(known, schedule, flagged(schedule, known.courses), days, latest_change(db))


@needs("see patients")
def judge_again(actor: Actor, store: Store, before: Judged) -> Judged:
    """What `judge_clinic` returns for the same view and day now, made of what it was before the changes since."""
    with store.read() as db:
        latest, touched = latest_change(db), touched_since(db, before.latest_change)
        if touched is not None:
            known = schedule_input(db, actor, before.known.as_of, patient_ids=touched)
            days = last_and_next_in(db, actor, before.known.as_of, patient_ids=touched)
    if touched is None or known.protocols != before.known.protocols:
        return judge_clinic(actor, store, before.known.as_of)
    return _put_in_place(before, known, days, touched, latest)


def _put_in_place(before: Judged, known: ScheduleInput, days: pd.DataFrame, touched: set[int], latest: int) -> Judged:
    """What was judged before, with these patients' rows in the place of their old ones."""
    if not touched:
        return Judged(before.known, before.schedule, before.flagged, before.last_and_next, latest)
    old = before.known
    theirs = old.courses["course_id"][old.courses["patient_id"].isin(touched)]

    def of_courses(rows: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
        return replaced(rows, new, rows["course_id"].isin(theirs), order="course_id")

    courses = of_courses(old.courses, known.courses)
    for name in courses.select_dtypes("category"):
        courses[name] = courses[name].cat.remove_unused_categories()
    now = ScheduleInput(
        as_of=old.as_of,
        protocols=old.protocols,
        courses=courses,
        visits=of_courses(old.visits, known.visits),
        holds=of_courses(old.holds, known.holds),
        agreements=of_courses(old.agreements, known.agreements),
        closures=old.closures,
    )
    schedule = of_courses(before.schedule, known.schedule())
    if schedule.empty:
        # Its types are those of the courses, which may not be theirs.
        schedule = now.schedule()
    rows = before.last_and_next.reset_index()
    days = replaced(rows, days.reset_index(), rows["patient_id"].isin(touched), order="patient_id")
    return Judged(now, schedule, flagged(schedule, courses), days.set_index("patient_id"), latest)
