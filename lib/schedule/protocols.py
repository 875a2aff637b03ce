"""Protocol files: the timing rules of a treatment, read and checked.

A file that can't be trusted is refused with one sentence: the file, the key, what stood there and
what is allowed (`ProtocolError`).
"""

import itertools
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from lib.schedule.durations import Duration, shift, span

Grade = Literal["trial", "label", "practice", "clinic"]

_LEAP_CYCLE = np.arange(np.datetime64("2023-01-01"), np.datetime64("2027-01-01")).astype(np.int32)


class ProtocolError(ValueError):
    """A protocol file is not allowed as it stands; the message is one sentence for the user."""


def _duration(value: Any) -> Duration:
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise ValueError("a duration in quotes, such as '4 weeks', is wanted")
    return Duration.parse(value)


def _in_order(window: tuple[Duration, Duration]) -> tuple[Duration, Duration]:
    start, end = window
    if (shift(_LEAP_CYCLE, end) < shift(_LEAP_CYCLE, start)).any():
        raise ValueError("a window must not end before it starts, from whatever day it is counted")
    return window


def _pair(value: Any) -> tuple[Duration, Duration]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("two durations are wanted, such as ['4 weeks', '6 weeks']")
    return _in_order((_duration(value[0]), _duration(value[1])))


Span = Annotated[Duration, BeforeValidator(_duration)]
Window = Annotated[tuple[Duration, Duration], BeforeValidator(_pair)]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class Evidence(_Part):
    """Where a number comes from, and how well it is supported."""

    source: Text
    grade: Grade


class Step(_Part):
    """The rules of one session of the series where they differ from the others."""

    number: Annotated[int, Field(ge=2, le=100)]
    earliest: Span | None = None
    window: Window | None = None
    lapses_after: Span | None = None


class Sessions(_Part):
    """The series: how many sessions, and when each belongs after the one before."""

    planned: Annotated[int, Field(ge=1)]
    start_within: Span
    earliest: Span
    window: Window
    lapses_after: Span
    step: tuple[Step, ...] = Field(default=(), strict=False)

    @field_validator("step")
    @classmethod
    def _once(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return _no_twice(steps, [str(step.number) for step in steps], "a session's step")

    def window_of(self, number: int) -> tuple[Duration, Duration]:
        """The window of one session after the one before, from the second on."""
        return next((step.window for step in self.step if step.number == number and step.window), self.window)


class Maintenance(_Part):
    """Sessions after the series, each from the one before, without end."""

    earliest: Span
    window: Window
    lapses_after: Span


class Review(_Part):
    """A kind of review: after the series, or after each session."""

    id: Text
    name: Text
    after: Literal["series", "each"]
    earliest: Span
    window: Window
    lapses_after: Span
    met_by_session: bool = False

    @field_validator("id")
    @classmethod
    def _own_word(cls, value: str) -> str:
        if value in ("session", "maintenance"):
            raise ValueError("a review may have any id but session and maintenance, which name rows of their own")
        return value


class Phase(_Part):
    """What a patient sees, and does, in a stretch of days after a session."""

    name: Text
    from_: Annotated[Span, Field(alias="from")]
    to: Span
    sees: Text
    do: Text
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _forwards(self) -> "Phase":
        _in_order((self.from_, self.to))
        return self


def _production(value: Any) -> tuple[tuple[Duration, float], ...]:
    wanted = "pairs of a duration and a share from 0 to 1 are wanted, in order of time, such as ['6 weeks', 1.0]"
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise ValueError(wanted)
    points = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise ValueError(wanted)
        share = pair[1]
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ValueError(wanted)
        points.append((_duration(pair[0]), float(share)))
    for (before, _), (after, _) in itertools.pairwise(points):
        if (shift(_LEAP_CYCLE, after) <= shift(_LEAP_CYCLE, before)).any():
            raise ValueError(wanted)
    return tuple(points)


class Curve(_Part):
    """The expected collagen build after one session: an illustration, never a measurement."""

    production: Annotated[tuple[tuple[Duration, float], ...], BeforeValidator(_production)]
    gain: Annotated[float, Field(gt=0, le=1)]
    fades: Window


class Lasts(_Part):
    """How long results last after needling up to a depth in mm; without a depth: any deeper one."""

    up_to_mm: Annotated[float, Field(gt=0)] | None = None
    window: Window


class Protocol(_Part):
    """The rules and the shown texts of one treatment, at one version."""

    id: Text
    version: Annotated[int, Field(ge=1)]
    name: Text
    resume_within: Span
    sessions: Sessions
    maintenance: Maintenance | None = None
    reviews: tuple[Review, ...] = Field(default=(), strict=False)
    phases: tuple[Phase, ...] = Field(default=(), strict=False)
    curve: Curve | None = None
    lasts: tuple[Lasts, ...] = Field(default=(), strict=False)
    evidence: dict[str, Evidence] = Field(default_factory=dict)

    @field_validator("reviews")
    @classmethod
    def _once(cls, reviews: tuple[Review, ...]) -> tuple[Review, ...]:
        return _no_twice(reviews, [review.id for review in reviews], "a review's id")

    @field_validator("lasts")
    @classmethod
    def _shallow_first(cls, lasts: tuple[Lasts, ...]) -> tuple[Lasts, ...]:
        depths = [entry.up_to_mm or float("inf") for entry in lasts]
        if depths != sorted(set(depths)):
            raise ValueError("depths must rise from entry to entry, the one without up_to_mm last")
        return lasts

    @model_validator(mode="after")
    def _evidence_names_keys(self) -> "Protocol":
        unknown = sorted(set(self.evidence) - {key for key, _ in _entries(self)})
        if unknown:
            raise ValueError(f"evidence.'{unknown[0]}' names no key of this file")
        return self

    def evidence_of(self, key: str) -> Evidence | None:
        """The source and grade of a dotted key, or of the nearest key above it that has one."""
        parts = key.split(".")
        for length in range(len(parts), 0, -1):
            if found := self.evidence.get(".".join(parts[:length])):
                return found
        return None

    def number_at(self, key: str) -> str:
        """What stands under a dotted key, in words; entries of a list that share the key follow each other."""
        return " · ".join(_in_words(value) for found, value in _entries(self) if found == key)

    def review(self, kind: str) -> Review | None:
        """The review of that kind, if the protocol has it."""
        return next((review for review in self.reviews if review.id == kind), None)


def _entries(part: _Part, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every dotted key that a file has, with its value; an entry of a list goes by its id or number if it has one."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if value is not None:
            yield above + name, value
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, _Part):
                label = getattr(entry, "id", None) or getattr(entry, "number", None)
                if label:
                    yield f"{above}{name}.{label}", entry
                yield from _entries(entry, f"{above}{name}.{label}." if label else f"{above}{name}.")


def _in_words(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Duration):
        return span(value)
    if isinstance(value, tuple):
        return ", ".join(f"{_in_words(at)}: {share:g}" for at, share in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _no_twice(entries: Any, names: Sequence[str], what: str) -> Any:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{what} may stand there once, and {twice[0]!r} stands twice")
    return entries


def parse_protocol(text: str, where: str) -> Protocol:
    """The protocol that a TOML text holds; `where` names it in a ProtocolError."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{where}: this is not TOML: {error}") from error
    try:
        return Protocol.model_validate(content)
    except ValidationError as error:
        raise ProtocolError(_sentence(where, error)) from error


def read_protocols(folder: Path | str) -> dict[str, Protocol]:
    """Every `*.toml` of a folder by its id, in order of file name.

    Raises ProtocolError for a malformed file, for an id that two files use and for a folder without any.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ProtocolError(f"{folder}: a folder with protocol files (*.toml) is wanted here")
    protocols: dict[str, Protocol] = {}
    files: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ProtocolError(f"{path.name}: this is not UTF-8 text ({error.reason})") from error
        protocol = parse_protocol(text, path.name)
        if protocol.id in protocols:
            raise ProtocolError(
                f"{path.name}: id: {protocol.id!r} is already the id of {files[protocol.id]}; each id may be used once"
            )
        protocols[protocol.id] = protocol
        files[protocol.id] = path.name
    if not protocols:
        raise ProtocolError(f"{folder}: no protocol file (*.toml) is in this folder; at least one is wanted")
    return protocols


_ALLOWED = {
    "missing": "this key is required",
    "extra_forbidden": "no such key exists here",
    "int_type": "a whole number is wanted",
    "float_type": "a number is wanted",
    "string_type": "text in quotes is wanted",
    "bool_type": "true or false is wanted",
    "string_too_short": "it must not be empty",
    "model_type": "a table of keys is wanted",
    "model_attributes_type": "a table of keys is wanted",
    "dict_type": "a table of keys is wanted",
    "tuple_type": "a list is wanted",
}


def _sentence(where: str, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"])
    kind, context = first["type"], first.get("ctx", {})
    if kind == "literal_error":
        allowed = f"one of {context['expected']} is wanted"
    elif kind in ("greater_than_equal", "greater_than", "less_than_equal"):
        allowed = first["msg"].replace("Input should be", "it must be")
    elif kind == "value_error":
        allowed = str(context["error"])
    else:
        allowed = _ALLOWED.get(kind, first["msg"])
    at = f"{where}: {key}: " if key else f"{where}: "
    return f"{at}{allowed}" if kind == "missing" or not key else f"{at}{allowed}, not {first['input']!r}"
