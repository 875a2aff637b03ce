"""A plan's expected visits and its history, as tables that say all that the picture says."""

import pandas as pd
import streamlit as st

from lib import words
from lib.history import visit_history
from lib.schedule import Protocol
from lib.schedule.explain import visit_name

SCALES = {
    "goodman_baron_qualitative": "Goodman & Baron (1–4)",
    "goodman_baron_quantitative": "Goodman & Baron (0–84)",
    "gais": "GAIS",
    "patient_vas": "Own rating (0–10)",
}
DAY = pd.Timedelta(days=1)
DATE = "DD MMM YYYY"


def show_expected(rows: pd.DataFrame, protocol: Protocol) -> None:
    """Every visit the plan calls for, with its window."""
    kinds, numbers = rows["kind"], rows["number"]
    day = st.column_config.DateColumn
    st.subheader("Expected visits", anchor=False)
    st.dataframe(
        pd.DataFrame(
            {
                "what": [
                    words.sentence(visit_name(protocol, kind, number))
                    for kind, number in zip(kinds, numbers, strict=True)
                ],
                "state": [_state(row) for _, row in rows.iterrows()],
                "come_from": rows["due_on"].to_numpy(),
                "come_by": (rows["overdue_on"] - DAY).to_numpy(),
                "done_on": rows["done_on"].to_numpy(),
                "fit": [_fit(row) for _, row in rows.iterrows()],
                "booked_on": rows["booked_on"].to_numpy(),
            }
        ),
        hide_index=True,
        height="content" if len(rows) <= 15 else 560,
        placeholder="",
        alt="Every visit the plan calls for, with its window",
        column_config={
            "what": st.column_config.TextColumn("Visit", pinned=True),
            "state": "State",
            "come_from": day("Come between", format=DATE),
            "come_by": day("and", format=DATE),
            "done_on": day("Done on", format=DATE),
            "fit": "How it fitted",
            "booked_on": day("Booked for", format=DATE),
        },
    )


def show_history(rows: pd.DataFrame, visits: pd.DataFrame, scores: pd.DataFrame, protocol: Protocol, as_of) -> None:
    """What happened, the latest first, and how each visit fitted its window."""
    st.subheader("History", anchor=False)
    history = visit_history(rows, visits, protocol, as_of)
    if history.empty:
        st.caption("No visit is recorded.")
        return
    history["scores"] = history["visit_id"].map(_scores(scores))
    history.loc[history["attendance_assumed"] == 1, "went"] = "Came (assumed)"
    off = (history["status"] == "cancelled") & history["cancelled_on"].notna()
    history.loc[off, "went"] = [
        f"Cancelled on {words.day(on)}" + {"patient": " by the patient", "clinic": " by us"}.get(by, "")
        for on, by in zip(history.loc[off, "cancelled_on"], history.loc[off, "cancelled_by"], strict=True)
    ]
    columns = ["visit_date", "what", "went", "fit", "window", "depth_mm", "device", "practitioner", "scores", "notes"]
    st.dataframe(
        history[columns],
        hide_index=True,
        height="content" if len(history) <= 15 else 560,
        placeholder="",
        alt="The patient's visits, the latest first",
        column_config={
            "visit_date": st.column_config.DateColumn("Date", format=DATE, pinned=True),
            "what": "Visit",
            "went": "How it went",
            "fit": "How it fitted",
            "window": "Window",
            "depth_mm": st.column_config.NumberColumn("Depth (mm)", format="%.2f"),
            "device": "Device",
            "practitioner": "Practitioner",
            "scores": "Scores",
            "notes": "Notes",
        },
    )


def _scores(scores: pd.DataFrame) -> dict[int, str]:
    """Each visit's scores in words."""
    told: dict[int, list[str]] = {}
    for visit, scale, value in zip(scores["visit_id"], scores["scale"], scores["value"], strict=True):
        told.setdefault(visit, []).append(f"{SCALES[scale]}: {value:g}")
    return {visit: ", ".join(some) for visit, some in told.items()}


def _state(row: pd.Series) -> str:
    return words.FLAGS[row["flag"]] if isinstance(row["flag"], str) else words.STATUSES[row["status"]]


def _fit(row: pd.Series) -> str:
    if isinstance(row["timing"], str):
        return words.sentence(words.fitted(row["timing"], int(row["days_off"])))
    return words.TIMINGS[row["booked_fit"]] if isinstance(row["booked_fit"], str) else ""
