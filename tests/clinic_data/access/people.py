"""People who sign in, and the clock that they sign in by."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_data.access.accounts import add_account
from clinic_data.access.sign_in import SignIn, sign_in, who
from clinic_data.actor import Actor
from clinic_data.database import Store

CONSOLE = Actor("command line", "manager")
PASSWORD = "a calm sentence"  # noqa: S105
WRONG = "another sentence"
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""When the tests begin."""


def account(store: Store, login: str = "ada", role: str = "manager", **values: Any) -> int:
    """An account whose password need not be changed; returns its id."""
    plain = {"name": login.title(), "password": PASSWORD, "must_change_password": False}
    return add_account(CONSOLE, store, login=login, role=role, **(plain | values))


def at(monkeypatch, **later: float) -> None:
    """Set the clock so much after nine."""
    monkeypatch.setenv("CLINIC_NOW", (NINE + timedelta(**later)).isoformat())


def enter(store: Store, login: str = "ada", password: str = PASSWORD, **values: Any) -> SignIn:
    """Sign in, and who that is."""
    there = who(store, sign_in(store, login=login, password=password, **values), used=False)
    assert there is not None
    return there
