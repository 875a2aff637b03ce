"""What a patient takes home: the handout of the plan shown, to print or as a PDF."""

from functools import partial
from typing import Any

import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.handout_file import handout_html, handout_pdf
from clinic_data.patients import Patient


def show_handout(actor: Actor, store: Store, patient: Patient, course: dict[Any, Any]) -> None:
    """Today's handout for whoever may export; none for a patient who died.

    Each file is made when it is pressed: one that nobody asked for would stand in the trail.
    """
    if not may(actor, "export") or patient.status == "deceased":
        return
    which = actor, store, patient.id, int(course["course_id"])
    with st.container(horizontal=True):
        st.download_button(
            "Handout to print",
            partial(handout_html, *which),
            file_name=f"handout-{patient.code}.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
            help="What was done, what to expect and to do when, and the next visit, for the patient to take home.",
        )
        st.download_button(
            "Handout as PDF",
            partial(handout_pdf, *which),
            file_name=f"handout-{patient.code}.pdf",
            mime="application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
            help="The same. It writes Latin, Greek, Cyrillic, Arabic and Hebrew letters; for others print the handout.",
        )
