"""Days on which the clinic is closed."""

from datetime import date

import pandas as pd

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, text_of
from clinic_data.database import Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.settings import read_settings


@needs("see settings")
def read_closures(actor: Actor, store: Store) -> pd.DataFrame:
    """All closures, the latest first: columns closure_id, starts_on, ends_on (the day the clinic reopens), reason."""
    with store.read() as db:
        cursor = db.execute("select id as closure_id, starts_on, ends_on, reason from closures order by starts_on desc")
        closures = pd.DataFrame(cursor.fetchall(), columns=["closure_id", "starts_on", "ends_on", "reason"])
    for name in ("starts_on", "ends_on"):
        closures[name] = pd.to_datetime(closures[name], format="%Y-%m-%d").astype("datetime64[s]")
    return closures


@needs("change settings")
def add_closure(actor: Actor, store: Store, *, starts_on: date, ends_on: date, reason: str) -> int:
    """Close the clinic from `starts_on` until it reopens on `ends_on`; returns the closure's id."""
    today = read_settings(actor, store).today
    day_between(starts_on, "the first day closed", today, back=730, ahead=1095)
    if ends_on <= starts_on:
        raise NotAllowed("the clinic must reopen on a day after the first day closed")
    if (ends_on - starts_on).days > 366:
        raise NotAllowed("a closure may last a year at most")
    with store.change(actor, "add a closure") as change:
        row = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
        if next(
            change.db.query("select 1 from closures where starts_on = :starts_on and ends_on = :ends_on", row), None
        ):
            raise NotAllowed("this closure is entered already")
        return change.insert("closures", row | {"reason": text_of(reason, "the reason")})


@needs("change settings")
def remove_closure(actor: Actor, store: Store, closure_id: int) -> None:
    """Take a closure back."""
    with store.change(actor, "remove a closure") as change:
        if next(change.db.query("select 1 from closures where id = ?", [closure_id]), None) is None:
            raise NotFound("This closure is not there any more.")
        change.delete("closures", closure_id)
