"""Stored rows → what `lib.worklist` takes: the only place that does this."""

from datetime import date

import pandas as pd

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.attempts import Attempts, contacts_mended, read_attempts
from clinic_data.claims import read_claims
from clinic_data.database import Store
from clinic_data.patients import contacts
from clinic_data.settings import read_settings
from clinic_data.waivers import read_waivers
from lib.call_list import as_shown
from lib.worklist import Work


@needs("see patients")
def read_work(actor: Actor, store: Store, as_of: date, *, attempts: Attempts | None = None) -> Work:
    """What the desk has done up to that day; whom somebody has taken is known for today alone.

    `attempts` are those of the view and day where they are read already.
    """
    settings = read_settings(actor, store)
    attempts = attempts or read_attempts(actor, store, as_of)
    claims, waivers = read_claims(actor, store), read_waivers(actor, store)
    return Work(
        attempts=attempts.made,
        reasons=attempts.reasons,
        waivers=waivers[waivers["waived_on"] <= as_of.isoformat()],
        claims=claims if as_of == settings.today else claims.head(0),
        quiet_days={
            "left_message": settings.quiet_days_after_message,
            "no_answer": settings.quiet_days_after_no_answer,
        },
        attempts_before_deciding=settings.attempts_before_deciding,
        mended=contacts_mended(actor, store),
    )


@needs("see patients")
def read_call_list(
    actor: Actor, store: Store, rows: pd.DataFrame, last_and_next: pd.DataFrame, practitioners: pd.Series
) -> pd.DataFrame:
    """Rows of `lib.worklist.worklist` as people read them, `lib.call_list.as_shown`: page, file and command alike."""
    return as_shown(rows, contacts(actor, store, rows["patient_id"].tolist()), last_and_next, practitioners)
