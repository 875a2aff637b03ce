"""From a row of a table to the patient's page."""

import streamlit as st

PATIENT = "patient"
PATIENT_PAGE = "patient.py"


def open_button(rows: int) -> list[str]:
    """The column of buttons for a table of so many rows."""
    return [":material/arrow_forward: Open"] * rows


def open_column(key: str, codes: list[str]):
    """A column whose button opens the patient of its row.

    A click names a position; it is looked up among the codes that were shown when the table was drawn,
    so the key must change with whatever changes the rows.
    """
    return st.column_config.ButtonColumn(
        "Open", width="small", type="tertiary", pinned=True, key=key, on_click=_open, args=(key, codes)
    )


def _open(key: str, codes: list[str]) -> None:
    st.session_state["search"] = ""
    st.switch_page(PATIENT_PAGE, query_params={PATIENT: codes[st.session_state[key]["row"]]})
