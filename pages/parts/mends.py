"""The mends of data to doubt: each a small form, prefilled with the likeliest, giving an entry to rehearse and save."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.actor import Actor
from clinic_data.corrections import correct_visit, remove_visit
from clinic_data.courses import MOST_SESSIONS, change_plan
from clinic_data.database import Store
from clinic_data.dismissals import dismiss_doubt
from clinic_data.duplicates import merge_patients, not_duplicates
from clinic_data.holds import resume
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import DEEPEST_MM, read_visits
from lib.doubts import BEFORE_OPENING, DUPLICATE, IN_FUTURE, ON_HOLD, TOO_CLOSE, TOO_MANY
from pages.parts.at_hand import Records
from pages.parts.forms import DATE
from pages.parts.recording import offer_to_save
from pages.parts.text import literally

FARTHEST_BACK = timedelta(days=36500)
Entry = Callable[..., Any]


@dataclass(frozen=True)
class Doubted:
    """A doubt and what its mends are about; `names` are the patients' by id."""

    doubt: dict[str, Any]
    records: Records
    names: dict[int, str]

    @property
    def today(self) -> date:
        """The clinic's day."""
        return self.records.known.as_of

    @property
    def day(self) -> date:
        """The doubtful visit's day."""
        return self.doubt["day"].date()

    @property
    def other_day(self) -> date | None:
        """The day that it is set against."""
        return None if pd.isna(self.doubt["other_day"]) else self.doubt["other_day"].date()

    @property
    def plan(self) -> dict[Any, Any]:
        """The doubtful visit's treatment plan."""
        courses = self.records.known.courses
        return courses[courses["course_id"] == self.doubt["course_id"]].iloc[0].to_dict()

    @property
    def visit(self) -> dict[Any, Any]:
        """The doubtful visit."""
        visits = read_visits(self.records.actor, self.records.store, self.doubt["patient_id"])
        return visits[visits["visit_id"] == self.doubt["visit_id"]].iloc[0].to_dict()

    @property
    def likely_day(self) -> date:
        """When the visit more likely was: a year before one to come, at the opening, else as it stands."""
        if self.doubt["kind"] == IN_FUTURE:
            return min((pd.Timestamp(self.day) - pd.DateOffset(years=1)).date(), self.today)
        if self.doubt["kind"] == BEFORE_OPENING and self.other_day:
            return min(self.other_day, self.today)
        return self.day


@dataclass(frozen=True)
class Mend:
    """A mend: its name on the screen, to whom it is offered and when, and what draws it and gives the entry."""

    label: str
    permission: str
    draw: Callable[[Doubted, str], Entry | None]
    fits: Callable[[Doubted], bool] = lambda doubted: True


def show_mends(actor: Actor, store: Store, doubt: dict[str, Any], names: dict[int, str], today: date) -> None:
    """The mends of one doubt that the actor may carry out, the chosen one, and what saving it would do."""
    whose = tuple(int(doubt[name]) for name in ("patient_id", "other_patient_id") if not pd.isna(doubt[name]))
    known = read_schedule_input(actor, store, today, patient_ids=whose)
    doubted = Doubted(doubt, Records(actor, store, whose, known, store.latest_change(whose[0])), names)
    offered = {mend.label: mend for mend in MENDS[doubt["kind"]] if may(actor, mend.permission) and mend.fits(doubted)}
    if not offered:
        st.caption("Your role may not mend this; ask a practitioner or a manager.")
        return
    key = f"{doubt['kind']} {whose} {doubt['visit_id']} {doubt['hold_id']} {doubted.records.seen}"
    chosen = st.segmented_control("What is right?", list(offered), default=next(iter(offered)), key=f"mend {key}")
    if chosen:
        entry = offered[chosen].draw(doubted, f"{chosen} {key}")
        if entry is not None:
            offer_to_save(_first(doubted.records, entry), entry, chosen)


def _first(records: Records, entry: Entry) -> Records:
    """The records with the one first in whose list of changes the entry will stand."""
    keep_id = entry.keywords.get("keep_id") if isinstance(entry, partial) else None
    if keep_id is None or keep_id == records.patient_ids[0]:
        return records
    return Records(
        records.actor, records.store, records.patient_ids[::-1], records.known, records.store.latest_change(keep_id)
    )


def _correcting(doubted: Doubted, key: str) -> Entry | None:
    visit = doubted.visit
    depth = None if pd.isna(visit["depth_mm"]) else float(visit["depth_mm"])
    notes = visit["notes"] if isinstance(visit["notes"], str) else ""
    day = st.date_input(
        "It took place on",
        doubted.likely_day,
        min_value=min(doubted.likely_day, doubted.today - FARTHEST_BACK),
        max_value=max(doubted.likely_day, doubted.today),
        format=DATE,
        key=f"day {key}",
        width=200,
    )
    with st.expander("Depth and notes"):
        new_depth = depth
        if visit["kind"] == "session":
            new_depth = st.number_input(
                "Depth (mm)", 0.01, float(DEEPEST_MM), depth, 0.1, format="%.2f", key=f"depth {key}", width=200
            )
        new_notes = st.text_input("Notes, and how the skin reacted", notes, key=f"notes {key}")
    if (day, new_depth, new_notes) == (doubted.day, depth, notes):
        st.caption("Set the right day, then what it does is shown here.")
        return None
    return partial(
        correct_visit, visit_id=doubted.doubt["visit_id"], visit_date=day, depth_mm=new_depth, notes=new_notes
    )


def _removing(doubted: Doubted, key: str) -> Entry:
    st.caption("The visit is taken away with its scores. It can be brought back from the patient's list of changes.")
    return partial(remove_visit, visit_id=doubted.doubt["visit_id"])


def _ending_the_pause(doubted: Doubted, key: str) -> Entry:
    st.caption("Treatment could resume on the day of the session: the pause ends there.")
    return partial(resume, hold_id=doubted.doubt["hold_id"], ends_on=doubted.day)


def _planning(doubted: Doubted, key: str) -> Entry | None:
    planned, opened = int(doubted.plan["planned_sessions"]), doubted.plan["opened_on"].date()
    number = doubted.doubt["number"]
    likely = (
        min(planned if pd.isna(number) else int(number), MOST_SESSIONS),
        doubted.day if doubted.doubt["kind"] == BEFORE_OPENING else opened,
    )
    left, right = st.columns(2)
    new = (
        int(left.number_input("Sessions planned", 1, MOST_SESSIONS, likely[0], key=f"planned {key}")),
        right.date_input(
            "Plan opened on",
            likely[1],
            min_value=min(likely[1], doubted.today - FARTHEST_BACK),
            max_value=max(likely[1], doubted.today),
            format=DATE,
            key=f"opened {key}",
        ),
    )
    if new == (planned, opened):
        st.caption("Change the number or the day, then what it does is shown here.")
        return None
    return partial(change_plan, course_id=doubted.doubt["course_id"], planned_sessions=new[0], opened_on=new[1])


def _merging(doubted: Doubted, key: str) -> Entry:
    first, second = doubted.records.patient_ids
    keep = st.segmented_control(
        "Keep",
        [first, second],
        default=first,
        format_func=lambda one: literally(doubted.names[one]),
        key=f"keep {key}",
        required=True,
    )
    st.caption(
        "Plans, visits, pauses and attempts of the other go to the one kept, which takes from it what it lacks. "
        "The old code finds the one kept. It can be undone as one change."
    )
    keep_id = keep or first
    return partial(merge_patients, keep_id=keep_id, drop_id=second if keep_id == first else first)


def _telling_apart(doubted: Doubted, key: str) -> Entry:
    first, second = doubted.records.patient_ids
    return partial(not_duplicates, a=first, b=second)


def _letting_stand(doubted: Doubted, key: str) -> Entry | None:
    reason = st.text_input("Why it is right", key=f"reason {key}", max_chars=200)
    if not reason.strip():
        st.caption("Write the reason, then it can be saved.")
        return None
    return partial(
        dismiss_doubt,
        kind=doubted.doubt["kind"],
        course_id=doubted.doubt["course_id"],
        visit_id=doubted.doubt["visit_id"],
        day=doubted.day,
        other_day=doubted.other_day,
        reason=reason,
    )


def _is_open(doubted: Doubted) -> bool:
    return pd.isna(doubted.plan["closed_on"])


def _began_before(doubted: Doubted) -> bool:
    """Whether the pause had begun on an earlier day: it can have ended on the session's."""
    return doubted.other_day is not None and doubted.other_day < doubted.day


CORRECT = Mend("It was another day", "record visits", _correcting)
REMOVE = Mend("It never took place", "remove visits", _removing)
PLAN = Mend("The plan is another", "plan treatment", _planning, _is_open)
PAUSE = Mend("The pause ended that day", "resume treatment", _ending_the_pause, _began_before)
STANDS = Mend("It is right as it is", "record visits", _letting_stand)
MENDS = {
    ON_HOLD: [CORRECT, PAUSE, REMOVE, STANDS],
    TOO_CLOSE: [CORRECT, REMOVE, STANDS],
    IN_FUTURE: [CORRECT, REMOVE, STANDS],
    TOO_MANY: [PLAN, CORRECT, REMOVE, STANDS],
    BEFORE_OPENING: [PLAN, CORRECT, REMOVE, STANDS],
    DUPLICATE: [
        Mend("They are one person", "merge patients", _merging),
        Mend("They are different people", "register patients", _telling_apart),
    ],
}
"""Each kind's mends, the likeliest first."""
