"""The shared queue's schema, on a throw-away PostgreSQL server and beside the SQLite queue.

usage: test_shared_queue.py [NAME…]    a NAME is test_rows or test_rows.Rows.test_good_asks
"""

import pathlib
import signal
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Conformance")]

from run import Sentences

from case import Shared

GROUPS = [
    ["test_rows", "test_views", "test_protocol", "test_registry", "test_keeping", "test_commands",
        "test_looking", "test_swift"],
    ["test_workers.Together"],
    ["test_workers.Dying"],
    ["test_workers.Restarting"],
]
"""Workers mostly wait, so their tests run beside the others, on servers of their own."""


def run(names):
    begun = time.monotonic()
    Shared.start()
    try:
        suite = unittest.defaultTestLoader.loadTestsFromNames(names)
        runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Sentences, verbosity=0)
        result = runner.run(suite)
    finally:
        Shared.server.stop()
    for _, reason in result.skipped:
        print(reason)
    print(f"\n{result.testsRun} tests of the shared queue, {time.monotonic() - begun:.0f} s")
    return 0 if result.wasSuccessful() else 1


def main(*names):
    if names:
        return run(names)
    groups = [
        subprocess.Popen([sys.executable, "-EB", __file__, *group], stdout=subprocess.PIPE, text=True)
        for group in GROUPS
    ]
    try:
        for group in groups:
            print(group.communicate()[0], end="", flush=True)
    finally:
        for group in groups:
            if group.poll() is None:
                # It ends its server.
                group.send_signal(signal.SIGINT)
                group.wait(30)
    return max(group.returncode != 0 for group in groups)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
