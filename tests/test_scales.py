"""What became of an outcome score, in words."""

import pytest

from lib.scales import SCALES, change_in_words

FINE, OWN = SCALES["goodman_baron_quantitative"], SCALES["patient_vas"]


@pytest.mark.parametrize(
    ("scale", "better", "first", "value", "told"),
    [
        (FINE, "lower", 20, 16, "4 less than at first: better"),
        (FINE, "lower", 20, 17, "3 less than at first: a change under 4 is not called an improvement"),
        (FINE, "lower", 20, 22, "2 more than at first: a change under 4 is not called worse"),
        (FINE, "lower", 20, 25, "5 more than at first: worse"),
        (FINE, "higher", 20, 25, "5 more than at first: better"),
        (OWN, "higher", 4, 4.5, "0.5 more than at first: better"),
        (OWN, "higher", 4, 4, "the same as at first"),
    ],
)
def test_a_change_counts_from_what_raters_differ_by(scale, better, first, value, told):
    """Better or worse by the score's own direction, and neither where raters differ by as much."""
    assert change_in_words(scale, better, first, value) == told
