"""Expected visits, history, and what stands in the way, as tables that say all that the picture says."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.schedule_input import ScheduleInput
from lib import words
from lib.charts.pauses import shut_days
from lib.charts.timeline import shown_days
from lib.plan import Plan
from lib.schedule.explain import visit_name
from pages.parts.history import history, rests_on
from pages.parts.visit import show_visit

DAY = pd.Timedelta(days=1)
DATE = "DD MMM YYYY"
MOST = 15
"""A table of more rows scrolls."""


def show_expected(plans: list[Plan]) -> None:
    """Every visit the plans call for, with its window and what that rests on, and the published one that differs."""
    day = st.column_config.DateColumn
    every = pd.concat([_expected(plan) for plan in plans])
    beside = {"published": "Published window"} if every["published"].any() else {}
    _show(
        every,
        plans,
        alt="Every visit the plan calls for, with its window",
        key="expected",
        columns={
            "what": st.column_config.TextColumn("Visit", pinned=True),
            "state": "State",
            "come_from": day("Come between", format=DATE),
            "come_by": day("and", format=DATE),
            "done_on": day("Done on", format=DATE),
            "fit": "How it fitted",
            "booked_on": day("Booked for", format=DATE),
            "not_before": day("Not before", format=DATE),
            "rule": "Rule and source",
            **beside,
        },
    )


def _expected(plan: Plan) -> pd.DataFrame:
    rows, protocol = plan.rows, plan.protocol
    if protocol is None:
        return pd.DataFrame()
    each: list[Any] = list(rows.itertuples())
    beside = {
        at: f"{words.days_range(first, last)}: {published}"
        for at, first, last, published, _ in plan.published.itertuples()
    }
    return pd.DataFrame(
        {
            "what": [words.sentence(visit_name(protocol, row.kind, row.number)) for row in each],
            "state": [_state(row) for row in each],
            "come_from": rows["due_on"].to_numpy(),
            "come_by": (rows["overdue_on"] - DAY).to_numpy(),
            "done_on": rows["done_on"].to_numpy(),
            "fit": [_fit(row) for row in each],
            "booked_on": rows["booked_on"].to_numpy(),
            "not_before": rows["earliest_on"].to_numpy(),
            "rule": [rests_on(row) for row in each],
            "published": [beside.get(at, "") for at in rows.index],
            "plan": plan.name,
        }
    )


@st.fragment
def show_history(plans: list[Plan], as_of: date) -> None:
    """What happened, the latest first, and how each visit fitted its window; a chosen row is shown whole."""
    told = history(plans, as_of)
    if told.empty:
        st.caption("No visit is recorded.")
        return
    stamp = "-".join(map(str, told["visit_id"]))
    event = _show(
        told,
        plans,
        alt="The patient's visits, the latest first",
        key=f"history {as_of} {hash(stamp)}",
        columns={
            "visit_date": st.column_config.DateColumn("Date", format=DATE, pinned=True),
            "what": "Visit",
            "went": "How it went",
            "fit": "How it fitted",
            "window": "Window",
            "depth_mm": st.column_config.NumberColumn("Depth (mm)", format="%.2f"),
            "device": "Device",
            "practitioner": "Practitioner",
            "scores": "Scores",
            "notes": "Notes",
        },
        is_open=True,
    )
    for place in event["selection"]["rows"]:
        visit = told.iloc[place]
        plan = next(plan for plan in plans if plan.id == visit["course"])
        show_visit(plan, as_of, visit["visit_date"], visit["kind"])


def show_interruptions(plans: list[Plan], known: ScheduleInput) -> None:
    """Pauses, dates agreed with the patient, and the days on which the clinic is closed, the latest first."""
    as_of = pd.Timestamp(known.as_of)
    seen = [plan.known(as_of) for plan in plans]
    shut = shut_days(known.closures, shown_days(seen, as_of))
    closed = pd.DataFrame(
        {
            "what": "Clinic closed",
            "first": shut["starts_on"],
            "last": shut["ends_on"] - DAY,
            "why": shut["reason"],
            "plan": "All",
        }
    )
    every = pd.concat([*(some for plan in seen for some in (_paused(plan), _agreed(plan))), closed])
    if every.empty:
        st.caption("No pause, agreed date or closure is known in the time shown.")
        return
    day = st.column_config.DateColumn
    _show(
        every.sort_values("first", ascending=False, kind="stable"),
        plans,
        alt="Pauses, agreed dates and closures, the latest first",
        key="interruptions",
        columns={
            "what": st.column_config.TextColumn("What", pinned=True),
            "first": day("From", format=DATE),
            "last": day("Last day", format=DATE),
            "why": "Reason or note",
            "told_on": day("Recorded or agreed on", format=DATE),
        },
    )


def _paused(plan: Plan) -> pd.DataFrame:
    holds = plan.holds
    return pd.DataFrame(
        {
            "what": [words.HOLDS[cause] for cause in holds["cause"]],
            "first": holds["starts_on"].to_numpy(),
            "last": (holds["ends_on"] - DAY).to_numpy(),
            "why": holds["reason"].to_numpy(),
            "told_on": holds["recorded_on"].to_numpy(),
            "plan": plan.name,
        }
    )


def _agreed(plan: Plan) -> pd.DataFrame:
    """Agreed dates with the visit whose window they set; others gave way to later ones, or their visit came before."""
    agreed, protocol = plan.agreements, plan.protocol
    sets = plan.rows.dropna(subset="agreement").drop_duplicates("agreement").set_index("agreement")
    named = {
        at: visit_name(protocol, kind, number)
        for at, kind, number in zip(sets.index, sets["kind"], sets["number"], strict=True)
        if protocol
    }
    return pd.DataFrame(
        {
            "what": [f"Agreed dates: {named.get(at, 'not in force any more')}" for at in agreed.index],
            "first": agreed["due_on"].to_numpy(),
            "last": agreed["last_on"].to_numpy(),
            "why": agreed["note"].to_numpy(),
            "told_on": agreed["agreed_on"].to_numpy(),
            "plan": plan.name,
        }
    )


def _show(rows: pd.DataFrame, plans: list[Plan], *, alt: str, key: str, columns: dict, is_open: bool = False):
    """A table with these columns, and of several plans with the plan's name; `is_open` lets a row be chosen."""
    first, *others = columns.items()
    named = [("plan", "Treatment plan")] if len(plans) > 1 else []
    shown = dict([first, *named, *others])
    choosing: dict = {"on_select": "rerun", "selection_mode": "single-row"} if is_open else {}
    return st.dataframe(
        rows[list(shown)],
        hide_index=True,
        height="content" if len(rows) <= MOST else 560,
        placeholder="",
        alt=alt,
        key=f"{key} {'-'.join(str(plan.id) for plan in plans)}",
        column_config=shown,
        **choosing,
    )


def _state(row: Any) -> str:
    return words.FLAGS[row.flag] if isinstance(row.flag, str) else words.STATUSES[row.status]


def _fit(row: Any) -> str:
    if isinstance(row.timing, str):
        return words.sentence(words.fitted(row.timing, int(row.days_off)))
    return words.TIMINGS[row.booked_fit] if isinstance(row.booked_fit, str) else ""
