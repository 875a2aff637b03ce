"""What is expected now: a card for each open visit, the most urgent first."""

import pandas as pd
import streamlit as st

from clinic_data.schedule_input import ScheduleInput
from lib import words
from lib.schedule import Protocol
from lib.schedule.explain import visit_name
from lib.worklist import most_urgent_first
from pages.parts.text import literally

OPEN = ["on_hold", "upcoming", "due", "overdue", "lapsed"]
BADGES = {
    "booked_on_hold": "violet",
    "booked_too_soon": "violet",
    "attendance_unrecorded": "orange",
    "hold_to_check": "gray",
    "no_show": "orange",
    "not_rebooked": "orange",
    "due_unbooked": "orange",
    "lapsed": "gray",
    "booked_late": "blue",
}
"""The colour of a flag's badge; a flag that is not here is overdue, and red."""


def show_now(known: ScheduleInput, rows: pd.DataFrame, protocol: Protocol) -> None:
    """A card for each visit that is open, the most urgent first, and for a booking that is unsafe or late."""
    waiting = rows[rows["status"].isin(OPEN) | rows["flag"].notna()]
    if waiting.empty:
        st.info("Nothing is expected in this treatment plan.", icon=":material/check_circle:")
        return
    waiting = most_urgent_first(waiting)
    cards = list(zip(waiting.astype(object).to_dict("records"), known.explain(waiting), strict=True))
    for start in range(0, len(cards), 3):
        some = cards[start : start + 3]
        for column, (row, why) in zip(st.columns(len(some)), some, strict=True):
            with column.container(border=True, height="stretch"):
                _card(row, why, protocol, pd.Timestamp(known.as_of))


def _card(row: dict, why: str, protocol: Protocol, as_of: pd.Timestamp) -> None:
    name = visit_name(protocol, row["kind"], row["number"])
    st.markdown(f"**{literally(words.sentence(name))}** {_badge(row)}")
    st.markdown(_when(row, as_of))
    st.caption(literally(why))


def _badge(row: dict) -> str:
    flag = row["flag"]
    if isinstance(flag, str):
        return f":{BADGES.get(flag, 'red')}-badge[{words.FLAGS[flag]}]"
    if not pd.isna(row["booked_on"]):
        return ":blue-badge[Booked]"
    return f":gray-badge[{words.STATUSES[row['status']]}]"


def _when(row: dict, as_of: pd.Timestamp) -> str:
    if pd.isna(row["due_on"]):
        come = "When treatment resumes"
    elif pd.isna(row["overdue_on"]):
        come = f"From {words.day(row['due_on'])} on"
    else:
        come = words.come_between(row["due_on"], row["overdue_on"])
        if row["overdue_on"] <= as_of:
            come = come.replace("Come", "Was to come", 1)
    booked = "not booked"
    if not pd.isna(row["booked_on"]):
        booked = f"booked for {words.day(row['booked_on'])}"
    elif row["flag"] == "attendance_unrecorded":
        booked = f"was booked for {words.day(row['unrecorded_on'])}"
    return f"{come} · {booked}"
