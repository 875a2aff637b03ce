"""Files that leave the clinic: CSV that a spreadsheet opens without running anything in it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd

from clinic_data.access import trail
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.errors import NotAllowed

_BEFORE_A_FORMULA = re.compile(r"^(?=[\t\r\n])|(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])")
"""Where a spreadsheet may begin to read a formula: at a cell's start, and within it where semicolons part the cells."""


@needs("export")
def write_csv(actor: Actor, store: Store, frame: pd.DataFrame, path: Path, *, what: str) -> None:
    """Write a frame as CSV, all of it or nothing, and note in the trail what left the clinic.

    Dates are ISO, what is missing is an empty cell. What a spreadsheet would run as a formula in a text
    gets an apostrophe in front; numbers stay numbers. NotAllowed where the folder is not there or can't be written to.
    """
    with whole_file(path) as unfinished:
        unfinished.write_bytes(_csv(frame))
        trail.note(actor, store, "export", f"{what}: {len(frame):,} rows")


@needs("export")
def csv_file(actor: Actor, store: Store, frame: pd.DataFrame, *, what: str) -> bytes:
    """The same as the content of a file, for a page to hand out."""
    trail.note(actor, store, "export", f"{what}: {len(frame):,} rows")
    return _csv(frame)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file to write to that takes the path's place when all went well; NotAllowed where it can't be written."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        os.replace(unfinished, path)
    except OSError as error:
        raise NotAllowed(f"{path}: this file can't be written ({error.strerror or error})") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _csv(frame: pd.DataFrame) -> bytes:
    # With these line ends a carriage return within a text is quoted too, and begins no row of its own.
    return harmless(frame).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\r\n").encode()


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with every text that could be a formula made plain text."""
    out = frame.copy()
    for name in out:
        column = out[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object)
        if column.dtype == object or pd.api.types.is_string_dtype(column.dtype):
            out[name] = column.map(_plain, na_action="ignore")
    return out


def _plain(value: object) -> object:
    return _BEFORE_A_FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
