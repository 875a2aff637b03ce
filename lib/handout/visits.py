"""The visits on the handout: those that took place, the next one, and those that follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.handout.plan import UNSAFE, Plan, order
from lib.pauses import NO_DAY, covering, paused_from, resumes_on
from lib.schedule.durations import after, span
from lib.words import count, day, days_range, sentence

CHOOSE_A_DAY = "Please call us to choose a day."


@dataclass(frozen=True)
class Line:
    """A visit, and its day or days in words."""

    what: str
    when: str


@dataclass(frozen=True)
class NextVisit:
    """What comes next: a title, the day or days where there are any, and what the patient is asked to do."""

    title: str
    when: str
    note: str


def progress(plan: Plan) -> str:
    """How much of the series is done."""
    planned, done = plan.planned, plan.sessions_done
    if not done and plan.is_closed:
        return "No session took place."
    if not done:
        return f"{count(planned, 'session')} {'is' if planned == 1 else 'are'} planned."
    if done >= planned:
        return "Your session is done." if planned == 1 else f"Your series is complete: {count(done, 'session')}."
    return f"{done} of {count(planned, 'session')} {'is' if done == 1 else 'are'} done."


def done(plan: Plan) -> Iterator[Line]:
    """A line for each day on which something was done."""
    names: dict[pd.Timestamp, list[str]] = {}
    for row in plan.done:
        names.setdefault(row.done_on, []).append(plan.name(row))
    for on, what in names.items():
        yield Line(sentence(" and ".join(what)), day(on))


def next_visit(plan: Plan, *, may_call: bool) -> NextVisit:
    """The next visit, or why there is none; `may_call` says whether the clinic may call the patient."""
    if plan.is_closed:
        ended = f"This treatment plan ended on {day(plan.closed_on)}"  # type: ignore[arg-type]
        return NextVisit(ended, "", "Thank you for your trust. If you would like to come again, please call us.")
    visit = _next(plan)
    if plan.is_paused:
        return _paused(plan, visit, may_call)
    if visit and plan.is_paused_ahead(visit[0]):
        return _paused_ahead(plan, visit, may_call)
    if visit:
        return _to_book(plan, visit[0]) if pd.isna(visit[0].booked_on) else _booked(plan, visit)
    if plan.opened_on > plan.as_of:
        begins = f"Your treatment plan begins on {day(plan.opened_on)}"
        return NextVisit(begins, "", "Please call us to choose the day of your first session.")
    return NextVisit("No visit is planned", "", "If you would like to come again, please call us.")


def later(plan: Plan) -> list[Line]:
    """Every visit after the next one with its likely days, those without any at the end."""
    first = _next(plan)
    visits = [visit for visit in _visits(plan) if not first or visit[0] is not first[0]]
    lines = [(plan.likely(visit[0])[0], Line(sentence(_name(plan, visit)), _when(plan, visit))) for visit in visits]
    lines += list(_reviews_to_come(plan))
    return [line for _, line in sorted(lines, key=lambda one: order(one[0]))]


def has_review(plan: Plan) -> bool:
    """Whether a review stands among the visits to come."""
    return any(plan.protocol.review(row.kind) for row in plan.coming) or any(_reviews_to_come(plan))


def _visits(plan: Plan) -> list[list[Any]]:
    """What is to come, visit by visit: what is booked for one day is one visit."""
    visits: list[list[Any]] = []
    for row in plan.coming:
        same = next((visit for visit in visits if visit[0].booked_on == row.booked_on), None)
        if same is None:
            visits.append([row])
        else:
            same.append(row)
    return visits


def _next(plan: Plan) -> list[Any]:
    """The visit that comes first, or the session that waits for the end of a pause."""
    visits = _visits(plan)
    if plan.is_paused:
        return next(visit for visit in visits if any(row is plan.next_session for row in visit))
    return visits[0] if visits else []


def _name(plan: Plan, visit: list[Any]) -> str:
    return " and ".join(plan.name(row) for row in visit)


def _is_unsafe(visit: list[Any]) -> bool:
    return any(row.flag in UNSAFE for row in visit)


def _booked(plan: Plan, visit: list[Any]) -> NextVisit:
    title, when = f"Your next visit: {_name(plan, visit)}", day(visit[0].booked_on)
    if _is_unsafe(visit):
        return NextVisit(title, when, "Please call us before that day: we may need to move it.")
    return NextVisit(title, when, "If you can't come on that day, please call us and we will find another.")


def _to_book(plan: Plan, row: Any) -> NextVisit:
    if not pd.isna(row.unrecorded_on):
        return NextVisit("Your next visit", "", "Please call us, and we will find the right day for it together.")
    title = f"Your next visit: {plan.name(row)}"
    if row.status in ("overdue", "lapsed"):
        return NextVisit(title, "It is time to come", CHOOSE_A_DAY)
    first, last = plan.likely(row)
    when = f"Come by {day(last)}" if row.due_on < first == plan.on else f"Come {_between(first, last)}"
    return NextVisit(title, when, f"No day is booked yet. {CHOOSE_A_DAY}")


def _paused(plan: Plan, visit: list[Any], may_call: bool) -> NextVisit:
    title = "Your treatment is paused"
    if not pd.isna(visit[0].booked_on):
        booked = _booked(plan, visit)
        return NextVisit(title, f"{sentence(_name(plan, visit))} is booked for {booked.when}", booked.note)
    return NextVisit(title, *_going_on(plan, visit, plan.on, may_call))


def _paused_ahead(plan: Plan, visit: list[Any], may_call: bool) -> NextVisit:
    """What the patient reads where a pause is known that will take up the whole window."""
    on = max(visit[0].due_on, plan.on)
    title = f"Your treatment will be paused from {day(paused_from(plan.told, on))}"
    return NextVisit(title, *_going_on(plan, visit, on, may_call))


def _going_on(plan: Plan, visit: list[Any], paused_on: pd.Timestamp, may_call: bool) -> tuple[str, str]:
    """When treatment may go on after a pause, and for what to come then."""
    first, last = plan.likely(visit[0])
    if not pd.isna(first):
        when = f"It may go on from {day(resumes_on(plan.told, paused_on))}"
        return when, f"Then come for {_name(plan, visit)} {_between(first, last)}. {CHOOSE_A_DAY}"
    if may_call and not (covering(plan.told, paused_on)["cause"] == "wish").all():
        return "", "We will call you when it may go on."
    return "", "Please call us when you would like to go on."


def _when(plan: Plan, visit: list[Any]) -> str:
    row = visit[0]
    if not pd.isna(row.booked_on):
        asks = ": please call us before, we may need to move it" if _is_unsafe(visit) else ""
        return f"{day(row.booked_on)}, booked{asks}"
    if row.status in ("overdue", "lapsed") or not pd.isna(row.unrecorded_on):
        return "please call us to choose a day"
    first, last = plan.likely(row)
    return "when treatment goes on" if pd.isna(first) else f"about {days_range(first, last)}"


def _reviews_to_come(plan: Plan) -> Iterator[tuple[pd.Timestamp, Line]]:
    """The reviews that count from sessions still to come, with the first day on which each is likely."""
    sessions = {row.number: row for row in plan.coming if row.kind == "session"}
    for review in plan.protocol.reviews:
        is_each = review.after == "each"
        numbers = sorted(sessions) if is_each and not review.met_by_session else [plan.planned]
        for number in numbers if sessions else []:
            counted = number if is_each else 1
            if (review.id, counted) in plan.waived:
                continue
            what = sentence(review.name)
            row = sessions.get(number)
            first, last = plan.likely(row) if row is not None and row.status != "lapsed" else (NO_DAY, NO_DAY)
            if pd.isna(first):
                yield NO_DAY, Line(what, f"{span(review.window)} after session {number}")
            else:
                first, last = after(first, review.window[0]), after(last, review.window[1])
                yield first, Line(what, f"about {days_range(first, last)}")


def _between(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"on {day(first)}" if first == last else f"between {day(first)} and {day(last)}"
