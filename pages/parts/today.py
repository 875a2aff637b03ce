"""What holds the clinic back today: are bookings known, which are unsafe, who came, and the open flags by kind."""

from datetime import date, timedelta

import numpy as np
import streamlit as st

from lib import words
from lib.caseload import Caseload
from pages.parts.figures import show_heading, show_links, show_metric
from pages.parts.scope import Scope

KNOWN_WITHIN = timedelta(days=2)
KINDS = {
    "Move the booking": ("violet", ["booked_on_hold", "booked_too_soon", "booked_late"]),
    "Ask or record": ("gray", ["attendance_unrecorded", "hold_to_check", "lapsed"]),
    "Call": ("red", ["missed_session", "overdue_review", "overdue_maintenance", "not_started"]),
    "Invite": ("orange", ["no_show", "not_rebooked", "due_unbooked"]),
}
"""The flags by what the clinic does about them."""


def show_first(caseload: Caseload, kept: np.ndarray, scope: Scope, known_until: date | None) -> None:
    """Up to which day bookings are known, and the figures that come before all others."""
    if scope.as_of == scope.today:
        _warn(known_until, scope.today)
    known, *others = st.columns(4, gap="small")
    with known:
        _show_known(known_until, scope)
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


def _warn(known_until: date | None, today: date) -> None:
    if known_until is None:
        st.warning(
            "It is not known up to which day bookings are entered: every “not booked” may be wrong.",
            icon=":material/event_busy:",
        )
    elif today - known_until > KNOWN_WITHIN:
        st.warning(
            f"Bookings are known up to {words.day(known_until)} only, {words.count((today - known_until).days, 'day')} "
            "ago: whoever booked since still counts as “not booked”.",
            icon=":material/event_busy:",
        )


def _show_known(known_until: date | None, scope: Scope) -> None:
    help_text = (
        "The day up to which bookings were entered or taken in. Whoever booked later still counts as not booked: "
        "every “not booked” on this page hangs on it."
    )
    past = scope.as_of != scope.today
    with st.container(border=True, height="stretch", gap="xxsmall"):
        shown = "as entered" if past else words.day(known_until) if known_until else "not known"
        st.metric("Bookings known up to", shown, help=help_text)
        st.caption(
            f"Those entered by {words.day(scope.as_of)} count."
            if past
            else "Older than two days is a warning: see above."
            if known_until is None or scope.today - known_until > KNOWN_WITHIN
            else "Up to date."
        )
