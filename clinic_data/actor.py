"""Who acts: every function that reads or writes the clinic's data is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person or a program, and the role it acts in."""

    name: str
    role: str = "manager"


DESK = Actor("Desk")
"""Whoever uses the pages, where nobody signs in."""
