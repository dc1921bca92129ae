"""Moves asks from an outbox in the backend's own database to the queue."""

import sqlite3
import time

import larkspur_queue as queue


def relay(own, db, placeholder="?"):
    """Moves up to a hundred asks and returns how many. `own` is a connection to the backend's own
    database, `db` one to the queue, and `placeholder` is %s for PostgreSQL and MySQL."""
    cursor = own.cursor()
    cursor.execute(
        "SELECT id, kind, lane, body FROM ask_outbox"
        " WHERE refused IS NULL ORDER BY id LIMIT 100"
    )
    rows = cursor.fetchall()
    own.commit()  # Keeps no transaction open while the queue is waited for.
    if not rows:
        return 0
    moved, refused = [], []
    with queue.transaction(db):
        for number, kind, lane, body in rows:
            try:
                queue.ask(db, kind, lane, body)
                moved.append((number,))
            except sqlite3.Error as error:
                if not is_refusal(error):
                    raise
                refused.append((str(error), number))
    # If this process ends here, the same asks are moved again, which does no harm.
    cursor.executemany(f"DELETE FROM ask_outbox WHERE id = {placeholder}", moved)
    cursor.executemany(
        f"UPDATE ask_outbox SET refused = {placeholder} WHERE id = {placeholder}", refused
    )
    own.commit()
    return len(rows)


def is_refusal(error):
    """Whether a rule of the queue refuses this ask, now and always. What SQLite says of a JSON path
    is how the rules for the actions of a card speak."""
    return isinstance(error, sqlite3.IntegrityError) or "JSON path" in str(error)


def run(own, path, placeholder="?"):
    """Moves asks until the backend's own database fails."""
    while True:
        try:
            db = queue.open_queue(path)
            while True:
                if not relay(own, db, placeholder):
                    time.sleep(0.2)
        except sqlite3.Error as error:
            print(f"the queue cannot be used: {error}", flush=True)
            time.sleep(5)
