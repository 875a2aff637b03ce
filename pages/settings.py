"""The clinic's settings: up to when bookings are known, closures, practitioners, follow-ups and words for patients."""

from datetime import timedelta
from functools import partial

import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.allowed import LONGEST
from clinic_data.closures import add_closure, read_closures, remove_closure
from clinic_data.errors import ClinicError
from clinic_data.messages import read_messages, set_message
from clinic_data.practitioners import add_practitioner, read_practitioners, set_practitioner_active
from clinic_data.schedule_input import schedule_input
from clinic_data.settings import LIMITS, change_settings, confirm_bookings
from lib import words
from lib.messages import DEFAULTS, PLACEHOLDERS, fill, misplaced
from lib.worklist import URGENCY, flagged
from pages.parts import desk
from pages.parts.load import load
from pages.parts.scope import Scope
from pages.parts.text import literally

DATE = "DD/MM/YYYY"

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()
settings = desk.settings()


def attempt(work, *args, **kwargs) -> None:
    """Do it and draw the page anew, or say why it is not possible."""
    try:
        work(actor, store, *args, **kwargs)
    except ClinicError as error:
        st.error(literally(f"Not possible: {error}."), icon=":material/block:")
    else:
        st.rerun()


def show_bookings() -> None:
    """Up to which day the bookings of the clinic's own system are entered here."""
    st.subheader("Bookings", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = st.date_input(
            "Known up to",
            value=settings.bookings_known_until or scope.today,
            max_value=scope.today,
            format=DATE,
            width=200,
        )
        if st.button("Save", key="save bookings"):
            attempt(confirm_bookings, known_until=known)
    st.caption("Whoever booked after that day still counts as not booked here.")


def show_closures() -> None:
    """The days on which the clinic is closed, and a new closure with what it would do."""
    st.subheader("Closures", anchor=False)
    for closure in read_closures(actor, store).to_dict("records"):
        with st.container(horizontal=True, vertical_alignment="center"):
            shut = words.days_range(closure["starts_on"], closure["ends_on"] - timedelta(days=1))
            st.text(f"{shut} · {closure['reason']}")
            if st.button("Remove", key=f"remove {closure['closure_id']}"):
                attempt(remove_closure, closure["closure_id"])
    with st.container(border=True):
        one, two, three = st.columns(3)
        starts_on = one.date_input("Closed from", value=scope.today + timedelta(days=7), format=DATE)
        ends_on = two.date_input("Reopens on", value=scope.today + timedelta(days=14), format=DATE)
        reason = three.text_input("Reason", max_chars=100, placeholder="Such as: Christmas")
        if not reason.strip():
            st.caption("Write the reason, then what it does is shown here.")
            return
        entry = partial(add_closure, starts_on=starts_on, ends_on=ends_on, reason=reason)
        rehearsal = store.rehearse(partial(schedule_input, actor=actor, as_of=scope.today))
        try:
            entry(actor, rehearsal)
        except ClinicError as error:
            st.error(literally(f"Not possible: {error}."), icon=":material/block:")
            return
        now = load(actor, store, scope.today)
        after = rehearsal.seen[0].schedule()
        longer = int((after["overdue_on"] > now.schedule["overdue_on"]).sum())
        flags = len(flagged(after, rehearsal.seen[0].courses)) - len(now.flagged)
        change = (
            f"{words.count(abs(flags), 'flag')} {'more' if flags > 0 else 'fewer'} today"
            if flags
            else "no flag changes"
        )
        st.info(f"**Saving this:** {longer:,} windows stay open longer; {change}.", icon=":material/preview:")
        if st.button("Add closure", type="primary"):
            attempt(entry)


def show_practitioners() -> None:
    """Who treats, and who did."""
    st.subheader("Practitioners", anchor=False)
    for person in read_practitioners(actor, store).to_dict("records"):
        with st.container(horizontal=True, vertical_alignment="center"):
            active = bool(person["active"])
            st.text(person["name"] + ("" if active else " (no longer here)"))
            if st.button("Retire" if active else "Bring back", key=f"practitioner {person['practitioner_id']}"):
                attempt(set_practitioner_active, person["practitioner_id"], not active)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("New practitioner", max_chars=100, width=320)
        if st.button("Add", key="add practitioner"):
            attempt(add_practitioner, name)


def show_sign_in() -> None:
    """When whoever is signed in must sign in again."""
    st.subheader("Signing in", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        idle = st.number_input(
            "Signed out after so many minutes without use",
            *LIMITS["sign_out_after_minutes"],
            settings.sign_out_after_minutes,
            width=320,
        )
        longest = st.number_input(
            "Sign in again after so many hours",
            *LIMITS["sign_in_again_after_hours"],
            settings.sign_in_again_after_hours,
            width=320,
        )
        if st.button("Save", key="save signing in"):
            attempt(change_settings, sign_out_after_minutes=int(idle), sign_in_again_after_hours=int(longest))


def show_follow_ups() -> None:
    """How long a patient stays quiet after an attempt, and how often the desk tries."""
    st.subheader("Follow-ups", anchor=False)
    asked = {
        "quiet_days_after_message": "Days of quiet after a message was left",
        "quiet_days_after_no_answer": "Days of quiet after no answer",
        "attempts_before_deciding": "Attempts in vain before it is to decide",
        "longest_quiet": "Call again at most so many days ahead",
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        numbers = {
            name: int(st.number_input(label, *LIMITS[name], getattr(settings, name), width=250))
            for name, label in asked.items()
        }
    names = st.toggle(
        "Patients' names in calendar files",
        value=settings.names_in_calendar_files,
        help="Other companies' programs keep and show calendars. Without names the patient's code stands there.",
    )
    if st.button("Save", key="save follow-ups"):
        attempt(change_settings, **numbers, names_in_calendar_files=names)


def show_messages() -> None:
    """What patients are written, by reason, and how it reads."""
    st.subheader("Words for patients", anchor=False)
    kept = read_messages(actor, store)
    with st.expander("One text for each reason", icon=":material/sms:"):
        st.caption(
            literally(
                f"Filled in: {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}. A sentence with a day that is not "
                "known is left out. Anybody may read it on a locked screen: say nothing of the treatment. An empty "
                "text brings the program's own back."
            )
        )
        for flag in URGENCY:
            _show_message(flag, kept[flag])


def _show_message(flag: str, kept: str) -> None:
    """One text, how it reads for an invented patient, and its button once there is something to save."""
    # Saved, another text is another field: it begins with what is in force then.
    text = st.text_area(words.FLAGS[flag], value=kept, max_chars=LONGEST, key=f"words for {flag}: {kept}").strip()
    wanted = text or DEFAULTS[flag]
    if misplaced(wanted):
        st.error(literally(f"Can't be filled in: {', '.join(misplaced(wanted))}"), icon=":material/block:")
        return
    st.text(
        fill(
            wanted,
            name="Ann Example",
            clinic=settings.clinic_name,
            come_from=scope.today,
            come_by=scope.today + timedelta(days=14),
            practitioner="Dr Example",
        )
    )
    if wanted != kept and st.button("Save", key=f"save words for {flag}"):
        attempt(set_message, flag, text)


st.title("Settings", anchor=False)
if scope.as_of != scope.today:
    st.info("Choose today above to change settings.", icon=":material/history:")
    st.stop()
st.text(f"{settings.clinic_name} · time zone {settings.time_zone}")
show_bookings()
if may(actor, "change settings"):
    show_closures()
    show_practitioners()
    show_follow_ups()
    show_messages()
    show_sign_in()
