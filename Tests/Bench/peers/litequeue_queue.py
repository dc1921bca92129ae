"""litequeue: one ask is one message is one call.

usage: litequeue_queue.py FOLDER
"""

import json
import os
import sys
import time

from feishu import Feishu
from litequeue import LiteQueue


def queue(folder):
    return LiteQueue(os.path.join(folder, "litequeue.db"))


def asker(folder):
    messages = queue(folder)
    return lambda token, people: messages.put(json.dumps([token, people]))


def work(folder):
    feishu, messages = Feishu(), queue(folder)
    # What an earlier run had taken and did not finish.
    for message in list(messages.list_locked(threshold_seconds=0)):
        messages.retry(message.message_id)
    while True:
        feishu.wait_for_turn()
        message = messages.pop()
        if not message:
            time.sleep(0.05)
            continue
        token, people = json.loads(message.data)
        if feishu.soonest(token) or not feishu.refresh(token, people):
            # There are no delays, so it goes to the end of the line.
            messages.put(message.data)
            time.sleep(0.01)
        messages.done(message.message_id)


if __name__ == "__main__":
    work(sys.argv[1])
