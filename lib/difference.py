"""What a change would do to a schedule, in sentences."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lib.schedule import Protocol
from lib.schedule.explain import visit_name
from lib.words import FLAGS, days_range, fitted, sentence

KEY = ["course_id", "kind", "number"]
COMING = ("on_hold", "upcoming", "due", "overdue", "lapsed", "projected")
MOST_WINDOWS = 3
DAY = pd.Timedelta(days=1)
NOTHING = "No flag and no window changes."


def what_changes(before: pd.DataFrame, after: pd.DataFrame, protocols: Mapping[Any, Protocol]) -> list[str]:
    """The difference between two schedules of the same courses and day, the most important first.

    `protocols` holds each course's protocol by course_id. Says which visits count as done, which flags come and
    go, which windows appear, move or vanish; the single sentence NOTHING where all stays as it is.
    """
    old, new = _rows(before), _rows(after)
    names = {key: visit_name(protocols[key[0]], key[1], key[2]) for key in {**old, **new}}
    told = [*_done(old, new, names), *_flags(old, new, names), *_windows(old, new, names)]
    return told or [NOTHING]


def _rows(schedule: pd.DataFrame) -> dict[tuple, Any]:
    plain = schedule.astype({"kind": object, "status": object, "timing": object, "flag": object})
    return {(row.course_id, row.kind, row.number): row for row in plain.itertuples(index=False)}


def _done(old: dict, new: dict, names: dict) -> list[str]:
    told = []
    for key, row in new.items():
        was = old.get(key)
        if row.status == "done" and (was is None or was.status != "done" or was.done_on != row.done_on):
            told.append(f"{sentence(names[key])} counts as done, {fitted(row.timing, int(row.days_off))}.")
    for key, row in old.items():
        if row.status == "done" and (key not in new or new[key].status != "done"):
            told.append(f"{sentence(names[key])} no longer counts as done.")
    return told


def _flags(old: dict, new: dict, names: dict) -> list[str]:
    told = []
    for key in {**old, **new}:
        was, now = (_flag(rows.get(key)) for rows in (old, new))
        if was != now:
            gone = f"loses the flag “{FLAGS[was]}”" if was else ""
            comes = f"gets the flag “{FLAGS[now]}”" if now else ""
            told.append(f"{sentence(names[key])} {' and '.join(filter(None, [gone, comes]))}.")
    return told


def _windows(old: dict, new: dict, names: dict) -> list[str]:
    told = []
    gone = [key for key, row in old.items() if row.status in COMING and key not in new]
    if gone and not any(row.status in COMING for row in new.values()):
        return ["Nothing more is expected."]
    told += [f"{sentence(names[key])} is no longer expected." for key in gone if old[key].status != "projected"]
    for key, row in new.items():
        if row.status not in COMING:
            continue
        was, now = (_window(rows.get(key)) for rows in (old, new))
        if was == now:
            continue
        likely = "likely " if row.status == "projected" else ""
        if now is None:
            told.append(f"{sentence(names[key])} waits until treatment resumes.")
        else:
            instead = f" instead of {was}" if was else ""
            told.append(f"{sentence(names[key])} is {likely}due {now}{instead}.")
    rest = len(told) - MOST_WINDOWS
    moves = "1 later window moves" if rest == 1 else f"{rest} later windows move"
    return told if rest <= 0 else [*told[:MOST_WINDOWS], f"{moves} as well."]


def _flag(row: Any) -> str | None:
    return row.flag if row is not None and isinstance(row.flag, str) else None


def _window(row: Any) -> str | None:
    """A coming row's window; done rows keep theirs and are not told of."""
    if row is None or row.status not in COMING or pd.isna(row.due_on) or pd.isna(row.overdue_on):
        return None
    return days_range(row.due_on, row.overdue_on - DAY)
