"""Signing in: what it takes, how long it holds, what ends it, and how little a stranger learns by trying."""

import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Barrier
from time import perf_counter

import pytest

from clinic_data.access import sign_in as module
from clinic_data.access.accounts import set_account_active
from clinic_data.access.second_factor import new_secret, turn_on
from clinic_data.access.sign_in import (
    REFUSED,
    TRIES,
    TRIES_OF_ADDRESS,
    sign_in,
    sign_out,
    signed_in,
    still_signed_in,
    use,
    who,
)
from clinic_data.database import Store
from clinic_data.errors import NotSignedIn
from clinic_data.settings import change_settings
from tests.clinic_data.access.people import CONSOLE, PASSWORD, WRONG, account, at, enter
from tests.clinic_data.access.test_second_factor import code_at
from tests.clinic_data.rows import contents, one, rows

pytestmark = pytest.mark.usefixtures("today")


def fails(store: Store, login: str = "ada", password: str = WRONG, address: str | None = None) -> None:
    """A try that lets nobody in, refused in the one answer that there is."""
    with pytest.raises(NotSignedIn) as error:
        sign_in(store, login=login, password=password, address=address)
    assert str(error.value) == REFUSED


# What it takes


@pytest.mark.parametrize("login", ["zoe", "ZOË", " Zoe\u0308 "])
def test_a_name_is_taken_as_people_write_it(store, login):
    """Without case, diacritics and outer space; the password is taken as it is."""
    account(store, "Zoë")
    assert enter(store, login).actor.name == "Zoë"
    fails(store, login, PASSWORD.upper())


def test_every_refusal_has_the_same_words(store):
    """No name, a wrong one, a wrong password, a missing code, a disabled account, too many tries."""
    account(store)
    account(store, "off", "front_desk")
    set_account_active(CONSOLE, store, 2, False)
    account(store, "bea", "front_desk")
    secret = new_secret()
    turn_on(enter(store, "bea").actor, store, secret=secret, code=code_at(secret), password=PASSWORD)
    for login, password in [("", ""), ("nobody", PASSWORD), ("ada", WRONG), ("bea", PASSWORD), ("off", PASSWORD)]:
        fails(store, login, password)
    for _ in range(TRIES):
        fails(store)
    fails(store, "ada", PASSWORD)


def test_the_file_knows_a_token_by_its_digest_only(store):
    """Whoever reads the file can't sign in with what stands there; tokens are long and differ."""
    account(store)
    tokens = [sign_in(store, login="ada", password=PASSWORD) for _ in range(2)]
    assert len({*tokens}) == 2
    assert min(map(len, tokens)) >= 43
    digests = [hashlib.sha256(token.encode()).hexdigest() for token in tokens]
    assert [found for (found,) in rows(store, "select token_digest from sign_ins order by id")] == digests
    assert not any(token in repr(contents(store)) for token in tokens)
    assert who(store, digests[0]) is None


@pytest.mark.parametrize("token", ["", "x", "é" * 40, "a" * 100_000])
def test_an_unknown_token_is_nobodys(store, token):
    """However it looks."""
    account(store)
    enter(store)
    assert who(store, token) is None
    assert signed_in(store, 99) is None


def test_who_signed_in_acts_from_where_she_is(store):
    """The address of the request, else the one that she signed in from."""
    ada = account(store)
    token = sign_in(store, login="ada", password=PASSWORD, address="10.0.0.7")
    here = who(store, token)
    assert (here.actor.account_id, here.actor.role, here.actor.address) == (ada, "manager", "10.0.0.7")
    assert who(store, token, address="10.0.0.8").actor.address == "10.0.0.8"
    assert signed_in(store, here.id, address="10.0.0.9").actor.address == "10.0.0.9"
    assert signed_in(store, here.id).actor == here.actor


# How long it holds


@pytest.mark.parametrize(
    ("seconds", "alive"),
    [(0, True), (29 * 60 + 59, True), (30 * 60, False), (-119, True), (-120, False), (-3600, False)],
)
def test_a_sign_in_idles(store, monkeypatch, seconds, alive):
    """It holds for half an hour to the second, and not by a clock that was set back."""
    account(store)
    token = sign_in(store, login="ada", password=PASSWORD)
    here = who(store, token, used=False)
    at(monkeypatch, seconds=seconds)
    assert (signed_in(store, here.id) is not None) is alive
    assert still_signed_in(store, [here.id, 99]) == ({here.id} if alive else set())
    assert (who(store, token) is not None) is alive


def test_the_clinic_says_how_long(store, monkeypatch):
    """Five minutes, where the desk is open to everybody."""
    account(store)
    here = enter(store)
    change_settings(CONSOLE, store, sign_out_after_minutes=5)
    at(monkeypatch, seconds=299)
    assert signed_in(store, here.id) is not None
    at(monkeypatch, seconds=300)
    assert signed_in(store, here.id) is None


KEEPS: dict[str, Callable[[Store, str, int], object]] = {
    "use": lambda store, token, number: use(store, number),
    "who": lambda store, token, number: who(store, token),
}


@pytest.mark.parametrize("name", KEEPS)
def test_what_is_used_does_not_idle(store, monkeypatch, name):
    """Used after 29 minutes, it holds for half an hour from then."""
    account(store)
    token = sign_in(store, login="ada", password=PASSWORD)
    number = who(store, token, used=False).id
    at(monkeypatch, minutes=29)
    KEEPS[name](store, token, number)
    at(monkeypatch, minutes=58, seconds=59)
    assert who(store, token, used=False) is not None
    at(monkeypatch, minutes=59)
    assert who(store, token, used=False) is None


def test_to_look_is_not_to_use(store, monkeypatch):
    """A page that asks by itself whether somebody is there keeps nobody there."""
    account(store)
    token = sign_in(store, login="ada", password=PASSWORD)
    number = who(store, token, used=False).id
    at(monkeypatch, minutes=29)
    assert who(store, token, used=False)
    assert signed_in(store, number)
    assert still_signed_in(store, [number])
    at(monkeypatch, minutes=30)
    assert signed_in(store, number) is None


@pytest.mark.parametrize("name", KEEPS)
def test_what_has_ended_is_not_used_again(store, monkeypatch, name):
    """A message of a page that stayed open brings nobody back, however short ago it ended."""
    account(store)
    token = sign_in(store, login="ada", password=PASSWORD)
    number = who(store, token, used=False).id
    at(monkeypatch, minutes=30)
    KEEPS[name](store, token, number)
    assert signed_in(store, number) is None
    assert one(store, "select seen_at from sign_ins") == "2026-11-23T09:00:00Z"


def test_after_twelve_hours_one_signs_in_again(store, monkeypatch):
    """However busy the day was."""
    account(store)
    token = sign_in(store, login="ada", password=PASSWORD)
    for minutes in range(0, 12 * 60, 20):
        at(monkeypatch, minutes=minutes)
        assert who(store, token) is not None
    at(monkeypatch, hours=12, seconds=-1)
    assert who(store, token) is not None
    at(monkeypatch, hours=12)
    assert who(store, token) is None


def test_use_is_written_down_now_and_then(store, monkeypatch):
    """Not at every click: each writing waits for the others."""
    account(store)
    token = sign_in(store, login="ada", password=PASSWORD)
    seen = "select seen_at from sign_ins"
    at(monkeypatch, seconds=20)
    who(store, token)
    assert one(store, seen) == "2026-11-23T09:00:00Z"
    at(monkeypatch, seconds=21)
    who(store, token)
    assert one(store, seen) == "2026-11-23T09:00:21Z"


def test_signing_out_ends_this_sign_in(store):
    """At once and once, and no other."""
    account(store)
    here, there = enter(store), enter(store)
    sign_out(store, here.id)
    assert signed_in(store, here.id) is None
    assert still_signed_in(store, [here.id, there.id]) == {there.id}
    before = contents(store)
    sign_out(store, here.id)
    sign_out(store, 99)
    assert contents(store) == before


def test_of_nobody_nobody_is_signed_in(store):
    """An empty question has an empty answer."""
    assert still_signed_in(store, []) == set()


# Too many tries


@pytest.mark.parametrize("login", ["ada", "nobody"])
def test_after_five_wrong_tries_a_name_is_locked(store, monkeypatch, login):
    """For a quarter of an hour from the last counted one, whether the account exists or not; then it is free."""
    account(store)
    looked = counted(monkeypatch, store)
    for _ in range(TRIES):
        fails(store, login)
    assert looked() == [True] * 5
    fails(store, login, PASSWORD)
    fails(store, login.upper(), PASSWORD)
    at(monkeypatch, minutes=14, seconds=59)
    fails(store, login, PASSWORD)
    assert looked() == [True] * 5 + [False] * 3
    at(monkeypatch, minutes=15, seconds=1)
    if login == "ada":
        assert enter(store).actor.name == "Ada"
    else:
        fails(store, login, PASSWORD)
    assert looked()[-1]


def counted(monkeypatch, store: Store) -> Callable[[], list[bool]]:
    """What every try was told: whether it may be one."""
    told: list[bool] = []
    count = module._count_try
    monkeypatch.setattr(module, "_count_try", lambda *args: told.append(count(*args)) or told[-1])
    return lambda: told


def test_a_lock_is_not_made_longer_by_trying(store, monkeypatch):
    """What is refused as too many is not counted: nobody is locked out for ever by somebody else."""
    account(store)
    for _ in range(TRIES):
        fails(store)
    for minutes in range(1, 15):
        at(monkeypatch, minutes=minutes)
        fails(store)
    at(monkeypatch, minutes=15, seconds=1)
    assert enter(store).actor.name == "Ada"


def test_a_clock_set_back_frees_nobody(store, monkeypatch):
    """The tries of a later hour count as well."""
    account(store)
    for _ in range(TRIES):
        fails(store)
    at(monkeypatch, hours=-1)
    fails(store, password=PASSWORD)


def test_a_locked_name_locks_no_other(store):
    """Nor does it end a sign-in that holds."""
    account(store)
    account(store, "bea", "front_desk")
    here = enter(store)
    for _ in range(TRIES):
        fails(store)
    assert signed_in(store, here.id) is not None
    assert enter(store, "bea").actor.name == "Bea"


def test_who_gets_in_begins_anew(store):
    """Four slips, then the right password: the next four slips lock nobody out either."""
    account(store)
    for _ in range(3):
        for _ in range(TRIES - 1):
            fails(store)
        assert enter(store).actor.name == "Ada"


def test_after_thirty_wrong_tries_an_address_is_locked(store, monkeypatch):
    """Whatever the names; from another address one gets in, and after a quarter of an hour from this one too."""
    account(store)
    monkeypatch.setattr(module, "matches", lambda password, kept: kept is not None and password == PASSWORD)
    for number in range(TRIES_OF_ADDRESS):
        fails(store, f"name{number}", address="10.0.0.7")
    fails(store, "ada", PASSWORD, address="10.0.0.7")
    assert enter(store, address="10.0.0.8").actor.name == "Ada"
    at(monkeypatch, minutes=15, seconds=1)
    assert enter(store, address="10.0.0.7").actor.name == "Ada"


def test_an_own_account_does_not_free_an_address(store, monkeypatch):
    """Whoever tries others' names gains no tries by signing in with the own in between."""
    account(store)
    monkeypatch.setattr(module, "matches", lambda password, kept: kept is not None and password == PASSWORD)
    for number in range(TRIES_OF_ADDRESS - 1):
        fails(store, f"name{number}", address="10.0.0.7")
    enter(store, address="10.0.0.7")
    fails(store, "last", address="10.0.0.7")
    fails(store, "ada", PASSWORD, address="10.0.0.7")


def test_tries_are_forgotten_after_a_day(store, monkeypatch):
    """The file does not keep for ever who mistyped."""
    account(store)
    fails(store)
    at(monkeypatch, hours=25)
    enter(store)
    assert one(store, "select count(*) from sign_in_attempts") == 0


# Many at once


def at_once(number: int, act: Callable[[int], str]) -> list[str]:
    """What so many threads answer that begin together."""
    together = Barrier(number)

    def begin(place: int) -> str:
        together.wait(30)
        try:
            return act(place)
        except NotSignedIn:
            return "refused"

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(begin, range(number)))


def test_ten_wrong_tries_at_once_are_five(store, monkeypatch):
    """No more are looked at than one by one: the sixth right password would not let in."""
    account(store)
    looked = counted(monkeypatch, store)
    assert at_once(10, lambda _: sign_in(store, login="ada", password=WRONG)) == ["refused"] * 10
    assert Counter(looked()) == {True: TRIES, False: 5}
    assert one(store, "select count(*) from sign_in_attempts") == TRIES
    fails(store, password=PASSWORD)


def test_ten_people_sign_in_at_once(store):
    """At the beginning of the day, from one address; each with a token of her own."""
    names = [f"name{number}" for number in range(10)]
    for name in names:
        account(store, name)
    tokens = at_once(10, lambda place: sign_in(store, login=names[place], password=PASSWORD, address="10.0.0.7"))
    assert len({*tokens}) == 10
    assert [who(store, token).actor.name for token in tokens] == [name.title() for name in names]


def test_a_code_lets_in_one_of_those_who_try_it_at_once(store, monkeypatch):
    """It is taken once, whoever is first."""
    account(store)
    secret = new_secret()
    turn_on(enter(store).actor, store, secret=secret, code=code_at(secret), password=PASSWORD)
    at(monkeypatch, minutes=1)
    code = code_at(secret)
    answers = at_once(4, lambda _: sign_in(store, login="ada", password=PASSWORD, code=code))
    assert answers.count("refused") == 3


def test_a_name_that_is_not_there_takes_as_long(store):
    """Nobody learns from the time which accounts exist: the medians of several rounds are alike."""
    account(store)
    took: dict[str, list[float]] = {"ada": [], "nobody": []}
    fails(store, "first")
    for _ in range(TRIES):
        for login, times in took.items():
            before = perf_counter()
            fails(store, login)
            times.append(perf_counter() - before)
    known, unknown = (median(times) for times in took.values())
    assert 0.5 < unknown / known < 2
