"""Whether the other files left anything out. It can only be said after all of them."""

import re

from judging import Judged
from programs import Sandbox, complaint

# A line of the record for each answer and refusal that the sandbox knows.
VERDICTS = {
    "ok",
    "too_early",
    "limited",
    "card_limited",
    "stale_sequence",
    "uuid_conflict",
    "replayed",
    "missing",
    "expired",
    "invalid",
    "malformed",
    "no_access_token",
    "bad_access_token",
    "bad_credentials",
    "bad_ticket",
    "not_installed",
    "unknown_path",
    "wrong_method",
    "too_large",
    "fault",
}

# Not a matter of what is answered.
ELSEWHERE = {"--help", "--version", "--port"}


class Completeness(Judged):
    def test_every_option(self):
        """Every option that the sandbox's help names was tried."""
        named = set(re.findall(r"^ +(--[a-z0-9-]+)", complaint("--help"), re.MULTILINE))
        self.assertGreater(len(named), 40)
        used = {
            word.partition("=")[0]
            for sandbox in Sandbox.started
            for word in sandbox.options
            if word.startswith("--")
        }
        self.assertEqual(named - used - ELSEWHERE, set())

    def test_every_word(self):
        """Every word that an option takes was tried, and so was leaving the option out."""
        tried = {}
        for sandbox in Sandbox.started:
            for option, word in zip(sandbox.options, sandbox.options[1:]):
                tried.setdefault(option, set()).add(word)
        options = set(re.findall(r"^ +(--[a-z-]+) WORD", complaint("--help"), re.MULTILINE))
        self.assertGreater(len(options), 8)
        for option in sorted(options):
            with self.subTest(option=option):
                # What the option takes is what the sandbox offers when it is given nonsense.
                offer = re.search(rf"{option} takes (.+), not '\?'", complaint(option, "?"))
                words = set(re.split(r", | or ", offer.group(1)))
                self.assertEqual(words - tried.get(option, set()), set())
                self.assertTrue([s for s in Sandbox.started if option not in s.options])

    def test_every_verdict(self):
        """Every success and every refusal was met, at each endpoint that can give it."""
        met, faults = {}, set()
        for sandbox in Sandbox.started:
            for line in sandbox.lines():
                api = line["path"].split("/")[2:3]
                met.setdefault(line["verdict"], set()).update(api)
                faults.add(line["fault"])
        self.assertEqual(set(met), VERDICTS)
        named = re.findall(r"^ +--([a-z0-9-]+)(?:\[=P\]| P) ", complaint("--help"), re.MULTILINE)
        self.assertEqual({name.replace("-", "_") for name in named} | {None}, faults)
        updates = {"im", "cardkit", "aily"}
        for verdict in ("limited", "no_access_token", "bad_access_token", "fault", "invalid"):
            self.assertEqual(updates - met[verdict], set(), verdict)
