"""Three workers on one queue, of which one after another is killed, stopped, cut off from PostgreSQL and
restarted, while every account has more to send than its budget allows."""

import collections
import contextlib
import dataclasses
import pathlib
import signal
import sys
import threading
import time

from figures import shared
from figures.accounts import CALLS_PER_SECOND, calls
from measuring import Figure, Spread
from programs import Sandbox, wait_until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Shared"))
from proxy import Proxy

WINDOW = 5.0
"""Seconds in which Feishu lets a token be refreshed once."""

LANES = 200
"""Of one account. Each wants another person, so each call carries one, and each comes again after forty seconds."""

BACKLOG = 6
"""Seconds of work that an account has beyond what it may send."""

MOVED = 2.0
"""Seconds within which another worker goes on with the accounts of one that is gone."""

ORPHANED = 18.0
"""The same for accounts with a call in flight: until the call can no longer arrive, the design says 16 s."""


CALM = 2.0
"""Seconds between two troubles, besides what it takes until all is as before."""

ABSENT = 3.0
"""Seconds until a worker that was killed is started again."""


@dataclasses.dataclass
class Trouble:
    """What was done to a worker, and the accounts that may be silent because of it: until when."""

    what: str
    began: float
    silent: dict


def measure(run):
    accounts, seconds = (30, 60) if run.quick else (200, 600)
    apps = [f"cli_{number}" for number in range(accounts)]
    options = [word for app in apps for word in ("--app", f"{app}:sandbox")]
    with shared.server() as server, contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(run, "--latency", "20ms", *options))
        fleet = Fleet(run, server, sandbox, apps)
        stack.callback(fleet.stop)
        crowd = Crowd(server, accounts)
        stack.callback(crowd.stop)
        # Their first calls come after the workers have looked on for long enough to know what was sent before.
        if not wait_until(lambda: len({line["app"] for line in calls(sandbox)}) == accounts, every=0.1):
            raise RuntimeError("not every account has made a call")
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            fleet.disturb(run)
        ended = time.monotonic()
        crowd.stop()
        left = crowd.wait_for_the_rest()
        lines = calls(sandbox)
    moments = collections.defaultdict(list)
    for line in lines:
        moments[line["app"]].append(line["arrived_us"] / 1e6)
    return [
        _budget(moments, apps, began, ended, fleet.troubles),
        _faults(lines, moments, crowd, left),
    ]


def _budget(moments, apps, began, ended, troubles):
    """Of every second of every account, but those in which its worker was being replaced."""
    made = due = everything = 0
    shares = []
    for number, app in enumerate(apps):
        excepted = _united(
            [(t.began, t.silent[f"a{number}"]) for t in troubles if f"a{number}" in t.silent], began, ended
        )
        own = [moment for moment in moments[app] if began <= moment < ended]
        kept = [m for m in own if not any(first <= m < last for first, last in excepted)]
        seconds = ended - began - sum(last - first for first, last in excepted)
        made, due, everything = made + len(kept), due + seconds * CALLS_PER_SECOND, everything + len(own)
        shares.append(len(kept) / (seconds * CALLS_PER_SECOND))
    kinds = collections.Counter(trouble.what for trouble in troubles)
    return Figure(
        f"shared queue: {len(apps)} accounts at their budget for {ended - began:,.0f} s, over {shared.WORKERS} workers"
        " with troubles",
        f"{everything / (ended - began):,.0f} calls/s; {', '.join(f'{n} {kind}' for kind, n in kinds.items())};"
        f" {everything / ((ended - began) * len(apps) * CALLS_PER_SECOND):.3f} of the budgets with the seconds of the"
        " troubles",
        f"the budgets: {len(apps) * CALLS_PER_SECOND:,} calls/s",
        Spread(made / due, min(shares), max(shares), len(shares)),
        "≥ 0.98",
        made / due >= 0.98,
        {"shares": shares, "troubles": [(t.what, t.began, t.silent) for t in troubles]},
    )


def _united(spans, began, ended):
    """Without overlaps, and within what is measured."""
    united = []
    for first, last in sorted(spans):
        first, last = max(first, began), min(last, ended)
        if united and first <= united[-1][1]:
            united[-1] = (united[-1][0], max(last, united[-1][1]))
        elif first < last:
            united.append((first, last))
    return united


def _faults(lines, moments, crowd, left):
    """By the rules of Feishu and the moments at which its double was called."""
    refused = sum(1 for line in lines if line["verdict"] != "ok")
    told = collections.defaultdict(list)
    for line in lines:
        for token in line["preview_tokens"]:
            told[line["app"], token].append(line["arrived_us"] / 1e6)
    early = sum(
        1
        for arrivals in told.values()
        for before, after in zip(sorted(arrivals), sorted(arrivals)[1:])
        if after - before < WINDOW
    )
    many = sum(
        1
        for arrivals in moments.values()
        for first, last in zip(sorted(arrivals), sorted(arrivals)[CALLS_PER_SECOND:])
        if last - first < 1.0
    )
    # An ask is answered by any later call for its lane, so the last of a lane speaks for all.
    lost = sum(1 for lane, asked in crowd.last.items() if max(told[lane], default=0) < asked)
    return Figure(
        "… refused, early, too many in a second, lost",
        f"{refused}, {early}, {many}, {lost} of {crowd.asked:,} asks; {left} without an end",
        goal="none",
        met=not (refused or early or many or lost or left),
        details={"calls": len(lines)},
    )


class Fleet:
    """The workers. Each reaches PostgreSQL through a proxy of its own, that can fall silent."""

    def __init__(self, run, server, sandbox, apps):
        self.server, self.sandbox, self.apps = server, sandbox, apps
        self.connection = server.connect()
        self.proxies = [Proxy(server.home) for _ in range(shared.WORKERS)]
        self.workers = [self._start(run, place) for place in range(shared.WORKERS)]
        self.troubles = []
        self.disturbed = 0
        shared.wait_for_holders(self.connection, len(apps), shared.WORKERS)

    def _start(self, run, place):
        address = f"postgresql://{shared.OWNER}@127.0.0.1:{self.proxies[place].port}/larkspur"
        [worker] = shared.workers(run, address, self.sandbox, self.apps, 1)
        return worker

    def disturb(self, run):
        """One worker after another, with the next trouble each time."""
        place = self.disturbed % len(self.workers)
        [self._killed, self._stopped, self._cut_off, self._restarted][self.disturbed % 4](run, place)
        self.disturbed += 1
        shared.wait_for_holders(self.connection, len(self.apps), len(self.workers))
        # What is measured between two troubles.
        time.sleep(CALM)

    def _killed(self, run, place):
        held = self._held_by(self.workers[place])
        began = time.monotonic()
        self.workers[place].kill()
        self._note("killed", began, held)
        time.sleep(ABSENT)
        self._joins(run, place, "started again")

    def _stopped(self, run, place):
        self._silent("stopped", place, lambda: self.workers[place].process.send_signal(signal.SIGSTOP))
        self._joining("woken", lambda: self.workers[place].process.send_signal(signal.SIGCONT))

    def _cut_off(self, run, place):
        self._silent("cut off", place, self.proxies[place].silence)
        self._joining("connected again", self.proxies[place].restore)

    def _silent(self, what, place, act):
        """For half a minute, or a tenth of it where little is measured."""
        held = self._held_by(self.workers[place])
        began = time.monotonic()
        act()
        self._note(what, began, held)
        time.sleep(30 if len(self.apps) >= 200 else 5)

    def _restarted(self, run, place):
        held = self._held_by(self.workers[place])
        began = time.monotonic()
        self.workers[place].stop()
        # In good order: it had no call in flight.
        self.troubles.append(Trouble("restarted", began, dict.fromkeys(held, time.monotonic() + MOVED)))
        self._joins(run, place, "started again")

    def _joins(self, run, place, what):
        def start():
            self.workers[place] = self._start(run, place)

        self._joining(what, start)

    def _joining(self, what, act):
        """Those that hold too many let some go, in good order, and these have the pause of a restart."""
        before = self._holders()
        act()
        shared.wait_for_holders(self.connection, len(self.apps), len(self.workers))
        moved = [account for account, holder in self._holders().items() if before.get(account) != holder]
        began = time.monotonic() - MOVED
        self.troubles.append(Trouble(what, began, dict.fromkeys(moved, began + 2 * MOVED)))

    def _note(self, what, began, held):
        """Calls in flight are asked for once another worker has the accounts: by then all of them are known."""
        wait_until(lambda: not set(held) & set(self._lost_by(held)), patience=10)
        with self.connection.cursor() as cursor:
            cursor.execute("select distinct account.name from larkspur.under_way join larkspur.account"
                " on account.id = account_id join larkspur.run on run.id = under_way.run where run.gone")
            orphans = {name for name, in cursor.fetchall()}
        silent = {name: began + (ORPHANED if name in orphans else MOVED) for name in held}
        self.troubles.append(Trouble(what, began, silent))

    def _lost_by(self, held):
        """Of these accounts, those whose holder is gone, or about to be found gone."""
        holders = self._holders()
        return [name for name in held if holders.get(name) in (None, self.victim)]

    def _held_by(self, worker):
        holders = self._holders()
        self.victim = next((name for name in holders.values() if name and name.endswith(f" {worker.pid}")), None)
        return [account for account, name in holders.items() if name == self.victim]

    def _holders(self):
        with self.connection.cursor() as cursor:
            cursor.execute("select account, worker from larkspur.accounts")
            return dict(cursor.fetchall())

    def stop(self):
        for proxy in self.proxies:
            proxy.restore()
        for worker in self.workers:
            worker.process.send_signal(signal.SIGCONT)
            worker.stop()
        for proxy in self.proxies:
            proxy.stop()


class Crowd:
    """Asks for a call of its own, for each account in turn, as often as its budget allows, and a backlog before."""

    def __init__(self, server, accounts):
        self.connection = server.connect()
        self.accounts = accounts
        self.asked = 0
        self.last = {}
        """(app, token): when it was last asked for"""
        self.stops = threading.Event()
        self.thread = threading.Thread(target=self._ask_all, daemon=True)
        self._ask(0, BACKLOG * CALLS_PER_SECOND)
        self.thread.start()

    def _ask_all(self):
        began, next_lane = time.monotonic(), BACKLOG * CALLS_PER_SECOND
        while not self.stops.wait(0.2):
            wanted = int((time.monotonic() - began + BACKLOG) * CALLS_PER_SECOND)
            self._ask(next_lane, wanted)
            next_lane = wanted

    def _ask(self, first, end):
        moment = time.monotonic()
        with self.connection.cursor() as cursor:
            cursor.execute(
                "insert into larkspur.ask (account, lane, body)"
                " select 'a' || account, 't' || lane %% %s, '{\"open_ids\":[\"ou_' || lane %% %s || '\"]}'"
                " from generate_series(%s, %s) as lane, generate_series(0, %s) as account",
                (LANES, LANES, first, end - 1, self.accounts - 1),
            )
        for lane in range(first, end):
            for account in range(self.accounts):
                self.last[f"cli_{account}", f"t{lane % LANES}"] = moment
        self.asked += (end - first) * self.accounts

    def stop(self):
        self.stops.set()
        self.thread.join(10)

    def wait_for_the_rest(self):
        """How many asks have no end then."""

        def open_asks():
            with self.connection.cursor() as cursor:
                cursor.execute("select count(*) from larkspur.ask where outcome is null")
                return cursor.fetchone()[0]

        wait_until(lambda: open_asks() == 0, patience=120, every=1)
        return open_asks()
