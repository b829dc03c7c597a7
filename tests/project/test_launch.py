"""What is printed reaches the person who started the product, whoever's terminal, file or socket that is."""

import socket
import subprocess
import sys

from tests.product import CHECKOUT

PRINT_AS_A_PROGRAM_DOES = """
import os
from assistant.project import launch
if not launch.can_reopen_output():
    launch.pipe_output()
os.write(os.open("/dev/fd/1", os.O_WRONLY | os.O_APPEND), b"a program's line")
"""


def test_a_line_reaches_a_socket_which_no_program_can_open_again() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        subprocess.run([sys.executable, "-c", PRINT_AS_A_PROGRAM_DOES], stdout=theirs, cwd=CHECKOUT, check=True)
        ours.settimeout(30)
        assert ours.recv(1000) == b"a program's line"


def test_a_line_reaches_a_pipe() -> None:
    command = [sys.executable, "-c", PRINT_AS_A_PROGRAM_DOES]
    assert subprocess.run(command, capture_output=True, cwd=CHECKOUT, check=True).stdout == b"a program's line"
