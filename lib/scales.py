"""Outcome scales: their ends, which way is better, and from which change on it counts (docs/evidence.md)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """An outcome scale; a change of less than `counts_from` is no more than raters differ by."""

    name: str
    least: int
    most: int
    better: str
    counts_from: float = 0

    @property
    def label(self) -> str:
        """Its name and its ends."""
        return f"{self.name} ({self.least}–{self.most})"


SCALES = {
    "goodman_baron_qualitative": Scale("Goodman & Baron", 1, 4, "lower"),
    "goodman_baron_quantitative": Scale("Goodman & Baron", 0, 84, "lower", counts_from=4),
    "gais": Scale("GAIS", 1, 5, "lower"),
    "patient_vas": Scale("Own rating", 0, 10, "higher"),
}
"""A score keeps its own direction: some clinics turn a scale round."""


def change_in_words(scale: Scale, better: str, first: float, value: float) -> str:
    """What became of a score since the first: "12 less than at first: better"."""
    change = abs(value - first)
    if not change:
        return "the same as at first"
    less = value < first
    is_better = less == (better == "lower")
    if change < scale.counts_from:
        judged = f"a change under {scale.counts_from:g} is not called an improvement"
        if not is_better:
            judged = f"a change under {scale.counts_from:g} is not called worse"
    else:
        judged = "better" if is_better else "worse"
    return f"{change:g} {'less' if less else 'more'} than at first: {judged}"
