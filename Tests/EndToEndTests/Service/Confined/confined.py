"""Runs a program under the restrictions of a systemd unit, as far as that can be done without systemd.

    confined.py UNIT ROOT PROGRAMS ExecStartPre|ExecStart
    confined.py UNIT ROOT PROGRAMS -- COMMAND…

ROOT is what systemd-sysusers and systemd-tmpfiles have made of an empty folder; its /var/lib/larkspur becomes the
program's. PROGRAMS holds larkspur and larkspur-work; /usr/bin/larkspur of the unit stands for the one in there.
The filters of system calls are what systemd makes, through the same libseccomp and from the lists of `systemd-analyze
syscall-filter`. A restriction that this file does not know ends it, so that none is left out unnoticed.

Not applied, because only systemd can: RemoveIPC, which removes what is left when the service ends, and the control
group's list of devices, which PrivateDevices and ProtectClock set (but there are no other device files in /dev).
"""

import os
import pathlib
import shlex
import sys

from calls import filter_calls
from mounts import mount_all
from settings import Settings, check, libc

NEWUSER = 0x10000000


def become_user(settings, uid, gid):
    if settings.has("PrivateUsers"):
        map_users(uid, gid)
    if settings.one("CapabilityBoundingSet") != "":
        sys.exit("confined.py: the unit leaves capabilities, which is not known here")
    for number in range(64):
        libc.prctl(24, number, 0, 0, 0)
    os.setgroups([gid])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if settings.has("NoNewPrivileges"):
        check(libc.prctl(38, 1, 0, 0, 0), "no new privileges")
    os.umask(int(settings.one("UMask"), 8))


def map_users(uid, gid):
    """In a namespace in which there are only root and this user. Another process has to write the maps."""
    target = os.getpid()
    is_apart, tell = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(tell)
        os.read(is_apart, 1)
        for name, number in (("uid_map", uid), ("gid_map", gid)):
            pathlib.Path(f"/proc/{target}/{name}").write_text(f"0 0 1\n{number} {number} 1\n")
        os._exit(0)
    check(libc.unshare(NEWUSER), "unshare the users")
    os.close(is_apart)
    os.close(tell)
    if os.waitpid(helper, 0)[1] != 0:
        sys.exit("confined.py: cannot write the maps of users")


def entry(file, name):
    """The fields of a user or a group."""
    return next(line.split(":") for line in file.read_text().splitlines() if line.startswith(f"{name}:"))


def command(settings, key, programs):
    words = shlex.split(settings.all[key][-1])
    if words[0] != "/usr/bin/larkspur":
        sys.exit(f"confined.py: {key} is not larkspur: {words[0]}")
    return [f"{programs}/larkspur"] + words[1:]


def main():
    path, root, programs, key, *words = sys.argv[1:]
    settings, root = Settings(path), pathlib.Path(root)
    if key != "--":
        words = command(settings, key, "/mnt/programs")
    user = entry(root / "etc/passwd", settings.one("User"))
    group = entry(root / "etc/group", settings.one("Group"))
    for value in settings.all["Environment"]:
        for assignment in shlex.split(value):
            name, _, text = assignment.partition("=")
            os.environ[name] = text
    os.environ["HOME"] = user[5]
    mount_all(settings, root, programs)
    os.chdir("/")
    become_user(settings, int(user[2]), int(group[2]))
    filter_calls(settings)
    settings.expect_all_known()
    os.execvp(words[0], words)


main()
