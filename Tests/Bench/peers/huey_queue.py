"""huey on SQLite: one ask is one task is one call; one worker, as its limits are those of one app.

usage: huey_queue.py FOLDER
"""

import os
import sys

from feishu import Feishu
from huey import RetryTask, SqliteHuey


def queue(folder, feishu=None):
    """The queue and its task; only the consumer has a client of Feishu."""
    huey = SqliteHuey(filename=os.path.join(folder, "huey.db"))

    @huey.task(retries=3, retry_delay=5)
    def refresh(token, people):
        if feishu.soonest(token):
            raise RetryTask(delay=feishu.soonest(token))
        accepted = feishu.refresh(token, people)
        # Here and not before the call: what is under way when the consumer is killed is lost.
        feishu.wait_for_turn()
        if not accepted:
            raise RuntimeError(f"{token} was refused")

    return huey, refresh


def asker(folder):
    return queue(folder)[1]


def work(folder):
    huey, _ = queue(folder, Feishu())
    huey.create_consumer(workers=1, worker_type="thread").run()


if __name__ == "__main__":
    # Under the name by which asks call the task.
    __import__("huey_queue").work(sys.argv[1])
