"""Claim and settle at several depths: Larkspur's loop, and the same statements from C.

There are three copies of each queue. On the first one Larkspur says what it asks of SQLite; on the
second it is timed; on the third the C program asks the same and is timed. All three go the same way,
and are compared."""

import dataclasses

import programs
import queues
from measuring import rounds

SHALLOW = 1_000
DURABILITIES = ["normal", "full"]


@dataclasses.dataclass
class Taken:
    """Seconds for one call of ten lanes, round by round: of the stretch that was least disturbed by
    whatever else the machine does."""

    ours: list = dataclasses.field(default_factory=list)
    theirs: list = dataclasses.field(default_factory=list)
    statements: list = dataclasses.field(default_factory=list)


def depths(run):
    return [SHALLOW, 100_000] if run.quick else [SHALLOW, 100_000, 1_000_000]


def measured(run):
    """By depth, whether rows lie scattered, and durability. Taken once in a run of the benchmark."""
    if not hasattr(run, "cycles"):
        run.cycles = _measure(run)
    return run.cycles


def against_the_least(run, depth, how, pairs):
    """Seconds for one call of ten lanes, pair by pair: Larkspur's, and a C program's that does the least such
    a call needs."""
    queue = queues.prepared(run, depth)
    ours, theirs = queues.copied(run, queue), queues.copied(run, queue)
    bench, limit = run.programs / "StoreBench", run.programs / "limit"
    # The first is cold, and in those after it a worker that has just been started goes through its asks for
    # what somebody has changed by hand.
    stretches = 20

    def best(*words):
        return min(programs.ask(*words)["stretches"][1:]) / CALLS

    measures = {
        "ours": lambda: best(bench, "cycles", ours, stretches, how),
        "theirs": lambda: best(limit, "least", theirs, stretches, CALLS, how),
    }
    return rounds(pairs, measures, run.dice)


CALLS = 80
"""In a stretch, as in StoreBench."""


def _measure(run):
    places = [(depth, False) for depth in depths(run)]
    if not run.quick:
        places.append((depths(run)[-1], True))
    copies = {}
    for depth, scattered in places:
        queue = queues.prepared(run, depth, scattered)
        copies[depth, scattered] = [queues.copied(run, queue) for _ in range(3)]
    taken = {(*place, how): Taken() for place in places for how in DURABILITIES}
    for _ in range(5):
        order = list(taken)
        run.dice.shuffle(order)
        for depth, scattered, how in order:
            _round(run, copies[depth, scattered], how, taken[depth, scattered, how])
    return taken


def _round(run, copies, how, taken):
    # The first is cold.
    stretches = 2 if run.quick else 5
    tape = run.home / "tape"
    bench, limit = run.programs / "StoreBench", run.programs / "limit"
    told = programs.ask(bench, "cycles", copies[0], stretches, how, tape)
    answers = {}
    actions = {
        "ours": lambda: programs.ask(bench, "cycles", copies[1], stretches, how),
        "theirs": lambda: programs.ask(limit, "play", copies[2], tape, how),
    }
    names = list(actions)
    run.dice.shuffle(names)
    for name in names:
        answers[name] = actions[name]()
    ours, theirs = answers["ours"], answers["theirs"]
    if not ours["changes"] == theirs["changes"] == told["changes"]:
        raise RuntimeError(f"the C program has not done the same: {ours} {theirs}")
    calls = told["cycles_in_stretch"]
    taken.ours.append(min(ours["stretches"]) / calls)
    taken.theirs.append(min(theirs["stretches"]) / calls)
    taken.statements.append(theirs["statements"] / (calls * stretches))
