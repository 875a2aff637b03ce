"""What the skin is expected to do on the handout: the protocol's phases on the patient's own dates."""

from dataclasses import dataclass

import pandas as pd

from lib.handout.plan import UNSAFE, Plan
from lib.pauses import NO_DAY
from lib.response import phase_days, to_do
from lib.schedule.durations import after, span
from lib.words import day, days_range

FROM = {
    "trial": "a study",
    "label": "the device's instructions",
    "practice": "what practitioners publish",
    "clinic": "this clinic",
}
"""Where a text comes from, for each grade of evidence."""


@dataclass(frozen=True)
class Stage:
    """What the patient may see, and should do, in a stretch of days; `is_now` where the day lies in it."""

    name: str
    when: str
    sees: str
    do: str
    is_now: bool
    grade: str


def stages(plan: Plan) -> list[Stage]:
    """The phases that are not over, up to the next session, which begins them anew.

    They count from the last session, before the first from the day booked for it. Where the plan is closed or paused,
    what is to be done is told as long as the skin heals only (`to_do`).
    """
    base, told = _base(plan), []
    if plan.is_closed and pd.isna(base):
        return []
    counted_from = plan.on if pd.isna(base) else base
    healed_on, anew_on = after(counted_from, plan.protocol.sessions.earliest), _anew_on(plan, counted_from)
    dates = phase_days(plan.protocol, counted_from.date())
    todo = to_do(dates, healed_on, plan.as_of, plan.told, is_closed=plan.is_closed)
    for phase, first, last, do in zip(plan.protocol.phases, dates["starts_on"], dates["ends_on"], todo, strict=True):
        if last < plan.on or first > anew_on:
            continue
        when = f"{span((phase.from_, phase.to))} after it" if pd.isna(base) else days_range(first, last)
        is_now = not pd.isna(plan.last_session) and first <= plan.on
        told.append(Stage(phase.name, when, phase.sees, do, is_now, phase.grade))
    return told


def counted_from(plan: Plan) -> str:
    """From which day the phases count."""
    base = _base(plan)
    if pd.isna(plan.last_session):
        return "After your first session" + ("." if pd.isna(base) else f" on {day(base)}.")
    begins_anew = plan.next_session is not None and plan.next_session.kind == "session"
    return f"Counted from your last session on {day(base)}{'; the next one begins it anew' if begins_anew else ''}."


def sources(shown: list[Stage]) -> str:
    """Where the texts come from, by kind of source; nothing where there are none."""
    by_source = {
        source: ", ".join(stage.name for stage in shown if stage.grade == grade) for grade, source in FROM.items()
    }
    told = "; ".join(f"{source} ({names})" for source, names in by_source.items() if names)
    return f"From: {told}. Skin differs, and yours may take its own time." if told else ""


def _base(plan: Plan) -> pd.Timestamp:
    """The last session, else the day booked for the first one; missing where there is neither."""
    if not pd.isna(plan.last_session):
        return plan.last_session
    row = plan.next_session
    return row.booked_on if row is not None and row.flag not in UNSAFE else NO_DAY


def _anew_on(plan: Plan, base: pd.Timestamp) -> pd.Timestamp:
    """The last day on which the next session is likely to come; missing where that can't be said, or none comes."""
    if pd.isna(plan.last_session):
        return after(base, plan.protocol.sessions.window_of(2)[1]) if plan.planned > 1 else NO_DAY
    row = plan.next_session
    if row is None or row.status in ("overdue", "lapsed"):
        return NO_DAY
    return plan.likely(row)[1]
