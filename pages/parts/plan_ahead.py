"""Planning ahead: a day for the next session or a rhythm for the rest, and what comes of it before it is stored."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.errors import ClinicError
from clinic_data.schedule_input import ScheduleInput, schedule_input
from clinic_data.visits import BOOKED_AHEAD, note_booking, note_bookings
from lib import words
from lib.charts.plan_ahead import plan_curves, plan_said
from lib.plan_ahead import (
    how_they_fit,
    moved_windows,
    next_session,
    rhythm,
    sessions_left,
    weeks_between,
)
from lib.response import last_depth
from lib.schedule.explain import visit_name
from pages.parts.at_hand import OPEN, AtHand
from pages.parts.figures import show_picture
from pages.parts.forms import DATE, choose_practitioner, draw_agreeing, show_days
from pages.parts.recording import offer_to_save
from pages.parts.text import literally

ONE, REST = "This session", "All that are left"
BOOK, AGREE = "Note this booking", "Agree these dates"
MOST_WEEKS = 26
Entry = Callable[..., Any]


def show_plan_ahead(hand: AtHand) -> None:
    """Folded until it is wanted; for whoever may note bookings, where a session is still to be booked."""
    row = next_session(hand.rows) if hand.is_open and may(hand.actor, "note bookings") else None
    if row is None:
        return
    with st.expander(
        "Plan ahead", key=f"plan ahead {hand.course['course_id']}", icon=":material/event_upcoming:", on_change="rerun"
    ) as folded:
        if folded.open:
            _plan(hand, row)


def _plan(hand: AtHand, row: dict[str, Any]) -> None:
    key = f"ahead {hand.course['course_id']} {hand.seen}"
    st.caption("Nothing is stored here until you save it below.")
    days = _choose_days(hand, row, key)
    show_days(hand, row, key, days[0])
    entry = partial(note_bookings, visit_dates=days) if len(days) > 1 else partial(note_booking, visit_date=days[0])
    entry = partial(entry, course_ids=[hand.course["course_id"]], kind="session")
    after = _rehearsed(hand, entry)
    if after is not None:
        _show_fit(after, days, hand)
        _show_moves(after, hand)
    _show_curves(hand, days)
    if after is not None:
        _go_on(hand, row, days, entry, key)


def _choose_days(hand: AtHand, row: dict[str, Any], key: str) -> list[date]:
    """The day of the next session and, where a rhythm is wanted, those of the others."""
    name = words.sentence(visit_name(hand.protocol, row["kind"], row["number"]))
    tomorrow, last = hand.today + timedelta(days=1), hand.today + timedelta(days=BOOKED_AHEAD)
    due = tomorrow if pd.isna(row["due_on"]) else min(max(tomorrow, row["due_on"].date()), last)
    left, middle, right = st.columns(3)
    first = left.date_input(
        f"{name} on", value=due, min_value=hand.today, max_value=last, format=DATE, key=f"day {key}"
    )
    number = sessions_left(hand.rows, int(hand.course["planned_sessions"]))
    if number < 2:
        return [first]
    what = middle.segmented_control("Plan", [ONE, f"{REST} ({number})"], default=ONE, key=f"what {key}", required=True)
    if what == ONE:
        return [first]
    usual = weeks_between(hand.protocol, range(row["number"] + 1, row["number"] + number), hand.today)
    weeks = right.number_input("Weeks apart", 1, MOST_WEEKS, min(usual, MOST_WEEKS), key=f"weeks {key}")
    return rhythm(first, int(weeks), number, hand.known.closures)


def _rehearsed(hand: AtHand, entry: Entry) -> ScheduleInput | None:
    """The schedule in which the days are booked; what is not allowed is said instead."""
    look = partial(schedule_input, actor=hand.actor, as_of=hand.today, patient_ids=(hand.patient.id,))
    rehearsal = hand.store.rehearse(look)
    try:
        entry(hand.actor, rehearsal, seen=hand.seen)
    except ClinicError as error:
        st.error(literally(f"Not possible: {error}."), icon=":material/block:")
        return None
    return rehearsal.seen[0]


def _rows(after: ScheduleInput, hand: AtHand) -> pd.DataFrame:
    schedule = after.schedule()
    return schedule[schedule["course_id"] == hand.course["course_id"]]


def _show_fit(after: ScheduleInput, days: list[date], hand: AtHand) -> None:
    """How each planned day fits, in a sentence; an unsafe one makes it a warning."""
    fits = how_they_fit(_rows(after, hand), days, hand.protocol)
    told = [
        f"**{literally(fit['visit'])}** on {words.day(fit['day'])}: **{fit['fits']}**"
        + (f" ({literally(fit['about'])})." if fit["about"] else ".")
        for fit in fits.to_dict("records")
    ]
    if fits["unsafe"].any():
        st.warning("\n\n".join(told), icon=":material/warning:")
    else:
        st.info("\n\n".join(told), icon=":material/event_available:")


def _show_moves(after: ScheduleInput, hand: AtHand) -> None:
    """Where the later visits belong as it stands, and with what is planned."""
    moved = moved_windows(hand.rows, _rows(after, hand), hand.protocol)
    if moved.empty:
        st.caption("No later window moves.")
        return
    st.dataframe(
        moved.assign(moves=[_shift(by) for by in moved["moves"]]),
        hide_index=True,
        height="content",
        alt="The windows of the later visits, as it stands and with what is planned",
        column_config={
            "visit": "Visit",
            "moves": "Begins",
            "before": "As it stands",
            "after": "With this plan",
        },
        column_order=["visit", "moves", "before", "after"],
    )


def _shift(by: Any) -> str:
    """By how much a window's first day moves, in words."""
    if pd.isna(by):
        return ""
    return f"{words.count(abs(by), 'day')} {'later' if by > 0 else 'sooner'}" if by else "same day"


def _show_curves(hand: AtHand, days: list[date]) -> None:
    """The illustration with the sessions booked and planned, and without them."""
    sessions = hand.sessions
    booked = [visit["visit_date"].date() for visit in hand.bookings if visit["kind"] == "session"]
    days = sorted({*days, *(day for day in booked if day >= hand.today)})
    figure, said = plan_curves(sessions, days, hand.protocol, hand.today), plan_said(sessions, days, hand.protocol)
    if figure is None:
        return
    show_picture(figure, f"curves ahead {hand.course['course_id']}", said)
    depth = last_depth(sessions)
    how = "as if the depth were unknown" if pd.isna(depth) else f"{depth:g} mm deep, as last time"
    st.caption(f"{said} Drawn {how}. Never a measurement and no promise: what is published is an average.")


def _go_on(hand: AtHand, row: dict[str, Any], days: list[date], entry: Entry, key: str) -> None:
    """From here the booking is noted or the dates are agreed, in the forms' own way."""
    ways = [BOOK if len(days) == 1 else "Note these bookings"]
    if row["status"] in OPEN and may(hand.actor, "agree dates"):
        ways.append(AGREE)
    way = st.pills("Go on with", ways, key=f"way {key} {len(days)}")
    if way is None:
        return
    with st.container(border=True):
        if way == AGREE:
            if len(days) > 1:
                name = visit_name(hand.protocol, row["kind"], row["number"])
                st.caption(f"Dates are agreed for {literally(name)}; the later ones are counted from it.")
            last = days[0] if pd.isna(row["due_on"] - row["overdue_on"]) else days[0] + _length(row)
            offer_to_save(hand.records, draw_agreeing(hand, row, days[0], last, f"{key} {days[0]}"), way)
            return
        practitioner = choose_practitioner(hand, st, key)
        st.caption("Book it in your booking system too.")
        offer_to_save(hand.records, partial(entry, practitioner_id=practitioner), way)


def _length(row: dict[str, Any]) -> timedelta:
    """As long as the window is now, so that the agreed one is no stricter."""
    return row["overdue_on"] - row["due_on"] - timedelta(days=1)
