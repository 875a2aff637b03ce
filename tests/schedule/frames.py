"""Frames for `expected_visits` from the dicts of a random clinic."""

from collections.abc import Iterable

import pandas as pd

from lib.schedule import expected_visits
from lib.schedule.protocols import parse_protocol
from tests.schedule.random_clinic import PROTOCOL_FILES

PROTOCOLS = {protocol.id: protocol for protocol in (parse_protocol(text, "a test") for text in PROTOCOL_FILES)}
DATES = "opened closed earliest_start recorded cancelled starts ends check agreed due last".split()


def frame(records: Iterable[dict], columns: str) -> pd.DataFrame:
    """Records as a frame with these columns, dates as datetime64."""
    made = pd.DataFrame(list(records), columns=columns.split())
    for name in made:
        if name == "visit_date" or name.removesuffix("_on") in DATES:
            made[name] = pd.Series(pd.array([pd.NaT if v is None else v for v in made[name]], dtype="datetime64[s]"))
        elif name in ("course_id", "planned_sessions"):
            made[name] = made[name].astype("int64")
    return made


def frames(clinic: dict) -> dict[str, pd.DataFrame]:
    """The five frames of a clinic, as keyword arguments for `expected_visits`."""
    return {
        "courses": frame(
            clinic["courses"], "course_id protocol_id planned_sessions opened_on closed_on earliest_start_on"
        ),
        "visits": frame(clinic["visits"], "course_id kind visit_date status recorded_on cancelled_on"),
        "holds": frame(clinic["holds"], "course_id starts_on ends_on recorded_on check_on"),
        "agreements": frame(clinic["agreements"], "course_id kind agreed_on due_on last_on"),
        "closures": frame(clinic["closures"], "starts_on ends_on"),
    }


def schedule(clinic: dict, as_of, **changed: pd.DataFrame) -> pd.DataFrame:
    """The schedule of a clinic, some of its frames replaced."""
    return expected_visits(**{**frames(clinic), **changed}, protocols=PROTOCOLS, as_of=as_of)


def plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Every column as text and missing as '': one form to compare."""
    out = pd.DataFrame(index=rows.index)
    for name in rows:
        values = rows[name]
        if pd.api.types.is_datetime64_dtype(values.dtype):
            out[name] = values.dt.strftime("%Y-%m-%d").fillna("")
        else:
            out[name] = values.astype(object).where(values.notna(), "").astype(str)
    return out
