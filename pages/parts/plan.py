"""One treatment plan: what it is, why it is paused, and what it expects now."""

from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.protocol_versions import protocol_key
from clinic_data.schedule_input import ScheduleInput
from lib import words
from lib.pauses import told_holds
from lib.schedule import Protocol
from pages.parts.now import show_now
from pages.parts.text import literally


def show_plan_now(known: ScheduleInput, rows: pd.DataFrame, course: dict[str, Any]) -> None:
    """What the plan is, why it is paused, and what it expects now; `rows` are its rows of the schedule."""
    protocol = _protocol(known, course)
    _about(course, protocol)
    _pauses(_holds(known, course), pd.Timestamp(known.as_of))
    show_now(known, rows, protocol)


def _protocol(known: ScheduleInput, course: dict[str, Any]) -> Protocol:
    return known.protocols[protocol_key(course["protocol"], course["version"])]


def _holds(known: ScheduleInput, course: dict[str, Any]) -> pd.DataFrame:
    return known.holds[known.holds["course_id"] == course["course_id"]]


def _about(course: dict[str, Any], protocol: Protocol) -> None:
    parts = [
        f"**{literally(protocol.name)}** v{protocol.version} on **{literally(course['area'])}**",
        words.count(int(course["planned_sessions"]), "session") + " planned",
        f"opened {words.day(course['opened_on'])}",
    ]
    if isinstance(course["practitioner"], str):
        parts.append(f"with {literally(course['practitioner'])}")
    if isinstance(course["closed_on"], str):
        reason = str(course["closed_reason"]).replace("_", " ")
        parts.append(f"closed {words.day(course['closed_on'])} ({reason})")
    st.markdown(" · ".join(parts))


def _pauses(holds: pd.DataFrame, as_of: pd.Timestamp) -> None:
    """Why needling is paused on the day shown, and the pauses known to come."""
    told = told_holds(holds, as_of)
    for hold in told[~(told["ends_on"] <= as_of)].to_dict("records"):
        until = "with no end set" if pd.isna(hold["ends_on"]) else f"may resume on {words.day(hold['ends_on'])}"
        since = "since" if hold["starts_on"] <= as_of else "planned from"
        st.warning(
            f"**{words.HOLDS[hold['cause']]}** {since} {words.day(hold['starts_on'])}, {until}: "
            f"{literally(hold['reason'])}",
            icon=":material/pause_circle:",
        )
