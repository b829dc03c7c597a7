"""What a worker that is its only process does with a task when it is told to go."""

import subprocess
import sys

WORKER = """
import os, threading, time
from celery import Celery
from assistant.project import supervision
app = Celery("alone", broker="memory://")
app.conf.update(
    task_acks_late=True, task_ignore_result=True, worker_soft_shutdown_timeout=8.0, worker_redirect_stdouts=False
)
begun = threading.Event()

@app.task
def slow():
    begun.set()
    time.sleep(2)
    print("done", flush=True)

def tell():
    slow.delay()
    begun.wait()
    time.sleep(0.5)
    os.kill(os.getpid(), supervision.stop_signal("housekeeping"))

threading.Thread(target=tell, daemon=True).start()
app.Worker(
    pool_cls="solo", concurrency=1, quiet=True, without_gossip=True, without_mingle=True, without_heartbeat=True
).start()
print("ended", flush=True)
"""


def test_a_task_of_housekeeping_is_finished_first() -> None:
    ran = subprocess.run([sys.executable, "-c", WORKER], capture_output=True, text=True, timeout=60)
    lines = ran.stdout.splitlines()
    assert [line for line in lines if line in ("done", "ended")] == ["done", "ended"], ran.stderr
