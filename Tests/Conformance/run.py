"""Runs all judgements, and says at the end what was compared.

usage: run.py FOLDER [NAME…]    FOLDER holds the programs; NAME is a file's, as in test_cards
"""

import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
# Nothing here leaves the machine, whatever the surroundings say about proxies.
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]

FILES = [
    "test_access_tokens",
    "test_store_apps",
    "test_oauth",
    "test_gateway",
    "test_previews",
    "test_cards",
    "test_card_bodies",
    "test_sessions",
    "test_limits",
    "test_faults",
    "test_callbacks",
    "test_same_requests",
    # Looks at what the others did.
    "test_completeness",
]


class Sentences(unittest.TextTestResult):
    """Tells a test by its sentence."""

    def getDescription(self, test):
        whole = getattr(test, "test_case", test)
        part = str(test)[len(str(whole)) :]
        return f"{type(whole).__name__}: {whole.shortDescription()}{part}"


def main(folder, *names):
    os.environ["LARKSPUR_PROGRAMS"] = str(pathlib.Path(folder).resolve())
    begun = time.monotonic()
    suite = unittest.defaultTestLoader.loadTestsFromNames(names or FILES)
    # Warnings are about other people's packages on a Python that is newer than they.
    quiet = {"resultclass": Sentences, "verbosity": 0, "warnings": "ignore"}
    result = unittest.TextTestRunner(stream=sys.stdout, **quiet).run(suite)
    report(result, time.monotonic() - begun)
    return 0 if result.wasSuccessful() else 1


def report(result, seconds):
    from judging import answers_judged
    from test_same_requests import COMPARED, DELIBERATE

    if COMPARED:
        print("\nWhat Larkspur sends, against what the official client sends:")
        for line in COMPARED:
            print(f"  {line}")
        print("Different on purpose:")
        for name, why in DELIBERATE.items():
            print(f"  {name}: {why}")
    print(
        f"\n{result.testsRun} conformance tests, {answers_judged()} answers read by the official "
        f"client, {len(COMPARED)} requests compared, {seconds:.0f} s"
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
