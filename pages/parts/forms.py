"""The forms of the patient's page: each prefilled with the likeliest, each giving an entry to rehearse and save."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.agreements import agree_dates
from clinic_data.courses import CLOSING_REASONS, SEVERITIES, close_course, open_course
from clinic_data.holds import ask_again, pause, resume
from clinic_data.protocol_versions import protocol_files
from clinic_data.visits import (
    cancel_booking,
    move_booking,
    note_booking,
    record_attendance,
    record_visit,
)
from lib import words
from lib.charts.days import Days, day_strip, day_strip_alt
from lib.scales import SCALES
from lib.schedule.explain import visit_name
from pages.parts.at_hand import AtHand
from pages.parts.figures import show_picture
from pages.parts.text import literally

DATE = "DD/MM/YYYY"
CAUSES = {"medical": "Medical: do not treat", "wish": "The patient's wish"}
BY = {"patient": "By the patient", "clinic": "By us"}
REASONS = {
    "finished": "Finished",
    "finished_early": "Series finished early: reviews and maintenance count from the last session",
    "patient_stopped": "The patient stopped",
    "medical": "Medical reason",
    "moved_away": "Moved away",
    "entered_in_error": "Entered in error",
}
DAY = timedelta(days=1)
Entry = Callable[..., Any]


@dataclass(frozen=True)
class Form:
    """A form: its name on the screen, to whom and when it is offered, and what draws it and gives the entry."""

    label: str
    permission: str
    fits: Callable[[AtHand], bool]
    draw: Callable[[AtHand, str], Entry | None]


def _attendance(hand: AtHand, key: str) -> Entry | None:
    due = [visit for visit in hand.bookings if visit["visit_date"].date() <= hand.today]
    visit = _which(due, key)
    came = st.segmented_control(
        "Did the patient come?", ["Came", "Did not come"], default="Came", key=f"came {key}", required=True
    )
    if came != "Came":
        return partial(record_attendance, visit_id=visit["visit_id"], came=False)
    return partial(record_attendance, visit_id=visit["visit_id"], came=True, **_details(hand, visit["kind"], key))


def draw_booking(hand: AtHand, key: str) -> partial[int]:
    """Which visit is booked for which day; returns note_booking with all but actor and store."""
    row = _expected(hand, key)
    kind = _visit_kind(row)
    first = max(hand.today + DAY, row["due_on"].date()) if not pd.isna(row["due_on"]) else hand.today + DAY
    left, right = st.columns(2)
    day = left.date_input("Booked for", value=first, min_value=hand.today, format=DATE, key=f"day {key}")
    practitioner = choose_practitioner(hand, right, key)
    show_days(hand, row, key, day)
    st.caption("Book it in your booking system too.")
    return partial(
        note_booking, course_ids=[hand.course["course_id"]], kind=kind, visit_date=day, practitioner_id=practitioner
    )


def _moving(hand: AtHand, key: str) -> Entry | None:
    visit = _which(hand.bookings, key)
    left, middle, right = st.columns(3)
    what = left.segmented_control("What happens", ["Move", "Cancel"], default="Move", key=f"what {key}", required=True)
    by = middle.segmented_control(
        "Who wants it", list(BY), format_func=lambda one: BY[one], default="patient", key=f"by {key}"
    )
    if what == "Cancel":
        return partial(cancel_booking, visit_id=visit["visit_id"], by=by or "patient")
    row = next((row for row in hand.expected if _visit_kind(row) == visit["kind"]), None)
    first = max(hand.today, visit["visit_date"].date())
    if row is not None and not pd.isna(row["due_on"]):
        first = max(hand.today + DAY, row["due_on"].date())
    day = right.date_input("To", value=first, min_value=hand.today, format=DATE, key=f"day {key}")
    if row is not None:
        show_days(hand, row, key, day)
    return partial(move_booking, visit_id=visit["visit_id"], to=day, by=by or "patient")


def _visit(kind: str, hand: AtHand, key: str) -> Entry | None:
    left, right = st.columns(2)
    day = left.date_input("Day", value=hand.today, max_value=hand.today, format=DATE, key=f"day {key}")
    practitioner = choose_practitioner(hand, right, key)
    row = next((row for row in hand.expected if _visit_kind(row) == kind), None)
    if row is not None:
        show_days(hand, row, key, day)
    return partial(
        record_visit,
        course_ids=[hand.course["course_id"]],
        kind=kind,
        visit_date=day,
        practitioner_id=practitioner,
        **_details(hand, kind, key),
    )


def _agreeing(hand: AtHand, key: str) -> Entry | None:
    row = _expected(hand, key)
    due = max(hand.today, row["due_on"].date()) if not pd.isna(row["due_on"]) else hand.today
    last = row["overdue_on"].date() - DAY if not pd.isna(row["overdue_on"]) else due
    return draw_agreeing(hand, row, due, max(last, due), key)


def draw_agreeing(hand: AtHand, row: dict[str, Any], due: date, last: date, key: str) -> partial[int]:
    """Between which days an expected visit shall be, prefilled; returns agree_dates with all but actor and store."""
    left, right = st.columns(2)
    first = left.date_input("Come between", value=due, min_value=hand.today, format=DATE, key=f"first {key}")
    end = right.date_input("and", value=last, min_value=hand.today, format=DATE, key=f"last {key}")
    note = st.text_input("Note", key=f"note {key}", max_chars=200, placeholder="Such as: after the holiday")
    show_days(hand, row, key, first, end)
    kind = "session" if _visit_kind(row) == "session" else row["kind"]
    return partial(agree_dates, course_id=hand.course["course_id"], kind=kind, due_on=first, last_on=end, note=note)


def _pausing(hand: AtHand, key: str) -> Entry | None:
    cause = st.segmented_control(
        "Why", list(CAUSES), format_func=lambda one: CAUSES[one], default="medical", key=f"why {key}"
    )
    reason = st.text_input("Reason", key=f"reason {key}", max_chars=200, placeholder="Such as: isotretinoin")
    first, until, ask = st.columns(3)
    starts_on = first.date_input("From", value=hand.today, format=DATE, key=f"from {key}")
    ends_on = until.date_input("Treatment may resume on", value=None, format=DATE, key=f"until {key}")
    check_on = ask.date_input("Ask again on", value=hand.today + timedelta(28), format=DATE, key=f"ask {key}")
    area = hand.course.get("area")
    only = st.checkbox(f"Only {literally(area)}", key=f"only {key}") if area else False
    if not reason.strip():
        st.caption("Write the reason, then what it does is shown here.")
        return None
    return partial(
        pause,
        patient_id=hand.patient.id,
        cause=cause or "medical",
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        check_on=check_on,
        area=area if only else None,
    )


def _resuming(hand: AtHand, key: str) -> Entry | None:
    labels = {
        hold["hold_id"]: f"{words.HOLDS[hold['cause']]} since {words.day(hold['starts_on'])}: {hold['reason']}"
        for hold in hand.pauses
    }
    hold_id = st.selectbox("Pause", list(labels), format_func=lambda one: labels[one], key=f"pause {key}")
    left, right = st.columns(2)
    ways = ["Resume", "Ask again later"] if may(hand.actor, "resume treatment") else ["Ask again later"]
    what = left.segmented_control("How it stands", ways, default=ways[0], key=f"what {key}", required=True)
    if what == "Resume":
        day = right.date_input("Treatment may resume on", value=hand.today, format=DATE, key=f"resume {key}")
        return partial(resume, hold_id=hold_id, ends_on=day)
    day = right.date_input("Ask again on", value=hand.today + timedelta(28), format=DATE, key=f"again {key}")
    return partial(ask_again, hold_id=hold_id, check_on=day)


def _closing(hand: AtHand, key: str) -> Entry | None:
    reason = st.selectbox("Reason", CLOSING_REASONS, format_func=lambda one: REASONS[one], key=f"reason {key}")
    opened = date.fromisoformat(hand.course["opened_on"])
    day = st.date_input(
        "Closed on", value=hand.today, min_value=min(opened, hand.today), max_value=hand.today, format=DATE,
        key=f"day {key}", disabled=reason == "finished_early",
    )  # fmt: skip
    return partial(close_course, course_id=hand.course["course_id"], closed_on=day, reason=reason)


def _opening(hand: AtHand, key: str) -> Entry | None:
    protocols = protocol_files()
    one, two, three = st.columns(3)
    protocol_id = one.selectbox("Protocol", list(protocols), format_func=lambda p: protocols[p].name, key=f"p {key}")
    area = two.text_input("Area", key=f"area {key}", max_chars=60, placeholder="Such as: Cheeks")
    planned = three.number_input(
        "Sessions", 1, 30, protocols[protocol_id].sessions.planned, key=f"sessions {key} {protocol_id}"
    )
    one, two, three = st.columns(3)
    opened_on = one.date_input("Opened on", value=hand.today, format=DATE, key=f"opened {key}")
    practitioner = choose_practitioner(hand, two, key)
    severity = three.selectbox("Severity", [None, *SEVERITIES], format_func=lambda s: s or "Not said", key=f"sev {key}")
    if not area.strip():
        st.caption("Name the area, then what it does is shown here.")
        return None
    return partial(
        open_course,
        patient_id=hand.patient.id,
        protocol_id=protocol_id,
        area=area,
        planned_sessions=int(planned),
        opened_on=opened_on,
        practitioner_id=practitioner,
        severity=severity,
    )


FORMS = {
    "attendance": Form(
        "Came or did not come",
        "record visits",
        lambda hand: any(visit["visit_date"].date() <= hand.today for visit in hand.bookings),
        _attendance,
    ),
    "booking": Form("Note a booking", "note bookings", lambda hand: hand.is_open and bool(hand.expected), draw_booking),
    "moving": Form("Move or cancel a booking", "note bookings", lambda hand: bool(hand.bookings), _moving),
    "session": Form("Record a session", "record visits", lambda hand: hand.is_open, partial(_visit, "session")),
    "review": Form(
        "Record a review",
        "record visits",
        lambda hand: hand.is_open and bool(hand.protocol.reviews),
        partial(_visit, "review"),
    ),
    "agreeing": Form("Agree other dates", "agree dates", lambda hand: hand.is_open and bool(hand.expected), _agreeing),
    "pausing": Form("Pause", "pause treatment", lambda hand: hand.is_open, _pausing),
    "resuming": Form("Resume or ask again", "pause treatment", lambda hand: bool(hand.pauses), _resuming),
    "closing": Form("Close the plan", "plan treatment", lambda hand: hand.is_open, _closing),
    "opening": Form("Open a plan", "plan treatment", lambda hand: True, _opening),
}


def _expected(hand: AtHand, key: str) -> dict[str, Any]:
    """The expected visit that the form is about."""
    rows = hand.expected
    labels = [words.sentence(visit_name(hand.protocol, row["kind"], row["number"])) for row in rows]
    place = st.segmented_control(
        "For", range(len(rows)), default=0, format_func=lambda at: labels[at], key=f"for {key}", required=True
    )
    return rows[place or 0]


def _which(visits: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """One of some bookings."""
    labels = [f"{words.sentence(visit['kind'])} on {words.day(visit['visit_date'])}" for visit in visits]
    place = st.segmented_control(
        "Booking", range(len(visits)), default=0, format_func=lambda at: labels[at], key=f"booking {key}", required=True
    )
    return visits[place or 0]


def _visit_kind(row: dict[str, Any]) -> str:
    return "session" if row["kind"] in ("session", "maintenance") else "review"


def choose_practitioner(hand: AtHand, place: Any, key: str) -> int | None:
    """Who treats; the plan's practitioner unless told."""
    own = hand.course.get("practitioner_id")
    ids = [None, *hand.practitioners]
    return place.selectbox(
        "Practitioner",
        ids,
        index=ids.index(int(own)) if own is not None and not pd.isna(own) and int(own) in ids else 0,
        format_func=lambda one: hand.practitioners.get(one, "Not said"),
        key=f"practitioner {key}",
    )


def _details(hand: AtHand, kind: str, key: str) -> dict[str, Any]:
    """Depth, device, notes and outcome scores of a visit that took place."""
    done: dict[str, Any] = {}
    if kind == "session":
        before = hand.visits[(hand.visits["kind"] == "session") & (hand.visits["status"] == "completed")].head(1)
        depth, device = (before["depth_mm"].iloc[0], before["device"].iloc[0]) if len(before) else (None, None)
        left, right = st.columns(2)
        done["depth_mm"] = left.number_input(
            "Depth (mm)", 0.1, 5.0, None if pd.isna(depth) else float(depth), 0.1, format="%.1f", key=f"depth {key}"
        )
        done["device"] = right.text_input(
            "Device", device if isinstance(device, str) else "", key=f"device {key}", max_chars=80
        )
    done["notes"] = st.text_input("Notes, and how the skin reacted", key=f"notes {key}", max_chars=500)
    with st.expander("Outcome scores"):
        scores = {}
        for column, (name, scale) in zip(st.columns(len(SCALES)), SCALES.items(), strict=True):
            value = column.number_input(
                scale.label,
                float(scale.least),
                float(scale.most),
                None,
                0.5,
                key=f"{name} {key}",
                help=f"{scale.better} is better",
            )
            if value is not None:
                scores[name] = value
        done["scores"] = scores
    return done


def show_days(hand: AtHand, row: dict[str, Any], key: str, first: date, last: date | None = None) -> None:
    """The chosen day, or those from the first to the last, among those that are too soon, right, paused or closed."""
    last = max(first, last or first)
    days = Days(row, hand.holds, hand.known.closures, hand.today, first, last)
    show_picture(day_strip(days), f"days {key}", day_strip_alt(days))
    _say_window(hand, row)


def _say_window(hand: AtHand, row: dict[str, Any]) -> None:
    """Between which days the visit belongs, and which days are unsafe or closed."""
    said, needles = [], _visit_kind(row) == "session"
    if not pd.isna(row["due_on"]) and not pd.isna(row["overdue_on"]):
        said.append(f"Window: {words.days_range(row['due_on'], row['overdue_on'] - pd.Timedelta(days=1))}")
    if not pd.isna(row["earliest_on"]) and row["earliest_on"].date() > hand.today:
        before = words.day(row["earliest_on"])
        said.append(f"too soon before {before}: skin not healed" if needles else f"an interim look before {before}")
    for hold in hand.pauses if needles else []:
        until = "with no end set" if pd.isna(hold["ends_on"]) else f"until {words.day(hold['ends_on'])}"
        said.append(f"paused from {words.day(hold['starts_on'])} {until}")
    for closure in hand.known.closures.to_dict("records"):
        if hand.today < closure["ends_on"].date() <= hand.today + timedelta(days=120):
            shut = words.days_range(closure["starts_on"], closure["ends_on"] - pd.Timedelta(days=1))
            said.append(f"closed {shut}")
    if said:
        st.caption(" · ".join(said))
