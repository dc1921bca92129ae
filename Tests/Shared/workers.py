"""Real workers on the shared queue of a test, and a crowd that asks."""

import collections
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from case import Case, Shared
from feishu import Feishu

PROGRAMS = pathlib.Path(
    os.environ.get("LARKSPUR_PROGRAMS") or pathlib.Path(__file__).resolve().parents[2] / ".build/debug"
)


class Worker:
    def __init__(self, case, *words, address=None):
        self.log = case.folder / f"worker-{next(case.numbers)}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [
                    PROGRAMS / "larkspur-shared",
                    "work",
                    "--db",
                    address or case.address,
                    "--config",
                    case.folder / "config.json",
                    "--log",
                    "text",
                    *words,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "SECRET": "x", "HOME": str(case.folder)},
            )
        case.addCleanup(self.end)

    def send(self, sign):
        self.process.send_signal(sign)

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait(10)

    def end(self):
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.kill()

    def stop(self, patience=20):
        """In good order."""
        self.send(signal.SIGTERM)
        return self.process.wait(patience)

    def text(self):
        return self.log.read_text(errors="replace")


class WorkersCase(Case):
    """A Feishu that judges, a configuration, and workers that end with the test."""

    accounts = 12
    delay = 0.02
    forgets_looks = False
    """Looks of one boot stay true, and a worker that finds some need not wait for its first window."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="larkspur-workers-"))
        self.numbers = iter(range(1_000_000))
        self.feishu = Feishu(self.delay)
        self.addCleanup(self.feishu.stop)
        self.started = []
        self.crowd_cards = collections.defaultdict(list)
        """By account and card: what was asked for, in order."""
        self.names = [f"a{number}" for number in range(self.accounts)]
        accounts = {
            name: {"app_id": name, "app_secret_env": "SECRET", "host": self.feishu.url}
            for name in self.names
        }
        (self.folder / "config.json").write_text(json.dumps({"accounts": accounts}))
        self.address = f"postgresql://a_work@/larkspur?host={Shared.server.home}"

    def worker(self, *words, address=None):
        self.started.append(Worker(self, *words, address=address))
        return self.started[-1]

    def holders(self):
        """Account: the run that holds it and lives."""
        rows = self.run_sql(
            "select account.name, run.id from account join run on run.id = holder and not run.gone"
        )
        return dict(rows)

    def wait_until(self, condition, patience=30, why=""):
        deadline = time.monotonic() + patience
        while not condition():
            self.assertLess(time.monotonic(), deadline, why or "waited for nothing")
            time.sleep(0.01)

    def wait_for_holders(self, runs):
        """All accounts are held, by this many runs."""
        self.wait_until(
            lambda: len(held := self.holders()) == self.accounts and len(set(held.values())) == runs,
            why="the accounts are not shared",
        )

    def open_asks(self):
        return self.value("select count(*) from ask where outcome is null")

    def judge(self, asked):
        """Nothing too early or too much, and every ask was followed by a call."""
        self.assertEqual(self.feishu.broken(), [])
        for (account, card), contents in self.crowd_cards.items():
            self.assertEqual(self.feishu.cards[account, card].contents, contents)
        told = self.feishu.told()
        unheard = [
            (account, token)
            for account, token, moment in asked
            if token and not any(arrived >= moment for arrived in told[account, token])
        ]
        self.assertEqual(unheard, [])
        ends = collections.Counter(outcome for outcome, in self.run_sql("select outcome from ended"))
        self.assertEqual(ends, {"delivered": len(asked)})


class Crowd:
    """Asks for random previews of all accounts, until it is told to stop."""

    def __init__(self, case, dice, pause=0.01, tokens=3, cards=0.2):
        self.case, self.dice, self.pause, self.tokens, self.cards = case, dice, pause, tokens, cards
        self.asked = []
        """(account, token, when it was about to be asked for); no token and no moment for a card"""
        self.connection = case.session()
        self.stops = threading.Event()
        self.thread = threading.Thread(target=self.ask, daemon=True)
        self.thread.start()
        case.addCleanup(self.stop)

    def ask(self):
        cursor = self.connection.cursor()
        while not self.stops.is_set():
            account = self.dice.choice(self.case.names)
            if self.dice.random() < self.cards:
                self.ask_card(cursor, account)
                continue
            token = f"{account}-{self.dice.randrange(self.tokens)}"
            moment = time.monotonic()
            cursor.execute(
                "insert into ask (account, lane, body) values (%s, %s, '{\"everyone\":true}')",
                (account, token),
            )
            self.asked.append((account, token, moment))
            self.stops.wait(self.pause)

    def ask_card(self, cursor, account):
        card = "73554391974282362" + account[1:].zfill(2)
        contents = self.case.crowd_cards[account, card]
        action = {
            "action": "partial_update_element",
            "params": {"element_id": "a", "partial_element": {"content": str(len(contents))}},
        }
        contents.append(str(len(contents)))
        cursor.execute(
            "insert into ask (account, kind, lane, body) values (%s, 'card', %s, %s)",
            (account, card, json.dumps({"actions": [action]})),
        )
        self.asked.append((account, None, None))
        self.stops.wait(self.pause)

    def stop(self):
        self.stops.set()
        self.thread.join(10)
        return self.asked
