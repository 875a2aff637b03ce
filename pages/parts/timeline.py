"""The timeline on a page: how it is counted, how much is shown, and the visit that is chosen in it."""

import re
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from clinic_data.schedule_input import ScheduleInput
from lib.charts.timeline import AXES, REACHES, counted_from, patient_timeline, timeline_alt
from lib.plan import Plan
from pages.parts.figures import show_picture
from pages.parts.visit import show_expected_visit, show_visit

TOUCH = re.compile("Android|iPhone|iPad|Mobile")


def shows_all(plans: int, code: str) -> bool:
    """Whether all of the patient's plans are shown, stacked on one calendar; asked where there are several."""
    options = {"one": "This plan", "all": "All plans"}
    return plans > 1 and _choice("Treatment plans", options, f"plans shown of {code}") == "all"


@st.fragment
def show_timeline(plans: list[Plan], known: ScheduleInput, code: str) -> None:
    """The picture under its choices, and below it the visit that is chosen in it."""
    has_session = counted_from(plans, "first") is not None
    with st.container(horizontal=True, gap="medium"):
        axis = _choice("By date, or in weeks since", AXES, f"axis of {code}") if has_session else "date"
        reach = _choice("Range", REACHES, f"range of {code}")
    figure = patient_timeline(plans, known.as_of, closures=known.closures, axis=axis, reach=reach)
    key = f"timeline {'-'.join(str(plan.id) for plan in plans)} {axis} {reach}"
    alt = timeline_alt(plans, known.as_of, axis=axis, reach=reach)
    is_touch = _is_touch()
    if is_touch:
        show_picture(figure, key, alt)
        points = []
    else:
        points = _selectable(figure, key, alt)["selection"]["points"]
    if axis != "date" and len(plans) > 1:
        st.caption("Weeks are counted for all plans alike, since one session of all of them.")
    if points:
        _show_chosen(plans, figure, points[0], known)
    else:
        where = "" if is_touch else "here or "
        st.caption(f"Choose a visit {where}in the history below to see it whole.")


def _selectable(figure: go.Figure, key: str, alt: str) -> Any:
    """The picture, a mark of which can be chosen."""
    return st.plotly_chart(
        figure,
        width="stretch",
        alt=alt,
        config={"displayModeBar": False},
        on_select="rerun",
        selection_mode="points",
        key=key,
    )


def _is_touch() -> bool:
    """Whether it is a phone or tablet: there a picture to choose from would hold the finger that scrolls the page."""
    return bool(TOUCH.search(st.context.headers.get("User-Agent") or ""))


def _show_chosen(plans: list[Plan], figure: go.Figure, point: Any, known: ScheduleInput) -> None:
    """The visit of a mark; of a window the visit that met it or is booked for it, else what is expected."""
    about = point.get("customdata")
    plan = next((plan for plan in plans if about and plan.id == about[3]), None)
    if plan is None:
        return
    on, kind, number, _ = about
    if figure.data[point["curve_number"]].type != "bar":
        show_visit(plan, known.as_of, on, kind)
        return
    row = plan.rows[(plan.rows["kind"] == kind) & (plan.rows["number"] == number)].iloc[0]
    show_expected_visit(plan, known.as_of, row)


def _choice(label: str, options: dict[str, str], key: str) -> str:
    first = next(iter(options))
    chosen = st.segmented_control(
        label, options=list(options), default=first, format_func=options.__getitem__, required=True, key=key
    )
    return chosen or first
