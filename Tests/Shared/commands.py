"""larkspur with an address instead of a path."""

import os
import subprocess

from case import Case, Shared
from workers import PROGRAMS


class CommandCase(Case):
    """Runs the program as one of the users."""

    def address(self, user="a_ask", database="larkspur"):
        return f"postgresql://{user}@/{database}?host={Shared.server.home}"

    def larkspur(self, *words, **variables):
        return subprocess.run(
            [PROGRAMS / "larkspur", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            env={"PATH": os.environ["PATH"], **variables},
        )

    def refuses(self, code, sentence, *words, **variables):
        done = self.larkspur(*words, **variables)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(sentence, done.stderr)
        return done
