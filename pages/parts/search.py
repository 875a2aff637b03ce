"""Search over all patients, on every page."""

import streamlit as st

from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.patients import FOUND_AT_MOST, find_patients
from lib import words
from pages.parts.opening import PATIENT, PATIENT_PAGE
from pages.parts.scope import Scope
from pages.parts.text import literally

KEY = "search"


def search_box() -> str:
    """What to look for."""
    return st.text_input(
        "Find a patient",
        key=KEY,
        placeholder="Name, code or phone",
        icon=":material/search:",
        max_chars=100,
        width=320,
    )


def show_found(actor: Actor, store: Store, scope: Scope, text: str) -> None:
    """Whom the search finds, each with a way to the patient's page; nothing without a search."""
    if not text.strip():
        return
    found = find_patients(actor, store, text)
    if found.empty:
        st.info("No patient has this name, code or phone number.", icon=":material/person_search:")
        return
    shown = found.head(FOUND_AT_MOST)
    more = "" if len(found) <= FOUND_AT_MOST else f"; only the first {FOUND_AT_MOST} are shown, write more of the name"
    st.caption(f"{len(shown)} found{more}.")
    for row in shown.fillna("").to_dict("records"):
        born = f"born {words.day(row['born_on'])}" if row["born_on"] else ""
        gone = words.PATIENT_STATUSES.get(row["status"], "")
        about = filter(None, [row["name"], born, row["phone"], gone])
        st.page_link(
            PATIENT_PAGE,
            label=literally(" · ".join(about)),
            icon=":material/arrow_forward:",
            query_params={PATIENT: row["code"], **scope.address},
        )
