"""Small timelines on a page: in which order, aligned by what, the picture, and the table that says the same."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lib import words
from lib.charts.aligned import ALIGNMENTS
from lib.charts.cohort import cohort_alt, cohort_timelines, plan_state
from lib.charts.lanes import records
from lib.cohort import ABOUT_RANKS, RANKS
from lib.schedule.explain import visit_name
from pages.parts.load import Load
from pages.parts.opening import open_button, open_column, open_patient
from pages.parts.scope import Scope, practitioner_names

ALIGN, RANK, PAGE = "align", "rank", "page"
LAST, ORDER = "last cohort", "order of the cohort"
DATE = "DD MMM YYYY"


def remember() -> None:
    """Take up what was chosen last where the address says nothing, as after Back from a patient's page."""
    if not any(key in st.query_params for key in (ALIGN, RANK, PAGE)):
        st.query_params.update(st.session_state.get(LAST, {}))


def choose_alignment() -> str:
    """What lies on one vertical line."""
    return _choose(
        "Align by",
        ALIGN,
        ALIGNMENTS,
        "By the calendar, or in weeks before and after each plan's own first or last session; a plan without a session "
        "is aligned by its opening.",
    )


def choose_rank() -> str:
    """In which order the plans stand."""
    about = "\n".join(f"- **{name}**: {ABOUT_RANKS[rank]}" for rank, name in RANKS.items())
    return _choose("Rank by", RANK, RANKS, about)


def choose_page(pages: int, order: str) -> int:
    """Which page of the plans; the first, where another order or other filters are chosen."""
    if st.session_state.get(ORDER, order) != order:
        st.query_params.pop(PAGE, None)
    st.session_state[ORDER] = order
    asked = st.query_params.get(PAGE, "")
    start = min(max(int(asked), 1), pages) if asked.isdecimal() else 1
    page = int(st.number_input(f"Page, of {pages:,}", 1, pages, start, key=f"page {pages} {order}", width=140))
    if page != start or (asked and asked != str(page)):
        st.query_params[PAGE] = str(page)
    st.session_state[LAST] = {key: st.query_params[key] for key in (ALIGN, RANK, PAGE) if key in st.query_params}
    return page


def show_timelines(plans: pd.DataFrame, clinic: Load, scope: Scope, align: str, key: str) -> None:
    """The picture of these plans; choosing anything in a lane opens its patient."""
    known, ids = clinic.known, plans["course_id"]
    figure = cohort_timelines(
        plans,
        clinic.schedule[clinic.schedule["course_id"].isin(ids)],
        known.visits[known.visits["course_id"].isin(ids)],
        known.holds[known.holds["course_id"].isin(ids)],
        known.protocols,
        scope.as_of,
        align,
        closures=known.closures,
    )
    st.caption(
        "● session, ■ review, in front of the windows in which they are expected; windows of reviews are thin. The ■ "
        "beside a name has the colour of its state. Choose a lane, or *Open* in the table, to see the patient."
    )
    press = f"lanes {key}"
    st.plotly_chart(
        figure,
        width="stretch",
        alt=cohort_alt(plans, align, scope.as_of),
        config={"displayModeBar": False},
        key=press,
        on_select=partial(_open, press, plans["code"].tolist()),
        selection_mode="points",
    )


def show_plans(plans: pd.DataFrame, clinic: Load, key: str) -> None:
    """The table of these plans, with a way to each one's patient."""
    st.subheader("The plans of this page", anchor=False)
    st.dataframe(
        _plans(plans, clinic),
        hide_index=True,
        height=min(620, 38 + 35 * len(plans)),
        placeholder="",
        alt=f"{len(plans)} treatment plans in the order of the picture",
        key=f"plans {key}",
        column_config={"open": open_column(f"open {key}", plans["code"].tolist())} | _columns(),
    )


def _plans(plans: pd.DataFrame, clinic: Load) -> pd.DataFrame:
    """What the table says; of a plan of which nothing more is expected no next visit."""
    protocols, is_open = clinic.known.protocols, plans["closed_on"].isna() & (plans["status"] != "done")
    each = records(plans)
    names = [words.sentence(visit_name(protocols[plan.protocol_id], plan.kind, plan.number)) for plan in each]
    protocol = plans["protocol"].astype(object).map(clinic.protocol_names)
    return pd.DataFrame(
        {
            "open": open_button(len(plans)),
            "patient": plans["patient"],
            "state": [words.sentence(plan_state(plan)) for plan in each],
            "plan": plans["area"].astype(object) + ", " + protocol,
            "last_session": plans["last_on"],
            "next": pd.Series(names, plans.index, dtype=object).where(is_open),
            "come_from": plans["due_on"].where(is_open),
            "come_by": (plans["overdue_on"] - pd.Timedelta(days=1)).where(is_open),
            "booked_on": plans["booked_on"].where(is_open),
            "days_over": plans["days_over"].where(plans["days_over"] > 0).astype("Int64"),
            "off": plans["median_off"],
            "practitioner": practitioner_names(plans["practitioner_id"], clinic),
        }
    )


def _columns() -> dict[str, Any]:
    """How the table's columns look, but for the buttons."""
    text, day, number = st.column_config.TextColumn, st.column_config.DateColumn, st.column_config.NumberColumn
    return {
        "patient": text("Patient", width=140),
        "state": text("State", width=220, help="Of the visit under Next expected."),
        "plan": text("Plan", width=170),
        "last_session": day("Last session", format=DATE),
        "next": "Next expected",
        "come_from": day("Come between", format=DATE),
        "come_by": day("and", format=DATE, help="The window's last day."),
        "booked_on": day("Booked for", format=DATE),
        "days_over": number(
            "Days over", help="Days since a window's last day: of the plan's visits the one that is longest over."
        ),
        "off": number(
            "Days off",
            format="%.1f",
            help="The median of how many days, early or late, sessions were off their window.",
        ),
        "practitioner": "Practitioner",
    }


def _choose(label: str, key: str, names: dict[str, str], about: str) -> str:
    """One of the names, kept in the address as its code."""
    first = next(iter(names))
    asked = st.query_params.get(key, "")
    chosen: Any = st.segmented_control(
        label,
        list(names),
        default=asked if asked in names else first,
        format_func=names.__getitem__,
        key=f"{key} of the cohort",
        required=True,
        help=about,
    )
    if chosen != (asked or first):
        st.query_params[key] = chosen
    return chosen


def _open(key: str, codes: list[str]) -> None:
    """A lane is looked up among those that were shown when the picture was drawn."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        open_patient(codes[points[0]["customdata"]])
