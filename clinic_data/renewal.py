"""What was read before, brought up to date: whom the changes since then concern, and their rows in place of the old."""

import json
from collections.abc import Set

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals
from sqlite_utils import Database

OF_A_PATIENT = frozenset({"patients", "courses", "visits", "visit_courses", "holds", "agreements"})
"""A change to one of these tables concerns the change's patient alone; without one, such as an import, everybody."""

OF_THE_CLINIC = frozenset({"closures", "accounts"})
"""A change to one of these may concern everybody, or decide who is seen by whom."""


def latest_change(db: Database) -> int:
    """The number of the latest change of all, 0 before the first."""
    return int(db.execute("select coalesce(max(id), 0) from changes").fetchone()[0])


def touched_since(db: Database, number: int, tables: Set[str] = OF_A_PATIENT) -> set[int] | None:
    """The patients of whom one of these tables was changed after that change; None where it may be everybody."""
    if latest_change(db) < number:
        return None
    touched = set()
    for patient_id, text in db.execute("select patient_id, rows from changes where id > ?", [number]):
        rows = json.loads(text)
        changed = {row["table"] for row in rows}
        erased = not changed
        if erased or changed & OF_THE_CLINIC or (changed & tables and patient_id is None):
            return None
        if any(_concerned(row) - {patient_id} for row in rows if row["table"] in tables):
            return None
        if changed & tables:
            touched.add(patient_id)
    return touched


def _concerned(row: dict) -> set[int]:
    """The patients whom one remembered row names: two, where it was moved from one to another."""
    states = [state for state in (row.get("before"), row.get("after")) if state]
    name = "id" if row["table"] == "patients" else "patient_id"
    return {state[name] for state in states if name in state}


def replaced(old: pd.DataFrame, new: pd.DataFrame, gone: pd.Series, order: str) -> pd.DataFrame:
    """The old rows but those that are gone, and the new ones, in the order of a column."""
    kept = old[~gone]
    if kept.empty or new.empty:
        return (new if kept.empty else kept).reset_index(drop=True)
    places = np.argsort(np.concatenate([kept[order].to_numpy(), new[order].to_numpy()]), kind="stable")
    return pd.DataFrame({name: _one_after_the_other(kept[name], new[name]).take(places) for name in kept})


def _one_after_the_other(first: pd.Series, then: pd.Series):
    """The values of both; of categories those of either, in order."""
    if isinstance(first.dtype, pd.CategoricalDtype) and first.dtype != then.dtype:
        return union_categoricals([first, then], sort_categories=True)
    return pd.concat([first, then]).array
