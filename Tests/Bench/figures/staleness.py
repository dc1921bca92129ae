"""How long previews are out of date, against asks a second."""

import contenders
from asking import Ask, span
from measuring import Figure, Spread, ratio
from trials import Trial, side_by_side

TICKETS = 1_000


def measure(run):
    rates = [1, 5, 10, 20] if run.quick else [1, 2, 5, 10, 20, 50]
    rounds = 1 if run.quick else 5
    seconds = 2 if run.quick else 15
    both = (contenders.Larkspur, contenders.PlainLoop)
    trials = [
        Trial(run, one, asks)
        for rate in rates
        for asks in [_asks(run.dice, rate, seconds) for _ in range(rounds)]
        for one in both
    ]
    outcomes = side_by_side(trials, patience=900)
    figures = []
    for place, rate in enumerate(rates):
        taken = outcomes[place * 2 * rounds : (place + 1) * 2 * rounds]
        figures.append(_figure(rate, seconds, taken[::2], taken[1::2]))
    return figures


def _asks(dice, rate, seconds):
    """At random moments, about random ones of a company's tickets, shown to everyone."""
    moments = sorted(dice.uniform(0, seconds) for _ in range(rate * seconds))
    return [Ask(moment, f"ticket-{dice.randrange(TICKETS)}") for moment in moments]


def _figure(rate, seconds, ours, theirs):
    return Figure(
        name=f"staleness at {rate} asks/s, for {seconds} s, about {TICKETS:,} tickets",
        ours=_sentence(ours),
        against=f"plain loop: {_sentence(theirs)}",
        ratio=ratio([one.median() for one in ours], [one.median() for one in theirs]),
        details={
            "asks_per_second": rate,
            "seconds": seconds,
            "larkspur": _details(ours),
            "plain_loop": _details(theirs),
        },
    )


def _sentence(outcomes):
    median, p99 = _spreads(outcomes)
    return f"median {span(median.median)}, p99 {span(p99.median)}"


def _spreads(outcomes):
    return Spread.of(one.median() for one in outcomes), Spread.of(one.p99() for one in outcomes)


def _details(outcomes):
    median, p99 = _spreads(outcomes)
    return {
        "median_s": vars(median),
        "p99_s": vars(p99),
        "rounds": [one.details() for one in outcomes],
    }
