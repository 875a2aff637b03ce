"""The courses of the demo clinic: which protocol, on which area, how severe, how many sessions, since when."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from clinic_data.demo.opening_days import HISTORY, Days, OpeningDays
from lib.schedule import Protocol
from lib.schedule.durations import NEVER

Codes = NDArray[np.int64]

SEVERITIES = ["mild", "moderate", "severe"]
PRACTITIONER_SHARES = [0.35, 0.3, 0.2, 0.15]


@dataclass(frozen=True)
class Treatment:
    """What one protocol is used for: areas and concerns (the first most often), shares and depths in mm."""

    share: float
    areas: tuple[str, ...]
    concerns: tuple[str, ...]
    severities: tuple[float, float, float]
    depths: tuple[float, float]
    ages: tuple[int, int]


# Depths: docs/evidence.md has 1.5 mm for acne scars and up to 2.5 mm for the neck.
TREATMENTS = {
    "acne-scars": Treatment(
        0.3,
        ("Cheeks", "Face", "Temples"),
        ("Rolling scars", "Boxcar scars", "Ice-pick scars"),
        (0.15, 0.55, 0.3),
        (1.5, 2.0),
        (20, 42),
    ),
    "facial-photoageing": Treatment(
        0.24,
        ("Face", "Around the eyes"),
        ("Fine lines", "Sun damage", "Uneven tone"),
        (0.3, 0.5, 0.2),
        (1.0, 1.5),
        (34, 70),
    ),
    "mild-texture": Treatment(
        0.17,
        ("Face", "Cheeks", "Forehead"),
        ("Enlarged pores", "Rough texture", "Dull skin"),
        (0.85, 0.15, 0.0),
        (0.5, 1.0),
        (20, 55),
    ),
    "neck-lines": Treatment(
        0.1,
        ("Neck", "Décolleté"),
        ("Horizontal lines", "Crepey skin"),
        (0.25, 0.55, 0.2),
        (1.5, 2.5),
        (36, 70),
    ),
    "stretch-marks": Treatment(
        0.11,
        ("Abdomen", "Thighs", "Hips"),
        ("Stretch marks after pregnancy", "Stretch marks"),
        (0.3, 0.5, 0.2),
        (1.5, 2.5),
        (22, 48),
    ),
    "upper-lip-lines": Treatment(
        0.08,
        ("Upper lip",),
        ("Lines around the mouth",),
        (0.35, 0.5, 0.15),
        (0.75, 1.25),
        (40, 70),
    ),
}

PROTOCOLS = list(TREATMENTS)
AREAS = sorted({area for treatment in TREATMENTS.values() for area in treatment.areas})
CONCERNS = sorted({concern for treatment in TREATMENTS.values() for concern in treatment.concerns})

# What is treated beside a first course: the neck beside the face, else the face.
_BESIDE = {
    name: "facial-photoageing" if name in ("neck-lines", "stretch-marks") else "neck-lines" for name in PROTOCOLS
}


@dataclass(frozen=True)
class Plans:
    """One entry a course. `until` is the day from which it isn't pursued any more, `beside` the course of the
    same patient that began on the same day, or -1."""

    patient: Codes
    protocol: Codes
    area: Codes
    concern: Codes
    severity: Codes
    planned: Codes
    practitioner: Codes
    opened: Days
    until: Days
    beside: Codes

    def __len__(self) -> int:
        return len(self.patient)


def draw(rng: Generator, shares: tuple[float, ...] | list[float], size: int) -> Codes:
    """Random codes with these shares of one."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(size), side="right")


def open_courses(
    rng: Generator, days: OpeningDays, leaves_on: Days, steered: NDArray[np.bool_], protocols: list[Protocol]
) -> Plans:
    """A course for every patient, a second one for 12 % of them: beside the first, or on the same area after it."""
    patients = len(leaves_on)
    every = np.arange(patients)
    # A growing clinic: somewhat more courses opened of late.
    opened = days.until(days.today - (HISTORY * rng.random(patients) ** 1.4).astype(np.int64))
    first = _plans(rng, every, draw(rng, [t.share for t in TREATMENTS.values()], patients), opened, protocols)
    has_second = (rng.random(patients) < 0.12) & ~steered
    after = has_second & (rng.random(patients) < 0.5) & (days.today - opened > 260)

    follows = np.flatnonzero(after)
    later = opened[follows] + 180 + (rng.random(len(follows)) * (days.today - opened[follows] - 190)).astype(np.int64)
    second = _plans(rng, follows, first.protocol[follows], days.until(later), protocols)
    second = replace(second, area=first.area[follows], concern=first.concern[follows])

    joins = np.flatnonzero(has_second & ~after)
    other = np.array([PROTOCOLS.index(_BESIDE[name]) for name in PROTOCOLS])[first.protocol[joins]]
    beside = replace(_plans(rng, joins, other, opened[joins], protocols), beside=joins)

    # The skin rests for some weeks before a course on the same area begins.
    first.until[follows] = second.opened - 40
    parts = (first, second, beside)
    plans = Plans(*(np.concatenate(columns) for columns in zip(*(vars(p).values() for p in parts), strict=True)))
    np.minimum(plans.until, leaves_on[plans.patient], out=plans.until)
    gone = plans.opened > leaves_on[plans.patient]
    plans.opened[gone] = days.until(leaves_on[plans.patient[gone]] - 1)
    return plans


def _plans(rng: Generator, patient: Codes, protocol: Codes, opened: Days, protocols: list[Protocol]) -> Plans:
    size = len(patient)
    area, concern, severity = (np.empty(size, dtype=np.int64) for _ in range(3))
    for code, treatment in enumerate(TREATMENTS.values()):
        at = np.flatnonzero(protocol == code)
        area[at] = _pick(rng, treatment.areas, AREAS, len(at))
        concern[at] = _pick(rng, treatment.concerns, CONCERNS, len(at))
        severity[at] = draw(rng, treatment.severities, len(at))
    usual = np.array([p.sessions.planned for p in protocols])[protocol]
    more = np.where(severity == 2, rng.integers(0, 3, size), np.where(severity == 0, -rng.integers(0, 2, size), 0))
    return Plans(
        patient=patient,
        protocol=protocol,
        area=area,
        concern=concern,
        severity=severity,
        planned=np.maximum(usual + more, 1),
        practitioner=draw(rng, PRACTITIONER_SHARES, size),
        opened=opened,
        until=np.full(size, NEVER, dtype=np.int64),
        beside=np.full(size, -1, dtype=np.int64),
    )


def _pick(rng: Generator, words: tuple[str, ...], all_words: list[str], size: int) -> Codes:
    """Codes of some words, the first one most often."""
    shares = np.array([2.0] + [1.0] * (len(words) - 1))
    return np.array([all_words.index(word) for word in words])[draw(rng, list(shares / shares.sum()), size)]
