"""What a figure is, and how two things are timed side by side."""

import dataclasses
import random
import statistics
import time


@dataclasses.dataclass
class Spread:
    """The middle of several rounds, and how far they lie apart."""

    median: float
    least: float
    most: float
    rounds: int

    @staticmethod
    def of(values):
        values = list(values)
        return Spread(statistics.median(values), min(values), max(values), len(values))


@dataclasses.dataclass
class Figure:
    """One line of the table.

    `ours` and `against` are sentences with the absolute figures; `ratio` is ours to theirs, paired in
    each round; `met` is None where there is no goal. Everything behind it is in `details`."""

    name: str
    ours: str
    against: str = ""
    ratio: Spread | None = None
    goal: str = ""
    met: bool | None = None
    details: dict = dataclasses.field(default_factory=dict)


def seconds(action, *arguments):
    """How long it takes."""
    began = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - began


def rounds(count, measures, dice):
    """Takes each measure once in each round, in an order that is new each time, so that whatever else
    the machine does meets all alike. `measures` are functions by name, that answer what was measured;
    answers it by name, round by round."""
    taken = {name: [] for name in measures}
    for _ in range(count):
        names = list(measures)
        dice.shuffle(names)
        for name in names:
            taken[name].append(measures[name]())
    return taken


def ratio(ours, theirs):
    """Of figures that were taken in the same rounds."""
    return Spread.of(mine / other for mine, other in zip(ours, theirs, strict=True))


def percentile(values, share):
    """The smallest value that so large a share of all does not exceed."""
    values = sorted(values)
    if not values:
        return float("nan")
    place = max(0, min(len(values) - 1, -(-share * len(values) // 100) - 1))
    return values[int(place)]


def dice(seed):
    """Orders and crowds are the same for the same seed."""
    return random.Random(seed)
