"""`python3 assistant/project/environment.py [--tests]`: build .venv from the locked requirements, when they changed.

Runs before anything is installed, so it needs the standard library alone, and reads in any Python 3.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".venv"
LOCKS = {False: ["requirements.txt"], True: ["requirements.txt", "requirements-dev.txt", "requirements-dev-nodeps.txt"]}


def main() -> None:
    """Build or leave alone; a message and exit status 1 when it cannot be built."""
    if sys.version_info < (3, 11):  # noqa: UP036  this very file is started by whatever python3 is
        sys.exit("Answerdesk needs Python 3.11 or later, and this is " + sys.version.split()[0])
    for_tests = "--tests" in sys.argv
    with (CHECKOUT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(for_tests):
            build(for_tests)


def fingerprint(for_tests: bool) -> str:
    """Of the locked requirements and the interpreter they were installed for."""
    digest = hashlib.sha256(sys.version.encode())
    for name in LOCKS[for_tests]:
        digest.update((CHECKOUT / name).read_bytes())
    return digest.hexdigest()


def stamp(for_tests: bool) -> Path:
    """Written last, so that an interrupted build is built again."""
    return FOLDER / ("installed-for-tests" if for_tests else "installed")


def is_current(for_tests: bool) -> bool:
    """True when the environment holds what the locks say; one for tests holds what a run needs too."""
    return any(stamp(kind).exists() and stamp(kind).read_text() == fingerprint(kind) for kind in {for_tests, True})


def build(for_tests: bool) -> None:
    """Install into a fresh .venv, or add the test tools to one whose product part is current."""
    began = time.monotonic()
    if not is_current(False):
        print("Building .venv: a minute or two, once.", file=sys.stderr, flush=True)
        create()
        install("requirements.txt")
    if for_tests:
        print("Installing the tools for tests.", file=sys.stderr, flush=True)
        for name in LOCKS[True][1:]:
            install(name)
    for kind in {for_tests, False}:
        stamp(kind).write_text(fingerprint(kind))
    print(f"Built .venv in {time.monotonic() - began:.0f} s.", file=sys.stderr, flush=True)


def create() -> None:
    """An empty virtual environment."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    result = subprocess.run([sys.executable, "-m", "venv", str(FOLDER)])
    if result.returncode:
        sys.exit("Python's venv module is not complete here: on Debian and Ubuntu, `apt install python3-venv`.")


def install(lock_file: str) -> None:
    """What one lock file names, nothing else: every file's hash is checked."""
    pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-deps"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    without_notice = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    if subprocess.run([*pip, *quiet, "-r", str(CHECKOUT / lock_file)], env=without_notice).returncode:
        sys.exit(f"{lock_file} could not be installed; what pip printed above says why. Run the command again.")


if __name__ == "__main__":
    main()
