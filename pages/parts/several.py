"""Several patients of the worklist at once: the same attempt noted for each, and taken back for all."""

from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.actor import Actor
from clinic_data.attempts import Reason, record_attempt
from clinic_data.changes import undo
from clinic_data.database import Store
from clinic_data.errors import ClinicError
from lib import words
from lib.outcomes import CHANNELS, OUTCOMES
from pages.parts.text import literally

DONE = "noted for several"
TOGETHER = ("left_message", "no_answer", "keep_trying")
"""The outcomes that several patients can have in common: letters sent, a list of texts, a decision to go on."""


def show_several(actor: Actor, store: Store, flags: pd.DataFrame, rows: pd.DataFrame) -> None:
    """What can be noted for the chosen rows together, and what was noted last, with its undo."""
    _show_done(actor, store)
    if len(rows) < 2:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"**{len(rows):,} patients chosen**")
        channel = st.selectbox("By", list(CHANNELS), index=1, format_func=CHANNELS.__getitem__, width=180)
        outcome = st.selectbox("Outcome", TOGETHER, format_func=lambda one: OUTCOMES[one].label, width=220)
        if st.button(f"Note it for {len(rows):,}", type="primary"):
            _note(actor, store, flags, rows, channel, outcome)


def _note(actor: Actor, store: Store, flags: pd.DataFrame, rows: pd.DataFrame, channel: str, outcome: str) -> None:
    """An attempt for each; whoever somebody else has taken meanwhile is left out, and said."""
    done: list[int] = []
    left_out: list[str] = []
    for patient in rows["patient_id"].tolist():
        about = [_reason(row) for row in flags[flags["patient_id"] == patient].to_dict("records")]
        try:
            record_attempt(actor, store, patient, channel=channel, outcome=outcome, reasons=about)
        except ClinicError as error:
            left_out.append(str(error))
        else:
            done.append(store.latest_change(patient))
    st.session_state[DONE] = (done, left_out)
    st.rerun()


def _show_done(actor: Actor, store: Store) -> None:
    done, left_out = st.session_state.get(DONE, ([], []))
    if not done and not left_out:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if done:
            st.success(f"Noted for {words.count(len(done), 'patient')}.", icon=":material/check:")
        for said in dict.fromkeys(left_out):
            st.warning(literally(f"Left out: {said}."), icon=":material/lock_person:")
        if done and st.button("Undo for all", icon=":material/undo:"):
            for change in reversed(done):
                try:
                    undo(actor, store, change)
                except ClinicError as error:
                    st.error(literally(str(error)), icon=":material/block:")
            del st.session_state[DONE]
            st.rerun()


def _reason(row: dict[Any, Any]) -> Reason:
    return int(row["course_id"]), str(row["kind"]), int(row["number"]), str(row["flag"])
