"""One visit whole: when, what, how it went and fitted, what was done and what was noted."""

from datetime import date

import pandas as pd
import streamlit as st

from lib import words
from lib.plan import Plan
from lib.schedule.explain import visit_name
from pages.parts.history import history, rests_on
from pages.parts.text import literally

DAY = pd.Timedelta(days=1)
DETAILS = {
    "went": "How it went",
    "fit": "How it fitted",
    "window": "Window",
    "rule": "Rule",
    "depth_mm": "Depth",
    "device": "Device",
    "practitioner": "Practitioner",
    "scores": "Scores",
    "notes": "Notes",
}


def show_visit(plan: Plan, as_of: date, on: str, kind: str) -> bool:
    """The visits of a kind on a day, mostly one, and whether there is any."""
    visits = history([plan], as_of)
    visits = visits[(visits["visit_date"] == pd.Timestamp(on)) & (visits["kind"] == kind)]
    for visit in visits.to_dict("records"):
        told = {name: visit.get(name) for name in DETAILS}
        if not pd.isna(told["depth_mm"]):
            told["depth_mm"] = f"{told['depth_mm']:g} mm"
        _show(visit["visit_date"], visit["what"], plan.name, told)
    return len(visits) > 0


def show_expected_visit(plan: Plan, as_of: date, row: pd.Series) -> bool:
    """An expected visit, and whether there is anything to show.

    It is the visit that met it or is booked for it, else its window and what the window rests on.
    """
    on = row["done_on"] if row["status"] == "done" else row["booked_on"]
    if not pd.isna(on):
        is_session = row["kind"] in ("session", "maintenance") or not _has_review(plan, on)
        return show_visit(plan, as_of, on, "session" if is_session else "review")
    if plan.protocol is None or pd.isna(row["overdue_on"] - row["due_on"]):
        return False
    state = words.FLAGS[row["flag"]] if isinstance(row["flag"], str) else words.STATUSES[row["status"]]
    window = words.days_range(row["due_on"], row["overdue_on"] - DAY)
    told = {"went": state, "window": window, "rule": rests_on(row)}
    _show(row["due_on"], visit_name(plan.protocol, row["kind"], row["number"]), plan.name, told)
    return True


def _has_review(plan: Plan, on: pd.Timestamp) -> bool:
    """Whether there was a review on that day; a session may count as one."""
    return bool(((plan.visits["kind"] == "review") & (plan.visits["visit_date"] == on)).any())


def _show(on: pd.Timestamp, what: str, plan: str, told: dict) -> None:
    with st.container(border=True, gap="xxsmall"):
        st.markdown(f"**{words.day(on)} · {literally(words.sentence(what))}** · {literally(plan)}")
        said = {name: value for name, value in told.items() if not pd.isna(value) and value != ""}
        st.text("\n".join(f"{DETAILS[name]}: {' '.join(str(value).split())}" for name, value in said.items()))
