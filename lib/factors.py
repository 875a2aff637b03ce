"""What moves a patient off the average, as things to watch: directions with source and grade, and no number.

Nothing here moves a window. A clinic that wants a number writes it into a protocol of its own, under grade `clinic`;
then it stands beside the published one (`lib.published`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from lib.words import FITZPATRICK, TIMINGS, count

ARTICLES = "articles 2–4"
NO_SOURCE = "no source found"
LABEL = "SkinPen's text"


@dataclass(frozen=True)
class Recorded:
    """What is recorded of a patient and a plan; None where nothing is. `watched` are the clinic's own words."""

    born_on: date | None = None
    skin_type: str | None = None
    fitzpatrick: int | None = None
    watched: Sequence[str] = ()
    concern: str | None = None
    severity: str | None = None
    depth_mm: float | None = None


@dataclass(frozen=True)
class Direction:
    """What a source says of a factor, in our own words."""

    watch: str
    source: str
    grade: str


_PRACTICE = "practice"
AGE = Direction("Younger skin is said to heal faster.", ARTICLES, _PRACTICE)
SKIN = Direction("Oily, dry and combination skin are said to respond differently.", ARTICLES, _PRACTICE)
TONE = Direction("Describes the skin; no source here gives a direction.", NO_SOURCE, "")
SEVERITY = Direction(
    "A mild concern is said to need 1–2 sessions, deep scars or marked laxity more.", "article 2", _PRACTICE
)
DEPTH = Direction(
    "Shallow needling is said to last a few months, deeper up to a year or more; no trial found supports it.",
    "article 3",
    _PRACTICE,
)
REGULARITY = Direction("Results are said to depend on how regular the sessions are.", ARTICLES, _PRACTICE)
UNKNOWN = Direction("Recorded by the clinic; not matched with any source here.", "none matched", "")

WATCHED: dict[str, Direction] = {
    "isotretinoin|roaccutane|accutane": Direction(
        "On it now: a reason to stop; within 6 months: a warning; the practitioner decides.", LABEL, "label"
    ),
    "skin cancer|open wound|irritated skin|stainless|ana?esthe|bleeding|ha?emophil|pregnan|breast[ -]?feed|lactat|"
    r"(?<!\bin )nursing(?! (home|school|staff|student))|(active )?infect": Direction(
        "A reason to stop: is a pause recorded? The practitioner decides.", LABEL, "label"
    ),
    "eczema": Direction(
        "Skin with it is said to respond differently; also a reason to ask first.",
        f"{ARTICLES}; {LABEL} (label)",
        _PRACTICE,
    ),
    "psoriasis|herpes|cold sore|keloid|anticoagul|blood[ -]?thinn|scleroderma|poor (wound )?healing": Direction(
        "A reason to ask first; the practitioner decides.", LABEL, "label"
    ),
    "rosacea": Direction("Skin with it is said to respond differently.", ARTICLES, _PRACTICE),
    "smok": Direction("Not smoking is said to help the skin along.", ARTICLES, _PRACTICE),
    "alcohol": Direction("Named among the habits that may hold results back.", ARTICLES, _PRACTICE),
    r"sun\b|sun(bath|bed|burn)|after-?care|harsh|retinol": Direction(
        "After-care is said to matter: no sun, no harsh products, moisture.", ARTICLES, _PRACTICE
    ),
    "hydrat|dehydrat|water|diet": Direction(
        "Food and drink are said to matter: enough water may help the skin along.", ARTICLES, _PRACTICE
    ),
}
"""What is recorded, by how words begin, and what the sources say of it; the first that fits counts."""

_DENIED = re.compile(
    r"(\b(no|not|never|non|without)|n['’]t)[\s-]+((a|any|known|longer|on|taking|yet) )?$", re.IGNORECASE
)
"""What, before a word, says that it is not so."""


def age_on(born_on: date, day: date) -> int:
    """Whole years lived by that day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def things_to_watch(recorded: Recorded, rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What is recorded that may move this patient off the average, a row each; what is not recorded has none.

    `rows` are the plan's rows of `expected_visits`. Columns: factor, recorded, watch, source, grade ("" without one).
    """
    found: list[tuple[str, str, Direction]] = []
    if recorded.born_on:
        found.append(("Age", count(age_on(recorded.born_on, as_of), "year"), AGE))
    if recorded.skin_type:
        found.append(("Skin type", recorded.skin_type, SKIN))
    if recorded.fitzpatrick:
        found.append(("Skin tone", f"Fitzpatrick {FITZPATRICK[recorded.fitzpatrick - 1]}", TONE))
    concern = ", ".join(filter(None, [recorded.severity, recorded.concern]))
    if concern:
        found.append(("Severity", concern, SEVERITY))
    if recorded.depth_mm is not None:
        found.append(("Depth", f"{recorded.depth_mm:g} mm last time", DEPTH))
    if how := _regularity(rows):
        found.append(("Regularity", how, REGULARITY))
    found += [("To watch", factor, _direction(factor)) for factor in recorded.watched]
    told = [(factor, what, said.watch, said.source, said.grade) for factor, what, said in found]
    return pd.DataFrame(told, columns=["factor", "recorded", "watch", "source", "grade"])


def _regularity(rows: pd.DataFrame) -> str:
    """How the sessions after the first fitted their windows, in numbers; empty before the second."""
    later = rows["kind"].isin(["session", "maintenance"]) & ((rows["kind"] == "maintenance") | (rows["number"] > 1))
    timings = rows.loc[later & (rows["status"] == "done"), "timing"].astype(object).dropna()
    counts = timings.value_counts()
    order = [timing for timing in ("on_time", "early", "late", "too_soon") if timing in counts]
    return ", ".join(f"{counts[timing]:,} {TIMINGS[timing].split(':')[0].lower()}" for timing in order)


def _direction(factor: str) -> Direction:
    """What the sources say of a thing that the clinic watches."""
    return next((told for begin, told in WATCHED.items() if _is_said(begin, factor)), UNKNOWN)


def _is_said(begin: str, factor: str) -> bool:
    """Whether a word of the text begins so and is not denied."""
    found = re.finditer(rf"\b({begin})", factor, re.IGNORECASE)
    return any(not _DENIED.search(factor[: match.start()]) for match in found)
