"""The shared queue's schema, on a throw-away PostgreSQL server and beside the SQLite queue.

usage: test_shared_queue.py [NAME…]    a NAME is Rows or Rows.test_good_asks
"""

import contextlib
import json
import os
import pathlib
import random
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Conformance")]

import psycopg2
from run import Sentences

import rows
from server import MIGRATIONS, OWNER, PATIENCE, Server, programs

SERVER = None
EVERYONE = rows.EVERYONE


def setUpModule():
    global SERVER
    SERVER = Server()
    try:
        SERVER.create_queue()
        for name in ("ask", "work", "look"):
            SERVER.connect().cursor().execute(f"create role a_{name} login in role larkspur_{name}")
    except BaseException:
        SERVER.stop()
        raise


def tearDownModule():
    SERVER.stop()


def sqlite_queue():
    """An empty SQLite queue, from the same scripts as `larkspur init`."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    for path in sorted(MIGRATIONS.glob("0*.sql")):
        db.executescript(path.read_text())
    return db


def insertion(view, row, mark):
    names = ", ".join(row)
    return f"insert into {view} ({names}) values ({', '.join([mark] * len(row))})"


def plain(message):
    """The sentence of a refusal. SQLite puts words of its own around what is wrong with a card's action."""
    wrapped = re.fullmatch(r"(?:JSON path error near|bad JSON path:) '(.*)'", message, re.DOTALL)
    return wrapped[1].replace("''", "'") if wrapped else message


def short(row):
    text = repr(row)
    return text if len(text) < 200 else f"{text[:120]} … {text[-60:]}"


class Case(unittest.TestCase):
    """Each test has an empty queue and sessions that end with it."""

    maxDiff = None

    def setUp(self):
        self.db = self.session()
        self.run_sql(
            "truncate run, account, asked, ended, call, answer, remainder, note, budget, word, look, span, known_key,"
            " known_token, tag, viewer"
        )

    def session(self, user=OWNER):
        connection = SERVER.connect(user)
        self.addCleanup(connection.close)
        return connection

    def run_sql(self, query, *values, on=None):
        """The rows of a query, or none."""
        with (on or self.db).cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, query, *values, on=None):
        return self.run_sql(query, *values, on=on)[0][0]

    def ask(self, lane="t", body=EVERYONE, on=None, **more):
        row = {"lane": lane, "body": body, **more}
        return self.value(insertion("ask", row, "%s") + " returning id", *row.values(), on=on)

    def see(self, on=None, **row):
        self.run_sql(insertion("sighting", row, "%s"), *row.values(), on=on)

    def run_of(self, *accounts, name="host 1", on=None):
        run = Run(self, self.value("select join_queue(%s, 'boot', 5)", name, on=on), on)
        if accounts:
            run.take(*accounts)
        return run

    @contextlib.contextmanager
    def refused(self, code=None, sentence=""):
        with self.assertRaises(psycopg2.Error) as caught:
            yield
        if code:
            self.assertEqual(caught.exception.pgcode, code, caught.exception)
        self.assertIn(sentence, caught.exception.diag.message_primary)

    def in_background(self, action, connection):
        """Starts it in a thread and returns once it waits for a lock; the result is a function that joins it."""
        outcome = {}

        def work():
            try:
                outcome["value"] = action()
            except psycopg2.Error as error:
                outcome["error"] = error

        pid = connection.info.backend_pid
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.wait(
            lambda: not thread.is_alive()
            or self.value(
                "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s", pid
            )
        )
        self.assertTrue(thread.is_alive(), f"did not wait: {outcome}")

        def result():
            thread.join(PATIENCE)
            if "error" in outcome:
                raise outcome["error"]
            return outcome["value"]

        return result

    def wait(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, "waited for nothing")
            time.sleep(0.005)


class Run:
    """A worker as far as the protocol goes."""

    def __init__(self, case, number, on):
        self.case, self.number, self.on = case, number, on
        self.beat = self.calls = 0
        self.since = None

    def _next(self):
        self.beat += 1
        return self.beat

    def turn(self, **doing):
        self.case.run_sql(
            "select turn(%s, %s, %s)", self.number, self._next(), json.dumps(doing), on=self.on
        )

    def claim(self, account="default", lanes="t", api="preview", **doing):
        self.calls += 1
        self.turn(
            claims=[{"id": self.calls, "account": account, "api": api, "lanes": lanes}], **doing
        )
        return self.calls

    def take(self, *accounts):
        rows = self.case.run_sql(
            "select name from take(%s, %s, %s)",
            self.number,
            self._next(),
            list(accounts),
            on=self.on,
        )
        return {name for name, in rows}

    def take_over(self, dead, *accounts, beat=None):
        rows = self.case.run_sql(
            "select name from take_over(%s, %s, %s, %s, %s)",
            self.number,
            self._next(),
            dead.number,
            beat,
            list(accounts),
            on=self.on,
        )
        return {name for name, in rows}

    def look(self, asleep=False, since=None, boot=None, boot_ms=None):
        return self.case.run_sql(
            "select * from look(%s, %s, %s, %s, %s, %s)",
            self.number,
            self._next(),
            asleep,
            since,
            boot,
            boot_ms,
            on=self.on,
        )[0]

    def pull(self, *taken):
        rows = self.case.run_sql(
            "select snapshot, id from pull(%s, %s, %s)",
            self.number,
            self.since,
            list(taken),
            on=self.on,
        )
        self.since = rows[0][0]
        return [number for _, number in rows if number is not None]


class Rows(Case):
    """The rows of rows.py, in both queues."""

    def setUp(self):
        super().setUp()
        self.sqlite = sqlite_queue()
        self.addCleanup(self.sqlite.close)
        for name, limits in rows.ACCOUNTS.items():
            self.sqlite.execute(
                "insert into account (name, configured, limits) values (?, 1, ?)",
                (name, json.dumps(limits)),
            )
        limits = [{"account": name, "limits": limits} for name, limits in rows.ACCOUNTS.items()]
        self.run_sql("select configure(%s)", json.dumps(limits))

    def in_sqlite(self, view, row):
        """The refusal, or None."""
        try:
            self.sqlite.execute(insertion(view, row, "?"), tuple(row.values()))
        except (sqlite3.Error, OverflowError) as error:
            return plain(str(error))

    def in_postgresql(self, view, row):
        try:
            self.run_sql(insertion(view, row, "%s"), *row.values())
        except psycopg2.Error as error:
            return error.diag.message_primary
        except ValueError as error:
            return str(error)

    STORED = "select account, kind, lane, body, urgent, after_ms, expires_in_ms, outcome, reason, refused from ask"

    def test_good_asks(self):
        """Asks that the SQLite queue takes are taken and stored alike."""
        for row in rows.GOOD_ASKS:
            with self.subTest(short(row)):
                self.assertIsNone(self.in_sqlite("ask", row))
                self.assertIsNone(self.in_postgresql("ask", row))
                newest = " order by id desc limit 1"
                self.assertEqual(
                    self.run_sql(self.STORED + newest),
                    self.sqlite.execute(self.STORED + newest).fetchall(),
                )
                asked = "select asked_ms from ask" + newest
                self.assertLess(
                    abs(self.value(asked) - self.sqlite.execute(asked).fetchone()[0]), 60_000
                )

    def check_refusals(self, view, bad):
        for row in bad:
            with self.subTest(short(row)):
                sentence = self.in_sqlite(view, row)
                self.assertIsNotNone(sentence)
                self.assertEqual(self.in_postgresql(view, row), sentence)
                yield sentence

    def test_bad_asks(self):
        """Asks that break a rule are refused with the same sentence, and every sentence is reached."""
        self.check_reached("ask", list(self.check_refusals("ask", rows.BAD_ASKS)))
        self.assertEqual(self.value("select count(*) from asked"), 0)

    def test_bad_sightings(self):
        """Sightings that break a rule are refused with the same sentence, and every sentence is reached."""
        for number in range(16):
            for insert in (self.in_sqlite, self.in_postgresql):
                insert("sighting", {"token": "many", "key": f"k{number}"})
        self.check_reached("sighting", list(self.check_refusals("sighting", rows.BAD_SIGHTINGS)))

    def check_reached(self, view, told):
        elsewhere = [
            # After an insert; the sequence of PostgreSQL is not changed by hand without a broken primary key.
            "the queue's counter of ids was changed by hand",
            # Of an update: test_changes.
            "an ask cannot be changed",
        ]
        scripts = [
            sql
            for sql, in self.sqlite.execute(
                "select sql from sqlite_master where type = 'trigger' and tbl_name = ?", (view,)
            )
        ]
        sentences = {
            sentence.replace("''", "'")
            for sql in scripts
            for sentence in re.findall(
                r"(?:raise\(abort, |then (?:name \|\| )?)'((?:[^']|'')+)'", sql
            )
        }
        self.assertGreater(len(sentences), 10)
        for sentence in sorted(sentences):
            if not any(sentence.startswith(other) for other in elsewhere):
                self.assertTrue(any(sentence in one for one in told), f"no row reaches: {sentence}")

    def test_rows_no_engine_takes(self):
        """Rows that an engine itself refuses are refused by both: nulls, wrong types, zero bytes."""
        for view, bad in (
            ("ask", rows.BAD_FOR_THE_ENGINE),
            ("sighting", rows.BAD_SIGHTINGS_FOR_THE_ENGINE),
        ):
            for row in bad:
                with self.subTest(short(row)):
                    self.assertIsNotNone(self.in_sqlite(view, row))
                    self.assertIsNotNone(self.in_postgresql(view, row))

    def test_good_sightings(self):
        """Sightings become the same previews and keys."""
        for row in rows.GOOD_SIGHTINGS:
            with self.subTest(short(row)):
                self.assertIsNone(self.in_sqlite("sighting", row))
                self.assertIsNone(self.in_postgresql("sighting", row))
        for query in (
            "select * from previews order by account, token",
            "select * from keys order by account, key",
        ):
            self.assertEqual(self.run_sql(query), self.sqlite.execute(query).fetchall())
        self.assertEqual(self.run_sql("select * from sighting"), [])

    def test_changes(self):
        """An ask cannot be changed; writing every column back with the value it has is fine."""
        number = self.ask(after_ms=5)
        unchanged = "update ask set account = account, lane = lane, body = body, after_ms = 5, asked_ms = asked_ms"
        for column, value in (
            ("lane", "'u'"),
            ("body", "'{}'"),
            ("after_ms", "6"),
            ("expires_in_ms", "9"),
            ("urgent", "1"),
            ("account", "'b'"),
            ("kind", "'key'"),
            ("id", "9"),
            ("asked_ms", "1"),
        ):
            with self.refused(
                "23514",
                "an ask cannot be changed: delete it, which cancels it, and insert another one",
            ):
                self.run_sql(f"update ask set {column} = {value}")
        with self.refused("23514", "leave this column to the worker"):
            self.run_sql("update ask set outcome = 'delivered'")
        self.run_sql(unchanged)
        self.assertEqual(
            self.run_sql("select id, lane, after_ms, outcome from ask"), [(number, "t", 5, None)]
        )

    def test_deleting(self):
        """Deleting an ask cancels it and tells its holder; one that has ended stays as it ended."""
        run = self.run_of("default")
        first, second = self.ask(), self.ask()
        run.turn(ends=[{"asks": [first], "outcome": "delivered"}])
        self.run_sql("delete from ask where lane = 't'")
        self.assertEqual(
            self.run_sql("select id, outcome from ask order by id"),
            [(first, "delivered"), (second, "cancelled")],
        )
        self.assertEqual(self.run_sql("select what, ask_id from word"), [("cancel", second)])

    def test_own_transaction(self):
        """An ask belongs to the transaction that asked."""
        other = self.session()
        other.autocommit = False
        self.ask(on=other)
        other.rollback()
        self.assertEqual(self.value("select count(*) from ask"), 0)


class Views(Case):
    """What is public looks the same in both queues."""

    def test_columns(self):
        """Public views have the same columns in the same order."""
        sqlite = sqlite_queue()
        names = {
            name for name, in sqlite.execute("select name from sqlite_master where type = 'view'")
        } - {"clock"}
        page = (MIGRATIONS.parent / "Documentation" / "sql.md").read_text()
        documented = set(
            re.findall(
                r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", page.partition("## Look")[2], re.MULTILINE
            )
        )
        self.assertGreater(len(documented & names), 10)
        for name in sorted(names):
            with self.subTest(name):
                self.assertEqual(
                    [
                        column
                        for column, in self.run_sql(
                            "select column_name::text from information_schema.columns where table_schema = 'larkspur'"
                            " and table_name = %s order by ordinal_position",
                            name,
                        )
                    ],
                    [row[1] for row in sqlite.execute(f"pragma table_info({name})")],
                )
        sqlite.close()

    def test_public_columns_of_ask(self):
        """The documented columns of ask exist in both, and their defaults are equal."""
        page = (MIGRATIONS.parent / "Documentation" / "sql.md").read_text()
        section = page.partition("## Ask")[2].partition("### Cancel")[0]
        names = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        self.assertEqual(
            names,
            {
                "account",
                "kind",
                "lane",
                "body",
                "urgent",
                "after_ms",
                "expires_in_ms",
                "id",
                "outcome",
                "reason",
                "refused",
            },
        )
        sqlite = sqlite_queue()
        defaults = {row[1]: row[4] for row in sqlite.execute("pragma table_info(ask)")}
        sqlite.close()
        for name in names:
            default = self.value(
                "select split_part(column_default, '::', 1) from information_schema.columns"
                " where table_schema = 'larkspur' and table_name = 'ask' and column_name = %s",
                name,
            )
            self.assertEqual(default, defaults[name], name)

    def test_figures(self):
        """`stats` has the same figures."""
        sqlite = sqlite_queue()
        query = "select figure from stats"
        self.assertEqual(self.run_sql(query), sqlite.execute(query).fetchall())
        sqlite.close()

    def states(self):
        return {
            lane: row for lane, *row in self.run_sql("select lane, state, because, next from queue")
        }

    def test_states(self):
        """The state of a lane is derived from calls, notes, pauses and the account."""
        self.ask("unseen", account="free")
        run = self.run_of("default", "parked", "paused", "gone")
        self.ask("delayed", after_ms=600_000)
        self.ask("expired", asked_ms=0, expires_in_ms=1)
        for lane in ("ready", "flying", "slot", "failed"):
            self.ask(lane)
        self.ask("k", kind="key")
        self.ask("parked", account="parked")
        self.ask("paused", account="paused")
        self.ask("gone", account="gone")
        self.run_sql("select configure(%s)", json.dumps([{"account": "gone", "configured": 0}]))
        call = run.claim(lanes="slot other")
        run.claim(
            lanes="flying",
            answers=[{"id": call, "outcome": "delivered", "took_ms": 5}],
            accounts=[
                {
                    "account": "parked",
                    "parked": "credentials",
                    "parked_why": "wrong",
                    "probe_at": "2026-01-01",
                }
            ],
            budgets=[
                {
                    "account": "paused",
                    "api": "preview",
                    "paused_until": "2099-01-01",
                    "paused_why": "many",
                    "opening": {"paused": "2099-01-01"},
                }
            ],
            notes=[
                {
                    "account": "default",
                    "kind": "preview",
                    "lane": "failed",
                    "body": {
                        "attempts": 2,
                        "error": "no",
                        "waits_for": "backoff",
                        "ready_at": "2098-01-01",
                    },
                }
            ],
        )
        states = self.states()
        expected = {
            "unseen": ["new", "", "now"],
            "expired": ["expired", "", "never"],
            "ready": ["ready", "", "now"],
            "flying": ["in flight", "in_flight", "answer awaited"],
            "k": ["waiting", "previews", "with the last of its previews"],
            "parked": ["parked", "parked", "after: larkspur resume parked"],
            "paused": ["paused", "paused", "2099-01-01 00:00:00"],
            "gone": ["waiting", "unconfigured", "once the account is configured"],
            "failed": ["waiting", "backoff", "2098-01-01 00:00:00"],
        }
        self.assertEqual({lane: states[lane] for lane in expected}, expected)
        self.assertEqual(states["slot"][:2], ["waiting", "slot"])
        self.assertEqual(states["delayed"][:2], ["delayed", "delay"])
        self.assertEqual(
            self.run_sql("select lane from ready order by lane"), [("ready",), ("unseen",)]
        )
        self.assertEqual(
            self.run_sql("select call, kind, lane from in_flight"),
            [(f"{run.number}-2", "preview", "flying")],
        )
        self.assertEqual(
            self.run_sql("select lane, last_delivered is not null from idle"), [("other", True)]
        )
        self.assertEqual(
            self.run_sql("select attempts, last_error from queue where lane = 'failed'"),
            [(2, "no")],
        )
        self.assertEqual(
            self.run_sql("select outcome, lanes, carried, took_ms from recent_calls"),
            [("in flight", 1, "flying", None), ("delivered", 2, "slot other", 5)],
        )
        self.assertEqual(
            self.run_sql("select account, state, why, last_second from budgets"),
            [("paused", "paused", "many", 0)],
        )

    def test_audience(self):
        """The audience of a lane is the union of its asks, less what was reached already."""
        self.ask("some", '{"open_ids":["ou_1","ou_2"]}')
        second = self.ask("some", '{"open_ids":["ou_2","ou_3"]}')
        self.ask("all", '{"open_ids":["ou_1"]}')
        self.ask("all")
        audiences = "select lane, audience, asks from queue order by lane"
        self.assertEqual(self.run_sql(audiences), [("all", "everyone", 2), ("some", "3 people", 2)])
        self.run_of("default").turn(remainders=[{"ask": second, "still_wanted": '["ou_2"]'}])
        self.assertEqual(self.run_sql(audiences)[1], ("some", "2 people", 2))

    def test_dead(self):
        """Dead asks are one row for a lane, with the newest reason; a retry opens them and tells the holder."""
        run = self.run_of("default")
        numbers = [self.ask(), self.ask()]
        run.turn(ends=[{"asks": numbers[:1], "outcome": "dead", "reason": "first"}])
        run.turn(ends=[{"asks": numbers[1:], "outcome": "dead", "reason": "second"}])
        self.assertEqual(
            self.run_sql("select asks, reason, last_ask from dead"), [(2, "second", numbers[1])]
        )
        _, since = self.run_sql("select id, snapshot from hear(%s, null)", run.number)[0]
        self.assertEqual(self.value("select retry(%s)", numbers), 2)
        self.assertEqual(
            self.run_sql("select what, ask_id from hear(%s, %s)", run.number, since),
            [("retry", number) for number in numbers],
        )
        self.assertEqual(self.run_sql("select * from dead"), [])


class Fence(Case):
    """One account has one holder, and a run that is gone writes nothing."""

    def written(self):
        return self.run_sql(
            "select (select count(*) from call), (select count(*) from answer), (select count(*) from ended)"
        )[0]

    def test_gone(self):
        """A run that was declared gone can write nothing."""
        first, second = self.run_of("a"), self.run_of()
        number = self.ask(account="a")
        first.claim("a")
        self.assertEqual(second.take_over(first, "a"), {"a"})
        for attempt in (
            lambda: first.claim("a"),
            lambda: first.turn(answers=[{"id": 1, "outcome": "delivered"}]),
            lambda: first.turn(ends=[{"asks": [number], "outcome": "delivered"}]),
            first.look,
            lambda: first.take("b"),
            lambda: first.take_over(second, "a"),
        ):
            with self.refused("LK001", "was declared gone"):
                attempt()
        self.assertEqual(self.written(), (1, 0, 0))
        self.assertEqual(second.claim("a"), 1)

    def test_waiting_turn(self):
        """A turn that was sent before and waits for the fence writes nothing."""
        mine, theirs = self.session(), self.session()
        first, second = self.run_of("a", on=mine), self.run_of(on=theirs)
        theirs.autocommit = False
        second.take_over(first, "a")
        turn = self.in_background(lambda: first.claim("a"), mine)
        theirs.commit()
        with self.refused("LK001"):
            turn()
        self.assertEqual(self.written(), (0, 0, 0))

    def test_rollback(self):
        """If declaring it gone is rolled back, the turn that waited is written."""
        mine, theirs = self.session(), self.session()
        first, second = self.run_of("a", on=mine), self.run_of(on=theirs)
        theirs.autocommit = False
        second.take_over(first, "a")
        turn = self.in_background(lambda: first.claim("a"), mine)
        theirs.rollback()
        turn()
        self.assertEqual(self.written(), (1, 0, 0))
        self.assertEqual(self.value("select holder from account"), first.number)

    def test_under_way(self):
        """Declaring a run gone waits for its turn under way, and its heir finds what that wrote."""
        mine, theirs = self.session(), self.session()
        first, second = self.run_of("a", on=mine), self.run_of(on=theirs)
        mine.autocommit = False
        first.claim("a", "t u")
        taking = self.in_background(lambda: second.take_over(first, "a"), theirs)
        mine.commit()
        self.assertEqual(taking(), {"a"})
        self.assertEqual(
            self.run_sql("select run, id, lanes, answered from inherit('{a}', null)"),
            [(first.number, 1, "t u", None)],
        )

    def test_beat(self):
        """A run that has gone on since it was last seen is not declared gone."""
        first, second = self.run_of("a"), self.run_of()
        seen = first.beat
        first.turn()
        self.assertEqual(second.take_over(first, "a", beat=seen), set())
        first.turn()
        self.assertEqual(second.take_over(first, "a", beat=first.beat), {"a"})

    def test_each_other(self):
        """Of two runs that declare each other gone one wins."""
        for _ in range(10):
            self.run_sql("truncate run, account, call, note, budget, span")
            runs = [self.run_of(account, on=self.session()) for account in ("a", "b")]
            told = []
            barrier = threading.Barrier(2)

            def take(me, other, account):
                barrier.wait()
                try:
                    told.append(me.take_over(other, account))
                except psycopg2.Error as error:
                    told.append(error.pgcode)

            threads = [
                threading.Thread(target=take, args=(runs[0], runs[1], "b")),
                threading.Thread(target=take, args=(runs[1], runs[0], "a")),
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
            self.assertEqual(sorted(str(one) for one in told)[0], "LK001")
            self.assertEqual(self.value("select count(*) from run where gone"), 1)

    def test_twice(self):
        """A turn that arrives a second time is refused."""
        run = self.run_of("a")
        run.claim("a")
        run.beat -= 1
        with self.refused("LK003", "was written already"):
            run.claim("a")
        self.assertEqual(self.written(), (1, 0, 0))

    def test_claim_of_another(self):
        """A turn with a claim for an account that another run holds, or nobody, is refused whole."""
        first, second = self.run_of("a"), self.run_of("b")
        number = self.ask(account="a")
        for other in ("b", "c"):
            with self.refused("LK002"):
                first.turn(
                    claims=[
                        {"id": 1, "account": "a", "api": "preview"},
                        {"id": 2, "account": other, "api": "preview"},
                    ],
                    ends=[{"asks": [number], "outcome": "delivered"}],
                )
        self.assertEqual(self.written(), (0, 0, 0))
        second.claim("b")

    def test_one_holder(self):
        """Two runs that take the same accounts at the same time never hold one both."""
        names = [f"a{number}" for number in range(40)]
        for _ in range(5):
            self.run_sql("truncate run, account, call, note, budget, span")
            runs = [self.run_of(on=self.session()) for _ in range(4)]
            got = {}

            def take(run, seed):
                mixed = random.Random(seed).sample(names, len(names))
                got[run.number] = run.take(*mixed[:20]) | run.take(*mixed[20:])

            threads = [
                threading.Thread(target=take, args=(run, seed)) for seed, run in enumerate(runs)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
            self.assertEqual(sorted(name for some in got.values() for name in some), sorted(names))
            for number, some in got.items():
                held = {
                    name
                    for name, in self.run_sql("select name from account where holder = %s", number)
                }
                self.assertEqual(held, some)

    def test_letting_go(self):
        """A run lets go in its turn, or leaves in good order; then others may take."""
        first, second = self.run_of("a", "b", "c"), self.run_of()
        self.assertEqual(second.take("a", "b"), set())
        first.turn(lets_go=["a"])
        self.assertEqual(second.take("a", "b"), {"a"})
        with self.refused("LK002"):
            first.claim("a")
        first.claim("b")
        self.run_sql("select leave_queue(%s, %s)", first.number, first._next() + 1)
        self.assertEqual(
            self.run_sql("select name from account where holder is null order by name"),
            [("b",), ("c",)],
        )
        self.assertEqual(second.take("b", "c"), {"b", "c"})
        with self.refused("LK001"):
            first.turn()
        self.assertIn(("run", "ended"), self.run_sql("select what, reason from spans"))

    def test_inheritance(self):
        """An heir finds calls without an answer, and those answered since its oldest look."""
        first, second, third = self.run_of("a"), self.run_of(), self.run_of()
        one = first.claim("a", "t1")
        first.turn(answers=[{"id": one, "outcome": "delivered"}], settled=one)
        oldest = second.look()[2]
        two = first.claim("a", "t2")
        first.turn(answers=[{"id": two, "outcome": "delivered"}], settled=two)
        first.claim("a", "t3")
        second.take_over(first, "a")
        query = "select lanes, answered is not null from inherit('{a}', %s)"
        self.assertEqual(self.run_sql(query, oldest), [("t2", True), ("t3", False)])
        self.assertEqual(self.run_sql(query, None), [("t3", False)])
        # Its own heir finds them as well.
        second.claim("a", "t4")
        third.take_over(second, "a")
        self.assertEqual(self.run_sql(query, None), [("t3", False), ("t4", False)])
        third.turn(answers=[{"run": first.number, "id": 3, "outcome": "unknown"}])
        self.assertEqual(self.run_sql(query, None), [("t4", False)])

    def test_look(self):
        """A look shows who is here and what is committed, and a new run of the same boot finds it."""
        first, second = self.run_of(), self.run_of()
        newest, _, snapshot, runs, started = first.look(boot="b", boot_ms=5)
        self.assertEqual([run["id"] for run in runs], [first.number, second.number])
        self.assertEqual(newest, self.value("select last_value from ask_number"))
        self.assertEqual(
            self.run_sql("select boot_ms, snapshot from look where boot = 'b'"), [(5, snapshot)]
        )
        self.assertIsNotNone(started)
        asked = lambda: [run["asked"] for run in first.look(since=snapshot)[3]]
        second.take("a")
        self.ask(account="a")
        self.assertEqual(asked(), [False, False])
        second.look(asleep=True)
        self.assertEqual(asked(), [False, True])
        snapshot = first.look()[2]
        self.assertEqual(asked(), [False, False])
        with self.refused(sentence="use Larkspur's newer version"):
            self.value("select join_queue('old', 'boot', 4)")


class Pulling(Case):
    """Every ask reaches its holder once, in whatever order transactions are committed."""

    def test_late_commit(self):
        """An ask with a lower number that is committed later is pulled once."""
        run = self.run_of("default")
        slow = self.session()
        slow.autocommit = False
        lower = self.ask(on=slow)
        higher = self.ask()
        self.assertEqual(run.pull("default"), [higher])
        self.assertEqual(run.pull(), [])
        slow.commit()
        self.assertEqual(run.pull(), [lower])
        self.assertEqual(run.pull(), [])

    def test_rolled_back(self):
        """An ask that was rolled back is never pulled, also not to a savepoint."""
        run = self.run_of("default")
        run.pull("default")
        other = self.session()
        other.autocommit = False
        self.ask(on=other)
        self.run_sql("savepoint s", on=other)
        self.ask(on=other)
        self.run_sql("rollback to s", on=other)
        kept = self.ask(on=other)
        self.assertEqual(run.pull(), [])
        other.commit()
        self.assertEqual(run.pull(), [kept - 2, kept])

    def test_many(self):
        """Of eight sessions that commit late and roll back nothing is lost, and nothing comes twice."""
        run = self.run_of("default")
        kept, pulled, lock = [], run.pull("default"), threading.Lock()

        def work(seed):
            dice, connection = random.Random(seed), SERVER.connect()
            connection.autocommit = False
            for _ in range(40):
                numbers = [self.ask(on=connection) for _ in range(dice.randint(1, 3))]
                time.sleep(dice.random() * 0.01)
                if dice.random() < 0.2:
                    connection.rollback()
                    continue
                connection.commit()
                with lock:
                    kept.extend(numbers)
            connection.close()

        threads = [threading.Thread(target=work, args=(seed,), daemon=True) for seed in range(8)]
        for thread in threads:
            thread.start()
        inverted = 0
        while any(thread.is_alive() for thread in threads):
            new = run.pull()
            inverted += bool(new and pulled and min(new) < max(pulled))
            pulled += new
        pulled += run.pull()
        self.assertGreater(len(kept), 200)
        self.assertGreater(inverted, 0, "no ask was committed late; the test shows nothing")
        self.assertEqual(sorted(pulled), sorted(kept))

    def test_cost(self):
        """A pull that finds nothing reads a few pages, however many asks there are, also the twentieth time."""
        run = self.run_of(*[f"a{number}" for number in range(1000)])
        self.run_sql(
            "insert into asked select nextval('ask_number'), 'a' || number % 1000, 'preview', 't', '{}', 0, null, 0, 0,"
            " pg_current_xact_id() from generate_series(1, 30000) as number"
        )
        self.run_sql("insert into ended select id, 'delivered' from asked where id % 2 = 0")
        # With statistics a plan for any snapshot looks cheap that reads everything.
        self.run_sql("analyze asked, ended, account")
        run.pull()
        self.run_sql("prepare pull as select * from pull($1, $2)")
        for _ in range(20):
            plan = self.value(
                f"explain (analyze, buffers, format json) execute pull ({run.number}, '{run.since}')"
            )[0]["Plan"]
            pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        self.assertEqual(plan["Actual Rows"], 1)
        self.assertLess(pages, 200)

    def test_heir(self):
        """An heir pulls all open asks of what it took, and only what is new of the rest."""
        first, second = self.run_of("a"), self.run_of("b")
        old, ended = self.ask(account="a"), self.ask(account="a")
        self.assertEqual(first.pull("a"), [old, ended])
        first.turn(ends=[{"asks": [ended], "outcome": "delivered"}])
        known = self.ask(account="b")
        self.assertEqual(second.pull("b"), [known])
        new = [self.ask(account="b"), self.ask(account="a"), self.ask(account="c")]
        second.take_over(first, "a")
        self.assertEqual(second.pull("a"), [old, *new[:2]])
        self.assertEqual(second.pull(), [])

    def test_floor(self):
        """The bound of what an heir reads does not rise past an ask that is open or may still be committed."""
        run = self.run_of("default")
        slow = self.session()
        slow.autocommit = False
        late = self.ask(on=slow)
        newest, xact, *_ = run.look()
        self.assertGreaterEqual(newest, late)
        floor = [{"account": "default", "open_from": newest + 1, "as_of": xact}]
        run.turn(floors=floor)
        self.assertEqual(self.value("select open_from from account"), 0)
        slow.commit()
        run.turn(floors=floor)
        self.assertEqual(self.value("select open_from from account"), 0)
        run.turn(ends=[{"asks": [late], "outcome": "delivered"}], floors=floor)
        self.assertEqual(self.value("select open_from from account"), newest + 1)

    def test_retried_below_the_floor(self):
        """A dead ask that is opened again is among the asks an heir pulls, however old it is."""
        first, second = self.run_of("default"), self.run_of("other")
        dead = self.ask()
        first.turn(ends=[{"asks": [dead], "outcome": "dead", "reason": "refused"}])
        newest, xact, *_ = first.look()
        floor = [{"account": "default", "open_from": newest + 1, "as_of": xact}]
        first.turn(floors=floor)
        self.assertEqual(self.value("select open_from from account where name = 'default'"), newest + 1)
        self.assertEqual(self.value("select retry(%s)", [dead]), 1)
        # The holder has not heard of it yet.
        first.turn(floors=floor)
        second.take_over(first, "default")
        self.assertEqual(second.pull("default"), [dead])

    def test_retried_while_the_floor_rises(self):
        """The same, with the turn that raises the bound waiting for the one who retries."""
        first, second = self.run_of("default", on=self.session()), self.run_of("other")
        dead = self.ask()
        first.turn(ends=[{"asks": [dead], "outcome": "dead", "reason": "refused"}])
        newest, xact, *_ = first.look()
        slow = self.session()
        slow.autocommit = False
        self.run_sql("select retry(%s)", [dead], on=slow)
        rises = self.in_background(
            lambda: first.turn(floors=[{"account": "default", "open_from": newest + 1, "as_of": xact}]),
            first.on,
        )
        slow.commit()
        rises()
        second.take_over(first, "default")
        self.assertEqual(second.pull("default"), [dead])

    def test_number_after_transaction(self):
        """An ask takes its number after its transaction has one, which the bound rests on."""
        # Without that, most transactions take a number that is not logged and so does not give them one.
        source = self.value("select prosrc from pg_proc where proname = 'take_ask'")
        self.assertLess(source.index("pg_current_xact_id()"), source.index("nextval("))


class Waking(Case):
    """A notice costs every commit on the server, so only a holder that sleeps gets one."""

    def heard(self, connection, seconds):
        if select.select([connection], [], [], seconds)[0]:
            connection.poll()
        notices, connection.notifies[:] = list(connection.notifies), []
        return len(notices)

    def test_notices(self):
        """A notice arrives for a holder that sleeps, and for no other."""
        ear, run = self.session(), self.run_of("default")
        self.run_sql(f"listen larkspur_{run.number}", on=ear)
        self.ask()
        self.assertEqual(self.heard(ear, 0.2), 0)
        run.look(asleep=True)
        self.ask(account="another")
        self.assertEqual(self.heard(ear, 0.2), 0)
        self.ask()
        self.assertEqual(self.heard(ear, PATIENCE), 1)
        self.run_sql("delete from ask where lane = 't' and account = 'default'")
        self.assertEqual(self.heard(ear, PATIENCE), 1)
        run.turn()
        self.ask()
        self.assertEqual(self.heard(ear, 0.2), 0)


class Sightings(Case):
    def test_repeat(self):
        """A sighting that says nothing new writes no row and not a byte of the log."""
        seen = {"token": "t", "key": "k", "url": "https://x/1", "chat": "oc_1", "open_id": "ou_1"}
        less = {"token": "t", "key": "k"}
        tables = ("known_token", "known_key", "tag", "viewer")
        versions = lambda: [
            self.run_sql(f"select ctid::text, xmin::text, xmax::text from {name}")
            for name in tables
        ]
        self.see(**seen)
        before = versions()
        written = []
        # Another process of the server may write to the log in between, but not each time.
        for _ in range(5):
            position = self.value("select pg_current_wal_insert_lsn()")
            for _ in range(20):
                self.see(**seen)
                self.see(**less)
            written.append(self.value("select pg_current_wal_insert_lsn() - %s::pg_lsn", position))
        self.assertEqual(versions(), before)
        self.assertEqual(min(written), 0, written)

    def test_sixteenth(self):
        """Of two sessions that add the sixteenth key at the same time one is refused."""
        for number in range(15):
            self.see(token="t", key=f"k{number}")
        mine, theirs = self.session(), self.session()
        mine.autocommit = False
        self.see(on=mine, token="t", key="a")
        seeing = self.in_background(lambda: self.see(on=theirs, token="t", key="b"), theirs)
        mine.commit()
        with self.refused("23514", "has 16 keys already"):
            seeing()
        self.assertEqual(self.value("select count(*) from tag"), 16)

    def test_at_once(self):
        """Sessions that see the same for the first time make one preview, of sixteen keys at most."""
        refused = []

        def work(seed):
            connection = SERVER.connect()
            for number in range(6):
                try:
                    self.see(on=connection, token="t", key=f"k{seed}{number}", open_id="ou_1")
                except psycopg2.Error as error:
                    refused.append(error.diag.message_primary)
            connection.close()

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(self.run_sql("select token, viewers from previews"), [("t", 1)])
        self.assertEqual(self.value("select count(*) from tag"), 16)
        self.assertEqual(len(refused), 20)
        self.assertTrue(all("has 16 keys already" in one for one in refused), refused)


class Roles(Case):
    """Who asks sees no body; who looks writes nothing; who works changes no table."""

    DENIED = "42501"

    def test_asking(self):
        """The role that asks inserts, reads how asks ended, and neither sees bodies nor changes anything."""
        self.ask(body='{"open_ids":["ou_secret"]}')
        user = self.session("a_ask")
        number = self.ask(on=user)
        self.see(on=user, token="t", key="k", open_id="ou_1")
        self.run_of("default").turn(ends=[{"asks": [number], "outcome": "dead", "reason": "why"}])
        self.assertEqual(
            self.run_sql("select outcome, reason from ask where id = %s", number, on=user),
            [("dead", "why")],
        )
        for query in (
            "select body from ask",
            "select * from ask",
            "select body from asked",
            "select * from queue",
            "select * from previews",
            "select * from viewer",
            "select * from run",
            "update ask set lane = 'u'",
            "delete from ask",
            "insert into ended (ask_id, outcome) values (1, 'delivered')",
            "insert into asked values (1)",
            "select nextval('ask_number')",
            "select upkeep()",
            "select turn(1, 1, '{}')",
            "select retry('{1}')",
            "create table larkspur.x ()",
            "drop view larkspur.ask",
        ):
            with self.subTest(query), self.refused(self.DENIED):
                self.run_sql(query, on=user)

    def test_looking(self):
        """The role that looks reads all views and writes nothing."""
        self.ask()
        self.run_of("default")
        user = self.session("a_look")
        for view in (
            "queue",
            "ready",
            "in_flight",
            "dead",
            "idle",
            "recent_calls",
            "budgets",
            "spans",
            "latency",
            "stats",
            "previews",
            "keys",
            "ask",
            "sighting",
        ):
            with self.subTest(view):
                self.run_sql(f"select * from {view}", on=user)
        for query in (
            "insert into ask (lane, body) values ('t', '{}')",
            "insert into sighting (token, key) values ('t', 'k')",
            "delete from ask",
            "update account set holder = null",
            "select * from viewer",
            "select upkeep()",
            "select * from take(1, 1, '{a}')",
            "select join_queue('x', 'b', 5)",
            "create table larkspur.x ()",
        ):
            with self.subTest(query), self.refused(self.DENIED):
                self.run_sql(query, on=user)

    def test_working(self):
        """The role that works does all that the protocol needs, and changes no table or ask."""
        user = self.session("a_work")
        run, other = self.run_of("default", "b", on=user), self.run_of(on=user)
        numbers = [self.ask(on=user) for _ in range(2)]
        self.see(on=user, token="t", key="k")
        self.assertEqual(run.pull("default"), numbers)
        run.look(asleep=True, boot="b", boot_ms=1)
        call = run.claim(
            ends=[{"asks": numbers[:1], "outcome": "dead", "reason": "x"}],
            remainders=[{"ask": numbers[1], "still_wanted": "[]"}],
            notes=[{"account": "default", "kind": "preview", "lane": "t", "body": {"attempts": 1}}],
            budgets=[{"account": "default", "api": "preview"}],
            accounts=[{"account": "b", "refusals": 1}],
            spans=[{"account": "b", "what": "parking", "reason": "credentials"}],
        )
        run.turn(
            answers=[{"id": call, "outcome": "delivered"}],
            notes=[{"account": "default", "kind": "preview", "lane": "t"}],
            spans=[{"account": "b", "what": "parking"}],
            budgets=[{"account": "default", "api": "preview", "month": 3}],
        )
        self.assertEqual(self.run_sql("select body from note"), [])
        self.assertEqual(self.run_sql("select month from budget"), [(3,)])
        self.assertEqual(
            self.run_sql("select count(*) from span where ended_at is not null"), [(1,)]
        )
        self.run_sql("select configure(%s)", json.dumps([{"account": "b"}]), on=user)
        self.assertEqual(self.value("select retry(%s)", numbers, on=user), 1)
        self.run_sql("delete from ask where id = %s", numbers[1], on=user)
        other.take_over(run, "default", "b")
        self.run_sql("select * from inherit('{default}', null)", on=user)
        self.run_sql("select * from hear(%s, null)", other.number, on=user)
        self.run_sql("select upkeep()", on=user)
        self.run_sql("select leave_queue(%s, %s)", other.number, other._next() + 1, on=user)
        for query in (
            "update asked set lane = 'u'",
            "insert into asked values (1)",
            "delete from asked",
            "truncate call",
            "delete from call",
            "drop table call",
            "create table larkspur.x ()",
            "alter table ended add x int",
            "insert into schema_version values (9, 9)",
        ):
            with self.subTest(query), self.refused(self.DENIED):
                self.run_sql(query, on=user)

    def test_again(self):
        """The roles may be applied again, and take back what was granted by hand."""
        self.run_sql("grant select on viewer to larkspur_ask")
        self.run_sql((MIGRATIONS / "postgresql" / "roles.sql").read_text())
        with self.refused(self.DENIED):
            self.run_sql("select * from viewer", on=self.session("a_ask"))


class Upkeep(Case):
    def test_insert_only(self):
        """After 200 turns dead rows are only in run and budget."""
        SERVER.create_queue("counted")
        self.db = SERVER.connect(database="counted")
        run = self.run_of("default")
        for number in range(200):
            asks = [self.ask(f"t{number}") for _ in range(2)]
            call = run.claim(
                lanes=f"t{number}",
                budgets=[{"account": "default", "api": "preview", "month_calls": number}],
            )
            run.turn(
                answers=[{"id": call, "outcome": "delivered"}],
                ends=[{"asks": asks, "outcome": "delivered", "call": call}],
                settled=call,
            )
        # Statistics are sent when a session ends.
        self.db.close()
        self.db = SERVER.connect(database="counted")
        self.addCleanup(self.db.close)
        updated = "select n_tup_upd from pg_stat_user_tables where relname = 'run'"
        self.wait(lambda: self.value(updated) >= 400)
        # One is left in account, by the run that took it.
        query = (
            "select relname, n_dead_tup from pg_stat_user_tables where n_dead_tup > 1 order by 1"
        )
        self.assertLessEqual({name for name, _ in self.run_sql(query)}, {"run", "budget"})
        # All of them on the page of the row, where the next update finds room.
        self.assertEqual(
            self.run_sql(
                "select n_tup_upd = n_tup_hot_upd from pg_stat_user_tables where relname = 'run'"
            ),
            [(True,)],
        )

    def partitions(self, table):
        return {
            name
            for name, in self.run_sql(
                "select relname::text from pg_class where relispartition and relkind = 'r' and relname ~ %s",
                f"^{table}_",
            )
        }

    def test_partitions(self):
        """Partitions are made ahead of time and dropped once everything in them is over."""
        SERVER.create_queue("upkeep")
        self.db = SERVER.connect(database="upkeep")
        self.addCleanup(self.db.close)
        self.assertEqual(self.partitions("asked"), {"asked_0", "asked_1", "asked_rest"})
        self.assertEqual(len(self.partitions("call")), 4)
        self.assertEqual(len(self.partitions("answer")), 4)
        run = self.run_of("default")
        numbers = [self.ask(account="default") for _ in range(3)]
        self.run_sql(
            "create table call_20200101 partition of call for values from ('2020-01-01') to ('2020-01-02')"
        )
        self.run_sql("select setval('ask_number', 25000000)")
        done = lambda: {what for what, in self.run_sql("select upkeep()")}
        self.assertEqual(
            done(),
            {"created asked_2", "created asked_3", "dropped asked_1", "dropped call_20200101"},
        )
        run.turn(
            ends=[
                {"asks": numbers[:2], "outcome": "delivered"},
                {"asks": numbers[2:], "outcome": "dead", "reason": "x"},
            ]
        )
        self.run_sql("update ended set ended_at = ended_at - interval '8 days'")
        self.assertEqual(done(), set())
        self.run_sql("update ended set outcome = 'cancelled'")
        self.assertEqual(done(), {"dropped asked_0"})
        self.assertEqual(run.pull("default"), [])
        self.assertEqual(self.value("select count(*) from ask"), 0)

    def test_missing_partition(self):
        """An ask is taken also where no partition was made for it."""
        SERVER.create_queue("late")
        self.db = SERVER.connect(database="late")
        self.addCleanup(self.db.close)
        self.run_sql("select setval('ask_number', 95000000)")
        self.ask()
        self.run_sql("select upkeep()")
        self.assertEqual(
            self.partitions("asked"),
            {"asked_0", "asked_1", "asked_10", "asked_rest"} - {"asked_0", "asked_1"},
        )
        self.ask()
        self.assertEqual(self.value("select count(*) from asked_rest"), 2)

    def test_versions(self):
        """Every file has its row, and works with itself."""
        files = len(list((MIGRATIONS / "postgresql").glob("0*.sql")))
        self.assertEqual(
            self.run_sql("select version from schema_version order by 1"),
            [(n + 1,) for n in range(files)],
        )


class Pooled(Case):
    """Behind PgBouncer, which gives every transaction another session."""

    def test_pooled(self):
        """The protocol works through a pooler in transaction mode."""
        program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
        if not program:
            self.assertNotIn("CI", os.environ, "pgbouncer is not installed")
            self.skipTest("pgbouncer is not installed; run: scripts/setup --tests")
        home = tempfile.mkdtemp(prefix="larkspur-pool-", dir="/tmp")
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        os.chmod(home, 0o777)
        pathlib.Path(home, "users").write_text(f'"{OWNER}" ""\n')
        pathlib.Path(home, "ini").write_text(
            f"[databases]\nlarkspur = host={SERVER.home}\n[pgbouncer]\npool_mode = transaction\nauth_type = trust\n"
            f"auth_file = {home}/users\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = {home}\n"
            f"ignore_startup_parameters = options,statement_timeout\ndefault_pool_size = 2\n"
        )
        with open(os.path.join(home, "log"), "wb") as log:
            process = subprocess.Popen(
                [program, os.path.join(home, "ini")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **SERVER._user,
            )
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)

        def connect():
            connection = psycopg2.connect(host=home, port=6432, dbname="larkspur", user=OWNER)
            connection.autocommit = True
            self.addCleanup(connection.close)
            return connection

        self.wait(lambda: os.path.exists(os.path.join(home, ".s.PGSQL.6432")))
        self.run_sql(f"alter role {OWNER} set search_path = larkspur")
        sessions = [connect() for _ in range(4)]
        runs = [self.run_of(f"a{number}", on=on) for number, on in enumerate(sessions)]
        for number, run in enumerate(runs):
            run.pull(f"a{number}")
        asked = [self.ask(account=f"a{number}", on=sessions[-number]) for number in range(4)]
        for number, run in enumerate(runs):
            self.assertEqual(run.pull(), [asked[number]])
            run.claim(f"a{number}")
        self.assertEqual(runs[1].take_over(runs[0], "a0"), {"a0"})
        with self.refused("LK001"):
            runs[0].claim("a0")


CLASSES = ["Rows", "Views", "Fence", "Pulling", "Waking", "Sightings", "Roles", "Upkeep", "Pooled"]


def main(*names):
    begun = time.monotonic()
    module = sys.modules["__main__"]
    # As one suite, so that all share one server.
    suite = unittest.defaultTestLoader.loadTestsFromNames(names or CLASSES, module)
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Sentences, verbosity=0)
    result = runner.run(suite)
    for _, reason in result.skipped:
        print(reason)
    print(f"\n{result.testsRun} tests of the shared queue, {time.monotonic() - begun:.0f} s")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
