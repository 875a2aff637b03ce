"""A sign-in that has ended opens nothing any more, and closes what was open, wherever it was ended."""

import time
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from functools import partial

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from clinic_data import clock
from clinic_data.access.accounts import change_role, reset_password
from tests.browser.app import run_clinic
from tests.gate.clinic import ACTOR, NAMES, WORDS, account_id, name_of, one, write
from tests.gate.visitor import COOKIE, sign_in, socket, token

AT_ONCE, SOON = 0.9, 3.0
"""Seconds within which a websocket closes: after the server itself ended its sign-in, and after somebody else did."""


def seconds_until_closed(connection) -> float:
    """How long a websocket stays open, up to ten seconds."""
    began = time.perf_counter()
    with suppress(ConnectionClosed):
        while time.perf_counter() - began < 10:
            connection.recv(10)
    return time.perf_counter() - began


def is_out(app, client) -> bool:
    """Whether neither a page nor a websocket opens with a client's cookie."""
    with pytest.raises(InvalidStatus), socket(app.address, token(client)):
        pass
    return client.get("/").status_code == 303 and client.get("/gate/watch.js").status_code == 401


def set_back(store, **by: float) -> None:
    """Let minutes pass for the newest sign-in, since it was last seen or since it began."""
    number = one(store, "select max(id) from sign_ins")
    for column, minutes in by.items():
        moment = clock.text(clock.now() - timedelta(minutes=minutes))
        write(store, f"update sign_ins set {column} = ? where id = ?", moment, number)


def test_a_cookie_is_worth_nothing_after_signing_out(app, enter, visit):
    """A copy of the cookie, replayed after its owner signed out, opens no page, no part of one and no websocket."""
    client = enter("ada")
    thief = visit()
    thief.cookies.set(COOKIE, token(client))
    assert thief.get("/").status_code == 200
    out = client.post("/logout")
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert f'{COOKIE}=""' in out.headers["set-cookie"]
    assert is_out(app, thief)


def test_signing_out_closes_every_open_page_at_once(app, enter, open_page):
    """A sign-in's pages and watch close the moment it is signed out; another sign-in of the same account stays."""
    client, other = enter("ada"), enter("ada")
    page, stays = open_page(client), open_page(other)
    page.run()
    stays.run()
    with socket(app.address, token(client), path="/gate/watch") as watch:
        client.post("/logout")
        assert seconds_until_closed(page.connection) < AT_ONCE
        assert seconds_until_closed(watch) < AT_ONCE
    assert "Ines Example" in stays.run()


def test_the_page_s_own_button_signs_out(app, enter, open_page):
    """“Sign out” on a page ends the sign-in, its page and its cookie, and stands in the trail."""
    client = enter("rea")
    page = open_page(client)
    page.run()
    page.press("Sign out")
    assert seconds_until_closed(page.connection) < SOON
    assert is_out(app, client)


@pytest.mark.parametrize(
    "ended",
    [
        lambda store: run_clinic(store.path, "account", "disable", "pia"),
        lambda store: change_role(ACTOR, store, account_id(store, "pia"), role="read_only"),
        lambda store: reset_password(ACTOR, store, account_id(store, "pia"), WORDS + " again"),
        lambda store: write(store, "update accounts set active = 0 where login = 'pia'"),
    ],
    ids=["disabled", "another role", "password reset", "disabled past the program"],
)
def test_what_a_manager_does_to_an_account_ends_it(app, store, enter, open_page, ended):
    """An account is disabled, or given another role or password, from elsewhere: its page closes within seconds."""
    before = one(store, "select password_hash from accounts where login = 'pia'")
    client = enter("pia")
    page = open_page(client)
    page.run()
    ended(store)
    try:
        assert seconds_until_closed(page.connection) < SOON
        assert is_out(app, client)
    finally:
        restored = "update accounts set role = 'practitioner', active = 1, password_hash = ?, must_change_password = 0"
        write(store, f"{restored} where login = 'pia'", before)


def test_another_role_is_in_force_at_the_next_sign_in(store, enter, open_page):
    """Who becomes read-only signs in again and finds no page that writes."""
    change_role(ACTOR, store, account_id(store, "fred"), role="read_only")
    try:
        page = open_page(enter("fred"))
        page.run()
        assert "new-patient" not in page.pages
    finally:
        change_role(ACTOR, store, account_id(store, "fred"), role="front_desk")


@pytest.mark.parametrize(
    "passed",
    [{"seen_at": 31}, {"seen_at": 5, "began_at": 60 * 13}, {"seen_at": -3}],
    ids=["not used for half an hour", "began in the morning", "the clock was set back"],
)
def test_time_ends_a_sign_in(app, store, enter, open_page, passed):
    """Without use for too long, after too many hours, or when the clock was set back, page and cookie are dead."""
    client = enter("rea")
    page = open_page(client)
    page.run()
    set_back(store, **passed)
    assert seconds_until_closed(page.connection) < SOON
    assert is_out(app, client)


@pytest.mark.parametrize("passed", [{"seen_at": 25}, {"seen_at": -1}, {"seen_at": 5, "began_at": 60 * 11}])
def test_a_sign_in_lasts_while_it_is_used(store, enter, open_page, passed):
    """Within the times that the settings allow, and with a clock a minute off, a page goes on, and using it counts."""
    page = open_page(enter("rea"))
    page.run()
    set_back(store, **passed)
    time.sleep(1.5)
    assert "Rea Account" in page.run()
    seen = one(store, "select seen_at from sign_ins order by id desc limit 1")
    assert abs(clock.now() - datetime.fromisoformat(str(seen))) < timedelta(seconds=70)


def test_a_page_that_lies_open_is_not_use(app, store, enter):
    """What a page asks for by itself, its watch included, keeps no sign-in from ending."""
    client = enter("rea")
    set_back(store, seen_at=20)
    before = one(store, "select seen_at from sign_ins order by id desc limit 1")
    assert client.get("/gate/watch.js").status_code == 200
    assert client.get("/_stcore/host-config").status_code == 200
    with socket(app.address, token(client), path="/gate/watch") as watch:
        watch.send(b"x")
        time.sleep(0.3)
    assert one(store, "select seen_at from sign_ins order by id desc limit 1") == before


def test_a_text_frame_closes_the_page_and_fills_no_log(app, enter, open_page):
    """Text on a page's websocket closes it; the log says nothing of it."""
    before = app.log()
    for _ in range(3):
        page = open_page(enter("rea"))
        page.run()
        page.connection.send("text")
        assert seconds_until_closed(page.connection) < SOON
    assert app.log() == before


def test_many_sockets_end_together(app, store, enter):
    """Ten websockets of one sign-in, after ten that were closed by their page, all close when it ends elsewhere."""
    client = enter("ada")
    watch = partial(socket, app.address, token(client), path="/gate/watch")
    for _ in range(10):
        with watch() as closed:
            closed.send(b"x")
    with ExitStack() as opened:
        watches = [opened.enter_context(watch()) for _ in range(10)]
        write(store, "update sign_ins set ended_at = ? where id = (select max(id) from sign_ins)", clock.instant())
        assert sum(map(seconds_until_closed, watches)) < SOON
    assert is_out(app, client)


def test_the_trail_says_who_came_and_went(store, enter, visit):
    """Sign-in, sign-out and failed sign-ins stand in the trail with the address; no name that nobody has does."""
    client = enter("rea")
    client.post("/logout")
    sign_in(visit(), "rea", "wrong words altogether")
    sign_in(visit(), "my password by mistake", "rea")
    with store.read() as db:
        last = db.execute("select kind, actor, address from trail order by id desc limit 4").fetchall()
    kinds = [kind for kind, *_ in reversed(last)]
    assert kinds == ["sign-in", "sign-out", "failed sign-in", "failed sign-in"]
    assert [actor for _, actor, _ in reversed(last)] == [name_of("rea")] * 3 + ["unknown"]
    assert all(address.startswith("127.0.") for *_, address in last)


def test_what_is_drawn_before_is_gone_with_the_session(app, enter, open_page):
    """The Streamlit session of a sign-in that ended is given to nobody: another sign-in that names it starts anew."""
    client = enter("ada")
    page = open_page(client)
    page.run()
    client.post("/logout")
    seconds_until_closed(page.connection)
    other = open_page(enter("olga"), session=page.session)
    drawn = other.run()
    assert other.session != page.session
    assert not any(name in drawn for name in NAMES if name != "Own Patient")
