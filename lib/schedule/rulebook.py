"""All protocols' rules as parallel arrays, so that one look-up serves the rows of every protocol."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.schedule.durations import Codes, Days, Duration, add
from lib.schedule.protocols import Protocol

NOTHING = Duration(0, "day")


class Durations:
    """One duration for each rule, the equal ones kept once."""

    def __init__(self, of_rules: Iterable[Duration]):
        of_rules = list(of_rules)
        self._distinct = list(dict.fromkeys(of_rules))
        self._code = np.array([self._distinct.index(duration) for duration in of_rules], dtype=np.intp)

    def after(self, days: Days, rule: Codes) -> Days:
        """The days moved on by their rules' durations; NEVER stays NEVER."""
        return add(days, self._distinct, self._code[rule])


@dataclass(frozen=True)
class Rule:
    """The four durations that make a window, in the order in which they are applied."""

    earliest: Duration
    start: Duration
    end: Duration
    lapses: Duration


class Rules:
    """The rules that a clinic's rows refer to by position."""

    def __init__(self, rules: list[Rule]):
        self.earliest = Durations(rule.earliest for rule in rules)
        self.start = Durations(rule.start for rule in rules)
        self.end = Durations(rule.end for rule in rules)
        self.lapses = Durations(rule.lapses for rule in rules)


@dataclass(frozen=True)
class ReviewSlot:
    """The review kinds that stand in the same place of each protocol's file, one entry a protocol."""

    exists: NDArray[np.bool_]
    after_each: NDArray[np.bool_]
    met_by_session: NDArray[np.bool_]
    kind: NDArray[np.int8]
    rule: Codes


class Rulebook:
    """The protocols, in the order of `names`, laid out for vectorised look-up."""

    def __init__(self, protocols: Mapping[str, Protocol]):
        self.names = list(protocols)
        books = list(protocols.values())
        review_ids = dict.fromkeys(review.id for book in books for review in book.reviews)
        self.kinds = ["session", "maintenance", *review_ids]
        self.has_maintenance = np.array([book.maintenance is not None for book in books], dtype=bool)
        self.resume_within = Durations(book.resume_within for book in books)

        rules: list[Rule] = []
        self._last_step = max((step.number for book in books for step in book.sessions.step), default=2)
        self._of_session = np.zeros((len(books), self._last_step + 2), dtype=np.intp)
        self._of_maintenance = np.zeros(len(books), dtype=np.intp)
        for p, book in enumerate(books):
            rules.append(Rule(NOTHING, NOTHING, book.sessions.start_within, book.sessions.lapses_after))
            self._of_session[p, :2] = len(rules) - 1
            rules.append(_rule(book.sessions))
            self._of_session[p, 2:] = len(rules) - 1
            for step in book.sessions.step:
                rules.append(_rule(book.sessions, step))
                self._of_session[p, step.number] = len(rules) - 1
            self._of_maintenance[p] = len(rules)
            rules.append(_rule(book.maintenance or book.sessions))

        self.slots: list[ReviewSlot] = []
        for place in range(max((len(book.reviews) for book in books), default=0)):
            reviews = [book.reviews[place] if place < len(book.reviews) else None for book in books]
            first = len(rules)
            rules += [_rule(review) if review else Rule(NOTHING, NOTHING, NOTHING, NOTHING) for review in reviews]
            self.slots.append(
                ReviewSlot(
                    exists=np.array([review is not None for review in reviews]),
                    after_each=np.array([review is not None and review.after == "each" for review in reviews]),
                    met_by_session=np.array([review is not None and review.met_by_session for review in reviews]),
                    kind=np.array([self.kinds.index(review.id) if review else 0 for review in reviews], dtype=np.int8),
                    rule=np.arange(first, first + len(books)),
                )
            )
        self.rules = Rules(rules or [Rule(NOTHING, NOTHING, NOTHING, NOTHING)])

    def rule_of_session(self, protocol: Codes, number: Codes, planned: Codes) -> Codes:
        """The rule of the session that is `number`-th of all; beyond `planned` it is maintenance."""
        in_series = self._of_session[protocol, np.minimum(number, self._last_step + 1)]
        return np.where(number > planned, self._of_maintenance[protocol], in_series)


def _rule(rules, step=None) -> Rule:
    def own(name):
        return getattr(step, name, None) or getattr(rules, name)

    start, end = own("window")
    return Rule(own("earliest"), start, end, own("lapses_after"))
