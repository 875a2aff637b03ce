"""The web app's door: check that the clinic can be opened, then serve its pages."""

import sys
from pathlib import Path

import streamlit as st

from clinic_data.actor import READ_ONLY, Actor
from clinic_data.database import prepare, store_at
from clinic_data.errors import ClinicError, NotReady
from clinic_data.protocol_versions import protocol_files
from clinic_data.settings import read_settings

SHELL = Path(__file__).resolve().parent / "pages" / "shell.py"


def check() -> None:
    """Raise ClinicError, saying why in a sentence, where the clinic can't be served."""
    path = store_at().path
    if not path.exists():
        raise NotReady(f"There is no clinic file at {path}; `python clinic.py start` makes one.")
    protocol_files()
    # Asking for the day refuses a clock that is set by hand where that is not allowed.
    _ = read_settings(Actor("app", READ_ONLY), prepare(path)).today


try:
    check()
except ClinicError as refusal:
    sys.stderr.write(f"Error: {refusal}\n")
    sys.exit(2)

app = st.App(SHELL)
