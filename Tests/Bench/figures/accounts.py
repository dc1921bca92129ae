"""Many accounts on one machine, each with a budget of its own: how much of it is used, and at what cost."""

import collections
import json
import time

import queues
from figures import tenants
from measuring import Figure, Spread
from programs import Process, Sandbox, wait_until

CALLS_PER_SECOND = 5
TOKENS_PER_CALL = 10
AROUND = 5
"""Seconds for which there is work beyond those that are waited for and looked at."""

APART = 0.8
"""Of the calls that an account may make during the warm-up: once it has made them, the warm-up is over."""


def measure(run):
    return [*_budgets(run), *tenants.measure(run)]


def _budgets(run):
    accounts, warm_up, seconds = (50, 8, 5) if run.quick else (200, 15, 60)
    apps = [f"cli_{number}" for number in range(accounts)]
    queue = run.folder() / "queue.db"
    run.larkspur(queue, "enqueue", "preview", "--from", "-")
    each_second = accounts * CALLS_PER_SECOND * TOKENS_PER_CALL
    names = [f"a{number}" for number in range(accounts)]
    queues.ask_for_everyone(queue, each_second * (warm_up + seconds + AROUND), names)
    options = [word for app in apps for word in ("--app", f"{app}:sandbox")]
    with Sandbox(run, "--latency", "20ms", *options) as sandbox:
        with work(run, queue, sandbox, apps, calls_per_minute=1):
            if not wait_until(lambda: queues.is_folded(queue), patience=600, every=0.1):
                raise RuntimeError("the worker did not get through the asks")
        with work(run, queue, sandbox, apps) as worker:
            # At first every budget is full, and all want to send at once. What one has to wait then
            # puts it apart from the others, until they come one after the other. Accounts that are too
            # slow for it are measured as they are.
            least = CALLS_PER_SECOND * warm_up * APART
            wait_until(lambda: fewest_calls(sandbox, apps) >= least, patience=warm_up, every=0.5)
            began, spent = time.monotonic(), worker.processor_seconds()
            from_ = sandbox_clock(sandbox)
            # The measured interval.
            time.sleep(seconds)
            to = sandbox_clock(sandbox)
            processor = (worker.processor_seconds() - spent) / (time.monotonic() - began)
            memory = worker.resident_megabytes()
        lines = calls(sandbox)
    refused = [line for line in lines if line["verdict"] != "ok"]
    within = [line for line in lines if from_ <= line["arrived_us"] < to]
    moments = collections.defaultdict(list)
    for line in within:
        moments[line["app"]].append(line["arrived_us"])
    span = (to - from_) / 1e6
    paces = [pace(moments[app], span) for app in apps]
    tokens = sum(len(line["preview_tokens"]) for line in within) / len(within)
    shares = [each / CALLS_PER_SECOND for each in paces]
    share = sum(shares) / len(shares)
    return [
        Figure(
            f"{accounts} accounts with {CALLS_PER_SECOND} calls/s each, 20 ms answers",
            f"{sum(paces):,.0f} calls/s, {sum(paces) * tokens:,.0f} token refreshes/s; "
            f"{processor:.0%} of a core, {memory:.0f} MB",
            f"the budgets: {accounts * CALLS_PER_SECOND:,} calls/s",
            Spread(share, min(shares), max(shares), len(shares)),
            "≥ 0.98",
            share >= 0.98,
            {
                "processor": processor,
                "resident_mb": memory,
                "seconds": span,
                "calls": len(within),
                "shares": shares,
            },
        ),
        Figure(
            "… calls that were refused",
            str(len(refused)),
            goal="0",
            met=not refused,
            details={"verdicts": collections.Counter(line["verdict"] for line in refused)},
        ),
    ]


def pace(moments, seconds):
    """Calls a second, by how long it is from each call to the fifth after it. An account makes its calls
    in bunches of five: how many fall between two moments says more of where these lie than of its pace.
    Where that hides more than a bunch, the account fell silent, and what it made counts."""
    counted = len(moments) / seconds
    spans = [later - call for call, later in zip(moments, moments[CALLS_PER_SECOND:])]
    if not spans:
        return counted
    paced = CALLS_PER_SECOND * len(spans) / sum(spans) * 1e6
    return paced if paced * seconds - len(moments) <= CALLS_PER_SECOND else counted


def work(run, queue, sandbox, apps, **limits):
    accounts = {
        f"a{number}": {"host": sandbox.address, "app_id": app, "app_secret_env": "SECRET"} | limits
        for number, app in enumerate(apps)
    }
    config = run.folder() / "config.json"
    config.write_text(json.dumps({"accounts": accounts}), encoding="utf-8")
    environment = run.environment(queue) | {"LARKSPUR_CONFIG": str(config), "SECRET": "sandbox"}
    return Process([run.programs / "larkspur-work", "--quiet"], environment)


def fewest_calls(sandbox, apps):
    """How many calls the account with the fewest has made."""
    made = collections.Counter(line["app"] for line in calls(sandbox))
    return min(made[app] for app in apps)


def calls(sandbox):
    return [line for line in sandbox.lines() if line["path"].endswith("/url_previews/batch_update")]


def sandbox_clock(sandbox):
    """The newest moment in the record: what comes later has not arrived yet."""
    return max(line["arrived_us"] for line in calls(sandbox))
