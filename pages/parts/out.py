"""What leaves the worklist: the view as CSV, as a day sheet to print, and a calendar file."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.actor import Actor
from clinic_data.calendar_file import calendar_file
from clinic_data.database import Store
from clinic_data.day_sheet import day_sheet
from clinic_data.export import csv_file
from lib.call_list import VIEWS, as_file
from pages.parts.scope import Scope

CallList = Callable[[], pd.DataFrame]


def show_out(
    actor: Actor, store: Store, call_list: CallList, scope: Scope, view: str, practitioners: pd.Series
) -> None:
    """The files that whoever may export can take along: the rows shown, and today's calendar.

    `call_list` reads `lib.call_list.as_shown` of the view, `practitioners` are names by id. Each file is made when it
    is pressed: one that nobody asked for would stand in the trail.
    """
    if not may(actor, "export"):
        return
    name = f"{view}-{scope.as_of}"
    with st.popover("Print or export", icon=":material/download:"):
        st.download_button(
            "Day sheet to print",
            lambda: day_sheet(actor, store, call_list(), as_of=scope.as_of, view=VIEWS[view]),
            file_name=f"day-sheet-{name}.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            "CSV",
            lambda: csv_file(actor, store, as_file(call_list()), what=f"worklist ({VIEWS[view]})"),
            file_name=f"follow-ups-{name}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            width="stretch",
        )
        if scope.as_of == scope.today:
            _show_calendar(actor, store, scope, practitioners)


def _show_calendar(actor: Actor, store: Store, scope: Scope, practitioners: pd.Series) -> None:
    """The calendar of one who treats, the actor's own where she does, or of everybody."""
    people = [one for one in practitioners.index.tolist() if actor.own in (None, one)]
    whose = st.selectbox(
        "Calendar of",
        people,
        index=people.index(actor.treats_as) if actor.treats_as in people else None,
        format_func=lambda practitioner_id: practitioners[practitioner_id],
        placeholder="Everybody",
        key="calendar of",
    )
    st.download_button(
        "Calendar file",
        partial(calendar_file, actor, store, practitioner_id=whose),
        file_name=f"calendar-{scope.as_of}.ics",
        mime="text/calendar",
        icon=":material/calendar_month:",
        on_click="ignore",
        width="stretch",
        help="Bookings and open windows, for a calendar program; a later file brings an earlier one up to date.",
    )
