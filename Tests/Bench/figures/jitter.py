"""Uneven routes: how many calls are refused by a server that counts them when they arrive, and how much
of its budget is used while there is always more to send.

The server is `routes/server.py`, which cannot share a mistake with Larkspur's own sandbox. All routes
are measured at once, each with its own server, queue and worker, because they mostly wait."""

import contextlib
import dataclasses
import json
import selectors
import statistics
import subprocess
import sys
import time

from measuring import Figure, Spread, percentile
from programs import PATIENCE, Process, Worker, wait_until

CALLS_A_SECOND = 5
TOKENS_A_CALL = 10
LEFT_OUT = 5
"""The budget is full at the start, so they leave together."""

PARTS = 5
"""Consecutive parts of a row, for its spread."""


@dataclasses.dataclass(frozen=True)
class Row:
    route: str
    title: str
    share: float
    """Of the budget, at least."""


ROWS = [
    Row("constant", "constant 50 ms", 0.96),
    Row("slightly_uneven", "lognormal, median 50 ms, sigma 0.3, half out and half back", 0.94),
    Row("very_uneven", "the same, sigma 0.8", 0.90),
    Row("uneven_out", "uniform 20 to 80 ms out", 0.94),
    Row("held_up", "20 ms out, one call in ten 200 ms", 0.94),
    Row("slow_work", "20 ms out, 50 to 500 ms of work, 20 ms back", 0.75),
    Row("shortening", "80 ms, then suddenly 20 ms", 0.94),
]


def measure(run):
    calls = 100 if run.quick else 300
    with contextlib.ExitStack() as stack:
        trials = [Trial(run, stack, row, calls) for row in ROWS]
        for trial in trials:
            trial.start(stack)
        # Three times what the budget needs, plus the start.
        deadline = time.monotonic() + PATIENCE + 3 * calls / CALLS_A_SECOND
        for trial in trials:
            trial.end(deadline)
    return [trial.figure() for trial in trials]


class Trial:
    """One row: a server, a queue with work for more calls than are measured, and a worker."""

    def __init__(self, run, stack, row, calls):
        self.run = run
        self.row = row
        self.calls = calls
        self.seed = run.dice.getrandbits(32)
        self.server = stack.enter_context(RouteServer(run, row.route, self.seed))
        self.queue = run.folder() / "queue.db"
        # Some are left at the end, so that the last call is made with a backlog, too.
        tokens = (calls + 4 * CALLS_A_SECOND) * TOKENS_A_CALL
        lines = (json.dumps({"token": f"ticket-{n}", "everyone": True}) for n in range(tokens))
        run.larkspur(self.queue, "enqueue", "preview", "--from", "-", given="\n".join(lines))

    def start(self, stack):
        self.worker = stack.enter_context(
            Worker(self.run, self.queue, self.server, "--until-empty", "--quiet")
        )

    def end(self, deadline):
        patience = max(0, deadline - time.monotonic())
        if not wait_until(self._is_over, patience, every=0.5):
            seen = len(self.server.arrivals())
            raise RuntimeError(f"{self.row.title}: {seen} of {self.calls} calls have been made")
        self.worker.stop()
        self.seen = self.server.arrivals()[: self.calls]
        if len(self.seen) < self.calls:
            raise RuntimeError(f"{self.row.title}: the worker ended after {len(self.seen)} calls")
        if any(call["tokens"] != TOKENS_A_CALL for call in self.seen):
            raise RuntimeError(f"{self.row.title}: not every call carried {TOKENS_A_CALL} tokens")

    def _is_over(self):
        return len(self.server.arrivals()) >= self.calls or self.worker.process.poll() is not None

    def figure(self):
        counted = self.seen[LEFT_OUT:]
        refused = sum(call["refused"] for call in counted)
        moments = [call["arrived_ns"] / 1e9 for call in counted if not call["refused"]]
        share = budget_used(moments)
        # Parts overlap by five calls, so that no gap between two of them is left out.
        size = -(-(len(moments) - CALLS_A_SECOND) // PARTS)
        starts = range(0, len(moments) - CALLS_A_SECOND, size)
        parts = [budget_used(moments[n : n + size + CALLS_A_SECOND]) for n in starts]
        return Figure(
            name=f"{self.calls} calls over a route: {self.row.title}",
            ours=f"{refused} refused, {share * CALLS_A_SECOND:.2f} calls/s",
            against=f"the budget: {CALLS_A_SECOND} calls/s",
            ratio=Spread(share, min(parts), max(parts), len(parts)),
            goal=f"0 refused, ≥ {self.row.share:.2f}",
            met=refused == 0 and share >= self.row.share,
            details={
                "route": self.row.route,
                "seed": self.seed,
                "refused": refused,
                "share": share,
                "refused_among_the_first_five": sum(c["refused"] for c in self.seen[:LEFT_OUT]),
                "late_ms": percentiles([call["late_us"] / 1e3 for call in self.seen]),
                "arrivals_s": [c["arrived_ns"] / 1e9 for c in self.seen],
                "refusals": [n for n, call in enumerate(self.seen) if call["refused"]],
            },
        )


def budget_used(moments):
    """One second divided by the mean time from a call to the fifth after it. It is 1 at full speed,
    whether calls come one by one or five at a time."""
    spans = [later - call for call, later in zip(moments, moments[CALLS_A_SECOND:])]
    return 1 / statistics.mean(spans)


def percentiles(values):
    return {str(share): round(percentile(values, share), 2) for share in (50, 99, 100)}


class RouteServer(Process):
    """`routes/server.py` and its record."""

    def __init__(self, run, route, seed):
        self._record = run.folder() / "arrivals.jsonl"
        program = run.root / "Tests/Bench/routes/server.py"
        super().__init__(
            [sys.executable, "-EB", program, route, seed, self._record],
            output=subprocess.PIPE,
            given=subprocess.PIPE,
        )
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            heard = selector.select(PATIENCE)
        self.address = self.process.stdout.readline().strip() if heard else ""
        if not self.address.startswith("http://127.0.0.1:"):
            self.stop()
            raise RuntimeError(f"the server for the route {route} did not start")

    def arrivals(self):
        """The calls so far, in order of arrival."""
        with open(self._record, encoding="ascii") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
