"""Queues with a history, written into their tables as a worker would have written them."""

import json
import os
import random
import sqlite3
import subprocess
import time

HOSTILE = [
    "<script>alert(1)</script>", "\"onload='x'&amp;", "</svg></style><img src=x onerror=alert(1)>",
    "a\u202eb\u2066c", "\u05d0\u05d1\u05d2", "\x1b[31mred\x1b[0m", "<!--", "]]>", "{{7*7}}", "a\nb\tc",
]


def make(program, folder):
    """An empty queue of the program's own schema, and a connection that runs no triggers."""
    path = os.path.join(folder, "queue.db")
    subprocess.run([program, "--db", path, "init"], check=True, capture_output=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False) if hasattr(db, "setconfig") else drop_triggers(db)
    return path, db


def drop_triggers(db):
    for (name,) in db.execute("select name from sqlite_schema where type = 'trigger'").fetchall():
        db.execute(f"drop trigger {name}")


def fill(db, calls, hours=24, lanes=500, asks_a_lane=1, hostile=False, seed=1):
    """Calls spread over the last hours, with an outage in the middle, and the asks that they delivered."""
    chance = random.Random(seed)
    now = int(time.time() * 1000)
    start = now - hours * 3_600_000
    outage = (start + hours * 1_500_000, start + hours * 1_700_000)
    db.execute("begin")
    db.execute("insert into audience (id, account_id, hash, size, members, used_ms) values (1, 1, 0, null, null, 0),"
               " (2, 1, 1, 3, '[\"ou_1\",\"ou_2\",\"ou_3\"]', 0)")
    for number in range(1, lanes + 1):
        name = f"{HOSTILE[number % len(HOSTILE)]}{number}" if hostile else f"tok{number:06d}ABCDEFGHIJKLMNOP"
        db.execute("insert into lane (id, account_id, kind, name, state) values (?, 1, 'preview', ?, 'idle')",
                   (number, name))
    rows, asks, ask = [], [], 0
    for number in range(1, calls + 1):
        began = start + (number * hours * 3_600_000) // (calls + 1)
        carried = chance.sample(range(1, lanes + 1), min(lanes, chance.randint(1, 10)))
        took = chance.randint(40, 400)
        if outage[0] <= began < outage[1]:
            outcome = chance.choice(["try again", "unreachable", "limited"])
        else:
            outcome = "refused" if number % 97 == 0 else "delivered"
        code = {"refused": 230001, "limited": 99991400}.get(outcome)
        message = (HOSTILE[number % len(HOSTILE)] + str(number) if hostile else outcome) if outcome != "delivered" else None
        rows.append((number, json.dumps(carried), chance.choice([1, 2]), began, began, began + took, outcome, 200, code,
                     message, f"log{number}"))
        if outcome == "delivered":
            for lane in carried:
                for _ in range(asks_a_lane):
                    ask += 1
                    asks.append((ask, lane, began - chance.randint(10, 20_000), lane, began + took, number))
    db.executemany("insert into call (id, account_id, api, lanes, audience_id, started_ms, sent_ms, ended_ms, outcome,"
                   " http_status, code, message, log_id) values (?, 1, 'preview', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.executemany("insert into ask (id, kind, lane, body, asked_ms, lane_id, outcome, ended_ms, call_id) values"
                   " (?, 'preview', (select name from lane where id = ?), '{\"everyone\":true}', ?, ?, 'delivered', ?, ?)", asks)
    for place, reason in enumerate(HOSTILE if hostile else ["230001: bad token"]):
        ask += 1
        db.execute("insert into ask (id, kind, lane, body, asked_ms, lane_id, outcome, reason, ended_ms) values"
                   " (?, 'preview', (select name from lane where id = ?), '{}', ?, ?, 'dead', ?, ?)",
                   (ask, place + 1, now - 60_000, place + 1, reason, now - 50_000))
    db.execute("insert into span (what, began_ms, ended_ms, reason) values ('run', ?, ?, 'ended'), ('run', ?, null, null)",
               (start, start + hours * 1_000_000, start + hours * 1_100_000))
    db.execute("insert into span (what, account_id, api, reason, why, began_ms, ended_ms)"
               " values ('pause', 1, 'preview', 'paused', 'the server refuses calls', ?, ?)", outage)
    db.execute("update worker set skew_ms = 0, newest_ms = ?, folded_ask = ?", (now, ask))
    db.execute("commit")
