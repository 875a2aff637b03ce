"""Who acts: every function that reads or writes the clinic's data is told."""

from dataclasses import dataclass

MANAGER, PRACTITIONER, FRONT_DESK, READ_ONLY = ROLES = ("manager", "practitioner", "front_desk", "read_only")


@dataclass(frozen=True)
class Actor:
    """A person or a program, and the role it acts in.

    `account_id` is the account that signed in, if one did; `treats_as` the practitioner who it is; `own` that one's id
    where only that one's patients may be seen; `address` from where it acts.
    """

    name: str
    role: str
    account_id: int | None = None
    own: int | None = None
    address: str | None = None
    treats_as: int | None = None


DESK = Actor("Desk", MANAGER)
"""Whoever uses the pages of a demo on its own machine, where nobody signs in."""
