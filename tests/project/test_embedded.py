"""The embedded services as a person meets them: through commands, in folders of every kind."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.product import CHECKOUT, begin_from, belonging_to, eventually

pytestmark = pytest.mark.services
COUNT = "from knowledge.models import Collection; print('collections', Collection.objects.count())"


class Installation:
    """A DATA_DIR, and commands run on it."""

    def __init__(self, data_dir: Path, checkout: Path = CHECKOUT) -> None:
        self.data_dir, self.checkout = data_dir, checkout
        self.environment = {**os.environ, "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": ""}
        for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
            self.environment.pop(name, None)

    def begin(self, code: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        return subprocess.Popen(
            command, cwd=self.checkout, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, code: str = COUNT) -> str:
        return self.end(self.begin(code))

    def end(self, command: "subprocess.Popen[str]") -> str:
        output, errors = command.communicate(timeout=100)
        assert command.returncode == 0, errors
        return output.strip()

    @property
    def addresses(self) -> dict[str, dict[str, object]]:
        return json.loads((self.data_dir / "services.json").read_text())

    def articles(self) -> int:
        """How many are stored, while the servers run; none until they do."""
        with contextlib.suppress(psycopg.Error, FileNotFoundError):
            server = self.addresses["database"]
            known = {"user": "answerdesk", "dbname": "answerdesk", "host": "127.0.0.1"}
            with psycopg.connect(port=server["port"], password=server["password"], **known) as connection:
                return int(connection.execute("SELECT count(*) FROM knowledge_document").fetchone()[0])
        return 0

    def servers(self) -> list[psutil.Process]:
        return belonging_to(self.data_dir)


def installation_in(folder: Path) -> Installation:
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o755)
    return Installation(folder / "a folder with spaces" / ("long" * 30) / "data")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """One that nobody has used yet."""
    return installation_in(tmp_path)


@pytest.fixture(scope="module")
def first_used(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Looked at and copied, and never run again."""
    installation = installation_in(tmp_path_factory.mktemp("used"))
    assert installation.run() == "collections 1"
    return installation


@pytest.fixture
def used(installation: Installation, first_used: Installation) -> Installation:
    """One that a command was run on, and has ended."""
    begin_from(first_used.data_dir.parent, installation.data_dir.parent)
    return installation


def test_a_first_command_brings_its_services_and_takes_them_away(first_used: Installation) -> None:
    assert first_used.servers() == []


def test_secrets_are_for_the_owner_alone(first_used: Installation) -> None:
    for name in ("services.json", "secret-key"):
        assert (first_used.data_dir / name).stat().st_mode & 0o077 == 0


def test_the_services_want_their_passwords_and_valkey_never_evicts(used: Installation) -> None:
    code = """
import psycopg
import redis
from django.conf import settings
port = settings.DATABASES["default"]["PORT"]
try:
    psycopg.connect(f"postgres://answerdesk:wrong@127.0.0.1:{port}/answerdesk")
except psycopg.OperationalError as error:
    print("refused" if "password authentication failed" in str(error) else error)
client = redis.Redis.from_url(settings.REDIS_URL)
print(client.config_get("maxmemory-policy")["maxmemory-policy"], client.config_get("save")["save"] == "")
try:
    redis.Redis(port=client.connection_pool.connection_kwargs["port"]).ping()
except redis.AuthenticationError:
    print("refused")
"""
    assert used.run(code) == "refused\nnoeviction True\nrefused"


@pytest.mark.parametrize("pid", [999_999_999, os.getpid()], ids=["nobody's", "somebody else's"])
def test_a_process_id_left_by_a_power_cut_is_no_obstacle(used: Installation, pid: int) -> None:
    (used.data_dir / "postgres" / "postmaster.pid").write_text(f"{pid}\n")
    assert used.run() == "collections 1"


def test_a_first_start_that_was_interrupted_begins_again(installation: Installation) -> None:
    half = installation.data_dir / "postgres.new" / "base"
    half.mkdir(parents=True)
    assert installation.run() == "collections 1"
    assert not half.exists()


def test_a_taken_port_is_left_to_its_taker(used: Installation) -> None:
    before = used.addresses
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(str(before["database"]["port"]))))
        other.listen()
        assert used.run() == "collections 1"
    assert used.addresses["database"]["port"] != before["database"]["port"]
    assert used.addresses["broker"] == before["broker"]


def test_lost_addresses_are_made_anew_for_the_same_data(used: Installation) -> None:
    used.run("from knowledge.models import Collection; Collection.objects.create(slug='shop', name='Shop')")
    (used.data_dir / "services.json").unlink()
    assert used.run() == "collections 2"


def test_two_commands_at_once_share_the_services_to_the_end_of_the_later(installation: Installation) -> None:
    lasting = installation.begin(f"import time; time.sleep(4); {COUNT}")
    brief = installation.begin(COUNT)
    assert installation.end(brief) == "collections 1"
    assert installation.end(lasting) == "collections 1"
    eventually(lambda: installation.servers() == [], "the servers are gone")


def test_servers_of_a_killed_command_stop_by_themselves(used: Installation) -> None:
    command = used.begin("import time; print('up', flush=True); time.sleep(60)")
    assert command.stdout is not None
    assert command.stdout.readline().strip() == "up"
    command.send_signal(signal.SIGKILL)
    command.communicate()
    eventually(lambda: used.servers() == [], "the servers are gone")


def test_an_import_whose_services_stop_says_so_and_goes_on_at_the_next_run(used: Installation, tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number in range(40):
        (articles / f"{number}.md").write_text(f"# Article {number}\n\n" + f"Sentence {number} of many. " * 40)
    command = [sys.executable, "manage.py", "ingest", str(articles), "--json"]
    options = {"cwd": CHECKOUT, "env": used.environment, "text": True, "stderr": subprocess.PIPE}
    first = subprocess.Popen(command, stdout=subprocess.PIPE, **options)  # type: ignore[call-overload]
    count = "from knowledge.models import Document; print(Document.objects.count())"
    eventually(lambda: used.articles() > 0, "the import has begun")
    os.kill(int((used.data_dir / "run" / "keeper.pid").read_text()), signal.SIGTERM)
    errors = first.communicate(timeout=100)[1]
    assert first.returncode == 1
    assert "stopped while this command ran" in errors
    assert "Traceback" not in errors
    eventually(lambda: used.servers() == [], "the servers are gone")
    stored = int(used.run(count))
    second = subprocess.run(command, stdout=subprocess.PIPE, **options)  # type: ignore[call-overload]
    documents = json.loads(second.stdout)["documents"]
    assert second.returncode == 0
    assert documents["added"] == 40 - stored
    assert documents["failed"] == 0


@pytest.mark.parametrize("arguments", [["help"], ["--version"], ["migrate", "--help"], ["findstatic", "widget.js"]])
def test_commands_without_a_database_start_none(installation: Installation, arguments: list[str]) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=CHECKOUT, env=installation.environment, capture_output=True, timeout=60)
    assert not (installation.data_dir / "postgres").exists()


def test_data_of_another_postgres_is_refused_in_words(used: Installation) -> None:
    (used.data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    command = used.begin(COUNT)
    errors = command.communicate(timeout=100)[1]
    assert command.returncode == 1
    assert "was made by Postgres 16" in errors
    assert "Traceback" not in errors


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets folders closed to the server's account")
def test_root_may_keep_everything_in_a_folder_closed_to_others() -> None:
    home = Path(tempfile.mkdtemp())  # mode 0700
    try:
        checkout = home / "checkout"
        ignored = shutil.ignore_patterns(".venv", ".git", ".data", "test-results", ".*_cache")
        shutil.copytree(CHECKOUT, checkout, ignore=ignored)
        installation = Installation(home / "data", checkout)
        assert home.stat().st_mode & 0o777 == 0o700
        assert installation.run() == "collections 1"
        assert (installation.data_dir / "postgres").stat().st_uid != 0
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give data away")
def test_a_backup_restored_by_root_is_given_back_to_the_server(used: Installation) -> None:
    for path in (used.data_dir / "postgres").rglob("*"):
        os.chown(path, 0, 0)
    os.chown(used.data_dir / "postgres", 0, 0)
    assert used.run() == "collections 1"
