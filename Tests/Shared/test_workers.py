"""Several workers on one queue, as an independent server sees them."""

import json
import os
import random
import signal
import statistics
import subprocess
import time

from case import Shared
from proxy import Proxy
from workers import PROGRAMS, Crowd, WorkersCase


SOON = 6
"""Seconds for what takes less than two on a machine that does nothing else."""


class Workers(WorkersCase):
    """Several workers on one queue."""

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("LARKSPUR_SEED") or random.randrange(1 << 32))
        self.dice = random.Random(seed)
        self.note = f"seed {seed}"

    def settle(self, crowd, patience=60):
        asked = crowd.stop()
        self.wait_until(lambda: self.open_asks() == 0, patience, f"asks are left; {self.note}")
        return asked


class Together(Workers):
    """Workers share the accounts of one queue."""

    def test_shares(self):
        """Each account has one worker, and all workers have some."""
        for _ in range(3):
            self.worker()
        self.wait_for_holders(3)
        crowd = Crowd(self, self.dice)
        time.sleep(6)
        self.judge(self.settle(crowd))

    def test_leaving(self):
        """A worker that is stopped leaves its accounts at once, and no call of it is in doubt."""
        workers = [self.worker() for _ in range(2)]
        self.wait_for_holders(2)
        crowd = Crowd(self, self.dice)
        time.sleep(2)
        self.assertEqual(workers[0].stop(), 0, workers[0].text())
        stopped = time.monotonic()
        self.wait_for_holders(1)
        self.assertLess(time.monotonic() - stopped, SOON)
        self.judge(self.settle(crowd))
        self.assertEqual(self.value("select count(*) from answer where outcome = 'unknown'"), 0)

    def test_joining(self):
        """A worker that joins gets its share, and nothing is told twice because of it."""
        self.worker()
        self.wait_for_holders(1)
        crowd = Crowd(self, self.dice)
        time.sleep(2)
        self.worker()
        self.wait_for_holders(2)
        time.sleep(2)
        self.judge(self.settle(crowd))
        self.assertEqual(self.value("select count(*) from answer where outcome = 'unknown'"), 0)

    def test_first_window(self):
        """A worker that knows nothing of what was sent before waits as if all of it had just been sent."""
        asked = []
        self.worker()
        self.wait_for_holders(1)
        for name in self.names:
            asked.append((name, "t", time.monotonic()))
            self.ask("t", account=name)
        action = '{"action":"partial_update_element","params":{"element_id":"a","partial_element":{"content":"0"}}}'
        self.ask("7355439197428236201", kind="card", account="a0", body=f'{{"actions":[{action}]}}')
        self.crowd_cards["a0", "7355439197428236201"].append("0")
        asked.append(("a0", None, None))
        self.wait_until(lambda: self.open_asks() == 0)
        # As if it had been another machine's: nothing it has seen helps the next one.
        for worker in self.started:
            worker.kill()
        self.run_sql("truncate look")
        self.worker()
        for name in self.names:
            asked.append((name, "t", time.monotonic()))
            self.ask("t", account=name)
        self.wait_until(lambda: self.open_asks() == 0)
        # Cards have a limit for a minute, of which five seconds say too little; where none was sent, nothing is unknown.
        self.assertEqual(
            self.run_sql(
                "select account, api from budgets where why like 'what other workers%%'"
            ),
            [("a0", "card")],
        )
        self.judge(asked)

    def test_keys(self):
        """An ask by key or URL refreshes the previews that were seen, on whichever machine it is worked."""
        self.worker()
        self.worker()
        self.wait_for_holders(2)
        for number, name in enumerate(self.names):
            for token in ("x", "y"):
                self.see(account=name, token=token, key=f"k{number}", url="https://x/1", open_id="ou_1")
            self.see(account=name, token="other", key="else", open_id="ou_2")
        for number, name in enumerate(self.names):
            self.ask(f"k{number}", kind="key", account=name, body='{"viewers":true}')
        self.wait_until(lambda: self.open_asks() == 0)
        calls = {(app, tuple(sorted(tokens)), tuple(who or ())) for _, app, tokens, who in self.feishu.calls}
        self.assertEqual(calls, {(name, ("x", "y"), ("ou_1",)) for name in self.names})
        # Another one is seen, and one belongs to another key from now on.
        self.see(account="a0", token="z", key="k0", url="https://x/1", open_id="ou_3")
        self.ask("https://x/1", kind="url", account="a0")
        self.wait_until(lambda: self.open_asks() == 0)
        told = self.feishu.told()
        self.assertEqual([len(told["a0", token]) for token in "xyz"], [2, 2, 1])
        self.assertEqual(self.feishu.broken(), [])
        self.assertEqual({one for one, in self.run_sql("select outcome from ended")}, {"delivered"})

    def larkspur(self, *words):
        done = subprocess.run(
            [PROGRAMS / "larkspur", *words, "--db", self.address],
            capture_output=True,
            text=True,
            timeout=30,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_words(self):
        """What a person cancels, retries and resumes is heard by the worker that has it."""
        self.worker()
        self.wait_for_holders(1)
        # A token that the server refuses is dead, and can be tried again.
        self.feishu.refused.add("bad")
        self.ask("bad", account="a0")
        self.wait_until(lambda: self.run_sql("select outcome from ended") == [("dead",)])
        self.feishu.refused.clear()
        self.assertIn("requeued 1 dead ask", self.larkspur("retry", "bad"))
        self.wait_until(lambda: self.run_sql("select outcome from ended") == [("delivered",)], 10)
        # One that waits is never sent once it is cancelled.
        self.ask("later", account="a1", after_ms=3_000)
        time.sleep(1)
        self.assertIn("cancelled 1 ask", self.larkspur("cancel", "later"))
        # An account with a wrong secret is parked until somebody says that it is right.
        self.feishu.wrong.add("a2")
        self.ask("t", account="a2")
        parked = "select parked from account where name = 'a2'"
        self.wait_until(lambda: self.value(parked) == "credentials")
        self.feishu.wrong.clear()
        self.assertIn("resumed account 'a2'", self.larkspur("resume", "a2"))
        self.wait_until(lambda: self.open_asks() == 0, 10)
        self.assertIsNone(self.value(parked))
        time.sleep(2.5)
        self.assertNotIn(("a1", "later"), self.feishu.told())
        self.assertEqual(self.feishu.broken(), [])

    def test_zero_characters(self):
        """PostgreSQL stores no zero character: Feishu's messages that have one, and text that looks like one, do no harm."""
        self.worker()
        self.wait_for_holders(1)
        contents = ["\\u0000", "a\\\\u0000b"]
        for content in contents:
            action = {
                "action": "partial_update_element",
                "params": {"element_id": "a", "partial_element": {"content": content}},
            }
            self.ask(
                "7355439197428236201", kind="card", account="a0", body=json.dumps({"actions": [action]})
            )
        self.feishu.refused.add("bad")
        self.ask("bad", account="a0")
        self.wait_until(lambda: self.open_asks() == 0)
        self.assertEqual(self.feishu.cards["a0", "7355439197428236201"].contents, contents)
        self.assertEqual(self.feishu.broken(), [])
        self.assertEqual(self.value("select count(*) from run"), 1)
        self.assertEqual(
            sorted(outcome for outcome, in self.run_sql("select outcome from ended")),
            ["dead", "delivered", "delivered"],
        )

    def test_cron(self):
        """A run that is to end when nothing is left delivers what there is."""
        asked = []
        for name in self.names:
            asked.append((name, "t", time.monotonic()))
            self.ask("t", account=name)
        worker = self.worker("--until-empty")
        self.assertEqual(worker.process.wait(30), 0, worker.text())
        self.judge(asked)
        # However short the run was: a quota of the month is kept by this.
        counted = self.value("select sum(this_month) from budgets where api = 'preview'")
        self.assertEqual(counted, len(self.feishu.calls))

    def test_handed_over(self):
        """What one worker has called counts for the month at the next one, however soon that takes over."""
        self.worker()
        self.wait_for_holders(1)
        for name in self.names:
            self.ask("t", account=name)
        self.wait_until(lambda: self.open_asks() == 0)
        self.worker()
        self.wait_for_holders(2)
        for name in self.names:
            self.ask("u", account=name)
        self.wait_until(lambda: self.open_asks() == 0)
        for worker in self.started:
            self.assertEqual(worker.stop(), 0, worker.text())
        counted = self.value("select sum(this_month) from budgets where api = 'preview'")
        self.assertEqual(counted, len(self.feishu.calls))

    def test_pooled(self):
        """Behind PgBouncer in transaction mode a worker does without notifications, and all else is the same."""
        home = self.pooler("a_work")
        for _ in range(2):
            self.worker(address=f"postgresql://a_work@/larkspur?host={home}&port=6432")
        self.wait_for_holders(2)
        asked, waits = [], []
        for number in range(5):
            # Both sleep by then, and look every two seconds.
            time.sleep(self.dice.uniform(2, 4))
            asked.append(("a0", f"t{number}", time.monotonic()))
            self.ask(f"t{number}", account="a0")
            self.wait_until(lambda: self.open_asks() == 0)
            waits.append(time.monotonic() - asked[-1][2])
        self.assertLess(statistics.median(waits), 0.8)
        crowd = Crowd(self, self.dice)
        time.sleep(2)
        self.judge(asked + self.settle(crowd))


class Dying(Workers):
    """Workers that are killed, stopped or cut off."""

    def test_killed(self):
        """The accounts of a worker that is killed have another one within two seconds."""
        workers = [self.worker() for _ in range(3)]
        self.wait_for_holders(3)
        crowd = Crowd(self, self.dice)
        time.sleep(7)
        workers[0].kill()
        killed = time.monotonic()
        self.wait_for_holders(2)
        self.assertLess(time.monotonic() - killed, SOON)
        self.judge(self.settle(crowd))

    def test_stopped(self):
        """A worker that is stopped for some seconds has lost its accounts, and begins again when it wakes up."""
        workers = [self.worker() for _ in range(2)]
        self.wait_for_holders(2)
        crowd = Crowd(self, self.dice)
        time.sleep(7)
        workers[0].send(signal.SIGSTOP)
        stopped = time.monotonic()
        self.wait_for_holders(1)
        self.assertLess(time.monotonic() - stopped, SOON)
        time.sleep(4)
        workers[0].send(signal.SIGCONT)
        self.wait_for_holders(2)
        self.judge(self.settle(crowd))

    def test_server_gone(self):
        """While the server cannot be reached nothing is sent; afterwards all goes on."""
        workers = [self.worker() for _ in range(2)]
        self.wait_for_holders(2)
        asked = []
        for name in self.names:
            self.ask("t", account=name)
            asked.append((name, "t", time.monotonic() - 1))
        self.wait_until(lambda: self.open_asks() == 0)
        self.run_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'larkspur'"
        )
        for name in self.names:
            asked.append((name, "u", time.monotonic()))
            self.ask("u", account=name)
        self.wait_until(lambda: self.open_asks() == 0)
        self.judge(asked)
        for worker in workers:
            self.assertEqual(worker.stop(), 0, worker.text())

    def cut_off(self, *directions):
        """A worker whose way to PostgreSQL falls silent for some seconds."""
        proxy = Proxy(Shared.server.home)
        self.addCleanup(proxy.stop)
        self.worker(address=f"postgresql://a_work@127.0.0.1:{proxy.port}/larkspur")
        self.worker()
        self.wait_for_holders(2)
        crowd = Crowd(self, self.dice)
        time.sleep(6)
        proxy.silence(*directions)
        silent = time.monotonic()
        self.wait_for_holders(1)
        self.assertLess(time.monotonic() - silent, SOON)
        time.sleep(5)
        proxy.restore()
        self.wait_for_holders(2)
        self.judge(self.settle(crowd))

    def test_cut_off(self):
        """A worker that PostgreSQL does not hear, and that does not hear it, loses its accounts and breaks nothing."""
        self.cut_off()

    def test_unacknowledged(self):
        """Turns that are written, but whose acknowledgement never arrives, send nothing."""
        self.cut_off("down")

    def test_one_after_another(self):
        """Workers are killed, stopped and started at random, and nothing is early, lost or too much."""
        workers = [self.worker() for _ in range(3)]
        self.wait_for_holders(3)
        crowd = Crowd(self, self.dice)
        end = time.monotonic() + float(os.environ.get("LARKSPUR_SECONDS") or 15)
        while time.monotonic() < end:
            time.sleep(self.dice.uniform(0.2, 3))
            place = self.dice.randrange(3)
            if self.dice.random() < 0.5:
                workers[place].kill()
                time.sleep(self.dice.uniform(0, 2))
                workers[place] = self.worker()
            else:
                workers[place].send(signal.SIGSTOP)
                time.sleep(self.dice.uniform(0.2, 4))
                workers[place].send(signal.SIGCONT)
        self.judge(self.settle(crowd, 90))


class Restarting(Workers):
    """A server that is started again. It has looked on for no time, and so has every worker."""

    def test_server_restarted(self):
        """After a restart of the server, which may be another one, workers begin again and break nothing."""
        for _ in range(2):
            self.worker()
        self.wait_for_holders(2)
        crowd = Crowd(self, self.dice)
        time.sleep(3)
        asked = self.settle(crowd)
        before = self.value("select max(id) from run")
        self.db.close()
        Shared.server.restart()
        self.db = self.session()
        # Cards wait for a minute now: 1,000 calls a minute are allowed, and nobody knows what was sent in the last one.
        crowd = Crowd(self, self.dice, cards=0)
        self.wait_until(lambda: self.value("select min(id) from run where not gone") > before)
        self.wait_for_holders(2)
        time.sleep(2)
        self.judge(asked + self.settle(crowd))
