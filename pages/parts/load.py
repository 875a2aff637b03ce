"""The one cached load: the clinic's rows and their schedule, and the desk's work, brought up to date after changes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock
from typing import Generic, TypeVar

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import must_be_allowed
from clinic_data.actor import Actor
from clinic_data.attempts import Attempts, read_attempts
from clinic_data.database import Store
from clinic_data.judged import Judged, judge_again, judge_clinic
from clinic_data.practitioners import read_practitioners
from clinic_data.worklist_input import read_work
from lib.caseload import Caseload, caseload
from lib.cohort import Cohort, cohort, reopened
from lib.worklist import Work


@dataclass(frozen=True)
class Load(Judged):
    """What the pages reduce; shared by all sessions, so nobody may change the frames."""

    practitioners: pd.Series

    @property
    def protocol_names(self) -> dict[str, str]:
        """Each protocol's name by its id, the latest version's where there are several."""
        latest = sorted(self.known.protocols.values(), key=lambda protocol: protocol.version)
        return {protocol.id: protocol.name for protocol in latest}


T = TypeVar("T")


@dataclass
class _Latest(Generic[T]):
    """What was read last of one view on one day, and the number of changes for which it was read."""

    read: T | None = None
    number: int = -1
    lock: Lock = field(default_factory=Lock)

    def at(self, number: Callable[[], int], read: Callable[[T | None], T]) -> T:
        """What was read, brought up to date where the number is another one.

        What is read may be later than the number that was asked for before: it is then brought up to date again.
        """
        with self.lock:
            now = number()
            if self.read is None or self.number != now:
                self.read, self.number = read(self.read), now
            return self.read


def load(actor: Actor, store: Store, as_of: date) -> Load:
    """The clinic as judged on that day, as far as the actor may see it."""
    must_be_allowed(actor, store, "see patients")
    latest: _Latest[Load] = _latest("load", str(store.path), as_of, actor.own)
    return latest.at(store.revision, lambda before: _load(actor, store, as_of, before))


def load_work(actor: Actor, store: Store, as_of: date) -> Work:
    """What the desk has done up to that day, with the attempts of so far brought up to date."""
    latest: _Latest[Attempts] = _latest("attempts", str(store.path), as_of, actor.own)
    attempts = latest.at(store.number_of_changes, lambda before: read_attempts(actor, store, as_of, before=before))
    return read_work(actor, store, as_of, attempts=attempts)


@st.cache_resource(max_entries=16, show_spinner=False)
def _latest(what: str, path: str, as_of: date, own: int | None) -> _Latest:
    return _Latest()


def _load(actor: Actor, store: Store, as_of: date, before: Load | None) -> Load:
    if before is None:
        with st.spinner("Reading the clinic …"):
            judged = judge_clinic(actor, store, as_of)
    else:
        judged = judge_again(actor, store, before)
    practitioners = read_practitioners(actor, store).set_index("practitioner_id")["name"]
    return Load(**vars(judged), practitioners=practitioners)


def load_caseload(actor: Actor, store: Store, as_of: date) -> Caseload:
    """The manager's figures of that day."""
    clinic = load(actor, store, as_of)
    return _load_caseload(clinic, str(store.path), clinic.latest_change, as_of, actor.own)


@st.cache_resource(max_entries=4, show_spinner="Counting …")
def _load_caseload(_clinic: Load, path: str, latest_change: int, as_of: date, own: int | None) -> Caseload:
    return caseload(_clinic.schedule, _clinic.known.courses, _clinic.flagged, as_of)


def load_cohort(actor: Actor, store: Store, as_of: date) -> Cohort:
    """All treatment plans of that day side by side."""
    clinic = load(actor, store, as_of)
    return _load_cohort(clinic, str(store.path), clinic.latest_change, as_of, actor.own)


@st.cache_resource(max_entries=4, show_spinner="Laying plans side by side …")
def _load_cohort(_clinic: Load, path: str, latest_change: int, as_of: date, own: int | None) -> Cohort:
    known, day = _clinic.known, pd.Timestamp(as_of)
    courses, holds = reopened(known.courses, known.holds, day)
    ended = replace(known, courses=courses, holds=holds).schedule()
    return cohort(_clinic.schedule, known.courses, _clinic.flagged, ended, day)
