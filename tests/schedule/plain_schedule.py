"""docs/rules.md once more, the plain way: the test oracle for `lib.schedule`.

One course and one row at a time, over dicts and `datetime.date`, so that each function can be laid beside the
paragraph of docs/rules.md that its docstring names. It shares no code with the engine it judges and does nothing
for speed. Missing is None. The calendar ends on 9999-12-31: a sum that would pass that day is that day.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

Record = Mapping[str, Any]
Row = dict[str, Any]

COLUMNS = (
    "course_id", "kind", "number", "anchor_on", "earliest_on", "due_on", "overdue_on", "lapses_on", "status",
    "done_on", "timing", "days_off", "booked_on", "booked_fit", "missed_on", "missed_count", "cancelled_on",
    "unrecorded_on", "days_overdue", "flag",
)  # fmt: skip


def plain_schedule(
    courses: Iterable[Record], visits: Iterable[Record], holds: Iterable[Record],
    protocols: Mapping[str, Record], as_of: date, agreements: Iterable[Record] | None = (),
    closures: Iterable[Record] | None = (),
) -> list[Row]:  # fmt: skip
    """Return the expected visits of every course on `as_of`, in the order of "Output columns"."""
    closures = list(closures or ())
    if any(closure["starts_on"] is None or closure["ends_on"] is None for closure in closures):
        raise ValueError("a closure without both dates")
    visits, holds, agreements = by_course(visits), by_course(holds), by_course(agreements or ())
    rows, seen = [], set()
    for course in courses:
        key = course["course_id"]
        if key in seen:
            raise ValueError(f"course {key}: given twice")
        seen.add(key)
        refuse(course, protocols, visits[key], holds[key], agreements[key])
        protocol = protocols[course["protocol_id"]]
        rows += course_rows(Case(course, protocol, as_of, visits[key], holds[key], agreements[key], closures))
    return rows


def by_course(records: Iterable[Record]) -> defaultdict[Any, list[Record]]:
    """Each course's records, in the order they came."""
    groups = defaultdict(list)
    for record in records:
        groups[record["course_id"]].append(record)
    return groups


def refuse(
    course: Record, protocols: Mapping[str, Record], visits: list[Record], holds: list[Record],
    agreements: list[Record],
) -> None:  # fmt: skip
    """Input: what is a ValueError that names the course."""
    agreed_dates = [agreed[column] for agreed in agreements for column in ("agreed_on", "due_on", "last_on")]
    visit_dates = [visit["visit_date"] for visit in visits if visit["kind"] in ("session", "review")]
    wrong = {
        "unknown protocol": course["protocol_id"] not in protocols,
        "planned_sessions below 1": not (course["planned_sessions"] or 0) >= 1,
        "no opened_on": course["opened_on"] is None,
        "a visit without visit_date": None in visit_dates,
        "a hold without starts_on": any(hold["starts_on"] is None for hold in holds),
        "an agreement without a date": None in agreed_dates,
        "last_on before due_on": any(before(agreed["last_on"], agreed["due_on"]) for agreed in agreements),
    }
    for what, found in wrong.items():
        if found:
            raise ValueError(f"course {course['course_id']}: {what}")


def plus(day: date | None, duration: str) -> date | None:
    """Durations: days and weeks are exact, months and years keep the day or take the month's last."""
    if day is None:
        return None
    count, unit = int(duration.split()[0]), duration.split()[1].removesuffix("s")
    try:
        if unit in ("day", "week"):
            return day + timedelta(days=count * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + count * {"year": 12, "month": 1}[unit]
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return date.max


def before(first: date | None, second: date | None) -> bool:
    """Whether `first` is before `second`; a missing date compares as no."""
    return first is not None and second is not None and first < second


def covers(hold: Record, day: date) -> bool:
    """Whether `day` falls in the hold."""
    return hold["starts_on"] <= day and (hold.get("ends_on") is None or day < hold["ends_on"])


def spans(records: list[Record]) -> list[Record]:
    """Holds or closures in order, open-ended last; one that ends by the day it starts is ignored."""

    def order(span: Record) -> tuple[date, bool, date]:
        return span["starts_on"], span.get("ends_on") is None, span.get("ends_on") or date.max

    lasting = (span for span in records if span.get("ends_on") is None or span["starts_on"] < span["ends_on"])
    return sorted(lasting, key=order)


class Case:
    """What counts on day A, for one course. Days are in order, each once."""

    def __init__(
        self, course: Record, protocol: Record, as_of: date, visits: list[Record], holds: list[Record],
        agreements: list[Record], closures: list[Record],
    ) -> None:  # fmt: skip
        self.course, self.protocol, self.as_of = course, protocol, as_of
        self.visits, self.agreements, self.closures = visits, agreements, spans(closures)
        self.planned: int = course["planned_sessions"]
        self.maintained = "maintenance" in protocol
        self.sessions = self.days("session", self.performed)
        self.reviews = self.days("review", self.performed)
        self.done = len(self.sessions)
        self.holds_begun = [hold for hold in spans(holds) if hold["starts_on"] <= as_of]
        self.holds_told = [hold for hold in spans(holds) if hold["starts_on"] <= as_of or self.told(hold)]
        self.opening: date = min([course["opened_on"], *self.sessions[:1]])
        self.closed = course.get("closed_on") is not None and course["closed_on"] <= as_of

    def days(self, kind: str, counts: Callable[[Record], bool]) -> list[date]:
        """The days of the visits of this kind that count."""
        found = [visit for visit in self.visits if visit["kind"] == kind and counts(visit)]
        return sorted({visit["visit_date"] for visit in found})

    def told(self, record: Record) -> bool:
        return record.get("recorded_on") is None or record["recorded_on"] <= self.as_of

    def performed(self, visit: Record) -> bool:
        return visit["status"] == "completed" and visit["visit_date"] <= self.as_of

    def booked(self, kind: str) -> list[date]:
        """The booked days of visits of this kind."""

        def counts(visit: Record) -> bool:
            if visit["status"] == "booked":
                return visit["visit_date"] >= self.as_of and self.told(visit)
            off_on = visit.get("cancelled_on")
            called_off = visit["status"] == "cancelled" and (off_on is None or off_on <= self.as_of)
            known = visit.get("recorded_on") is not None and self.told(visit)
            return known and self.as_of < visit["visit_date"] and not called_off

        return [day for day in self.days(kind, counts) if day not in self.days(kind, self.performed)]

    def unrecorded(self, kind: str) -> list[date]:
        """The days of visits of this kind of which nobody said whether the patient came."""

        def counts(visit: Record) -> bool:
            return visit["status"] == "booked" and visit["visit_date"] < self.as_of and self.told(visit)

        return [day for day in self.days(kind, counts) if day not in self.days(kind, self.performed)]

    def anchor(self, i: int) -> date:
        """Windows: the anchor of session i is the session before, or the opening."""
        return self.opening if i == 1 else self.sessions[i - 2]

    def name(self, i: int) -> tuple[str, int]:
        """The kind and number of session i, maintenance counted on."""
        return ("session", i) if i <= self.planned else ("maintenance", i - self.planned)


@dataclass(frozen=True)
class Window:
    """The four dates of an expected visit."""

    earliest_on: date | None = None
    due_on: date | None = None
    overdue_on: date | None = None
    lapses_on: date | None = None


def session_rules(case: Case, i: int) -> Record:
    """Windows: the rules of session i, its step before [sessions]; beyond P those of [maintenance]."""
    if i > case.planned:
        return case.protocol["maintenance"]
    sessions = case.protocol["sessions"]
    return sessions | next((step for step in sessions.get("step", []) if step["number"] == i), {})


def from_base(rules: Record, first: date, last: date) -> Window:
    """The protocol's window after a visit expected from `first` to `last`: twice the anchor, where known."""
    start, end = rules["window"]
    return Window(plus(first, rules["earliest"]), plus(first, start), plus(plus(last, end), "1 day"))


def session_window(case: Case, i: int, done_on: date | None) -> Window:
    """Windows: session i, done on `done_on` or open."""
    rules, anchor = session_rules(case, i), case.anchor(i)
    if i == 1:
        earliest_on = max(anchor, case.course.get("earliest_start_on") or anchor)
        window = Window(earliest_on, anchor, plus(plus(anchor, rules["start_within"]), "1 day"))
    else:
        window = from_base(rules, anchor, anchor)
    return moved(case, "session", anchor, window, rules["lapses_after"], done_on)


def moved(case: Case, kind: str, anchor: date, window: Window, lapses_after: str, ended_on: date | None) -> Window:
    """Windows, 1 to 5; `ended_on` is a done row's done_on, a skipped one's next session, else None."""
    agreed = agreement_for(case, kind, anchor, ended_on)
    if agreed:
        window = replace(window, due_on=agreed["due_on"], overdue_on=plus(agreed["last_on"], "1 day"))
    if kind == "session":
        window = moved_by_holds(case, anchor, window, lapses_after, ended_on, agreed)
    window = moved_by_closures(case, healed(window))
    return replace(window, lapses_on=plus(window.overdue_on, lapses_after))


def agreement_for(case: Case, kind: str, anchor: date, ended_on: date | None) -> Record | None:
    """Windows, 1: the latest agreement that bears on the row."""

    def bears(agreed: Record) -> bool:
        in_time = agreed["agreed_on"] <= case.as_of if ended_on is None else agreed["agreed_on"] < ended_on
        return agreed["kind"] == kind and anchor <= agreed["agreed_on"] and in_time

    order = ("agreed_on", "due_on", "last_on")
    return max(filter(bears, case.agreements), key=lambda agreed: [agreed[k] for k in order], default=None)


def moved_by_holds(
    case: Case, anchor: date, window: Window, lapses_after: str, done_on: date | None, agreed: Record | None
) -> Window:
    """Windows, 2: each begun hold that touches the row moves it."""
    due_on, overdue_on = window.due_on, window.overdue_on
    for hold in case.holds_begun:
        starts_on, ends_on = hold["starts_on"], hold.get("ends_on")
        if before(done_on, starts_on) or (agreed and starts_on <= agreed["agreed_on"]):
            continue
        limit = plus(overdue_on, lapses_after) if done_on is None else overdue_on
        if (ends_on is not None and ends_on <= anchor) or not before(starts_on, limit):
            continue
        if due_on is not None and covers(hold, due_on):
            due_on = ends_on
        resumed = plus(ends_on, case.protocol["resume_within"])
        overdue_on = None if resumed is None else max(overdue_on, resumed)
    return replace(window, due_on=due_on, overdue_on=overdue_on)


def healed(window: Window) -> Window:
    """Windows, 3: no visit is due before the skin has healed."""
    if window.due_on is None:
        return window
    due_on, overdue_on = max(window.due_on, window.earliest_on), window.overdue_on
    if overdue_on is not None:
        overdue_on = max(overdue_on, plus(due_on, "1 day"))
    return replace(window, due_on=due_on, overdue_on=overdue_on)


def moved_by_closures(case: Case, window: Window) -> Window:
    """Windows, 4: a window that meets a closure stays open until a week after it."""
    overdue_on = window.overdue_on
    for closure in case.closures:
        if before(window.due_on, closure["ends_on"]) and before(closure["starts_on"], overdue_on):
            overdue_on = max(overdue_on, plus(closure["ends_on"], "7 days"))
    return replace(window, overdue_on=overdue_on)


def fit(day: date, window: Window) -> tuple[str, int]:
    """How a date fits a window, and its days_off."""
    if before(day, window.earliest_on):
        return "too_soon", (day - window.earliest_on).days
    if before(day, window.due_on):
        return "early", (day - window.due_on).days
    if window.overdue_on is None or before(day, window.overdue_on):
        return "on_time", 0
    return "late", (day - window.overdue_on).days + 1


def row_of(case: Case, name: tuple[str, int], status: str, window: Window, anchor: date | None, **more: Any) -> Row:
    """A row with every output column."""
    row = dict.fromkeys(COLUMNS) | vars(window) | {"missed_count": 0, "days_overdue": 0} | more
    row |= {"course_id": case.course["course_id"], "kind": name[0], "number": name[1]}
    return row | {"status": status, "anchor_on": anchor}


def done_row(case: Case, name: tuple[str, int], window: Window, anchor: date, done_on: date) -> Row:
    """A row `done`, with how done_on fits its window."""
    timing, days_off = fit(done_on, window)
    return row_of(case, name, "done", window, anchor, done_on=done_on, timing=timing, days_off=days_off)


def course_rows(case: Case) -> list[Row]:
    """Rows, in the order of kind and number."""
    if case.opening > case.as_of:
        return []
    rows = [done_session(case, i) for i in range(1, case.done + 1)]
    if not case.closed and (case.done < case.planned or case.maintained):
        following = open_session(case)
        rows += [following, *projected_rows(case, following)]
    for kind in case.protocol.get("reviews", []):
        rows += review_rows(case, kind)
    return rows


def done_session(case: Case, i: int) -> Row:
    """Rows, 1: a performed session; one beyond P has no dates, so is on time, without [maintenance]."""
    done_on = case.sessions[i - 1]
    expected = i <= case.planned or case.maintained
    window = session_window(case, i, done_on) if expected else Window()
    return done_row(case, case.name(i), window, case.anchor(i), done_on)


def open_session(case: Case) -> Row:
    """Rows, 2: the next session."""
    i = case.done + 1
    booked_on = min(case.booked("session"), default=None)
    return open_row(case, case.name(i), session_window(case, i, None), case.anchor(i), booked_on)


def projected_rows(case: Case, following: Row) -> list[Row]:
    """Rows, 3, with their bookings: what comes after the next session."""
    has_window = following["due_on"] is not None and following["overdue_on"] is not None
    if following["booked_on"] is None and (following["status"] == "lapsed" or not has_window):
        return []
    last = case.planned + (1 if case.maintained and case.done < case.planned else 0)
    bookings = iter(case.booked("session")[1:])
    rows = [following]
    for i in range(case.done + 2, last + 1):
        first_day, last_day = base_after(case, rows[-1])
        # agreements, holds and closures move nothing here; healing does
        window = healed(from_base(session_rules(case, i), first_day, last_day))
        row = row_of(case, case.name(i), "projected", window, None, **booking(next(bookings, None), window))
        rows.append(row | {"flag": flag_of(case, row)})
    return rows[1:]


def base_after(case: Case, row: Row) -> tuple[date, date]:
    """Rows, 3: the base, the days from and to which the row before is expected."""
    if row["booked_on"] is not None:
        return row["booked_on"], row["booked_on"]
    due_on, last_day = row["due_on"], row["overdue_on"] - timedelta(days=1)
    if row["status"] == "projected":
        return due_on, last_day
    return max(due_on, case.as_of), max(last_day, case.as_of)


def review_rows(case: Case, kind: Record) -> list[Row]:
    """Rows, 4: one row per anchoring session."""
    numbers = range(1, case.done + 1) if kind["after"] == "each" else [case.planned]
    rows = []
    for i in numbers:
        if i <= case.done:
            number = i if kind["after"] == "each" else 1
            next_session = case.sessions[i] if i < case.done else None
            rows += review_row(case, kind, number, case.sessions[i - 1], next_session)
    return rows


def review_row(case: Case, kind: Record, number: int, anchor: date, next_session: date | None) -> list[Row]:
    """Rows, 4: the review is done, skipped or open; a closed course has no open row."""
    name, by_protocol = (kind["id"], number), from_base(kind, anchor, anchor)

    def window(ended_on: date | None) -> Window:
        return moved(case, kind["id"], anchor, by_protocol, kind["lapses_after"], ended_on)

    def first(days: list[date], sessions: list[date]) -> date | None:
        days = days + (sessions if kind.get("met_by_session", False) else [])
        return min((day for day in days if day >= by_protocol.earliest_on), default=None)

    if next_session is None:
        done_on = first(case.reviews, [])
    else:
        done_on = first([day for day in case.reviews if day <= next_session], [next_session])
    if done_on is not None:
        return [done_row(case, name, window(done_on), anchor, done_on)]
    if next_session is not None:
        return [row_of(case, name, "skipped", window(next_session), anchor)]
    if case.closed:
        return []
    booked_on = first(case.booked("review"), case.booked("session"))
    return [open_row(case, name, window(None), anchor, booked_on)]


def booking(booked_on: date | None, window: Window) -> Row:
    """Bookings: the day, and how it fits the row's window."""
    return {"booked_on": booked_on, "booked_fit": fit(booked_on, window)[0] if booked_on else None}


def open_row(case: Case, name: tuple[str, int], window: Window, anchor: date, booked_on: date | None) -> Row:
    """Open rows."""
    visit_kind = "session" if name[0] in ("session", "maintenance") else "review"

    def since(day: date) -> bool:
        return anchor < day or (day == anchor and name == ("session", 1))

    def past(status: str, called_off: bool = False) -> list[date]:
        """The days since the anchor, up to A, of the visits with this status: once per visit."""
        found = [visit for visit in case.visits if visit["kind"] == visit_kind and visit["status"] == status]
        days = [(called_off and visit.get("cancelled_on")) or visit["visit_date"] for visit in found]
        return [day for day in days if since(day) and day <= case.as_of]

    status = open_status(case, visit_kind, window)
    late = status in ("overdue", "lapsed")
    row = row_of(case, name, status, window, anchor, **booking(booked_on, window)) | {
        "missed_on": max(past("no_show"), default=None),
        "missed_count": len(past("no_show")),
        "cancelled_on": max(past("cancelled", called_off=True), default=None),
        "unrecorded_on": min(filter(since, case.unrecorded(visit_kind)), default=None),
        "days_overdue": (case.as_of - window.overdue_on).days + 1 if late else 0,
    }
    return row | {"flag": flag_of(case, row)}


def open_status(case: Case, visit_kind: str, window: Window) -> str:
    """Open rows: the status. A missing bound is never reached."""
    if visit_kind == "session" and any(covers(hold, case.as_of) for hold in case.holds_begun):
        return "on_hold"
    bounds = {"upcoming": window.due_on, "due": window.overdue_on, "overdue": window.lapses_on}
    return next((s for s, bound in bounds.items() if bound is None or before(case.as_of, bound)), "lapsed")


def flag_of(case: Case, row: Row) -> str | None:
    """Flags: the first that holds."""
    kind, status, booked_on, fits = row["kind"], row["status"], row["booked_on"], row["booked_fit"]
    needling, booked = kind in ("session", "maintenance"), booked_on is not None
    waits = status in ("upcoming", "due") and not booked
    overdue = {"session": "missed_session", "maintenance": "overdue_maintenance"}.get(kind, "overdue_review")
    checks = [hold.get("check_on") for hold in case.holds_begun if covers(hold, case.as_of)]
    flags = (
        ("booked_on_hold", needling and booked and any(covers(hold, booked_on) for hold in case.holds_told)),
        ("booked_too_soon", fits == "too_soon"),
        ("attendance_unrecorded", row["unrecorded_on"] is not None),
        ("hold_to_check", status == "on_hold" and any(day and day <= case.as_of for day in checks)),
        (None, status == "on_hold"),
        ("not_started", (kind, row["number"]) == ("session", 1) and status == "overdue" and not booked),
        (overdue, status == "overdue" and not booked),
        ("no_show", waits and row["missed_on"] is not None),
        ("not_rebooked", waits and row["cancelled_on"] is not None),
        ("due_unbooked", status == "due" and not booked),
        ("lapsed", status == "lapsed" and not booked and needling),
        ("booked_late", status in ("upcoming", "due", "projected") and fits == "late"),
    )
    return next((flag for flag, applies in flags if applies), None)
