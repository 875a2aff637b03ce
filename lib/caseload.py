"""The manager's figures: what holds the clinic back, how treatment plans stand, what falls due, how it went.

A figure is divided into parts. What a part counts, and who stands behind the number, come from the same rows of the
schedule, so a number always equals the list it leads to. Flags are those of `lib.worklist.flagged`, so they equal
Follow-ups.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from lib import words

PATIENT, PLAN, VISIT, SESSION = "patient", "treatment plan", "visit", "session"
UNSAFE = ["booked_on_hold", "booked_too_soon"]
OVERDUE = ["missed_session", "overdue_review", "overdue_maintenance", "not_started"]
BANDS = {"1-7": 1, "8-30": 8, "31-90": 31, "over-90": 91}
"""How long overdue: the first day of each band."""
WEEKS, MONTHS = 12, 12
BOOKED, NOT_BOOKED = "Booked", "Not booked"
TIMINGS = {"on_time": "On time", "early": "Early", "late": "Late", "too_soon": "Too soon"}
STATES = {
    "not_started": "Not started",
    "in_series": "In series",
    "finished": "Finished",
    "in_maintenance": "In maintenance",
    "paused": "Paused",
    "not_heard_from": "Not heard from",
}
_OPEN = ["on_hold", "upcoming", "due", "overdue", "lapsed"]


@dataclass(frozen=True)
class Part:
    """One number of a figure; in a table it stands in a row and a column."""

    id: str
    name: str
    row: str = ""
    column: str = ""


@dataclass(frozen=True)
class Figure:
    """What is counted, how it is defined, and the parts it is divided into.

    With the unit "patient" each is counted once in a part; where `once` is set, in one part only, her first row's.
    """

    id: str
    name: str
    definition: str
    unit: str
    parts: tuple[Part, ...]
    once: bool = False

    def part(self, part_id: str) -> Part:
        """The part of that id; KeyError for any other."""
        return {part.id: part for part in self.parts}[part_id]


@dataclass(frozen=True)
class _Rows:
    """The rows that a figure counts: places in `frame`, and of each the part, the course and the patient."""

    frame: pd.DataFrame
    place: np.ndarray
    part: np.ndarray
    course: np.ndarray
    patient: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True)
class Caseload:
    """All figures of one day. `kept`, a truth value for each of `courses`, leaves only their rows; None leaves all."""

    courses: pd.DataFrame
    figures: dict[str, Figure]
    _rows: dict[str, _Rows]

    def counts(self, figure: str, kept: np.ndarray | None = None) -> dict[str, int]:
        """How many each part of a figure counts."""
        about, rows = self.figures[figure], self._rows[figure]
        at = self._left(figure, kept)
        if about.unit == PATIENT and about.once:
            at = _first(rows.patient, at)
        elif about.unit == PATIENT:
            at = _first(rows.patient * len(about.parts) + rows.part, at)
        numbers = np.bincount(rows.part[at], minlength=len(about.parts))
        return {part.id: int(number) for part, number in zip(about.parts, numbers, strict=True)}

    def total(self, figure: str, kept: np.ndarray | None = None) -> int:
        """The figure's n: how many patients, plans, visits or sessions all its parts count, each once."""
        return len(self._chosen(figure, None, kept))

    def behind(self, figure: str, part: str | None = None, kept: np.ndarray | None = None) -> pd.DataFrame:
        """Who stands behind a part, or behind all of them: a row for each that is counted.

        The schedule's columns and patient_id, practitioner_id, protocol and area.
        """
        rows = self._rows[figure]
        at = self._chosen(figure, part, kept)
        whose = self.courses[["patient_id", "practitioner_id", "protocol", "area"]].iloc[rows.course[at]]
        found = rows.frame.drop(columns=whose.columns, errors="ignore").iloc[rows.place[at]]
        return pd.concat([found.reset_index(drop=True), whose.reset_index(drop=True)], axis=1)

    def _chosen(self, figure: str, part: str | None, kept: np.ndarray | None) -> np.ndarray:
        about, rows = self.figures[figure], self._rows[figure]
        at = self._left(figure, kept)
        if about.unit == PATIENT and about.once:
            at = _first(rows.patient, at)
        if part is not None:
            at = at[rows.part[at] == about.parts.index(about.part(part))]
        return _first(rows.patient, at) if about.unit == PATIENT else at

    def _left(self, figure: str, kept: np.ndarray | None) -> np.ndarray:
        rows = self._rows[figure]
        return np.arange(len(rows.place)) if kept is None else np.flatnonzero(kept[rows.course])


def _first(keys: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Of those places, the first for each key, in their order."""
    return at[np.sort(np.unique(keys[at], return_index=True)[1])]


def caseload(schedule: pd.DataFrame, courses: pd.DataFrame, flags: pd.DataFrame, as_of: date) -> Caseload:
    """All figures of the day `as_of`.

    `schedule` is `expected_visits` of the courses; `courses` has course_id, patient_id, practitioner_id, protocol, area
    and closed_on; `flags` are the rows of `lib.worklist.flagged`.
    """
    patients = pd.factorize(courses["patient_id"])[0]
    index = pd.Index(courses["course_id"])
    in_schedule, in_flags = index.get_indexer(schedule["course_id"]), index.get_indexer(flags["course_id"])
    of_flags: list[Callable[[pd.DataFrame], tuple[Figure, np.ndarray, np.ndarray]]]
    of_flags = [_attention, _unsafe, _unrecorded, _flags, _overdue]
    made = [(flags, in_flags, *work(flags)) for work in of_flags]
    made += [
        (schedule, in_schedule, *figure)
        for figure in (
            _plans(schedule, courses, in_schedule, as_of),
            _to_check(schedule, flags),
            _weeks(schedule, as_of),
            _timing(schedule, as_of),
        )
    ]
    rows = {
        figure.id: _Rows(frame, place, part, course[place], patients[course[place]])
        for frame, course, figure, place, part in made
    }
    return Caseload(courses, {figure.id: figure for _, _, figure, _, _ in made}, rows)


def _attention(flags: pd.DataFrame) -> tuple[Figure, np.ndarray, np.ndarray]:
    figure = Figure(
        "attention",
        "Need attention",
        "Patients with at least one flag: the list of Follow-ups. Patients who must not be contacted count only where "
        "the clinic can mend something without calling them.",
        PATIENT,
        (Part("all", "Need attention"),),
    )
    return figure, *_those(np.ones(len(flags), bool))


def _unsafe(flags: pd.DataFrame) -> tuple[Figure, np.ndarray, np.ndarray]:
    figure = Figure(
        "unsafe",
        "Unsafe bookings",
        "Patients with a booking that must be moved: during a pause, or before the skin has healed.",
        PATIENT,
        (Part("all", "Unsafe bookings"),),
    )
    return figure, *_those(flags["flag"].isin(UNSAFE).to_numpy())


def _unrecorded(flags: pd.DataFrame) -> tuple[Figure, np.ndarray, np.ndarray]:
    figure = Figure(
        "unrecorded",
        words.FLAGS["attendance_unrecorded"],
        "Patients with a booking that is past and of which nobody has said whether they came.",
        PATIENT,
        (Part("all", words.FLAGS["attendance_unrecorded"]),),
    )
    return figure, *_those((flags["flag"] == "attendance_unrecorded").to_numpy())


def _flags(flags: pd.DataFrame) -> tuple[Figure, np.ndarray, np.ndarray]:
    figure = Figure(
        "flags",
        "Open flags by kind",
        "Patients with this flag on the day shown, as Follow-ups lists them; a patient with two kinds of flag counts "
        "under both.",
        PATIENT,
        tuple(Part(flag, word) for flag, word in words.FLAGS.items()),
    )
    return figure, np.arange(len(flags)), _codes(flags["flag"], list(words.FLAGS))


def _overdue(flags: pd.DataFrame) -> tuple[Figure, np.ndarray, np.ndarray]:
    names = ["1–7 days", "8–30 days", "31–90 days", "Over 90 days"]
    figure = Figure(
        "overdue",
        "How long the overdue have been overdue",
        "Patients with a session, review or maintenance overdue and not booked, by the days since their window's last "
        "day; each counts once, by the visit that is longest overdue. Whoever is not heard from any more is not here.",
        PATIENT,
        tuple(Part(band, name) for band, name in zip(BANDS, names, strict=True)),
        once=True,
    )
    days = flags["days_overdue"].to_numpy()
    place = np.flatnonzero(flags["flag"].isin(OVERDUE).to_numpy())
    place = place[np.argsort(-days[place], kind="stable")]
    return figure, place, np.searchsorted(list(BANDS.values()), days[place], side="right") - 1


def _plans(
    schedule: pd.DataFrame, courses: pd.DataFrame, course: np.ndarray, as_of: date
) -> tuple[Figure, np.ndarray, np.ndarray]:
    figure = Figure(
        "plans",
        "How the open treatment plans stand",
        "Every open plan stands in the first of these that holds. Paused: its next session is on hold today. Not heard "
        "from: its next session has lapsed, nothing booked. Not started: no session done. In series: some of the "
        "planned sessions are still to come. In maintenance: a maintenance session is done or booked. Finished: the "
        "planned sessions are done and maintenance has not begun, or there is none.",
        PLAN,
        tuple(Part(state, name) for state, name in STATES.items()),
    )
    kind, status = schedule["kind"].to_numpy(str), schedule["status"]
    session, number = kind == "session", schedule["number"].to_numpy()
    following = (session | (kind == "maintenance")) & status.isin(_OPEN).to_numpy()
    booked = schedule["booked_on"].notna().to_numpy()
    state = np.select(
        [(status == "on_hold").to_numpy(), (status == "lapsed").to_numpy() & ~booked, session & (number == 1), session],
        [4, 5, 0, 1],
        default=np.where((number == 1) & ~booked, 2, 3),
    )
    # a plan without a next session stands behind its last row
    last = ~schedule["course_id"].duplicated(keep="last").to_numpy()
    waits = np.zeros(len(courses), bool)
    waits[course[following]] = True
    closed = (courses["closed_on"] <= pd.Timestamp(as_of)).to_numpy()
    through = last & ~waits[course] & ~closed[course]
    state[through] = 2
    place = np.flatnonzero(following | through)
    return figure, place, state[place]


def _to_check(schedule: pd.DataFrame, flags: pd.DataFrame) -> tuple[Figure, np.ndarray, np.ndarray]:
    figure = Figure(
        "paused_to_check",
        "Paused: ask how it stands",
        "Those of the paused treatment plans of which the day is reached on which somebody asks how it stands, and "
        "whose patient may be contacted.",
        PLAN,
        (Part("all", "Paused: ask how it stands"),),
    )
    asked = flags.loc[flags["flag"] == "hold_to_check", "course_id"]
    return figure, *_those(((schedule["flag"] == "hold_to_check") & schedule["course_id"].isin(asked)).to_numpy())


def _weeks(schedule: pd.DataFrame, as_of: date) -> tuple[Figure, np.ndarray, np.ndarray]:
    first = pd.Timestamp(as_of)
    parts = []
    for week in range(WEEKS):
        start = first + pd.Timedelta(weeks=week)
        row = words.days_range(start, start + pd.Timedelta(days=6))
        parts += [
            Part(f"{week + 1}-{code}", f"{column}, {row}", row, column)
            for code, column in (("booked", BOOKED), ("open", NOT_BOOKED))
        ]
    figure = Figure(
        "weeks",
        "What falls due in the next 12 weeks",
        "Sessions, reviews and maintenance of open treatment plans whose window opens in the week, counted in sevens "
        "from the day shown; likely later sessions are among them. Booked: a day is booked for that visit, whichever.",
        VISIT,
        tuple(parts),
    )
    day = (schedule["due_on"].to_numpy().astype("M8[D]") - np.datetime64(as_of, "D")).astype(np.int64)
    wanted = schedule["status"].isin([*_OPEN, "projected"]).to_numpy() & (day >= 0) & (day < 7 * WEEKS)
    place = np.flatnonzero(wanted)
    place = place[np.argsort(day[place], kind="stable")]
    return figure, place, day[place] // 7 * 2 + schedule["booked_on"].isna().to_numpy()[place]


def _timing(schedule: pd.DataFrame, as_of: date) -> tuple[Figure, np.ndarray, np.ndarray]:
    months = [pd.Timestamp(as_of).to_period("M") - back for back in reversed(range(MONTHS))]
    figure = Figure(
        "timing",
        "Did sessions come on time?",
        "Sessions and maintenance done in the last 12 calendar months, this one up to the day shown, by how the day "
        "fitted its window: before the skin had healed (too soon), before the window (early), in it (on time), after "
        "it (late). A visit that serves two treatment plans counts in each.",
        SESSION,
        tuple(
            Part(f"{month}-{timing}", f"{word}, {month:%b %Y}", f"{month:%b %Y}", word)
            for month in months
            for timing, word in TIMINGS.items()
        ),
    )
    month = (schedule["done_on"].to_numpy().astype("M8[M]") - np.datetime64(str(months[0]), "M")).astype(np.int64)
    timing = _codes(schedule["timing"], list(TIMINGS))
    needled = schedule["kind"].isin(["session", "maintenance"]).to_numpy()
    place = np.flatnonzero(needled & (timing >= 0) & (month >= 0) & (month < MONTHS))
    place = place[np.argsort(-schedule["done_on"].to_numpy()[place].astype("M8[D]").astype(np.int64), kind="stable")]
    return figure, place, month[place] * len(TIMINGS) + timing[place]


def _those(wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The places of the wanted rows, all in part 0."""
    place = np.flatnonzero(wanted)
    return place, np.zeros(len(place), np.int64)


def _codes(column: pd.Series, order: list[str]) -> np.ndarray:
    """Where each word stands in `order`; -1 for a missing one."""
    place = pd.Index(order).get_indexer(column.cat.categories)
    codes = column.cat.codes.to_numpy()
    return np.where(codes < 0, -1, place[codes]) if len(place) else codes.astype(np.int64)
