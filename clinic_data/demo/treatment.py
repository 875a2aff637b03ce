"""What was done at a visit: by whom, how deep, with which machine, how the skin did."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from clinic_data.demo.attendance import COMPLETED, REVIEW, SESSION, Visits
from clinic_data.demo.names import DEVICES, PRACTITIONERS
from clinic_data.demo.opening_days import Days
from clinic_data.demo.plans import PROTOCOLS, TREATMENTS, Codes, Plans

NOTES = [
    "Tolerated well.",
    "A little redness afterwards, gone the next day.",
    "Asked for an afternoon next time.",
    "After-care leaflet given.",
    "Running late, told us beforehand.",
]
SCORE_COLUMNS = ["visit_id", "course_id", "scale", "value", "better"]


def practitioners(rng: Generator, visits: Visits, plans: Plans) -> list[int]:
    """The course's practitioner, now and then a colleague."""
    size = len(visits)
    colleague = rng.integers(0, len(PRACTITIONERS), size)
    return (np.where(rng.random(size) < 0.07, colleague, plans.practitioner[visits.course]) + 1).tolist()


def depths_devices_notes(rng: Generator, visits: Visits, plans: Plans) -> list[list]:
    """Three columns: depth in mm and machine of the sessions that took place, and rarely a note."""
    size = len(visits)
    least, most = (np.array([t.depths[i] for t in TREATMENTS.values()])[plans.protocol[visits.course]] for i in (0, 1))
    # Needles are set in quarters of a millimetre.
    depth = np.round((least + (most - least) * rng.random(size)) * 4) / 4
    needled = (visits.kind == SESSION) & (visits.status == COMPLETED)
    device = np.array(DEVICES, dtype=object)[rng.choice(len(DEVICES), size, p=[0.6, 0.3, 0.1])]
    note = np.array(NOTES, dtype=object)[rng.integers(0, len(NOTES), size)]
    noted = (visits.status == COMPLETED) & (rng.random(size) < 0.04)
    measured = needled & (rng.random(size) < 0.95)
    return [_where(measured, depth), _where(needled, device), _where(noted, note)]


def score_columns(rng: Generator, visits: Visits, second: Codes, plans: Plans, series_end: Days) -> list[list]:
    """Outcome scores at the first session and at reviews, in the order of SCORE_COLUMNS.

    A course's scores start at its severity and get better, some of them little, from review to review.
    """
    visit, course, at_review = _scored(rng, visits, second)
    better = np.clip(rng.normal(0.45, 0.2, len(plans)), -0.05, 0.9)[course]
    # Collagen needs months: more of it shows at the outcome review.
    shown = np.where(at_review, np.where(visits.day[visit] - series_end[course] > 70, 1.0, 0.7), 0.0)
    gain = np.where(at_review, better * shown + rng.normal(0, 0.06, len(visit)), 0.0)
    severity = plans.severity[course]
    is_scars = plans.protocol[course] == PROTOCOLS.index("acne-scars")

    start = np.maximum(np.array([9, 19, 32])[severity] + np.round(rng.normal(0, 3, len(plans)))[course], 4)
    quantitative = np.clip(np.round(start * (1 - gain) + rng.normal(0, 1.2, len(visit))), 0, 84)
    grade = np.clip(np.round((severity + 2) * (1 - 0.55 * gain)), 1, 4)
    gais = np.clip(np.round(4.2 - 4.2 * gain + rng.normal(0, 0.35, len(visit))), 1, 5)
    own = np.clip(np.round(2 * (3.6 - 0.7 * severity + 6 * gain + rng.normal(0, 0.7, len(visit)))) / 2, 0, 10)
    scales = [
        ("goodman_baron_qualitative", grade, "lower", is_scars),
        ("goodman_baron_quantitative", quantitative, "lower", is_scars & (rng.random(len(plans)) < 0.8)[course]),
        ("gais", gais, "lower", at_review),
        ("patient_vas", own, "higher", rng.random(len(visit)) < 0.9),
    ]
    given = [np.flatnonzero(there) for _, _, _, there in scales]
    counts = [len(at) for at in given]
    at = np.concatenate(given)
    return [
        (visit[at] + 1).tolist(),
        (course[at] + 1).tolist(),
        np.repeat([scale for scale, *_ in scales], counts).tolist(),
        np.concatenate([values[rows] for (_, values, _, _), rows in zip(scales, given, strict=True)]).tolist(),
        np.repeat([direction for _, _, direction, _ in scales], counts).tolist(),
    ]


def _scored(rng: Generator, visits: Visits, second: Codes) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """The visits with scores, the course that each is for, and whether it is a review."""
    done = visits.status == COMPLETED
    review = np.flatnonzero(done & (visits.kind == REVIEW) & (rng.random(len(visits)) < 0.92))
    shared = review[second[review] >= 0]
    session = np.flatnonzero(done & (visits.kind == SESSION))
    in_order = session[np.lexsort((visits.day[session], visits.course[session]))]
    _, first = np.unique(visits.course[in_order], return_index=True)
    baseline = in_order[first]
    baseline = baseline[rng.random(len(baseline)) < 0.9]
    visit = np.concatenate([baseline, review, shared])
    course = np.concatenate([visits.course[baseline], visits.course[review], second[shared]])
    return visit, course, np.arange(len(visit)) >= len(baseline)


def _where(there: NDArray[np.bool_], values: NDArray) -> list:
    out = np.full(len(values), None, dtype=object)
    out[there] = values[there]
    return out.tolist()
