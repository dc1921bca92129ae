"""The slowest single enqueue while four programs enqueue as fast as they can, all at once."""

import json
import statistics
import subprocess

import programs
import queues
from measuring import Figure, Spread, ratio

GOAL_MS = 100
PROGRAMS = 4


def measure(run):
    empty = run.folder() / "queue.db"
    run.larkspur(empty, "enqueue", "preview", "the_first_one", "--open-id", "ou_1")
    tape = run.folder() / "tape"
    programs.tell(run.programs / "StoreBench", "ask", queues.copied(run, empty), tape)
    span = 0.6 if run.quick else 4
    bench, limit = run.programs / "StoreBench", run.programs / "limit"
    taken = {"ours": [], "theirs": []}
    for _ in range(5):
        names = list(taken)
        run.dice.shuffle(names)
        for name in names:
            queue = queues.copied(run, empty)
            ours = [bench, "crowd", queue, span]
            theirs = [limit, "crowd", queue, tape, span]
            taken[name].append(_together(ours if name == "ours" else theirs))
    slowest = {name: [each["slowest_ms"] for each in all_] for name, all_ in taken.items()}
    rate = {
        name: statistics.median(each["asks"] / span for each in all_)
        for name, all_ in taken.items()
    }
    return [
        Figure(
            name=f"slowest enqueue while {PROGRAMS} programs enqueue flat out",
            ours=f"{max(slowest['ours']):,.0f} ms at {rate['ours']:,.0f} asks/s",
            against="SQLite's own busy_timeout, C: "
            f"{max(slowest['theirs']):,.0f} ms at {rate['theirs']:,.0f} asks/s",
            ratio=ratio(slowest["ours"], slowest["theirs"]),
            goal=f"< {GOAL_MS} ms",
            met=max(slowest["ours"]) < GOAL_MS,
            details={
                "rounds": taken,
                "slowest_ms": {name: Spread.of(each).__dict__ for name, each in slowest.items()},
            },
        )
    ]


def _together(words):
    """Four of them, and what they say together."""
    started = [
        subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)
        for _ in range(PROGRAMS)
    ]
    answers = []
    try:
        for process in started:
            said, _ = process.communicate(timeout=120)
            if process.returncode != 0:
                raise RuntimeError(f"{words[0]} has failed")
            answers.append(json.loads(said))
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()
    return {
        "asks": sum(answer["asks"] for answer in answers),
        "slowest_ms": max(answer["slowest_ms"] for answer in answers),
        "p99_ms": [answer["p99_ms"] for answer in answers],
        "median_ms": [answer["median_ms"] for answer in answers],
    }
