"""Recording on a patient's page: one form at a time, what it would do before it is saved, and undo after."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.actor import Actor
from clinic_data.changes import read_changes, undo
from clinic_data.database import Store
from clinic_data.errors import ClinicError
from clinic_data.schedule_input import ScheduleInput, schedule_input
from lib.difference import what_changes
from lib.schedule import Protocol
from pages.parts.at_hand import AtHand, Records
from pages.parts.forms import FORMS
from pages.parts.opening import FORM
from pages.parts.text import literally

SAVED, LOOKED_AT, OWN = "saved", "looked at", "own change"
Entry = Callable[..., Any]


def show_recording(hand: AtHand) -> None:
    """The forms that fit the plan as it stands, the chosen one, and the last thing saved with its undo."""
    _say_what_others_did(hand)
    show_saved(hand.actor, hand.store, hand.patient.id)
    offered = [name for name, form in FORMS.items() if may(hand.actor, form.permission) and form.fits(hand)]
    wanted = st.session_state.pop(FORM, None)
    if not offered:
        return
    key = f"form of {hand.patient.code} {hand.seen}"
    if wanted in offered:
        st.session_state[key] = wanted
    chosen = st.pills("Record", offered, key=key, format_func=lambda name: FORMS[name].label)
    if not chosen:
        return
    with st.container(border=True):
        # Another plan, or a record that has changed, gets a form of its own: nothing entered is carried over.
        entry = FORMS[chosen].draw(hand, f"{chosen} {hand.course.get('course_id')} {hand.seen}")
        if entry is not None:
            offer_to_save(hand.records, entry, FORMS[chosen].label)


def offer_to_save(records: Records, entry: Entry, label: str, *, also: str = "") -> None:
    """What saving would do, in sentences, and the button; what is not allowed is said instead.

    `also` says what it does beside flags and windows.
    """
    known, seen = records.known, records.seen
    rehearsal = records.store.rehearse(
        partial(schedule_input, actor=records.actor, as_of=known.as_of, patient_ids=records.patient_ids)
    )
    try:
        entry(records.actor, rehearsal, seen=seen)
    except ClinicError as error:
        st.error(literally(f"Not possible: {error}."), icon=":material/block:")
        return
    after: ScheduleInput = rehearsal.seen[0]
    told = what_changes(known.schedule(), after.schedule(), _protocols(known, after))
    st.info("**Saving this:** " + literally(" ".join([also, *told] if also else told)), icon=":material/preview:")
    if st.button("Save", type="primary", key=f"save {label} {seen}"):
        _save(records, entry, label)


def _save(records: Records, entry: Entry, label: str) -> None:
    try:
        entry(records.actor, records.store, seen=records.seen)
    except ClinicError as error:
        st.error(literally(f"{error}"), icon=":material/block:")
        return
    patient_id = records.patient_ids[0]
    latest = records.store.latest_change(patient_id)
    st.session_state[SAVED] = (patient_id, latest, label)
    st.session_state[OWN] = latest
    st.rerun()


def show_saved(actor: Actor, store: Store, of: int | None = None, *, where: str = "") -> None:
    """The change just saved, to that patient's record or any, as long as it is the latest one, with its undo at hand.

    `where` tells the places apart that show it on one page.
    """
    patient_id, change_id, label = st.session_state.get(SAVED, (None, None, ""))
    if patient_id is None or of not in (None, patient_id) or store.latest_change(patient_id) != change_id:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(f"Saved: {label[0].lower()}{label[1:]}.", icon=":material/check:")
        undo_button(actor, store, patient_id, change_id, f"undo what was saved {where}")


def _say_what_others_did(hand: AtHand) -> None:
    """Where the record changed while it was on the screen: who did what, and that the form begins anew."""
    before, now = st.session_state.get(LOOKED_AT, (None, 0)), (hand.patient.id, hand.seen)
    st.session_state[LOOKED_AT] = now
    if before[0] == now[0] and before[1] < now[1] != st.session_state.get(OWN):
        latest = read_changes(hand.actor, hand.store, hand.patient.id)[0]
        st.warning(
            literally(
                f"{latest.actor} changed this record meanwhile: {latest.action}. What you had entered was not saved."
            ),
            icon=":material/sync_problem:",
        )


def undo_button(actor: Actor, store: Store, patient_id: int, change_id: int, key: str) -> None:
    """A button that takes a change to a patient's record back."""
    if st.button("Undo", key=key, icon=":material/undo:"):
        try:
            undo(actor, store, change_id)
        except ClinicError as error:
            st.error(literally(str(error)), icon=":material/block:")
            return
        st.session_state.pop(SAVED, None)
        st.session_state[OWN] = store.latest_change(patient_id)
        st.rerun()


def _protocols(*inputs: ScheduleInput) -> Mapping[Any, Protocol]:
    """Each course's protocol, from before and after."""
    return {
        course: known.protocols[key]
        for known in inputs
        for course, key in zip(known.courses["course_id"], known.courses["protocol_id"].astype(object), strict=True)
    }
