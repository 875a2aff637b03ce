"""What went wrong unexpectedly: a short sentence with a number on the screen, the rest under that number in the log."""

import logging
import secrets
import traceback

import streamlit as st

from clinic_data.errors import ClinicError

log = logging.getLogger("collagen_calendar")


def tell_trouble(error: Exception) -> bool:
    """Say it on the page; returns True, for then Streamlit shows nothing of its own.

    What is the clinic's own to know is said as it is. Of anything else the log gets the kind and the places in the
    code, never the message, which may hold what somebody typed or a patient's data.
    """
    if isinstance(error, ClinicError):
        st.error(f"{error}", icon=":material/block:")
        return True
    number = secrets.token_hex(4)
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(error.__traceback__)]
    log.error("trouble %s: %s at %s", number, type(error).__name__, " < ".join(reversed(places)))
    st.error(
        f"Something went wrong, and nothing was half done. Try again; if it happens again, tell whoever looks after "
        f"the program this number: **{number}**.",
        icon=":material/error:",
    )
    return True
