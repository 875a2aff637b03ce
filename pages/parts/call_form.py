"""What came of an attempt to reach a patient: channel and outcome in one step, and what the outcome asks for."""

from datetime import timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.attempts import Reason, record_attempt
from clinic_data.waivers import waive_review
from lib import words
from lib.outcomes import CHANNELS, OUTCOMES, quiet_until
from lib.schedule.explain import visit_name
from pages.parts import desk
from pages.parts.at_hand import AtHand, at_hand
from pages.parts.forms import DATE, draw_booking
from pages.parts.recording import offer_to_save

NEEDLED = ["session", "maintenance"]
WAIVE = "waive"
LIKELY_DAYS = {"promised": 7, "call_again": 7, "declined_now": 60}


def show_form(hand: AtHand, reasons: pd.DataFrame, courses: dict[Any, dict[Any, Any]]) -> None:
    """The form for one patient, and what saving it does; `courses` are her plans by id."""
    key = f"{hand.patient.code} {hand.seen}"
    has_review = bool((~reasons["kind"].isin(NEEDLED)).any())
    offered = [outcome for outcome in OUTCOMES if outcome != "done_by_phone" or has_review]
    channel = st.segmented_control(
        "By",
        list(CHANNELS),
        default=hand.patient.preferred_channel or "phone",
        format_func=CHANNELS.__getitem__,
        key=f"channel {key}",
        required=True,
        wrap=True,
    )
    labels = {outcome: OUTCOMES[outcome].label for outcome in offered} | (
        {WAIVE: "Waive a review"} if has_review else {}
    )
    outcome = st.pills(
        "What came of it?", list(labels), format_func=labels.__getitem__, key=f"outcome {key}", wrap=True
    )
    if outcome == WAIVE:
        entry = _waiving(hand, reasons, key)
    elif outcome:
        entry = _attempting(hand, reasons, courses, channel or "phone", outcome, key)
    else:
        return
    if entry is not None:
        offer_to_save(hand.records, entry, labels[outcome], also=_does(outcome, entry, hand))


def _does(outcome: str, entry: partial[int], hand: AtHand) -> str:
    """What an outcome does to the list, with the day on which the patient comes back."""
    if outcome == WAIVE:
        return "It is shown as waived, and nobody has to call for it; the rules stay."
    settings = desk.settings()
    days = {"left_message": settings.quiet_days_after_message, "no_answer": settings.quiet_days_after_no_answer}
    until = quiet_until(outcome, hand.today, entry.keywords.get("until_on"), days)
    if until is None:
        return OUTCOMES[outcome].does
    but = "; what is only time to book stays quiet until it is overdue" if outcome in days else ""
    return f"Quiet until {words.day(until)}{but}."


def _attempting(
    hand: AtHand,
    reasons: pd.DataFrame,
    courses: dict[Any, dict[Any, Any]],
    channel: str,
    outcome: str,
    key: str,
) -> partial[int]:
    """The entry of an attempt, with what its outcome asks for."""
    about: list[Reason] = [
        (int(row["course_id"]), str(row["kind"]), int(row["number"]), str(row["flag"]))
        for row in reasons[~reasons["waived"]].to_dict("records")
    ]
    entry = partial(record_attempt, patient_id=hand.patient.id, channel=channel, outcome=outcome, reasons=about)
    if outcome == "booked":
        return _booked(entry, hand, reasons, courses, key)
    what = OUTCOMES[outcome]
    if what.day:
        first = hand.today + timedelta(days=0 if what.quiet == "day_after" else 1)
        last = hand.today + timedelta(days=desk.settings().longest_quiet)
        likely = min(hand.today + timedelta(days=LIKELY_DAYS[outcome]), last)
        day = st.date_input(
            what.day, likely, min_value=first, max_value=last, format=DATE, key=f"until {outcome} {key}", width=200
        )
        entry = partial(entry, until_on=day)
    note = st.text_input("Note", max_chars=300, key=f"note {key}", placeholder="Such as: after the holiday")
    return partial(entry, note=note)


def _booked(
    entry: partial[int], hand: AtHand, reasons: pd.DataFrame, courses: dict[Any, dict[Any, Any]], key: str
) -> partial[int]:
    """The entry with the booking: of which plan, which visit, which day."""
    plans = list(dict.fromkeys(reasons["course_id"]))
    chosen = plans[0]
    if len(plans) > 1:
        chosen = st.segmented_control(
            "Treatment plan",
            plans,
            default=plans[0],
            format_func=lambda one: str(courses[one]["area"]),
            key=f"plan {key}",
            required=True,
        )
    plan = at_hand(hand.actor, hand.store, hand.patient, hand.known, hand.known.schedule(), courses[chosen])
    booking = draw_booking(plan, f"at work {chosen} {key}").keywords
    return partial(
        entry,
        booking=(int(chosen), booking["kind"], booking["visit_date"]),
        practitioner_id=booking["practitioner_id"],
    )


def _waiving(hand: AtHand, reasons: pd.DataFrame, key: str) -> partial[int] | None:
    """The entry that does without one review; None as long as something is wanting."""
    rows = reasons[~reasons["kind"].isin(NEEDLED) & ~reasons["waived"]].to_dict("records")
    if not rows:
        st.caption("No review is left to be waived.")
        return None
    names = [_name(hand, row) for row in rows]
    place = st.segmented_control(
        "Review", range(len(rows)), default=0, format_func=names.__getitem__, key=f"review {key}", required=True
    )
    reason = st.text_input("Why the clinic does without it", max_chars=200, key=f"why {key}")
    if not reason.strip():
        st.caption("Write the reason, then what it does is shown here.")
        return None
    row = rows[place or 0]
    return partial(
        waive_review, course_id=int(row["course_id"]), kind=row["kind"], number=int(row["number"]), reason=reason
    )


def _name(hand: AtHand, row: dict[Any, Any]) -> str:
    """A reason's visit: Follow-up review."""
    keys = dict(zip(hand.known.courses["course_id"], hand.known.courses["protocol_id"].astype(object), strict=True))
    protocol = hand.known.protocols[keys[row["course_id"]]]
    return words.sentence(visit_name(protocol, row["kind"], row["number"]))
