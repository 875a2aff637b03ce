"""Follow-ups: the worklist of everybody who needs attention, one row each, the most urgent first."""

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.worklist_input import read_call_list
from lib import words
from lib.call_list import ABOUT_VIEWS, in_view
from lib.outcomes import OUTCOMES
from lib.worklist import URGENCY, could_come_on, worklist
from pages.parts import desk
from pages.parts.beginning import show_beginning
from pages.parts.call import show_call
from pages.parts.call_table import choose_by_name, show_table
from pages.parts.doubts import count_doubts, show_doubts
from pages.parts.known import say_known
from pages.parts.list_views import DOUBTS, choose_slot, choose_view
from pages.parts.load import Load, load, load_work
from pages.parts.out import show_out
from pages.parts.scope import Scope
from pages.parts.several import show_several

SHOWN_AT_MOST = 500

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()
clinic = load(actor, store, scope.as_of)
work = load_work(actor, store, scope.as_of)
everybody = worklist(clinic.flagged, work, pd.Timestamp(scope.as_of))


def left_by_filters(flags: pd.DataFrame, rows: pd.DataFrame, clinic: Load) -> pd.DataFrame:
    """A filter chooses patients; each is then shown with all her reasons."""
    return rows[rows["patient_id"].isin(scope.keep(flags, clinic)["patient_id"])].reset_index(drop=True)


def say_how_many(rows: pd.DataFrame) -> None:
    """How many need attention, how they divide, and how many the filters hide."""
    courses = clinic.known.courses
    of_all = courses.loc[courses["opened_on"] <= pd.Timestamp(scope.as_of), "patient_id"].nunique()
    said = f"**{len(everybody):,}** of {words.count(of_all, 'patient')} need attention on {words.day(scope.as_of)}"
    counts = everybody["state"].value_counts()
    said += ": " + ", ".join(f"{counts.get(state, 0):,} {name.lower()}" for state, name in words.STATES.items()) + "."
    hidden = len(everybody) - len(rows)
    if hidden:
        said += f" Your filters hide **{hidden:,}** of them; {len(rows):,} are left."
    st.markdown(said)
    st.caption(say_known(scope))


def in_this_view(rows: pd.DataFrame, view: str) -> pd.DataFrame:
    """Those of the rows that the view has."""
    mask = in_view(rows, view, scope.as_of, name=actor.name, treats_as=actor.treats_as)
    return rows[mask].reset_index(drop=True)


def show_list(view: str, slot: date | None) -> None:
    """The rows of the view, or of whoever could come on the day of the slot, with what leaves the clinic of them."""
    if slot:
        flags = could_come_on(clinic.schedule, clinic.known.courses, pd.Timestamp(slot))
        everyone = worklist(flags, work, pd.Timestamp(scope.as_of))
        rows = left_by_filters(flags, everyone, clinic)
        st.markdown(f"**{len(rows):,}** not booked whose window holds {words.day(slot)}.")
    else:
        everyone, rows = in_this_view(everybody, view), in_this_view(left, view)
        st.caption(ABOUT_VIEWS[view])
    show_call(actor, store, scope, work)
    if rows.empty:
        hidden = f"Your filters hide all {len(everyone):,} who are in this view." if len(everyone) else ""
        st.info(hidden or "Nobody is in this view.", icon=":material/filter_alt:")
        return
    call_list = partial(
        read_call_list, actor, store, last_and_next=clinic.last_and_next, practitioners=clinic.practitioners
    )
    show_out(actor, store, partial(call_list, rows=rows), scope, "all" if slot else view, clinic.practitioners)
    if len(rows) > SHOWN_AT_MOST:
        st.info(
            f"The {SHOWN_AT_MOST:,} most urgent are listed; set a filter to reach the others.", icon=":material/list:"
        )
    may_work = scope.as_of == scope.today and may(actor, "note bookings")
    listed = rows.head(SHOWN_AT_MOST)
    shown, key = call_list(rows=listed), f"{view} {slot} {store.revision()} {scope}"
    chosen = show_table(shown, listed["flags"], key=key, may_work=may_work)
    if may_work:
        choose_by_name(shown, key)
        show_several(actor, store, clinic.flagged, listed[shown["code"].isin(chosen)])
    show_rules()


def show_rules() -> None:
    """The order, and what each outcome does: as the code has it."""
    with st.expander("In which order? What does an outcome do?"):
        order = " · ".join(words.FLAGS[flag] for flag in URGENCY)
        st.markdown(
            f"{order}.\n\nInside each, patients 1–30 days over come first, for they are still easily brought back; "
            "then whoever has been due the longest. What is quiet or waived does not count for the order. Patients who "
            "must not be contacted show only where the clinic can mend something without calling them."
        )
        st.dataframe(
            pd.DataFrame(
                {
                    "Outcome": [one.label for one in OUTCOMES.values()],
                    "What it does": [one.does for one in OUTCOMES.values()],
                }
            ),
            hide_index=True,
            height="content",
            alt="What each outcome of an attempt does",
        )


st.title("Follow-ups", anchor=False)
if not len(clinic.known.courses):
    show_beginning()
    st.stop()
left = left_by_filters(clinic.flagged, everybody, clinic)
if len(everybody):
    say_how_many(left)
else:
    st.success(f"Nobody needs a follow-up on {words.day(scope.as_of)}.", icon=":material/check_circle:")
with st.container(horizontal=True, vertical_alignment="bottom"):
    view = choose_view(left, scope, actor, count_doubts(actor, store, clinic.known, scope.today))
    slot = choose_slot(scope)
if view == DOUBTS and not slot:
    show_doubts(actor, store, clinic.known, scope.today, scope.as_of == scope.today)
else:
    show_list(view, slot)
