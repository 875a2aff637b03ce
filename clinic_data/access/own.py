"""Whose patients an actor may see: all of the clinic's, or a practitioner's own."""

import json
from collections.abc import Collection
from typing import Any

from sqlite_utils import Database

from clinic_data.actor import Actor
from clinic_data.errors import NotFound

OWN = "select patient_id from patients_of_practitioners where practitioner_id = :own"


def limited(actor: Actor, column: str) -> str:
    """A condition on a column of patients' ids that leaves those whom the actor may see; it needs `own_value`."""
    return "1 = 1" if actor.own is None else f"{column} in ({OWN})"


def own_value(actor: Actor) -> dict[str, Any]:
    """The value that the condition refers to."""
    return {} if actor.own is None else {"own": actor.own}


def some(actor: Actor, column: str, patient_ids: Collection[int] | None) -> str:
    """The same condition for these patients alone, or for all with None; it needs `some_values`."""
    chosen = "" if patient_ids is None else f"{column} in (select value from json_each(:patients)) and "
    return chosen + limited(actor, column)


def some_values(actor: Actor, patient_ids: Collection[int] | None) -> dict[str, Any]:
    """The values that the condition refers to."""
    chosen = {} if patient_ids is None else {"patients": json.dumps([int(one) for one in patient_ids])}
    return chosen | own_value(actor)


def is_own(db: Database, actor: Actor, patient_id: int) -> bool:
    """Whether the actor may see this patient."""
    if actor.own is None:
        return True
    asked = {"patient": patient_id, "own": actor.own}
    return bool(db.execute(f"select :patient in ({OWN})", asked).fetchone()[0])


def must_be_own(db: Database, actor: Actor, patient_id: int | None) -> None:
    """NotFound, in the words for a patient who does not exist, where the actor may not see this one."""
    if patient_id is not None and not is_own(db, actor, patient_id):
        raise NotFound("There is no patient with this code; search by name, code or phone.")
