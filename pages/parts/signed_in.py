"""Who is signed in, and the way out."""

import streamlit as st

from clinic_data.access.sign_in import sign_out
from clinic_data.actor import Actor
from lib import words
from pages.parts import desk
from pages.parts.text import literally


def show_who_is_in(actor: Actor) -> None:
    """Name and role, the own account, and signing out; nothing at a demo where nobody signs in."""
    number = desk.sign_in_id()
    if number is None:
        return
    with st.popover(literally(actor.name), icon=":material/account_circle:"):
        st.caption(words.ROLES[actor.role] + (", own patients only" if actor.own else ""))
        st.link_button("Your account", "/account", icon=":material/key:")
        # The gate closes this page's connection as soon as the sign-in has ended, and shows the sign-in page.
        st.button("Sign out", icon=":material/logout:", on_click=sign_out, args=(desk.store(), number))
