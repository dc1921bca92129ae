"""What test_clients.py has every language do. The commands are described there."""

import contextlib
import sqlite3
import sys
import time

import larkspur_queue as queue

EVERYONE = '{"everyone":true}'


def change(db, ticket, title, body):
    """Both or neither: no ticket changes without a refresh of its previews."""
    with queue.transaction(db):
        db.execute(
            "INSERT INTO app_ticket (id, title) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET title = excluded.title",
            (ticket, title),
        )
        return queue.ask(db, "key", f"ticket-{ticket}", body)


def record(path, token, key):
    """In the callback's handler. Feishu waits 3 s for the answer: a missed sighting comes with the
    user's next look, a missed answer never does."""
    try:
        with contextlib.closing(queue.open_queue(path, wait_s=0.2)) as db:
            queue.saw(db, token, key)
        return "recorded"
    except sqlite3.Error as error:
        return f"not recorded: {error}"


def crowd(db, name, count):
    asks = [queue.ask(db, "preview", f"{name}-{each}", EVERYONE) for each in range(count)]
    return sum(queue.wait(db, number, 60) == "delivered" for number in asks)


def run(command, path, *words):
    if command == "saw":
        begun = time.monotonic()
        answer = record(path, *words)
        return f"{round((time.monotonic() - begun) * 1000)} ms, {answer}"
    with contextlib.closing(queue.open_queue(path)) as db:
        if command == "settings":
            names = ("synchronous", "busy_timeout")
            return " ".join(str(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
        if command == "ask":
            return queue.ask(db, *words)
        if command == "change":
            return change(db, *words)
        if command == "wait":
            return queue.wait(db, int(words[0]), float(words[1]))
        if command == "crowd":
            return crowd(db, words[0], int(words[1]))
    raise ValueError(f"unknown command {command}")


if __name__ == "__main__":
    try:
        print(run(*sys.argv[1:]))
    except sqlite3.Error as error:
        sys.exit(str(error))
