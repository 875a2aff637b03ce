"""Pauses of needling as they are known on a day: which there are, which cover a day, and when they begin and end.

Holds have starts_on, ends_on (the day treatment may resume; missing: open-ended) and, where known, recorded_on.
"""

from typing import Any

import pandas as pd

DAY = pd.Timedelta(days=1)
NO_DAY: Any = pd.NaT


def told_holds(holds: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The holds known of on that day, in order; one that ends by the day it starts is none (docs/rules.md)."""
    lasting = holds["ends_on"].isna() | (holds["ends_on"] > holds["starts_on"])
    told = holds["starts_on"] <= as_of
    told |= ~(holds["recorded_on"] > as_of) if "recorded_on" in holds else True
    return holds[lasting & told].sort_values("starts_on")


def covering(holds: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    """Those of the holds that cover a day."""
    return holds[(holds["starts_on"] <= on) & ~(holds["ends_on"] <= on)]


def paused_from(holds: pd.DataFrame, on: pd.Timestamp) -> pd.Timestamp:
    """The first of the days up to `on` that lie in pauses without a gap; the day after `on` where it lies in none."""
    while len(pauses := covering(holds, on)):
        on = pauses["starts_on"].min() - DAY
    return on + DAY


def resumes_on(holds: pd.DataFrame, on: pd.Timestamp) -> pd.Timestamp:
    """The first day from `on` on that lies in no pause; missing where a pause has no end."""
    while len(pauses := covering(holds, on)):
        if pauses["ends_on"].isna().any():
            return NO_DAY
        on = pauses["ends_on"].max()
    return on
