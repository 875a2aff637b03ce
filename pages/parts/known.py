"""Up to which day bookings are known, on the day shown."""

from datetime import date

from clinic_data.settings import bookings_known_on, bookings_known_since
from lib import words
from pages.parts import desk
from pages.parts.scope import Scope


def known_until(scope: Scope) -> date | None:
    """Up to which day bookings are known today, or were on a past day; None where nobody said."""
    if scope.as_of == scope.today:
        return desk.settings().bookings_known_until
    return bookings_known_on(desk.actor(), desk.store(), scope.as_of)


def why_not_known(scope: Scope) -> str:
    """Why it was not known on a past day, in a sentence."""
    first = bookings_known_since(desk.actor(), desk.store())
    if first is None:
        return "It was never set."
    if first > scope.as_of:
        return f"It was first set on {words.day(first)}."
    return f"It was set, and taken back by {words.day(scope.as_of)}."


def say_known(scope: Scope) -> str:
    """Up to which day bookings are known, and what hangs on it, in a sentence or two."""
    until = known_until(scope)
    if scope.as_of == scope.today:
        if until:
            return f"Bookings are known up to {words.day(until)}; whoever booked since still counts as not booked."
        return "It is not known up to which day bookings are entered; “not booked” hangs on it."
    if until:
        return f"Bookings were known up to {words.day(until)}; whoever had booked since still counts as not booked."
    return f"It is not known up to which day bookings had been entered by then. {why_not_known(scope)}"
