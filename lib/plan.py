"""One treatment plan as the timeline and the tables show it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from lib.history import known_visits
from lib.pauses import told_holds
from lib.published import published_windows
from lib.schedule.protocols import Protocol

DAY = pd.Timedelta(days=1)


def _empty(columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=columns.split())


@dataclass(frozen=True)
class Plan:
    """What is known of one plan. Columns, dates as datetime64 (in brackets: may be absent):

    - rows: the plan's rows of `expected_visits` and, beside them, of `grounds`
    - visits: kind (session, review; any other is shown as an other visit), visit_date, status, depth_mm (mm),
      [visit_id], [recorded_on], [cancelled_on], [course_id] (missing for a visit that serves no plan)
    - holds: starts_on, ends_on (missing: open-ended), cause (medical, wish), reason, [recorded_on]
    - agreements: kind, agreed_on, due_on, last_on, [note]; the index is the one that `rows` names
    - scores: visit_id, scale, value, better (lower, higher)

    Without a protocol it is no plan, but the visits that serve none.
    """

    id: int
    name: str
    protocol: Protocol | None
    rows: pd.DataFrame
    visits: pd.DataFrame
    holds: pd.DataFrame
    agreements: pd.DataFrame = field(default_factory=lambda: _empty("kind agreed_on due_on last_on note"))
    scores: pd.DataFrame = field(default_factory=lambda: _empty("visit_id scale value better"))

    def known(self, as_of: pd.Timestamp) -> "Plan":
        """The same as it was known on that day: visits, pauses and agreements."""
        told = told_holds(self.holds, as_of)
        agreed = self.agreements[self.agreements["agreed_on"] <= as_of] if len(self.agreements) else self.agreements
        visits = known_visits(self.visits, as_of)
        return Plan(self.id, self.name, self.protocol, self.rows, visits, told, agreed, self.scores)

    @property
    def published(self) -> pd.DataFrame:
        """The published windows of the rows whose own rests on a number of the clinic's (`published_windows`)."""
        return published_windows(self.rows, self.protocol)

    @property
    def scored(self) -> pd.DataFrame:
        """The scores of the visits that took place, with their visit_date and kind, in order."""
        if self.scores.empty or "visit_id" not in self.visits:
            return _empty("visit_id scale value better visit_date kind")
        came = self.visits.loc[self.visits["status"] == "completed", ["visit_id", "visit_date", "kind"]]
        return self.scores.merge(came, on="visit_id").sort_values("visit_date", kind="stable")


def done_sessions(plans: Sequence[Plan]) -> pd.Series:
    """The days of all sessions that were done."""
    rows = [plan.rows for plan in plans]
    days = [some.loc[some["kind"].isin(["session", "maintenance"]), "done_on"] for some in rows]
    return pd.concat(days).dropna()
