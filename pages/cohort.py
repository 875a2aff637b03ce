"""Cohort: every treatment plan as a small timeline, side by side, and how sessions of each number came."""

import streamlit as st

from clinic_data.patients import contacts
from lib import words
from lib.caseload import PLAN
from lib.cohort import PAGE, by_number, ranked
from pages.parts import desk
from pages.parts.beginning import show_beginning
from pages.parts.by_number import show_by_number
from pages.parts.lanes import choose_alignment, choose_page, choose_rank, remember, show_plans, show_timelines
from pages.parts.load import load, load_cohort
from pages.parts.scope import Scope

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()
clinic = load(actor, store, scope.as_of)
cohort = load_cohort(actor, store, scope.as_of)
courses = clinic.known.courses

st.title("Cohort", anchor=False)
if not len(courses):
    show_beginning()
    st.stop()
if not len(cohort.plans):
    st.info(f"No treatment plan had begun by {words.day(scope.as_of)}.", icon=":material/event_note:")
    st.stop()
left = cohort.plans[scope.keeps(cohort.plans, clinic)]
hidden = len(cohort.plans) - len(left)
if not len(left):
    st.info("Your filters hide every treatment plan. Clear a filter to see timelines.", icon=":material/filter_alt:")
    st.stop()

remember()
with st.container(horizontal=True, vertical_alignment="bottom"):
    align = choose_alignment()
    rank = choose_rank()
    page = choose_page(-(-len(left) // PAGE), f"{rank} {scope}")
first = (page - 1) * PAGE
shown = ranked(left, rank, clinic.practitioners).iloc[first : first + PAGE]
said = f"Plans {first + 1:,}–{first + len(shown):,} of **{words.count(len(left), PLAN)}** on {words.day(scope.as_of)}."
st.markdown(said + (f" Your filters hide **{words.count(hidden, PLAN)}**." if hidden else ""))

about = contacts(actor, store, shown["patient_id"].unique().tolist()).set_index("patient_id").loc[shown["patient_id"]]
shown = shown.assign(patient=about["name"].to_numpy(), code=about["code"].to_numpy())
key = f"{align} {rank} {page} {store.revision()} {scope}"
picture, beside = st.columns([5, 4], gap="medium")
with picture:
    show_timelines(shown, clinic, scope, align, key)
with beside:
    kept = courses.loc[scope.keeps(courses, clinic), "course_id"]
    show_by_number(by_number(cohort.fates[cohort.fates["course_id"].isin(kept)]))
    show_plans(shown, clinic, key)
