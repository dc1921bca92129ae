"""The commands of larkspur on a shared queue."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from case import Shared
from commands import CommandCase
from server import OWNER, PATIENCE
from workers import PROGRAMS


class Commands(CommandCase):
    """larkspur with an address instead of a path."""

    def test_enqueue(self):
        """Asks are stored as in a file, and their numbers printed."""
        done = self.larkspur(
            "enqueue", "preview", "one", "two", "--open-id", "ou_1", "--after", "5m", "--db", self.address()
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = self.run_sql("select id, account, lane, body, after_ms from ask order by id")
        self.assertEqual(done.stdout.split(), [str(row[0]) for row in rows])
        self.assertEqual(
            [row[1:] for row in rows],
            [("default", name, '{"open_ids":["ou_1"]}', 300_000) for name in ("one", "two")],
        )

    def test_enqueue_by_environment(self):
        """LARKSPUR_DB may be an address."""
        done = self.larkspur(
            "enqueue", "key", "ticket-1", "--everyone", "--urgent", "--json", LARKSPUR_DB=self.address()
        )
        self.assertEqual(json.loads(done.stdout)["kind"], "key", done.stderr)
        self.assertEqual(self.run_sql("select lane, urgent from ask"), [("ticket-1", 1)])

    def test_all_or_none(self):
        """If one ask is refused, none is stored."""
        self.refuses(
            65, "preview token", "enqueue", "preview", "good", "not good", "--everyone", "--db", self.address()
        )
        self.assertEqual(self.run_sql("select * from ask"), [])

    def test_password(self):
        """An address with a password is refused, and the password is not repeated."""
        address = "postgresql://someone:sesame@localhost/larkspur"
        for command in (["enqueue", "preview", "t", "--everyone"], ["work", "--once"], ["init"]):
            done = self.refuses(64, "password in it", *command, "--db", address)
            self.assertNotIn("sesame", done.stderr)

    def test_out_of_reach(self):
        """A server that is not there is an error that names it."""
        self.refuses(
            74,
            "cannot reach the shared queue: connection to server",
            *("enqueue", "preview", "t", "--everyone", "--db"),
            "postgresql://127.0.0.1:1/larkspur",
        )

    def test_not_for_this_role(self):
        """Who may only look cannot ask."""
        self.refuses(
            77,
            "its owner has to grant this user larkspur_ask",
            *("enqueue", "preview", "t", "--everyone", "--db", self.address("a_look")),
        )

    def test_init(self):
        """It makes the tables once, and says what to grant."""
        admin = self.session()
        self.run_sql("create database fresh", on=admin)
        try:
            address = self.address(OWNER, "fresh")
            self.refuses(
                66, "larkspur init", "enqueue", "preview", "t", "--everyone", "--db", address
            )
            done = self.larkspur("init", address)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("grant larkspur_ask to", done.stdout)
            again = self.larkspur("init", "--db", address)
            self.assertEqual((again.returncode, again.stdout), (0, ""))
            self.assertIn("exists already", again.stderr)
            done = self.larkspur("enqueue", "preview", "t", "--everyone", "--db", address)
            self.assertEqual(done.stdout, "1\n", done.stderr)
        finally:
            self.run_sql("drop database fresh with (force)", on=admin)

    def file(self, *lines):
        folder = tempfile.mkdtemp(prefix="larkspur-lines-")
        self.addCleanup(shutil.rmtree, folder)
        path = pathlib.Path(folder, "lines")
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def test_enqueue_file(self):
        """--from stores one ask for each line, after all lines were checked."""
        lines = [f'{{"token":"t{number}","open_ids":["ou_1"],"urgent":true}}' for number in range(1_200)]
        done = self.larkspur("enqueue", "preview", "--from", self.file(*lines), "--db", self.address())
        self.assertEqual((done.returncode, done.stdout), (0, "1200 asks\n"), done.stderr)
        self.assertEqual(
            self.run_sql("select count(distinct lane), min(body), min(urgent) from ask"),
            [(1_200, '{"open_ids":["ou_1"]}', 1)],
        )
        self.refuses(
            65,
            "line 2: ",
            *("enqueue", "preview", "--from", self.file(*lines[:1], '{"token":"a b","everyone":true}')),
            *("--db", self.address()),
        )
        self.assertEqual(self.value("select count(*) from ask"), 1_200)

    def test_enqueue_file_as_json(self):
        """--json tells the first and the last number."""
        done = self.larkspur(
            "enqueue", "key", "--json", "--from", self.file('{"key":"k","everyone":true}'), "--db", self.address()
        )
        number = self.value("select id from ask")
        self.assertEqual(json.loads(done.stdout), {"asks": 1, "first": number, "last": number}, done.stderr)

    @contextlib.contextmanager
    def waiting(self, *words):
        """The number of an ask that larkspur waits for, and what it says in the end."""
        process = subprocess.Popen(
            [PROGRAMS / "larkspur", "enqueue", "preview", "t", "--everyone", *words, "--db", self.address()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        said = {}
        yield int(process.stdout.readline()), said, process
        said["out"], said["error"] = process.communicate(timeout=PATIENCE)
        said["code"] = process.returncode

    def test_wait(self):
        """--wait ends when the ask was delivered."""
        run = self.run_of("default")
        with self.waiting("--wait") as (ask, said, process):
            self.assertIsNone(process.poll())
            run.turn(ends=[{"asks": [ask], "outcome": "delivered"}])
        self.assertEqual(said, {"out": "", "error": "", "code": 0})

    def test_wait_for_what_dies(self):
        """What is not delivered is told with its reason."""
        run = self.run_of("default")
        with self.waiting("--wait", "30s") as (ask, said, _):
            run.turn(ends=[{"asks": [ask], "outcome": "dead", "reason": "no such preview"}])
        self.assertEqual(said["code"], 1)
        self.assertIn(f"ask {ask} for t is dead: no such preview", said["error"])

    def test_wait_in_vain(self):
        """Without a worker it says so, and ends when its time is up."""
        with self.waiting("--wait", "1s") as (_, said, _):
            pass
        self.assertEqual(said["code"], 75)
        self.assertIn("no worker is running", said["error"])
        self.assertIn("timed out: the ask is not delivered yet and stays in the queue", said["error"])

    def test_wait_for_a_pause(self):
        """A long pause is told; one that is not worth waiting for ends the wait, unless the ask is under way."""
        run = self.run_of("default")
        budget = {"account": "default", "api": "preview", "paused_ms": 60_000, "paused_why": "HTTP 500"}
        run.turn(budgets=[budget])
        with self.waiting("--wait", "1s") as (_, said, _):
            pass
        self.assertRegex(said["error"], r"preview calls of account 'default' are paused for \d+ s: HTTP 500")
        run.turn(budgets=[{**budget, "memory": {"probes": 3}}])
        with self.waiting("--wait") as (_, said, _):
            pass
        self.assertEqual(said["code"], 75)
        self.assertIn("to try again at once, run 'larkspur resume default'", said["error"])
        reserve = {"account": "default", "api": "preview", "opening": {"reserve": 86_400_000}}
        run.turn(budgets=[reserve])
        with self.waiting("--wait") as (_, said, _):
            pass
        self.assertIn("to send it this month, ask again with --urgent", said["error"])
        run.claim(lanes="t")
        with self.waiting("--wait") as (ask, said, _):
            run.turn(ends=[{"asks": [ask], "outcome": "delivered"}])
        self.assertEqual(said["code"], 0, said)

    def test_wait_of_an_account_that_is_parked(self):
        """What a person has to fix is told once."""
        run = self.run_of("default")
        parked = {"account": "default", "parked": "permission", "parked_why": "no scope", "probe_ms": 9_000}
        run.turn(accounts=[parked])
        with self.waiting("--wait", "1s") as (_, said, _):
            pass
        self.assertEqual(said["error"].count("account 'default' is parked"), 1, said)

    def test_wait_through_a_restart(self):
        """A server that is restarted meanwhile ends no wait."""
        with self.waiting("--wait", "30s") as (ask, said, process):
            Shared.server.restart()
            self.db = self.session()
            self.run_of("default").turn(ends=[{"asks": [ask], "outcome": "delivered"}])
        self.assertEqual(said["code"], 0, said)

    def test_account_that_no_worker_has(self):
        """Who asks for an account that is not configured is told so, and it is listed with its reason."""
        self.configure("default")
        done = self.larkspur("enqueue", "preview", "t", "--everyone", "--account", "typo", "--db", self.address())
        self.assertEqual((done.returncode, done.stderr.count("account 'typo' is not in")), (0, 1), done.stderr)
        done = self.larkspur("enqueue", "preview", "t", "--everyone", "--db", self.address())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(
            self.run_sql("select state, because, next from queue where account = 'typo'"),
            [("new", "unconfigured", "once the account is configured")],
        )
        self.assertEqual(self.run_sql("select account, state from accounts where worker is null order by 1"),
            [("default", "open"), ("typo", "unconfigured")])

    def test_no_path(self):
        """What libpq calls a connection string is not taken for the name of a file."""
        for place in ("host=db dbname=larkspur", "dbname=larkspur", "service=larkspur"):
            self.refuses(64, "give the address of a shared queue as a URL", "enqueue", "preview", "t", "--everyone", "--db", place)

    def test_check_of_the_configuration(self):
        """work --check looks at the configuration, also where the environment names a shared queue."""
        done = self.larkspur(
            "work", "--check", LARKSPUR_DB=self.address(), LARKSPUR_APP_ID="cli_1", LARKSPUR_APP_SECRET="x"
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_saw(self):
        """A sighting is recorded with all its keys."""
        words = ("saw", "t", "--key", "k", "--key", "l", "--url", "https://x/1", "--open-id", "ou_1")
        done = self.larkspur(*words, "--db", self.address())
        self.assertEqual((done.returncode, done.stdout), (0, "1 sighting\n"), done.stderr)
        self.assertEqual(self.run_sql("select token, keys, url, viewers from previews"), [("t", "k l", "https://x/1", 1)])
        self.refuses(65, "the key contains a space", "saw", "t", "--key", "a b", "--db", self.address())

    def test_saw_file(self):
        """--from records each line; keys are found in URLs."""
        lines = [f'{{"token":"t{number}","url":"https://x/tickets/{number}"}}' for number in range(300)]
        words = ("saw", "--from", self.file(*lines, '{"token":null}'), "--key-from", r"/tickets/(\d+)")
        done = self.larkspur(*words, "--db", self.address())
        self.assertEqual((done.returncode, done.stdout), (0, "300 sightings, 1 draft skipped\n"), done.stderr)
        self.assertEqual(self.value("select count(*) from keys where previews = 1"), 300)

    def test_sixteen_keys_in_a_file(self):
        """How many keys a token has already is found out when it is written."""
        for number in range(16):
            self.see(token="t", key=f"k{number}")
        lines = ['{"token":"u","key":"k"}', '{"token":"t","key":"more"}']
        self.refuses(65, "this preview token has 16 keys already", "saw", "--from", self.file(*lines), "--db", self.address())
        self.assertEqual(self.run_sql("select token from previews"), [("t",)])

    def test_forget(self):
        """What was seen is forgotten by those who work the queue; nobody else may."""
        self.see(token="t", key="k", open_id="ou_1")
        self.refuses(77, "permission denied", "forget", "--token", "t", "--db", self.address())
        work = self.address("a_work")
        done = self.larkspur("forget", "--token", "t", "--json", "--db", work)
        self.assertEqual(json.loads(done.stdout), {"previews": 1, "keys": 0, "viewers": 1}, done.stderr)
        self.assertIn("forgot 1 preview and 1 viewer", done.stderr)
        self.refuses(65, "preview token 't' was not seen", "forget", "--token", "t", "--db", work)
        self.refuses(64, "keeps its accounts", "forget", "--account", "default", "--db", work)

    def test_others(self):
        """A command that has no shared form yet says where to look."""
        self.refuses(64, "larkspur.queue", "prune", "--older-than", "7d", "--db", self.address())
