"""What larkspur shows of a shared queue."""

import json
import re

from commands import CommandCase


class Looking(CommandCase):
    """status and list, as a user who may only look."""

    def look(self, *words, code=0, **variables):
        done = self.larkspur(*words, "--db", self.address("a_look"), **variables)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def json(self, *words, code=0):
        return [json.loads(line) for line in self.look(*words, "--json", code=code).stdout.splitlines()]

    def test_empty(self):
        """An empty queue without a worker is told in words."""
        done = self.look("list")
        self.assertEqual((done.stdout, done.stderr), ("", "larkspur: nothing pending\n"))
        text = self.look("status").stdout
        self.assertIn("workers  no worker is running; start one with 'larkspur work'", text)
        self.assertIn("oldest   nothing pending", text)

    def test_list(self):
        """It lists what waits, and says if nobody works."""
        self.ask("one", account="acme", after_ms=600_000)
        self.ask("two")
        done = self.look("list")
        self.assertRegex(done.stdout, r"(?m)^ACCOUNT +LANE +STATE +AUDIENCE +ASKS +SINCE +NEXT +BECAUSE$")
        self.assertRegex(done.stdout, r"(?m)^acme +one +delayed +everyone +1 ")
        self.assertRegex(done.stdout, r"(?m)^default +two +new +everyone +1 ")
        self.assertIn("no worker is running", done.stderr)
        run = self.run_of("default")
        self.assertEqual(self.look("list").stderr, "")
        self.assertEqual([row["lane"] for row in self.json("list", "--account", "acme")], ["one"])
        self.assertEqual([row["lane"] for row in self.json("list", "two")], ["two"])
        self.assertEqual([row["lane"] for row in self.json("list", "--state", "ready")], ["two"])
        self.assertEqual([row["lane"] for row in self.json("list", "--limit", "1")], ["one"])
        self.assertEqual(self.json("list", "--kind", "card"), [])
        run.claim(lanes="two", api="preview")
        [row] = self.json("list", "--state", "in-flight")
        self.assertEqual((row["lane"], row["next_at"], row["urgent"]), ("two", None, False))

    def test_list_since(self):
        """--since leaves out what was asked for before."""
        now_ms = self.value("select floor(extract(epoch from clock_timestamp()) * 1000)::bigint")
        self.ask("old", asked_ms=now_ms - 3_600_000)
        self.ask("new")
        self.assertEqual([row["lane"] for row in self.json("list", "--since", "5m")], ["new"])
        self.assertEqual([row["lane"] for row in self.json("list", "--since", "2h")], ["old", "new"])

    def test_list_of_dead(self):
        """Dead lanes have their reason."""
        run = self.run_of("default")
        ask = self.ask("t")
        call = run.claim()
        run.turn(
            answers=[{"id": call, "outcome": "refused", "took_ms": 5}],
            ends=[{"asks": [ask], "outcome": "dead", "reason": "no such card"}],
        )
        [row] = self.json("list", "--state", "dead")
        self.assertEqual((row["lane"], row["reason"]), ("t", "no such card"))
        self.assertRegex(row["died"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_local_times(self):
        """Times are those of the machine on which one looks."""
        self.ask("t")
        [row] = self.json("list")
        hours = {
            zone: self.look("list", TZ=zone).stdout.splitlines()[1].split()[5].split(":")[0]
            for zone in ("UTC", "Asia/Shanghai", "America/St_Johns")
        }
        self.assertEqual(hours["UTC"], row["since"][11:13])
        self.assertEqual((int(hours["Asia/Shanghai"]) - int(hours["UTC"])) % 24, 8)
        minutes = self.look("list", TZ="Asia/Kolkata").stdout.splitlines()[1].split()[5].split(":")[1]
        self.assertEqual((int(minutes) - int(row["since"][14:16])) % 60, 30)

    def test_status(self):
        """It names the workers, what each holds, and when each was last seen."""
        first = self.run_of("default", "acme", name="machine-1 10")
        self.run_of("zeta", name="machine-2 20")
        self.run_sql("update run set seen_at = seen_at - interval '1 minute' where name = 'machine-2 20'")
        self.ask("waits", account="acme")
        self.ask("unseen", account="nobody")
        first.claim(lanes="flying")
        self.ask("flying")
        text = self.look("status").stdout
        self.assertRegex(
            text, r"(?m)^workers  machine-1 10 holds 2 accounts; since [-0-9: ]+, last look [-0-9: ]+$"
        )
        self.assertRegex(
            text,
            r"(?m)^         machine-2 20 holds 1 account; since [-0-9: ]+, but it has not looked since [-0-9: ]+;",
        )
        self.assertIn("asks     1 new, 0 delayed", text)
        self.assertIn("lanes    1 ready, 0 waiting, 1 in flight, 0 dead", text)
        self.assertIn(
            "account  default: open; 1 call in the last minute, 0 this month; held by machine-1 10", text
        )
        [status] = self.json("status")
        self.assertEqual([worker["accounts"] for worker in status["workers"]], [2, 1])
        self.assertGreater(status["workers"][1]["silence_ms"], 59_000)
        self.assertEqual(
            {account["account"]: account["worker"] for account in status["accounts"]},
            {"default": "machine-1 10", "acme": "machine-1 10", "zeta": "machine-2 20"},
        )
        self.assertRegex(status["workers"][0]["last_look"], r"^[-0-9]+T[0-9:]+Z$")

    def test_status_of_an_account(self):
        """Only what belongs to it is counted."""
        self.run_of("default", "acme")
        self.ask("t")
        [status] = self.json("status", "--account", "acme")
        self.assertEqual(status["lanes"]["ready"], 0)
        self.assertEqual([account["account"] for account in status["accounts"]], ["acme"])
        done = self.look("status", "--account", "other", code=65)
        self.assertIn("no account 'other' in this queue", done.stderr)

    def check(self, code):
        [line] = self.json("status", "--check", code=code)
        self.assertEqual(line["ok"], code == 0)
        return line["reason"]

    def test_check(self):
        """--check tells a monitor whether all is well."""
        self.assertEqual(self.check(75), "no_worker")
        run = self.run_of("default")
        self.ask("t")
        self.assertEqual(self.check(0), "well")
        now_ms = self.value("select floor(extract(epoch from clock_timestamp()) * 1000)::bigint")
        late = self.ask("late", asked_ms=now_ms - 400_000)
        self.assertEqual(self.check(1), "late")
        call = run.claim(lanes="late")
        run.turn(
            answers=[{"id": call, "outcome": "refused", "took_ms": 5}],
            ends=[{"asks": [late], "outcome": "dead", "reason": "no"}],
        )
        self.assertEqual(self.check(1), "dead")
        run.turn(
            accounts=[
                {"account": "default", "parked": "permission", "parked_why": "no scope", "probe_ms": 0}
            ]
        )
        self.assertEqual(self.check(1), "parked")

    def test_check_after_the_last_worker(self):
        """A worker that has just ended is as one that runs: cron starts the next."""
        run = self.run_of("default")
        self.run_sql("select leave_queue(%s, %s, 'ended')", run.number, 2)
        self.assertEqual(self.check(0), "well")
        self.run_sql("update run set gone_at = gone_at - interval '10 minutes'")
        self.assertEqual(self.check(75), "no_worker")
