"""Who is at the desk, and at which clinic."""

import streamlit as st

from clinic_data.access.sign_in import signed_in
from clinic_data.actor import DESK, READ_ONLY, Actor
from clinic_data.database import Store, store_at
from clinic_data.errors import NotSignedIn
from clinic_data.settings import Settings, read_settings

_PAGE = Actor("page", READ_ONLY)


def store() -> Store:
    """The clinic's file."""
    return store_at()


def sign_in_id() -> int | None:
    """The number of the sign-in, as the gate gives it; None where nobody signs in."""
    told = st.user.to_dict().get("sign_in")
    return int(str(told)) if told else None


def actor() -> Actor:
    """Whoever signed in, in the role of this very moment; at a demo on its own machine, the desk.

    NotSignedIn where the sign-in has ended, or where there is none and the clinic's file is no demo.
    """
    told = st.user.to_dict()
    address = str(told["address"]) if told.get("address") else None
    number = sign_in_id()
    if number is None:
        if not settings().is_demo:
            raise NotSignedIn("Nobody is signed in.")
        return Actor(DESK.name, DESK.role, address=address)
    found = signed_in(store(), number, address=address)
    if found is None or found.must_change_password:
        raise NotSignedIn("You are not signed in any more.")
    return found.actor


def settings() -> Settings:
    """The clinic's settings in force."""
    return read_settings(_PAGE, store())
