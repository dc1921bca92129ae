"""What it takes to start a program."""

import os
import re
import shutil
import subprocess


def links(program):
    """The shared libraries that are loaded before it does anything."""
    try:
        done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return len(re.findall(r"\.so", done.stdout)) if done.returncode == 0 else 0


def system_calls(run, words, environment, queue):
    """How many it makes, and how many of them before it first looks for the queue; None where there is
    no strace, or it may not be used."""
    if not shutil.which("strace"):
        return None
    trace = run.folder() / "trace"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", trace, *words],
        env=environment,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        return None
    with open(trace, encoding="utf-8", errors="replace") as file:
        lines = [line for line in file if "(" in line and " resumed>" not in line]
    # The name of the queue is in its own arguments, too: that is the first call.
    place = os.path.basename(os.path.dirname(queue)) + "/" + os.path.basename(queue)
    first = next((n for n, line in enumerate(lines) if n and place in line), len(lines))
    return {"all": len(lines), "before_the_queue": first}
