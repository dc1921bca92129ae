"""The queue from Python, with the standard library alone."""

import contextlib
import pathlib
import sqlite3
import time


def open_queue(path, wait_s=10):
    """Opens the queue. A missing file is an error, and none is created."""
    uri = pathlib.Path(path).absolute().as_uri() + "?mode=rw"
    db = sqlite3.connect(uri, uri=True, timeout=wait_s, isolation_level=None)
    # A commit is on disk when it returns, whatever this SQLite was compiled with.
    db.execute("PRAGMA synchronous = FULL")
    return db


@contextlib.contextmanager
def transaction(db):
    """All of the block or none of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # Some errors, such as a full disk, have already rolled it back.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def ask(db, kind, lane, body):
    """The number of the new ask."""
    query = "INSERT INTO ask (kind, lane, body) VALUES (?, ?, ?)"
    return db.execute(query, (kind, lane, body)).lastrowid


def saw(db, token, key, open_id=None):
    query = "INSERT INTO sighting (token, key, open_id) VALUES (?, ?, ?)"
    db.execute(query, (token, key, open_id))


def wait(db, number, seconds):
    """How the ask ended: delivered, dead, expired, cancelled or gone, or open if it has not."""
    end, pause = time.monotonic() + seconds, 0.02
    while True:
        row = db.execute("SELECT outcome FROM ask WHERE id = ?", (number,)).fetchone()
        if row is None:
            return "gone"
        if row[0] is not None:
            return row[0]
        if time.monotonic() >= end:
            return "open"
        time.sleep(pause)
        pause = min(2 * pause, 1)
