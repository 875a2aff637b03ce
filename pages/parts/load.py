"""The one cached load: the clinic's rows and their schedule, brought up to date after each change."""

from dataclasses import dataclass, field
from datetime import date
from threading import Lock

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import must_be_allowed
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.judged import Judged, judge_again, judge_clinic
from clinic_data.practitioners import read_practitioners
from lib.caseload import Caseload, caseload


@dataclass(frozen=True)
class Load(Judged):
    """What the pages reduce; shared by all sessions, so nobody may change the frames."""

    practitioners: pd.Series

    @property
    def protocol_names(self) -> dict[str, str]:
        """Each protocol's name by its id, the latest version's where there are several."""
        latest = sorted(self.known.protocols.values(), key=lambda protocol: protocol.version)
        return {protocol.id: protocol.name for protocol in latest}


@dataclass
class _Latest:
    """The latest load of one view on one day, and the revision for which it was made."""

    load: Load | None = None
    revision: int = 0
    lock: Lock = field(default_factory=Lock)


def load(actor: Actor, store: Store, as_of: date) -> Load:
    """The clinic as judged on that day, as far as the actor may see it."""
    must_be_allowed(actor, store, "see patients")
    latest = _latest(str(store.path), as_of, actor.own)
    with latest.lock:
        # What is read is of this revision or a later one: what is too new is put in its place again at the next.
        revision = store.revision()
        if latest.load is None or latest.revision != revision:
            latest.load = _loaded(actor, store, as_of, latest.load)
            latest.revision = revision
        return latest.load


@st.cache_resource(max_entries=8, show_spinner=False)
def _latest(path: str, as_of: date, own: int | None) -> _Latest:
    return _Latest()


def _loaded(actor: Actor, store: Store, as_of: date, before: Load | None) -> Load:
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
