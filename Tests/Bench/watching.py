"""A program that watches a queue while something else happens to it."""

import contextlib
import json
import subprocess
import sys

BEFORE = """
import json, os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
print("ready", flush=True)
os.set_blocking(0, False)
def is_over():
    try:
        return os.read(0, 1) == b""
    except BlockingIOError:
        return False
"""
"""What every watcher begins with. Its loop ends when `is_over()`; then it prints what it has found."""


@contextlib.contextmanager
def watched(queue, loop):
    """Runs BEFORE and `loop` in a program of its own, so that what it waits for does not wait for it. Yields
    a function that ends the program and answers the JSON that it prints."""
    watcher = subprocess.Popen(
        [sys.executable, "-c", BEFORE + loop, str(queue)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if watcher.stdout.readline() != "ready\n":
            raise RuntimeError("the queue is not watched")

        def found():
            said, _ = watcher.communicate(timeout=30)
            return json.loads(said)

        yield found
    finally:
        if watcher.poll() is None:
            watcher.kill()
            watcher.communicate()
