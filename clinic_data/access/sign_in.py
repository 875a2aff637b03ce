"""Signing in and out, and who a sign-in is: random tokens of which the file keeps a digest only."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from clinic_data import clock
from clinic_data.access import chain
from clinic_data.access.accounts import LONGEST_LOGIN
from clinic_data.access.passwords import matches
from clinic_data.access.second_factor import accept
from clinic_data.access.trail import note_once
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.errors import NotSignedIn
from clinic_data.patients import fold
from clinic_data.settings import Settings, read_settings

TRIES, TRIES_OF_ADDRESS = 5, 30
LOCKED_FOR = timedelta(minutes=15)
"""So many wrong tries for a sign-in name, or from an address, and no more are taken for that long."""

WRITTEN_EVERY = timedelta(seconds=20)
"""How exactly the file knows when a sign-in was last used."""

SET_BACK = timedelta(minutes=2)
"""A clock that is further behind than this was set back: then no sign-in counts."""

REFUSED = (
    "The name, the password or the code is not right, or there were too many tries: "
    f"then wait {LOCKED_FOR.seconds // 60} minutes."
)
"""The one answer to every sign-in that fails: it tells nobody which account exists."""


@dataclass(frozen=True)
class SignIn:
    """Who is signed in, and whether only the own password may be changed for now."""

    id: int
    actor: Actor
    must_change_password: bool


def sign_in(store: Store, *, login: str, password: str, code: str = "", address: str | None = None) -> str:
    """Sign in; returns a new token. NotSignedIn, in always the same words, where that fails.

    Every try is counted before the password is looked at, so that many at once get no more tries than one by one.
    One too many is not looked at, and does not fill the trail.
    """
    login = fold(login)[:LONGEST_LOGIN]
    account = _account(store, login)
    if not _count_try(store, login, address):
        note_once(_somebody(account, address), store, "failed sign-in", "sign in: too many tries")
        raise NotSignedIn(REFUSED)
    right = matches(password, account["password_hash"] if account else None)
    if not (account and right and account["active"]):
        _note_failure(store, account, address)
        raise NotSignedIn(REFUSED)
    token = _let_in(store, account, login, code, address)
    if token is None:
        _note_failure(store, account, address)
        raise NotSignedIn(REFUSED)
    return token


def who(store: Store, token: str, *, address: str | None = None, used: bool = True) -> SignIn | None:
    """Who signed in with this token; None where nobody did, or the sign-in has ended. `used` keeps it from idling."""
    with store.read() as db:
        row = next(db.query(f"{_SIGN_INS} where s.token_digest = ?", [_digest(token)]), None)
    return _alive(store, row, address, used=used)


def signed_in(store: Store, sign_in_id: int, *, address: str | None = None) -> SignIn | None:
    """Who signed in, by the number of the sign-in; None where it has ended."""
    with store.read() as db:
        row = next(db.query(f"{_SIGN_INS} where s.id = ?", [sign_in_id]), None)
    return _alive(store, row, address, used=False)


def still_signed_in(store: Store, sign_in_ids: Collection[int]) -> set[int]:
    """Those of the sign-ins that have not ended by now."""
    settings, now = read_settings(_PROGRAM, store), clock.now()
    marks = ", ".join("?" * len(sign_in_ids))
    with store.read() as db:
        rows = db.query(f"{_SIGN_INS} where s.id in ({marks})", list(sign_in_ids))
        return {row["id"] for row in rows if _counts(row, settings, now)}


def use(store: Store, sign_in_id: int) -> None:
    """Write down that a sign-in is in use, so that it does not idle; one that has ended stays so."""
    with store.read() as db:
        row = next(db.query(f"{_SIGN_INS} where s.id = ?", [sign_in_id]), None)
    now = clock.now()
    if row is None or not _counts(row, read_settings(_PROGRAM, store), now):
        return
    if now - datetime.fromisoformat(row["seen_at"]) > WRITTEN_EVERY:
        with store.writing("use a sign-in") as db:
            db.execute(
                "update sign_ins set seen_at = ? where id = ? and ended_at is null", [clock.instant(), sign_in_id]
            )


def sign_out(store: Store, sign_in_id: int) -> None:
    """End a sign-in."""
    with store.read() as db:
        row = next(db.query(f"{_SIGN_INS} where s.id = ?", [sign_in_id]), None)
    if row is None or row["ended_at"] is not None:
        return
    with store.writing("sign out") as db:
        db.execute("update sign_ins set ended_at = ? where id = ?", [clock.instant(), sign_in_id])
        chain.append(db, _actor(row, row["address"]), "sign-out", "sign out")


_PROGRAM = Actor("program", "read_only")
_SIGN_INS = (
    "select s.id, s.address, s.began_at, s.seen_at, s.ended_at, s.account_id, a.name, a.role, a.active,"
    " a.own_patients_only, a.practitioner_id, a.must_change_password"
    " from sign_ins s join accounts a on a.id = s.account_id"
)


def _alive(store: Store, row: dict[str, Any] | None, address: str | None, *, used: bool) -> SignIn | None:
    if row is None or not _counts(row, read_settings(_PROGRAM, store), clock.now()):
        return None
    if used:
        use(store, row["id"])
    actor = _actor({**row, "id": row["account_id"]}, address or row["address"])
    return SignIn(row["id"], actor, bool(row["must_change_password"]))


def _counts(row: dict[str, Any], settings: Settings, now: datetime) -> bool:
    """Whether a sign-in has not ended, by itself or by its account, by idling, by age, or by a clock set back."""
    began, seen = (datetime.fromisoformat(row[name]) for name in ("began_at", "seen_at"))
    return (
        row["ended_at"] is None
        and bool(row["active"])
        and now - seen < timedelta(minutes=settings.sign_out_after_minutes)
        and now - began < timedelta(hours=settings.sign_in_again_after_hours)
        and seen - now < SET_BACK
    )


def _actor(account: dict[str, Any], address: str | None) -> Actor:
    treats_as = account["practitioner_id"]
    own = treats_as if account["own_patients_only"] else None
    number = account.get("account_id", account["id"])
    return Actor(account["name"], account["role"], account_id=number, own=own, address=address, treats_as=treats_as)


def _account(store: Store, login: str) -> dict[str, Any] | None:
    with store.read() as db:
        return next(db.query("select * from accounts where login = ?", [login]), None)


def _let_in(store: Store, account: dict[str, Any], login: str, code: str, address: str | None) -> str | None:
    """A new sign-in's token, where the second factor lets it pass too."""
    token = secrets.token_urlsafe(32)
    with store.writing("sign in") as db:
        # Read again: it may have been disabled, or its password changed, while this one was looked at.
        now_so = next(db.query("select * from accounts where id = ? and active = 1", [account["id"]]), None)
        if now_so is None or now_so["password_hash"] != account["password_hash"] or not accept(db, now_so, code):
            return None
        now = clock.instant()
        row = {"token_digest": _digest(token), "account_id": account["id"], "address": address}
        db.table("sign_ins").insert(row | {"began_at": now, "seen_at": now})
        db.execute("delete from sign_in_attempts where login_digest = ?", [_digest(login)])
        chain.append(db, _actor(now_so, address), "sign-in", "sign in")
    return token


def _count_try(store: Store, login: str, address: str | None) -> bool:
    """Count a try, and say whether it may be one; a clock set back frees nobody."""
    since = clock.text(clock.now() - LOCKED_FOR)
    with store.writing("sign in") as db:
        db.execute("delete from sign_in_attempts where at < ?", [clock.text(clock.now() - timedelta(days=1))])
        may_try = _tries(db, "login_digest", _digest(login), since) < TRIES and (
            address is None or _tries(db, "address", address, since) < TRIES_OF_ADDRESS
        )
        if may_try:
            db.table("sign_in_attempts").insert(
                {"login_digest": _digest(login), "address": address, "at": clock.instant()}
            )
    return may_try


def _tries(db: Database, column: str, value: str, since: str) -> int:
    counted = f"select count(*) from sign_in_attempts where {column} = ? and at >= ?"
    return int(db.execute(counted, [value, since]).fetchone()[0])


def _note_failure(store: Store, account: dict[str, Any] | None, address: str | None) -> None:
    with store.writing("sign in") as db:
        chain.append(db, _somebody(account, address), "failed sign-in", "sign in")


def _somebody(account: dict[str, Any] | None, address: str | None) -> Actor:
    """Only a name that exists is written down: what was typed otherwise may be anything, a password too."""
    return _actor(account, address) if account else Actor("unknown", "none", address=address)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
