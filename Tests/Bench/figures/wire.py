"""From an enqueue to its request at the server, with a worker that had nothing to do.

Counted from the moment at which the program that enqueues is started, which is what somebody sees who
calls it: its own start, its commit, the worker's waking, its commit, the request's arrival. The clock
is the same for all, CLOCK_MONOTONIC."""

import bisect
import json
import statistics

import queues
from measuring import Figure, Spread, percentile
from programs import Process, Sandbox, Worker, wait_until

MEDIAN_MS, WORST_MS = 2, 10
GAP_MS = 100
PERSON = "ou_00000000000000000000000000000001"


def measure(run):
    queue = run.folder() / "queue.db"
    run.larkspur(queue, "enqueue", "preview", "warm_up", "--open-id", PERSON)
    count = 40 if run.quick else 300
    # Without a budget to wait for: what is asked for goes at once.
    with Sandbox(run, "--calls-per-second", "0") as sandbox:
        config = run.folder() / "config.json"
        account = {
            "host": sandbox.address,
            "app_id": "cli_sandbox",
            "app_secret_env": "LARKSPUR_APP_SECRET",
            "calls_per_second": 1_000,
        }
        config.write_text(json.dumps({"accounts": {"default": account}}), encoding="utf-8")
        with Worker(run, queue, sandbox, "--config", config):
            if not wait_until(lambda: _arrivals(sandbox)):
                raise RuntimeError("the worker has not delivered anything")
            with _Watch(run, f"{queue}-wal") as watch:
                runs = _enqueue(run, queue, count)
                if not wait_until(lambda: len(_arrivals(sandbox)) > count):
                    raise RuntimeError("not all asks have been delivered")
                wakes = watch.wakes()
        arrivals = _arrivals(sandbox)
    return _figures(runs, arrivals, wakes)


def _enqueue(run, queue, count):
    out = run.folder() / "runs.json"
    enqueue = [run.programs / "larkspur", "enqueue", "preview", "wire_@", "--open-id", PERSON]
    words = [run.programs / "limit", "race", count, GAP_MS, out, "--", *enqueue]
    queues.tell(*words, environment=run.environment(queue))
    with open(out, encoding="utf-8") as file:
        return json.load(file)[0]


def _arrivals(sandbox):
    """When each token's request arrived, in microseconds."""
    return {
        token: line["arrived_us"]
        for line in sandbox.lines()
        for token in line["preview_tokens"] or []
    }


class _Watch(Process):
    """A C program that waits for the same write as the worker."""

    def __init__(self, run, log):
        # Not a pipe, which is full after some thousands of wakes.
        self.told = run.folder() / "wakes"
        with open(self.told, "w", encoding="ascii") as file:
            super().__init__([run.programs / "limit", "watch", log], output=file)
        if not wait_until(lambda: self.told.stat().st_size > 0):
            raise RuntimeError("the queue's log cannot be watched")

    def wakes(self):
        """When it was woken, in microseconds."""
        words = self.told.read_text(encoding="ascii").split("\n")
        # Behind the first word, and without what is just being written.
        return [float(word) for word in words[1:-1]]


def _figures(runs, arrivals, wakes):
    begun = [began for began, _ in runs]
    to_wire = [arrivals[f"wire_{n}"] / 1e3 - began / 1e3 for n, began in enumerate(begun)]
    from_end = [
        arrivals[f"wire_{n}"] / 1e3 - (began + took) / 1e3 for n, (began, took) in enumerate(runs)
    ]
    woken = []
    for began in begun:
        place = bisect.bisect_left(wakes, began)
        if place < len(wakes):
            woken.append((wakes[place] - began) / 1e3)
    middle, worst = statistics.median(to_wire), percentile(to_wire, 99)
    # Five parts one after the other, so that the middle has a spread.
    size = len(to_wire) // 5
    parts = [slice(n * size, (n + 1) * size) for n in range(5)]
    spread = Spread.of(
        statistics.median(to_wire[part]) / statistics.median(woken[part]) for part in parts
    )
    rest = [whole - part for whole, part in zip(to_wire, woken, strict=True)]
    details = {
        "milliseconds": to_wire,
        "from_the_end_of_enqueue_ms": from_end,
        "c_program_woken_ms": woken,
    }
    lone = f"C, blocked on inotify, is woken after {statistics.median(woken):.2f} ms"
    end = statistics.median(from_end)
    return [
        Figure(
            name="`larkspur enqueue` started to request at the server, idle worker: median",
            ours=f"{middle:.2f} ms; {end:+.2f} ms from when it has ended",
            against=lone,
            ratio=spread,
            goal=f"< {MEDIAN_MS} ms",
            met=middle < MEDIAN_MS,
            details=details,
        ),
        Figure(
            name="the same: 99th percentile",
            ours=f"{worst:.2f} ms",
            against=f"C: {percentile(woken, 99):.2f} ms",
            goal=f"< {WORST_MS} ms",
            met=worst < WORST_MS,
        ),
        Figure(
            name="of that, from the first write to the queue on: commit, wake, claim, send",
            ours=f"{statistics.median(rest):.2f} ms, 99th percentile {percentile(rest, 99):.2f} ms",
        ),
    ]
