"""What went wrong unexpectedly: a short sentence with a number on the screen, the rest under that number in the log."""

import logging
import secrets
import traceback
from typing import Any

import streamlit as st

from clinic_data.errors import ClinicError
from pages.parts.text import literally

log = logging.getLogger("collagen_calendar")


def tell_trouble(error: Exception) -> bool:
    """Say it on the page; returns True, for then Streamlit shows nothing of its own.

    What is the clinic's own to know is said as it is. Of anything else the log gets the kind and the places in the
    code, never the message, which may hold what somebody typed or a patient's data.
    """
    if isinstance(error, ClinicError):
        st.error(literally(f"{error}"), icon=":material/block:")
        return True
    number = secrets.token_hex(4)
    log.error("trouble %s: %s", number, _kind_and_places(error))
    st.error(
        f"Something went wrong, and nothing was half done. Try again; if it happens again, tell whoever looks after "
        f"the program this number: **{number}**.",
        icon=":material/error:",
    )
    return True


def keep_messages_out_of_the_log() -> None:
    """From now on no record of the log, whoever writes it, holds an exception's message: only its kind and places.

    Streamlit writes every exception of a page into the log before it asks what to do about it.
    """
    make = logging.getLogRecordFactory()

    def make_without_message(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if record.exc_info and record.exc_info[1]:
            record.msg, record.args = f"{record.getMessage().strip()}: {_kind_and_places(record.exc_info[1])}", ()
        record.exc_info = None
        return record

    logging.setLogRecordFactory(make_without_message)


def _kind_and_places(error: BaseException) -> str:
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' < '.join(reversed(places))}"
