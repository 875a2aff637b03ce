"""The timeline on a page: how it is counted, how much is shown, and the visit that is chosen in it."""

import re
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from clinic_data.schedule_input import ScheduleInput
from lib.charts.timeline import AXES, REACHES, counted_from, patient_timeline, timeline_alt
from lib.plan import Plan
from pages.parts.figures import show_picture
from pages.parts.visit import show_expected_visit, show_visit

TOUCH = re.compile("Android|iPhone|iPad|Mobile")
CHOSEN = "chosen of "
"""Before a patient's code: the mark chosen last, kept here since another axis or range is another picture."""
CLOSED = "closed of "
"""How often that was closed, in the picture's key: its own choice goes only with the key."""


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
    key = f"timeline {'-'.join(str(plan.id) for plan in plans)} {axis} {reach} {st.session_state.get(CLOSED + code, 0)}"
    alt = timeline_alt(plans, known.as_of, axis=axis, reach=reach)
    is_touch = _is_touch()
    if is_touch:
        show_picture(figure, key, alt)
    else:
        _show_selectable(figure, key, alt, code)
    if axis != "date" and len(plans) > 1:
        st.caption("Weeks are counted for all plans alike, since one session of all of them.")
    if not _show_chosen(plans, known, code):
        where = "" if is_touch else "here or "
        st.caption(f"Choose a visit {where}in the history below to see it whole.")


def _show_selectable(figure: go.Figure, key: str, alt: str, code: str) -> None:
    """The picture, a mark of which can be chosen."""
    st.plotly_chart(
        figure,
        width="stretch",
        alt=alt,
        config={"displayModeBar": False},
        on_select=partial(_choose, figure, key, code),
        selection_mode="points",
        key=key,
    )


def _choose(figure: go.Figure, key: str, code: str) -> None:
    """Keep what the chosen mark is about, and whether it is a window."""
    points = st.session_state[key]["selection"]["points"]
    if points and (about := points[0].get("customdata")):
        st.session_state[CHOSEN + code] = figure.data[points[0]["curve_number"]].type == "bar", about


def _close(code: str) -> None:
    st.session_state.pop(CHOSEN + code, None)
    st.session_state[CLOSED + code] = st.session_state.get(CLOSED + code, 0) + 1


def _is_touch() -> bool:
    """Whether it is a phone or tablet: there a picture to choose from would hold the finger that scrolls the page."""
    return bool(TOUCH.search(st.context.headers.get("User-Agent") or ""))


def _show_chosen(plans: list[Plan], known: ScheduleInput, code: str) -> bool:
    """The visit chosen last, as the plans have it now, and whether there is one.

    Of a window it is the visit that met it or is booked for it, else what is expected.
    """
    is_window, about = st.session_state.get(CHOSEN + code, (False, None))
    plan = next((plan for plan in plans if about and plan.id == about[3]), None)
    if plan is None:
        return False
    on, kind, number, _ = about
    if is_window:
        rows = plan.rows[(plan.rows["kind"] == kind) & (plan.rows["number"] == number)]
        is_there = len(rows) > 0 and show_expected_visit(plan, known.as_of, rows.iloc[0])
    else:
        is_there = show_visit(plan, known.as_of, on, kind)
    if is_there:
        st.button("Close", key=f"close chosen of {code}", icon=":material/close:", on_click=_close, args=(code,))
    return is_there


def _choice(label: str, options: dict[str, str], key: str) -> str:
    first = next(iter(options))
    chosen = st.segmented_control(
        label, options=list(options), default=first, format_func=options.__getitem__, required=True, key=key
    )
    return chosen or first
