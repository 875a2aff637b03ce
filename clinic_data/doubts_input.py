"""Stored rows → what `lib.doubts` takes: the only place that does this."""

from datetime import date

import pandas as pd

from clinic_data.access.own import limited, own_value
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.dismissals import read_decisions
from clinic_data.patients import IS_MERGED
from clinic_data.schedule_input import ScheduleInput, read_schedule_input
from lib.doubts import doubts, with_decisions

PEOPLE = ["patient_id", "folded_name", "born_on", "phone_digits", "email"]


@needs("see patients")
def read_people(actor: Actor, store: Store) -> pd.DataFrame:
    """The patients the actor may see, as far as it takes to find those who are there twice: PEOPLE, all text."""
    with store.read() as db:
        rows = db.execute(
            "select id, folded_name, born_on, phone_digits, email from patients"
            f" where not {IS_MERGED} and {limited(actor, 'id')} order by id",
            own_value(actor),
        ).fetchall()
    return pd.DataFrame(rows, columns=PEOPLE)


@needs("see patients")
def read_doubts(actor: Actor, store: Store, as_of: date, *, known: ScheduleInput | None = None) -> pd.DataFrame:
    """All doubts about the record, decided or not (`lib.doubts.doubts`), of the patients the actor may see.

    `as_of` is the clinic's own day, whatever day is looked at: the record is doubted as it stands now. `known` is what
    was read for the schedule already, of whatever day.
    """
    known = known or read_schedule_input(actor, store, as_of)
    return doubts(known.courses, known.visits, known.holds, read_people(actor, store), known.protocols, as_of)


@needs("see patients")
def decided(actor: Actor, store: Store, found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Doubts that wait for somebody, and those said to be right, with reason, decided_by and decided_on."""
    all_ = with_decisions(found, read_decisions(actor, store))
    waits = all_["decided_by"].isna()
    return all_[waits].reset_index(drop=True), all_[~waits].reset_index(drop=True)
