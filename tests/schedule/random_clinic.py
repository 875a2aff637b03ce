"""Random courses for holding one implementation of docs/rules.md against another.

The dates are those on which the rules turn: a window's edges seen from the session before, the ends of holds,
month ends and leap days, and the days beside them.
"""

import tomllib
from calendar import monthrange
from datetime import date, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]

# Every unit, a step for each rule, maintenance or none, reviews of both sorts, windows of one day, windows
# within the healing time, durations of nothing: the texts of protocol files, for what reads them itself.
PROTOCOL_FILES = (
    """
id = "stepped"
version = 1
name = "Calendar months, steps for each rule"
resume_within = "10 days"
[sessions]
planned = 4
start_within = "1 month"
earliest = "21 days"
window = ["1 month", "2 months"]
lapses_after = "6 months"
step = [
    { number = 2, lapses_after = "1 week" },
    { number = 3, earliest = "2 months", window = ["3 months", "4 months"] },
    { number = 5, window = ["1 month", "1 month"], lapses_after = "0 days" },
    { number = 6, earliest = "1 year" },
]
[maintenance]
earliest = "1 month"
window = ["6 months", "1 year"]
lapses_after = "1 year"
[[reviews]]
id = "check"
name = "Check"
after = "each"
earliest = "3 days"
window = ["7 days", "14 days"]
lapses_after = "2 weeks"
[[reviews]]
id = "look"
name = "Look"
after = "each"
met_by_session = true
earliest = "3 weeks"
window = ["4 weeks", "6 weeks"]
lapses_after = "1 month"
""",
    """
id = "weekly"
version = 1
name = "Weeks, reviews after the series"
resume_within = "4 weeks"
[sessions]
planned = 3
start_within = "6 weeks"
earliest = "4 weeks"
window = ["4 weeks", "6 weeks"]
lapses_after = "3 months"
[maintenance]
earliest = "4 weeks"
window = ["2 months", "4 months"]
lapses_after = "6 months"
[[reviews]]
id = "review"
name = "Review"
after = "series"
earliest = "2 weeks"
window = ["4 weeks", "6 weeks"]
lapses_after = "6 weeks"
met_by_session = false
[[reviews]]
id = "outcome"
name = "Outcome"
after = "series"
met_by_session = true
earliest = "10 weeks"
window = ["3 months", "6 months"]
lapses_after = "3 months"
""",
    """
id = "single"
version = 1
name = "Windows of one day, neither maintenance nor reviews"
resume_within = "0 days"
[sessions]
planned = 2
start_within = "0 days"
earliest = "4 weeks"
window = ["5 weeks", "5 weeks"]
lapses_after = "2 months"
""",
    """
id = "healing"
version = 1
name = "Windows within the healing time"
resume_within = "0 days"
[sessions]
planned = 3
start_within = "1 week"
earliest = "6 weeks"
window = ["2 weeks", "4 weeks"]
lapses_after = "1 month"
[[sessions.step]]
number = 3
window = ["5 weeks", "8 weeks"]
[maintenance]
earliest = "1 month"
window = ["0 days", "0 days"]
lapses_after = "2 weeks"
[[reviews]]
id = "photo"
name = "Photo"
after = "each"
earliest = "0 days"
window = ["0 days", "0 days"]
lapses_after = "0 days"
[[reviews]]
id = "late_look"
name = "Late look"
after = "each"
earliest = "4 weeks"
window = ["1 week", "2 weeks"]
lapses_after = "2 weeks"
""",
    """
id = "bare"
version = 1
name = "No maintenance, reviews of both sorts"
resume_within = "4 months"
[sessions]
planned = 2
start_within = "2 weeks"
earliest = "0 days"
window = ["1 month", "3 months"]
lapses_after = "1 year"
[[reviews]]
id = "end"
name = "End"
after = "series"
met_by_session = true
earliest = "1 month"
window = ["1 month", "2 months"]
lapses_after = "1 month"
[[reviews]]
id = "between"
name = "Between"
after = "each"
earliest = "1 week"
window = ["2 weeks", "3 weeks"]
lapses_after = "1 year"
""",
)
PROTOCOLS: dict[str, Record] = {
    protocol["id"]: protocol for protocol in (tomllib.loads(text) for text in PROTOCOL_FILES)
}

FIRST_DAY = date(2023, 6, 1)
TURNING_DAYS = (
    date(2023, 8, 31), date(2023, 10, 31), date(2023, 11, 30), date(2023, 12, 29), date(2023, 12, 31),
    date(2024, 1, 29), date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 28), date(2024, 2, 29),
    date(2024, 3, 1), date(2024, 3, 31), date(2024, 8, 31), date(2024, 12, 31), date(2025, 1, 31),
    date(2025, 2, 28),
)  # fmt: skip
FAR = date(9000, 12, 31)


def random_clinic(rng: Random, courses: int) -> Record:
    """The named tables of `courses` random courses, rows in any order, and the protocols they follow."""
    clinic: Record = {"courses": [], "visits": [], "holds": [], "agreements": []}
    clinic["closures"] = _closures(rng)
    for course_id in rng.sample(range(1, 3 * courses + 1), courses):
        protocol = rng.choice(list(PROTOCOLS.values()))
        course = _course(rng, course_id, protocol)
        sessions = _sessions(rng, course, protocol)
        marks = _marks(rng, sessions or [course["opened_on"]], protocol)
        if rng.random() < 0.15:
            course["closed_on"] = rng.choice(marks)
        clinic["courses"].append(course)
        clinic["visits"] += _performed(rng, course_id, sessions, protocol) + _others(rng, course_id, marks)
        clinic["holds"] += _holds(rng, course_id, sessions, marks)
        clinic["agreements"] += _agreements(rng, course_id, sessions, marks, protocol)
    _add_copies(rng, clinic)
    for name in ("visits", "holds", "agreements", "closures"):
        rng.shuffle(clinic[name])
    return clinic | {"protocols": PROTOCOLS}


def as_of_dates(rng: Random, clinic: Record, count: int) -> list[date]:
    """As-of dates to judge the clinic on: turning days, as many of its dates are, and others it has."""
    columns = {
        "courses": ("opened_on", "closed_on", "earliest_start_on"),
        "visits": ("visit_date", "recorded_on", "cancelled_on"),
        "holds": ("starts_on", "ends_on", "recorded_on", "check_on"),
        "agreements": ("agreed_on", "due_on"),
        "closures": ("starts_on", "ends_on"),
    }
    days = [row[name] for table, names in columns.items() for row in clinic[table] for name in names]
    own = [day for day in days if day is not None and day < FAR]
    return sorted(rng.choice(rng.choice((TURNING_DAYS, TURNING_DAYS, own))) for _ in range(count))


def _later(day: date, duration: str) -> date:
    count, unit = duration.split()
    days = {"day": 1, "week": 7}.get(unit.removesuffix("s"))
    if days:
        return day + timedelta(days=days * int(count))
    months = day.year * 12 + day.month - 1 + int(count) * (12 if unit.startswith("year") else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _edges(day: date, protocol: Record) -> list[date]:
    """The days on which the rules turn for what is expected after a session on `day`."""
    sessions = protocol["sessions"]
    rules = [sessions, *sessions.get("step", []), *protocol.get("reviews", [])]
    rules += [protocol["maintenance"]] if "maintenance" in protocol else []
    edges = [_later(day, sessions["start_within"])]
    for rule in rules:
        whole = sessions | rule
        last = _later(day, whole["window"][1])
        overdue = last + timedelta(days=1)
        edges += [_later(day, whole["earliest"]), _later(day, whole["window"][0]), last, overdue]
        edges += [_later(overdue, whole["lapses_after"])]
    return edges


def _marks(rng: Random, days: list[date], protocol: Record) -> list[date]:
    """The days, their edges, the turning days among them, and the days beside; the last day's edges twice."""
    marks = [*days, *days, *_edges(days[-1], protocol)]
    for day in days:
        marks += _edges(day, protocol)
    marks += [mark + timedelta(days=beside) for mark in marks[::3] for beside in (-1, 1)]
    turning = [day for day in TURNING_DAYS if days[0] <= day <= max(marks)]
    return marks + rng.choices(turning, k=len(marks) // 2) if turning else marks


def _beside(rng: Random, day: date) -> date:
    return day + timedelta(days=rng.choice((-30, -7, -1, -1, 0, 0, 0, 1, 1, 7, 30)))


def _course(rng: Random, course_id: int, protocol: Record) -> Record:
    opened_on = FIRST_DAY + timedelta(days=rng.randrange(500))
    if rng.random() < 0.4:
        opened_on = rng.choice(TURNING_DAYS)
    course = {
        "course_id": course_id,
        "protocol_id": protocol["id"],
        "planned_sessions": rng.choice((1, 1, 2, 2, 3, 3, 4, 5, 6)),
        "opened_on": opened_on,
        "closed_on": None,
        "earliest_start_on": None,
    }
    if rng.random() < 0.3:
        course["earliest_start_on"] = _beside(rng, rng.choice([opened_on, *_edges(opened_on, protocol)]))
    return course


def _sessions(rng: Random, course: Record, protocol: Record) -> list[date]:
    """The days of sessions that the course has or will have had, many of them at an edge."""
    opened_on = course["opened_on"]
    start = _later(opened_on, protocol["sessions"]["start_within"])
    days: list[date] = []
    planned = course["planned_sessions"]
    for number in range(rng.choice((0, 1, planned, rng.randrange(planned + 4)))):
        if number == 0:
            choices = [opened_on, start, start + timedelta(days=1), course["earliest_start_on"] or opened_on]
            choices += [_beside(rng, opened_on), _beside(rng, start)]
        else:
            edges = [edge for edge in _edges(days[-1], protocol) if edge > days[-1]]
            near = [edge for edge in edges if edge < days[-1] + timedelta(days=200)]
            mark = rng.choice(near if rng.random() < 0.8 else edges)
            choices = [mark, mark + timedelta(days=1), mark - timedelta(days=1), days[-1] + timedelta(days=1)]
            choices += [mark, rng.choice(TURNING_DAYS)]
        day = rng.choice(choices)
        if not days or day > days[-1]:
            days.append(day)
    return days


def _recorded(rng: Random, day: date) -> date | None:
    """No day, the day itself, a turning day, or one before or after it."""
    before = day - timedelta(days=rng.randrange(90))
    return rng.choice((None, None, day, before, _beside(rng, day), rng.choice(TURNING_DAYS)))


def _visit(rng: Random, course_id: int, kind: str, day: date, status: str) -> Record:
    off = rng.random() < (0.8 if status == "cancelled" else 0.05)
    off_on = rng.choice([_beside(rng, day), *[turn for turn in TURNING_DAYS if turn < day][-3:]])
    return {
        "course_id": course_id,
        "kind": kind,
        "visit_date": day,
        "status": status,
        "recorded_on": _recorded(rng, day),
        "cancelled_on": off_on if off else None,
    }


def _performed(rng: Random, course_id: int, sessions: list[date], protocol: Record) -> list[Record]:
    """The sessions, reviews between them, and second entries of either for the same day."""
    visits = [_visit(rng, course_id, "session", day, "completed") for day in sessions]
    for day, following in zip(sessions, [*sessions[1:], None], strict=False):
        for review in protocol.get("reviews", []):
            if rng.random() < 0.4:
                edges = [_later(day, review["earliest"]), *(_later(day, edge) for edge in review["window"])]
                edges += [day, following or edges[-1], edges[-1] + timedelta(days=1), _beside(rng, edges[0])]
                visits.append(_visit(rng, course_id, "review", rng.choice(edges), "completed"))
    for visit in rng.sample(visits, len(visits) // 5):
        status = rng.choice(("completed", "completed", "booked", "cancelled", "no_show"))
        kind = rng.choice(("review", visit["kind"]))
        visits.append(_visit(rng, course_id, kind, visit["visit_date"], status))
    return visits


def _others(rng: Random, course_id: int, marks: list[date]) -> list[Record]:
    """Bookings, cancellations, missed visits and visits of kinds that count for nothing."""
    visits = []
    for _ in range(rng.choice((0, 1, 2, 3, 6))):
        kind = rng.choice(("session", "session", "session", "review", "review", "telephone"))
        status = rng.choice(("booked", "booked", "booked", "completed", *("cancelled", "no_show") * 2))
        visits.append(_visit(rng, course_id, kind, rng.choice(marks), status))
    last = max(marks)
    if rng.random() < 0.2:
        days = [last - timedelta(days=rng.randrange(200)) for _ in range(rng.randrange(2, 8))]
        visits += [_visit(rng, course_id, "session", day, "booked") for day in days]
    return visits


def _holds(rng: Random, course_id: int, sessions: list[date], marks: list[date]) -> list[Record]:
    """Holds apart, overlapping, nested, repeated, of no length and without an end."""
    holds: list[Record] = []
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 3, 4))):
        starts_on = rng.choice(marks)
        ends_on = starts_on + timedelta(days=rng.choice((-1, 0, 1, 7, 20, 45, 120, rng.randrange(1, 300))))
        if holds and rng.random() < 0.4:
            other = rng.choice(holds)
            end = other["ends_on"] if other["ends_on"] not in (None, FAR) else ends_on
            starts_on = rng.choice((other["starts_on"], end, _beside(rng, other["starts_on"])))
            ends_on = rng.choice((end, _beside(rng, end), starts_on + timedelta(days=3)))
        resumed_on = rng.choice(sessions or marks)
        ends_on = rng.choice((ends_on, ends_on, ends_on, ends_on, rng.choice(marks), resumed_on, None))
        if ends_on == resumed_on and starts_on >= resumed_on:
            starts_on = resumed_on - timedelta(days=rng.randrange(1, 60))
        holds.append(
            {
                "course_id": course_id,
                "starts_on": starts_on,
                "ends_on": FAR if rng.random() < 0.04 else ends_on,
                "recorded_on": _recorded(rng, starts_on),
                "check_on": rng.choice((None, _beside(rng, starts_on), rng.choice(marks))),
            }
        )
    return holds


def _agreements(rng: Random, course_id: int, sessions: list[date], marks: list[date], protocol: Record) -> list[Record]:
    """Agreements of every kind and of one unknown, some made on the same day or on a session's."""
    kinds = ["session", "session", *(review["id"] for review in protocol.get("reviews", [])), "maintenance"]
    agreements: list[Record] = []
    for _ in range(rng.choice((0, 0, 0, 1, 2, 3))):
        due_on = rng.choice(marks)
        last_on = due_on + timedelta(days=rng.choice((0, 0, 1, 14, 60)))
        agreement = {
            "course_id": course_id,
            "kind": rng.choice(kinds),
            "agreed_on": rng.choice([*sessions, *marks]),
            "due_on": due_on,
            "last_on": FAR if rng.random() < 0.02 else last_on,
        }
        agreements.append(agreement)
        if rng.random() < 0.3:
            other_due_on = rng.choice((due_on, due_on - timedelta(days=5), due_on + timedelta(days=9)))
            other_last_on = other_due_on + timedelta(days=rng.choice((0, 2, 30)))
            agreements.append(agreement | {"due_on": other_due_on, "last_on": other_last_on})
    return agreements


def _closures(rng: Random) -> list[Record]:
    """Closures of the whole clinic: apart, overlapping, touching, of no length."""
    closures: list[Record] = []
    for _ in range(rng.choice((0, 4, 8, 16))):
        starts_on = FIRST_DAY + timedelta(days=rng.randrange(1100))
        if closures and rng.random() < 0.4:
            other = rng.choice(closures)
            starts_on = _beside(rng, rng.choice((other["starts_on"], other["ends_on"])))
            if rng.random() < 0.5:
                starts_on = other["ends_on"] + timedelta(days=rng.randrange(9))
        ends_on = starts_on + timedelta(days=rng.choice((-2, 0, 1, 2, 5, 7, 8, 14, 21)))
        closures.append({"starts_on": starts_on, "ends_on": ends_on})
    return closures


def _add_copies(rng: Random, clinic: Record) -> None:
    """Rows given twice, and rows of a course that nobody gave."""
    for name in ("visits", "holds", "agreements"):
        rows = clinic[name]
        rows += rng.sample(rows, len(rows) // 10)
        rows += [row | {"course_id": 0} for row in rng.sample(rows, len(rows) // 20)]
