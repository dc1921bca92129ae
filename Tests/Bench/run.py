"""Measures every figure and prints the table, or the JSON.

usage: run.py --programs FOLDER [--quick] [--json] [--seed N] [NAME…]
"""

import argparse
import dataclasses
import importlib
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

import machine
import report
from measuring import dice
from programs import Run

ROOT = pathlib.Path(__file__).resolve().parents[2]

FIGURES = [
    "enqueue",
    "crowd",
    "store",
    "depth",
    "packing",
    "drain",
    "wire",
    "idle",
    "accounts",
    "peers",
    "careful",
    "staleness",
]
"""Each is a file in figures/ with `measure(run)`, which answers a list of figures."""


def main():
    wanted = arguments()
    # Nothing here leaves the machine, whatever the surroundings say about proxies.
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    # Ctrl-C and SIGTERM end what was started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.monotonic()
    parts = {}
    with tempfile.TemporaryDirectory(prefix="larkspur-bench-") as home:
        run = Run(wanted.programs, ROOT, home, wanted.quick, dice(wanted.seed), say)
        for name in wanted.names or FIGURES:
            say(name)
            parts[name] = importlib.import_module(f"figures.{name}").measure(run)
    result = {
        "machine": machine.describe(ROOT),
        "quick": wanted.quick,
        "seed": wanted.seed,
        "seconds": round(time.monotonic() - begun),
        "figures": {
            name: [dataclasses.asdict(figure) for figure in figures]
            for name, figures in parts.items()
        },
    }
    if wanted.json:
        print(json.dumps(result, indent=2))
    else:
        print(report.table(result))


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
    main()
