"""The same asks to Larkspur and to what a user would pick instead."""

import contenders
from asking import crowd, distinct, span
from measuring import Figure, Spread, ratio
from trials import Trial, side_by_side

PEERS = [
    contenders.PlainLoop,
    contenders.Careful,
    contenders.Huey,
    contenders.Litequeue,
    contenders.PersistQueue,
]


def measure(run):
    rounds = 1 if run.quick else 5
    asks, tickets, seconds = (30, 40, 3) if run.quick else (300, 100, 20)
    kill_asks, kill_seconds = (24, 3) if run.quick else (100, 15)
    kills = [1.5] if run.quick else [3, 6, 9, 12]
    everyone = [contenders.Larkspur, *PEERS]
    crowds = [crowd(run.dice, asks, tickets, seconds) for _ in range(rounds)]
    plain = [Trial(run, one, crowd) for crowd in crowds for one in everyone]
    killed = [
        Trial(run, one, distinct(kill_asks, kill_seconds), kill_at=kills)
        for _ in crowds
        for one in everyone
    ]
    # All at once would be more than two cores start without delay.
    batches = [plain + killed] if run.quick else [plain, killed]
    outcomes = [one for trials in batches for one in side_by_side(trials, patience=600)]
    all_of = {
        one: (
            outcomes[place : len(plain) : len(everyone)],
            outcomes[len(plain) + place :: len(everyone)],
        )
        for place, one in enumerate(everyone)
    }
    ours, ours_killed = all_of[contenders.Larkspur]
    return [
        Figure(
            name=f"calls for {asks} asks about {tickets} tickets in {seconds} s: {peer.name}",
            ours=_sentence(ours, ours_killed, len(kills)),
            against=_sentence(theirs, theirs_killed, len(kills)),
            ratio=ratio([one.calls for one in ours], [one.calls for one in theirs]),
            details={
                "peer": peer.name,
                "drained": vars(ratio([o.drained for o in ours], [o.drained for o in theirs])),
                "larkspur": _details(ours, ours_killed),
                "theirs": _details(theirs, theirs_killed),
            },
        )
        for peer, (theirs, theirs_killed) in all_of.items()
        if peer is not contenders.Larkspur
    ]


def _sentence(outcomes, killed, kills):
    def middle(number):
        return Spread.of(number(one) for one in outcomes).median

    def total(number):
        return sum(number(one) for one in killed)

    return (
        f"{middle(lambda one: one.calls):g} calls, {sum(one.refusals for one in outcomes)} refused, "
        f"all told after {middle(lambda one: one.drained):.1f} s; "
        f"stale for {span(middle(lambda one: one.median()))} "
        f"(p99 {span(middle(lambda one: one.p99()))}); "
        f"kill -9 ({kills * len(killed)}): lost {total(lambda one: one.lost)} "
        f"of {total(lambda one: one.asks)} asks, told {total(lambda one: one.again)} twice"
    )


def _details(outcomes, killed):
    return {
        "rounds": [one.details() for one in outcomes],
        "killed": [one.details() for one in killed],
    }
