"""Status and flag of rows that are still to come (docs/rules.md, Open rows and Flags)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.schedule.durations import NEVER, Days
from lib.schedule.windows import LATE, NONE, TOO_SOON

STATUSES = ["done", "skipped", "on_hold", "upcoming", "due", "overdue", "lapsed", "projected"]
DONE, SKIPPED, ON_HOLD, UPCOMING, DUE, OVERDUE, LAPSED, PROJECTED = range(8)

FLAGS = [
    "booked_on_hold",
    "booked_too_soon",
    "attendance_unrecorded",
    "hold_to_check",
    "not_started",
    "missed_session",
    "overdue_maintenance",
    "overdue_review",
    "no_show",
    "not_rebooked",
    "due_unbooked",
    "lapsed",
    "booked_late",
]

Mask = NDArray[np.bool_]


def open_status(as_of: int, due: Days, overdue: Days, lapses: Days, held: Mask) -> NDArray[np.int8]:
    """Codes of STATUSES for open rows; a missing bound is never reached."""
    reached = (as_of >= due).astype(np.int8) + (as_of >= overdue) + (as_of >= lapses)
    return np.where(held, ON_HOLD, UPCOMING + reached).astype(np.int8)


def days_overdue(as_of: int, overdue: Days, held: Mask) -> Days:
    """Days from the window's last day to the as-of day, 0 before that and while on hold."""
    return np.where(held | (overdue == NEVER), 0, np.maximum(as_of - overdue + 1, 0)).astype(np.int32)


@dataclass(frozen=True)
class Situation:
    """What a flag depends on, one entry a row; `timing` is how the booking fits, NONE without one."""

    status: NDArray[np.int8]
    is_review: Mask
    is_maintenance: Mask
    is_first: Mask
    booked: Mask
    timing: NDArray[np.int8]
    booked_on_hold: Mask
    hold_to_check: Mask
    unrecorded: Mask
    missed: Mask
    called_off: Mask


def flags(now: Situation) -> NDArray[np.int8]:
    """Codes of FLAGS, NONE without one: the first rule that holds."""
    unbooked = ~now.booked
    overdue = (now.status == OVERDUE) & unbooked
    waiting = ((now.status == UPCOMING) | (now.status == DUE)) & unbooked
    ahead = (now.status == UPCOMING) | (now.status == DUE) | (now.status == PROJECTED)
    rules = {
        "booked_on_hold": now.booked_on_hold,
        "booked_too_soon": now.booked & (now.timing == TOO_SOON),
        "attendance_unrecorded": now.unrecorded,
        "hold_to_check": now.hold_to_check,
        "not_started": overdue & now.is_first,
        "missed_session": overdue & ~now.is_review & ~now.is_maintenance,
        "overdue_maintenance": overdue & now.is_maintenance,
        "overdue_review": overdue & now.is_review,
        "no_show": waiting & now.missed,
        "not_rebooked": waiting & now.called_off,
        "due_unbooked": (now.status == DUE) & unbooked,
        "lapsed": (now.status == LAPSED) & unbooked & ~now.is_review,
        "booked_late": ahead & now.booked & (now.timing == LATE),
    }
    flag = np.full(len(now.status), NONE, dtype=np.int8)
    # From the last rule to the first, so that the first one that holds is what remains.
    for name in reversed(FLAGS):
        flag[rules[name]] = FLAGS.index(name)
    return flag
