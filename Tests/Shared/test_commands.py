"""The commands of larkspur on a shared queue."""

import json

from commands import CommandCase
from server import OWNER


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
            74,
            "permission denied",
            *("enqueue", "preview", "t", "--everyone", "--db", self.address("a_look")),
        )

    def test_init(self):
        """It makes the tables once, and says what to grant."""
        admin = self.session()
        self.run_sql("create database fresh", on=admin)
        try:
            address = self.address(OWNER, "fresh")
            self.refuses(
                74, "larkspur init", "enqueue", "preview", "t", "--everyone", "--db", address
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

    def test_others(self):
        """A command that has no shared form yet says where to look."""
        self.refuses(64, "larkspur.queue", "forecast", "--db", self.address())
