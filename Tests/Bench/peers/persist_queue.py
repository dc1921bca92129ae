"""persist-queue, the queue with acknowledgements on SQLite: one ask is one item is one call.

usage: persist_queue.py FOLDER
"""

import os
import sys
import time

from feishu import Feishu
from persistqueue import Empty, SQLiteAckQueue


def queue(folder, **options):
    return SQLiteAckQueue(os.path.join(folder, "persist"), multithreading=True, **options)


def asker(folder):
    # Only the consumer may take back what was not acknowledged.
    items = queue(folder, auto_resume=False)
    return lambda token, people: items.put((token, people))


def work(folder):
    feishu, items = Feishu(), queue(folder)
    while True:
        feishu.wait_for_turn()
        try:
            # A blocking one would look every ten seconds for what other processes have put.
            item = items.get(block=False)
        except Empty:
            time.sleep(0.05)
            continue
        token, people = item
        if feishu.soonest(token) or not feishu.refresh(token, people):
            # There are no delays, so it goes to the end of the line.
            items.put(item)
            time.sleep(0.01)
        items.ack(item)


if __name__ == "__main__":
    work(sys.argv[1])
