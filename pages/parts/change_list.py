"""The list of changes to a patient's record: who, when, what, before and after, each with its undo."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.actor import Actor
from clinic_data.changes import read_changes
from clinic_data.database import Store
from pages.parts.recording import undo_button

SHOWN = 20
TABLES = {
    "patients": "Patient",
    "patient_factors": "To watch",
    "patient_identifiers": "Known as",
    "courses": "Treatment plan",
    "visits": "Visit",
    "visit_courses": "Serves a plan",
    "outcome_scores": "Score",
    "holds": "Pause",
    "agreements": "Agreed dates",
    "closures": "Closure",
    "practitioners": "Practitioner",
    "settings": "Setting",
    "accounts": "Account",
    "protocols": "Protocol",
    "contact_attempts": "Attempt",
    "dismissals": "Right as it is",
    "different_people": "Different people",
}
UNSAID = {
    "id",
    "patient_id",
    "other_patient_id",
    "course_id",
    "visit_id",
    "source",
    "source_key",
    "code",
    "folded_name",
    "phone_digits",
    "content",
}


def show_changes(actor: Actor, store: Store, patient_id: int, zone: str, *, may_undo: bool) -> None:
    """The latest changes first."""
    changes = read_changes(actor, store, patient_id)
    if not changes:
        st.caption("Nothing was changed by hand yet.")
    for change in changes[:SHOWN]:
        at = change.at.astimezone(ZoneInfo(zone))
        with st.container(horizontal=True, vertical_alignment="center"):
            taken_back = " (taken back)" if change.undone else ""
            st.text(f"{at:%d %b %Y %H:%M} · {change.actor} · {change.action}{taken_back}\n{said(change.rows)}")
            if may_undo and change.can_be_undone and may(actor, change.permission_to_undo):
                undo_button(actor, store, patient_id, change.id, f"undo {change.id}")
    if len(changes) > SHOWN:
        st.caption(f"The latest {SHOWN} of {len(changes):,} are shown.")


def said(rows: Iterable[dict[str, Any]]) -> str:
    """Before and after of every row of a change, a line each."""
    return "\n".join(filter(None, map(_row, rows)))


def _row(row: dict[str, Any]) -> str:
    what = TABLES.get(row["table"], row["table"])
    if "added" in row:
        return f"{what}: {row['added']} added"
    before, after = row["before"] or {}, row["after"] or {}
    fields = [name for name in {**before, **after} if name not in UNSAID and before.get(name) != after.get(name)]
    parts = [_field(name, before.get(name), after.get(name), bool(before), bool(after)) for name in fields]
    if before and after and before.get("patient_id") != after.get("patient_id"):
        parts.insert(0, "moved from one record to the other")
    return f"{what}: {', '.join(parts)}" if parts else ""


def _field(name: str, before: Any, after: Any, was: bool, is_now: bool) -> str:
    label = name.replace("_", " ")
    if not was:
        return f"{label} {after}"
    if not is_now:
        return f"{label} {before} taken away"
    return f"{label} {'–' if before is None else before} → {'–' if after is None else after}"
