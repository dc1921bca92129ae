"""Asks as a company makes them, and what the sandbox's record says became of them."""

import dataclasses
import math
import time

from measuring import percentile


@dataclasses.dataclass(frozen=True)
class Ask:
    """At a moment of the crowd, in seconds, for some people or, with none named, for everyone."""

    moment: float
    token: str
    people: tuple = ()


def crowd(dice, asks, tickets, seconds):
    """Tickets that change again and again: half of them are shown to everyone in their chats, the
    others to one of ten teams of three to nine people."""
    people = [f"ou_{number}" for number in range(60)]
    teams = [tuple(sorted(dice.sample(people, dice.randint(3, 9)))) for _ in range(10)]
    audiences = [() if number % 2 else dice.choice(teams) for number in range(tickets)]
    chosen = [dice.randrange(tickets) for _ in range(asks)]
    moments = sorted(dice.uniform(0, seconds) for _ in range(asks))
    return [
        Ask(moment, f"ticket-{number}", audiences[number])
        for moment, number in zip(moments, chosen)
    ]


def distinct(asks, seconds=0):
    """As many tickets, each once, shown to everyone."""
    return [Ask(seconds * number / asks, f"ticket-{number}") for number in range(asks)]


def same(asks, seconds):
    """One ticket that changes as often."""
    return [Ask(seconds * number / asks, "ticket") for number in range(asks)]


def updates(lines):
    """Of a record: the calls that refresh previews."""
    return [line for line in lines if line["preview_tokens"] is not None]


@dataclasses.dataclass
class Outcome:
    """What became of asks. `again` counts refreshes of what was fresh; a lost ask is one that no call
    after it has answered for."""

    asks: int
    calls: int
    accepted: int
    refused: dict
    lost: int
    again: int
    drained: float
    staleness: list = dataclasses.field(repr=False)

    @property
    def refusals(self):
        return sum(self.refused.values())

    def median(self):
        return percentile(self.staleness, 50)

    def p99(self):
        return percentile(self.staleness, 99)

    def details(self):
        return {
            "asks": self.asks,
            "calls": self.calls,
            "refused": self.refused,
            "lost": self.lost,
            "refreshed_again": self.again,
            "drained_s": _short(self.drained),
            "staleness_median_s": _short(self.median()),
            "staleness_p99_s": _short(self.p99()),
        }


def outcome(lines, made):
    """`made` are pairs of the moment at which somebody began to ask, and the ask."""
    calls = updates(lines)
    refused = {}
    reached = {}
    for line in calls:
        if line["applied"]:
            for token in line["preview_tokens"]:
                reached.setdefault(token, []).append(line["arrived_us"] / 1e6)
        if line["verdict"] != "ok":
            refused[line["verdict"]] = refused.get(line["verdict"], 0) + 1
    moments = {}
    for moment, ask in made:
        moments.setdefault(ask.token, []).append(moment)
    people = {ask.token: set(ask.people) for _, ask in made}
    for line in calls:
        # A ticket's audience stays as it is, so that a call reaches all of it, or is wrong.
        named = set(line["open_ids"] or ())
        for token in line["preview_tokens"]:
            if bool(people[token]) != bool(named) or not people[token] <= named:
                raise RuntimeError(f"{token} was refreshed for others than were asked for")
    staleness, lost, again, last = [], 0, 0, 0
    for token, asked in moments.items():
        stale = sorted(asked)
        for arrival in sorted(reached.get(token, [])):
            told = [moment for moment in stale if moment <= arrival]
            again += not told
            staleness += [arrival - moment for moment in told]
            stale = stale[len(told) :]
            last = max(last, arrival if told else 0)
        lost += len(stale)
    began = min(moment for moment, _ in made)
    accepted = sum(line["applied"] for line in calls)
    return Outcome(len(made), len(calls), accepted, refused, lost, again, last - began, staleness)


def span(seconds):
    """As people read it."""
    if seconds < 0.1:
        return f"{seconds * 1000:.2g} ms"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:,.0f} s"


def now():
    """The clock of the record."""
    return time.monotonic()


def _short(number):
    return None if math.isnan(number) else round(number, 4)
