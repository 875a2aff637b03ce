"""Who needs attention: the schedule's flags gathered into one row a patient, in an order, and each in one state.

A state says whose turn it is: a patient is open, taken by somebody, quiet until a day, to be decided on, or waived.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.outcomes import IN_VAIN, OUTCOMES

URGENCY = [
    "booked_on_hold",
    "booked_too_soon",
    "attendance_unrecorded",
    "hold_to_check",
    "no_show",
    "not_rebooked",
    "missed_session",
    "overdue_review",
    "overdue_maintenance",
    "not_started",
    "due_unbooked",
    "booked_late",
    "lapsed",
]
"""The flags in the order in which the desk takes them: what is unsafe, what is unknown, what is late."""

WITHOUT_CONTACT = ["booked_on_hold", "booked_too_soon", "attendance_unrecorded"]
"""What the clinic mends by itself: it shows for a patient who must not be contacted too, and is never quiet."""

NOT_BOOKED = ["due_unbooked", "missed_session", "overdue_review", "overdue_maintenance", "not_started", "lapsed"]
"""Flags that follow one another while nothing is booked: a day that was agreed holds through all of them."""

SAVED_WITHIN = 30
"""Up to so many days over a patient is easily brought back: she comes before those who are longer over."""

OPEN, TAKEN, QUIET, WAIVED, TO_DECIDE = STATES = ("open", "taken", "quiet", "waived", "to_decide")
ROW = ["course_id", "kind", "number"]
"""What tells a row of the schedule from all others."""


@dataclass(frozen=True)
class Work:
    """What the desk has done about flags so far, and the clinic's numbers for it.

    `attempts` has attempt_id, patient_id, actor, channel, outcome, until_on, recorded_on, note, in order; `reasons`
    attempt_id and the ROW and flag it was about; `waivers` ROW, reason, actor, waived_on; `claims` patient_id, actor,
    until_at. `mended` gives for a patient the last attempt at a wrong number after which her contact was changed.
    """

    attempts: pd.DataFrame
    reasons: pd.DataFrame
    waivers: pd.DataFrame
    claims: pd.DataFrame
    quiet_days: dict[str, int]
    attempts_before_deciding: int
    mended: dict[int, int] = field(default_factory=dict)


def flagged(schedule: pd.DataFrame, courses: pd.DataFrame) -> pd.DataFrame:
    """The flagged rows of the schedule that the desk may act on, with whose they are.

    `courses` has course_id, patient_id, practitioner_id, protocol, area and contact_allowed. Returns the
    schedule's columns and those, ordered by urgency, then those 1–30 days over first, then the longest due;
    rows of patients who must not be contacted only where nobody need call.
    """
    rows = schedule[schedule["flag"].notna()]
    about = courses[["course_id", "patient_id", "practitioner_id", "protocol", "area", "contact_allowed"]]
    rows = rows.merge(about, on="course_id", how="left")
    flag = rows["flag"].astype(object)
    rows = rows[(rows["contact_allowed"] != "none") | flag.isin(WITHOUT_CONTACT)]
    order = pd.DataFrame(
        {
            "urgency": pd.Categorical(rows["flag"].astype(object), categories=URGENCY).codes,
            "long_over": ~rows["days_overdue"].between(1, SAVED_WITHIN),
            "overdue_on": rows["overdue_on"],
            "course_id": rows["course_id"],
            "number": rows["number"],
        },
        index=rows.index,
    )
    return rows.loc[order.sort_values(list(order.columns), kind="stable", na_position="last").index].reset_index(
        drop=True
    )


def most_urgent_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the schedule by their flags' urgency, then those without one; among equals the longest due first."""
    rank = rows["flag"].astype(object).map({flag: place for place, flag in enumerate(URGENCY)}).fillna(len(URGENCY))
    order = pd.DataFrame({"rank": rank, "due_on": rows["due_on"]})
    return rows.loc[order.sort_values(["rank", "due_on"], kind="stable").index]


def by_patient(flags: pd.DataFrame) -> pd.DataFrame:
    """One row a patient, in the order of her most urgent flag, from the rows of `flagged`.

    Columns: patient_id, flags (list of codes, the most urgent first, each once), areas (list), and of the most
    urgent reason come_from, overdue_on, days_overdue, practitioner_id, protocol.
    """
    first = flags.drop_duplicates("patient_id").set_index("patient_id")
    reasons = flags[["patient_id", "flag"]].astype({"flag": object}).dropna().drop_duplicates()
    areas = flags[["patient_id", "area"]].astype({"area": object}).drop_duplicates()
    return pd.DataFrame(
        {
            "patient_id": first.index,
            "flags": _lists(reasons, "flag", first.index),
            "areas": _lists(areas, "area", first.index),
            "come_from": first["due_on"].to_numpy(),
            "overdue_on": first["overdue_on"].to_numpy(),
            "days_overdue": first["days_overdue"].to_numpy(),
            "practitioner_id": first["practitioner_id"].array,
            "protocol": first["protocol"].astype(object).to_numpy(),
        }
    )


def reasons_with_work(flags: pd.DataFrame, work: Work, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows of `flagged` with what was done about each, those that wait for the desk first.

    Adds attempt_id (the last attempt about it, missing), quiet_until (the day on which it comes back, missing where it
    is not quiet), waived (truth value). Within "waits" and "does not wait" the order of `flagged` stays.
    """
    reasons = work.reasons[work.reasons["course_id"].isin(flags["course_id"])]
    last = reasons.merge(work.attempts, on="attempt_id").drop_duplicates(ROW, keep="last")
    rows = flags.assign(kind=flags["kind"].astype(object), flag=flags["flag"].astype(object))
    columns = [*ROW, "attempt_id", "flag", "outcome", "until_on", "recorded_on"]
    rows = rows.merge(last[columns].rename(columns={"flag": "asked"}), on=ROW, how="left")
    rows["quiet_until"] = _quiet_until(rows, work).where(lambda day: day > as_of)
    waived = work.waivers[ROW].drop_duplicates().assign(waived=True)
    rows = rows.merge(waived, on=ROW, how="left")
    rows["waived"] = rows["waived"].notna()
    waits = rows["quiet_until"].isna() & ~rows["waived"]
    rows = rows.iloc[np.argsort(~waits.to_numpy(), kind="stable")]
    return rows.drop(columns=["asked", "outcome", "until_on", "recorded_on"]).reset_index(drop=True)


def worklist(flags: pd.DataFrame, work: Work, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row a patient who is flagged, the most urgent first, each in exactly one of STATES.

    The columns of `by_patient`, and state, quiet_until, waived (list of waived flags), attempts (in vain, since
    somebody reached her), of the last attempt last_on, last_by, last_channel, last_outcome, until_on, note, and
    claimed_by, claimed_until (UTC text).
    Whoever waits for the desk is ordered by the most urgent reason that waits.
    """
    rows = reasons_with_work(flags, work, as_of)
    patients = by_patient(rows)
    index = pd.Index(patients["patient_id"])
    at = index.get_indexer(rows["patient_id"])
    waits = (rows["quiet_until"].isna() & ~rows["waived"]).to_numpy()
    own = waits & rows["flag"].isin(WITHOUT_CONTACT).to_numpy()
    tried = _attempts_in_vain(rows, work, index)
    claims = work.claims.drop_duplicates("patient_id").set_index("patient_id").reindex(index)
    decide = (tried["attempts"] >= work.attempts_before_deciding) | tried["unreachable"]
    patients["state"] = np.select(
        [
            ~_any(at, ~rows["waived"].to_numpy(), len(index)),
            claims["actor"].notna().to_numpy(),
            ~_any(at, waits, len(index)),
            decide.to_numpy() & ~_any(at, own, len(index)),
        ],
        [WAIVED, TAKEN, QUIET, TO_DECIDE],
        default=OPEN,
    )
    until = rows.groupby(at)["quiet_until"].min().reindex(range(len(index))).to_numpy()
    patients["quiet_until"] = np.where(patients["state"] == QUIET, until, np.datetime64("NaT", "s"))
    waived = rows.loc[rows["waived"], ["patient_id", "flag"]].drop_duplicates()
    patients["waived"] = _lists(waived, "flag", index)
    patients["attempts"] = tried["attempts"].to_numpy()
    for name in ("last_on", "last_by", "last_channel", "last_outcome", "until_on", "note"):
        patients[name] = tried[name].to_numpy()
    patients["claimed_by"], patients["claimed_until"] = claims["actor"].to_numpy(), claims["until_at"].to_numpy()
    return patients


def could_come_on(schedule: pd.DataFrame, courses: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The visits whose window holds that day and that are not booked, the longest due first: for a free slot.

    Nobody who is paused then, whose skin has not healed by then, or who must not be contacted. The schedule's columns
    and those that `flagged` adds.
    """
    open_ = schedule["status"].isin(["upcoming", "due", "overdue"]) & schedule["booked_on"].isna()
    holds_it = (schedule["due_on"] <= day) & (day < schedule["overdue_on"]) & ~(schedule["earliest_on"] > day)
    about = courses[["course_id", "patient_id", "practitioner_id", "protocol", "area", "contact_allowed"]]
    rows = schedule[open_ & holds_it].merge(about, on="course_id", how="left")
    rows = rows[rows["contact_allowed"] != "none"]
    return rows.sort_values(["overdue_on", "course_id", "number"], kind="stable").reset_index(drop=True)


def _quiet_until(rows: pd.DataFrame, work: Work) -> pd.Series:
    """The day on which each reason comes back after its last attempt; missing where it was never quiet."""
    rule = rows["outcome"].map({name: outcome.quiet for name, outcome in OUTCOMES.items()}).fillna("")
    same = rows["flag"] == rows["asked"]
    agreed = same | (rows["flag"].isin(NOT_BOOKED) & rows["asked"].isin(NOT_BOOKED))
    days = pd.to_timedelta(rows["outcome"].map(work.quiet_days).fillna(0), unit="D")
    # Invited, a visit that is only due needs no second call before it is overdue.
    some_days = (rows["recorded_on"] + days).where(rows["flag"] != "due_unbooked", rows["overdue_on"])
    until = pd.Series(np.datetime64("NaT", "s"), index=rows.index)
    until = until.mask((rule == "days") & same, some_days)
    until = until.mask((rule == "day") & agreed, rows["until_on"])
    until = until.mask((rule == "day_after") & agreed, rows["until_on"] + pd.Timedelta(days=1))
    return until.mask(rows["flag"].isin(WITHOUT_CONTACT))


def _attempts_in_vain(rows: pd.DataFrame, work: Work, patients: pd.Index) -> pd.DataFrame:
    """For each patient the attempts in vain since she was last reached, and the last attempt of any outcome.

    What counts is attempts about a row that is flagged now.
    """
    reasons = work.reasons[work.reasons["course_id"].isin(rows["course_id"])]
    about = reasons.merge(rows[ROW], on=ROW)["attempt_id"].unique()
    tried = work.attempts[work.attempts["attempt_id"].isin(about)]
    in_vain = tried["outcome"].isin(IN_VAIN)
    reached = tried[~in_vain].groupby("patient_id")["attempt_id"].max()
    since = tried["patient_id"].map(reached).fillna(0)
    counted = tried[in_vain & (tried["attempt_id"] > since)].groupby("patient_id").size()
    last = tried.drop_duplicates("patient_id", keep="last").set_index("patient_id").reindex(patients)
    mended = pd.Series(work.mended, dtype="float64").reindex(patients).fillna(0)
    return pd.DataFrame(
        {
            "attempts": counted.reindex(patients).fillna(0).astype(int),
            "unreachable": (last["outcome"] == "wrong_number") & ~(last["attempt_id"] <= mended),
            "last_on": last["recorded_on"],
            "last_by": last["actor"],
            "last_channel": last["channel"],
            "last_outcome": last["outcome"],
            "until_on": last["until_on"],
            "note": last["note"],
        },
        index=patients,
    )


def _any(at: np.ndarray, wanted: np.ndarray, size: int) -> np.ndarray:
    """For each patient whether any of her rows is wanted."""
    return np.bincount(at[wanted], minlength=size) > 0


def _lists(pairs: pd.DataFrame, column: str, patients: pd.Index) -> np.ndarray:
    """The values of each patient, in the order given, as lists: objects even where there is no patient.

    Patients with the same values share one list: thousands of new ones at each run keep the garbage collector busy.
    """
    values: list[tuple[str, ...]] = [()] * len(patients)
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    places = patients.get_indexer(pairs["patient_id"].array)
    for at, value in zip(places.tolist(), pairs[column].tolist(), strict=True):
        more = (*values[at], value)
        values[at] = known.setdefault(more, more)
    lists = {some: list(some) for some in {(), *known}}
    return pd.Series([lists[some] for some in values], dtype=object).to_numpy()
