"""The views, beside those of the SQLite queue."""

import datetime
import json
import re
import time

from case import Case
from server import MIGRATIONS
from test_rows import sqlite_queue


def until(year):
    """Milliseconds, less half a second, for views round the end of a wait up."""
    begin = datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc)
    return int(begin.timestamp() * 1000 - time.time() * 1000) - 500


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
        self.configure("gone", configured=0)
        call = run.claim(lanes="slot other")
        run.claim(
            lanes="flying",
            answers=[{"id": call, "outcome": "delivered", "took_ms": 5}],
            accounts=[
                {
                    "account": "parked",
                    "parked": "credentials",
                    "parked_why": "wrong",
                    "probe_ms": 0,
                }
            ],
            budgets=[
                {
                    "account": "paused",
                    "api": "preview",
                    "paused_ms": until(2099),
                    "paused_why": "many",
                    "opening": {"paused": until(2099)},
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
                        "ready_ms": until(2098),
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
