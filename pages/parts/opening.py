"""From a row of a table to the patient's page."""

from typing import NoReturn

import streamlit as st

PATIENT = "patient"
PATIENT_PAGE = "patient.py"
FORM = "record"
"""Where a page leaves the recording form that the patient's page is to open."""


def open_button(rows: int) -> list[str]:
    """The column of buttons for a table of so many rows."""
    return [":material/arrow_forward: Open"] * rows


def open_column(key: str, codes: list[str], *, label: str = "Open", forms: list[str] | None = None):
    """A column whose button opens the patient of its row, with the row's recording form open if `forms` names it.

    A click names a position; it is looked up among the codes that were shown when the table was drawn,
    so the key must change with whatever changes the rows.
    """
    return st.column_config.ButtonColumn(
        label, width="small", type="tertiary", pinned=True, key=key, on_click=_open, args=(key, codes, forms)
    )


def open_patient(code: str, form: str | None = None) -> NoReturn:
    """Go to a patient's page, with one of its recording forms open if `form` names it."""
    if form:
        st.session_state[FORM] = form
    st.switch_page(PATIENT_PAGE, query_params={PATIENT: code})


def _open(key: str, codes: list[str], forms: list[str] | None) -> None:
    row = st.session_state[key]["row"]
    st.session_state["search"] = ""
    open_patient(codes[row], forms[row] if forms else None)
