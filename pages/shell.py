"""Around every page: navigation, search, the day shown, and the filters of the lists."""

from pathlib import Path

import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.errors import NotSignedIn
from lib import words
from pages.parts import desk
from pages.parts.load import load
from pages.parts.scope import Scope, choose_day, choose_filters
from pages.parts.search import search_box, show_found
from pages.parts.signed_in import show_who_is_in
from pages.parts.text import literally

st.set_page_config(page_title="Collagen Calendar", page_icon=str(Path(__file__).parent / "icon.png"), layout="wide")

CASELOAD = st.Page(
    "caseload.py",
    title="Caseload",
    icon=":material/monitoring:",
    url_path="caseload",
    help="What holds the clinic back today, how treatment plans stand, and what falls due.",
)
FOLLOW_UPS = st.Page(
    "follow_ups.py",
    title="Follow-ups",
    icon=":material/call:",
    url_path="follow-ups",
    default=True,
    help="Every patient who needs attention, the most urgent first.",
)
COHORT = st.Page(
    "cohort.py",
    title="Cohort",
    icon=":material/view_timeline:",
    url_path="cohort",
    help="Every treatment plan as a small timeline, and how sessions came, number by number.",
)
PATIENT = st.Page(
    "patient.py",
    title="Patient",
    icon=":material/person:",
    url_path="patient",
    help="One patient's visits against the windows in which they are expected.",
)
REGISTER = st.Page(
    "register.py",
    title="New patient",
    icon=":material/person_add:",
    url_path="new-patient",
    help="Register a patient.",
)
SETTINGS = st.Page(
    "settings.py",
    title="Settings",
    icon=":material/settings:",
    url_path="settings",
    help="Up to which day bookings are known, closures, practitioners.",
)
BEHIND = st.Page("behind.py", title="Behind a figure", url_path="behind", visibility="hidden")
ACCOUNTS = st.Page(
    "accounts.py",
    title="Accounts",
    icon=":material/group:",
    url_path="accounts",
    help="Who may sign in, and in which role.",
)
TRAIL = st.Page(
    "trail.py",
    title="Trail",
    icon=":material/policy:",
    url_path="trail",
    help="What was done: who, when, from where, what.",
)
PAGES = {
    CASELOAD: "see patients",
    FOLLOW_UPS: "see patients",
    COHORT: "see patients",
    PATIENT: "see patients",
    REGISTER: "register patients",
    SETTINGS: "confirm bookings",
    ACCOUNTS: "manage accounts",
    TRAIL: "see the trail",
    BEHIND: "see patients",
}
"""The pages, and the permission without which there is nothing to do on one."""

try:
    actor = desk.actor()
except NotSignedIn as ended:
    st.navigation([FOLLOW_UPS], position="hidden")
    st.info(str(ended), icon=":material/lock:")
    st.stop()
page = st.navigation([one for one, permission in PAGES.items() if may(actor, permission)], position="top")

settings = desk.settings()
store = desk.store()

badge = " :orange-badge[Demo clinic]" if settings.is_demo else ""
title = "Collagen Calendar" if settings.is_demo else literally(settings.clinic_name)
name, tools = st.columns([2, 5], vertical_alignment="bottom")
name.markdown(f"**{title}**{badge}")
with tools.container(horizontal=True, vertical_alignment="bottom"):
    text = search_box()
    as_of = choose_day(settings.today)
    show_who_is_in(actor)
scope = Scope(as_of, settings.today)
if page in (CASELOAD, FOLLOW_UPS, COHORT, BEHIND):
    scope = choose_filters(scope, load(actor, store, as_of), by_flag=page == FOLLOW_UPS)
show_found(actor, store, scope, text)
if as_of != settings.today:
    st.warning(
        f"Shown for {words.day(as_of)}, as it was known on that day. Nothing can be recorded for it.",
        icon=":material/history:",
    )
st.session_state["scope"] = scope
st.session_state["settings"] = settings
page.run()
st.caption(
    "Collagen Calendar plans visits; it makes no diagnosis. Every window names the source of its numbers and how "
    "well they are supported (trial, label, practice, clinic)."
)
