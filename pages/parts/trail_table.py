"""Entries of the trail as a table."""

import json

import pandas as pd
import streamlit as st

from lib import words
from pages.parts.change_list import said


def show_entries(entries: pd.DataFrame, *, alt: str, with_patient: bool = True) -> None:
    """When, who, from where, what; `entries` as `read_trail` gives them."""
    table = pd.DataFrame(
        {
            "at": entries["at"].dt.tz_localize(None),
            "who": entries["actor"],
            "role": entries["role"].map(words.ROLES).fillna("–"),
            "kind": entries["kind"].map(words.TRAIL),
            "what": entries["what"].fillna("erased"),
            "patient": entries["patient"],
            "address": entries["address"],
            "rows": [said(json.loads(rows)) if isinstance(rows, str) else "" for rows in entries["rows"]],
        }
    )
    st.dataframe(
        table if with_patient else table.drop(columns="patient"),
        hide_index=True,
        height=min(620, 38 + 35 * len(table)),
        placeholder="",
        alt=alt,
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="DD MMM YYYY, HH:mm:ss", width=170),
            "who": st.column_config.TextColumn("Who", width=160),
            "role": st.column_config.TextColumn("Role", width=100),
            "kind": st.column_config.TextColumn("Kind", width=110),
            "what": st.column_config.TextColumn("What", width=210),
            "rows": st.column_config.TextColumn("Before and after", width=320),
            "patient": st.column_config.TextColumn("Patient's code", width=110),
            "address": st.column_config.TextColumn("From", width=110),
        },
    )
