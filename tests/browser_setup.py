"""`python -m tests.browser_setup`: have a Chromium that starts, from wherever one can be had."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

HOW_TO_INSTALL = (
    "There is no Chromium here that starts, and none could be installed: install Debian's package `chromium`, or run "
    "`.venv/bin/python -m playwright install --with-deps chromium`."
)
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # Chromium has none as root, and the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
INSTALL_SECONDS = 600


def launch(playwright: Playwright) -> Browser | None:
    """The first Chromium that starts, or None."""
    for executable in candidates():
        try:
            return playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        except Error:
            continue
    return None


def candidates() -> Iterator[str | None]:
    """Paths to try; None stands for Playwright's own browser."""
    yield from filter(None, map(shutil.which, SYSTEM_NAMES))
    yield None


def is_there() -> bool:
    """True when some Chromium starts."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is not None:
            browser.close()
        return browser is not None


def ways_to_install() -> Iterator[list[list[str]]]:
    """Commands to try, each way a list of them: Playwright's download, then Debian's package."""
    yield [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        yield [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]]


def main() -> None:
    """Install a browser where none starts; say so and go on where none can be had: only its tests fail."""
    if is_there():
        return
    for commands in ways_to_install():
        print("Installing Chromium for the browser tests:", " ".join(commands[-1]), flush=True)
        if all(succeeds(command) for command in commands) and is_there():
            return
    print(HOW_TO_INSTALL, "The browser tests will fail.", flush=True)


def succeeds(command: list[str]) -> bool:
    """Run quietly, within the time that an installation may take."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        result = subprocess.run(command, env=quiet, capture_output=True, timeout=INSTALL_SECONDS)
    except (subprocess.TimeoutExpired, OSError):
        return False
    return result.returncode == 0


if __name__ == "__main__":
    main()
