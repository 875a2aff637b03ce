"""The one cached load: the clinic's rows and their schedule, read once per revision and day."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import must_be_allowed
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.practitioners import read_practitioners
from clinic_data.schedule_input import ScheduleInput, read_schedule_input
from clinic_data.visits import last_and_next
from lib.caseload import Caseload, caseload
from lib.cohort import Cohort, cohort, reopened
from lib.worklist import flagged


@dataclass(frozen=True)
class Load:
    """What the pages reduce; shared by all sessions, so nobody may change the frames."""

    known: ScheduleInput
    schedule: pd.DataFrame
    flagged: pd.DataFrame
    last_and_next: pd.DataFrame
    practitioners: pd.Series

    @property
    def protocol_names(self) -> dict[str, str]:
        """Each protocol's name by its id, the latest version's where there are several."""
        latest = sorted(self.known.protocols.values(), key=lambda protocol: protocol.version)
        return {protocol.id: protocol.name for protocol in latest}


def load(actor: Actor, store: Store, as_of: date) -> Load:
    """The clinic as judged on that day, as far as the actor may see it."""
    must_be_allowed(actor, store, "see patients")
    return _load(actor, str(store.path), store.revision(), as_of, actor.own)


@st.cache_resource(max_entries=4, show_spinner="Reading the clinic …")
def _load(_actor: Actor, path: str, revision: int, as_of: date, own: int | None) -> Load:
    actor, store = _actor, Store(Path(path))
    known = read_schedule_input(actor, store, as_of)
    schedule = known.schedule()
    return Load(
        known=known,
        schedule=schedule,
        flagged=flagged(schedule, known.courses),
        last_and_next=last_and_next(actor, store, as_of),
        practitioners=read_practitioners(actor, store).set_index("practitioner_id")["name"],
    )


def load_caseload(actor: Actor, store: Store, as_of: date) -> Caseload:
    """The manager's figures of that day."""
    must_be_allowed(actor, store, "see patients")
    return _load_caseload(actor, str(store.path), store.revision(), as_of, actor.own)


@st.cache_resource(max_entries=4, show_spinner="Counting …")
def _load_caseload(_actor: Actor, path: str, revision: int, as_of: date, own: int | None) -> Caseload:
    clinic = _load(_actor, path, revision, as_of, own)
    return caseload(clinic.schedule, clinic.known.courses, clinic.flagged, as_of)


def load_cohort(actor: Actor, store: Store, as_of: date) -> Cohort:
    """All treatment plans of that day side by side."""
    must_be_allowed(actor, store, "see patients")
    return _load_cohort(actor, str(store.path), store.revision(), as_of, actor.own)


@st.cache_resource(max_entries=4, show_spinner="Laying plans side by side …")
def _load_cohort(_actor: Actor, path: str, revision: int, as_of: date, own: int | None) -> Cohort:
    clinic = _load(_actor, path, revision, as_of, own)
    courses, day = clinic.known.courses, pd.Timestamp(as_of)
    ended = replace(clinic.known, courses=reopened(courses, day)).schedule()
    return cohort(clinic.schedule, courses, clinic.flagged, ended, day)
