"""Accounts: who may sign in, in which role, and whether for their own patients only."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlite_utils import Database

from clinic_data import clock
from clinic_data.access.passwords import hashed, matches
from clinic_data.access.permissions import needs
from clinic_data.actor import MANAGER, ROLES, Actor
from clinic_data.allowed import one_of, text_of
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.patients import fold

_LIST = (
    "select a.id as account_id, a.login, a.name, a.role, a.own_patients_only, a.active, a.practitioner_id,"
    " p.name as practitioner, a.second_factor is not null as second_factor, a.must_change_password,"
    " (select max(seen_at) from sign_ins s where s.account_id = a.id) as seen_at"
    " from accounts a left join practitioners p on p.id = a.practitioner_id"
)
COLUMNS = [
    *("account_id", "login", "name", "role", "own_patients_only", "active", "practitioner_id", "practitioner"),
    *("second_factor", "must_change_password", "seen_at"),
]

LONGEST_LOGIN = 200
"""So many letters of what is typed as a sign-in name are looked at."""


@dataclass(frozen=True)
class OwnAccount:
    """What people see of their own account."""

    login: str
    name: str
    role: str
    second_factor: bool
    recovery_codes: int
    must_change_password: bool


def anybody_may_sign_in(store: Store) -> bool:
    """Whether there is an active manager: without one, nobody could let others in."""
    with store.read() as db:
        return next(db.query("select 1 from accounts where active = 1 and role = 'manager'"), None) is not None


@needs("manage accounts")
def read_accounts(actor: Actor, store: Store) -> pd.DataFrame:
    """All accounts by name: COLUMNS, seen_at in UTC ISO text, whether of a kind as 0 or 1."""
    with store.read() as db:
        return pd.DataFrame(db.execute(f"{_LIST} order by a.name").fetchall(), columns=COLUMNS)


@needs("manage accounts")
def add_account(
    actor: Actor,
    store: Store,
    *,
    login: str,
    name: str,
    role: str,
    password: str,
    practitioner_id: int | None = None,
    own_patients_only: bool = False,
    must_change_password: bool = True,
) -> int:
    """A new account; returns its id. NotAllowed for a login in use, a weak password, or a role that does not exist.

    `own_patients_only` limits it to the patients of `practitioner_id`.
    """
    login, name = text_of(fold(login), "the sign-in name"), text_of(name, "the name")
    if " " in login or len(login) > LONGEST_LOGIN:
        raise NotAllowed(f"a sign-in name is one word of at most {LONGEST_LOGIN} letters, such as ada@example.com")
    _must_fit(role, practitioner_id, own_patients_only)
    password_hash = hashed(password, login)
    with store.change(actor, "add an account") as change:
        if next(change.db.query("select 1 from accounts where login = ?", [login]), None):
            raise NotAllowed("this sign-in name is in use already")
        return change.insert(
            "accounts",
            {
                "login": login,
                "name": name,
                "role": role,
                "practitioner_id": practitioner_id,
                "own_patients_only": int(own_patients_only),
                "password_hash": password_hash,
                "must_change_password": int(must_change_password),
            },
        )


@needs("manage accounts")
def change_role(
    actor: Actor,
    store: Store,
    account_id: int,
    *,
    role: str,
    practitioner_id: int | None = None,
    own_patients_only: bool = False,
) -> None:
    """Another role or other patients; whoever is signed in with the account is signed out at once."""
    _must_fit(role, practitioner_id, own_patients_only)
    values = {"role": role, "practitioner_id": practitioner_id, "own_patients_only": int(own_patients_only)}
    _update(actor, store, account_id, "change a role", values)


@needs("manage accounts")
def set_account_active(actor: Actor, store: Store, account_id: int, active: bool) -> None:
    """Let an account sign in again, or no more: then it is signed out at once."""
    _update(actor, store, account_id, "bring back an account" if active else "disable an account", {"active": active})


@needs("manage accounts")
def reset_password(actor: Actor, store: Store, account_id: int, password: str) -> None:
    """A new password, to be changed at the next sign-in, and no second factor any more; signs the account out."""
    with store.read() as db:
        login = _account(db, account_id)["login"]
    values = {"password_hash": hashed(password, login), "must_change_password": 1, "second_factor": None}
    _update(actor, store, account_id, "reset a password", values)


@needs("own account")
def read_own_account(actor: Actor, store: Store) -> OwnAccount:
    """The account that is signed in."""
    with store.read() as db:
        account = _account(db, actor.account_id)
        codes = db.execute("select count(*) from recovery_codes where account_id = ?", [account["id"]]).fetchone()[0]
    return OwnAccount(
        login=account["login"],
        name=account["name"],
        role=account["role"],
        second_factor=account["second_factor"] is not None,
        recovery_codes=codes,
        must_change_password=bool(account["must_change_password"]),
    )


@needs("own account")
def change_own_password(actor: Actor, store: Store, *, old: str, new: str, sign_in_id: int | None = None) -> None:
    """Another password for the account that is signed in; its other sign-ins end. NotAllowed where `old` is wrong."""
    with store.read() as db:
        account = _account(db, actor.account_id)
    if not matches(old, account["password_hash"]):
        raise NotAllowed("the old password is not right")
    if old == new:
        raise NotAllowed("the new password must be another one")
    values = {"password_hash": hashed(new, account["login"]), "must_change_password": 0}
    with store.change(actor, "change the own password") as change:
        if _account(change.db, account["id"])["password_hash"] != account["password_hash"]:
            raise NotAllowed("the password was changed meanwhile; sign in again")
        change.update("accounts", account["id"], **values)
        end_sign_ins(change.db, account["id"], but=sign_in_id)


def end_sign_ins(db: Database, account_id: int, *, but: int | None = None) -> None:
    """End every sign-in of an account, as part of a larger change; all, or all but one."""
    db.execute(
        "update sign_ins set ended_at = ? where account_id = ? and ended_at is null and id is not ?",
        [clock.instant(), account_id, but],
    )


def _update(actor: Actor, store: Store, account_id: int, action: str, values: dict[str, Any]) -> None:
    with store.change(actor, action) as change:
        _account(change.db, account_id)
        change.update("accounts", account_id, **{name: _kept(value) for name, value in values.items()})
        if "second_factor" in values:
            change.db.execute("delete from recovery_codes where account_id = ?", [account_id])
        _must_leave_a_manager(change)
        end_sign_ins(change.db, account_id)


def _kept(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _must_leave_a_manager(change: Change) -> None:
    if next(change.db.query("select 1 from accounts where active = 1 and role = 'manager'"), None) is None:
        raise NotAllowed("one active manager must stay; make another account a manager first")


def _must_fit(role: str, practitioner_id: int | None, own_patients_only: bool) -> None:
    one_of(role, ROLES, "a role")
    if own_patients_only and (role == MANAGER or practitioner_id is None):
        raise NotAllowed("“own patients only” needs the practitioner whose patients they are, and is not for managers")


def _account(db: Database, account_id: int | None) -> dict[str, Any]:
    account = next(db.query("select * from accounts where id = ?", [account_id]), None)
    if account is None:
        raise NotFound("There is no such account.")
    return account
