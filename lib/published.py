"""The published windows beside those that the clinic has set for itself.

A number of the clinic's own stands in its protocol file under grade `clinic`, and it decides; where a published window
differs, both are shown. The published one is counted from the same day and moved by nothing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.schedule.durations import Duration, span
from lib.schedule.explain import rule_in_words
from lib.schedule.protocols import Protocol
from lib.schedule.rulebook import Durations

GRADE = "practice"
"""Of all published windows."""
PUBLISHED = {
    "sessions": (("4 weeks", "6 weeks"), "articles 2, 3"),
    "review": (("4 weeks", "6 weeks"), "article 4"),
    "outcome": (("3 months", "6 months"), "articles 1, 4"),
    "maintenance": (("6 months", "12 months"), "article 2"),
}
"""The published windows (docs/evidence.md)."""
BESIDE = ["first_on", "last_on", "published", "own"]


@dataclass(frozen=True)
class _Both:
    """A window that the clinic has set for itself, and the published one that differs from it."""

    name: str
    own: tuple[Duration, Duration]
    own_source: str
    published: tuple[Duration, Duration]
    source: str


def own_numbers(protocol: Protocol) -> pd.DataFrame:
    """The windows that the clinic has set for itself where a published one differs.

    Columns: window, own, own_source, published, source, grade (of the published one).
    """
    told = [
        (both.name, span(both.own), both.own_source, span(both.published), both.source, GRADE)
        for both in _differing(protocol).values()
    ]
    return pd.DataFrame(told, columns=["window", "own", "own_source", "published", "source", "grade"])


def published_windows(rows: pd.DataFrame, protocol: Protocol | None) -> pd.DataFrame:
    """The published windows of those of a plan's `rows` whose own rests on a number of the clinic's that differs.

    `rows` as in `lib.plan.Plan`. Each is counted from the row's anchor; a row without one, without a window, or with
    dates agreed with the patient in its place has none. Columns, under the index of `rows`: first_on, last_on,
    published ("4–6 weeks (practice: articles 2, 3)"), own ("8–9 weeks (clinic: …)").
    """
    differing = _differing(protocol) if protocol else {}
    if protocol is None or not differing:
        return pd.DataFrame(columns=BESIDE).astype(dict.fromkeys(BESIDE[:2], "datetime64[s]"))
    keys = [
        rule_in_words(protocol, kind, number, number)[1]
        for kind, number in zip(rows["kind"], rows["number"], strict=True)
    ]
    rests = rows["anchor_on"].notna() & rows["due_on"].notna() & rows["overdue_on"].notna() & rows["agreement"].isna()
    chosen = rests & np.array([key in differing for key in keys], dtype=bool)
    both = [differing[key] for key, is_chosen in zip(keys, chosen, strict=True) if is_chosen]
    anchors = rows.loc[chosen, "anchor_on"]
    told = {
        "first_on": _moved(anchors, [one.published[0] for one in both]),
        "last_on": _moved(anchors, [one.published[1] for one in both]),
        "published": [f"{span(one.published)} ({GRADE}: {one.source})" for one in both],
        "own": [f"{span(one.own)} (clinic: {one.own_source})" for one in both],
    }
    return pd.DataFrame(told, index=anchors.index)


def _differing(protocol: Protocol) -> dict[str, _Both]:
    """The windows graded clinic that differ from the published ones, by their keys in the protocol file."""
    windows: dict[str, tuple[str, tuple[Duration, Duration], str]] = {
        "sessions.window": ("Between sessions", protocol.sessions.window, "sessions")
    }
    for step in protocol.sessions.step:
        if step.window:
            windows[f"sessions.step.{step.number}.window"] = (f"Before session {step.number}", step.window, "sessions")
    for review in protocol.reviews:
        windows[f"reviews.{review.id}.window"] = (review.name, review.window, review.id)
    if protocol.maintenance:
        windows["maintenance.window"] = ("Maintenance", protocol.maintenance.window, "maintenance")
    found = {}
    for key, (name, own, of) in windows.items():
        evidence = protocol.evidence_of(key)
        if evidence is None or evidence.grade != "clinic" or of not in PUBLISHED:
            continue
        (first, last), source = PUBLISHED[of]
        published = (Duration.parse(first), Duration.parse(last))
        if own != published:
            found[key] = _Both(name, own, evidence.source, published, source)
    return found


def _moved(days: pd.Series, durations: list[Duration]) -> np.ndarray:
    """Each day moved on by its own duration, as the schedule does it."""
    numbers = days.to_numpy().astype("datetime64[D]").astype(np.int32)
    moved = Durations(durations).after(numbers, np.arange(len(durations)))
    return moved.astype("datetime64[D]").astype("datetime64[s]")
