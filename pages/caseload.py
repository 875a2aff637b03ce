"""Caseload: what holds the clinic back today, how treatment plans stand, what falls due, how it went."""

import streamlit as st

from pages.parts import desk
from pages.parts.ahead import show_by_practitioner, show_weeks
from pages.parts.beginning import show_beginning
from pages.parts.load import load, load_caseload
from pages.parts.scope import Scope
from pages.parts.standing import show_overdue, show_plans, show_timing
from pages.parts.today import show_first, show_flags

BY_PRACTITIONER = "by-practitioner"

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()
clinic = load(actor, store, scope.as_of)
caseload = load_caseload(actor, store, scope.as_of)

st.title("Caseload", anchor=False)
if not len(caseload.courses):
    show_beginning()
    st.stop()
kept = scope.keeps(caseload.courses, clinic)
if not kept.any():
    st.info("Your filters hide every treatment plan. Clear a filter to see figures.", icon=":material/filter_alt:")
    st.stop()

show_first(caseload, kept, scope)
show_flags(caseload, kept)
overdue, plans = st.columns(2, gap="large")
with overdue:
    show_overdue(caseload, kept)
with plans:
    show_plans(caseload, kept)
show_weeks(caseload, kept)
show_timing(caseload, kept)
# Drawn only when it is opened: it holds as many pictures and tables as the rest of the page together.
by_practitioner = st.expander("The same by practitioner", key=BY_PRACTITIONER, on_change="rerun", bind="query-params")
if by_practitioner.open:
    with by_practitioner:
        show_by_practitioner(caseload, kept, clinic.practitioners)
