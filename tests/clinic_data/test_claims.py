"""Who has taken whom: for a quarter of an hour, by one person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from clinic_data.actor import Actor
from clinic_data.claims import HELD_FOR, read_claims, release, take, taken_by_another
from clinic_data.errors import ClinicError, Conflict
from tests.clinic_data.worklist import DESK, TODAY, Desk

BEA = Actor("Bea", "front_desk")


@pytest.fixture
def desk(store, monkeypatch):
    """The desk of an empty clinic, on TODAY."""
    desk = Desk(store, monkeypatch)
    desk.at(TODAY)
    return desk


def test_she_is_held_for_a_quarter_of_an_hour(desk):
    """A minute before it ends another is told; when it ends she is free by herself."""
    eva = desk.patient()
    take(DESK, desk.store, eva)
    assert timedelta(minutes=15) == HELD_FOR
    desk.at(TODAY, 9, 14)
    with pytest.raises(Conflict, match="Ada has taken this patient, for 1 more minute at most"):
        take(BEA, desk.store, eva)
    assert desk.state(eva) == "taken"
    desk.at(TODAY, 9, 15)
    assert desk.state(eva) == "open"
    take(BEA, desk.store, eva)
    assert read_claims(DESK, desk.store)["actor"].tolist() == ["Bea"]


def test_taken_again_by_the_same_it_lasts_longer(desk):
    """Whoever has her may take her again."""
    eva = desk.patient()
    take(DESK, desk.store, eva)
    desk.at(TODAY, 9, 10)
    take(DESK, desk.store, eva)
    desk.at(TODAY, 9, 20)
    assert taken_by_another(BEA, desk.store, eva)
    assert taken_by_another(DESK, desk.store, eva) is None


def test_taken_over_knowingly(desk):
    """Then the first one is the one who is told."""
    eva = desk.patient()
    take(DESK, desk.store, eva)
    take(BEA, desk.store, eva, over=True)
    assert taken_by_another(DESK, desk.store, eva).startswith("Bea has taken")


def test_released_by_whoever_has_her_alone(desk):
    """Another's release changes nothing."""
    eva = desk.patient()
    take(DESK, desk.store, eva)
    release(BEA, desk.store, eva)
    assert desk.state(eva) == "taken"
    release(DESK, desk.store, eva)
    assert desk.state(eva) == "open"


def test_ten_at_once_and_one_has_her(desk):
    """However close together they press, one gets her and nine are told."""
    eva = desk.patient()

    def press(name: str) -> bool:
        try:
            take(Actor(name, "front_desk"), desk.store, eva)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        got = list(pool.map(press, "ABCDEFGHIJ"))
    assert sum(got) == 1


def test_nobody_takes_a_patient_who_is_not_there(desk):
    """A number that is nobody's is refused."""
    with pytest.raises(ClinicError):
        take(DESK, desk.store, 999)
