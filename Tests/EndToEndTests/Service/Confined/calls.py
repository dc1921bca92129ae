"""Which system calls a program of the unit has."""

import ctypes
import errno
import socket
import subprocess
import sys

from settings import check

seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
seccomp.seccomp_init.restype = ctypes.c_void_p


def filter_calls(settings):
    if not settings.has("SystemCallArchitectures", "native"):
        sys.exit("confined.py: other architectures are not known here")
    refusal = getattr(errno, settings.one("SystemCallErrorNumber"))
    load_rules(settings)
    denied = set()
    for key, names in {
        "ProtectClock": ["@clock"], "ProtectKernelModules": ["@module"], "ProtectKernelLogs": ["syslog"],
        "ProtectHostname": ["sethostname", "setdomainname"], "PrivateDevices": ["@raw-io"],
    }.items():
        if settings.has(key):
            denied |= set().union(*(members(name) for name in names))
    load(errno.EPERM, deny=denied)
    # At the end, because it allows no further filter.
    load(refusal, allow=calls(settings))


def calls(settings):
    settings.used.add("SystemCallFilter")
    allowed = None
    for value in settings.all["SystemCallFilter"]:
        is_negative = value.startswith("~")
        names = set().union(*(members(word) for word in value.lstrip("~").split()))
        if allowed is None:
            if is_negative:
                sys.exit("confined.py: a filter that begins with ~ is not known here")
            # systemd allows these as well.
            allowed = names | members("@default")
        else:
            allowed = allowed - names if is_negative else allowed | names
    # To start a program is always allowed.
    return allowed | {"execve"}


def load(number, allow=None, deny=None):
    permit, refuse = 0x7FFF0000, 0x00050000 | number
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(refuse if allow is not None else permit)))
    for name in sorted(allow if allow is not None else deny):
        call = seccomp.seccomp_syscall_resolve_name(name.encode())
        if call >= 0:
            action = permit if allow is not None else refuse
            check(seccomp.seccomp_rule_add_exact_array(context, ctypes.c_uint32(action), call, 0, None), name)
    check(seccomp.seccomp_load(context), "load the filter")
    seccomp.seccomp_release(context)


def load_rules(settings):
    """Those that look at arguments."""
    rules = Rules()
    if settings.has("MemoryDenyWriteExecute"):
        write, execute = 2, 4
        rules.deny("mmap", (2, "masked", write | execute, write | execute))
        rules.deny("mprotect", (2, "masked", execute, execute))
        rules.deny("pkey_mprotect", (2, "masked", execute, execute))
        rules.deny("shmat", (2, "masked", 0o100000, 0o100000))
    families = [getattr(socket, name) for name in settings.one("RestrictAddressFamilies").split()]
    for family in set(range(64)) - set(int(family) for family in families):
        rules.deny("socket", (0, "equal", family, 0), number=errno.EAFNOSUPPORT)
    if settings.has("RestrictNamespaces"):
        for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
            rules.deny("unshare", (0, "masked", flag, flag))
            rules.deny("clone", (0, "masked", flag, flag))
        rules.deny("setns")
        # Its flags are in memory, where no filter sees them; the C library then takes clone.
        rules.deny("clone3", number=errno.ENOSYS)
    if settings.has("RestrictRealtime"):
        for policy in (1, 2, 6):
            rules.deny("sched_setscheduler", (1, "equal", policy, 0))
    if settings.has("RestrictSUIDSGID"):
        for bit in (0o4000, 0o2000):
            for name, place in {"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2, "mknod": 1,
                                "mknodat": 2, "creat": 1}.items():
                rules.deny(name, (place, "masked", bit, bit))
            for name, flags in {"open": 1, "openat": 2}.items():
                rules.deny(name, (flags, "masked", 0o100, 0o100), (flags + 1, "masked", bit, bit))
    if settings.has("LockPersonality"):
        for persona in (1, 8, 0x40000, 0x400000):
            rules.deny("personality", (0, "equal", persona, 0))
    rules.load()


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class Rules:
    OPERATORS = {"equal": 4, "masked": 7}

    def __init__(self):
        self.context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(0x7FFF0000)))

    def deny(self, name, *comparisons, number=errno.EPERM):
        """Refuses the call if all comparisons hold."""
        call = seccomp.seccomp_syscall_resolve_name(name.encode())
        if call < 0:
            return
        found = [Comparison(place, self.OPERATORS[kind], a, b) for place, kind, a, b in comparisons]
        array = (Comparison * max(1, len(found)))(*found)
        action = ctypes.c_uint32(0x00050000 | number)
        check(seccomp.seccomp_rule_add_exact_array(self.context, action, call, len(found), array), name)

    def load(self):
        check(seccomp.seccomp_load(self.context), "load the rules")
        seccomp.seccomp_release(self.context)


def members(name):
    """The system calls of a set such as @system-service, and of the sets in it."""
    if not name.startswith("@"):
        return {name}
    if name not in SETS:
        sys.exit(f"confined.py: systemd-analyze knows no {name}")
    return set().union(*(members(word) for word in SETS[name]))


def read_sets():
    text = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter"], check=True, capture_output=True,
                          text=True).stdout
    found, name = {}, None
    for line in text.splitlines():
        line = line.replace("\x1b[0m", "")
        if line.startswith("@"):
            name = line.strip()
            found[name] = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            found[name].append(line.strip())
        elif not line.startswith(" "):
            name = None
            if line.strip():
                break
    return found


SETS = read_sets()
