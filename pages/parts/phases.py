"""What the patient sees and should do, phase by phase after the last session, each text with its source and grade."""

from typing import Any

import pandas as pd
import streamlit as st

from lib import words
from lib.pauses import told_holds
from lib.response import differing, phase_course, to_do
from lib.schedule.durations import after
from pages.parts.at_hand import AtHand
from pages.parts.evidence import GRADES
from pages.parts.text import literally

ICONS = {
    "over": ":material/check:",
    "current": ":material/radio_button_checked:",
    "next": ":material/schedule:",
    "later": ":material/circle:",
}
BADGES = {"over": ":gray[· over]", "current": ":blue-badge[Now]", "next": ":gray-badge[Next]", "later": ""}
SILENT = "No source says what to see"


def show_phases(hand: AtHand) -> None:
    """The protocol's phases with their own days, counted from the last session, the current ones open."""
    rows, protocol, as_of = hand.rows, hand.protocol, pd.Timestamp(hand.today)
    if not protocol.phases:
        st.caption("The protocol's file describes no phases.")
        return
    last = rows.loc[rows["kind"].isin(["session", "maintenance"]), "done_on"].max()
    if pd.isna(last):
        st.caption("The phases are counted from a session, and none is done yet.")
        return
    course = phase_course(protocol, last, as_of)
    healed_on, holds = after(last, protocol.sessions.earliest), told_holds(hand.holds, as_of)
    course["do"] = to_do(course, healed_on, as_of, holds, is_closed=_is_closed(hand))
    phases: list[dict[Any, Any]] = course.to_dict("records")
    since = words.count((as_of - last).days, "day")
    st.markdown(f"{since} after the last session on {words.day(last)}. {_now_and_next(phases)}")
    if (course["do"] == "").any():
        st.caption("What to do is left out where it speaks of visits: the plan is paused or closed then.")
    for phase in phases:
        _show_phase(phase)
    _show_differing(course)


def _is_closed(hand: AtHand) -> bool:
    """Whether the plan is closed, or its patient is gone."""
    courses = hand.known.courses
    closed_on = courses.loc[courses["course_id"] == hand.course["course_id"], "closed_on"]
    return bool((closed_on <= pd.Timestamp(hand.today)).any())


def _now_and_next(phases: list[dict[Any, Any]]) -> str:
    """The current phases, or that the sources are silent, and what comes next and when."""
    current = [phase for phase in phases if phase["when"] == "current"]
    coming = [phase for phase in phases if phase["when"] == "next"]
    if not current:
        now = "The last phase that the protocol describes is over." if not coming else ""
    elif current[0]["silent"]:
        now = f"{SILENT} now; remodelling goes on."
    else:
        now = f"Now: {_names(current)}."
    return f"{now} Next: {_names(coming)}, from {words.day(coming[0]['starts_on'])}." if coming else now


def _names(phases: list[dict[Any, Any]]) -> str:
    return " and ".join(f"**{literally(phase['name'])}**" for phase in phases)


def _show_phase(phase: dict[Any, Any]) -> None:
    """One phase as a step of the way, open where it is current."""
    when = phase["when"]
    name = SILENT if phase["silent"] else f"**{literally(phase['name'])}**"
    label = " · ".join([name, words.days_range(phase["starts_on"], phase["ends_on"])])
    with st.expander(f"{label} {BADGES[when]}", expanded=when == "current", icon=ICONS[when], type="step"):
        if phase["silent"]:
            st.markdown("Remodelling goes on under the skin; no text says anything about these days.")
            return
        st.markdown(literally(phase["sees"]))
        if phase["do"]:
            st.markdown(f"**What to do:** {literally(phase['do'])}")
        grade = phase["grade"]
        st.caption(f"Grade: {grade} ({GRADES[grade]}). Source: {literally(phase['source'])}.")


def _show_differing(course: pd.DataFrame) -> None:
    """Where sources differ on when something is seen: each with what it says, and no average."""
    both = differing(course)
    if both.empty:
        return
    told = "\n".join(
        f"- {literally(words.sentence(phase['says']))}: **{literally(phase['name'])}**, "
        f"{words.days_range(phase['starts_on'], phase['ends_on'])}. Grade: {phase['grade']}."
        for phase in both.to_dict("records")
    )
    st.markdown(f"**Sources differ on when results show.** Both are told, and no average is made:\n\n{told}")
