"""How long a report of a day with 100,000 calls takes, how large it is, and how much memory it needs."""

import contextlib
import os
import statistics
import subprocess
import sys
import time

from measuring import Figure

ROUNDS = 5
PAGE_S = 2
PAGE_BYTES = 1_000_000
MOST_MB = 200


def measure(run):
    sys.path.append(str(run.root / "Tests" / "Picture"))
    import histories

    calls = 10_000 if run.quick else 100_000
    queue, db = histories.make(str(run.programs / "larkspur"), str(run.folder()))
    with contextlib.closing(db):
        histories.fill(db, calls, lanes=5_000)
    return [
        _written(run, queue, calls, "report", "--out", PAGE_S, PAGE_BYTES),
        _written(run, queue, calls, "report --trace", "--trace", None, None),
    ]


def _written(run, queue, calls, name, option, most_s, most_bytes):
    file = os.path.join(run.folder(), "written")
    taken = [_timed(run, queue, ["report", option, file]) for _ in range(ROUNDS)]
    median = statistics.median(each for each, _, _ in taken)
    processor = statistics.median(each for _, each, _ in taken)
    memory = max(each for _, _, each in taken)
    size = os.path.getsize(file)
    goals = [f"≤ {most_s * 1e3:,.0f} ms"] if most_s else []
    goals += [f"≤ {most_bytes / 1e6:,.0f} MB"] if most_bytes else []
    return Figure(
        name=f"`larkspur {name}`, {calls:,} calls",
        ours=f"{median * 1e3:,.0f} ms ({processor * 1e3:,.0f} ms of a core), {size / 1e6:,.2f} MB, {memory:,.0f} MB of memory",
        goal=", ".join([*goals, f"≤ {MOST_MB} MB of memory"]),
        met=memory <= MOST_MB and (not most_s or median <= most_s) and (not most_bytes or size <= most_bytes),
        details={"seconds": [each for each, _, _ in taken], "processor_seconds": processor, "bytes": size, "megabytes": memory},
    )


def _timed(run, queue, words):
    """Seconds, those on a core, and the most memory at any moment in megabytes."""
    began = time.perf_counter()
    program = subprocess.Popen([str(run.programs / "larkspur"), *words], env=run.environment(queue),
                               stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(program.pid, 0)
    taken = time.perf_counter() - began
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise RuntimeError(f"{words}: exit {program.returncode}")
    return taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
