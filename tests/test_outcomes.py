"""How long an attempt keeps a patient quiet."""

from datetime import date, timedelta

import pytest

from lib.outcomes import OUTCOMES, quiet_until

TODAY, AGREED = date(2028, 2, 28), date(2028, 2, 29)
DAYS = {name: 3 for name, outcome in OUTCOMES.items() if outcome.quiet == "days"}


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_reasons_come_back_by_the_outcome_s_rule(name):
    """So many days after today, on the day that was agreed or the day after, or at once."""
    back = {"days": TODAY + timedelta(days=3), "day": AGREED, "day_after": date(2028, 3, 1)}
    assert quiet_until(name, TODAY, AGREED, DAYS) == back.get(OUTCOMES[name].quiet)


@pytest.mark.parametrize("name", [name for name, outcome in OUTCOMES.items() if outcome.quiet != "days"])
def test_without_a_day_nothing_is_quiet(name):
    """A form whose day is not filled in yet promises nothing."""
    assert quiet_until(name, TODAY, None, DAYS) is None
