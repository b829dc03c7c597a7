"""`python -m assistant.project.reset`: start over by removing everything in DATA_DIR; asks first unless FORCE=1."""

import os
import shutil
import sys

from assistant.project.embedded import Problem, addresses, locks, places, users


def main() -> None:
    """Remove DATA_DIR's contents, or say why not with exit status 1."""
    folder = places.data_dir()
    if not folder.exists():
        print(f"There is nothing in {folder}.")
        return
    if not is_ours():
        sys.exit(f"{folder} does not look like a DATA_DIR of Answerdesk: it is left alone.")
    if os.environ.get("FORCE") != "1" and not agreed(f"Remove every conversation, article and user in {folder}?"):
        sys.exit("Nothing was removed.")
    try:
        remove()
    except Problem as problem:
        sys.exit(str(problem))
    print(f"Removed. The next start begins anew in {folder}.")


def is_ours() -> bool:
    """True for an empty folder and one that holds what the product writes first."""
    found = {entry.name for entry in places.data_dir().iterdir()}
    return not found or bool(found & {"secret-key", "services.json", "run"})


def agreed(question: str) -> bool:
    """Ask on the terminal; only a clear yes counts."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def remove() -> None:
    """Empty DATA_DIR. Raises Problem while something uses it."""
    places.run_dir().mkdir(exist_ok=True)
    user = locks.open_lock(users.lock_file())
    if locks.is_held(users.product_lock_file()) or not locks.take_within(user, 5):
        raise Problem("It is in use: stop `make run` and running commands first.")
    users.stop_leftovers()
    if any(locks.is_held(addresses.lock_file(service)) for service in places.SERVICES):
        raise Problem("A server still runs on it: stop it first.")
    for entry in places.data_dir().iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


if __name__ == "__main__":
    main()
