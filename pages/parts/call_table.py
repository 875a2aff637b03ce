"""The worklist's table: a row a patient, with a button for what the row asks for, and a choice of several rows."""

import hashlib
from typing import Any

import pandas as pd
import streamlit as st

from lib import words
from pages.parts.opening import open_button, open_column, open_patient

AT_WORK, TAKE = "patient at work", "take the patient"
"""Where the list leaves the code of the patient who is worked on, and that she is to be taken."""

FLAG_COLOURS = {
    "booked_on_hold": "#F0C6DB",
    "booked_too_soon": "#F0C6DB",
    "due_unbooked": "#F8D48A",
    "booked_late": "#9CCBEA",
    "lapsed": "#C9CED6",
    "hold_to_check": "#C9CED6",
}
OVERDUE, WAIVED_COLOUR = "#F4B48A", "#DDE1E6"
CALL = ":material/call: Call"
LIKELIEST = {
    "booked_on_hold": ("moving", ":material/event_repeat: Move"),
    "booked_too_soon": ("moving", ":material/event_repeat: Move"),
    "booked_late": ("moving", ":material/event_repeat: Move"),
    "attendance_unrecorded": ("attendance", ":material/how_to_reg: Came?"),
    "hold_to_check": ("resuming", ":material/pause_circle: Ask"),
}
"""The form of the patient's page that a row's most urgent flag asks for, and its button; any other asks for a call."""


def show_table(shown: pd.DataFrame, flags: pd.Series, *, key: str, may_work: bool) -> list[str]:
    """The rows of `lib.call_list.as_shown`; returns the codes of those that are chosen.

    `flags` holds each row's flags as codes. A click on Call opens the patient above the list.
    """
    codes = shown["code"].tolist()
    key = f"{key} {hashlib.sha256(' '.join(codes).encode()).hexdigest()}"
    firsts = [some[0] if len(some) else "" for some in flags]
    table = shown.drop(columns="code")
    table.insert(0, "open", open_button(len(table)))
    if may_work:
        table.insert(1, "do", [LIKELIEST.get(first, ("", CALL))[1] for first in firsts])
    day = st.column_config.DateColumn
    every = [*words.FLAGS.values(), *(f"{word} (waived)" for word in words.FLAGS.values())]
    colours = [FLAG_COLOURS.get(flag, OVERDUE) for flag in words.FLAGS] + [WAIVED_COLOUR] * len(words.FLAGS)
    chosen: Any = st.dataframe(
        table,
        hide_index=True,
        height=min(620, 38 + 35 * len(table)),
        placeholder="",
        alt=f"{len(table)} patients who need attention, the most urgent first",
        key=f"follow-ups {key}",
        on_select="rerun" if may_work else "ignore",
        selection_mode="multi-row",
        column_config={
            "open": open_column(f"open {key}", codes),
            "do": st.column_config.ButtonColumn(
                "Next",
                width="small",
                type="tertiary",
                pinned=True,
                key=f"do {key}",
                on_click=_work,
                args=(f"do {key}", codes, firsts),
            ),
            "patient": st.column_config.TextColumn("Patient", width=150),
            "why": st.column_config.MultiselectColumn("Why", options=every, color=colours, width=260),
            "state": st.column_config.TextColumn("State", width=130),
            "days_over": st.column_config.NumberColumn(
                "Days over", width=80, help="Days since the window's last day, of the first reason."
            ),
            "come_from": day("Come between", format="DD MMM YYYY", width=105),
            "come_by": day("and", format="DD MMM YYYY", width=100, help="The window's last day, of the first reason."),
            "attempts": st.column_config.NumberColumn(
                "Attempts", width=75, help="Attempts in vain since somebody was reached."
            ),
            "last_try": st.column_config.TextColumn("Last attempt", width=220),
            "who": st.column_config.TextColumn("Who has it", width=110),
            "next_booking": day("Next booking", format="DD MMM YYYY", width=105),
            "last_visit": day("Last visit", format="DD MMM YYYY", width=100),
            "prefers": st.column_config.TextColumn("Prefers", width=80),
            "phone": st.column_config.TextColumn("Phone", width=130),
            "email": st.column_config.TextColumn("Email", width=200),
            "note": st.column_config.TextColumn("Note", width=200),
            "practitioner": st.column_config.TextColumn("Practitioner", width=160),
            "area": st.column_config.TextColumn("Area", width=110),
        },
    )
    return [codes[place] for place in chosen["selection"]["rows"]] if may_work else []


def choose_by_name(shown: pd.DataFrame, key: str) -> None:
    """The same by keyboard alone: a patient of the list by name, to be worked on."""
    names = dict(zip(shown["code"], shown["patient"], strict=True))
    picked = st.selectbox(
        "Call a patient from this list by name",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="Write a name",
        key=f"pick {key}",
    )
    if picked and picked != st.session_state.get("picked last"):
        st.session_state["picked last"] = picked
        st.session_state[AT_WORK], st.session_state[TAKE] = picked, True
        st.rerun()


def _work(key: str, codes: list[str], firsts: list[str]) -> None:
    """A position is looked up among what was shown when it was drawn."""
    place = st.session_state[key]["row"]
    form = LIKELIEST.get(firsts[place])
    if form:
        open_patient(codes[place], form[0])
    st.session_state[AT_WORK], st.session_state[TAKE] = codes[place], True
