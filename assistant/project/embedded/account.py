"""The account that Postgres runs under: it refuses to be root, so a start by root steps down first."""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

from assistant.project.embedded.places import Problem

PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
# Keeps capabilities when the user changes, and lets access(2), which initdb asks with, count them.
SECBIT_NO_SETUID_FIXUP = 4
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


def die_with_parent(with_signal: signal.Signals) -> None:
    """Have the kernel signal this process when its parent dies, however it dies (Linux only; kept across exec)."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, with_signal)


def account_for(data: Path) -> pwd.struct_passwd | None:
    """Who runs the server on `data`: nobody special unless we are root; the owner of existing data wins."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Problem("Postgres cannot run as root, and there is no user `nobody`: start as an ordinary user.")


def capability_to_reach(needed: list[Path], account: pwd.struct_passwd) -> int | None:
    """The capability that `account` needs to read the `needed` paths; None when it may enter every folder above.

    Raises Problem when this process does not have it to give.
    """
    closed = next((folder for path in needed if (folder := closed_folder(path, account))), None)
    if closed is None:
        return None
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):  # containers often have only the second
        if _permitted() >> capability & 1:
            return capability
    raise Problem(
        f"Postgres cannot run as root, and the user `{account.pw_name}` that it would run as cannot enter {closed}. "
        f"Put the checkout and DATA_DIR where others may enter (chmod o+x {closed}), or start as an ordinary user."
    )


def step_down(account: pwd.struct_passwd, capability: int | None) -> None:
    """Become `account` for good, keeping one capability across exec if it is given."""
    if capability is not None:
        _prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    if capability is not None:
        _keep_only(capability)
        _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def closed_folder(path: Path, account: pwd.struct_passwd) -> Path | None:
    """The topmost folder above `path` that `account` may not enter, if any."""
    for folder in reversed(path.resolve().parents):
        status = folder.stat()
        if not status.st_mode & _enter_bit(status, account):
            return folder
    return None


def _enter_bit(status: os.stat_result, account: pwd.struct_passwd) -> int:
    """The permission that lets `account` into a folder."""
    if status.st_uid == account.pw_uid:
        return 0o100
    return 0o010 if status.st_gid == account.pw_gid else 0o001


def _permitted() -> int:
    """This process's permitted capabilities as a bit set; none where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapPrm")), 0)


def _prctl(*arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:5]]
    if libc.prctl(*padded) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {arguments}")


def _keep_only(capability: int) -> None:
    """Reduce this process to one capability, inheritable as ambient ones have to be."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    low_and_high_words = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(header, low_and_high_words) != 0:
        raise OSError(ctypes.get_errno(), "capset")
