"""The careful script on its own ground, and off it."""

import contenders
from asking import crowd, distinct, same, span
from measuring import Figure, Spread, ratio
from trials import Trial, side_by_side

CALLS_A_SECOND = 5


def measure(run):
    rounds = 1 if run.quick else 5
    tokens = 300 if run.quick else 10_000
    asks, seconds = (40, 2) if run.quick else (120, 8)
    crowded = f"{asks} asks about {asks // 2} tickets in {seconds} s"
    shows = [
        Show(
            "ground",
            f"{tokens:,} tokens, asked for at once, nothing goes wrong",
            lambda: distinct(tokens),
        ),
        Show(
            "killed",
            f"{crowded}, kill -9 in the middle",
            lambda: crowd(run.dice, asks, asks // 2, seconds),
            kill_at=[seconds / 2],
        ),
        Show("two", f"{crowded}, two run", lambda: crowd(run.dice, asks, asks // 2, seconds), runs=2),
        Show("fifty", "one ticket changes fifty times in 4 s", lambda: same(50, 4)),
        Show(
            "limited",
            "the first three calls are answered 99991400",
            lambda: distinct(100),
            options=("--limit", "first:3"),
        ),
    ]
    # Its own ground by itself, but for a quick look: ten thousand asks at once keep the machine busy.
    batches = [shows] if run.quick else [shows[:1], shows[1:]]
    return [figure for batch in batches for figure in _figures(run, batch, rounds)]


def _figures(run, shows, rounds):
    trials = [
        show.trial(run, one, asks)
        for show in shows
        for asks in [show.asks() for _ in range(rounds)]
        for one in (contenders.Larkspur, contenders.Careful)
    ]
    outcomes = side_by_side(trials, patience=600)
    for place, show in enumerate(shows):
        taken = outcomes[place * 2 * rounds : (place + 1) * 2 * rounds]
        yield show.figure(taken[::2], taken[1::2])


class Show:
    """A situation, in which Larkspur and the script are looked at."""

    def __init__(self, name, title, asks, **circumstances):
        self.name = name
        self.title = title
        self.asks = asks
        self.circumstances = circumstances

    def trial(self, run, contender, asks):
        return Trial(run, contender, asks, **self.circumstances)

    def figure(self, ours, theirs):
        return Figure(
            name=f"careful script: {self.title}",
            ours=_sentence(ours),
            against=_sentence(theirs),
            ratio=ratio([one.drained for one in ours], [one.drained for one in theirs])
            if self.name == "ground"
            else None,
            details={
                "show": self.name,
                "bound_s": Spread.of(one.calls for one in ours).median / CALLS_A_SECOND,
                "larkspur": [one.details() for one in ours],
                "script": [one.details() for one in theirs],
            },
        )


def _sentence(outcomes):
    def middle(number):
        return Spread.of(number(one) for one in outcomes).median

    return (
        f"{middle(lambda one: one.drained):.2f} s, {middle(lambda one: one.calls):g} calls, "
        f"{middle(lambda one: one.refusals):g} refused; lost "
        f"{sum(one.lost for one in outcomes)} of {sum(one.asks for one in outcomes)} asks; "
        f"stale for {span(middle(lambda one: one.median()))} "
        f"(p99 {span(middle(lambda one: one.p99()))})"
    )
