"""The file keeps the text of every protocol version in use, so that no other file ever judges anew what is stored."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from clinic_data.protocol_versions import SHIPPED, keep_protocol, protocol_files, protocol_key, read_kept_protocols
from clinic_data.schedule_input import read_schedule_input
from tests.clinic_data.rows import ACTOR, contents, course, one, patient, protocol_text, rows


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with one protocol file, whose name is not its id."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    (folder / "a file.toml").write_text(protocol_text(), encoding="utf-8")
    return folder


def keep(store: Store, folder: Path, protocol_id: str = "plain") -> None:
    """Keep a protocol, as one change."""
    with store.change(ACTOR, "keep a protocol") as change:
        keep_protocol(change, protocol_id, folder)


def test_a_protocol_is_kept_with_its_text(store, folder):
    """To the letter, so that it can be read and compared later."""
    keep(store, folder)
    assert rows(store, "select id, version, content from protocols") == [("plain", 1, protocol_text())]


def test_keeping_it_again_changes_nothing(store, folder):
    """The second time there is nothing to do."""
    keep(store, folder)
    before = contents(store)
    keep(store, folder)
    assert contents(store) == before


def test_another_text_of_the_same_version_is_refused(store, folder):
    """Whoever changes a protocol has to raise its version."""
    keep(store, folder)
    (folder / "a file.toml").write_text(protocol_text(earliest="1 week"), encoding="utf-8")
    before = contents(store)
    with pytest.raises(
        NotAllowed, match=r"^a file\.toml: version 1 of 'plain' is kept .* raise `version` to 2 or more"
    ):
        keep(store, folder)
    assert contents(store) == before


def test_a_new_version_stands_beside_the_old(store, folder):
    """Each under its own key, with its own numbers."""
    keep(store, folder)
    (folder / "a file.toml").write_text(protocol_text(version=2, earliest="1 week"), encoding="utf-8")
    keep(store, folder)
    kept = read_kept_protocols(ACTOR, store)
    assert {key: str(protocol.sessions.earliest) for key, protocol in kept.items()} == {
        protocol_key("plain", 1): "4 weeks",
        protocol_key("plain", 2): "1 week",
    }
    assert list(kept) == ["plain@1", "plain@2"]


def test_plans_are_judged_without_the_folder(store, folder):
    """What is stored does not need the file it came from."""
    keep(store, folder)
    course(store, patient(store))
    shutil.rmtree(folder)
    rows_of_plan = read_schedule_input(ACTOR, store, date(2026, 1, 5)).schedule()
    assert rows_of_plan["status"].tolist() == ["due", "projected", "projected"]


def test_the_right_one_of_several_files_is_kept(store, folder):
    """By the id in the file, whatever the files are called."""
    for name, protocol_id in (("1.toml", "other"), ("z.toml", "last")):
        (folder / name).write_text(protocol_text(protocol_id), encoding="utf-8")
    keep(store, folder, "last")
    assert one(store, "select content from protocols") == protocol_text("last")


def test_an_unknown_protocol_is_refused(store, folder):
    """The sentence names those that there are."""
    with pytest.raises(NotAllowed, match=r"protocol 'peel': there is no such id in .*; there are plain"):
        keep(store, folder, "peel")
    assert rows(store, "select * from protocols") == []


def test_a_malformed_file_is_refused(store, folder):
    """With file, key, value and what is allowed."""
    (folder / "b.toml").write_text(protocol_text("other", earliest="4 wekes"), encoding="utf-8")
    with pytest.raises(NotAllowed, match=r"^b\.toml: sessions\.earliest: .*'4 wekes'"):
        keep(store, folder)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_protocols_is_refused(tmp_path, name):
    """There is nothing to plan by."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAllowed, match=name):
        protocol_files(tmp_path / name)


def test_the_protocols_that_come_with_the_program_can_be_kept(store):
    """All of them, each by its id."""
    shipped = protocol_files()
    assert len(shipped) >= 6
    for protocol_id in shipped:
        keep(store, SHIPPED, protocol_id)
    assert read_kept_protocols(ACTOR, store) == {
        protocol_key(protocol.id, protocol.version): protocol for protocol in shipped.values()
    }
