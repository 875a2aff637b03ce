"""One server for all tests of the gate, on a clinic's own file; each test signs in for itself."""

import hashlib
import re
from contextlib import ExitStack
from ipaddress import ip_address
from itertools import count

import pytest

from clinic_data.database import Store
from tests.browser.app import served
from tests.gate import clinic, visitor

TROUBLE = re.compile(r"warn|error|traceback|exception|never retrieved|destroyed", re.IGNORECASE)
EXPECTED = re.compile("Ignoring reconnect to active session id .*: user identity mismatch")
"""What the log says of an attack that a test tries."""

_addresses = map(str, map(ip_address, count(int(ip_address("127.0.1.2")))))


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """A clinic's own file, served; afterwards its log must hold no warning, and nothing that is anybody's secret."""
    options = ("--empty", "--name", "Gate clinic", "--zone", "Europe/London")
    with served(tmp_path_factory.mktemp("gate"), *options, now=None, fill=clinic.fill) as app:
        yield app
    log = app.log()
    assert [line for line in log.splitlines() if TROUBLE.search(line) and not EXPECTED.search(line)] == []
    assert secrets_in(log, Store(app.database)) == []


def secrets_in(log: str, store: Store) -> list[str]:
    """What a log holds of passwords, tokens and patients' names."""
    with store.read() as db:
        digests = {row["token_digest"] for row in db.query("select token_digest from sign_ins")}
    tokens = [word for word in re.findall(r"[\w-]{43}", log) if hashlib.sha256(word.encode()).hexdigest() in digests]
    return [*tokens, *(text for text in (clinic.WORDS, *clinic.NAMES) if text in log)]


@pytest.fixture(scope="session")
def store(app):
    """The served file, as another process sees it."""
    return Store(app.database)


@pytest.fixture(scope="session")
def codes(store):
    """The codes of Olga's own patient and of another."""
    return clinic.codes(store)


@pytest.fixture
def visit(app, store):
    """A function that opens an HTTP client at an address of its own; no test's wrong tries count for another."""
    clinic.write(store, "delete from sign_in_attempts")
    with ExitStack() as opened:
        yield lambda at=None: opened.enter_context(visitor.visitor(app.address, at=at or next(_addresses)))


@pytest.fixture
def anybody(visit):
    """Somebody who has not signed in."""
    return visit()


@pytest.fixture
def enter(visit):
    """A function that signs somebody in; returns the HTTP client that has the cookie."""

    def enter(login: str):
        client = visit()
        assert visitor.sign_in(client, login).status_code == 303
        return client

    return enter


@pytest.fixture
def open_page(app):
    """A function that opens a page's websocket with somebody's cookie."""
    with ExitStack() as opened:
        yield lambda client, **options: visitor.Page(
            opened.enter_context(visitor.socket(app.address, visitor.token(client), **options))
        )
