"""The trail: what was done, by whom, when, from where."""

from datetime import timedelta

import streamlit as st

from clinic_data.access.audit import in_words, read_trail, trail_actors, verify_trail
from clinic_data.access.trail import KINDS
from clinic_data.export import csv_file
from lib import words
from pages.parts import desk
from pages.parts.scope import Scope
from pages.parts.trail_table import show_entries

SHOWN_AT_MOST = 1000
DATE = "DD/MM/YYYY"

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()

st.title("Trail", anchor=False)
st.caption(
    "Every change, view of a patient, search, export, import, sign-in and refusal. Nothing in the program can alter "
    "an entry, and each is sealed with the one before it."
)
from_day, to_day, kind, who = st.columns(4, gap="small")
first = from_day.date_input("From", value=scope.as_of - timedelta(days=7), max_value=scope.today, format=DATE)
last = to_day.date_input("To", value=scope.as_of, max_value=scope.today, format=DATE)
kinds = kind.multiselect("What", KINDS, format_func=lambda one: words.TRAIL[one], placeholder="Everything")
actors = who.multiselect("Who", trail_actors(actor, store), placeholder="Everybody")
entries = read_trail(actor, store, first=first, last=last, kinds=kinds, actors=actors)
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"**{words.count(len(entries), 'entry')}**" if len(entries) == 1 else f"**{len(entries):,} entries**")
    # Made when it is pressed: an export that nobody asked for would stand in the trail.
    st.download_button(
        "Export as CSV",
        lambda: csv_file(actor, store, in_words(entries), what="trail"),
        file_name=f"trail-{first}-{last}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        disabled=entries.empty,
    )
    check = st.button("Check that nobody altered it", icon=":material/verified_user:")
if check:
    verdict = verify_trail(actor, store)
    if verdict.faults:
        st.error("The trail was altered: " + "; ".join(verdict.faults) + ".", icon=":material/gpp_bad:")
    else:
        st.success(
            f"The trail is whole: {verdict.entries:,} entries. Keep its head elsewhere to see later whether it was cut "
            f"or made anew: `{verdict.head}`",
            icon=":material/verified_user:",
        )
if entries.empty:
    st.info("Nothing was done in this time that your filters leave.", icon=":material/filter_alt:")
else:
    if len(entries) > SHOWN_AT_MOST:
        st.caption(f"The latest {SHOWN_AT_MOST:,} are shown; the export has all of them.")
    show_entries(entries.head(SHOWN_AT_MOST), alt="What was done, the latest first")
