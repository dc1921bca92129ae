"""Draining many tokens: the time against calls × 200 ms."""

import contextlib
import json
import math
import time

from asking import updates
from measuring import Figure, Spread
from programs import Sandbox, Worker
from trials import LATENCY

SECONDS_A_CALL = 0.2
"""At five calls a second."""


def measure(run):
    tokens = 300 if run.quick else 10_000
    rounds = 5
    with contextlib.ExitStack() as stack:
        drains = [Drain(run, stack, tokens) for _ in range(rounds)]
        for drain in drains:
            drain.start(stack)
        for drain in drains:
            drain.end()
    calls = Spread.of(drain.calls for drain in drains).median
    took = Spread.of(drain.seconds for drain in drains)
    bound = math.ceil(tokens / 10)
    refusals = sum(drain.refusals for drain in drains)
    ratio = Spread.of(drain.seconds / (drain.calls * SECONDS_A_CALL) for drain in drains)
    return [
        Figure(
            name=f"draining {tokens:,} tokens, answers after {LATENCY[:-2]} ms, 5 calls/s",
            ours=f"{took.median:.2f} s, {calls:g} calls, {refusals} violations",
            against=f"calls × 200 ms: {calls * SECONDS_A_CALL:.1f} s; fewest calls: {bound}",
            ratio=ratio,
            goal="≤ 1.05, no violation",
            met=ratio.median <= 1.05 and refusals == 0,
            details={"rounds": [drain.details() for drain in drains]},
        )
    ]


class Drain:
    """A full queue, its worker and its sandbox; several are drained side by side, for they mostly
    wait."""

    def __init__(self, run, stack, tokens):
        self.run = run
        self.tokens = tokens
        self.sandbox = stack.enter_context(Sandbox(run, "--latency", LATENCY))
        self.queue = run.folder() / "queue.db"
        lines = (json.dumps({"token": f"ticket-{n}", "everyone": True}) for n in range(tokens))
        run.larkspur(self.queue, "enqueue", "preview", "--from", "-", given="\n".join(lines))

    def start(self, stack):
        self.began = time.monotonic()
        self.worker = stack.enter_context(
            Worker(self.run, self.queue, self.sandbox, "--until-empty", "--quiet")
        )

    def end(self):
        code = self.worker.wait(patience=60 + self.tokens * 2 * SECONDS_A_CALL)
        calls = updates(self.sandbox.lines())
        told = {token for line in calls if line["applied"] for token in line["preview_tokens"]}
        if code != 0 or len(told) != self.tokens:
            raise RuntimeError(f"the worker ended with {code}, {len(told)} tokens were refreshed")
        # From its start to the last answer.
        self.seconds = calls[-1]["answered_us"] / 1e6 - self.began
        self.calls = len(calls)
        self.refusals = sum(line["verdict"] != "ok" for line in calls)

    def details(self):
        return {
            "seconds": round(self.seconds, 3),
            "calls": self.calls,
            "refusals": self.refusals,
        }
