"""The second factor: codes of an authenticator app, and recovery codes for whoever has lost it."""

import hashlib
import re
import secrets
from typing import Any

import pyotp
from sqlite_utils import Database

from clinic_data import clock
from clinic_data.access.accounts import end_sign_ins
from clinic_data.access.passwords import matches
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from clinic_data.settings import read_settings

STEP = 30
"""Seconds for which a code holds; the one before and the one after are taken too."""

RECOVERY_CODES = 10
_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


def new_secret() -> str:
    """A secret for an authenticator app: base32, 160 bits."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether a text is such a secret."""
    return re.fullmatch("[A-Z2-7]{32}", text) is not None


@needs("own account")
def address_for_app(actor: Actor, store: Store, secret: str) -> str:
    """The otpauth address that an authenticator app takes, as a QR code or typed."""
    issuer = read_settings(actor, store).clinic_name
    return pyotp.TOTP(secret).provisioning_uri(name=actor.name, issuer_name=issuer)


@needs("own account")
def turn_on(
    actor: Actor, store: Store, *, secret: str, code: str, password: str, sign_in_id: int | None = None
) -> list[str]:
    """Ask for a code at every sign-in from now on; returns the recovery codes, which are never shown again.

    NotAllowed where the code is not the secret's, or the password is wrong. Other sign-ins of the account end.
    """
    step = _step_of(secret, code, after=0) if is_secret(secret) else None
    if step is None:
        raise NotAllowed("this is not the code that the app shows now; look whether its clock is right")
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    with store.change(actor, "turn the second factor on") as change:
        account = _own(change.db, actor, password)
        change.update("accounts", account["id"], second_factor=secret, second_factor_step=step)
        change.db.execute("delete from recovery_codes where account_id = ?", [account["id"]])
        change.db.table("recovery_codes").insert_all(
            {"account_id": account["id"], "digest": _digest(one)} for one in codes
        )
        end_sign_ins(change.db, account["id"], but=sign_in_id)
    return [f"{one[:4]}-{one[4:8]}-{one[8:12]}-{one[12:]}" for one in codes]


@needs("own account")
def turn_off(actor: Actor, store: Store, *, password: str) -> None:
    """Ask for no code any more; NotAllowed where the password is wrong."""
    with store.change(actor, "turn the second factor off") as change:
        account = _own(change.db, actor, password)
        change.update("accounts", account["id"], second_factor=None, second_factor_step=0)
        change.db.execute("delete from recovery_codes where account_id = ?", [account["id"]])


def accept(db: Database, account: dict[str, Any], code: str) -> bool:
    """Whether a code lets this account in, in a transaction that is already writing: each is taken once."""
    if account["second_factor"] is None:
        return True
    step = _step_of(account["second_factor"], code, after=account["second_factor_step"])
    if step is not None:
        db.execute("update accounts set second_factor_step = ? where id = ?", [step, account["id"]])
        return True
    used = db.execute(
        "delete from recovery_codes where account_id = ? and digest = ?", [account["id"], _digest(_bare(code))]
    )
    return bool(used.rowcount)


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """The time step whose code this is, if it is a later one than `after`; else None."""
    now = int(clock.now().timestamp()) // STEP
    for step in (now - 1, now, now + 1):
        if step > after and secrets.compare_digest(pyotp.TOTP(secret).at(step * STEP), _bare(code) or "-"):
            return step
    return None


def _own(db: Database, actor: Actor, password: str) -> dict[str, Any]:
    account = next(db.query("select * from accounts where id = ?", [actor.account_id]), None)
    if account is None or not matches(password, account["password_hash"]):
        raise NotAllowed("the password is not right")
    return account


def _bare(code: str) -> str:
    """A code as it is compared: without the spaces and hyphens that people write into it."""
    kept = "".join(code.split()).replace("-", "").lower()
    return kept if kept.isascii() else ""


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
