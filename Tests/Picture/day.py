"""A day of an invented company: an outage of Feishu, a mass change, a used-up quota and the month's end.

Asks and calls are played through by a small model of a worker and written into the queue's tables. Hours count from the
beginning of the day, which ends now.
"""

import json
import random
import time

HOUR = 3_600_000
OUTAGE = (1.5, 2.2)
MASS = 5.0
QUOTA = (10.6, 14.0)
"""From when the month's calls are used up until the month is over."""
ABSENT = (16.0, 16.6)
"""No worker runs: somebody moves the machine."""
LOAD = [900, 900, 700, 800, 1000, 1000, 900, 800, 500, 300, 200, 150, 100, 80, 60, 40, 30, 20, 20, 30, 60, 200, 500, 800]
"""Asks an hour."""
TICKETS = 260
PREVIEWS_OF_RELEASE = 9_000
QUOTA_CALLS = 250_000


def within(span, hours):
    return span[0] <= hours < span[1]


class Day:
    def __init__(self, db, seed=7):
        self.db = db
        self.chance = random.Random(seed)
        self.end = int(time.time() * 1000)
        self.start = self.end - 24 * HOUR
        self.calls, self.asks, self.lanes = [], [], {}
        self.waiting, self.slot, self.age = [], {}, {}

    def hours(self, ms):
        return (ms - self.start) / HOUR

    def moment(self, hours):
        return self.start + int(hours * HOUR)

    def lane(self, name):
        return self.lanes.setdefault(name, len(self.lanes) + 1)

    def token(self):
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self.chance.choice(letters) for _ in range(28))

    def wishes(self):
        """Moments and the lanes that are asked for, in the order of time."""
        previews = {ticket: [self.lane(self.token()) for _ in range(1 + int(self.chance.expovariate(.5)))]
                    for ticket in range(1, TICKETS + 1)}
        wishes = []
        for hour, load in enumerate(LOAD):
            for _ in range(load):
                # A few tickets change all the time.
                ticket = min(TICKETS, 1 + int(self.chance.expovariate(1 / 40)))
                wishes.append((self.moment(hour + self.chance.random()), f"ticket-{ticket}", previews[ticket]))
        self.release = [self.lane(self.token()) for _ in range(PREVIEWS_OF_RELEASE)]
        wishes.append((self.moment(MASS), "release-2026.12", self.release))
        self.previews = {**{f"ticket-{ticket}": lanes for ticket, lanes in previews.items()},
                         "release-2026.12": self.release}
        return sorted(wishes, key=lambda wish: wish[0])

    def next_start(self, now):
        """When a worker can call, and whether Feishu then answers."""
        hours = self.hours(now)
        for span in (QUOTA, ABSENT):
            if within(span, hours):
                return self.moment(span[1])
        return now

    def call(self, now, taken):
        """Makes a call and returns when the next may begin."""
        hours, number = self.hours(now), len(self.calls) + 1
        took, outcome, status, code, message = self.chance.randint(45, 130), "delivered", 200, 0, None
        if self.chance.random() < .01:
            took *= 12
        pause = 200
        if within(OUTAGE, hours):
            took, pause = 10_000, 60_000
            outcome, status, code, message = self.chance.choice([
                ("unreachable", None, None, "connect to open.feishu.cn: timed out after 10 s"),
                ("try again", 502, None, "HTTP 502: Bad Gateway")])
        elif self.chance.random() < .004:
            outcome, status, code, message = "limited", 400, 99991400, "request trigger frequency limit"
        elif len(self.calls) in (2_000, 5_200, 9_500):
            taken = taken[:1]
            outcome, status, code, message = "refused", 400, 230001, "preview token is invalid"
        audience = 1 if self.chance.random() < .55 else 2
        self.calls.append((number, 1, "preview", json.dumps(taken), audience, now, now, now + took, outcome, status, code,
                           message, f"2026120110{number:06d}F1C0DE{self.chance.randrange(16 ** 6):06X}"))
        for lane in taken:
            self.slot[lane] = now + took + 5_000
            if outcome in ("delivered", "refused"):
                state = "delivered" if outcome == "delivered" else "dead"
                for ask in self.age.pop(lane):
                    self.asks.append((*ask, lane, state, now + took, number,
                                      None if state == "delivered" else "230001: preview token is invalid"))
                self.waiting.remove(lane)
        return now + pause

    def play(self):
        now, wishes, names = self.start, self.wishes(), {}
        place = 0
        while True:
            while place < len(wishes) and wishes[place][0] <= now:
                at, key, lanes = wishes[place]
                place += 1
                names[key] = names.get(key, 0) + 1
                for lane in lanes:
                    if lane not in self.age:
                        self.age[lane] = []
                        self.waiting.append(lane)
                    self.age[lane].append((at, key))
            now = self.next_start(now)
            if now >= self.end:
                break
            due = []
            for lane in self.waiting:
                if self.slot.get(lane, 0) <= now:
                    due.append(lane)
                    if len(due) == 10:
                        break
            if due:
                now = self.call(now, due)
                continue
            moments = [self.slot.get(lane, 0) for lane in self.waiting]
            if place < len(wishes):
                moments.append(wishes[place][0])
            if not moments:
                break
            now = max(now + 1, min(moments))
        self.keys = names

    def write(self):
        db, now = self.db, self.end
        db.execute("begin")
        limits = {"preview": [[5, 1000]], "monthly_quota": QUOTA_CALLS}
        db.execute("update account set configured = 1, limits = ?", (json.dumps(limits),))
        month = (time.gmtime(now / 1000 + 28_800).tm_year - 1970) * 12 + time.gmtime(now / 1000 + 28_800).tm_mon - 1
        made = sum(1 for call in self.calls if call[5] >= self.moment(QUOTA[1]))
        db.execute("insert into budget (account_id, api, month, month_calls) values (1, 'preview', ?, ?)", (month, made))
        users = [f"ou_{number}" for number in range(14)]
        db.execute("insert into audience (id, account_id, hash, size, members, used_ms) values (1, 1, 0, null, null, 0),"
                   " (2, 1, 1, ?, ?, 0)", (len(users), json.dumps(users)))
        db.executemany("insert into lane (id, account_id, kind, name, state) values (?, 1, 'preview', ?, 'idle')",
                       [(number, name) for name, number in self.lanes.items()])
        db.executemany(
            "insert into call (id, account_id, api, lanes, audience_id, started_ms, sent_ms, ended_ms, outcome,"
            " http_status, code, message, log_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self.calls)
        names = {number: name for name, number in self.lanes.items()}
        db.executemany(
            "insert into ask (kind, lane, body, asked_ms, lane_id, outcome, ended_ms, call_id, reason)"
            " values ('preview', ?, '{\"everyone\":true}', ?, ?, ?, ?, ?, ?)",
            [(names[lane], at, lane, outcome, ended, call, reason)
             for at, _, lane, outcome, ended, call, reason in self.asks])
        for key, asks in self.keys.items():
            row = db.execute("insert into known_key (account, name, asks) values ('default', ?, ?)", (key, asks)).lastrowid
            db.executemany("insert into ask (kind, lane, body, asked_ms, outcome, ended_ms) values"
                           " ('key', ?, '{\"everyone\":true}', ?, 'delivered', ?)", [(key, now - 1, now)] * asks)
            for lane in self.previews[key]:
                token = db.execute("insert into known_token (account, name, seen_day) values ('default', ?, 20000)"
                                   " on conflict do update set seen_day = 20000 returning id", (names[lane],)).fetchone()
                db.execute("insert or ignore into tag (key_id, token_id, seen_day) values (?, ?, 20000)", (row, token[0]))
        self.write_spans()
        db.execute("update worker set skew_ms = 0, newest_ms = ?, folded_ask = (select max(id) from ask)", (now,))
        db.execute("commit")

    def write_spans(self):
        moment = self.moment
        self.db.executemany(
            "insert into span (what, account_id, api, reason, why, began_ms, ended_ms) values (?, ?, ?, ?, ?, ?, ?)", [
                ("run", None, None, "stopped", None, self.start - HOUR, moment(ABSENT[0])),
                ("pause", 1, "preview", "paused", "calls fail, whatever they carry: HTTP 502: Bad Gateway",
                 moment(OUTAGE[0]), moment(OUTAGE[1])),
                ("pause", 1, "preview", "quota", "the account's monthly call quota is used up",
                 moment(QUOTA[0]), moment(QUOTA[1])),
                ("run", None, None, None, None, moment(ABSENT[1]), None)])


def fill(db):
    day = Day(db)
    day.play()
    day.write()
    return day
