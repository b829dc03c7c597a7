"""A server whose event loop hangs, alone in a process."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.product import CHECKOUT, eventually, free_port

SERVES = """
import asyncio, sys, time, uvicorn
from assistant.project import serving
serving.STUCK_AFTER_SECONDS, serving.ARMED_EVERY_SECONDS = 2.0, 0.2

async def application(scope, receive, send):
    if scope["path"] == "/hangs":
        time.sleep(60)
    if scope["path"] == "/slow":
        await asyncio.sleep(4)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"there"})

serving.Server(uvicorn.Config(application, port=int(sys.argv[1]), lifespan="off", log_level="error")).run()
"""


@pytest.fixture
def server():
    port = free_port()
    command = [sys.executable, "-c", SERVES, str(port)]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) as running:
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        eventually(lambda: answers(client), "the server answers")
        yield running, client
        running.kill()


def answers(client, path="/"):
    try:
        return client.get(path).text == "there"
    except httpx.TransportError:
        return False


def test_a_server_whose_loop_hangs_ends_and_says_where(server):
    running, client = server
    assert not answers(client, "/hangs")
    assert running.wait(30) == 1
    assert "in application" in running.stderr.read()


def test_one_that_waits_for_an_answer_does_not_even_as_it_goes_down(server):
    running, client = server
    assert answers(client, "/slow")
    with ThreadPoolExecutor() as beside:
        answered = beside.submit(answers, client, "/slow")
        time.sleep(0.5)
        running.send_signal(signal.SIGTERM)
        assert answered.result()
    assert running.wait(30) in (0, -signal.SIGTERM)
