"""One patient: who she is, what is expected now and why, and her visits against their windows."""

from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.courses import read_courses
from clinic_data.errors import NotFound
from clinic_data.patients import Patient, read_patient
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import read_scores, read_visits
from lib import words
from lib.factors import age_on
from lib.worklist import flagged
from pages.parts import desk
from pages.parts.at_hand import at_hand
from pages.parts.details import show_details
from pages.parts.handout import show_handout
from pages.parts.opening import PATIENT
from pages.parts.plan import show_plan_now
from pages.parts.plan_ahead import show_plan_ahead
from pages.parts.plans import all_plans, plan_name, plan_of
from pages.parts.recording import show_recording
from pages.parts.scope import Scope
from pages.parts.text import literally
from pages.parts.timeline import show_timeline, shows_all

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()


def chosen() -> str:
    """The public code in the address, or of the patient looked at last."""
    code = st.query_params.get(PATIENT) or st.session_state.get("last patient", "")
    if code and PATIENT not in st.query_params:
        st.query_params[PATIENT] = code
    return code


def show_who(patient: Patient) -> None:
    """Name, age, how to reach, and what to watch."""
    st.title(literally(patient.name), anchor=False)
    age = ""
    if patient.born_on:
        age = f"{words.count(age_on(patient.born_on, scope.as_of), 'year')}, born {words.day(patient.born_on)}"
    others = [f"{literally(system)} {literally(value)}" for system, value in patient.identifiers]
    skin = f"{patient.skin_type} skin" if patient.skin_type else ""
    tone = f"Fitzpatrick {words.FITZPATRICK[patient.fitzpatrick - 1]}" if patient.fitzpatrick else ""
    st.caption(" · ".join(filter(None, [age, f"code {patient.code}", *others, skin, tone])))
    reach = [patient.phone or "", patient.email or ""]
    prefers = f"prefers {words.CHANNELS[patient.preferred_channel].lower()}" if patient.preferred_channel else ""
    badges = []
    if patient.status_on and patient.status_on <= scope.as_of:
        badges.append(f":gray-badge[{words.PATIENT_STATUSES[patient.status]} since {words.day(patient.status_on)}]")
    if patient.contact_allowed != "yes":
        badges.append(f":red-badge[{words.CONTACT[patient.contact_allowed]}]")
    badges += [f":orange-badge[Watch: {literally(factor)}]" for factor in patient.factors]
    st.text(" · ".join(filter(None, [*reach, prefers])) or "No phone number or email is known.")
    if badges:
        st.markdown(" ".join(badges))


def choose_course(courses: pd.DataFrame, schedule: pd.DataFrame) -> dict[Any, Any] | None:
    """The treatment plan shown: of several the most urgent, else the latest open one, unless another is chosen."""
    plans: dict[Any, dict[Any, Any]] = {course["course_id"]: course for course in courses.to_dict("records")}
    if not plans:
        return None
    urgent = flagged(schedule, known.courses)["course_id"]
    still_open = [one for one, plan in plans.items() if pd.isna(plan["closed_on"])]
    first = [*urgent, *still_open, *plans][0]
    if len(plans) == 1:
        return plans[first]
    chosen = st.segmented_control(
        "Treatment plan",
        options=list(plans),
        default=first,
        format_func=lambda one: literally(plan_name(known, plans[one])),
        required=True,
        key=f"plan of {code}",
    )
    return plans[chosen or first]


code = chosen()
if not code:
    st.title("Patient", anchor=False)
    st.info("Find a patient above by name, code or phone, or open one from Follow-ups.", icon=":material/search:")
    st.stop()
try:
    patient = read_patient(actor, store, code)
except NotFound as error:
    st.title("Patient", anchor=False)
    st.error(str(error), icon=":material/person_off:")
    st.stop()
st.session_state["last patient"] = code

may_record = scope.as_of == scope.today
show_who(patient)
courses = read_courses(actor, store, patient.id, as_of=scope.as_of)
known = read_schedule_input(actor, store, scope.as_of, patient_ids=[patient.id])
schedule = known.schedule()
course = choose_course(courses, schedule)
hand = at_hand(actor, store, patient, known, schedule, course or {})
if course is None:
    st.info("This patient has no treatment plan yet.", icon=":material/event_note:")
else:
    show_plan_now(known, hand.rows, course)
if may_record:
    show_recording(hand)
plan, plans = None, []
if course is not None:
    scores = read_scores(actor, store, patient.id)
    of_course = scores[scores["course_id"] == course["course_id"]]
    plan = plan_of(known, course, hand.rows, hand.visits, of_course)
    st.subheader("Timeline", anchor=False)
    plans = [plan]
    if shows_all(len(courses), code):
        plans = all_plans(known, schedule, courses, read_visits(actor, store, patient.id), scores)
    show_timeline(plans, known, code)
if may_record:
    show_plan_ahead(hand)
    if course is not None:
        show_handout(actor, store, patient, course)
show_details(hand, plan, plans, may_undo=may_record)
