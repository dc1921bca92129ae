"""Thousands of configured accounts, of which a hundred are busy, beside a worker that knows only these
hundred; what a worker with thousands takes when it has nothing to do, and how long it takes to start.

Each account has its own app and secret file. The busy ones are asked in turn, a hundred asks a second, each
for a token of its own: every account makes one call a second, so none waits for its budget."""

import contextlib
import dataclasses
import itertools
import json
import statistics
import time

import idling
from asking import updates
from measuring import Figure, Spread, ratio, rounds
from programs import Process, Sandbox, Worker, open_queue, wait_until

ACCOUNTS, BUSY = 5_000, 100
GOAL = 1.2
GAP_S = 0.01
"""From one ask to the next."""

STARTING = 10_000
START_S = 2


def measure(run):
    accounts = Accounts(run, max(ACCOUNTS, STARTING))
    return [*_working(run, accounts), *_starting(run, accounts)]


class Accounts:
    """Their secrets, by name, each in a file."""

    def __init__(self, run, count):
        self.run = run
        self.folder = run.folder()
        self.secrets = {f"a{n:05}": f"{run.dice.getrandbits(128):032x}" for n in range(count)}
        for name, secret in self.secrets.items():
            (self.folder / name).write_text(secret, encoding="ascii")
        self.names = list(self.secrets)

    def apps(self, names):
        """The options that let these log in at a sandbox."""
        return [word for name in names for word in ("--app", f"cli_{name}:{self.secrets[name]}")]

    def configuration(self, names, sandbox):
        """A configuration file with these."""
        accounts = {
            name: {
                "host": sandbox.address,
                "app_id": f"cli_{name}",
                "app_secret_file": str(self.folder / name),
            }
            for name in names
        }
        path = self.run.folder() / "config.json"
        path.write_text(json.dumps({"accounts": accounts}), encoding="utf-8")
        return path


def _working(run, accounts):
    many = accounts.names[:ACCOUNTS]
    # Spread evenly over all, because accounts are kept in order.
    busy = many[:: ACCOUNTS // BUSY]
    count, asks = (3, BUSY) if run.quick else (9, 3 * BUSY)
    window = idling.window(run)
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(
            Sandbox(run, "--calls-per-second", "0", *accounts.apps(busy))
        )
        both = {
            name: Asked(run, stack, sandbox, name, accounts.configuration(names, sandbox))
            for name, names in {"many": many, "few": busy}.items()
        }
        taken, idle, spent = compared(run, stack, both, busy, (count, asks), window)
        resident = idle["many"].resident_megabytes()
    return [
        pair(
            f"{ACCOUNTS:,} accounts, {BUSY} of them busy: an ask that is on disk to its request at the "
            "server, median",
            "ms",
            {name: [each.milliseconds for each in all_] for name, all_ in taken.items()},
            asks,
        ),
        pair(
            "the same: processor time of the worker for a call",
            "µs",
            {name: [each.microseconds_a_call for each in all_] for name, all_ in taken.items()},
            asks,
        ),
        idling.share(
            f"idle worker, {ACCOUNTS:,} accounts configured",
            spent["many"],
            spent["c"],
            window,
            few_percent=spent["few"],
            resident_mb=resident,
        ),
    ]


def compared(run, stack, both, busy, rounds_and_asks, window):
    """The stretches of two workers, `many` and `few`, by name; then what was left idle, with the C program
    beside it, and how much of a core each took."""
    count, asks = rounds_and_asks
    for asked in both.values():
        # Each account logs in before its first call, which is not measured.
        asked.stretch(busy, len(busy))
    measures = {name: lambda asked=asked: asked.stretch(busy, asks) for name, asked in both.items()}
    taken = rounds(count, measures, run.dice)
    limit = [run.programs / "limit", "watch", f"{both['many'].queue}-wal"]
    idle = {name: asked.worker for name, asked in both.items()}
    idle["c"] = stack.enter_context(Process(limit))
    idling.await_rest(run, [idle["many"], idle["few"]])
    return taken, idle, idling.spent(idle, window)


@dataclasses.dataclass
class Stretch:
    """What a stretch of asks took."""

    milliseconds: float
    """From an ask that is on disk to its request at the server, median."""

    microseconds_a_call: float
    """The worker's time on a processor."""


class Asked:
    """A worker that is asked for one token after the other, by plain SQL."""

    def __init__(self, run, stack, sandbox, name, configuration):
        self.name = name
        self.sandbox = sandbox
        self.queue = _new_queue(run)
        self.worker = stack.enter_context(
            Worker(run, self.queue, None, "--quiet", "--config", configuration)
        )
        self.db = stack.enter_context(contextlib.closing(open_queue(self.queue)))
        self.db.isolation_level = None
        self.db.execute("pragma synchronous = full")
        self.asks = 0

    def stretch(self, accounts, count):
        seen = len(updates(self.sandbox.lines()))
        spent = self.worker.on_processor_ns()
        asked = self._ask(itertools.islice(itertools.cycle(accounts), count))
        if not wait_until(self._is_delivered):
            raise RuntimeError("not all asks have been delivered")
        spent = self.worker.on_processor_ns() - spent
        calls = updates(self.sandbox.lines())[seen:]
        if any(call["verdict"] != "ok" for call in calls):
            raise RuntimeError("a call was refused")
        arrived = {token: call["arrived_us"] / 1e6 for call in calls for token in call["preview_tokens"]}
        took = [arrived[token] - moment for token, moment in asked.items()]
        return Stretch(statistics.median(took) * 1e3, spent / 1e3 / len(calls))

    def _ask(self, accounts):
        """When each was on disk, in seconds, by token."""
        moments = {}
        began = time.monotonic()
        for number, account in enumerate(accounts):
            # The pace of the asks.
            time.sleep(max(0, began + number * GAP_S - time.monotonic()))
            self.asks += 1
            token = f"{self.name}-{self.asks}"
            _ask(self.db, account, token)
            moments[token] = time.monotonic()
        return moments

    def _is_delivered(self):
        ended = "select count(*) from ask where outcome = 'delivered'"
        return self.db.execute(ended).fetchone()[0] == self.asks


def _starting(run, accounts):
    """From the start of a worker to its first request, for the account that is opened last."""
    name = accounts.names[STARTING - 1]
    with Sandbox(run, "--calls-per-second", "0", *accounts.apps([name])) as sandbox:
        many = accounts.configuration(accounts.names[:STARTING], sandbox)
        one = accounts.configuration([name], sandbox)
        known, small = _new_queue(run), _new_queue(run)
        tokens = (f"token-{number}" for number in itertools.count())

        def start(queue, configuration):
            token = next(tokens)
            with contextlib.closing(open_queue(queue)) as db, db:
                _ask(db, name, token)
            began = time.monotonic()
            with Worker(run, queue, None, "--quiet", "--config", configuration):
                if not wait_until(lambda: token in _arrivals(sandbox)):
                    raise RuntimeError("the worker has not delivered anything")
            return _arrivals(sandbox)[token] - began

        # Afterwards these queues know their accounts.
        start(known, many)
        start(small, one)
        measures = {
            "new": lambda: start(_new_queue(run), many),
            "known": lambda: start(known, many),
            "one": lambda: start(small, one),
        }
        taken = rounds(1 if run.quick else 5, measures, run.dice)
    what = f"start with {STARTING:,} accounts, to the first request at the server"
    return [
        _start(f"{what}: a new queue", taken["new"], taken["one"]),
        _start("the same: a queue that knows the accounts", taken["known"], taken["one"]),
    ]


def _arrivals(sandbox):
    """When each token's request arrived, in seconds."""
    return {
        token: line["arrived_us"] / 1e6
        for line in updates(sandbox.lines())
        for token in line["preview_tokens"]
    }


def _new_queue(run):
    queue = run.folder() / "queue.db"
    run.larkspur(queue, "enqueue", "preview", "--from", "-")
    return queue


def _ask(db, account, token):
    db.execute(
        "insert into ask (account, kind, lane, body) values (?, 'preview', ?, ?)",
        (account, token, '{"everyone":true}'),
    )


def pair(name, unit, taken, asks, busy=BUSY):
    spread = ratio(taken["many"], taken["few"])
    middle = {which: statistics.median(each) for which, each in taken.items()}
    digits = 2 if unit == "ms" else 0
    return Figure(
        name=name,
        ours=f"{middle['many']:,.{digits}f} {unit}",
        against=f"a worker with only these {busy}: {middle['few']:,.{digits}f} {unit}",
        ratio=spread,
        goal=f"≤ {GOAL}",
        met=spread.median <= GOAL,
        details={"unit": unit, "many": taken["many"], "few": taken["few"], "asks_a_round": asks},
    )


def _start(name, taken, alone):
    return Figure(
        name=name,
        ours=f"{statistics.median(taken):.2f} s, slowest {max(taken):.2f} s",
        against=f"with one account: {statistics.median(alone):.3f} s",
        goal=f"≤ {START_S} s",
        met=max(taken) <= START_S,
        details={"seconds": Spread.of(taken).__dict__, "with_one_account": alone, "rounds": taken},
    )
