"""The clinic as judged on a day; after a change, only the patients whom it concerns are read and judged anew."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals
from sqlite_utils import Database

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.schedule_input import ScheduleInput, schedule_input
from clinic_data.visits import last_and_next_in
from lib.worklist import flagged

OF_A_PATIENT = frozenset({"patients", "courses", "visits", "visit_courses", "holds", "agreements"})
"""A change to one of these tables concerns the change's patient alone; without one, such as an import, everybody."""

OF_THE_CLINIC = frozenset({"closures", "accounts"})
"""A change to one of these may concern everybody, or decide who is seen by whom."""


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
        return Judged(known, schedule, flagged(schedule, known.courses), days, _latest_change(db))


@needs("see patients")
def judge_again(actor: Actor, store: Store, before: Judged) -> Judged:
    """What `judge_clinic` returns for the same view and day now, made of what it was before the changes since."""
    with store.read() as db:
        latest = _latest_change(db)
        touched = _touched(db, before.latest_change) if latest >= before.latest_change else None
        if touched is not None:
            known = schedule_input(db, actor, before.known.as_of, patient_ids=touched)
            days = last_and_next_in(db, actor, before.known.as_of, patient_ids=touched)
    if touched is None or known.protocols != before.known.protocols:
        return judge_clinic(actor, store, before.known.as_of)
    return _put_in_place(before, known, days, touched, latest)


def _touched(db: Database, since: int) -> set[int] | None:
    """The patients whom the changes after that one concern; None where one may concern everybody."""
    touched = set()
    for patient_id, text in db.execute("select patient_id, rows from changes where id > ?", [since]):
        rows = json.loads(text)
        tables = {row["table"] for row in rows}
        erased = not rows
        if erased or tables & OF_THE_CLINIC or (tables & OF_A_PATIENT and patient_id is None):
            return None
        if tables & OF_A_PATIENT:
            touched.add(patient_id)
    return touched


def _put_in_place(before: Judged, known: ScheduleInput, days: pd.DataFrame, touched: set[int], latest: int) -> Judged:
    """What was judged before, with these patients' rows in the place of their old ones."""
    if not touched:
        return Judged(before.known, before.schedule, before.flagged, before.last_and_next, latest)
    old = before.known
    hers = old.courses["course_id"][old.courses["patient_id"].isin(touched)]
    courses = _replace(old.courses, known.courses, hers)
    for name in courses.select_dtypes("category"):
        courses[name] = courses[name].cat.remove_unused_categories()
    now = ScheduleInput(
        as_of=old.as_of,
        protocols=old.protocols,
        courses=courses,
        visits=_replace(old.visits, known.visits, hers),
        holds=_replace(old.holds, known.holds, hers),
        agreements=_replace(old.agreements, known.agreements, hers),
        closures=old.closures,
    )
    schedule = _replace(before.schedule, known.schedule(), hers)
    if schedule.empty:
        # Its types are those of the courses, which may not be hers.
        schedule = now.schedule()
    days = _replace(before.last_and_next.reset_index(), days.reset_index(), touched, by="patient_id")
    return Judged(now, schedule, flagged(schedule, courses), days.set_index("patient_id"), latest)


def _replace(
    old: pd.DataFrame, new: pd.DataFrame, gone: Collection[int] | pd.Series, by: str = "course_id"
) -> pd.DataFrame:
    """The old rows but those that are gone, and the new ones, in the order of `by`."""
    kept = old[~old[by].isin(gone)]
    if kept.empty or new.empty:
        return (new if kept.empty else kept).reset_index(drop=True)
    order = np.argsort(np.concatenate([kept[by].to_numpy(), new[by].to_numpy()]), kind="stable")
    return pd.DataFrame({name: _one_after_the_other(kept[name], new[name]).take(order) for name in kept})


def _one_after_the_other(first: pd.Series, then: pd.Series):
    """The values of both; of categories those of either, in order."""
    if isinstance(first.dtype, pd.CategoricalDtype) and first.dtype != then.dtype:
        return union_categoricals([first, then], sort_categories=True)
    return pd.concat([first, then]).array


def _latest_change(db: Database) -> int:
    return int(db.execute("select coalesce(max(id), 0) from changes").fetchone()[0])
