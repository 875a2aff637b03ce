"""Who has taken which patient from the worklist, for a quarter of an hour: two people must not call the same one."""

from datetime import datetime, timedelta

import pandas as pd
from sqlite_utils import Database

from clinic_data import clock
from clinic_data.access.own import limited, must_be_own, own_value
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.errors import Conflict
from lib.words import count

HELD_FOR = timedelta(minutes=15)
COLUMNS = ["patient_id", "actor", "account_id", "until_at"]


@needs("note bookings")
def take(actor: Actor, store: Store, patient_id: int, *, over: bool = False) -> None:
    """Take a patient for HELD_FOR; Conflict says who has her, unless she is taken over knowingly."""
    with store.writing("take a patient") as db:
        must_be_own(db, actor, patient_id)
        if not over:
            must_be_free_for(db, actor, patient_id)
        until = clock.text(clock.now() + HELD_FOR)
        db.table("claims").upsert(
            {"patient_id": patient_id, "actor": actor.name, "account_id": actor.account_id, "until_at": until},
            pk="patient_id",
        )


@needs("note bookings")
def release(actor: Actor, store: Store, patient_id: int) -> None:
    """Let a patient go that the actor has taken; nothing where somebody else has."""
    with store.writing("release a patient") as db:
        holder = _holder(db, patient_id)
        if holder and _is(actor, holder):
            free(db, patient_id)


@needs("see patients")
def read_claims(actor: Actor, store: Store) -> pd.DataFrame:
    """Who has taken whom at this moment: COLUMNS, until_at as UTC text."""
    with store.read() as db:
        rows = db.execute(
            "select patient_id, actor, account_id, until_at from claims where until_at > :now"
            f" and {limited(actor, 'patient_id')}",
            own_value(actor) | {"now": clock.instant()},
        ).fetchall()
    return pd.DataFrame(rows, columns=COLUMNS)


@needs("see patients")
def taken_by_another(actor: Actor, store: Store, patient_id: int) -> str | None:
    """Who else has taken the patient, and for how long, in a sentence; None where nobody has."""
    with store.read() as db:
        must_be_own(db, actor, patient_id)
        return _said(db, actor, patient_id)


def must_be_free_for(db: Database, actor: Actor, patient_id: int) -> None:
    """Conflict where somebody else has taken the patient, in a transaction that is already writing."""
    said = _said(db, actor, patient_id)
    if said:
        raise Conflict(said)


def free(db: Database, patient_id: int) -> None:
    """Nobody has the patient any more, in a transaction that is already writing."""
    db.execute("delete from claims where patient_id = ?", [patient_id])


def _holder(db: Database, patient_id: int) -> dict | None:
    return next(
        db.query("select * from claims where patient_id = ? and until_at > ?", [patient_id, clock.instant()]), None
    )


def _said(db: Database, actor: Actor, patient_id: int) -> str | None:
    holder = _holder(db, patient_id)
    if holder is None or _is(actor, holder):
        return None
    left = datetime.fromisoformat(holder["until_at"]) - clock.now()
    return (
        f"{holder['actor']} has taken this patient, for {count(-(-left.seconds // 60), 'more minute')} at most; "
        "take over if that is agreed"
    )


def _is(actor: Actor, holder: dict) -> bool:
    return (holder["actor"], holder["account_id"]) == (actor.name, actor.account_id)
