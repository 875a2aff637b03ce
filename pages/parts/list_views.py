"""The views of the worklist, each with its count; the chosen one stands in the address."""

from datetime import date

import pandas as pd
import streamlit as st

from clinic_data.actor import Actor
from lib.call_list import VIEWS, in_view
from pages.parts.scope import Scope

VIEW, SLOT = "view", "slot"
DOUBTS = "doubts"


def choose_view(rows: pd.DataFrame, scope: Scope, actor: Actor, doubts: int) -> str:
    """The view that the address names, unless another is chosen: a name of VIEWS, or DOUBTS."""
    masks = {view: in_view(rows, view, scope.as_of, name=actor.name, treats_as=actor.treats_as) for view in VIEWS}
    counts = {view: int(mask.sum()) for view, mask in masks.items()} | {DOUBTS: doubts}
    names = VIEWS | {DOUBTS: "Data to doubt"}
    asked = st.query_params.get(VIEW, "")
    chosen = st.segmented_control(
        "View",
        list(names),
        default=asked if asked in names else "todo",
        format_func=lambda view: f"{names[view]} ({counts[view]:,})",
        key="view of the list",
        label_visibility="collapsed",
        required=True,
        wrap=True,
    )
    view = chosen or "todo"
    if view != (asked or "todo"):
        st.query_params[VIEW] = view
    return view


def choose_slot(scope: Scope) -> date | None:
    """A day with a free slot: then everyone is listed whose window holds it."""
    return st.date_input(
        "Could come on",
        value=None,
        min_value=scope.as_of,
        format="DD/MM/YYYY",
        key=SLOT,
        bind="query-params",
        help="For a free slot: everyone not booked whose window holds that day, flagged or not.",
        width=170,
    )
