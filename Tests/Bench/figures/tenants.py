"""Ten thousand tenants of a store app, of which a hundred are busy, beside a worker that knows only these
hundred. Both are asked as in `configured`."""

import contextlib
import json
import statistics

import idling
from figures.configured import Asked, compared, pair
from programs import Sandbox

TENANTS, BUSY = 10_000, 100
APP, SECRET = "cli_acme", "app-secret"


def measure(run):
    many = [f"k{number:05}" for number in range(TENANTS)]
    # Spread evenly over all, because accounts are kept in order.
    few = many[:: TENANTS // BUSY]
    busy = [f"acme.{key}" for key in few]
    count, asks = (3, BUSY) if run.quick else (9, 3 * BUSY)
    window = idling.window(run)
    ticket = run.folder() / "ticket"
    secret = run.folder() / "secret"
    secret.write_text(SECRET, encoding="ascii")
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(
            Sandbox(
                run,
                "--calls-per-second",
                "0",
                "--store-app",
                f"{APP}:{SECRET}",
                "--ticket-file",
                ticket,
            )
        )

        def configuration(keys):
            app = {
                "host": sandbox.address,
                "app_id": APP,
                "app_secret_file": str(secret),
                "app_ticket_file": str(ticket),
                "tenants": {key: {"monthly_quota": 1_000_000} for key in keys},
            }
            path = run.folder() / "config.json"
            path.write_text(json.dumps({"apps": {"acme": app}}), encoding="utf-8")
            return path

        both = {
            name: Asked(run, stack, sandbox, name, configuration(keys))
            for name, keys in {"many": many, "few": few}.items()
        }
        taken, idle, spent = compared(run, stack, both, busy, (count, asks), window)
        resident = {name: idle[name].resident_megabytes() for name in both}
    kilobytes = (resident["many"] - resident["few"]) * 1_000 / (TENANTS - BUSY)
    return [
        pair(
            f"{TENANTS:,} tenants of a store app, {BUSY} of them busy: an ask that is on disk to its "
            "request at the server, median",
            "ms",
            {name: [each.milliseconds for each in all_] for name, all_ in taken.items()},
            asks,
            BUSY,
        ),
        pair(
            "the same: processor time of the worker for a call",
            "µs",
            {name: [each.microseconds_a_call for each in all_] for name, all_ in taken.items()},
            asks,
            BUSY,
        ),
        idling.share(
            f"idle worker, {TENANTS:,} tenants, {kilobytes:.1f} KB each",
            spent["many"],
            spent["c"],
            window,
            few_percent=spent["few"],
            resident_mb=resident["many"],
        ),
    ]
