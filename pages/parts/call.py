"""One patient of the worklist at work: why, how to reach her, who has her, and what came of the attempt."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from clinic_data.access.permissions import may
from clinic_data.actor import Actor
from clinic_data.attempts import attempts_of
from clinic_data.claims import release, take, taken_by_another
from clinic_data.courses import read_courses
from clinic_data.database import Store
from clinic_data.errors import ClinicError, Conflict, NotFound
from clinic_data.messages import read_messages
from clinic_data.patients import CONTACT, Patient, change_contact, read_patient
from clinic_data.practitioners import read_practitioners
from clinic_data.schedule_input import ScheduleInput, read_schedule_input
from lib import words
from lib.charts.timeline import patient_timeline, timeline_alt
from lib.messages import fill
from lib.outcomes import CHANNELS, OUTCOMES
from lib.worklist import ROW, Work, flagged, reasons_with_work
from pages.parts import desk
from pages.parts.at_hand import AtHand, at_hand
from pages.parts.call_form import show_form
from pages.parts.call_table import AT_WORK, TAKE
from pages.parts.figures import show_picture
from pages.parts.now import BADGES
from pages.parts.opening import PATIENT, PATIENT_PAGE
from pages.parts.plans import plan_of
from pages.parts.recording import show_saved
from pages.parts.scope import Scope
from pages.parts.text import literally


def show_call(actor: Actor, store: Store, scope: Scope, work: Work) -> None:
    """The patient who is at work, if one is; nobody else's list changes by looking."""
    code = st.session_state.get(AT_WORK)
    if not code:
        return
    try:
        patient = read_patient(actor, store, code)
    except NotFound:
        del st.session_state[AT_WORK]
        return
    known = read_schedule_input(actor, store, scope.as_of, patient_ids=[patient.id])
    schedule = known.schedule()
    reasons = reasons_with_work(flagged(schedule, known.courses), work, pd.Timestamp(scope.as_of))
    with st.container(border=True, key="at work"):
        _show_head(actor, store, patient, scope)
        why, reach = st.columns(2, gap="large")
        with why:
            _show_reasons(known, schedule, reasons, work)
        with reach:
            _show_reach(actor, store, patient)
            _show_words(actor, store, patient, reasons, known)
        plans = read_courses(actor, store, patient.id, as_of=scope.as_of).to_dict("records")
        courses: dict[Any, dict[Any, Any]] = {plan["course_id"]: plan for plan in plans}
        first = reasons["course_id"].iloc[0] if len(reasons) else next(iter(courses), None)
        hand = at_hand(actor, store, patient, known, schedule, courses.get(first, {}))
        with why:
            _show_timeline(hand, scope)
            _show_attempts(actor, store, patient)
        with reach:
            show_saved(actor, store, patient.id)
            if len(reasons) and _may_record(actor, store, scope, patient):
                show_form(hand, reasons, courses)


def _show_head(actor: Actor, store: Store, patient: Patient, scope: Scope) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literally(patient.name), anchor=False)
        address = {PATIENT: patient.code, **scope.address}
        st.page_link(PATIENT_PAGE, label="Open the page", icon=":material/person:", help="", query_params=address)
        if st.button("Done", icon=":material/close:", help="Lets the patient go, and closes this."):
            if may(actor, "note bookings"):
                release(actor, store, patient.id)
            del st.session_state[AT_WORK]
            st.rerun()


def _show_reasons(known: ScheduleInput, schedule: pd.DataFrame, reasons: pd.DataFrame, work: Work) -> None:
    """Every reason in a sentence, and what was decided about it."""
    if reasons.empty:
        st.success("Nothing more is to be done today.", icon=":material/check_circle:")
        return
    rows = schedule[schedule["flag"].notna()]
    why = dict(
        zip(rows[ROW].astype({"kind": object}).itertuples(index=False, name=None), known.explain(rows), strict=True)
    )
    waived = work.waivers.drop_duplicates(ROW).set_index(ROW)
    for row in reasons.to_dict("records"):
        place = tuple(row[name] for name in ROW)
        st.markdown(
            f":{BADGES.get(row['flag'], 'red')}-badge[{words.FLAGS[row['flag']]}] {literally(str(row['area']))}"
        )
        st.caption(literally(why[place]))
        if row["waived"]:
            said = waived.loc[place]
            st.caption(literally(f"Waived by {said['actor']} on {words.day(said['waived_on'])}: {said['reason']}"))
        elif not pd.isna(row["quiet_until"]):
            st.caption(f"Quiet until {words.day(row['quiet_until'])}.")


def _show_timeline(hand: AtHand, scope: Scope) -> None:
    """Visits and windows of the plan that is asked about first."""
    if not hand.course:
        return
    plans = [plan_of(hand.known, hand.course, hand.rows, hand.visits)]
    figure = patient_timeline(plans, scope.as_of, closures=hand.known.closures, is_whole=False)
    show_picture(figure, f"timeline at work {hand.course['course_id']}", timeline_alt(plans, scope.as_of))


def _show_reach(actor: Actor, store: Store, patient: Patient) -> None:
    """How to reach her: links that her phone or computer opens, and mending what is wrong."""
    if patient.contact_allowed == "none":
        st.error("Do not contact: mend by yourselves what can be mended.", icon=":material/phone_disabled:")
    else:
        prefers = f"Prefers {CHANNELS[patient.preferred_channel].lower()}" if patient.preferred_channel else ""
        st.text(" · ".join(filter(None, [patient.phone, patient.email, prefers])) or "No phone or email is known.")
        with st.container(horizontal=True, gap="small"):
            number = "".join(letter for letter in patient.phone or "" if letter.isdigit() or letter == "+")
            if number:
                st.link_button("Call", f"tel:{number}", icon=":material/call:")
                st.link_button("Text", f"sms:{number}", icon=":material/sms:")
            if patient.email:
                st.link_button("Email", f"mailto:{patient.email}", icon=":material/mail:")
        if patient.contact_allowed == "no_marketing":
            st.caption(words.CONTACT["no_marketing"])
    if may(actor, "register patients"):
        with st.popover("Change the contact", icon=":material/edit:"), st.form("reach", border=False):
            phone = st.text_input("Phone", patient.phone or "", max_chars=40)
            email = st.text_input("Email", patient.email or "", max_chars=200)
            channels = [None, "phone", "text", "email", "post"]
            channel = st.selectbox(
                "Prefers",
                channels,
                channels.index(patient.preferred_channel),
                format_func=lambda one: CHANNELS[one] if one else "Not said",
            )
            allowed = st.selectbox(
                "Contact", CONTACT, CONTACT.index(patient.contact_allowed), format_func=words.CONTACT.__getitem__
            )
            if st.form_submit_button("Save"):
                _attempt(
                    change_contact,
                    actor,
                    store,
                    patient.id,
                    phone=phone,
                    email=email,
                    preferred_channel=channel,
                    contact_allowed=allowed,
                )


def _show_words(actor: Actor, store: Store, patient: Patient, reasons: pd.DataFrame, known: ScheduleInput) -> None:
    """A short text to copy for the first reason, in the clinic's own words; nothing is sent from here."""
    if reasons.empty or patient.contact_allowed == "none":
        return
    row = reasons.iloc[0]
    people = read_practitioners(actor, store).set_index("practitioner_id")["name"]
    whose = known.courses.set_index("course_id")["practitioner_id"].get(row["course_id"])
    text = fill(
        read_messages(actor, store)[row["flag"]],
        name=patient.name,
        clinic=desk.settings().clinic_name,
        come_from=None if pd.isna(row["due_on"]) else row["due_on"].date(),
        come_by=None if pd.isna(row["overdue_on"]) else (row["overdue_on"] - pd.Timedelta(days=1)).date(),
        practitioner=None if pd.isna(whose) else people.get(whose),
    )
    if text:
        st.caption("A text to copy; nothing is sent from here.")
        st.code(text, language=None, wrap_lines=True)


def _may_record(actor: Actor, store: Store, scope: Scope, patient: Patient) -> bool:
    """Whether it is today, and nobody else has her; she is taken on the way in, and may be taken over."""
    if not may(actor, "note bookings") or scope.as_of != scope.today:
        return False
    if st.session_state.pop(TAKE, False):
        with suppress(Conflict):
            take(actor, store, patient.id)
    refusal = taken_by_another(actor, store, patient.id)
    if refusal is None:
        return True
    st.warning(literally(f"{refusal}."), icon=":material/lock_person:")
    if st.button("Take over"):
        take(actor, store, patient.id, over=True)
        st.rerun()
    return False


def _show_attempts(actor: Actor, store: Store, patient: Patient) -> None:
    """What was tried so far, the latest first."""
    attempts = attempts_of(actor, store, patient.id)
    with st.expander(f"Attempts ({len(attempts)})"):
        zone = ZoneInfo(desk.settings().time_zone)
        for row in attempts.head(20).to_dict("records"):
            at = datetime.fromisoformat(row["at"]).astimezone(zone)
            until = f" {words.day(row['until_on'])}" if isinstance(row["until_on"], str) else ""
            said = f"{at:%d %b %Y %H:%M} · {CHANNELS[row['channel']]} · {OUTCOMES[row['outcome']].label}{until}"
            st.text(" · ".join(filter(None, [said, row["actor"], "" if pd.isna(row["note"]) else row["note"]])))
        if attempts.empty:
            st.caption("Nobody has tried yet.")


def _attempt(work, *args, **kwargs) -> None:
    try:
        work(*args, **kwargs)
    except ClinicError as error:
        st.error(literally(f"Not possible: {error}."), icon=":material/block:")
    else:
        st.rerun()
