"""The web app's door: check that the clinic can be opened and who may come in, then serve its pages behind the gate."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from clinic_data.access.accounts import anybody_may_sign_in
from clinic_data.actor import READ_ONLY, Actor
from clinic_data.database import prepare, store_at
from clinic_data.errors import ClinicError, NotReady
from clinic_data.protocol_versions import protocol_files
from clinic_data.settings import read_settings
from gate.admission import is_loopback
from gate.live import Live
from gate.middleware import Gate
from gate.pages import routes
from pages.parts.trouble import keep_messages_out_of_the_log, tell_trouble

SHELL = Path(__file__).resolve().parent / "pages" / "shell.py"


def check() -> None:
    """Raise ClinicError, saying why in a sentence, where the clinic can't be served."""
    path = store_at().path
    if not path.exists():
        raise NotReady(f"There is no clinic file at {path}; `python clinic.py start` makes one.")
    protocol_files()
    store = prepare(path)
    settings = read_settings(Actor("app", READ_ONLY), store)
    # Asking for the day refuses a clock that is set by hand where that is not allowed.
    _ = settings.today
    address = st.get_option("server.address") or ""
    if anybody_may_sign_in(store):
        return
    if not settings.is_demo:
        raise NotReady(
            f"{path} is a clinic's own file and nobody can sign in to it yet; `python clinic.py account add` makes the "
            "first manager's account."
        )
    if not is_loopback(address):
        raise NotReady(
            f"Beyond this machine ({address or 'every address'}) people must sign in, and nobody can yet; "
            "`python clinic.py account add` makes the first manager's account."
        )


try:
    check()
except ClinicError as refusal:
    sys.stderr.write(f"Error: {refusal}\n")
    sys.exit(2)

keep_messages_out_of_the_log()
live = Live()
app = st.App(SHELL, routes=routes(live), middleware=[Middleware(Gate, live=live)], on_script_error=tell_trouble)
