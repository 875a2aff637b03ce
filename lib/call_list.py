"""The worklist as people see it: its views, and the one table of page, file and day sheet."""

from datetime import date

import numpy as np
import pandas as pd

from lib import words
from lib.outcomes import CHANNELS, OUTCOMES
from lib.worklist import OPEN, QUIET, TAKEN, TO_DECIDE, WAIVED

VIEWS = {
    "todo": "To do",
    "mine": "Mine",
    "all": "All",
    "overdue": "Sessions overdue",
    "not-heard-from": "Not heard from",
    "later": "Call again later",
    "to-decide": "To decide",
    "waived": "Waived",
}
"""The views of the worklist by the name they have in the address and on the command line."""

ABOUT_VIEWS = {
    "todo": "Open or taken by somebody, and whoever was tried today, with what came of it.",
    "mine": "Taken by you, or with a treatment plan of yours.",
    "all": "Everybody with a flag, in whatever state.",
    "overdue": "A session is overdue and not booked.",
    "not-heard-from": "Not heard from for so long that the plan has lapsed.",
    "later": "Quiet until a day: a message was left, or a day agreed.",
    "to-decide": "Tried as often as the clinic tries, or at a wrong number: close with a reason, or keep trying.",
    "waived": "Every reason is a review that the clinic does without.",
}


def in_view(rows: pd.DataFrame, view: str, as_of: date, *, name: str = "", treats_as: int | None = None) -> np.ndarray:
    """For each row of `lib.worklist.worklist` whether the view has it; `name` and `treats_as` say who looks."""
    state, flags = rows["state"], rows["flags"]
    if view == "mine":
        own = (rows["practitioner_id"] == treats_as) if treats_as is not None else pd.Series(False, index=rows.index)
        return ((rows["claimed_by"] == name) | own.fillna(False)).to_numpy(bool)
    if view == "todo":
        return (state.isin([OPEN, TAKEN]) | (rows["last_on"] == pd.Timestamp(as_of))).to_numpy(bool)
    if view in ("overdue", "not-heard-from"):
        wanted = {"overdue": "missed_session", "not-heard-from": "lapsed"}[view]
        return np.fromiter((wanted in some for some in flags), bool, len(rows))
    states = {"later": QUIET, "to-decide": TO_DECIDE, "waived": WAIVED}
    return np.ones(len(rows), bool) if view == "all" else (state == states[view]).to_numpy(bool)


def as_shown(
    rows: pd.DataFrame, contacts: pd.DataFrame, last_and_next: pd.DataFrame, practitioners: pd.Series
) -> pd.DataFrame:
    """Rows of `lib.worklist.worklist` as people read them, in the same order; dates stay dates, lists stay lists.

    `contacts` has patient_id, code, name, phone, email, preferred_channel, contact_allowed; `last_and_next` is indexed
    by patient_id, `practitioners` names by id. Columns: code, patient, why, state, days_over, come_from, come_by,
    attempts, last_try, who, next_booking, last_visit, prefers, phone, email, note, practitioner, area.
    """
    about = contacts.set_index("patient_id").reindex(rows["patient_id"])
    days = last_and_next.reindex(rows["patient_id"])
    may_contact = (about["contact_allowed"] != "none").to_numpy()
    return pd.DataFrame(
        {
            "code": about["code"].to_numpy(),
            "patient": about["name"].to_numpy(),
            "why": [_why(flags, waived) for flags, waived in zip(rows["flags"], rows["waived"], strict=True)],
            "state": _states(rows),
            "days_over": rows["days_overdue"].where(rows["days_overdue"] > 0).astype("Int64"),
            "come_from": rows["come_from"],
            "come_by": rows["overdue_on"] - pd.Timedelta(days=1),
            "attempts": rows["attempts"].where(rows["attempts"] > 0).astype("Int64"),
            "last_try": _last_tries(rows),
            "who": rows["claimed_by"].fillna(""),
            "next_booking": days["next_booking"].to_numpy(),
            "last_visit": days["last_visit"].to_numpy(),
            "prefers": about["preferred_channel"].map(CHANNELS).fillna("").to_numpy(),
            "phone": np.where(may_contact, about["phone"].fillna(""), "Do not contact"),
            "email": np.where(may_contact, about["email"].fillna(""), ""),
            "note": rows["note"].fillna(""),
            "practitioner": rows["practitioner_id"].map(practitioners).astype(object).fillna(words.NOBODY),
            "area": rows["areas"].str.join(", "),
        },
        index=rows.index,
    ).astype({"why": object, "state": object, "last_try": object})


def as_file(shown: pd.DataFrame) -> pd.DataFrame:
    """The same table for a file: lists as text."""
    return shown.assign(why=shown["why"].str.join("; "))


def _why(flags: list[str], waived: list[str]) -> list[str]:
    return [words.FLAGS[flag] + (" (waived)" if flag in waived else "") for flag in flags]


def _states(rows: pd.DataFrame) -> list[str]:
    """The state in words, with the day until which it lasts, or who has taken the patient."""
    return [
        words.STATES[state] + (f": {words.day(until)}" if state == QUIET else f" by {holder}" if state == TAKEN else "")
        for state, until, holder in zip(rows["state"], rows["quiet_until"], rows["claimed_by"], strict=True)
    ]


def _last_tries(rows: pd.DataFrame) -> list[str]:
    """The last attempt: when, by which channel, what came of it."""
    columns = ["last_on", "last_channel", "last_outcome", "last_by"]
    return [
        f"{words.day(on)}: {OUTCOMES[outcome].label.lower()} ({CHANNELS[channel].lower()}, {by})"
        if isinstance(outcome, str)
        else ""
        for on, channel, outcome, by in zip(*(rows[name] for name in columns), strict=True)
    ]
