"""Passwords: hashed with argon2, and checked in the same time whether the account exists or not."""

from functools import lru_cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from clinic_data.errors import NotAllowed

SHORTEST, LONGEST = 12, 200

_AT_ONCE = BoundedSemaphore(4)
"""Each check takes 64 MB for a moment: many at once wait for each other."""


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash to check against where there is no account: a wrong name costs what a wrong password costs."""
    return _hasher().hash("nobody has this password")


def hashed(password: str, login: str) -> str:
    """The hash to keep; NotAllowed for a password that is too short, too long or the account's own name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise NotAllowed(f"a password has {SHORTEST} to {LONGEST} letters; a short sentence is a good one")
    if login in password.casefold() or len(set(password)) < 5:
        raise NotAllowed("a password must not hold the account's name or repeat a few letters")
    with _AT_ONCE:
        return _hasher().hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password of the hash; without a hash, False after the same time."""
    with _AT_ONCE:
        right = _hasher().verify(password[: LONGEST + 1], kept or _nobodys())
    return right and kept is not None
