"""Where a protocol's numbers come from: source and grade of each."""

import pandas as pd
import streamlit as st

from lib.schedule import Protocol
from lib.words import sentence

GRADES = {
    "trial": "a controlled or histological study",
    "label": "a device's or regulator's text",
    "practice": "what practitioners publish, untested",
    "clinic": "set by the clinic itself",
}


def show_evidence(protocol: Protocol) -> None:
    """Every number of the protocol that moves a window or a curve, with source and grade."""
    st.caption(" · ".join(f"**{grade}**: {meaning}" for grade, meaning in GRADES.items()))
    if not protocol.evidence:
        st.markdown("The protocol's file names no sources.")
        return
    numbers = [
        {
            "number": _in_words(key),
            "value": protocol.number_at(key),
            "grade": evidence.grade,
            "source": evidence.source,
        }
        for key, evidence in protocol.evidence.items()
    ]
    st.dataframe(
        pd.DataFrame(numbers),
        hide_index=True,
        height="content",
        alt="The protocol's numbers with source and grade",
        column_config={"number": "Number", "value": "Value", "grade": "Grade", "source": "Source"},
    )


def _in_words(key: str) -> str:
    """A dotted key as people read it: Sessions: start within."""
    return sentence(key.replace(".", ": ").replace("_", " "))
