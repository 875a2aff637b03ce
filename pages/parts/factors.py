"""What to watch with a patient: what is recorded that moves off the average, and what the sources say of it."""

from typing import Any

import pandas as pd
import streamlit as st

from lib import words
from lib.factors import Recorded, things_to_watch
from lib.published import own_numbers
from lib.response import last_depth
from pages.parts.at_hand import AtHand
from pages.parts.text import literally

NOTHING_MOVES = "They are directions without numbers, so they move no window"


def show_factors(hand: AtHand) -> None:
    """A small table: what is recorded, what to watch, source and grade; and the clinic's own numbers."""
    found = things_to_watch(_recorded(hand), hand.rows, hand.today)
    if found.empty:
        st.caption("Nothing is recorded that the sources name: age, skin, severity, depth, habits.")
    else:
        st.table(_in_words(found), hide_index=True, alt="What is recorded, what to watch, and the source")
    own = own_numbers(hand.protocol)
    if own.empty:
        st.caption(f"{NOTHING_MOVES}; no published window is replaced by one of the clinic's own.")
        return
    told = "The clinic has set these itself; the published ones stand beside them, here and in the timeline."
    st.caption(f"{NOTHING_MOVES}. {told}")
    st.table(_both(own), hide_index=True, alt="The clinic's own windows beside the published ones")


def _recorded(hand: AtHand) -> Recorded:
    """What is recorded of the patient and the plan, and the depth of the last session by the day shown.

    Skin, things to watch and severity carry no date: they are those of now.
    """
    depth = last_depth(hand.sessions)
    return Recorded(
        born_on=hand.patient.born_on,
        skin_type=hand.patient.skin_type,
        fitzpatrick=hand.patient.fitzpatrick,
        watched=hand.patient.factors,
        concern=_said(hand.course["concern"]),
        severity=_said(hand.course["severity"]),
        depth_mm=None if pd.isna(depth) else depth,
    )


def _said(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _in_words(found: pd.DataFrame) -> pd.DataFrame:
    """The rows as they are shown; what people typed stays what it is."""
    told = [
        (
            f"**{row['factor']}:** {literally(row['recorded'])}",
            row["watch"],
            f"{words.sentence(row['source'])}" + (f". Grade: {row['grade']}" if row["grade"] else ""),
        )
        for row in found.to_dict("records")
    ]
    return pd.DataFrame(told, columns=["Recorded", "What to watch", "Source"])


def _both(own: pd.DataFrame) -> pd.DataFrame:
    """The clinic's own windows beside the published ones."""
    told = [
        (
            literally(row["window"]),
            f"{row['own']} ({literally(row['own_source'])}). Grade: clinic",
            f"{row['published']} ({row['source']}). Grade: {row['grade']}",
        )
        for row in own.to_dict("records")
    ]
    return pd.DataFrame(told, columns=["Window", "This clinic", "Published"])
