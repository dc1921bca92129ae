"""Who may write, and what a worker is brought."""

import random
import select
import threading
import time

import psycopg2

from case import Case, Shared
from server import OWNER, PATIENCE


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

    def test_lost_session(self):
        """A look tells whose session has ended, of those who say that it is their own."""
        theirs = self.session("a_work")
        first, own, pooled = self.run_of(), self.run_of(on=theirs), self.run_of()
        own.look(direct=True)
        pooled.look()
        lost = lambda: {run["id"]: run["lost"] for run in first.look(direct=True)[3]}
        self.assertEqual(lost(), {first.number: False, own.number: False, pooled.number: False})
        theirs.close()
        self.wait(lambda: lost()[own.number])
        again = self.session("a_work")
        own.on = again
        own.look(direct=True)
        self.assertEqual(lost(), {first.number: False, own.number: False, pooled.number: False})

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
            dice, connection = random.Random(seed), Shared.server.connect()
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

    def test_last_turn(self):
        """A run whose connection broke learns which turn was written, however often its question gets lost."""
        run = self.run_of("a")
        run.claim("a")
        written = run.beat
        self.assertEqual(self.value("select last_turn(%s, %s)", run.number, written + 2), written)
        # The reply was lost. The next one must not take the first question for a turn.
        self.assertEqual(self.value("select last_turn(%s, %s)", run.number, written + 3), written)
        # The turn that was on its way all the time is not written any more.
        run.beat = written
        with self.refused("LK003"):
            run.claim("a")

    def test_last_turn_of_one_that_is_gone(self):
        """A run that was declared gone is not told anything else."""
        run, heir = self.run_of("a"), self.run_of()
        self.run_sql(
            "select take_over(%s, 1, %s, null, '{a}')", heir.number, run.number
        )
        self.assertIsNone(self.value("select last_turn(%s, 9)", run.number))

    def test_answered_twice(self):
        """Two heirs may have given a lost call an end at once; the next one can inherit all the same."""
        dead = self.run_of("a")
        dead.claim("a")
        for _ in range(2):
            self.run_sql(
                "insert into answer (run, id, outcome) values (%s, 1, 'unknown')", dead.number
            )
        self.assertEqual(self.run_sql("select id from inherit('{a}', null)"), [])

    def test_unknown_once(self):
        """What an heir says of a lost call that has an answer already is left out."""
        dead = self.run_of("a")
        call = dead.claim("a")
        heir = self.run_of()
        for _ in range(2):
            heir.turn(answers=[{"run": dead.number, "id": call, "outcome": "unknown"}])
        self.assertEqual(self.value("select count(*) from answer"), 1)

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


class Pooled(Case):
    """Behind PgBouncer, which gives every transaction another session."""

    def test_pooled(self):
        """The protocol works through a pooler in transaction mode."""
        home = self.pooler(OWNER)

        def connect():
            connection = psycopg2.connect(host=home, port=6432, dbname="larkspur", user=OWNER)
            connection.autocommit = True
            self.addCleanup(connection.close)
            return connection

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
