"""Queues in which many lanes wait, made once in a run and copied, and such in which they do not wait yet."""

import contextlib
import os
import shutil

from programs import open_queue, tell


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


def ask_for_everyone(queue, count, accounts):
    """By plain SQL, for each account in turn."""
    with contextlib.closing(open_queue(queue)) as db, db:
        db.execute("create temp table name (n integer primary key, account text)")
        db.executemany("insert into name values (?, ?)", enumerate(accounts))
        db.execute(
            """
            with recursive number(n) as (select 0 union all select n + 1 from number where n < ?1 - 1)
            insert into ask (account, kind, lane, body)
            select account, 'preview', 'token-' || number.n, '{"everyone":true}'
            from number cross join name on name.n = number.n % ?2
            """,
            (count, len(accounts)),
        )


def is_folded(queue):
    """Whether every ask has come to its lane."""
    with contextlib.closing(open_queue(queue)) as db:
        folded, newest = db.execute(
            "select folded_ask, (select max(id) from ask) from worker"
        ).fetchone()
    return folded == newest
