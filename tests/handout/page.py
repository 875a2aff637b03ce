"""A handout as a test writes its plan down, judged by the real schedule under a real protocol file."""

from collections.abc import Collection, Iterator
from dataclasses import astuple
from datetime import date

from lib.handout import Handout, Plan, handout
from tests.charts.course import course


def page(
    *visits: str,
    as_of: str,
    planned: int = 3,
    protocol: str = "acne-scars",
    opened: str = "2026-01-05",
    closed: str | None = None,
    holds: Collection[tuple] = (),
    waived: Collection[tuple[str, int]] = (),
    may_call: bool = True,
    name: str = "Eva Berg",
) -> Handout:
    """The handout of a day for visits such as "2026-03-03 session completed", holds as (start, end, cause, reason)."""
    known = course(
        visits, as_of=as_of, opened=opened, closed=closed, planned=planned, protocol=protocol, holds=list(holds)
    )
    plan = Plan(
        rows=known.rows,
        holds=known.holds,
        protocol=known.protocol,
        as_of=date.fromisoformat(as_of),
        area="Cheeks",
        planned=planned,
        opened_on=date.fromisoformat(opened),
        closed_on=date.fromisoformat(closed) if closed else None,
        waived=waived,
    )
    return handout(plan, name=name, clinic="Harbour Clinic", may_call=may_call)


def texts(part) -> Iterator[str]:
    """Every text of a handout."""
    for one in astuple(part) if isinstance(part, Handout) else part:
        if isinstance(one, str):
            yield one
        elif isinstance(one, tuple):
            yield from texts(one)
