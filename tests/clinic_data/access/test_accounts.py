"""Accounts: who may sign in, what ends it, and what of them is written down."""

from collections.abc import Callable
from typing import Any

import pytest

from clinic_data.access.accounts import (
    COLUMNS,
    anybody_may_sign_in,
    change_own_password,
    change_role,
    read_accounts,
    read_own_account,
    reset_password,
    set_account_active,
)
from clinic_data.access.second_factor import accept, new_secret, turn_on
from clinic_data.access.sign_in import sign_in, signed_in, who
from clinic_data.changes import undo
from clinic_data.database import Store
from clinic_data.errors import NotAllowed, NotFound, NotSignedIn
from tests.clinic_data.access.people import CONSOLE, PASSWORD, WRONG, account, at, enter
from tests.clinic_data.access.test_second_factor import code_at
from tests.clinic_data.rows import contents, one, rows, write

pytestmark = pytest.mark.usefixtures("today")

NEW = "an entirely new one"


def test_the_first_manager_lets_the_others_in(store):
    """Without an active manager nobody could; an account of another role does not count."""
    assert not anybody_may_sign_in(store)
    account(store, "bea", "front_desk")
    assert not anybody_may_sign_in(store)
    account(store)
    assert anybody_may_sign_in(store)


def test_accounts_are_listed(store):
    """By name, with the practitioner, and without anything secret."""
    cleo = write(store, "practitioners", name="Dr Cleo")
    account(store, "zoe")
    account(store, "cleo", "practitioner", practitioner_id=cleo, own_patients_only=True, must_change_password=True)
    enter(store, "zoe")
    listed = read_accounts(CONSOLE, store)
    assert listed.columns.tolist() == COLUMNS
    first, second = listed.astype(object).where(listed.notna(), None).to_dict("records")
    assert first.items() >= {"login": "cleo", "practitioner": "Dr Cleo", "own_patients_only": 1, "active": 1}.items()
    assert (first["must_change_password"], first["second_factor"], first["seen_at"]) == (1, 0, None)
    assert (second["login"], second["role"], second["seen_at"]) == ("zoe", "manager", "2026-11-23T09:00:00Z")


@pytest.mark.parametrize("login", ["zoë", "ZOE", " Zoë ", "zoe\u0308"])
def test_a_name_is_in_use_however_it_is_written(store, login):
    """Case, diacritics and outer space make no second account."""
    account(store, "Zoe")
    before = contents(store)
    with pytest.raises(NotAllowed, match=r"^this sign-in name is in use already$"):
        account(store, login)
    assert contents(store) == before


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"login": ""}, "the sign-in name must not be empty"),
        ({"login": " \u0308 "}, "the sign-in name must not be empty"),
        ({"login": "two words"}, "a sign-in name is one word"),
        ({"login": "a" * 201}, "at most 200 letters"),
        ({"name": " "}, "the name must not be empty"),
        ({"role": "boss"}, "a role must be one of manager, practitioner, front_desk, read_only"),
        ({"role": "front_desk", "own_patients_only": True}, "needs the practitioner"),
        ({"role": "manager", "own_patients_only": True, "practitioner_id": 1}, "not for managers"),
        ({"role": "practitioner", "practitioner_id": 99}, "the file refuses this row"),
        ({"password": "elevenlong."}, "a password has 12 to 200 letters"),
        ({"password": ""}, "a password has 12 to 200 letters"),
        ({"password": "long and calm " * 15}, "a password has 12 to 200 letters"),
        ({"password": "we all like BEA a lot"}, "must not hold the account's name"),
        ({"password": "ababababababab"}, "or repeat a few letters"),
    ],
)
def test_an_account_that_can_not_be_is_refused(store, values, sentence):
    """With what is wrong about it, and nothing is kept."""
    write(store, "practitioners", name="Dr Cleo")
    before = contents(store)
    with pytest.raises(NotAllowed, match=sentence):
        account(store, **({"login": "bea", "role": "front_desk"} | values))
    assert contents(store) == before


@pytest.mark.parametrize(("login", "password"), [("bea", "twelve lette"), ("b" * 200, "a" * 196 + "wxyz")])
def test_the_shortest_and_the_longest_let_in(store, login, password):
    """Twelve letters and two hundred, of which the last one counts."""
    account(store, login, password=password)
    assert enter(store, login, password).actor.role == "manager"
    with pytest.raises(NotSignedIn):
        sign_in(store, login=login, password=password[:-1] + "!")


ENDS: dict[str, Callable[[Store, int], Any]] = {
    "a role": lambda store, bea: change_role(CONSOLE, store, bea, role="read_only"),
    "disabling": lambda store, bea: set_account_active(CONSOLE, store, bea, False),
    "a reset": lambda store, bea: reset_password(CONSOLE, store, bea, NEW),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_a_manager_changes_ends_the_sign_ins(store, name):
    """At once, on every machine, for that account alone."""
    account(store)
    bea = account(store, "bea", "front_desk")
    tokens = [sign_in(store, login="bea", password=PASSWORD) for _ in range(2)]
    other = sign_in(store, login="ada", password=PASSWORD)
    assert all(who(store, token) for token in tokens)
    ENDS[name](store, bea)
    assert [who(store, token) for token in tokens] == [None, None]
    assert who(store, other) is not None


def test_a_disabled_account_is_let_in_again(store):
    """After it was brought back, and not before; the old sign-in stays ended."""
    account(store)
    bea = account(store, "bea", "front_desk")
    token = sign_in(store, login="bea", password=PASSWORD)
    set_account_active(CONSOLE, store, bea, False)
    with pytest.raises(NotSignedIn):
        sign_in(store, login="bea", password=PASSWORD)
    set_account_active(CONSOLE, store, bea, True)
    assert who(store, token) is None
    assert enter(store, "bea").actor.name == "Bea"


def test_another_role_holds_from_the_next_sign_in(store):
    """With the patients of the practitioner that the account now has."""
    account(store)
    cleo = write(store, "practitioners", name="Dr Cleo")
    bea = account(store, "bea", "front_desk")
    assert (enter(store, "bea").actor.role, enter(store, "bea").actor.own) == ("front_desk", None)
    change_role(CONSOLE, store, bea, role="practitioner", practitioner_id=cleo, own_patients_only=True)
    actor = enter(store, "bea", address="10.0.0.7").actor
    assert (actor.name, actor.role, actor.account_id, actor.own, actor.address) == (
        *("Bea", "practitioner", bea, cleo, "10.0.0.7"),
    )
    with pytest.raises(NotAllowed, match="not for managers"):
        change_role(CONSOLE, store, bea, role="manager", practitioner_id=cleo, own_patients_only=True)


LOSES: dict[str, Callable[[Store, int], Any]] = {
    "disabled": lambda store, ada: set_account_active(CONSOLE, store, ada, False),
    "made a practitioner": lambda store, ada: change_role(CONSOLE, store, ada, role="practitioner"),
}


@pytest.mark.parametrize("name", LOSES)
def test_the_last_manager_stays(store, name):
    """A disabled manager is none; with another active one it is allowed, and the sign-in holds where it is not."""
    ada, zoe = account(store), account(store, "zoe")
    set_account_active(CONSOLE, store, zoe, False)
    here = enter(store)
    before = contents(store)
    with pytest.raises(NotAllowed, match=r"^one active manager must stay"):
        LOSES[name](store, ada)
    assert contents(store) == before
    assert signed_in(store, here.id) is not None
    set_account_active(CONSOLE, store, zoe, True)
    LOSES[name](store, ada)
    assert signed_in(store, here.id) is None


def test_a_reset_password_is_to_be_changed(store):
    """The new one lets in, the old one does not, and no second factor is asked for."""
    account(store)
    bea = account(store, "bea", "front_desk")
    here, secret = enter(store, "bea"), new_secret()
    turn_on(here.actor, store, secret=secret, code=code_at(secret), password=PASSWORD)
    reset_password(CONSOLE, store, bea, NEW)
    with pytest.raises(NotSignedIn):
        sign_in(store, login="bea", password=PASSWORD)
    assert enter(store, "bea", NEW).must_change_password
    assert one(store, "select count(*) from recovery_codes") == 0


def test_the_own_account_is_read(store):
    """What people see of it, and how many recovery codes are left."""
    account(store, "bea", "front_desk", must_change_password=True)
    here, secret = enter(store, "bea"), new_secret()
    codes = turn_on(here.actor, store, secret=secret, code=code_at(secret), password=PASSWORD)
    with store.writing("use a code") as db:
        assert accept(db, next(db.query("select * from accounts")), codes[0])
    assert vars(read_own_account(here.actor, store)) == {
        "login": "bea",
        "name": "Bea",
        "role": "front_desk",
        "second_factor": True,
        "recovery_codes": 9,
        "must_change_password": True,
    }


def test_who_did_not_sign_in_has_no_own_account(store):
    """Such as the command line."""
    with pytest.raises(NotFound, match="There is no such account"):
        read_own_account(CONSOLE, store)


@pytest.mark.parametrize("act", ["change_role", "set_account_active", "reset_password"])
def test_an_account_that_is_not_there_is_not_changed(store, act):
    """The sentence says so."""
    account(store)
    before = contents(store)
    with pytest.raises(NotFound, match="There is no such account"):
        {
            "change_role": lambda: change_role(CONSOLE, store, 99, role="manager"),
            "set_account_active": lambda: set_account_active(CONSOLE, store, 99, True),
            "reset_password": lambda: reset_password(CONSOLE, store, 99, NEW),
        }[act]()
    assert contents(store) == before


def test_the_own_password_is_changed(store):
    """The other sign-ins end, this one stays, and it need not be changed any more."""
    account(store, must_change_password=True)
    here, there = enter(store), enter(store)
    assert here.must_change_password
    change_own_password(here.actor, store, old=PASSWORD, new=NEW, sign_in_id=here.id)
    still = signed_in(store, here.id)
    assert still is not None
    assert not still.must_change_password
    assert signed_in(store, there.id) is None
    with pytest.raises(NotSignedIn):
        sign_in(store, login="ada", password=PASSWORD)
    assert enter(store, password=NEW).actor.name == "Ada"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (WRONG, NEW, "the old password is not right"),
        ("", NEW, "the old password is not right"),
        (PASSWORD, PASSWORD, "the new password must be another one"),
        (PASSWORD, "too short", "12 to 200 letters"),
        (PASSWORD, "ada is my own name", "must not hold the account's name"),
    ],
)
def test_the_own_password_is_not_changed(store, old, new, sentence):
    """Without the old one, or for a weak one; nothing ends."""
    account(store)
    here, there = enter(store), enter(store)
    before = contents(store)
    with pytest.raises(NotAllowed, match=sentence):
        change_own_password(here.actor, store, old=old, new=new, sign_in_id=here.id)
    assert contents(store) == before
    assert signed_in(store, there.id) is not None


def test_nothing_secret_is_written_down(store, monkeypatch):
    """No password, hash, secret, code or token stands in the changes or the trail; most are nowhere plain."""
    account(store)
    bea = account(store, "bea", "front_desk")
    token, secret = sign_in(store, login="bea", password=PASSWORD), new_secret()
    here = who(store, token)
    codes = turn_on(here.actor, store, secret=secret, code=code_at(secret), password=PASSWORD, sign_in_id=here.id)
    change_own_password(here.actor, store, old=PASSWORD, new=NEW, sign_in_id=here.id)
    hashes = [one(store, "select password_hash from accounts where id = ?", bea)]
    with pytest.raises(NotSignedIn):
        sign_in(store, login=WRONG, password=WRONG, code=codes[0])
    at(monkeypatch, seconds=60)
    second = sign_in(store, login="bea", password=NEW, code=code_at(secret))
    reset_password(CONSOLE, store, bea, WRONG)
    hashes.append(one(store, "select password_hash from accounts where id = ?", bea))
    kept = contents(store)
    logs = repr([kept[name] for name in ("changes", "trail", "trail_values")])
    assert "(secret)" in logs
    for secret_one in [PASSWORD, NEW, WRONG, secret, token, second, *codes, *hashes]:
        assert secret_one not in logs
    everywhere = repr(kept)
    for plain in [PASSWORD, NEW, WRONG, token, second, *codes, *(code.replace("-", "") for code in codes)]:
        assert plain not in everywhere


@pytest.mark.parametrize("name", ENDS)
def test_a_change_of_an_account_is_not_taken_back(store, name):
    """What is secret is not remembered, so it can't be put back; the sentence says where it is changed."""
    account(store)
    bea = account(store, "bea", "front_desk")
    ENDS[name](store, bea)
    before = contents(store)
    for (change,) in rows(store, "select id from changes where action <> 'change settings'"):
        with pytest.raises(NotAllowed, match=r"^what concerns an account is changed under Accounts, not taken back$"):
            undo(CONSOLE, store, change)
    assert contents(store) == before
