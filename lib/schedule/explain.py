"""Why a row has its status and flag, in one or two plain sentences."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.schedule.clinic import Clinic
from lib.schedule.durations import span
from lib.schedule.expected import judge
from lib.schedule.protocols import Protocol
from lib.words import count, day, days_range, fitted, sentence

_KEY = ["course_id", "kind", "number"]
_ONE = pd.Timedelta(days=1)


def explain(
    rows: pd.DataFrame,
    courses: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    protocols: Mapping[str, Protocol],
    as_of,
    *,
    agreements: pd.DataFrame | None = None,
    closures: pd.DataFrame | None = None,
) -> pd.Series:
    """A sentence or two for each of `rows`, which `expected_visits` gave for the same frames and day.

    They hold the dates, the rule with its source and grade, and what moved the window: an agreement, a
    hold, a closure, or the skin's healing. Index as `rows`; dates as people read them. Raises ValueError as
    `expected_visits`, and for a row that is not in its result.
    """
    whys = _whys(rows, courses, visits, holds, protocols, as_of, agreements, closures)
    return pd.Series([why.text() for why in whys], index=rows.index, dtype="str")


def grounds(
    rows: pd.DataFrame,
    courses: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    protocols: Mapping[str, Protocol],
    as_of,
    *,
    agreements: pd.DataFrame | None = None,
    closures: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What the window of each of `rows` rests on; frames, index and errors as for `explain`.

    Columns: rule (with the grade and source it has: "4–6 weeks after session 1 · practice: articles 2, 3"), moved
    (what moved the window, "" where nothing did) and agreement (the index of the one that set it, missing where none).
    """
    whys = _whys(rows, courses, visits, holds, protocols, as_of, agreements, closures)
    set_by = [why.row["agreement"] for why in whys]
    labels = pd.Index([]) if agreements is None else agreements.index
    return pd.DataFrame(
        {
            "rule": pd.Series([why.rule() for why in whys], index=rows.index, dtype="str"),
            "moved": pd.Series([why.moved() for why in whys], index=rows.index, dtype="str"),
            "agreement": pd.Series([labels[at] if at >= 0 else None for at in set_by], index=rows.index, dtype="Int64"),
        }
    )


def _whys(rows, courses, visits, holds, protocols, as_of, agreements, closures) -> "list[_Why]":
    """The sentences of each row, judged anew with what moved its window."""
    chosen = courses[courses["course_id"].isin(rows["course_id"])]
    inputs = (chosen, visits, holds, protocols, as_of, agreements, closures)
    clinic = Clinic.read(*inputs)
    judged = judge(clinic).frame(clinic.courses.ids, clinic.rulebook.kinds, causes=True)
    wanted = rows[_KEY].assign(kind=rows["kind"].astype(object))
    found = wanted.merge(judged.assign(kind=judged["kind"].astype(object)), on=_KEY, how="left", sort=False)
    if found["status"].isna().any():
        missing = found[found["status"].isna()].iloc[0]
        raise ValueError(
            f"course {missing['course_id']}: there is no row {missing['kind']} {missing['number']} on that day"
        )
    by_course = chosen.drop_duplicates("course_id").set_index("course_id")
    found["protocol_id"] = by_course["protocol_id"].astype(object).loc[found["course_id"]].to_numpy()
    found["planned"] = by_course["planned_sessions"].loc[found["course_id"]].to_numpy()
    found["paused"] = _covering(found, holds, pd.Timestamp(as_of))
    for name in found.select_dtypes("category"):
        found[name] = found[name].astype(object)
    return [_Why(row, protocols[row["protocol_id"]], holds, agreements, closures) for row in found.to_dict("records")]


def rule_in_words(protocol: Protocol, kind: str, number: int, planned: int) -> tuple[str, str]:
    """The rule that sets a row's window, in words, and the key of the protocol file it stands under.

    `number` counts within the kind; `planned` is the number of sessions in the treatment plan.
    """
    if kind == "session" and number == 1:
        return f"within {protocol.sessions.start_within} of the plan's opening", "sessions.start_within"
    if kind == "session":
        step = next((step for step in protocol.sessions.step if step.number == number and step.window), None)
        window, key = (step.window, f"sessions.step.{number}.window") if step else (None, "sessions.window")
        return f"{span(window or protocol.sessions.window)} after session {number - 1}", key
    if kind == "maintenance":
        before = f"session {planned}" if number == 1 else f"maintenance session {number - 1}"
        window = protocol.maintenance.window if protocol.maintenance else protocol.sessions.window
        return f"{span(window)} after {before}", "maintenance.window"
    review = protocol.review(kind)
    assert review is not None  # noqa: S101 - the kind came from this protocol
    after = f"session {number}" if review.after == "each" else f"session {planned}"
    return f"{span(review.window)} after {after}", f"reviews.{kind}.window"


def visit_name(protocol: Protocol, kind: str, number: int) -> str:
    """What a row is called: session 3, maintenance session 1, follow-up review."""
    if kind == "session":
        return f"session {number}"
    if kind == "maintenance":
        return f"maintenance session {number}"
    review = protocol.review(kind)
    assert review is not None  # noqa: S101 - the kind came from this protocol
    name = review.name[:1].lower() + review.name[1:]
    return f"{name} {number}" if review.after == "each" else name


def _covering(rows: pd.DataFrame, holds: pd.DataFrame, as_of: pd.Timestamp) -> np.ndarray:
    """For each row the place of a hold that covers the day, the one to be asked about first; else -1."""
    place = np.full(len(rows), -1)
    if not len(holds):
        return place
    ends = pd.to_datetime(holds["ends_on"]) if "ends_on" in holds else pd.Series(pd.NaT, index=holds.index)
    check = pd.to_datetime(holds["check_on"]) if "check_on" in holds else pd.Series(pd.NaT, index=holds.index)
    covers = (holds["starts_on"] <= as_of) & ~(ends <= as_of)
    cover = pd.DataFrame({"course_id": holds["course_id"], "check": check, "place": np.arange(len(holds))})[covers]
    first = cover.sort_values("check", na_position="last").drop_duplicates("course_id").set_index("course_id")["place"]
    return first.reindex(rows["course_id"]).fillna(-1).to_numpy(dtype=int)


class _Why:
    """The sentences of one row."""

    def __init__(self, row: dict, protocol: Protocol, holds, agreements, closures):
        self.row, self.protocol = row, protocol
        self.holds, self.agreements, self.closures = holds, agreements, closures
        self.what = visit_name(protocol, row["kind"], row["number"])

    def text(self) -> str:
        """What is the matter, and where needed what moved the window."""
        return " ".join(filter(None, [self._matter(), self.moved()]))

    def rule(self) -> str:
        """The rule with its grade and source; nothing where the protocol sets no dates."""
        if pd.isna(self.row["earliest_on"]):
            return ""
        rule, key = rule_in_words(self.protocol, self.row["kind"], self.row["number"], self.row["planned"])
        return " · ".join(filter(None, [rule, self._graded(key)]))

    def _matter(self) -> str:
        row, flag = self.row, self.row["flag"]
        if flag is None or pd.isna(flag):
            return self._unflagged()
        over, rule = count(row["days_overdue"], "day"), self._rule()
        booked = "" if pd.isna(row["booked_on"]) else day(row["booked_on"])
        if flag in ("not_started", "missed_session", "overdue_maintenance", "overdue_review"):
            return f"{over} over: {self.what} was due {self._window()}, {rule}.{self._fell_through()}"
        if flag == "lapsed":
            lapsed = day(row["lapses_on"])
            lost = f"{over} over, lost to follow-up since {lapsed}"
            return f"{lost}: {self.what} was due {self._window()}, {rule}.{self._fell_through()}"
        if flag == "due_unbooked":
            return f"{self._what()} is due {self._window()}, {rule}, and nothing is booked."
        if flag == "no_show":
            times = f" ({row['missed_count']} times in all)" if row["missed_count"] > 1 else ""
            return f"Did not come on {day(row['missed_on'])}{times}, not rebooked: {self._expected()}, {rule}."
        if flag == "not_rebooked":
            return f"Cancelled on {day(row['cancelled_on'])}, not rebooked: {self._expected()}, {rule}."
        if flag == "attendance_unrecorded":
            was = day(row["unrecorded_on"])
            return f"Booked for {was}, and nobody has recorded whether the patient came: {self._expected()}, {rule}."
        if flag == "hold_to_check":
            return f"{self._pause()}, and {self.what} waits; somebody was to ask by {self._check()} how it stands."
        if flag == "booked_on_hold":
            return (
                f"{self._what()} is booked for {booked}, which falls in the pause {self._pause_on(row['booked_on'])}."
            )
        if flag == "booked_too_soon":
            soon = count((row["earliest_on"] - row["booked_on"]).days, "day")
            heals = f"the skin has not healed before {day(row['earliest_on'])}{self._source(self._earliest_key())}"
            return f"{self._what()} is booked for {booked}, {soon} too soon: {heals}."
        late = count((row["booked_on"] - row["overdue_on"]).days + 1, "day")
        return f"{self._what()} is booked for {booked}, {late} late: due {self._window()}, {rule}."

    def _fell_through(self) -> str:
        """What was booked meanwhile and did not take place."""
        row, told = self.row, []
        if not pd.isna(row["missed_on"]):
            times = f" ({row['missed_count']} times in all)" if row["missed_count"] > 1 else ""
            told.append(f" Did not come on {day(row['missed_on'])}{times}.")
        if not pd.isna(row["cancelled_on"]):
            told.append(f" Cancelled on {day(row['cancelled_on'])}.")
        return "".join(told)

    def _unflagged(self) -> str:
        row, status, what = self.row, self.row["status"], self._what()
        if status == "done":
            if pd.isna(row["earliest_on"]):
                return f"{what} was done on {day(row['done_on'])}; the protocol sets no dates beyond the series."
            fit = fitted(row["timing"], row["days_off"])
            return f"{what} was done on {day(row['done_on'])}, {fit}: due {self._window()}, {self._rule()}."
        if status == "skipped":
            return f"{what} was not done before the next session: due {self._window()}, {self._rule()}."
        booked = "" if pd.isna(row["booked_on"]) else f"; booked for {day(row['booked_on'])}"
        if status == "on_hold":
            return f"{self._pause()}, and {self.what} waits{booked}."
        if status == "projected":
            return f"{what} will likely be due {self._window()}, {self._rule()}{booked}."
        return f"{sentence(self._expected())}, {self._rule()}{booked}."

    def _what(self) -> str:
        return sentence(self.what)

    def _window(self) -> str:
        due, overdue = self.row["due_on"], self.row["overdue_on"]
        if pd.isna(due):
            return "once treatment resumes"
        return f"from {day(due)} on" if pd.isna(overdue) else days_range(due, overdue - _ONE)

    def _expected(self) -> str:
        is_past = self.row["status"] in ("done", "skipped", "overdue", "lapsed")
        return f"{self.what} {'was' if is_past else 'is'} due {self._window()}"

    def _rule(self) -> str:
        row = self.row
        rule, key = rule_in_words(self.protocol, row["kind"], row["number"], row["planned"])
        anchor = "" if pd.isna(row["anchor_on"]) else f" on {day(row['anchor_on'])}"
        return f"{rule}{anchor}{self._source(key)}"

    def _earliest_key(self) -> str:
        kind = self.row["kind"]
        if kind == "session":
            return "sessions.earliest"
        return "maintenance.earliest" if kind == "maintenance" else f"reviews.{kind}.earliest"

    def _source(self, key: str) -> str:
        name = f"{self.protocol.name} v{self.protocol.version}"
        return f" ({'; '.join(filter(None, [name, self._graded(key)]))})"

    def _graded(self, key: str) -> str:
        """A number's grade and source. The first of several sources carries the grade; there is no room for others."""
        evidence = self.protocol.evidence_of(key)
        return f"{evidence.grade}: {evidence.source.split(';')[0]}" if evidence else ""

    def _pause(self) -> str:
        hold = self.holds.iloc[self.row["paused"]]
        ends = hold.get("ends_on")
        until = "with no end set" if pd.isna(ends) else f"until {day(ends)}"
        return f"Paused since {day(hold['starts_on'])}, {until}"

    def _pause_on(self, booked_on) -> str:
        """The dates of the pause that covers the booking."""
        holds = self.holds[(self.holds["course_id"] == self.row["course_id"]) & (self.holds["starts_on"] <= booked_on)]
        ends = holds.get("ends_on", pd.Series(pd.NaT, index=holds.index))
        hold = holds[~(ends <= booked_on)].iloc[0]
        return self._dates(hold)

    @staticmethod
    def _dates(hold) -> str:
        ends = hold.get("ends_on")
        return f"from {day(hold['starts_on'])} on" if pd.isna(ends) else days_range(hold["starts_on"], ends - _ONE)

    def _check(self) -> str:
        return day(self.holds.iloc[self.row["paused"]]["check_on"])

    def moved(self) -> str:
        """What moved the window away from the protocol's dates; nothing for rows without a window of their own."""
        row, causes = self.row, []
        if row["agreement"] >= 0:
            agreed = self.agreements.iloc[row["agreement"]]
            dates = days_range(agreed["due_on"], agreed["last_on"])
            causes.append(f"set to {dates} as agreed on {day(agreed['agreed_on'])}")
        if row["hold"] >= 0:
            hold = self.holds.iloc[row["hold"]]
            causes.append(f"moved by the pause {self._dates(hold)}")
        if row["healed"]:
            causes.append("put off until the skin has healed")
        if row["closure"] >= 0:
            closure = self.closures.iloc[row["closure"]]
            shut = days_range(closure["starts_on"], closure["ends_on"] - _ONE)
            causes.append(f"kept open a week longer because the clinic is closed {shut}")
        return f"The window was {' and '.join(causes)}." if causes else ""
