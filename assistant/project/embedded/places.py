"""Where the embedded services keep their files: all of them under DATA_DIR."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

SERVICES = ("database", "broker")
FREE_SPACE_NEEDED_BYTES = 200 * 1024 * 1024


class Problem(Exception):
    """Something a person has to mend before the services can start; the text says what and how."""


def data_dir() -> Path:
    """DATA_DIR, or `.data` in the checkout."""
    configured = os.environ.get("DATA_DIR")
    return Path(configured).resolve() if configured else Path(__file__).resolve().parents[3] / ".data"


def run_dir() -> Path:
    """Locks, process ids, logs and generated configuration; nothing in it is worth keeping."""
    return data_dir() / "run"


def postgres_dir() -> Path:
    """The data folder of the embedded Postgres."""
    return data_dir() / "postgres"


def make_folders() -> None:
    """Create DATA_DIR and its run folder, or raise Problem naming what is in the way.

    As root DATA_DIR may be entered by others, because Postgres runs under another account; secrets in it are 0600.
    A relative DATA_DIR becomes absolute: the processes that are started next work in another folder.
    """
    folder = data_dir()
    os.environ["DATA_DIR"] = str(folder)
    try:
        with contextlib.suppress(FileExistsError):  # from before, or made by another command this very moment
            folder.mkdir(parents=True)
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        run_dir().mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=run_dir()) as probe:
            probe.write(b"x")
    except OSError as error:
        raise Problem(f"DATA_DIR {folder} cannot be written: {error.strerror}. Free it, or set DATA_DIR.") from error
    check_space(folder)


def be_known_as(name: str) -> None:
    """Note that this process is the product's `name`, for `ps` too; whoever reads the file finds a whole number."""
    with contextlib.suppress(OSError):  # only Linux has it
        Path("/proc/self/comm").write_text(name)
    written = run_dir() / f"{name}.pid.{os.getpid()}"
    written.write_text(f"{os.getpid()}\n")
    written.replace(run_dir() / f"{name}.pid")


def check_space(folder: Path) -> None:
    """Raise Problem when the disk is so full that Postgres would stop halfway."""
    free = shutil.disk_usage(folder).free
    if free < FREE_SPACE_NEEDED_BYTES:
        raise Problem(
            f"The disk of DATA_DIR {folder} is full: {free // 2**20} MB are free, "
            f"{FREE_SPACE_NEEDED_BYTES // 2**20} MB are needed. Free some space, or set DATA_DIR to another disk."
        )
