"""How much of a core programs take that have nothing to do, for `idle` and `configured`."""

import time

from measuring import Figure
from programs import wait_until

SHARE = 0.02
"""Per cent of a core."""


def window(run):
    """Seconds for which they are watched."""
    return 5 if run.quick else 20


def await_rest(run, workers):
    """Until none of the workers has run for a while: after a write a worker looks again after 1, 2, 4 … ms,
    in case its notice came before its commit. Workers that do not come to rest are measured as they are."""
    rest = 0.5 if run.quick else 5
    spent, since = None, 0

    def have_rested():
        nonlocal spent, since
        newest = [worker.on_processor_ns() for worker in workers]
        if newest != spent:
            spent, since = newest, time.monotonic()
        return time.monotonic() - since >= rest

    wait_until(have_rested, every=0.05)


def spent(processes, seconds):
    """Per cent of a core, by name."""
    before = {name: process.on_processor_ns() for name, process in processes.items()}
    began = time.monotonic()
    # The measured interval.
    time.sleep(seconds)
    took = time.monotonic() - began
    if any(process.process.poll() is not None for process in processes.values()):
        raise RuntimeError("an idle program has ended")
    return {
        name: (process.on_processor_ns() - before[name]) / 1e9 / took * 100
        for name, process in processes.items()
    }


def share(name, ours, theirs, seconds, **details):
    return Figure(
        name=name,
        ours=f"{ours:.4f} % of a core",
        against=f"C, blocked on inotify: {theirs:.4f} %",
        goal=f"< {SHARE} %",
        met=ours < SHARE,
        details={"percent": ours, "c_percent": theirs, "seconds": seconds} | details,
    )
