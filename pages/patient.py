"""One patient: who she is, what is expected now and why, and her visits against their windows."""

import streamlit as st

from clinic_data.courses import read_courses
from clinic_data.errors import NotFound
from clinic_data.patients import Patient, read_patient
from clinic_data.protocol_versions import protocol_key
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import read_scores, read_visits
from lib import words
from pages.parts import desk
from pages.parts.opening import PATIENT
from pages.parts.plan import show_plan
from pages.parts.scope import Scope
from pages.parts.text import literally

CHANNELS = {"phone": "by phone", "text": "by text message", "email": "by email", "post": "by post"}
STATUSES = {"inactive": "No longer a patient", "transferred": "Went to another clinic", "deceased": "Deceased"}
FITZPATRICK = ["I", "II", "III", "IV", "V", "VI"]
CONTACT = {"no_marketing": "No marketing, please", "none": "Do not contact"}

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
        day = scope.as_of
        years = day.year - patient.born_on.year - ((day.month, day.day) < (patient.born_on.month, patient.born_on.day))
        age = f"{years} years, born {words.day(patient.born_on)}"
    others = [f"{literally(system)} {literally(value)}" for system, value in patient.identifiers]
    skin = f"{patient.skin_type} skin" if patient.skin_type else ""
    tone = f"Fitzpatrick {FITZPATRICK[patient.fitzpatrick - 1]}" if patient.fitzpatrick else ""
    st.caption(" · ".join(filter(None, [age, f"code {patient.code}", *others, skin, tone])))
    reach = [patient.phone or "", patient.email or ""]
    prefers = f"prefers to be reached {CHANNELS[patient.preferred_channel]}" if patient.preferred_channel else ""
    badges = []
    if patient.status_on:
        badges.append(f":gray-badge[{STATUSES[patient.status]} since {words.day(patient.status_on)}]")
    if patient.contact_allowed != "yes":
        badges.append(f":red-badge[{CONTACT[patient.contact_allowed]}]")
    badges += [f":orange-badge[Watch: {literally(factor)}]" for factor in patient.factors]
    st.text(" · ".join(filter(None, [*reach, prefers])) or "No phone number or email is known.")
    if badges:
        st.markdown(" ".join(badges))


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

show_who(patient)
courses = read_courses(actor, store, patient.id)
if courses.empty:
    st.info("This patient has no treatment plan yet.", icon=":material/event_note:")
    st.stop()
known = read_schedule_input(actor, store, scope.as_of, patient_id=patient.id)
schedule = known.schedule()
visits = read_visits(actor, store, patient.id)

labels = {
    course["course_id"]: " · ".join(
        [
            literally(course["area"]),
            literally(known.protocols[protocol_key(course["protocol"], course["version"])].name),
            words.day(course["opened_on"]),
        ]
    )
    for course in courses.to_dict("records")
}
flagged = schedule[schedule["flag"].notna()].sort_values("days_overdue", ascending=False)["course_id"]
first = flagged.iloc[0] if len(flagged) else courses["course_id"].iloc[0]
course_id = first
if len(courses) > 1:
    course_id = (
        st.segmented_control(
            "Treatment plan",
            options=list(labels),
            default=first,
            format_func=lambda one: labels[one],
            required=True,
            key=f"plan of {code}",
        )
        or first
    )
show_plan(
    known,
    schedule[schedule["course_id"] == course_id],
    courses[courses["course_id"] == course_id].iloc[0],
    visits[(visits["course_id"] == course_id) | visits["course_id"].isna()],
    read_scores(actor, store, patient.id),
)
