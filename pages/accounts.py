"""Accounts: who may sign in, in which role, and for whose patients."""

from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.access.accounts import add_account, change_role, read_accounts, reset_password, set_account_active
from clinic_data.actor import ROLES
from clinic_data.errors import ClinicError
from clinic_data.practitioners import read_practitioners
from lib import words
from pages.parts import desk
from pages.parts.text import literally

ABOUT_ROLES = {
    "manager": "everything, accounts and the trail included",
    "practitioner": "records, plans and resumes treatment",
    "front_desk": "registers patients, notes bookings, attendance, dates and pauses",
    "read_only": "sees, and changes nothing",
}
SAID = "said of accounts"

actor, store = desk.actor(), desk.store()
people = read_practitioners(actor, store)
practitioners = dict(zip(people["practitioner_id"].tolist(), people["name"].tolist(), strict=True))


def attempt(told: str, work, **values: Any) -> None:
    """Do it and say so on the page drawn anew, or say why it is not possible."""
    try:
        work(actor, store, **values)
    except ClinicError as error:
        st.error(literally(f"Not possible: {error}."), icon=":material/block:")
    else:
        st.session_state[SAID] = told
        st.rerun()


def choose_role(key: str, account: dict[str, Any] | None = None) -> dict[str, Any]:
    """Role, practitioner and whose patients, as the functions take them."""
    account = account or {"role": "front_desk", "practitioner_id": None, "own_patients_only": 0}
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    role = left.selectbox(
        "Role", ROLES, index=ROLES.index(account["role"]), format_func=words.ROLES.__getitem__, key=f"role {key}"
    )
    ids = [None, *practitioners]
    own = account["practitioner_id"]
    practitioner = middle.selectbox(
        "Who treats as",
        ids,
        index=ids.index(int(own)) if own is not None and not pd.isna(own) else 0,
        format_func=lambda one: practitioners.get(one, "Nobody"),
        key=f"practitioner {key}",
    )
    only = right.checkbox("Own patients only", bool(account["own_patients_only"]), key=f"only {key}")
    st.caption(f"{words.ROLES[role]}: {ABOUT_ROLES[role]}.")
    return {"role": role, "practitioner_id": practitioner, "own_patients_only": only}


def show_account(account: dict[str, Any]) -> None:
    """One account, and what can be done about it."""
    number = int(account["account_id"])
    about = [words.ROLES[account["role"]], f"signs in as {account['login']}"]
    if account["own_patients_only"]:
        about.append(f"patients of {account['practitioner']} only")
    about.append("second factor on" if account["second_factor"] else "no second factor")
    if account["must_change_password"]:
        about.append("has yet to choose a password")
    if not account["active"]:
        about.append("disabled")
    with st.expander(literally(f"{account['name']} · {' · '.join(about)}"), key=f"account {number}"):
        values = choose_role(f"of {number}", account)
        role, active = st.columns(2)
        if role.button("Save role", key=f"save {number}"):
            attempt("The role is changed; whoever was signed in must sign in again.", change_role,
                    account_id=number, **values)  # fmt: skip
        if active.button("Disable" if account["active"] else "Let in again", key=f"active {number}"):
            told = "The account is disabled and signed out." if account["active"] else "The account may sign in again."
            attempt(told, set_account_active, account_id=number, active=not account["active"])
        with st.form(f"reset {number}", border=False):
            password = st.text_input("A new password, to be changed at the next sign-in", type="password")
            st.caption("It also turns the second factor off: for whoever has lost password, app or recovery codes.")
            if st.form_submit_button("Give this password"):
                attempt("The account has a new password.", reset_password, account_id=number, password=password)


st.title("Accounts", anchor=False)
if SAID in st.session_state:
    st.success(st.session_state.pop(SAID), icon=":material/check:")
accounts = read_accounts(actor, store)
if accounts.empty:
    st.info("Nobody has an account yet; at a demo on its own machine nobody needs one.", icon=":material/group:")
for one in accounts.to_dict("records"):
    show_account({str(name): value for name, value in one.items()})
st.subheader("New account", anchor=False)
with st.container(border=True):
    left, right = st.columns(2)
    name = left.text_input("Name", max_chars=100, placeholder="As colleagues know them")
    login = right.text_input("Signs in as", max_chars=100, placeholder="Such as: ada")
    chosen = choose_role("new")
    password = st.text_input(
        "First password", type="password", max_chars=200, help="12 letters or more; to be changed at the first sign-in."
    )
    if st.button("Add account", type="primary"):
        attempt("The account is added; its password must be changed at the first sign-in.", add_account,
                login=login, name=name, password=password, **chosen)  # fmt: skip
