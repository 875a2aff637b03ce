"""What a patient takes home: the handout of the plan shown, to print or as a PDF."""

from functools import partial
from typing import Any

import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.handout_file import handout_html, handout_pdf
from clinic_data.patients import Patient

FILES = [
    (
        "Handout to print",
        handout_html,
        "html",
        "text/html",
        ":material/print:",
        "What was done, what to expect and to do when, and the next visit, for the patient to take home.",
    ),
    (
        "Handout as PDF",
        handout_pdf,
        "pdf",
        "application/pdf",
        ":material/picture_as_pdf:",
        "The same. It writes Latin, Greek, Cyrillic, Arabic and Hebrew letters; for others print the handout.",
    ),
]
"""Label, what makes it, ending, kind, icon and help of each form of the handout."""


def show_handout(actor: Actor, store: Store, patient: Patient, course: dict[Any, Any]) -> None:
    """Today's handout for whoever may export; none for a patient who died.

    Each file is made when it is pressed: one that nobody asked for would stand in the trail.
    """
    if not may(actor, "export") or patient.status == "deceased":
        return
    which = actor, store, patient.id, int(course["course_id"])
    with st.container(horizontal=True):
        for label, make, ending, mime, icon, about in FILES:
            st.download_button(
                label,
                partial(make, *which),
                file_name=f"handout-{patient.code}.{ending}",
                mime=mime,
                icon=icon,
                on_click="ignore",
                help=about,
            )
