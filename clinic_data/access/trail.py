"""Writing into the trail what was done beside changes: views, searches, exports, sign-ins, refusals."""

from datetime import timedelta

from clinic_data import clock
from clinic_data.access import chain
from clinic_data.actor import Actor
from clinic_data.database import Store

KINDS = (
    "change",
    "view",
    "search",
    "export",
    "import",
    "sign-in",
    "sign-out",
    "failed sign-in",
    "refusal",
)
ONCE_IN = timedelta(minutes=10)
"""A page is drawn anew at every click: the same view or search by the same actor is noted once in this time."""

_SAME = (
    "select 1 from trail_values v join trail t on t.id = v.trail_id where t.kind = :kind and t.actor = :actor"
    " and t.account_id is :account and t.address is :address and v.patient_id is :patient and v.what = :what"
    " and t.id > :after"
)


def note(actor: Actor, store: Store, kind: str, what: str, *, patient_id: int | None = None) -> None:
    """Write an entry."""
    assert kind in KINDS, kind  # noqa: S101
    with Store(store.path).writing("write the trail") as db:
        chain.append(db, actor, kind, what, patient_id=patient_id)


def note_once(actor: Actor, store: Store, kind: str, what: str, *, patient_id: int | None = None) -> None:
    """Write an entry, unless the same one was written in the last ONCE_IN."""
    since = clock.text(clock.now() - ONCE_IN)
    with store.read() as db:
        after = db.execute("select coalesce(max(id), 0) from trail where at < ?", [since]).fetchone()[0]
        same = {
            "kind": kind,
            "actor": actor.name,
            "account": actor.account_id,
            "address": actor.address,
            "patient": patient_id,
            "what": what,
            "after": after,
        }
        if db.execute(_SAME, same).fetchone():
            return
    note(actor, store, kind, what, patient_id=patient_id)
