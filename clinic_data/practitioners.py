"""The people who treat."""

import pandas as pd

from clinic_data.actor import Actor
from clinic_data.database import Store


def read_practitioners(actor: Actor, store: Store) -> pd.DataFrame:
    """All practitioners by name: columns practitioner_id, name, active."""
    with store.read() as db:
        cursor = db.execute("select id, name, active from practitioners order by name")
        return pd.DataFrame(cursor.fetchall(), columns=["practitioner_id", "name", "active"])
