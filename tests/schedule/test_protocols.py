"""Protocol files: what is refused, in which words, and what the six shipped ones hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.schedule import Protocol, ProtocolError, parse_protocol, read_protocols
from lib.schedule.durations import Duration

SHIPPED = Path(__file__).parents[2] / "clinic_data" / "protocols"

STANDARD = """
id = "standard"
version = 1
name = "Standard series"
resume_within = "4 weeks"

[sessions]
planned = 4
start_within = "6 weeks"
earliest = "4 weeks"
window = ["4 weeks", "6 weeks"]
lapses_after = "6 months"

[[sessions.step]]
number = 3
earliest = "2 months"
window = ["3 months", "4 months"]

[maintenance]
earliest = "3 weeks"
window = ["6 months", "12 months"]
lapses_after = "1 year"

[[reviews]]
id = "review"
name = "Follow-up review"
after = "series"
earliest = "2 weeks"
window = ["4 weeks", "6 weeks"]
lapses_after = "5 weeks"
met_by_session = false

[[phases]]
name = "Glow"
from = "0 days"
to = "2 days"
sees = "It may glow."
do = "Rinse gently."
source = "article 1"
grade = "trial"

[curve]
production = [["0 days", 0.0], ["6 weeks", 1.0], ["6 months", 0.0]]
gain = 0.35
fades = ["6 months", "24 months"]

[[lasts]]
up_to_mm = 1.0
window = ["3 months", "7 months"]

[[lasts]]
window = ["12 months", "25 months"]

[evidence]
"sessions.window" = { source = "articles 2, 3", grade = "practice" }
"maintenance" = { source = "article 4", grade = "trial" }
"""

SECOND_REVIEW = """
[[reviews]]
id = "{id}"
name = "Second"
after = "each"
earliest = "1 week"
window = ["2 weeks", "3 weeks"]
lapses_after = "4 weeks"
"""


def second_review(kind: str) -> tuple[str, str]:
    """An edit that adds a review of that kind."""
    return "[[phases]]", SECOND_REVIEW.format(id=kind) + "[[phases]]"


A_DURATION = "a duration such as '4 weeks' is wanted"
IN_QUOTES = "a duration in quotes, such as '4 weeks', is wanted"
BACKWARDS = "a window must not end before it starts"
TWO = "two durations are wanted"
TABLE = "a table of keys is wanted"
PAIRS = "pairs of a duration and a share from 0 to 1 are wanted"

# What is put in place of what, and what the sentence holds: the key, what is allowed, what stood there.
REFUSED: dict[str, tuple[tuple[str, str], list[str]]] = {
    "unknown key": (("version = 1", "version = 1\ncolour = 'red'"), ["colour: ", "no such key", "'red'"]),
    "unknown key below": (("planned = 4", "planned = 4\nplaned = 5"), ["sessions.planed: ", "no such key", "5"]),
    "unknown key of a step": (("number = 3", "number = 3\nday = 2"), ["sessions.step.1.day: ", "no such key", "2"]),
    "unknown key of a review": (("met_by", "meet_by"), ["reviews.1.meet_by_session: ", "no such key", "False"]),
    "unknown table": (("[maintenance]", "[upkeep]"), ["upkeep: ", "no such key"]),
    "missing key": (('resume_within = "4 weeks"', ""), ["resume_within: ", "required"]),
    "missing id": (('id = "standard"', ""), [": id: ", "required"]),
    "missing key below": (("planned = 4", ""), ["sessions.planned: ", "required"]),
    "missing key of a review": (('after = "series"', ""), ["reviews.1.after: ", "required"]),
    "missing number of a step": (("number = 3", ""), ["sessions.step.1.number: ", "required"]),
    "missing table": (
        (STANDARD[STANDARD.index("[sessions]") : STANDARD.index("[maintenance]")], ""),
        ["sessions: ", "required"],
    ),
    "text for a number": (("planned = 4", 'planned = "4"'), ["sessions.planned: ", "whole number", "'4'"]),
    "a fraction for a number": (("planned = 4", "planned = 4.5"), ["sessions.planned: ", "whole number", "4.5"]),
    "truth for a number": (("version = 1", "version = true"), ["version: ", "whole number", "True"]),
    "a number for text": (('name = "Standard series"', "name = 7"), ["name: ", "text in quotes", "7"]),
    "empty text": (('id = "standard"', 'id = ""'), ["id: ", "must not be empty", "''"]),
    "text for truth": (("session = false", 'session = "no"'), ["reviews.1.met_by_session: ", "true or false", "'no'"]),
    "a number for truth": (("session = false", "session = 0"), ["reviews.1.met_by_session: ", "true or false", "0"]),
    "text for a fraction": (("gain = 0.35", 'gain = "a third"'), ["curve.gain: ", "a number is wanted", "'a third'"]),
    "a list for a table": (("[maintenance]", "[[maintenance]]"), ["maintenance: ", TABLE, "12 months"]),
    "one review as a table": (("[[reviews]]", "[reviews]"), ["reviews: ", "a list is wanted", "Follow-up review"]),
    "no sessions": (("planned = 4", "planned = 0"), ["sessions.planned: ", "greater than or equal to 1", "0"]),
    "version 0": (("version = 1", "version = 0"), ["version: ", "greater than or equal to 1", "0"]),
    "a number for a duration": (
        ('resume_within = "4 weeks"', "resume_within = 28"),
        ["resume_within: ", IN_QUOTES, "28"],
    ),
    "a negative duration": (('= "6 weeks"', '= "-6 weeks"'), ["sessions.start_within: ", A_DURATION, "'-6 weeks'"]),
    "an unreadable duration": (
        ('"6 months"\n', '"half a year"\n'),
        ["sessions.lapses_after: ", A_DURATION, "'half a year'"],
    ),
    "an unknown unit": (
        ('"5 weeks"', '"5 quarters"'),
        ["reviews.1.lapses_after: ", A_DURATION, "day, week, month, year", "'5 quarters'"],
    ),
    "an unreadable window": (
        ('["3 months", "4', '["3 moons", "4'),
        ["sessions.step.1.window: ", A_DURATION, "'3 moons'"],
    ),
    "a window of one": (('["6 months", "12 months"]', '["6 months"]'), ["maintenance.window: ", TWO, "['6 months']"]),
    "a window of three": (('"12 months"]', '"12 months", "2 years"]'), ["maintenance.window: ", TWO, "'2 years'"]),
    "a window as text": (('["6 months", "12 months"]', '"6 months"'), ["maintenance.window: ", TWO, "'6 months'"]),
    "a backward window": (
        ('["6 months", "12 months"]', '["12 months", "6 months"]'),
        ["maintenance.window: ", BACKWARDS, "'12 months', '6 months'"],
    ),
    "a window backward from some days": (
        ('["3 months", "4 months"]', '["1 month", "30 days"]'),
        ["sessions.step.1.window: ", BACKWARDS, "'1 month', '30 days'"],
    ),
    "a review's backward window": (
        ('earliest = "2 weeks"\nwindow = ["4', 'earliest = "2 weeks"\nwindow = ["7'),
        ["reviews.1.window: ", BACKWARDS, "'7 weeks', '6 weeks'"],
    ),
    "an id used twice": (second_review("review"), ["reviews: ", "a review's id", "once", "'review'", "twice"]),
    "a review called session": (
        second_review("session"),
        ["reviews.2.id: ", "any id but session and maintenance", "'session'"],
    ),
    "a review called maintenance": (
        second_review("maintenance"),
        ["reviews.2.id: ", "any id but session", "'maintenance'"],
    ),
    "a review after something else": (
        ('after = "series"', 'after = "course"'),
        ["reviews.1.after: ", "'series' or 'each'", "'course'"],
    ),
    "a step below 2": (("number = 3", "number = 1"), ["sessions.step.1.number: ", "greater than or equal to 2", "1"]),
    "a step given twice": (
        ("[maintenance]", "[[sessions.step]]\nnumber = 3\n[maintenance]"),
        ["sessions.step: ", "a session's step", "'3'", "twice"],
    ),
    "a phase that ends before it starts": (('from = "0 days"', 'from = "3 days"'), ["phases.1: ", BACKWARDS, "3 days"]),
    "an unreadable phase": (('from = "0 days"', 'from = "now"'), ["phases.1.from: ", A_DURATION, "'now'"]),
    "a phase without a source": (('source = "article 1"', ""), ["phases.1.source: ", "required"]),
    "an unknown grade": (
        ('grade = "trial"\n\n', 'grade = "sure"\n\n'),
        ["phases.1.grade: ", "'trial', 'label', 'practice' or 'clinic'", "'sure'"],
    ),
    "a share above 1": (("1.0]", "1.5]"), ["curve.production: ", PAIRS, "1.5"]),
    "a curve out of order": (('["6 months", 0.0]', '["5 weeks", 0.0]'), ["curve.production: ", PAIRS, "'5 weeks'"]),
    "a curve of one point": (
        ('[["0 days", 0.0], ["6 weeks", 1.0], ["6 months", 0.0]]', '[["0 days", 0.0]]'),
        ["curve.production: ", PAIRS, "'0 days'"],
    ),
    "a curve of single numbers": (('["6 weeks", 1.0]', "1.0"), ["curve.production: ", PAIRS, "1.0"]),
    "a gain above 1": (("gain = 0.35", "gain = 35"), ["curve.gain: ", "less than or equal to 1", "35"]),
    "no gain": (("gain = 0.35", "gain = 0"), ["curve.gain: ", "greater than 0", "0"]),
    "no depth": (("up_to_mm = 1.0", "up_to_mm = 0.0"), ["lasts.1.up_to_mm: ", "greater than 0", "0.0"]),
    "depths out of order": (
        ('window = ["12 months", "25', 'up_to_mm = 0.5\nwindow = ["12 months", "25'),
        ["lasts: ", "must rise from entry to entry", "0.5"],
    ),
    "a grade missing": ((', grade = "practice" }', " }"), ["evidence.sessions.window.grade: ", "required"]),
    "evidence as text": (
        ('{ source = "article 4", grade = "trial" }', '"article 4"'),
        ["evidence.maintenance: ", TABLE, "'article 4'"],
    ),
    "evidence for no key": (
        ('"sessions.window" =', '"sessions.windows" ='),
        ["evidence.'sessions.windows'", "no key of this file"],
    ),
    "evidence for a step that is not there": (
        ('"sessions.window" =', '"sessions.step.2.window" ='),
        ["evidence.'sessions.step.2.window'", "no key"],
    ),
    "evidence for an optional key left out": (
        ('"sessions.window" =', '"sessions.step.3.lapses_after" ='),
        ["evidence.'sessions.step.3.lapses_after'", "no key"],
    ),
    "not TOML": (("[sessions]", "[sessions"), ["this is not TOML", "line 7"]),
    "a key given twice": (("version = 1", "version = 1\nversion = 2"), ["this is not TOML", "line 4"]),
}


@pytest.mark.parametrize(("edit", "fragments"), REFUSED.values(), ids=list(REFUSED))
def test_a_malformed_file_is_refused_in_one_sentence(tmp_path, edit, fragments):
    """The message names the file, the key, what is allowed and what stood there, on one line."""
    old, new = edit
    assert old in STANDARD
    (tmp_path / "mine.toml").write_text(STANDARD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProtocolError) as refused:
        read_protocols(tmp_path)
    message = str(refused.value)
    assert message.startswith("mine.toml: ")
    assert [fragment for fragment in fragments if fragment not in message] == [], message
    assert "\n" not in message
    assert isinstance(refused.value, ValueError)


def test_the_unedited_file_is_read(tmp_path):
    """What the edits start from is sound, and every value arrives."""
    (tmp_path / "mine.toml").write_text(STANDARD, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a protocol", encoding="utf-8")
    found = read_protocols(str(tmp_path))
    assert list(found) == ["standard"]
    protocol = found["standard"]
    assert protocol == parse_protocol(STANDARD, "elsewhere")
    assert (protocol.version, protocol.name, protocol.resume_within) == (1, "Standard series", Duration(4, "week"))
    assert protocol.sessions.window == (Duration(4, "week"), Duration(6, "week"))
    assert protocol.sessions.step[0].lapses_after is None
    assert protocol.maintenance.lapses_after == Duration(1, "year")
    assert protocol.review("review").after == "series"
    assert protocol.review("outcome") is None


def test_only_the_rules_are_required():
    """Steps, maintenance, reviews, phases, curve, lasts and evidence may be absent."""
    protocol = parse_protocol(STANDARD[: STANDARD.index("[[sessions.step]]")], "short")
    assert protocol.maintenance is protocol.curve is None
    assert protocol.sessions.step == protocol.reviews == protocol.phases == protocol.lasts == ()
    assert protocol.evidence == {}


def test_a_window_may_be_one_day_and_four_weeks_fit_into_a_month():
    """A window may start and end alike, and days may stand beside months where they never cross."""
    text = STANDARD.replace('["4 weeks", "6 weeks"]', '["5 weeks", "5 weeks"]', 1)
    text = text.replace('["3 months", "4 months"]', '["4 weeks", "1 month"]')
    protocol = parse_protocol(text, "edges")
    assert protocol.sessions.window == (Duration(5, "week"), Duration(5, "week"))
    assert protocol.sessions.step[0].window == (Duration(4, "week"), Duration(1, "month"))


def test_files_are_read_in_order_of_name(tmp_path):
    """Protocols come by id, in the order of their files' names."""
    for file, key in (("b", "first"), ("a", "second"), ("c", "third")):
        (tmp_path / f"{file}.toml").write_text(STANDARD.replace('"standard"', f'"{key}"'), encoding="utf-8")
    assert list(read_protocols(tmp_path)) == ["second", "first", "third"]


def test_two_files_with_one_id_are_refused(tmp_path):
    """The message names both files and the id."""
    for file in ("a.toml", "b.toml"):
        (tmp_path / file).write_text(STANDARD, encoding="utf-8")
    with pytest.raises(ProtocolError, match=r"^b\.toml: id: 'standard' is already the id of a\.toml; .* once$"):
        read_protocols(tmp_path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    """The message names the file and the encoding that is wanted."""
    (tmp_path / "mine.toml").write_bytes(STANDARD.replace("Standard", "Général").encode("latin-1"))
    with pytest.raises(ProtocolError, match=r"^mine\.toml: this is not UTF-8 text"):
        read_protocols(tmp_path)


def test_a_folder_without_protocols_is_refused(tmp_path):
    """An empty folder, and one that is not there, are refused by name with what is wanted."""
    (tmp_path / "notes.txt").write_text("nothing here", encoding="utf-8")
    with pytest.raises(ProtocolError) as empty:
        read_protocols(tmp_path)
    assert str(empty.value).startswith(f"{tmp_path}: no protocol file (*.toml)")
    with pytest.raises(ProtocolError) as absent:
        read_protocols(tmp_path / "absent")
    assert str(absent.value) == f"{tmp_path / 'absent'}: a folder with protocol files (*.toml) is wanted here"


def test_number_at_reads_a_key_in_words():
    """Windows read as spans, curves as pairs, entries that share a key follow each other, unknown keys say nothing."""
    protocol = parse_protocol(STANDARD, "mine")
    wanted = {
        "sessions.window": "4–6 weeks",
        "sessions.planned": "4",
        "sessions.step.3.window": "3–4 months",
        "sessions.step.3.lapses_after": "",
        "reviews.review.earliest": "2 weeks",
        "curve.production": "0 days: 0, 6 weeks: 1, 6 months: 0",
        "curve.gain": "0.35",
        "lasts.up_to_mm": "1",
        "lasts.window": "3–7 months · 12–25 months",
        "sessions.windows": "",
    }
    assert {key: protocol.number_at(key) for key in wanted} == wanted


def test_evidence_is_found_at_the_key_or_above_it():
    """A key's own evidence counts, else that of the nearest key above it; beside or below counts for nothing."""
    protocol = parse_protocol(STANDARD, "mine")
    assert protocol.evidence_of("sessions.window").source == "articles 2, 3"
    assert protocol.evidence_of("maintenance").grade == "trial"
    assert protocol.evidence_of("maintenance.window").grade == "trial"
    for key in ("sessions", "sessions.earliest", "sessions.window_end", "reviews.maintenance", "maintenance_", ""):
        assert protocol.evidence_of(key) is None


def numbers(part: Any, above: str = "") -> Iterator[str]:
    """The dotted keys of a protocol under which a number or a duration stands."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        key = f"{above}{name}"
        entries = value if isinstance(value, tuple) else (value,)
        for entry in entries:
            if hasattr(entry, "model_fields_set"):
                label = getattr(entry, "id", None) or getattr(entry, "number", None)
                yield from numbers(entry, f"{key}.{label}." if label else f"{key}.")
            elif isinstance(entry, int | float | Duration | tuple) and not isinstance(entry, bool):
                yield key


@pytest.fixture(scope="module")
def shipped() -> dict[str, Protocol]:
    return read_protocols(SHIPPED)


def test_the_shipped_files_are_read_under_their_own_names(shipped):
    """Six files, each named for the id it holds."""
    assert list(shipped) == sorted(path.stem for path in SHIPPED.glob("*.toml"))
    assert len(shipped) == 6


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.toml")))
def test_every_shipped_number_says_where_it_comes_from(shipped, name):
    """Each number of a shipped file but its version has evidence under its own key; phases carry theirs inside."""
    protocol = shipped[name]
    keys = {key for key in numbers(protocol) if not key.startswith("phases.")} - {"version"}
    # A step's number says which session it is for: it names a rule rather than being one.
    keys = {key for key in keys if not (key.startswith("sessions.step.") and key.endswith(".number"))}
    assert {"resume_within", "sessions.planned", "sessions.window"} <= keys
    assert keys - set(protocol.evidence) == set()
    assert all(protocol.number_at(key) for key in protocol.evidence)
    assert all(phase.source and phase.grade for phase in protocol.phases)
    assert len(protocol.phases) >= 1
