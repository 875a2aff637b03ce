"""Who may do what: the one table of roles and permissions, asked at every function that reads or writes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from clinic_data.access import trail
from clinic_data.actor import FRONT_DESK, MANAGER, PRACTITIONER, READ_ONLY, ROLES, Actor
from clinic_data.database import Store
from clinic_data.errors import NotPermitted

P = ParamSpec("P")
T = TypeVar("T")

PERMISSIONS: dict[str, frozenset[str]] = {
    "see patients": frozenset(ROLES),
    "see settings": frozenset(ROLES),
    "own account": frozenset(ROLES),
    "register patients": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "note bookings": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "record visits": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "agree dates": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "pause treatment": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "confirm bookings": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "end follow-up": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "export": frozenset({MANAGER, PRACTITIONER, FRONT_DESK}),
    "resume treatment": frozenset({MANAGER, PRACTITIONER}),
    "plan treatment": frozenset({MANAGER, PRACTITIONER}),
    "remove visits": frozenset({MANAGER, PRACTITIONER}),
    "merge patients": frozenset({MANAGER}),
    "change settings": frozenset({MANAGER}),
    "import": frozenset({MANAGER}),
    "see the trail": frozenset({MANAGER}),
    "manage accounts": frozenset({MANAGER}),
}
"""Each permission, and the roles that have it."""

assert set().union(*PERMISSIONS.values()) == {MANAGER, PRACTITIONER, FRONT_DESK, READ_ONLY}  # noqa: S101


def may(actor: Actor, permission: str) -> bool:
    """Whether the actor's role has a permission; KeyError for one that is not in the table."""
    return actor.role in PERMISSIONS[permission]


def needs(
    permission: str,
) -> Callable[[Callable[Concatenate[Actor, Store, P], T]], Callable[Concatenate[Actor, Store, P], T]]:
    """Decorate a function of (actor, store, …): it is carried out only for a role that has the permission.

    Any other actor gets NotPermitted, and the refusal goes into the trail.
    """
    assert permission in PERMISSIONS, permission  # noqa: S101

    def decorate(function: Callable[Concatenate[Actor, Store, P], T]) -> Callable[Concatenate[Actor, Store, P], T]:
        @wraps(function)
        def checked(actor: Actor, store: Store, *args: P.args, **kwargs: P.kwargs) -> T:
            must_be_allowed(actor, store, permission)
            return function(actor, store, *args, **kwargs)

        guarded: Any = checked
        guarded.permission = permission
        return checked

    return decorate


def must_be_allowed(actor: Actor, store: Store, permission: str) -> None:
    """NotPermitted, noted in the trail, where the actor's role does not have the permission."""
    if not may(actor, permission):
        trail.note(actor, store, "refusal", permission)
        role = actor.role.replace("_", " ")
        raise NotPermitted(f"the role {role} may not do this ({permission}); ask a manager")
