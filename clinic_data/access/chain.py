"""The trail's rows: each sealed with a hash over the one before it, so that nothing is altered unseen.

What an entry says stands beside the chain, under a salted digest: it can be erased for good, and the chain still holds.
"""

import hashlib
import json
import secrets
from typing import Any

from sqlite_utils import Database

from clinic_data import clock
from clinic_data.actor import Actor

START = "0" * 64
"""What the first entry's hash is made over."""

CHANGE = "select at, actor, role, account_id, action, patient_id, undoes, rows from changes where id = ?"


def append(
    db: Database,
    actor: Actor,
    kind: str,
    what: str,
    *,
    patient_id: int | None = None,
    change_id: int | None = None,
    at: str | None = None,
) -> int:
    """A new entry at the end of the trail, in a transaction that is already writing; returns its number."""
    salt = secrets.token_hex(16)
    number, before = head(db)
    entry = {
        "id": number + 1,
        "at": at or clock.instant(),
        "actor": actor.name,
        "role": actor.role,
        "account_id": actor.account_id,
        "address": actor.address,
        "kind": kind,
        "digest": digest(salt, said(db, patient_id, change_id, what)),
    }
    values = {"trail_id": number + 1, "salt": salt, "patient_id": patient_id, "change_id": change_id, "what": what}
    db.table("trail").insert(entry | {"hash": seal(before, entry)})
    db.table("trail_values").insert(values)
    return number + 1


def head(db: Database) -> tuple[int, str]:
    """The last entry's number and hash; 0 and START before the first."""
    row = db.execute("select id, hash from trail order by id desc limit 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, START)


def said(db: Database, patient_id: int | None, change_id: int | None, what: str | None) -> list[Any]:
    """All that an entry says; of a change, the row in `changes` with before and after is a part of it."""
    change = db.execute(CHANGE, [change_id]).fetchone() if change_id is not None else None
    return [patient_id, change_id, what, list(change) if change else None]


def digest(salt: str, content: list[Any]) -> str:
    """The salted digest of what an entry says: without the salt, nobody can try what it may have been."""
    return _sha256(salt, content)


def seal(before: str, entry: dict[str, Any]) -> str:
    """The hash over the entry before and this one."""
    fields = ("id", "at", "actor", "role", "account_id", "address", "kind", "digest")
    return _sha256(before, [entry[name] for name in fields])


def _sha256(first: str, content: list[Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{first}\n{text}".encode()).hexdigest()
