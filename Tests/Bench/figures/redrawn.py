"""From a change in a backend's database to the last member's new preview, as the sandbox's clients draw it; by
key, and beside a backend that waits until its clients pull by themselves."""

import contextlib
import dataclasses
import http.client
import itertools
import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

from asking import span, updates
from measuring import Figure, percentile, ratio
from programs import PATIENCE, Process, Sandbox, Worker, open_queue, wait_until
from trials import LATENCY

MEDIAN_MS = 50
LOOK_S = 30
"""How often every member looks at each of its chats, if nobody makes its client pull."""

SETTLED_S = 1
"""How long after a change its previews are looked at, so that looking does not disturb the redrawing."""

LATE_S = 1
"""A machine that cannot keep such a pace makes who waits look worse."""

PARTS = 5
BACKEND = pathlib.Path(__file__).parents[1] / "backend.py"


@dataclasses.dataclass(frozen=True)
class Load:
    """Tickets that change in turn, so many times a second, each shown in so many chats."""

    name: str
    tickets: int
    chats: int
    members: int
    changes: int
    per_second: float

    def keys(self):
        """Of those that change."""
        return [f"{self.name}-{number}" for number in range(min(self.tickets, self.changes))]

    def who(self):
        return f"{self.chats} chats with {self.members} members each"


def measure(run):
    # A change is one call. At four a second none waits for the budget, and no token for its 5 s.
    loads = [
        Load("ticket", 60, 3, 4, 40 if run.quick else 200, 4),
        Load("nine", 20, 9, 5, 10 if run.quick else 50, 2),
    ]
    told = Told(run, loads).redrawn()
    waited = Waiting(run, loads).redrawn()
    names = ["a change committed to the last member's new preview, by key, {}", "the same, {}"]
    return [
        _figure(name.format(load.who()), load, told[load.name], waited[load.name])
        for name, load in zip(names, loads, strict=True)
    ]


@dataclasses.dataclass
class Redrawn:
    """What one change came to, in seconds after its commit."""

    last: float
    """The last member's new preview."""

    arrived: float | None = None
    """The request for it at the server."""


class Site:
    """A backend, its tickets, and a sandbox whose clients pull from it."""

    def __init__(self, run, stack, loads, queue=None):
        folder = run.folder()
        self.dice = run.dice
        self.loads = loads
        self.tickets = stack.enter_context(contextlib.closing(open_queue(folder / "tickets.db")))
        self.tickets.isolation_level = None
        self.tickets.execute("pragma journal_mode = wal")
        self.tickets.execute("create table ticket (key text primary key, version integer, title text)")
        self.version = {key: 0 for load in loads for key in load.keys()}
        self.tickets.executemany(
            "insert into ticket values (?, 0, ?)", [(key, _title(key, 0)) for key in self.version]
        )
        words = [sys.executable, "-B", BACKEND, folder / "tickets.db", *([queue] if queue else [])]
        backend = stack.enter_context(Process(words, output=subprocess.PIPE))
        port = backend.process.stdout.readline().strip()
        self.sandbox = stack.enter_context(
            Sandbox(run, "--latency", LATENCY, "--callback", f"http://127.0.0.1:{port}/callback")
        )
        address = self.sandbox.address.removeprefix("http://")
        self.http = stack.enter_context(contextlib.closing(http.client.HTTPConnection(address, timeout=30)))
        if not wait_until(self._is_verified, every=0.1):
            raise RuntimeError("the backend's address was not verified")

    def _is_verified(self):
        """Every message has Feishu check the address, until the backend answers within 1 s."""
        url = f"https://tickets.example/{self.loads[0].keys()[0]}"
        self.ask("POST", body={"url": url, "place": "draft", "members": ["ou_draft"]})
        return self.ask("GET")["verified"]

    def ask(self, method, path="", body=None):
        self.http.request(method, f"/sandbox/messages{path}", body and json.dumps(body))
        with self.http.getresponse() as answer:
            text = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"the sandbox answered {answer.status}: {text}")
        return json.loads(text)

    def post(self, key, chat, members):
        """Pastes the ticket's link; answers the message's number."""
        message = {"url": f"https://tickets.example/{key}", "chat": chat, "members": members}
        return self.ask("POST", body=message)["number"]

    def change(self, key):
        """Commits a change; answers when, in seconds since 1970."""
        self.version[key] += 1
        version = self.version[key]
        self.tickets.execute(
            "update ticket set version = ?, title = ? where key = ?", (version, _title(key, version), key)
        )
        return time.time()


def _title(key, version):
    return f"{key}: {version}"


def _version(title):
    return int(title.rpartition(" ")[2])


def _chats(load, key):
    """Of a ticket, each with its members."""
    return {
        f"oc_{key}_{chat}": [f"ou_{key}_{chat}_{member}" for member in range(load.members)]
        for chat in range(load.chats)
    }


def _pause_until(moment):
    time.sleep(max(0, moment - time.time()))


class Told:
    """The backend records what it serves, and asks by key after each change."""

    def __init__(self, run, loads):
        self.run = run
        self.loads = loads

    def redrawn(self):
        """By load, a list of what each change came to."""
        with contextlib.ExitStack() as stack:
            queue = self.run.folder() / "queue.db"
            self.run.larkspur(queue, "init")
            self.site = Site(self.run, stack, self.loads, queue)
            self.queue = stack.enter_context(contextlib.closing(open_queue(queue)))
            self.queue.isolation_level = None
            self.queue.execute("pragma synchronous = full")
            stack.enter_context(Worker(self.run, queue, self.site.sandbox, "--quiet"))
            self._post()
            self._await_sightings()
            # The worker logs in, which is not measured. This ticket is the last to change again.
            key = self.loads[-1].keys()[-1]
            self._settle(key, self._change(key))
            redrawn = {load.name: self._measured(load) for load in self.loads}
            if any(call["verdict"] != "ok" for call in updates(self.site.sandbox.lines())):
                raise RuntimeError("a call was refused")
        return redrawn

    def _post(self):
        self.messages = {}
        for load in self.loads:
            for key in load.keys():
                self.messages[key] = [
                    self.site.post(key, chat, members) for chat, members in _chats(load, key).items()
                ]
                # One ticket after the other: a pull that is not answered within 3 s is not repeated.
                self._seen(key)
        self.draws = {number: 1 for numbers in self.messages.values() for number in numbers}

    def _await_sightings(self):
        viewers = sum(len(load.keys()) * load.chats * load.members for load in self.loads)
        known = "select sum(viewers) from keys"
        if not wait_until(lambda: self.queue.execute(known).fetchone()[0] == viewers, every=0.1):
            raise RuntimeError("not every preview that was served was recorded")

    def _change(self, key):
        """First the change, then the ask."""
        committed = self.site.change(key)
        self.queue.execute(
            "insert into ask (kind, lane, body) values ('key', ?, ?)", (key, '{"everyone":true}')
        )
        for number in self.messages[key]:
            self.draws[number] += 1
        return committed

    def _measured(self, load):
        keys = load.keys()
        gap = 1 / load.per_second
        changes = []
        behind = math.ceil(SETTLED_S / gap)
        began = time.time() + SETTLED_S
        found = []
        for number in range(load.changes + behind):
            if number < load.changes:
                # Not always at the same point of what the worker does by itself.
                _pause_until(began + gap * (number + self.run.dice.uniform(0, 0.2)))
                key = keys[number % len(keys)]
                changes.append((key, self._change(key)))
            # Half way to the next change, nothing is going on.
            _pause_until(began + gap * (number + 0.6))
            if number >= behind:
                found.append(self._settle(*changes[number - behind]))
        return found

    def _seen(self, key):
        """What the members see, as pairs of a message and a member, once it is the newest title for all."""
        title = _title(key, self.site.version[key])
        members = []

        def is_drawn():
            messages = [self.site.ask("GET", f"/{number}") for number in self.messages[key]]
            members[:] = [(message, member) for message in messages for member in message["members"]]
            return all(member["title"] == title and not member["waiting"] for _, member in members)

        if not wait_until(is_drawn, every=0.1):
            trouble = {member["trouble"] for _, member in members if member["title"] != title}
            raise RuntimeError(f"not every member sees '{title}' after {PATIENCE} s: {trouble}")
        return members

    def _settle(self, key, committed):
        """What the change came to, once every member has drawn it, exactly once."""
        members = self._seen(key)
        for message, member in members:
            if member["draws"] != self.draws[message["number"]]:
                raise RuntimeError(f"a member has drawn changes of {key} {member['draws']} times")
        tokens = {message["token"] for message, _ in members}
        arrived = max(
            line["arrived_us"] / 1e6
            for line in updates(self.site.sandbox.lines())
            if tokens & set(line["preview_tokens"])
        )
        # The record's clock is another one than that of the previews.
        arrived += time.time() - time.monotonic()
        last = max(member["drawn_ms"] for _, member in members) / 1e3
        return Redrawn(last - committed, arrived - committed)


class Waiting:
    """The backend only answers. A member sees a change when it looks at the chat the next time: its client then
    pulls, as for a message that it sees for the first time. Nobody looks at the same moment as the others."""

    CHANGES_PER_SECOND = 20

    def __init__(self, run, loads):
        self.run = run
        self.loads = loads

    def redrawn(self):
        with contextlib.ExitStack() as stack:
            self.site = Site(self.run, stack, self.loads)
            changes = self._changes()
            looks = self._looks(changes[-1][0])
            committed, posted = self._play(changes, looks)
            return self._judged(committed, posted, self._drawn())

    def _changes(self):
        """Of all loads, with their moments. Without calls there is no budget to keep."""
        keys = [
            key
            for load in self.loads
            for key in itertools.islice(itertools.cycle(load.keys()), load.changes)
        ]
        self.run.dice.shuffle(keys)
        return [(number / self.CHANGES_PER_SECOND, key) for number, key in enumerate(keys)]

    def _looks(self, end):
        """Every LOOK_S, each member at moments of its own, until each has seen the last change."""
        looks = []
        for load in self.loads:
            for key in load.keys():
                for chat, members in _chats(load, key).items():
                    for member in members:
                        moment = self.run.dice.uniform(0, LOOK_S)
                        while moment < end + LOOK_S:
                            looks.append((moment, key, chat, member))
                            moment += LOOK_S
        return looks

    def _play(self, changes, looks):
        """When each change was committed, by key; and the messages that are looks, by key and member."""
        began = time.time()
        committed, posted = {}, {}
        for moment, key, *look in sorted([*changes, *looks], key=lambda event: event[0]):
            _pause_until(began + moment)
            if time.time() > began + moment + LATE_S:
                raise RuntimeError("this machine is too busy for members to look when they should")
            if look:
                chat, member = look
                number = self.site.post(key, chat, [member])
                posted.setdefault(key, {}).setdefault(member, []).append(number)
            else:
                committed.setdefault(key, []).append(self.site.change(key))
        return committed, posted

    def _drawn(self):
        """What was drawn, by message."""
        members = {}

        def is_drawn():
            messages = self.site.ask("GET")["messages"]
            members.update((message["number"], message["members"][0]) for message in messages)
            return all(member["title"] and not member["waiting"] for member in members.values())

        if not wait_until(is_drawn, every=0.5):
            trouble = next(member["trouble"] for member in members.values() if not member["title"])
            raise RuntimeError(f"a member who has looked sees nothing: {trouble}")
        return members

    def _judged(self, committed, posted, drawn):
        redrawn = {load.name: [] for load in self.loads}
        for key, moments in committed.items():
            for version, moment in enumerate(moments, start=1):
                # Each member's first look that shows this version, or one after it.
                seen = [
                    next(
                        drawn[number]["drawn_ms"]
                        for number in numbers
                        if _version(drawn[number]["title"]) >= version
                    )
                    for numbers in posted[key].values()
                ]
                redrawn[key.rpartition("-")[0]].append(Redrawn(max(seen) / 1e3 - moment))
        return redrawn


def _figure(name, load, told, waited):
    ours, theirs = ([one.last for one in each] for each in (told, waited))
    arrived = [one.arrived for one in told]
    middle = statistics.median(ours)
    return Figure(
        name=f"{name}: median",
        ours=f"{_sentence(ours)}; Feishu has the refresh after {span(statistics.median(arrived))}",
        against=f"waiting for members who look every {LOOK_S} s: {_sentence(theirs)}",
        ratio=ratio(_medians(ours), _medians(theirs)),
        goal=f"< {MEDIAN_MS} ms",
        met=middle * 1e3 < MEDIAN_MS,
        details={
            "changes": load.changes,
            "chats": load.chats,
            "members": load.chats * load.members,
            "by_key_s": ours,
            "request_arrived_s": arrived,
            "waiting_s": theirs,
        },
    )


def _sentence(seconds):
    return f"median {span(statistics.median(seconds))}, p99 {span(percentile(seconds, 99))}"


def _medians(seconds):
    """Of as many parts, so that the middle has a spread."""
    size = len(seconds) // PARTS
    return [statistics.median(seconds[part * size : (part + 1) * size]) for part in range(PARTS)]
