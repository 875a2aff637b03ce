"""What the skin is expected to do after needling: the phases, and the collagen-build curve.

An illustration drawn from published timelines, never a measurement: it decides nothing.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from lib.pauses import covering
from lib.schedule.durations import Codes, Days, Duration, add, after, shift
from lib.schedule.protocols import Curve, Lasts, Phase, Protocol

_DAY = pd.Timedelta(days=1)


def collagen_build(sessions: pd.DataFrame, protocol: Protocol, days: pd.DatetimeIndex) -> pd.DataFrame | None:
    """The expected collagen build on each of `days`, from 0 to 1; None where the protocol has no curve.

    - sessions: day (datetime64) and depth_mm (mm, may be missing) of the performed sessions, in any order. Of two on
      one day the deeper counts.

    Returns day and build. One session's benefit is the running total of its production, 1 at the end; it holds until
    its depth's `lasts` window opens and then falls in a straight line to 0 over that window's length. (The window of
    shallow needling opens before the production ends: there the fall follows at once.) Sessions add up with
    diminishing return: 1 − Π(1 − benefit × gain). The numbers stand in the protocol file.
    """
    if protocol.curve is None:
        return None
    deepest = sessions.dropna(subset="day").groupby("day")["depth_mm"].max()
    done = _numbers(pd.DatetimeIndex(deepest.index))[:, None]
    windows, which = _lasting(deepest.to_numpy(dtype=float, na_value=np.nan), protocol.lasts, protocol.curve)
    opens = add(done[:, 0], [window[0] for window in windows], which)[:, None]
    closes = add(done[:, 0], [window[1] for window in windows], which)[:, None]

    seen = _numbers(days)[None, :]
    total = _running_total(done, seen, protocol.curve)
    falls = np.maximum(opens, _knots(done, protocol.curve)[:, -1:])
    left = np.clip(1 - (seen - falls) / np.maximum(closes - opens, 1), 0, 1)
    build = 1 - np.prod(1 - total * left * protocol.curve.gain, axis=0)
    return pd.DataFrame({"day": days, "build": build})


def build_ahead(
    sessions: pd.DataFrame, planned: Sequence[date], protocol: Protocol, days: pd.DatetimeIndex
) -> pd.DataFrame | None:
    """The expected collagen build on each of `days` with the planned sessions and without them.

    `sessions` as for `collagen_build`. A planned session is assumed to take place on its day, at the depth of the last
    session of which it is known. Returns day, coming and not_coming; None where the protocol has no curve.
    """
    ahead = pd.DataFrame(
        {"day": pd.to_datetime(list(planned)).astype("datetime64[s]"), "depth_mm": last_depth(sessions)}
    )
    without = collagen_build(sessions, protocol, days)
    coming = collagen_build(pd.concat([sessions, ahead]) if len(sessions) else ahead, protocol, days)
    if without is None or coming is None:
        return None
    return pd.DataFrame({"day": days, "coming": coming["build"], "not_coming": without["build"]})


def last_depth(sessions: pd.DataFrame) -> float:
    """The depth (mm) of the last session of which it is known, else nan; columns as for `collagen_build`."""
    known = sessions.dropna(subset=["day", "depth_mm"]).sort_values("day")
    return float(known["depth_mm"].iloc[-1]) if len(known) else float("nan")


def phase_days(protocol: Protocol, session_on: date) -> pd.DataFrame:
    """The dates of every phase after a session.

    Returns name, starts_on, ends_on (the phase's last day), sees, do, source, grade, as the protocol orders them.
    """
    columns = ["name", "starts_on", "ends_on", "sees", "do", "source", "grade"]
    rows = [
        (
            phase.name,
            after(session_on, phase.from_),
            after(session_on, phase.to),
            phase.sees,
            phase.do,
            phase.source,
            phase.grade,
        )
        for phase in protocol.phases
    ]
    return pd.DataFrame(rows, columns=columns).astype({"starts_on": "datetime64[s]", "ends_on": "datetime64[s]"})


def phase_course(protocol: Protocol, last_session_on: date, as_of: date) -> pd.DataFrame:
    """`phase_days` in order of time, with `when`: over, current, next or later, as seen on `as_of`.

    Next are the phases that begin first from then on. Days between two phases of which no source says anything have
    a row of their own, silent: without name or texts, and never next.
    """
    phases = phase_days(protocol, last_session_on).sort_values(["starts_on", "ends_on"], kind="stable")
    phases["silent"] = False
    reached = phases["ends_on"].cummax().shift()
    resumed = phases[phases["starts_on"] > reached + _DAY]
    gaps = pd.DataFrame(
        {"starts_on": reached[resumed.index] + _DAY, "ends_on": resumed["starts_on"] - _DAY, "silent": True}
    )
    course = pd.concat([phases, gaps]) if len(gaps) else phases
    course = course.sort_values(["starts_on", "ends_on"], kind="stable", ignore_index=True)
    on = pd.Timestamp(as_of)
    ahead = course["starts_on"] > on
    nearest = course.loc[ahead & ~course["silent"], "starts_on"].min()
    course["when"] = np.select(
        [course["ends_on"] < on, ~ahead, (course["starts_on"] == nearest) & ~course["silent"]],
        ["over", "current", "next"],
        "later",
    )
    return course


def to_do(
    phases: pd.DataFrame, healed_on: pd.Timestamp, as_of: date, holds: pd.DataFrame, *, is_closed: bool
) -> pd.Series:
    """What the patient should do in each of the phases; "" where it would ask her to come in vain.

    As long as the skin heals it is after-care. Later it speaks of visits: of none where the plan is closed or paused on
    `as_of`, nor where the phase begins in a pause. `holds` are the pauses known of then.
    """
    on = pd.Timestamp(as_of)
    is_stopped = is_closed or len(covering(holds, on)) > 0
    begins = [max(day, on) for day in phases["starts_on"]]
    in_vain = np.array([is_stopped or len(covering(holds, day)) > 0 for day in begins], dtype=bool)
    return phases["do"].mask((phases["starts_on"] >= healed_on) & in_vain, "")


def differing(phases: pd.DataFrame) -> pd.DataFrame:
    """Those of the phases whose source names another that differs; `says` is the first one, with what it says."""
    found = phases[phases["source"].str.contains("differs", na=False)]
    return found.assign(says=found["source"].str.split(";").str[0].str.strip())


def current_phases(protocol: Protocol, last_session_on: date, as_of: date) -> list[Phase]:
    """The phases that `as_of` lies in, first and last days included.

    Two where one ends on the day the next begins; none where the sources are silent.
    """
    dates = phase_days(protocol, last_session_on)
    on = pd.Timestamp(as_of)
    within = (dates["starts_on"] <= on) & (on <= dates["ends_on"])
    return [phase for phase, is_on in zip(protocol.phases, within, strict=True) if is_on]


def _lasting(depths: np.ndarray, lasts: Sequence[Lasts], curve: Curve) -> tuple[list[tuple[Duration, Duration]], Codes]:
    """The windows over which benefit may fade, and which of them each depth (mm) has; the last one: depth unknown."""
    windows = [*(entry.window for entry in lasts), curve.fades]
    borders = [entry.up_to_mm or np.inf for entry in lasts]
    which = np.searchsorted(np.array(borders), depths, side="left")
    return windows, np.where(np.isnan(depths), len(borders), which)


def _running_total(done: Days, until: Days, curve: Curve) -> np.ndarray:
    """The share of each session's production that is made by `until`, sessions down and days across."""
    knots = _knots(done, curve)
    shares = np.array([share for _, share in curve.production])
    starts, lengths = knots[:, :-1], np.diff(knots, axis=1)
    slopes = np.diff(shares) / lengths
    into = np.clip(until[:, None, :] - starts[:, :, None], 0, lengths[:, :, None])
    made = (shares[:-1, None] * into + slopes[:, :, None] * into**2 / 2).sum(axis=1)
    whole = ((shares[:-1] + shares[1:]) * lengths / 2).sum(axis=1)[:, None]
    return np.divide(made, whole, out=np.zeros_like(made), where=whole > 0)


def _knots(done: Days, curve: Curve) -> Days:
    return np.concatenate([shift(done, duration) for duration, _ in curve.production], axis=1)


def _numbers(days: pd.DatetimeIndex) -> Days:
    return days.to_numpy().astype("datetime64[D]").astype(np.int32)
