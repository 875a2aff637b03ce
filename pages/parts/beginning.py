"""What to do first in a clinic without patients."""

import streamlit as st


def show_beginning() -> None:
    """Register a patient, or take in the visits of another system."""
    st.info(
        "This clinic has no patients yet. Register the first one, or take in the visits of your booking system with "
        "`python clinic.py import-visits`; the README shows how.",
        icon=":material/upload_file:",
    )
    st.page_link("register.py", label="Register a patient", icon=":material/person_add:")
