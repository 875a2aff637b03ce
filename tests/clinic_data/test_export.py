"""Files that leave the clinic: nothing in them runs, nothing in them is half."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from clinic_data.database import Store
from clinic_data.errors import NotAllowed, NotReady
from clinic_data.export import csv_file, harmless, write_csv
from tests.clinic_data.rows import ACTOR, rows


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where the files go: beside the clinic's own, not among them."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def written(store: Store, frame: pd.DataFrame, folder: Path) -> list[list[str]]:
    """The cells of the file that the frame makes; a page hands out the very same."""
    write_csv(ACTOR, store, frame, folder / "out.csv", what="list")
    assert csv_file(ACTOR, store, frame, what="list") == (folder / "out.csv").read_bytes()
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_a_formula_becomes_text(store, folder, start, dtype):
    """Whatever a spreadsheet would run gets an apostrophe, in every kind of column."""
    text = f'{start}cmd|"/c calc",A1'
    frame = pd.DataFrame({"name": pd.Series([text, "Eva = Berg", None], dtype=dtype)})
    assert written(store, frame, folder) == [["name"], [f"'{text}"], ["Eva = Berg"], [""]]


def test_numbers_stay_numbers(store, folder):
    """Also negative ones, such as days too soon, and those that may be missing."""
    frame = pd.DataFrame(
        {
            "days_off": pd.array([-3, None, 4], dtype="Int64"),
            "count": [-1, 0, 1],
            "depth": [-0.5, None, 1.5],
            "mixed": pd.Series([-7, "-7", None], dtype=object),
        }
    )
    assert written(store, frame, folder)[1:] == [
        ["-3", "-1", "-0.5", "-7"],
        ["", "0", "", "'-7"],
        ["4", "1", "1.5", ""],
    ]


def test_days_are_iso_dates(store, folder):
    """Without a time, and empty where there is none."""
    days = pd.to_datetime(pd.Series(["2026-03-03", None])).astype("datetime64[s]")
    assert written(store, pd.DataFrame({"due_on": days, "none": pd.NaT}), folder)[1:] == [["2026-03-03", ""], ["", ""]]


def test_text_comes_back_as_it_was(store, folder):
    """Commas, quotes, new lines and every alphabet."""
    texts = ['a "b", c;\td', "two\nlines", "Zoë Müller", "田中", " spaced ", "'quoted", "1-2", "Null", "nan"]
    assert [cells[0] for cells in written(store, pd.DataFrame({"text": texts}), folder)[1:]] == texts


def test_an_empty_frame_has_its_header(store, folder):
    """A list without anybody is still a list."""
    frame = pd.DataFrame({"name": pd.Series([], dtype="category"), "due_on": pd.Series([], dtype="datetime64[s]")})
    assert written(store, frame, folder) == [["name", "due_on"]]


def test_the_frame_itself_is_not_changed():
    """It may be the one that all pages share."""
    frame = pd.DataFrame({"name": ["=1+1"], "flag": pd.Categorical(["-x"])})
    before = frame.copy(deep=True)
    assert harmless(frame).values.tolist() == [["'=1+1", "'-x"]]
    pd.testing.assert_frame_equal(frame, before)


def test_a_second_export_takes_the_place_of_the_first(store, folder):
    """And leaves nothing beside it."""
    write_csv(ACTOR, store, pd.DataFrame({"a": range(100)}), folder / "out.csv", what="list")
    assert written(store, pd.DataFrame({"b": [1]}), folder) == [["b"], ["1"]]
    assert [path.name for path in folder.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("missing/out.csv", "No such file or directory"),
        ("letter.txt/out.csv", "Not a directory"),
        ("folder", "Is a directory"),
        ("x" * 251 + ".csv", "File name too long"),
    ],
)
def test_what_can_not_be_written_is_refused(store, folder, place, reason):
    """The sentence says which file and why, and no other file is left."""
    (folder / "letter.txt").write_text("Dear clinic")
    (folder / "folder").mkdir()
    with pytest.raises(NotAllowed, match=rf"this file can't be written \(.*{reason}"):
        write_csv(ACTOR, store, pd.DataFrame({"a": [1]}), folder / place, what="list")
    assert {path.name for path in folder.iterdir()} == {"letter.txt", "folder"}


class Unprintable:
    """A cell whose text can't be had."""

    def __str__(self) -> str:
        raise KeyError("no text")


def test_a_failed_export_leaves_the_old_file(store, folder):
    """An error half way through keeps what was there, whole, and nothing else."""
    write_csv(ACTOR, store, pd.DataFrame({"a": [1]}), folder / "out.csv", what="list")
    before = (folder / "out.csv").read_bytes()
    broken = pd.DataFrame({"a": [*range(50_000), Unprintable()]}, dtype=object)
    with pytest.raises(KeyError, match="no text"):
        write_csv(ACTOR, store, broken, folder / "out.csv", what="list")
    assert (folder / "out.csv").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["out.csv"]


EXPORTS = "select t.actor, t.kind, v.what from trail t join trail_values v on v.trail_id = t.id where t.kind = 'export'"


@pytest.mark.parametrize("hand_out", [True, False])
def test_what_leaves_the_clinic_stands_in_the_trail(store, folder, hand_out):
    """Who exported what, and how many rows of it; a file and what a page hands out alike."""
    frame = pd.DataFrame({"a": range(1200)})
    if hand_out:
        csv_file(ACTOR, store, frame, what="schedule")
    else:
        write_csv(ACTOR, store, frame, folder / "out.csv", what="schedule")
    assert rows(store, EXPORTS) == [("Ada", "export", "schedule: 1,200 rows")]


def test_without_a_trail_nothing_leaves_the_clinic(store, folder, monkeypatch):
    """Where the trail can't be written, there is no file either."""

    def full(*_, **__):
        raise NotReady("the file is full")

    monkeypatch.setattr("clinic_data.access.trail.note", full)
    with pytest.raises(NotReady, match="the file is full"):
        write_csv(ACTOR, store, pd.DataFrame({"a": [1]}), folder / "out.csv", what="list")
    assert list(folder.iterdir()) == []
