"""Files that leave the clinic: nothing in them runs, nothing in them is half."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from clinic_data.errors import NotAllowed
from clinic_data.export import harmless, write_csv


def written(frame: pd.DataFrame, folder: Path) -> list[list[str]]:
    """The cells of the file that the frame makes."""
    write_csv(frame, folder / "out.csv")
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_a_formula_becomes_text(tmp_path, start, dtype):
    """Whatever a spreadsheet would run gets an apostrophe, in every kind of column."""
    text = f'{start}cmd|"/c calc",A1'
    frame = pd.DataFrame({"name": pd.Series([text, "Eva = Berg", None], dtype=dtype)})
    assert written(frame, tmp_path) == [["name"], [f"'{text}"], ["Eva = Berg"], [""]]


def test_numbers_stay_numbers(tmp_path):
    """Also negative ones, such as days too soon, and those that may be missing."""
    frame = pd.DataFrame(
        {
            "days_off": pd.array([-3, None, 4], dtype="Int64"),
            "count": [-1, 0, 1],
            "depth": [-0.5, None, 1.5],
            "mixed": pd.Series([-7, "-7", None], dtype=object),
        }
    )
    assert written(frame, tmp_path)[1:] == [["-3", "-1", "-0.5", "-7"], ["", "0", "", "'-7"], ["4", "1", "1.5", ""]]


def test_days_are_iso_dates(tmp_path):
    """Without a time, and empty where there is none."""
    days = pd.to_datetime(pd.Series(["2026-03-03", None])).astype("datetime64[s]")
    assert written(pd.DataFrame({"due_on": days, "none": pd.NaT}), tmp_path)[1:] == [["2026-03-03", ""], ["", ""]]


def test_text_comes_back_as_it_was(tmp_path):
    """Commas, quotes, new lines and every alphabet."""
    texts = ['a "b", c;\td', "two\nlines", "Zoë Müller", "田中", " spaced ", "'quoted", "1-2", "Null", "nan"]
    assert [cells[0] for cells in written(pd.DataFrame({"text": texts}), tmp_path)[1:]] == texts


def test_an_empty_frame_has_its_header(tmp_path):
    """A list without anybody is still a list."""
    frame = pd.DataFrame({"name": pd.Series([], dtype="category"), "due_on": pd.Series([], dtype="datetime64[s]")})
    assert written(frame, tmp_path) == [["name", "due_on"]]


def test_the_frame_itself_is_not_changed():
    """It may be the one that all pages share."""
    frame = pd.DataFrame({"name": ["=1+1"], "flag": pd.Categorical(["-x"])})
    before = frame.copy(deep=True)
    assert harmless(frame).values.tolist() == [["'=1+1", "'-x"]]
    pd.testing.assert_frame_equal(frame, before)


def test_a_second_export_takes_the_place_of_the_first(tmp_path):
    """And leaves nothing beside it."""
    write_csv(pd.DataFrame({"a": range(100)}), tmp_path / "out.csv")
    assert written(pd.DataFrame({"b": [1]}), tmp_path) == [["b"], ["1"]]
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("missing/out.csv", "non-existent directory"),
        ("letter.txt/out.csv", "non-existent directory"),
        ("folder", "Is a directory"),
        ("x" * 251 + ".csv", "File name too long"),
    ],
)
def test_what_can_not_be_written_is_refused(tmp_path, place, reason):
    """The sentence says which file and why, and no other file is left."""
    (tmp_path / "letter.txt").write_text("Dear clinic")
    (tmp_path / "folder").mkdir()
    with pytest.raises(NotAllowed, match=rf"this file can't be written \(.*{reason}"):
        write_csv(pd.DataFrame({"a": [1]}), tmp_path / place)
    assert {path.name for path in tmp_path.iterdir()} == {"letter.txt", "folder"}


class Unprintable:
    """A cell whose text can't be had."""

    def __str__(self) -> str:
        raise KeyError("no text")


def test_a_failed_export_leaves_the_old_file(tmp_path):
    """An error half way through keeps what was there, whole, and nothing else."""
    write_csv(pd.DataFrame({"a": [1]}), tmp_path / "out.csv")
    before = (tmp_path / "out.csv").read_bytes()
    with pytest.raises(KeyError, match="no text"):
        write_csv(pd.DataFrame({"a": [*range(50_000), Unprintable()]}, dtype=object), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
