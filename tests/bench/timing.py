"""Timing things beside each other, so that a busy moment of the machine falls on all of them."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

Work = Callable[[], object]


@dataclass
class Times:
    """Seconds of each call: by the clock, and of this process's processors, which a busy machine hardly changes."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def measure(self, work: Work) -> None:
        """One more call."""
        clock, processor = time.perf_counter(), time.process_time()
        work()
        self.clock.append(time.perf_counter() - clock)
        self.processor.append(time.process_time() - processor)

    def __str__(self) -> str:
        middle, most = 1000 * median(self.clock), 1000 * max(self.clock)
        return f"median {middle:5.0f} ms, most {most:5.0f} ms, processor {1000 * median(self.processor):5.0f} ms"


def turn_about(works: Mapping[str, Work], rounds: int) -> dict[str, Times]:
    """The times of each piece of work, each done once a round, after one round that does not count."""
    for work in works.values():
        work()
    times = {name: Times() for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].measure(work)
    return times


def busy() -> str:
    """How busy the machine is: numbers mean little without it."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
