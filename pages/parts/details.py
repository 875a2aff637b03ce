"""Below the picture: what it says in tables, what to see and do, what the numbers rest on, what was changed."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from clinic_data.access.audit import read_trail
from clinic_data.access.permissions import may
from lib.plan import Plan
from pages.parts import desk
from pages.parts.at_hand import AtHand
from pages.parts.change_list import show_changes
from pages.parts.evidence import show_evidence
from pages.parts.factors import show_factors
from pages.parts.phases import show_phases
from pages.parts.tables import show_expected, show_history, show_interruptions
from pages.parts.trail_table import show_entries

DETAILS, MOST_ENTRIES = "details", 200


@st.fragment
def show_details(hand: AtHand, plan: Plan | None, plans: list[Plan], *, may_undo: bool) -> None:
    """One tab at a time, for only the open one is made: a page of many tables takes long to come.

    `plans` are those in the picture, and `plan` the one that is chosen, None where the patient has none.
    """
    tabs: dict[str, Callable[[], None]] = {}
    if plan and plan.protocol:
        tabs = {
            "History": partial(show_history, plans, hand.today),
            "What to see and do": partial(show_phases, hand),
            "Expected visits": partial(show_expected, plans),
            "Pauses and closures": partial(show_interruptions, plans, hand.known),
            "What to watch": partial(show_factors, hand),
            "Sources": partial(show_evidence, plan.protocol),
        }
    tabs["Changes"] = partial(_show_changes, hand, may_undo)
    if may(hand.actor, "see the trail"):
        tabs["Who saw it"] = partial(_show_trail, hand)
    # a key for each set of tabs: one that is open here may be missing there
    shown = st.tabs(list(tabs), key=DETAILS if plan else f"{DETAILS} without a plan", on_change="rerun")
    for tab, show in zip(shown, tabs.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _show_changes(hand: AtHand, may_undo: bool) -> None:
    show_changes(hand.actor, hand.store, hand.patient.id, desk.settings().time_zone, may_undo=may_undo)


def _show_trail(hand: AtHand) -> None:
    entries = read_trail(hand.actor, hand.store, patient_id=hand.patient.id, most=MOST_ENTRIES)
    show_entries(entries, alt="Who saw and changed this record, the latest first", with_patient=False)
