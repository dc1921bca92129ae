"""A plain loop: one token in a call, in the order of the asks, which come as lines on standard input.
It sleeps to keep the limits. A token that may not go yet lets those behind it pass."""

import collections
import json
import sys
import threading
import time

from feishu import Feishu

asks = collections.deque()
is_over = False


def read():
    global is_over
    for line in sys.stdin:
        asks.append(json.loads(line))
    is_over = True


feishu = Feishu()
threading.Thread(target=read, daemon=True).start()
while asks or not is_over:
    feishu.wait_for_turn()
    ask = next((ask for ask in list(asks) if not feishu.soonest(ask["token"])), None)
    if ask:
        asks.remove(ask)
        if not feishu.refresh(ask["token"], ask["people"]):
            asks.append(ask)
    else:
        time.sleep(0.01)
