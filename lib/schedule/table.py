"""Rows collected section by section, and the frame made of them without a sort."""

import numpy as np
import pandas as pd

from lib.schedule.durations import NEVER, Codes, Days
from lib.schedule.flags import FLAGS, STATUSES
from lib.schedule.windows import NONE, TIMINGS

_DATES = ["anchor_on", "earliest_on", "due_on", "overdue_on", "lapses_on", "done_on"]
_BLANK: dict[str, tuple[type, int]] = {
    "kind": (np.int8, NONE),
    "number": (np.int64, 0),
    **{name: (np.int32, NEVER) for name in _DATES},
    "status": (np.int8, NONE),
    "timing": (np.int8, NONE),
    "days_off": (np.int32, 0),
    "booked_on": (np.int32, NEVER),
    "booked_fit": (np.int8, NONE),
    "missed_on": (np.int32, NEVER),
    "missed_count": (np.int32, 0),
    "cancelled_on": (np.int32, NEVER),
    "unrecorded_on": (np.int32, NEVER),
    "days_overdue": (np.int32, 0),
    "flag": (np.int8, NONE),
}
_CAUSES: dict[str, tuple[type, int]] = {
    "agreement": (np.intp, NONE),
    "hold": (np.intp, NONE),
    "closure": (np.intp, NONE),
    "healed": (np.bool_, False),
}
_ORDER = [
    "course_id",
    "kind",
    "number",
    *_DATES[:5],
    "status",
    "done_on",
    "timing",
    "days_off",
    "booked_on",
    "booked_fit",
    "missed_on",
    "missed_count",
    "cancelled_on",
    "unrecorded_on",
    "days_overdue",
    "flag",
]


class Table:
    """Rows of courses in numbered sections; `place` counts a course's rows within a section from 0."""

    def __init__(self, courses: int):
        self._courses = courses
        self._parts: list[tuple[Codes, int, Codes, dict[str, np.ndarray]]] = []
        self._size: dict[int, np.ndarray] = {}

    def add(self, course: Codes, *, section: int, place: Codes, **columns: np.ndarray) -> None:
        """New rows with these columns; the others are blank."""
        rows = np.bincount(course, minlength=self._courses)
        self._size[section] = self._size.get(section, 0) + rows
        self.fill(course, section=section, place=place, **columns)

    def fill(self, course: Codes, *, section: int, place: Codes, **columns: np.ndarray) -> None:
        """Values for rows that are there already."""
        self._parts.append((course, section, place, columns))

    def frame(self, ids: pd.Series, kinds: list[str], *, causes: bool = False) -> pd.DataFrame:
        """The rows as docs/rules.md orders and names them; with `causes`, also what moved each window.

        The causes are `agreement`, `hold` and `closure`, positions in the input frames or -1, and `healed`,
        whether the window had to wait for the skin.
        """
        rows = sum(self._size.values(), np.zeros(self._courses, dtype=np.intp))
        start = np.cumsum(rows) - rows
        starts = {}
        for section in sorted(self._size):
            starts[section] = start
            start = start + self._size[section]
        total = int(rows.sum())
        blank = _BLANK | _CAUSES if causes else _BLANK
        out: dict[str, np.ndarray] = {name: np.full(total, value, dtype=kind) for name, (kind, value) in blank.items()}
        for course, section, place, columns in self._parts:
            at = starts[section][course] + place
            for name, values in columns.items():
                if name in out:
                    out[name][at] = values

        done: dict[str, object] = {"course_id": ids.take(np.repeat(np.arange(self._courses), rows)).array}
        words = {"kind": kinds, "status": STATUSES, "timing": TIMINGS, "booked_fit": TIMINGS, "flag": FLAGS}
        for name, values in out.items():
            if name in words:
                done[name] = pd.Categorical.from_codes(values, categories=words[name])  # type: ignore[call-overload]
            elif name.endswith("_on"):
                done[name] = _dates(values)
            elif name == "days_off":
                done[name] = pd.arrays.IntegerArray(values.astype(np.int64), out["timing"] == NONE)
            else:
                done[name] = values
        return pd.DataFrame({name: done[name] for name in (*_ORDER, *(_CAUSES if causes else ()))}, copy=False)


def _dates(days: Days) -> np.ndarray:
    seconds = days.astype(np.int64) * 86_400
    seconds[days == NEVER] = np.iinfo(np.int64).min
    return seconds.view("datetime64[s]")
