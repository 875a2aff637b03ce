"""The vectorised schedule gives what the plain one gives, row by row, for clinics drawn at random."""

from random import Random

import pandas as pd
import pytest

from tests.schedule.frames import PROTOCOLS, plain, schedule
from tests.schedule.plain_schedule import COLUMNS, plain_schedule
from tests.schedule.random_clinic import as_of_dates, random_clinic


@pytest.mark.parametrize("seed", range(24))
def test_same_rows_in_the_same_order(seed):
    """Same rows, same order, same values, on four as-of days for 120 courses."""
    rng = Random(seed)
    clinic = random_clinic(rng, courses=120)
    for as_of in as_of_dates(rng, clinic, 4):
        wanted = pd.DataFrame(plain_schedule(**clinic, as_of=as_of), columns=list(COLUMNS))
        for name in COLUMNS:
            if name.endswith("_on"):
                wanted[name] = pd.Series(
                    pd.array([pd.NaT if v is None else v for v in wanted[name]], dtype="datetime64[s]")
                )
        got = schedule(clinic, as_of)
        assert list(got.columns) == list(COLUMNS)
        pd.testing.assert_frame_equal(plain(got), plain(wanted.astype({"days_off": "Int64"})))
        assert set(clinic["protocols"]) == set(PROTOCOLS)
