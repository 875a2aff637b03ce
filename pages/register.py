"""Registering a patient."""

from datetime import timedelta

import streamlit as st

from clinic_data.errors import ClinicError
from clinic_data.patients import CHANNELS, CONTACT, SKIN_TYPES, register_patient
from lib import words
from pages.parts import desk
from pages.parts.opening import open_patient
from pages.parts.scope import Scope
from pages.parts.text import literally

WATCH = ["smoking", "alcohol", "sun exposure", "rosacea", "eczema", "herpes simplex", "keloids", "poor healing"]
OLDEST = 120 * 366

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()

st.title("New patient", anchor=False)
if scope.as_of != scope.today:
    st.info("Choose today above to register a patient.", icon=":material/history:")
    st.stop()
with st.form("register", border=True):
    name = st.text_input("Name", max_chars=200)
    left, middle, right = st.columns(3)
    phone = left.text_input("Phone", max_chars=40)
    email = middle.text_input("Email", max_chars=200)
    channel = right.selectbox(
        "Prefers", [None, *CHANNELS], format_func=lambda one: words.CHANNELS[one] if one else "Not said"
    )
    left, middle, right = st.columns(3)
    born_on = left.date_input(
        "Born on",
        value=None,
        min_value=scope.today - timedelta(days=OLDEST),
        max_value=scope.today,
        format="DD/MM/YYYY",
    )
    skin_type = middle.selectbox("Skin", [None, *SKIN_TYPES], format_func=lambda one: one or "Not said")
    fitzpatrick = right.selectbox(
        "Fitzpatrick", [None, *range(1, 7)], format_func=lambda one: words.FITZPATRICK[one - 1] if one else "Not said"
    )
    left, right = st.columns(2)
    factors = left.multiselect("To watch", WATCH, accept_new_options=True, placeholder="Such as: smoking")
    contact = right.selectbox("Contact", CONTACT, format_func=lambda one: words.CONTACT[one])
    sent = st.form_submit_button("Register", type="primary")
if sent:
    try:
        code = register_patient(
            actor,
            store,
            name,
            phone=phone,
            email=email,
            born_on=born_on,
            preferred_channel=channel,
            skin_type=skin_type,
            fitzpatrick=fitzpatrick,
            contact_allowed=contact,
            factors=factors,
        )
    except ClinicError as error:
        st.error(literally(f"Not registered: {error}."), icon=":material/block:")
    else:
        open_patient(code, "opening")
