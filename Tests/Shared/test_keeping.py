"""Roles, partitions and versions."""

import json

from case import Case, Shared
from server import MIGRATIONS


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
            accounts=[{"account": "b", "refusals": 1, "configured": 1, "limits": {"viewers_most": 5}}],
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
        self.assertEqual(
            self.run_sql("select configured, limits from account where name = 'b'"), [(1, {"viewers_most": 5})]
        )
        self.assertEqual(self.value("select retry(%s)", numbers, on=user), 1)
        self.run_sql("delete from ask where id = %s", numbers[1], on=user)
        other.take_over(run, "default", "b")
        self.run_sql("select * from inherit('{default}', null)", on=user)
        self.run_sql("select * from hear(%s, null)", other.number, on=user)
        self.run_sql("select upkeep()", on=user)
        self.run_sql("select forget_unseen()", on=user)
        for function in ("forget_token", "forget_key", "forget_viewer"):
            self.run_sql(f"select * from {function}('x', null)", on=user)
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
        Shared.server.create_queue("counted")
        self.db = Shared.server.connect(database="counted")
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
        self.db = Shared.server.connect(database="counted")
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
        Shared.server.create_queue("upkeep")
        self.db = Shared.server.connect(database="upkeep")
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
        Shared.server.create_queue("late")
        self.db = Shared.server.connect(database="late")
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
