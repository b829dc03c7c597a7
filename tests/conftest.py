"""Fixtures of every test: real services, the whole product as a newcomer starts it, and a browser."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import OperationalError
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests import browser_setup, services
from tests.product import Product, begin_from, give_ports, started

pytest_plugins = ["tests.faults.network", "tests.model_server.fixtures"]
FLUSHES = 10

# The first example of a test may import a library: how long that takes says nothing of the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole",
        action="store_true",
        help="all that is generated or counted, not the slice of every day",
    )


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a product that is served in this process."""
    from tests.served import served  # with it the whole application, which most tests do without

    with served() as address:
        yield address


@pytest.fixture(scope="session")
def whole(pytestconfig: pytest.Config) -> bool:
    """Whether a test goes as far as it can, and not only as far as on every day."""
    return bool(pytestconfig.getoption("whole"))


@pytest.fixture(scope="session")
def embedded_services() -> Iterator[None]:
    """Postgres and Valkey answer; `django_db` asks for them, and so do tests that use Valkey alone."""
    with services.running():
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(embedded_services: None) -> None:
    """Start the services before pytest-django creates its database."""


@pytest.fixture(scope="session", autouse=True)
def patient_flush() -> Iterator[None]:
    """The last requests of a server that a test talked to may still read when its rows are deleted: a deadlock."""
    teardown = TransactionTestCase._fixture_teardown

    def patiently(case: TransactionTestCase) -> None:
        for left in reversed(range(FLUSHES)):
            try:
                return teardown(case)
            except CommandError as error:
                if left == 0 or not isinstance(error.__cause__, OperationalError):
                    raise
                time.sleep(0.2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", patiently)
        yield


@pytest.fixture(scope="session")
def first_started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a product leaves behind that was started once and stopped: for copies that start in seconds.

    Started once for all processes of the tests; each has a copy with ports of its own, which its copies share.
    """
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if hasattr(request.config, "workerinput") else own) / "started-first"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            making = tmp_path_factory.mktemp("making")
            with started(making):
                pass
            making.rename(shared)
    folder = tmp_path_factory.mktemp("first")
    begin_from(shared, folder)
    shutil.copy(shared / "product.log", folder)
    give_ports(folder)
    return folder


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, first_started: Path) -> Iterator[Product]:
    """The whole product, as `make run` starts it: shared by the journeys, which leave it working."""
    folder = tmp_path_factory.mktemp("product")
    begin_from(first_started, folder)
    with started(folder) as running:
        yield running


@pytest.fixture
def started_before(tmp_path: Path, first_started: Path) -> Path:
    """A folder whose product has its first start behind it; launch it there."""
    begin_from(first_started, tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop is seen in every thread of the tests
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A real Chromium. Where there is none the test fails with how to get one."""
    launched = browser_setup.launch(playwright)
    if launched is None:
        pytest.fail(browser_setup.HOW_TO_INSTALL, pytrace=False)
    yield launched
    launched.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a fresh browser profile; a failing test leaves its picture in test-results/."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    failures = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failures:
        folder = Path(request.config.rootpath) / "test-results"
        opened.screenshot(path=folder / f"{request.node.name}.png")
    context.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that kill processes first, as they wait most, and those that use a browser last.

    Once Playwright's loop runs in a thread, pytest-asyncio can start none of its own there.
    """
    in_browser = {item.path for item in items if "playwright" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path in in_browser, item.get_closest_marker("fault") is None))


def pytest_unconfigure(config: pytest.Config) -> None:
    services.remove_data()
