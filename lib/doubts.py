"""Data to doubt: what stands in the record and can hardly be right, each in a sentence, for somebody to mend.

None of it is a flag: the schedule judges what is recorded, and what is recorded may be wrong.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from lib.schedule import Protocol
from lib.schedule.durations import shift
from lib.words import count, day

ON_HOLD, TOO_CLOSE, IN_FUTURE, TOO_MANY, BEFORE_OPENING, DUPLICATE = KINDS = (
    "session_on_hold",
    "sessions_too_close",
    "visit_in_future",
    "too_many_sessions",
    "visit_before_opening",
    "duplicate",
)
"""The kinds of doubts in the order in which they are shown: what touches the skin first."""

CLOSEST_DAYS = 7
"""Two sessions on one area are at least so many days apart."""

ALIKE = [
    ("folded_name", "born_on"),
    ("folded_name", "phone_digits"),
    ("folded_name", "email"),
    ("phone_digits", "born_on"),
]
"""Two patients who share both of any of these are possibly one; sharing the name alone says nothing."""

MOST_ALIKE = 20
"""Of more patients than this who share the same two things, each is set against the first so many."""

SHARED = {"folded_name": "name", "born_on": "birth date", "phone_digits": "phone number", "email": "email address"}
IDS = ["patient_id", "other_patient_id", "course_id", "visit_id", "hold_id", "number"]
DAYS = ["day", "other_day"]
KEY = ["kind", "patient_id", "other_patient_id", "course_id", "visit_id", "day", "other_day"]
"""What tells a doubt from all others: where one of its days changes, it is another doubt."""


def doubts(
    courses: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    patients: pd.DataFrame,
    protocols: Mapping[str, Protocol],
    as_of: date,
) -> pd.DataFrame:
    """One row for each doubt about the record as it stands on that day, by kind, then the latest day first.

    `courses`, `visits`, `holds` and `protocols` are those of docs/rules.md, with patient_id, area, visit_id and
    hold_id; `patients` has patient_id, folded_name, born_on (ISO text), phone_digits and email. Columns: kind, IDS,
    DAYS and sentence; visit_id is the visit that a mend would touch, number which session of its plan it is, where
    there are too many.

    - visit_in_future: completed after that day. The other kinds look at visits up to that day.
    - sessions_too_close: sessions of one patient on one area, of whatever plans, 1 to 6 days apart; those of
      one day are one session.
    - session_on_hold: a session on a day that a pause of its plan covers.
    - too_many_sessions: days with a session beyond the number planned. Where the protocol has maintenance, a session
      after the series is one of maintenance, unless it comes before maintenance may (its `earliest`, from the session
      before). A plan is told once, by the last session that is too many.
    - visit_before_opening: a session or review before the plan was opened. A plan is told once, by its first visit.
    - duplicate: two patients who share what is in ALIKE.
    """
    on = pd.Timestamp(as_of)
    completed = _completed(courses, visits)
    past = completed[completed["visit_date"] <= on]
    sessions = past[past["kind"] == "session"]
    found = pd.concat(
        [
            _on_hold(sessions, holds),
            _too_close(sessions),
            _in_future(completed[completed["visit_date"] > on]),
            _too_many(sessions, protocols),
            _before_opening(past),
            _duplicates(patients),
        ]
    )
    place = found["kind"].map({kind: at for at, kind in enumerate(KINDS)})
    order = found.assign(place=place).sort_values(
        ["place", "day", *IDS], ascending=[True, False, *[True] * len(IDS)], kind="stable"
    )
    return order.drop(columns="place").reset_index(drop=True)


def with_decisions(found: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    """The doubts with what was decided about them: reason, decided_by and decided_on, missing where nothing was.

    `decisions` has KEY and those. One holds for the days it was made about, and for no others.
    """
    types = found[KEY].dtypes.to_dict()
    return found.merge(decisions.astype(types).drop_duplicates(KEY), on=KEY, how="left")


def _completed(courses: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Visits that are said to have taken place, with their plan; `place` is the same on one patient's one area."""
    about = courses[["course_id", "patient_id", "protocol_id", "area", "planned_sessions", "opened_on"]]
    about = about.astype({"course_id": "int64", "patient_id": "int64", "area": "category"})
    spelt = pd.factorize(about["area"].cat.categories.astype("str").str.casefold())[0]
    areas = spelt[about["area"].cat.codes] if len(about) else np.empty(0, dtype=np.int64)
    about["place"] = about["patient_id"].to_numpy() * (len(spelt) + 1) + areas
    done = visits.loc[visits["status"] == "completed", ["course_id", "visit_id", "kind", "visit_date"]]
    done = done.astype({"course_id": "int64", "visit_id": "int64"}).merge(about, on="course_id")
    return done.astype({"visit_date": "datetime64[s]", "opened_on": "datetime64[s]"})


def _on_hold(sessions: pd.DataFrame, holds: pd.DataFrame) -> pd.DataFrame:
    pauses = holds[["course_id", "hold_id", "starts_on", "ends_on"]].astype({"course_id": "int64", "hold_id": "int64"})
    both = sessions.merge(pauses, on="course_id")
    inside = (both["starts_on"] <= both["visit_date"]) & ~(both["ends_on"] <= both["visit_date"])
    both = both[inside].drop_duplicates(["visit_id", "hold_id"])
    sentences = [
        f"The session on {day(on)} lies in a pause: from {day(first)}, "
        + ("with no end set." if pd.isna(end) else f"treatment may resume on {day(end)}.")
        for on, first, end in zip(both["visit_date"], both["starts_on"], both["ends_on"], strict=True)
    ]
    return _told(ON_HOLD, sentences, both, day=both["visit_date"], other_day=both["starts_on"])


def _too_close(sessions: pd.DataFrame) -> pd.DataFrame:
    in_order = _one_a_day(sessions, "place")
    before = in_order[["place", "visit_date"]].shift()
    apart = in_order["visit_date"] - before["visit_date"]
    close = (in_order["place"] == before["place"]) & (apart < pd.Timedelta(days=CLOSEST_DAYS))
    later, earlier = in_order[close], before.loc[close, "visit_date"]
    sentences = [
        f"Two sessions on {area} are {count((on - first).days, 'day')} apart: {day(first)} and {day(on)}."
        for area, first, on in zip(later["area"], earlier, later["visit_date"], strict=True)
    ]
    return _told(TOO_CLOSE, sentences, later, day=later["visit_date"], other_day=earlier)


def _in_future(ahead: pd.DataFrame) -> pd.DataFrame:
    ahead = ahead.sort_values("course_id", kind="stable").drop_duplicates("visit_id")
    sentences = [
        f"A {kind} is recorded as done on {day(on)}, a day that is still to come."
        for kind, on in zip(ahead["kind"], ahead["visit_date"], strict=True)
    ]
    return _told(IN_FUTURE, sentences, ahead, day=ahead["visit_date"])


def _too_many(sessions: pd.DataFrame, protocols: Mapping[str, Protocol]) -> pd.DataFrame:
    in_order = _one_a_day(sessions, "course_id")
    in_order = in_order.assign(
        number=in_order.groupby("course_id").cumcount() + 1, before=in_order["visit_date"].shift()
    )
    beyond = in_order[in_order["number"] > in_order["planned_sessions"]]
    kept = np.ones(len(beyond), dtype=bool)
    maintained = np.zeros(len(beyond), dtype=bool)
    keys = beyond["protocol_id"].astype(object).to_numpy()
    for key in set(keys):
        maintenance = protocols[key].maintenance
        if maintenance is None:
            continue
        maintained[keys == key] = True
        of_key = beyond[keys == key]
        kept[keys == key] = _day_numbers(of_key["visit_date"]) < shift(
            _day_numbers(of_key["before"]).astype(np.int32), maintenance.earliest
        )
    beyond = beyond.assign(maintained=maintained)[kept].drop_duplicates("course_id", keep="last")
    sentences = [
        f"The session on {day(on)} is number {number} of a treatment plan with {planned}"
        + (", and comes before maintenance may." if maintained else ".")
        for on, number, planned, maintained in zip(
            beyond["visit_date"], beyond["number"], beyond["planned_sessions"], beyond["maintained"], strict=True
        )
    ]
    return _told(TOO_MANY, sentences, beyond, day=beyond["visit_date"], number=beyond["number"])


def _before_opening(past: pd.DataFrame) -> pd.DataFrame:
    before = past[past["visit_date"] < past["opened_on"]].drop_duplicates(["visit_id", "course_id"])
    more = before["course_id"].map(before["course_id"].value_counts()) - 1
    first = before.assign(more=more).sort_values(["visit_date", "visit_id"]).drop_duplicates("course_id")
    sentences = [
        f"The {kind} on {day(on)} lies before the treatment plan's opening on {day(opened)}"
        + (f", and so {'does' if more == 1 else 'do'} {count(more, 'later visit')}." if more else ".")
        for kind, on, opened, more in zip(
            first["kind"], first["visit_date"], first["opened_on"], first["more"], strict=True
        )
    ]
    return _told(BEFORE_OPENING, sentences, first, day=first["visit_date"], other_day=first["opened_on"])


def _duplicates(patients: pd.DataFrame) -> pd.DataFrame:
    people = patients.sort_values("patient_id", ignore_index=True)
    codes = {name: _codes(people[name]) for name in SHARED}
    pairs = np.unique(np.concatenate([_pairs(codes[one], codes[other]) for one, other in ALIKE]), axis=0)
    left, right = pairs[:, 0], pairs[:, 1]
    same = {word: (codes[name][left] == codes[name][right]) & (codes[name][left] >= 0) for name, word in SHARED.items()}
    ids = people["patient_id"].to_numpy()
    sentences = [
        f"Two records have the same {_listed([word for word in SHARED.values() if same[word][at]])}."
        for at in range(len(pairs))
    ]
    pair = pd.DataFrame({"patient_id": ids[left], "other_patient_id": ids[right]})
    return _told(DUPLICATE, sentences, pair)


def _pairs(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The positions, in pairs, of those who share two things, both of which are known."""
    known = np.flatnonzero((one >= 0) & (other >= 0))
    shared = pd.DataFrame({"at": known, "both": one[known] * (other.max(initial=0) + 1) + other[known]})
    shared = shared[shared.duplicated("both", keep=False)]
    first = shared[shared.groupby("both").cumcount() < MOST_ALIKE]
    pairs = first.merge(shared, on="both", suffixes=("", "_other"))
    pairs = pairs[pairs["at"] < pairs["at_other"]]
    return pairs[["at", "at_other"]].to_numpy().reshape(-1, 2)


def _codes(column: pd.Series) -> np.ndarray:
    """Texts as numbers, the same for the same text whatever its case; −1 where there is none."""
    text = column.astype("str").str.strip().str.casefold()
    return pd.factorize(text.where(text != ""))[0].astype(np.int64)


def _one_a_day(sessions: pd.DataFrame, whose: str) -> pd.DataFrame:
    """Sessions in order, those of one day once, as the one recorded last."""
    days = _day_numbers(sessions["visit_date"])
    in_order = sessions.iloc[np.lexsort((sessions["visit_id"].to_numpy(), days, sessions[whose].to_numpy()))]
    return in_order.drop_duplicates([whose, "visit_date"], keep="last")


def _day_numbers(days: pd.Series) -> np.ndarray:
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def _told(kind: str, sentences: list[str], about: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Doubts of one kind: `about` gives the ids it has, `columns` the rest."""
    size = len(sentences)
    made = {"kind": pd.Series([kind] * size, dtype=object)}
    for name in IDS:
        values = columns.get(name, about.get(name))
        made[name] = pd.Series([pd.NA] * size if values is None else values.to_numpy(), dtype="Int64")
    for name in DAYS:
        values = columns.get(name)
        made[name] = pd.Series([pd.NaT] * size if values is None else values.to_numpy(), dtype="datetime64[s]")
    made["sentence"] = pd.Series([" ".join(text.split()) for text in sentences], dtype=object)
    return pd.DataFrame(made)


def _listed(words: list[str]) -> str:
    """Words as a list in a sentence: name, birth date and email address."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
