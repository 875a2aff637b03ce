"""A patient's treatment plans as the picture and the tables take them."""

from typing import Any

import pandas as pd

from clinic_data.protocol_versions import protocol_key
from clinic_data.schedule_input import ScheduleInput
from lib import words
from lib.plan import Plan

UNPLANNED = 0
"""The id under which the visits that serve no plan are shown."""


def plan_name(known: ScheduleInput, course: dict[Any, Any]) -> str:
    """A treatment plan by area, protocol and opening."""
    protocol = known.protocols[protocol_key(course["protocol"], course["version"])]
    return " · ".join([course["area"], protocol.name, words.day(course["opened_on"])])


def plan_of(
    known: ScheduleInput,
    course: dict[Any, Any],
    rows: pd.DataFrame,
    visits: pd.DataFrame,
    scores: pd.DataFrame | None = None,
) -> Plan:
    """One plan, of its rows of the schedule and its visits and scores."""
    its = course["course_id"]
    return Plan(
        id=int(its),
        name=plan_name(known, course),
        protocol=known.protocols[protocol_key(course["protocol"], course["version"])],
        rows=rows.join(known.grounds(rows)),
        visits=visits,
        holds=known.holds[known.holds["course_id"] == its],
        agreements=known.agreements[known.agreements["course_id"] == its],
        scores=pd.DataFrame(columns=["visit_id", "scale", "value", "better"]) if scores is None else scores,
    )


def all_plans(
    known: ScheduleInput, schedule: pd.DataFrame, courses: pd.DataFrame, visits: pd.DataFrame, scores: pd.DataFrame
) -> list[Plan]:
    """Every plan of the patient, the latest first, and at the end the visits that serve none."""
    plans = []
    for course in courses.to_dict("records"):
        its = course["course_id"]
        own = [frame[frame["course_id"] == its] for frame in (schedule, visits, scores)]
        plans.append(plan_of(known, course, *own))
    others = visits[visits["course_id"].isna()]
    if len(others) and plans:
        nothing = [frame.head(0) for frame in (plans[0].rows, known.holds, known.agreements)]
        plans.append(Plan(UNPLANNED, "Without a treatment plan", None, nothing[0], others, *nothing[1:]))
    return plans
