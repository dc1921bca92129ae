"""Queues in which many lanes wait, made once in a run and copied."""

import os
import shutil

from programs import tell


def prepared(run, lanes, scattered=False):
    """A queue with so many lanes waiting; not to be written to."""
    kept = run.__dict__.setdefault("prepared_queues", {})
    if (lanes, scattered) not in kept:
        run.say(f"  a queue of {lanes:,} lanes")
        path = run.folder() / "queue.db"
        tell(run.programs / "StoreBench", "prepare", path, lanes, *["scattered"] * scattered)
        kept[lanes, scattered] = path
    return kept[lanes, scattered]


def copied(run, queue):
    """A copy of a queue that nobody has open."""
    path = run.folder() / "queue.db"
    shutil.copyfile(queue, path)
    # Now, and not while something is timed.
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    return path
