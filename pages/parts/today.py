"""What holds the clinic back today: are bookings known, which are unsafe, who came, and the open flags by kind."""

from datetime import date, timedelta

import numpy as np
import streamlit as st

from lib import words
from lib.caseload import Caseload
from pages.parts.figures import show_heading, show_links, show_metric
from pages.parts.known import known_until, why_not_known
from pages.parts.list_views import VIEW
from pages.parts.scope import Scope

FOLLOW_UPS_PAGE = "follow_ups.py"
KNOWN_WITHIN = timedelta(days=2)
KINDS = {
    "Move the booking": ("violet", ["booked_on_hold", "booked_too_soon", "booked_late"]),
    "Ask or record": ("gray", ["attendance_unrecorded", "hold_to_check", "lapsed"]),
    "Call": ("red", ["missed_session", "overdue_review", "overdue_maintenance", "not_started"]),
    "Invite": ("orange", ["no_show", "not_rebooked", "due_unbooked"]),
}
"""The flags by what the clinic does about them."""


def show_first(caseload: Caseload, kept: np.ndarray, scope: Scope) -> None:
    """Up to which day bookings are known, and the figures that come before all others."""
    until = known_until(scope)
    if scope.as_of == scope.today:
        _warn(until, scope.today)
    known, *others = st.columns(4, gap="small")
    with known:
        _show_known(until, scope)
    for column, figure in zip(others, ("unsafe", "unrecorded", "attention"), strict=True):
        with column:
            show_metric(caseload, figure, kept)


def show_flags(caseload: Caseload, kept: np.ndarray) -> None:
    """How many patients have which flag, gathered by what the clinic does about it."""
    counts = caseload.counts("flags", kept)
    show_heading(caseload, "flags", kept)
    for column, (todo, (colour, flags)) in zip(st.columns(4, gap="small"), KINDS.items(), strict=True):
        with column.container(gap="xxsmall"):
            st.markdown(f":{colour}-badge[{todo}]")
            show_links(caseload, "flags", counts, flags)
    st.page_link(
        FOLLOW_UPS_PAGE,
        label="Work through those who need attention",
        icon=":material/call:",
        help="",
        query_params={VIEW: "all"},
    )


def _warn(until: date | None, today: date) -> None:
    if until is None:
        st.warning(
            "It is not known up to which day bookings are entered: every “not booked” may be wrong.",
            icon=":material/event_busy:",
        )
    elif today - until > KNOWN_WITHIN:
        st.warning(
            f"Bookings are known up to {words.day(until)} only, {words.count((today - until).days, 'day')} "
            "ago: whoever booked since still counts as “not booked”.",
            icon=":material/event_busy:",
        )


def _show_known(until: date | None, scope: Scope) -> None:
    help_text = (
        "The day up to which bookings were entered or taken in, as set at the end of the day shown. Whoever booked "
        "later still counts as not booked: every “not booked” on this page hangs on it. On a past day only the "
        "bookings count that were entered by then."
    )
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.metric("Bookings known up to", words.day(until) if until else "not known", help=help_text)
        st.caption(_say_known(until, scope))


def _say_known(until: date | None, scope: Scope) -> str:
    past = scope.as_of != scope.today
    if until is not None and scope.as_of - until <= KNOWN_WITHIN:
        return "Up to date on that day." if past else "Up to date."
    if not past:
        return "Older than two days is a warning: see above."
    return (
        why_not_known(scope) if until is None else f"{words.count((scope.as_of - until).days, 'day')} before that day."
    )
