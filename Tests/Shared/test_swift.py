"""The Swift library LarkspurShared, through a small program that uses it."""

import os
import subprocess

from commands import CommandCase
from workers import PROGRAMS


class SwiftLibrary(CommandCase):
    """A backend in Swift."""

    def backend(self, *words, user="a_ask"):
        done = subprocess.run(
            [PROGRAMS / "SharedSwiftClient", self.address(user), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=30,
            env={"PATH": os.environ["PATH"]},
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_enqueue(self):
        """Asks are stored, all or none, and their numbers returned in their order."""
        [line] = self.backend("one")
        self.assertEqual(line.split(), [str(number) for number, in self.run_sql("select id from ask order by id")])
        self.assertEqual(
            self.run_sql("select kind, lane, body, urgent from ask order by id"),
            [("preview", "one", '{"open_ids":["ou_1"]}', 0), ("key", "k", '{"viewers":true}', 1)],
        )

    def test_refusal(self):
        """What the schema refuses is an error with its sentence, and nothing is stored."""
        [line] = self.backend("not good")
        self.assertRegex(line, "^QueueError refused: .*preview token")
        self.assertEqual(self.run_sql("select * from ask"), [])

    def test_states(self):
        """The state of an ask is told."""
        run = self.run_of("default")
        asks = [self.ask(f"t{number}") for number in range(3)]
        run.turn(
            ends=[
                {"asks": asks[:1], "outcome": "delivered"},
                {"asks": asks[1:2], "outcome": "dead", "reason": "no such preview"},
            ]
        )
        delivered, dead, waits, unknown = self.backend(*asks, 999_999)
        self.assertIn("delivered", delivered)
        self.assertIn('dead(reason: "no such preview")', dead)
        self.assertIn("open", waits)
        self.assertEqual(unknown, "nil")

    def test_saw(self):
        """Sightings are recorded with all their keys."""
        self.assertEqual(self.backend("saw"), ["recorded"])
        self.assertEqual(self.run_sql("select token, keys, viewers from previews"), [("t", "k l", 1)])

    def test_not_for_this_role(self):
        """Who may only look cannot ask."""
        [line] = self.backend("t", user="a_look")
        self.assertIn("QueueError cannotUse: the shared queue refuses: permission denied", line)
