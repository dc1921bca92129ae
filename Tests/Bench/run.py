"""Measures every figure and prints the table, or the JSON.

usage: run.py --programs FOLDER [--quick] [--json] [--seed N] [NAME…]
"""

import argparse
import contextlib
import dataclasses
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import machine
import report
from measuring import dice
from programs import Process, Run

ROOT = pathlib.Path(__file__).resolve().parents[2]

FIGURES = [
    "enqueue",
    "crowd",
    "store",
    "depth",
    "locks",
    "ahead",
    "picture",
    "packing",
    "drain",
    "jitter",
    "wire",
    "idle",
    "accounts",
    "configured",
    "peers",
    "careful",
    "staleness",
    "redrawn",
    "shared",
    "machines",
]
"""Each is a file in figures/ with `measure(run)`, which answers a list of figures."""

WAITING = ["drain", "jitter", "peers", "careful", "staleness", "redrawn"]
"""They mostly wait for budgets; with --quick they do so at once."""

NOT_MEASURED = (RuntimeError, OSError, subprocess.SubprocessError)


def main():
    wanted = arguments()
    # Nothing here leaves the machine, whatever the surroundings say about proxies.
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    # Ctrl-C and SIGTERM end what was started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.monotonic()
    names = wanted.names or FIGURES
    at_once = [name for name in names if name in WAITING] if wanted.quick else []
    parts = measure_at_once(at_once, wanted) if len(at_once) > 1 else {}
    failed = False
    with tempfile.TemporaryDirectory(prefix="larkspur-bench-") as home:
        run = Run(wanted.programs, ROOT, home, wanted.quick, dice(wanted.seed), say)
        for name in names:
            if name in parts:
                continue
            say(name)
            # What takes half an hour is not thrown away for one figure.
            try:
                figures = importlib.import_module(f"figures.{name}").measure(run)
            except NOT_MEASURED as error:
                say(f"{name} could not be measured: {error}")
                failed = True
                continue
            parts[name] = [dataclasses.asdict(figure) for figure in figures]
    result = {
        "machine": machine.describe(ROOT),
        "quick": wanted.quick,
        "seed": wanted.seed,
        "seconds": round(time.monotonic() - begun),
        "figures": {name: parts[name] for name in names if name in parts},
    }
    if wanted.json:
        print(json.dumps(result, indent=2))
    else:
        print(report.table(result))
    return 1 if failed else 0


def measure_at_once(names, wanted):
    """Each in a run of its own, which is ended with this one."""
    say(", ".join(names) + ": at once")
    words = [sys.executable, "-EB", __file__, "--programs", wanted.programs, "--quick", "--json"]
    with contextlib.ExitStack() as stack:
        runs = {
            name: stack.enter_context(
                Process([*words, "--seed", wanted.seed, name], os.environ, subprocess.PIPE)
            )
            for name in names
        }
        told = {name: run.process.communicate()[0] for name, run in runs.items()}
        for name, run in runs.items():
            if run.wait() != 0:
                raise RuntimeError(f"{name} could not be measured; try scripts/bench --quick {name}")
    return {name: json.loads(text)["figures"][name] for name, text in told.items()}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *FIGURES])
    return parser.parse_args()


def say(what):
    print(f"scripts/bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except NOT_MEASURED as error:
        say(f"something could not be measured: {error}")
        sys.exit(1)
