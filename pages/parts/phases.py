"""What the patient should see and do on the day shown, each text with its source and grade."""

from datetime import date

import pandas as pd
import streamlit as st

from lib import words
from lib.response import current_phases
from lib.schedule import Protocol
from lib.schedule.durations import span
from pages.parts.evidence import GRADES
from pages.parts.text import literally


def show_phases(rows: pd.DataFrame, protocol: Protocol, as_of: date) -> None:
    """The protocol's phases that the day falls into, counted from the last session; nothing before the first."""
    if not protocol.phases:
        return
    last = rows.loc[rows["kind"].isin(["session", "maintenance"]), "done_on"].max()
    if pd.isna(last):
        return
    st.subheader("What to see and do now", anchor=False)
    since = (pd.Timestamp(as_of) - last).days
    st.markdown(f"{words.count(since, 'day')} after the last session on {words.day(last)}.")
    phases = current_phases(protocol, last.date(), as_of)
    if not phases:
        st.caption("No source says what to see at this time; remodelling goes on.")
        return
    for column, phase in zip(st.columns(len(phases)), phases, strict=True):
        with column.container(border=True):
            st.markdown(f"**{literally(phase.name)}** · {span((phase.from_, phase.to))} after a session")
            st.markdown(f"{literally(phase.sees)}\n\n**What to do:** {literally(phase.do)}")
            st.caption(f"Grade: {phase.grade} ({GRADES[phase.grade]}). Source: {literally(phase.source)}.")
