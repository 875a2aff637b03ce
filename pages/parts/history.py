"""What happened in some treatment plans: each visit with its words, its fit, its rule and its scores."""

from datetime import date
from typing import Any

import pandas as pd

from lib import words
from lib.history import met, visit_history
from lib.plan import Plan
from lib.scales import SCALES


def history(plans: list[Plan], as_of: date) -> pd.DataFrame:
    """One row a known visit and plan, the latest first: those of `visit_history`, plan, course, rule, scores."""
    told = pd.concat([_of_plan(plan, as_of) for plan in plans])
    return told.sort_values("visit_date", ascending=False, kind="stable")


def rests_on(row: Any) -> str:
    """The rule of a window with its grade and source, and what moved it."""
    return ". ".join(filter(None, [row.rule, row.moved]))


def _of_plan(plan: Plan, as_of: date) -> pd.DataFrame:
    told = visit_history(plan.rows, plan.visits, plan.protocol, as_of)
    came = told["status"] == "completed"
    told["scores"] = told["visit_id"].map(_scores(plan.scores)).where(came)
    told.loc[came & (told["attendance_assumed"] == 1), "went"] = "Came (assumed)"
    off = (told["status"] == "cancelled") & told["cancelled_on"].notna()
    told.loc[off, "went"] = [
        f"Cancelled on {words.day(on)}" + {"patient": " by the patient", "clinic": " by us"}.get(by, "")
        for on, by in zip(told.loc[off, "cancelled_on"], told.loc[off, "cancelled_by"], strict=True)
    ]
    rules = {key: rests_on(rows[0]) for key, rows in met(plan.rows).items()}
    keys = zip(told["kind"], told["visit_date"], strict=True)
    counts = told["status"].isin(["completed", "booked"])
    rule = [rules.get(key, "") if counted else "" for key, counted in zip(keys, counts, strict=True)]
    return told.assign(rule=rule, plan=plan.name, course=plan.id)


def _scores(scores: pd.DataFrame) -> dict[int, str]:
    """Each visit's scores in words."""
    told: dict[int, list[str]] = {}
    for visit, scale, value in zip(scores["visit_id"], scores["scale"], scores["value"], strict=True):
        told.setdefault(visit, []).append(f"{SCALES[scale].label}: {value:g}")
    return {visit: ", ".join(some) for visit, some in told.items()}
