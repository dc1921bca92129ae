"""Asks and sightings, good and malformed, in both queues."""

import json
import re
import sqlite3

import psycopg2

import rows
from case import Case, insertion
from server import MIGRATIONS


def sqlite_queue():
    """An empty SQLite queue, from the same scripts as `larkspur init`."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    for path in sorted(MIGRATIONS.glob("0*.sql")):
        db.executescript(path.read_text())
    return db


def plain(message):
    """The sentence of a refusal. SQLite puts words of its own around what is wrong with a card's action."""
    wrapped = re.fullmatch(r"(?:JSON path error near|bad JSON path:) '(.*)'", message, re.DOTALL)
    return wrapped[1].replace("''", "'") if wrapped else message


def short(row):
    text = repr(row)
    return text if len(text) < 200 else f"{text[:120]} … {text[-60:]}"


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
            self.configure(name, limits=limits)

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
