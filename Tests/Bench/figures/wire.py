"""From an ask to its request at the server, with a worker that had nothing to do.

Judged from when the ask is on disk, as a backend asks that keeps its connection: what follows is the
worker's waking, its claim's commit and the request's arrival. Beside it the same from before the ask,
and from the start of a `larkspur enqueue`. The clock is the same for all, CLOCK_MONOTONIC."""

import bisect
import json
import statistics
import time

import programs
from measuring import Figure, Spread, percentile
from programs import Process, Sandbox, Worker, open_queue, wait_until

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
                asks = _ask(queue, count)
                runs = _enqueue(run, queue, count // 2)
                if not wait_until(lambda: len(_arrivals(sandbox)) > len(asks) + len(runs)):
                    raise RuntimeError("not all asks have been delivered")
                wakes = watch.wakes()
        arrivals = _arrivals(sandbox)
    return _figures(asks, runs, arrivals, wakes)


def _ask(queue, count):
    """Before each ask and when it was on disk, in milliseconds."""
    db = open_queue(queue)
    db.isolation_level = None
    db.execute("pragma synchronous = full")
    moments = []
    for number in range(count):
        # The pace of the asks: each finds a worker that has done what was asked before.
        time.sleep(GAP_MS / 1e3)
        began = time.monotonic_ns() / 1e6
        db.execute(
            "insert into ask (account, kind, lane, body) values ('default', 'preview', ?, ?)",
            (f"ask_{number}", json.dumps({"open_ids": [PERSON]})),
        )
        moments.append((began, time.monotonic_ns() / 1e6))
    db.close()
    return moments


def _enqueue(run, queue, count):
    out = run.folder() / "runs.json"
    enqueue = [run.programs / "larkspur", "enqueue", "preview", "wire_@", "--open-id", PERSON]
    words = [run.programs / "limit", "race", count, GAP_MS, out, "--", *enqueue]
    programs.tell(*words, environment=run.environment(queue))
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


def _figures(asks, runs, arrivals, wakes):
    arrived = [arrivals[f"ask_{n}"] / 1e3 for n in range(len(asks))]
    from_disk = [at - done for at, (_, done) in zip(arrived, asks, strict=True)]
    from_ask = [at - began for at, (began, _) in zip(arrived, asks, strict=True)]
    from_start = [arrivals[f"wire_{n}"] / 1e3 - began / 1e3 for n, (began, _) in enumerate(runs)]
    woken = [
        wakes[bisect.bisect_left(wakes, began * 1e3)] / 1e3 - began for began, _ in asks
    ]
    middle, worst = statistics.median(from_disk), percentile(from_disk, 99)
    # Five parts one after the other, so that the middle has a spread.
    size = len(asks) // 5
    parts = [slice(n * size, (n + 1) * size) for n in range(5)]
    spread = Spread.of(
        statistics.median(from_ask[part]) / statistics.median(woken[part]) for part in parts
    )
    details = {
        "from_disk_ms": from_disk,
        "from_before_the_ask_ms": from_ask,
        "c_program_woken_ms": woken,
        "from_the_start_of_enqueue_ms": from_start,
    }
    return [
        Figure(
            name="an ask that is on disk to its request at the server, idle worker: median",
            ours=f"{middle:.2f} ms; from before the ask {statistics.median(from_ask):.2f} ms",
            against="C, blocked on inotify, is woken "
            f"{statistics.median(woken):.2f} ms after the ask began",
            ratio=spread,
            goal=f"< {MEDIAN_MS} ms",
            met=middle < MEDIAN_MS,
            details=details,
        ),
        Figure(
            name="the same: 99th percentile",
            ours=f"{worst:.2f} ms; from before the ask {percentile(from_ask, 99):.2f} ms",
            against=f"C: {percentile(woken, 99):.2f} ms",
            goal=f"< {WORST_MS} ms",
            met=worst < WORST_MS,
        ),
        Figure(
            name="`larkspur enqueue` started as a process to its request at the server",
            ours=f"{statistics.median(from_start):.2f} ms, 99th percentile "
            f"{percentile(from_start, 99):.2f} ms",
        ),
    ]
