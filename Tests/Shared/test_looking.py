"""What larkspur shows of a shared queue."""

import json
import os
import shutil
import tempfile

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
            {"default": "machine-1 10", "acme": "machine-1 10", "zeta": "machine-2 20", "nobody": None},
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

    def explain(self, word, code=0):
        [line] = self.json("explain", word, code=code)
        return line, [blocker["code"] for blocker in line["blockers"]]

    def test_explain(self):
        """explain says of a lane on a shared queue what it says of one in a file."""
        run = self.run_of("default", name="machine-1 10")
        self.ask("unseen", account="other")
        for lane in ("ready", "flying", "slot"):
            self.ask(lane)
        delayed = self.ask("delayed", after_ms=600_000)
        token = run.claim(api="auth", lanes="")
        call = run.claim(lanes="slot", answers=[{"id": token, "outcome": "delivered"}])
        run.claim(lanes="flying", answers=[{"id": call, "outcome": "delivered", "took_ms": 5}])
        self.assertEqual(self.explain("ready")[1], [])
        self.assertEqual(self.explain("slot")[1], ["slot"])
        line, because = self.explain("flying")
        self.assertEqual((line["state"], because), ("in_flight", ["in_flight"]))
        line, because = self.explain(str(delayed))
        self.assertEqual((line["lane"], line["asks"], because), ("delayed", 1, ["delay"]))
        line, because = self.explain("unseen")
        self.assertEqual((line["account"], line["goes_at"]), ("other", None))
        text = self.look("explain", "slot").stdout
        self.assertRegex(text, r"(?m)^  worker +machine-1 10, last look [0-9.]+ s ago$")
        self.assertRegex(text, r"(?m)^  slot +last call \d+ answered .*one call per 5 s +<- decides$")
        self.assertIn("wants   everyone, 1 ask (", text)
        self.assertIn("none holds the account", self.look("explain", "unseen").stdout)
        done = self.look("explain", "nothing", code=65)
        self.assertIn("nothing known about 'nothing'", done.stderr)

    def test_explain_what_waits_for_a_person(self):
        """A parked account, a pause and a failure are told with their reasons."""
        run = self.run_of("default", "paused")
        self.ask("parked")
        self.ask("t", account="paused")
        run.turn(
            accounts=[
                {"account": "default", "parked": "permission", "parked_why": "no scope", "probe_ms": 60_000}
            ],
            budgets=[{"account": "paused", "api": "preview", "paused_ms": 60_000, "paused_why": "HTTP 500"}],
        )
        self.assertEqual(self.explain("parked")[1][0], "parked")
        self.assertIn("no scope", self.look("explain", "parked").stdout)
        self.assertIn("paused", self.explain("t")[1])
        self.assertIn("HTTP 500", self.look("explain", "t").stdout)

    def test_explain_the_dead(self):
        """What is dead is told with its reason, by its lane and by its number."""
        run = self.run_of("default")
        ask = self.ask("t")
        run.turn(ends=[{"asks": [ask], "outcome": "dead", "reason": "no such preview"}])
        for word in ("t", str(ask)):
            line, _ = self.explain(word)
            self.assertEqual((line["state"], line["dead"], line["reason"]), ("dead", 1, "no such preview"))

    def test_explain_a_key(self):
        """A key is told with its previews, and a preview with its key."""
        self.run_of("default")
        self.see(token="t", key="k", open_id="ou_1")
        self.see(token="u", key="k")
        self.ask("k", kind="key")
        self.assertIn("key k (account default): waiting, 2 previews left", self.look("explain", "k").stdout)
        self.assertEqual(self.explain("t")[0]["keys"], ["k"])

    def test_plan(self):
        """plan foresees the calls of an account, or of all."""
        self.run_of("default", "other")
        for number in range(12):
            self.ask(f"t{number}")
        self.ask("u", account="other")
        self.assertEqual([len(call["lanes"]) for call in self.json("plan", "--account", "default")], [10, 2])
        self.assertEqual(len(self.json("plan")), 3)
        self.assertIn("nothing is refused", self.look("plan").stderr)

    def test_forecast(self):
        """forecast says when each account is done, and counts the calls of the last week against the quota."""
        run = self.run_of("default", "other")
        self.ask("t", after_ms=60_000)
        for _ in range(3):
            run.claim(lanes="a")
        self.run_sql("update call set started_at = started_at - interval '1 day'")
        self.configure("default", limits={"monthly_quota": 10_000})
        forecasts = {line["account"]: line for line in self.json("forecast")}
        self.assertEqual(forecasts["default"]["decides"], "delay")
        self.assertEqual(forecasts["other"]["lanes"], 0)
        self.assertEqual(forecasts["default"]["quota"], 10_000)
        self.assertGreater(forecasts["default"]["quota_projected"], 0)

    def test_strange_names(self):
        """A name is one name, whatever is in it."""
        self.run_of("a", "b")
        self.ask("t", account="a")
        for name in ("a,b", "{a}", 'a"', "a\\", "'"):
            for command in ("plan", "forecast"):
                done = self.look(command, "--account", name, code=65)
                self.assertIn("no account", done.stderr)
            self.look("explain", name, code=65)

    def test_no_copy_is_left(self):
        """What is copied to look ahead is gone when the command ends."""
        folder = tempfile.mkdtemp(prefix="larkspur-copies-")
        self.addCleanup(shutil.rmtree, folder)
        self.ask("t")
        for words in (["explain", "t"], ["plan"], ["forecast"]):
            self.look(*words, TMPDIR=folder)
        self.look("explain", "nothing", code=65, TMPDIR=folder)
        self.assertEqual(os.listdir(folder), [])

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

    def test_waiting_for_answers_alone(self):
        """A channel whose budget waits for answers is no error."""
        run = self.run_of("default")
        self.ask("t")
        opening = {"account": "default", "api": "preview", "opening": {"budget": None}}
        run.turn(budgets=[opening])
        self.assertEqual(self.json("status")[0]["lanes"]["ready"], 1)
        self.assertEqual(self.check(0), "well")

    def test_check_after_the_last_worker(self):
        """A worker that has just ended is as one that runs: cron starts the next."""
        run = self.run_of("default")
        self.run_sql("select leave_queue(%s, %s, 'ended')", run.number, 2)
        self.assertEqual(self.check(0), "well")
        self.run_sql("update run set gone_at = gone_at - interval '10 minutes'")
        self.assertEqual(self.check(75), "no_worker")
