"""Several machines on one shared queue, in simulated time, with a throw-away PostgreSQL server for each process.

usage: machines.py PROGRAM [--jobs J] [--seeds N] [--first S] [--until-broken] | PROGRAM --seed S
"""

import os
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "Shared"))
from server import OWNER, Server


def main(program, *words):
    words = list(words)
    jobs = int(take(words, "--jobs") or len(os.sched_getaffinity(0)))
    count = int(take(words, "--seeds") or 40)
    first = int(take(words, "--first") or 1)
    if "--seed" in words:
        shares = [words]
    else:
        each = -(-count // jobs)
        shares = [
            [*words, "--first", str(first + job * each), "--seeds", str(min(each, count - job * each))]
            for job in range(jobs)
            if job * each < count
        ]
    servers, runs = [], []
    try:
        for share in shares:
            servers.append(Server())
            create(servers[-1])
            address = f"postgresql://{OWNER}@/larkspur?host={servers[-1].home}"
            runs.append(subprocess.Popen([program, address, *share]))
        return max(run.wait() != 0 for run in runs)
    finally:
        for run in runs:
            if run.poll() is None:
                run.kill()
                run.wait()
        for server in servers:
            server.stop()


def take(words, name):
    """The value of an option, which is removed."""
    if name not in words:
        return None
    place = words.index(name)
    value = words[place + 1]
    del words[place : place + 2]
    return value


def create(server):
    """An empty database; the program makes the schema that it was built with."""
    admin = server.connect(database="postgres")
    admin.cursor().execute("create database larkspur")
    admin.close()


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
