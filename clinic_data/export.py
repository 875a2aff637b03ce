"""Files that leave the clinic: CSV that a spreadsheet opens without running anything in it."""

import os
from contextlib import suppress
from pathlib import Path

import pandas as pd

from clinic_data.errors import NotAllowed

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, all of it or nothing: dates as ISO, what is missing as an empty cell.

    A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers.
    NotAllowed where the folder does not exist or can't be written to.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        harmless(frame).to_csv(unfinished, index=False, date_format="%Y-%m-%d", encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        raise NotAllowed(f"{path}: this file can't be written ({error.strerror or error})") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


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
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value
