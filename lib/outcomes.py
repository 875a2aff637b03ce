"""What an attempt to reach a patient may come to, and what each outcome does: one table for code, pages and docs."""

from dataclasses import dataclass
from datetime import date, timedelta

CHANNELS = {"phone": "Phone", "text": "Text message", "email": "Email", "post": "Post", "in_person": "In person"}


@dataclass(frozen=True)
class Outcome:
    """An outcome and what it does.

    `day` asks for a day and says what it is; `quiet` is until when the reasons stay quiet: "days" (a number of days
    that the clinic sets), "day" (the one given), "day_after" (the one given is still waited for) or "" (not at all).
    `counts` is whether it is an attempt in vain. `closes` is what it closes: plans, or the patient's record under a
    status.
    """

    id: str
    label: str
    does: str
    day: str = ""
    quiet: str = ""
    counts: bool = False
    closes: str = ""


OUTCOMES = {
    outcome.id: outcome
    for outcome in (
        Outcome(
            "booked",
            "Booked",
            "Notes the booking; the visit leaves the list, and comes back if the booking is cancelled or missed.",
        ),
        Outcome(
            "promised",
            "Promised a day",
            "Quiet until that day has passed.",
            day="Promised for",
            quiet="day_after",
        ),
        Outcome("call_again", "Call again on", "Quiet until that day.", day="Call again on", quiet="day"),
        Outcome(
            "left_message",
            "Left a message",
            "Quiet for the clinic's number of days; what is only time to book stays quiet until it is overdue.",
            quiet="days",
            counts=True,
        ),
        Outcome(
            "no_answer",
            "No answer",
            "Quiet for the clinic's number of days; what is only time to book stays quiet until it is overdue.",
            quiet="days",
            counts=True,
        ),
        Outcome(
            "wrong_number",
            "Wrong number",
            "Goes to “to decide” until the phone number or email is changed.",
            counts=True,
        ),
        Outcome(
            "declined_now",
            "Declined for now",
            "Quiet until that day.",
            day="Not before",
            quiet="day",
        ),
        Outcome(
            "done_by_phone",
            "Review done by phone",
            "Records the review as done today.",
        ),
        Outcome(
            "declined_for_good",
            "Declined for good",
            "Closes the treatment plans that are asked about: the patient stopped.",
            closes="plans",
        ),
        Outcome(
            "moved_away",
            "Moved away",
            "Sets the patient to “went to another clinic”: all plans expect nothing more.",
            closes="transferred",
        ),
        Outcome(
            "deceased",
            "Deceased",
            "Sets the patient to “deceased”: all plans expect nothing more.",
            closes="deceased",
        ),
        Outcome(
            "keep_trying",
            "Keep trying",
            "Counts attempts anew.",
        ),
    )
}
"""The outcomes in the order in which they are offered."""


def quiet_until(outcome: str, today: date, until_on: date | None, quiet_days: dict[str, int]) -> date | None:
    """The day on which the reasons of an attempt made today come back; None where they are not quiet."""
    rule = OUTCOMES[outcome].quiet
    if rule == "days":
        return today + timedelta(days=quiet_days[outcome])
    if until_on is None or not rule:
        return None
    return until_on + timedelta(days=1) if rule == "day_after" else until_on


IN_VAIN = [outcome.id for outcome in OUTCOMES.values() if outcome.counts]
