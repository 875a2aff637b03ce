"""Search over all patients, on every page."""

import streamlit as st

from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.patients import FOUND_AT_MOST, find_patients
from pages.parts.opening import open_button, open_column
from pages.parts.scope import Scope

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
    key = f"found {text} {scope.as_of}"
    table = shown[["name", "phone", "born_on"]].fillna("").assign(born_on=shown["born_on"].fillna(""))
    table.insert(0, "open", open_button(len(shown)))
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        alt="Patients found",
        column_config={
            "open": open_column(key, shown["code"].tolist()),
            "name": st.column_config.TextColumn("Patient", width="medium"),
            "phone": "Phone",
            "born_on": "Born",
        },
        key=f"table {key}",
    )
