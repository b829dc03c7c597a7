"""`python -m assistant.project.reset`: start over by removing what the product made in DATA_DIR; FORCE=1: unasked."""

import os
import shutil
import sys

from assistant.project.embedded import Problem, addresses, locks, places, users

# All that is ever written into DATA_DIR; each of the first three is there from the first start on.
MADE = (
    "secret-key",
    "services.json",
    "postgres",
    "postgres.new",
    "uploads",
    "evaluations",
    "staticfiles",
    "minified",
    "first-run.json",
    "run",
)


def main() -> None:
    """Remove what the product made, or say why not with exit status 1."""
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
    if left := sorted(entry.name for entry in folder.iterdir()):
        print(f"Left alone, as it is not ours: {', '.join(left)}")


def is_ours() -> bool:
    """True for a folder that holds what the product writes first; a folder named run alone, such as /var's, is none."""
    return any((places.data_dir() / name).exists() for name in MADE[:3])


def agreed(question: str) -> bool:
    """Ask on the terminal; only a clear yes counts."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def remove() -> None:
    """Remove what is ours. Raises Problem while something uses it."""
    places.run_dir().mkdir(exist_ok=True)
    user = locks.open_lock(users.lock_file())
    if locks.is_held(users.product_lock_file()) or not locks.take_within(user, 5):
        raise Problem("It is in use: stop `make run` and running commands first.")
    users.stop_leftovers()
    if any(locks.is_held(addresses.lock_file(service)) for service in places.SERVICES):
        raise Problem("A server still runs on it: stop it first.")
    for entry in (places.data_dir() / name for name in MADE):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
