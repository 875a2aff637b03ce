"""The people who treat."""

import pandas as pd

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import text_of
from clinic_data.database import Store
from clinic_data.errors import NotAllowed, NotFound


@needs("see settings")
def read_practitioners(actor: Actor, store: Store) -> pd.DataFrame:
    """All practitioners by name: columns practitioner_id, name, active."""
    with store.read() as db:
        cursor = db.execute("select id, name, active from practitioners order by name")
        return pd.DataFrame(cursor.fetchall(), columns=["practitioner_id", "name", "active"])


@needs("change settings")
def add_practitioner(actor: Actor, store: Store, name: str) -> int:
    """Somebody new who treats; returns the id. NotAllowed for a name that is there already."""
    name = text_of(name, "the practitioner's name")
    with store.change(actor, "add a practitioner") as change:
        if next(change.db.query("select 1 from practitioners where name = ?", [name]), None):
            raise NotAllowed(f"{name} is in the list already")
        return change.insert("practitioners", {"name": name, "active": 1})


@needs("change settings")
def set_practitioner_active(actor: Actor, store: Store, practitioner_id: int, active: bool) -> None:
    """Whether somebody still treats: whoever left is kept with the visits, and offered no more."""
    with store.change(actor, "bring back a practitioner" if active else "retire a practitioner") as change:
        if next(change.db.query("select 1 from practitioners where id = ?", [practitioner_id]), None) is None:
            raise NotFound("This practitioner is not in the list any more.")
        change.update("practitioners", practitioner_id, active=int(active))
