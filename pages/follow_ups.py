"""Follow-ups: every flagged patient, one row each, the most urgent first."""

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.patients import contacts
from lib import words
from lib.worklist import URGENCY, by_patient
from pages.parts import desk
from pages.parts.beginning import show_beginning
from pages.parts.known import say_known
from pages.parts.load import load
from pages.parts.opening import open_button, open_column, open_patient
from pages.parts.scope import Scope, practitioner_names

FLAG_COLOURS = {
    "booked_on_hold": "#F0C6DB",
    "booked_too_soon": "#F0C6DB",
    "due_unbooked": "#F8D48A",
    "booked_late": "#9CCBEA",
    "lapsed": "#C9CED6",
    "hold_to_check": "#C9CED6",
}
OVERDUE = "#F4B48A"
BOOK = ("booking", ":material/edit_calendar: Book")
LIKELIEST = {
    "booked_on_hold": ("moving", ":material/event_repeat: Move"),
    "booked_too_soon": ("moving", ":material/event_repeat: Move"),
    "booked_late": ("moving", ":material/event_repeat: Move"),
    "attendance_unrecorded": ("attendance", ":material/how_to_reg: Came?"),
    "hold_to_check": ("resuming", ":material/pause_circle: Ask"),
}
"""The form that a row's most urgent flag asks for, and what its button says; any other asks for a booking."""
SHOWN_AT_MOST = 2000

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()
clinic = load(actor, store, scope.as_of)

kept = scope.keep(clinic.flagged, clinic)
# A filter chooses patients; each is then shown with all her reasons.
patients = by_patient(clinic.flagged[clinic.flagged["patient_id"].isin(kept["patient_id"])])
everyone = clinic.flagged["patient_id"].nunique()

st.title("Follow-ups", anchor=False)
if not len(clinic.known.courses):
    show_beginning()
elif not everyone:
    st.success(f"Nobody needs a follow-up on {words.day(scope.as_of)}.", icon=":material/check_circle:")
else:
    courses = clinic.known.courses
    of_all = courses.loc[courses["opened_on"] <= pd.Timestamp(scope.as_of), "patient_id"].nunique()
    said = f"**{everyone:,}** of {words.count(of_all, 'patient')} need attention on {words.day(scope.as_of)}."
    hidden = everyone - len(patients)
    if hidden:
        said += f" Your filters hide **{hidden:,}** of them; {len(patients):,} are shown."
    st.markdown(said)
    st.caption(say_known(scope))

if everyone and not len(patients):
    st.info("Your filters hide everyone who needs attention. Clear a filter to see them.", icon=":material/filter_alt:")
if len(patients) > SHOWN_AT_MOST:
    st.info(f"The {SHOWN_AT_MOST:,} most urgent are listed; set a filter to reach the others.", icon=":material/list:")
    patients = patients.head(SHOWN_AT_MOST)
if len(patients):
    about = contacts(actor, store, patients["patient_id"].tolist()).set_index("patient_id")
    about = about.reindex(patients["patient_id"])
    dates = clinic.last_and_next.reindex(patients["patient_id"])
    may_contact = about["contact_allowed"] != "none"
    table = pd.DataFrame(
        {
            "open": open_button(len(patients)),
            "record": [LIKELIEST.get(flags[0], BOOK)[1] for flags in patients["flags"]],
            "patient": about["name"].to_numpy(),
            "why": [[words.FLAGS[flag] for flag in flags] for flags in patients["flags"]],
            "days_over": patients["days_overdue"].where(patients["days_overdue"] > 0).astype("Int64"),
            "come_from": patients["come_from"],
            "come_by": patients["overdue_on"] - pd.Timedelta(days=1),
            "last_visit": dates["last_visit"].to_numpy(),
            "next_booking": dates["next_booking"].to_numpy(),
            "phone": about["phone"].fillna("").where(may_contact, "Do not contact").to_numpy(),
            "practitioner": practitioner_names(patients["practitioner_id"], clinic).to_numpy(),
            "prefers": about["preferred_channel"].map(words.CHANNELS).fillna("").to_numpy(),
            "area": patients["areas"].str.join(", "),
            "email": about["email"].fillna("").where(may_contact, "").to_numpy(),
        }
    )
    if scope.as_of != scope.today or not may(actor, "note bookings"):
        table = table.drop(columns="record")
    day = st.column_config.DateColumn
    key = f"open {store.revision()} {scope}"
    st.dataframe(
        table,
        hide_index=True,
        height=min(620, 38 + 35 * len(table)),
        placeholder="",
        alt=f"{len(table)} patients who need attention, the most urgent first",
        key=f"follow-ups {key}",
        column_config={
            "open": open_column(key, about["code"].tolist()),
            "record": open_column(
                f"record {key}",
                about["code"].tolist(),
                label="Record",
                forms=[LIKELIEST.get(flags[0], BOOK)[0] for flags in patients["flags"]],
            ),
            "patient": st.column_config.TextColumn("Patient", width=150),
            "why": st.column_config.MultiselectColumn(
                "Why",
                options=list(words.FLAGS.values()),
                color=[FLAG_COLOURS.get(flag, OVERDUE) for flag in words.FLAGS],
                width=290,
            ),
            "days_over": st.column_config.NumberColumn(
                "Days over", width=80, help="Days since the window's last day, of the first reason."
            ),
            "come_from": day("Come between", format="DD MMM YYYY", width=105),
            "come_by": day("and", format="DD MMM YYYY", width=100, help="The window's last day, of the first reason."),
            "last_visit": day("Last visit", format="DD MMM YYYY", width=100),
            "next_booking": day("Next booking", format="DD MMM YYYY", width=105),
            "phone": st.column_config.TextColumn("Phone", width=130),
            "practitioner": st.column_config.TextColumn("Practitioner", width=160),
            "prefers": st.column_config.TextColumn("Prefers", width=75),
            "area": st.column_config.TextColumn("Area", width=110),
            "email": st.column_config.TextColumn("Email", width=230),
        },
    )
    names = dict(zip(about["code"], about["name"], strict=True))
    picked = st.selectbox(
        "Open a patient from this list by name",
        list(names),
        index=None,
        format_func=lambda code: names[code],
        placeholder="Write a name",
        key=f"pick {key}",
    )
    if picked:
        open_patient(picked)
    with st.expander("In which order?"):
        order = " · ".join(words.FLAGS[flag] for flag in URGENCY)
        st.markdown(
            f"{order}.\n\nInside each, patients 1–30 days over come first, for they are still easily brought back; "
            "then whoever has been due the longest. Patients who must not be contacted show only where the clinic can "
            "mend something without calling them."
        )
