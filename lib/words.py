"""The words that people read, on pages, in pictures and in sentences, for the codes of the schedule."""

from datetime import date

import pandas as pd

FLAGS = {
    "booked_on_hold": "Booked during a pause",
    "booked_too_soon": "Booked too soon: skin not healed",
    "attendance_unrecorded": "Did they come?",
    "hold_to_check": "Paused: ask how it stands",
    "not_started": "Not started",
    "missed_session": "Session overdue, not booked",
    "overdue_maintenance": "Maintenance overdue, not booked",
    "overdue_review": "Review overdue, not booked",
    "no_show": "Did not come",
    "not_rebooked": "Cancelled, not rebooked",
    "due_unbooked": "Time to book",
    "lapsed": "Not heard from",
    "booked_late": "Booked late",
}

STATUSES = {
    "done": "Done",
    "skipped": "Not done before the next session",
    "on_hold": "Paused: do not treat",
    "upcoming": "Upcoming",
    "due": "Due",
    "overdue": "Overdue",
    "lapsed": "Not heard from",
    "projected": "Likely",
}

TIMINGS = {
    "too_soon": "Too soon: skin not healed",
    "early": "Earlier than planned",
    "on_time": "On time",
    "late": "Late",
}

HOLDS = {
    "medical": "Paused: do not treat",
    "wish": "Paused: patient's wish",
}

CHANNELS = {"phone": "Phone", "text": "Text message", "email": "Email", "post": "Post"}

PATIENT_STATUSES = {
    "inactive": "No longer a patient",
    "transferred": "Went to another clinic",
    "deceased": "Deceased",
}

CONTACT = {"yes": "May be contacted", "no_marketing": "No marketing, please", "none": "Do not contact"}

ROLES = {
    "manager": "Manager",
    "practitioner": "Practitioner",
    "front_desk": "Front desk",
    "read_only": "Read only",
}
NOBODY = "No practitioner"

STATES = {
    "open": "Open",
    "taken": "Taken",
    "quiet": "Call again later",
    "to_decide": "To decide",
    "waived": "Waived",
}
"""Whose turn it is with a patient who needs attention."""

DOUBTS = {
    "session_on_hold": "Session during a pause",
    "sessions_too_close": "Sessions too close together",
    "visit_in_future": "Done on a day to come",
    "too_many_sessions": "More sessions than planned",
    "visit_before_opening": "Before the plan's opening",
    "duplicate": "Possibly the same person",
}
"""What can hardly be right in the record."""

TRAIL = {
    "change": "Change",
    "view": "Looked at",
    "search": "Search",
    "export": "Export",
    "import": "Import",
    "sign-in": "Signed in",
    "sign-out": "Signed out",
    "failed sign-in": "Failed sign-in",
    "refusal": "Refused",
}
"""What the trail calls what was done."""

FITZPATRICK = ["I", "II", "III", "IV", "V", "VI"]

VISITS = {"session": "Session", "review": "Review", "other": "Visit"}
"""The kinds of visits as the clinic's file keeps them."""

VISIT_STATUSES = {
    "booked": "Booked",
    "completed": "Came",
    "cancelled": "Cancelled",
    "no_show": "Did not come",
}


def day(value: date | str) -> str:
    """A date, or its ISO text, as people read it: 03 Mar 2026."""
    return pd.Timestamp(value).strftime("%d %b %Y")


def days_range(first: date, last: date) -> str:
    """Two dates and all between: 02–16 Sep 2026, 28 Aug – 16 Sep 2026, 20 Dec 2025 – 04 Jan 2026."""
    first, last = pd.Timestamp(first), pd.Timestamp(last)
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%d}–{day(last)}"
    if first.year == last.year:
        return f"{first:%d %b} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def come_between(due_on: date, overdue_on: date) -> str:
    """A window as an invitation: its last day is the day before overdue_on."""
    last = pd.Timestamp(overdue_on) - pd.Timedelta(days=1)
    if last == pd.Timestamp(due_on):
        return f"Come on {day(last)}"
    return f"Come between {day(due_on)} and {day(last)}"


def count(number: int, noun: str) -> str:
    """A number and its noun: 1 day, 18 days."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def fitted(timing: str, days_off: int) -> str:
    """How a date fits its window: "2 days late", "on time"."""
    if timing == "on_time":
        return "on time"
    how = {"too_soon": "before the skin had healed", "early": "earlier than planned", "late": "late"}[timing]
    return f"{count(abs(days_off), 'day')} {how}"


def sentence(text: str) -> str:
    """Text with its first letter large; the others stay as they are."""
    return text[:1].upper() + text[1:]
