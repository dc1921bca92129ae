"""How long the questions about the future take in a large queue while a worker drains it, and what they
cost others: memory, and how long the log cannot be written back."""

import contextlib
import os
import statistics
import subprocess
import time

import programs
import queues
from measuring import Figure
from watching import watched

ROUNDS = 5
NEAR_S = 0.1
FAR_S = 2
WHOLE_S = 5
PINNED_S = 1
MOST_MB = 200

WATCH = """
longest, whole = 0.0, time.perf_counter()
while not is_over():
    try:
        _, pages, written = db.execute("pragma wal_checkpoint(passive)").fetchone()
        if pages == written:
            whole = time.perf_counter()
    except sqlite3.OperationalError:
        pass
    longest = max(longest, time.perf_counter() - whole)
    # The pace at which the log is written back.
    time.sleep(0.01)
print(json.dumps(longest))
"""
"""Writes the log back about every 10 ms, and says for how long it could not write all of it: as long as
somebody reads an old state, for one."""


def measure(run):
    lanes = 100_000 if run.quick else 1_000_000
    queue = queues.copied(run, queues.prepared(run, lanes))
    with programs.Sandbox(run, "--latency", "20ms") as sandbox:
        with programs.Worker(run, queue, sandbox):
            if not programs.wait_until(lambda: _delivered(queue), patience=120, every=0.1):
                raise RuntimeError("the worker has delivered nothing")
            figures = [_asked(run, queue, lanes, *question) for question in _questions(queue)]
            return [*figures, _pinned(run, queue, lanes)]


def _questions(queue):
    """What is asked, and how long the answer may take. Names are functions, because lanes go meanwhile."""
    return [
        ("explain, of the next 100 calls", lambda: ["explain", _lane(queue, 200)], NEAR_S),
        ("explain, delivered", lambda: ["explain", _delivered(queue)], NEAR_S),
        ("explain, unknown", lambda: ["explain", "no-such-lane"], NEAR_S),
        ("explain, of the next 2,000 calls", lambda: ["explain", _lane(queue, 10_000)], FAR_S),
        ("explain, the last of all", lambda: ["explain", _last(queue)], FAR_S),
        ("plan", lambda: ["plan"], WHOLE_S),
        ("plan --next 2000", lambda: ["plan", "--next", "2000"], WHOLE_S),
        ("forecast", lambda: ["forecast"], WHOLE_S),
        ("status --check", lambda: ["status", "--check"], NEAR_S),
    ]


def _asked(run, queue, lanes, name, words, most):
    taken = [_timed(run, queue, words()) for _ in range(ROUNDS)]
    median = statistics.median(each for each, _ in taken)
    memory = max(each for _, each in taken)
    return Figure(
        name=f"`larkspur {name}`, {lanes:,} lanes waiting",
        ours=f"{median * 1e3:,.0f} ms, {memory:,.0f} MB",
        goal=f"≤ {most * 1e3:,.0f} ms, ≤ {MOST_MB} MB",
        met=median <= most and memory <= MOST_MB,
        details={"seconds": [each for each, _ in taken], "megabytes": memory},
    )


def _timed(run, queue, words):
    """Seconds, and the most memory at any moment in megabytes."""
    began = time.perf_counter()
    program = subprocess.Popen(
        [str(run.programs / "larkspur"), *words],
        env=run.environment(queue),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(program.pid, 0)
    taken = time.perf_counter() - began
    program.returncode = os.waitstatus_to_exitcode(status)
    # An unknown lane is 65; a backlog that has waited for long is late, which is 1.
    if program.returncode not in (0, 1, 65):
        raise RuntimeError(f"{words}: exit {program.returncode}")
    return taken, usage.ru_maxrss / 1024


def _pinned(run, queue, lanes):
    with watched(queue, WATCH) as longest:
        for words in (["forecast"], ["plan", "--next", "2000"], ["explain", _last(queue)]):
            _timed(run, queue, words)
        longest = longest()
    return Figure(
        name=f"longest that the log cannot be written back, {lanes:,} lanes waiting",
        ours=f"{longest * 1e3:,.0f} ms",
        goal=f"< {PINNED_S * 1e3:,.0f} ms",
        met=longest < PINNED_S,
        details={"seconds": longest},
    )


def _one(queue, statement, *values):
    with contextlib.closing(programs.open_queue(queue)) as db:
        row = db.execute(statement, values).fetchone()
    return row[0] if row else None


def _lane(queue, place):
    """The lane that is at this place among those that are due."""
    return _one(
        queue,
        "select name from lane where state = 'waiting' order by account_id, kind, ready_ms limit 1 offset ?",
        place,
    )


def _last(queue):
    return _one(
        queue,
        "select name from lane where state = 'waiting' order by account_id desc, kind desc, ready_ms desc limit 1",
    )


def _delivered(queue):
    return _one(queue, "select name from lane where state = 'idle' and last_call is not null limit 1")
