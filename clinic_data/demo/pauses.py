"""Holds in the demo clinic: why patients pause, from when to when, and who has to ask again."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from clinic_data.demo.opening_days import Days, OpeningDays
from clinic_data.demo.plans import AREAS, Codes, Plans, draw
from lib.schedule.durations import NEVER

SHARE = 0.055

# cause, reason, shortest and longest in days, weight, whether it may concern one area only
REASONS = [
    ("medical", "On isotretinoin", 150, 270, 0.18, False),
    ("medical", "Pregnancy", 200, 330, 0.2, False),
    ("medical", "Active infection", 10, 28, 0.15, True),
    ("medical", "Eczema flare", 14, 42, 0.12, True),
    ("medical", "Cold sores", 10, 21, 0.08, True),
    ("wish", "Travelling", 14, 70, 0.12, False),
    ("wish", "Cost: wants to wait", 30, 120, 0.08, False),
    ("wish", "Family event", 14, 40, 0.07, False),
]


@dataclass(frozen=True)
class Pauses:
    """One entry a hold; `area` is -1 for the whole patient, a missing day NEVER."""

    patient: Codes
    area: Codes
    reason: Codes
    starts: Days
    ends: Days
    check: Days
    recorded: Days

    @classmethod
    def none(cls) -> "Pauses":
        """No holds."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in fields(cls)))

    @classmethod
    def join(cls, parts: "list[Pauses]") -> "Pauses":
        """All holds of the parts."""
        return cls(*(np.concatenate(columns) for columns in zip(*(vars(p).values() for p in parts), strict=True)))

    def is_medical(self) -> NDArray[np.bool_]:
        """Which holds have a medical cause."""
        return np.array([cause == "medical" for cause, *_ in REASONS])[self.reason]

    def rows(self) -> list[list]:
        """The columns area, cause and reason as text."""
        areas = np.array([*AREAS, None], dtype=object)[self.area]
        causes, reasons = (np.array([row[i] for row in REASONS], dtype=object)[self.reason] for i in (0, 1))
        return [areas.tolist(), causes.tolist(), reasons.tolist()]


@dataclass(frozen=True)
class PausedCourses:
    """The hold of each course: NEVER to NEVER where it has none."""

    starts: Days
    ends: Days
    recorded: Days
    medical: NDArray[np.bool_]


def draw_pauses(rng: Generator, days: OpeningDays, plans: Plans, may_pause: NDArray[np.bool_]) -> Pauses:
    """Holds for a few patients, begun in their first eight months, or about to begin."""
    patients = len(may_pause)
    patient = np.flatnonzero((rng.random(patients) < SHARE) & may_pause & (plans.opened[:patients] < days.today - 8))
    size, opened = len(patient), plans.opened[patient]
    reason = draw(rng, [row[4] for row in REASONS], size)
    starts = opened + 5 + (rng.random(size) * np.minimum(245, days.today + 15 - opened - 5)).astype(np.int64)
    shortest, longest = (np.array([row[i] for row in REASONS])[reason] for i in (2, 3))
    ends = starts + shortest + (rng.random(size) * (longest - shortest)).astype(np.int64)
    running = (starts <= days.today) & (ends > days.today)
    open_ended = running & (rng.random(size) < 0.55)
    ends[open_ended] = NEVER
    check = np.where(open_ended & (rng.random(size) < 0.8), starts + rng.integers(21, 120, size), NEVER)
    local = np.array([row[5] for row in REASONS])[reason] & (rng.random(size) < 0.6)
    recorded = np.maximum(np.minimum(starts, days.today) - rng.integers(0, 8, size), opened)
    area = np.where(local, plans.area[patient], -1)
    return Pauses(patient, area, reason, starts, ends, check, recorded)


def of_courses(pauses: Pauses, plans: Plans) -> PausedCourses:
    """Each course's hold: its patient's, if that is for all areas or for the course's."""
    size = len(plans)
    hold = np.full(int(plans.patient.max()) + 1, -1, dtype=np.int64)
    hold[pauses.patient] = np.arange(len(pauses.patient))
    mine = hold[plans.patient]
    has = mine >= 0
    has[has] = (pauses.area[mine[has]] == -1) | (pauses.area[mine[has]] == plans.area[has])
    starts, ends, recorded = (np.full(size, NEVER, dtype=np.int64) for _ in range(3))
    starts[has], ends[has], recorded[has] = (c[mine[has]] for c in (pauses.starts, pauses.ends, pauses.recorded))
    medical = np.zeros(size, dtype=bool)
    medical[has] = pauses.is_medical()[mine[has]]
    return PausedCourses(starts, ends, recorded, medical)
