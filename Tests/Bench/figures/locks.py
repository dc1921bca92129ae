"""How long others wait for the write lock because of something that Larkspur does on its own, or that a
person asks for, in a large queue; and how long `larkspur status` takes in one."""

import contextlib
import json
import statistics

import programs
import queues
from measuring import Figure, seconds
from watching import watched

GOAL_MS = 50
STATUS_S = 0.1
DAY_MS = 86_400_000
MOMENT = 1_600_000_000_000
"""What the clock of a prepared queue shows, see Store/Preparing.swift."""

WATCH = """
longest = 0.0
while not is_over():
    began = time.perf_counter()
    while True:
        try:
            db.execute("begin immediate")
            break
        except sqlite3.OperationalError:
            os.sched_yield()
    longest = max(longest, time.perf_counter() - began)
    db.execute("rollback")
    # The pace at which the lock is wanted.
    time.sleep(0.001)
print(json.dumps(longest))
"""
"""Wants the write lock about every millisecond, asks for it without a pause, and says what was the longest
it had to."""


def measure(run):
    lanes = 100_000 if run.quick else 1_000_000
    held = {
        "start, and the hourly upkeep": _upkeep(run, lanes),
        f"retry --all-dead of {lanes // 10:,} asks": _retry(run, lanes),
        "cancel of a lane": _cancel(run, lanes, asks=1),
        f"cancel of a lane with {lanes // 10:,} asks": _cancel(run, lanes, asks=lanes // 10),
        f"a call for a lane with {lanes // 10:,} asks": _call(run, lanes),
        f"{lanes // 50:,} asks for a token, each for somebody else": _people(run, lanes // 50),
        "the same, a hundred of them known to be refused": _people(run, lanes // 50, refused=100),
        "prune": _prune(run, lanes),
    }
    figures = [
        Figure(
            name=f"longest that others wait for the write lock, {lanes:,} lanes waiting: {what}",
            ours=f"{longest * 1e3:,.0f} ms",
            goal=f"< {GOAL_MS} ms",
            met=longest * 1e3 < GOAL_MS,
            details={"seconds": longest},
        )
        for what, longest in held.items()
    ]
    return [*figures, *_status(run, lanes)]


def _upkeep(run, lanes):
    """Of asks, calls and sets of people a tenth is older than a week."""
    queue = _old_queue(run, lanes)
    with _sandbox(run) as sandbox, _watched(queue) as waited:
        with programs.Worker(run, queue, sandbox, "--once") as worker:
            worker.wait(300)
        longest = waited()
    with _changing(queue) as db:
        # The worker has gone through all of it.
        if db.execute("select count(*) from ask where outcome = 'delivered'").fetchone()[0]:
            raise RuntimeError("the upkeep has left old asks")
        if db.execute("select count(*) from audience where used_ms = 0 and size = 1").fetchone()[0]:
            raise RuntimeError("the upkeep has left sets of people that nobody wants")
    return longest


def _prune(run, lanes):
    queue = _old_queue(run, lanes)
    with _watched(queue) as waited:
        run.larkspur(queue, "prune", "--older-than", "1d")
        return waited()


def _retry(run, lanes):
    queue = queues.copied(run, queues.prepared(run, lanes))
    with _changing(queue) as db:
        _end(db, lanes // 10, "dead", MOMENT)
    with _watched(queue) as waited:
        said = json.loads(run.larkspur(queue, "retry", "--all-dead", "--json"))
        longest = waited()
    if said["retried"] != lanes // 10:
        raise RuntimeError(f"retried {said}")
    return longest


def _cancel(run, lanes, asks):
    queue = queues.copied(run, queues.prepared(run, lanes))
    with _changing(queue) as db:
        name = _crowd(db, asks)
    with _watched(queue) as waited:
        said = json.loads(run.larkspur(queue, "cancel", name, "--json"))
        longest = waited()
    if said["cancelled"] != asks:
        raise RuntimeError(f"cancelled {said}")
    return longest


def _call(run, lanes):
    """All the asks of a lane end with one call."""
    queue = queues.copied(run, queues.prepared(run, lanes))
    with _changing(queue) as db:
        name = _crowd(db, lanes // 10)
        # It is the next one to go.
        db.execute("update lane set ready_ms = 0, since_ms = 0 where name = ?", (name,))

    def is_delivered():
        with contextlib.closing(programs.open_queue(queue)) as db:
            wanted = "select 1 from ask where lane_id = 1 and outcome is null limit 1"
            return db.execute(wanted).fetchone() is None

    with programs.Sandbox(run) as sandbox, _watched(queue) as waited:
        with programs.Worker(run, queue, sandbox):
            if not programs.wait_until(is_delivered, patience=300, every=0.2):
                raise RuntimeError("the lane was not delivered")
        return waited()


def _people(run, people, refused=0):
    """From the first ask that is folded until two calls, to a hundred people each, have been written down."""
    queue = run.folder() / "queue.db"
    run.larkspur(queue, "enqueue", "preview", "another_one", "--everyone")
    with contextlib.closing(programs.open_queue(queue)) as db, db:
        db.execute(
            """
            with recursive number(n) as (select 1 union all select n + 1 from number where n < ?)
            insert into ask (lane, body)
            select 'crowded', json_object('open_ids', json_array('ou_' || (1000000 + n))) from number
            """,
            (people,),
        )
        db.execute(
            """
            with recursive number(n) as (select 1 union all select n + 1 from number where n < ?2)
            insert into refused_person (account_id, open_id, reason, since_ms)
            select 1, 'ou_' || (1000000 + n * ?1 / ?2), 'so it is said', (select now_ms from clock)
            from number where ?2 > 0
            """,
            (people, refused),
        )

    def has_ended():
        ended = "select count(*) from ask where lane = 'crowded' and outcome is not null"
        with contextlib.closing(programs.open_queue(queue)) as db:
            return db.execute(ended).fetchone()[0] >= 200 + refused

    with programs.Sandbox(run) as sandbox, _watched(queue) as waited:
        with programs.Worker(run, queue, sandbox):
            if not programs.wait_until(has_ended, patience=120, every=0.2):
                raise RuntimeError("the asks were not delivered")
        return waited()


def _status(run, lanes):
    """In the states that many asks may be in."""
    waiting = queues.copied(run, queues.prepared(run, lanes))
    dead = queues.copied(run, queues.prepared(run, lanes))
    with _changing(dead) as db:
        _end(db, lanes, "dead", MOMENT)
    new = run.folder() / "queue.db"
    run.larkspur(new, "enqueue", "preview", "the_first_one", "--everyone")
    queues.ask_for_everyone(new, lanes, ["default"])
    taken = {}
    for name, queue in {"waiting": waiting, "dead": dead, "new": new}.items():
        # The first one copies what lies in the log.
        run.larkspur(queue, "status")
        taken[name] = [seconds(run.larkspur, queue, "status") for _ in range(5)]
    medians = {name: statistics.median(each) for name, each in taken.items()}
    return [
        Figure(
            name=f"`larkspur status`, {lanes:,} asks",
            ours=", ".join(f"{name}: {each * 1e3:,.0f} ms" for name, each in medians.items()),
            goal=f"≤ {STATUS_S * 1e3:.0f} ms",
            met=max(medians.values()) <= STATUS_S,
            details=taken,
        )
    ]


def _old_queue(run, lanes):
    queue = queues.copied(run, queues.prepared(run, lanes))
    with _changing(queue) as db:
        _end(db, lanes // 10, "delivered", MOMENT - 30 * DAY_MS)
        db.execute(
            """
            with recursive number(n) as (select 1 union all select n + 1 from number where n < ?)
            insert into audience (account_id, hash, size, members, used_ms)
            select 1, n, 1, '["ou_of_old_' || n || '"]', 0 from number
            """,
            (lanes // 10,),
        )
        db.execute(
            """
            with recursive number(n) as (select 1 union all select n + 1 from number where n < ?)
            insert into call (account_id, api, started_ms, ended_ms, outcome)
            select 1, 'preview', ?2 - n, ?2, 'delivered' from number
            """,
            (lanes // 10, MOMENT - 30 * DAY_MS),
        )
        # Nothing is sent meanwhile.
        db.execute(
            "insert into budget (account_id, api, paused_ms) values (1, 'preview', 900000000000000)"
        )
        db.execute("update worker set pruned_ms = 0")
    return queue


def _end(db, count, outcome, moment):
    """The asks of the first lanes, one in each."""
    db.execute(
        "update ask set outcome = ?, reason = 'so it is said', ended_ms = ? where lane_id <= ?",
        (outcome, moment, count),
    )
    db.execute(
        "update lane set state = 'idle', audience_id = null, since_ms = null, ready_ms = null, "
        "slot_ms = ? where id <= ?",
        (moment, count),
    )


def _crowd(db, asks):
    """As many asks as that in the first lane. Answers its name."""
    db.execute(
        "update ask set (lane, lane_id, audience_id) = (select lane, lane_id, audience_id from ask "
        "where lane_id = 1) where lane_id in (select id from lane where id > 1 order by id limit ?)",
        (asks - 1,),
    )
    db.execute(
        "update lane set state = 'idle', audience_id = null, since_ms = null, ready_ms = null "
        "where id > 1 and id <= ?",
        (asks,),
    )
    return db.execute("select name from lane where id = 1").fetchone()[0]


@contextlib.contextmanager
def _changing(queue):
    """Rows as nobody may write them: their checks are put back afterwards."""
    with contextlib.closing(programs.open_queue(queue)) as db, db:
        checks = db.execute(
            "select name, sql from sqlite_schema where type = 'trigger' and tbl_name = 'ask'"
        ).fetchall()
        for name, _ in checks:
            db.execute(f"drop trigger {name}")
        yield db
        for _, sql in checks:
            db.execute(sql)


def _watched(queue):
    """How long somebody had to wait at most, in seconds, once it is asked for."""
    return watched(queue, WATCH)


def _sandbox(run):
    return programs.Sandbox(run, "--calls-per-second", "0")
