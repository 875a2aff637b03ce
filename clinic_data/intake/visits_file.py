"""A file of visits from another system: read, and checked row by row before anything is kept."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from clinic_data.errors import NotAllowed

OLDEST = date(1900, 1, 1)
AHEAD = timedelta(days=3 * 365)
"""So far ahead a booking may lie; later ones are slips of the pen."""
STATUSES = ("booked", "completed", "cancelled", "no_show")

STATUS_WORDS = {
    **dict.fromkeys(["booked", "new", "confirmed", "pending", "approved", "scheduled"], "booked"),
    **dict.fromkeys(["completed", "fulfilled", "finished", "arrived", "checked in", "attended", "came"], "completed"),
    **dict.fromkeys(["cancelled", "canceled", "rejected"], "cancelled"),
    **dict.fromkeys(["no show", "noshow", "did not attend", "did not come", "dna", "missed"], "no_show"),
}
"""The words for attendance that booking systems write; --means adds a clinic's own."""


@dataclass(frozen=True)
class Columns:
    """Which columns of the file hold what; names are compared without case and spaces."""

    patient: str
    date: str
    status: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class FileVisit:
    """One visit of the file: a patient comes, or came, once a day."""

    line: int
    patient: str
    name: str
    day: date
    status: str
    assumed: bool


@dataclass(frozen=True)
class BadRow:
    """A row that can't be taken: where it is, what stands there, what is allowed."""

    line: int
    value: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.value!r}: {self.reason}"


class BadRows(NotAllowed):
    """Rows of a file can't be taken, so none was."""

    def __init__(self, file: str, rows: list[BadRow]):
        self.rows = rows
        count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
        super().__init__(f"{file}: {count} can't be imported, so nothing was imported")


@dataclass
class _Reader:
    columns: Columns
    date_format: str
    today: date
    words: Mapping[str, str]
    bad: list[BadRow] = field(default_factory=list)

    def visit(self, line: int, row: Mapping[str, str]) -> FileVisit | None:
        """The visit of one row, or None and a note of what is wrong with it."""
        patient = row[self.columns.patient]
        if not patient:
            self._refuse(line, patient, f"the column {self.columns.patient} must name the patient")
            return None
        text = row[self.columns.date]
        try:
            day = datetime.strptime(text, self.date_format).date()
        except ValueError:
            self._refuse(line, text, f"a date written as {self.date_format} is wanted")
            return None
        if not OLDEST <= day <= self.today + AHEAD:
            self._refuse(line, text, f"a date from {OLDEST.year} to {(self.today + AHEAD).year} is wanted")
            return None
        if self.columns.status is None:
            status, assumed = ("booked", False) if day > self.today else ("completed", True)
        else:
            word = row[self.columns.status]
            status, assumed = self.words.get(_plain(word), ""), False
            if not status:
                self._refuse(line, word, f"one of {', '.join(sorted(self.words))} is wanted; --means adds words")
                return None
        if status in ("completed", "no_show") and day > self.today:
            self._refuse(line, text, f"a visit after today, {self.today.isoformat()}, can only be booked")
            return None
        name = row[self.columns.name] if self.columns.name else f"Patient {patient}"
        return FileVisit(line, patient, name or f"Patient {patient}", day, status, assumed)

    def _refuse(self, line: int, value: str, reason: str) -> None:
        self.bad.append(BadRow(line, value, reason))


def read_visits_file(
    path: Path, columns: Columns, date_format: str, today: date, means: Mapping[str, str] | None = None
) -> list[FileVisit]:
    """The visits of a CSV file, in its order; several rows of a patient on one day are one visit.

    `means` maps the clinic's own words for attendance to STATUSES. Without a status column a visit up to
    today counts as attended, and is marked as assumed; a later one is booked. Raises BadRows with every row
    that can't be taken, NotAllowed where the file can't be read or lacks a column.
    """
    words = STATUS_WORDS | {_plain(word): status for word, status in (means or {}).items()}
    wrong = [status for status in words.values() if status not in STATUSES]
    if wrong:
        raise NotAllowed(f"{wrong[0]!r} is no status; one of {', '.join(STATUSES)} is wanted")
    if not _tells_the_day(date_format):
        raise NotAllowed(f"{date_format!r} does not tell day, month and year; a format such as '%d %b %Y' is wanted")
    reader = _Reader(columns, date_format, today, words)
    visits: dict[tuple[str, date], FileVisit] = {}
    for line, row in _rows(path, columns, reader.bad):
        visit = reader.visit(line, row)
        if visit is None:
            continue
        known = visits.get((visit.patient, visit.day))
        if known is None or _says_more(visit.status, known.status):
            visits[visit.patient, visit.day] = visit
    if reader.bad:
        raise BadRows(path.name, reader.bad)
    if not visits:
        raise NotAllowed(f"{path.name}: there is no visit in this file")
    return list(visits.values())


def _tells_the_day(date_format: str) -> bool:
    """Whether a day that is written in this format is read as the same day."""
    day = datetime(2001, 2, 3, tzinfo=UTC)
    try:
        return datetime.strptime(day.strftime(date_format), date_format).date() == day.date()
    except (ValueError, re.error):
        return False


def _says_more(status: str, than: str) -> bool:
    """Of two rows on one day, the one nearer to having come is the visit."""
    order = ["cancelled", "no_show", "booked", "completed"]
    return order.index(status) > order.index(than)


def _rows(path: Path, columns: Columns, bad: list[BadRow]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and the wanted cells of each row, by the column names that the caller used."""
    text = _text(path)
    wanted = [name for name in vars(columns).values() if name]

    def missing(delimiter: str) -> list[str]:
        header = [_plain(cell) for cell in next(_cells(path, text, delimiter), (1, []))[1]]
        return [name for name in wanted if _plain(name) not in header]

    delimiter = min(",;\t", key=lambda delimiter: len(missing(delimiter)))
    lines = _cells(path, text, delimiter)
    _, header = next(lines, (1, []))
    for name in missing(delimiter):
        there = ", ".join(header) or "nothing"
        raise NotAllowed(f"{path.name}: there is no column {name!r}; the first line has {there}")
    place = {name: [_plain(cell) for cell in header].index(_plain(name)) for name in wanted}
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            bad.append(BadRow(line, delimiter.join(cells)[:60], f"{len(header)} cells are wanted, not {len(cells)}"))
            continue
        yield line, {name: cells[at].strip() for name, at in place.items()}


def _cells(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row starts, and its cells."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in lines:
            yield line, cells
            line = lines.line_num + 1
    except csv.Error as error:
        raise NotAllowed(f"{path.name}: line {line}: the row that starts here has no end ({error})") from error


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotAllowed(f"{path}: this file can't be read ({error.strerror})") from error
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotAllowed(f"{path.name}: this is not UTF-8 text; save the file as CSV UTF-8") from error


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())
