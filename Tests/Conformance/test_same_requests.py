"""What Larkspur itself sends, against what the official client sends."""

import json
import os
import tempfile
import time
from collections import namedtuple
from itertools import count

from judging import Judged
from official import Official
from programs import PATIENCE, larkspur

Kind = namedtuple("Kind", "name official commands person", defaults=[None])
"""One thing to be told to Feishu: a call of the official client, and the commands of Larkspur that
send the same. A new kind is a new entry in KINDS."""

DELIBERATE = {
    "user-agent": "each names itself",
    "open_ids": "they are a set, and Larkspur sends them sorted",
    "content-length": "Larkspur leaves out the spaces between tokens of JSON; each is right",
}

COMPARED = []
"""For the end of the run: a line for each comparison that found no difference."""


def preview(name, tokens, people):
    audience = [word for person in people or [] for word in ("--open-id", person)]
    return Kind(
        name,
        lambda client: client.previews(tokens, people),
        [["enqueue", "preview", *tokens, *(audience or ["--everyone"])], ["work", "--once"]],
    )


def card(name, actions):
    text = json.dumps(actions, separators=(",", ":"), ensure_ascii=False)
    words = ["7355439197428236291", "--uuid", "191857678434", "--sequence", "7"]
    return Kind(
        name,
        lambda client: client.card(words[0], 7, text, words[2]),
        [["enqueue", "card", *words, "--actions", "-", text], ["work", "--once"]],
    )


def session(name, person=None, **fields):
    options = {"context": "--channel-context", "metadata": "--metadata"}
    words = [word for field, value in fields.items() for word in (options[field], value)]
    return Kind(
        name,
        lambda client: client.session(
            "session_4dfunz7sp1g8m", token=person, person=person is not None, **fields
        ),
        [["enqueue", "session", "session_4dfunz7sp1g8m", *words], ["work", "--once"]],
        person,
    )


KINDS = [
    # Whatever Larkspur delivers, it logs in first.
    preview("", ["a"], None)._replace(name="an access token", official=Official.login),
    preview(
        "a preview for two people", ["952te0c8-9ccf-463d-ad73-593f8f768a5c"], ["ou_1", "ou_2"]
    ),
    preview("a preview for everyone", ["952te0c8-9ccf-463d-ad73-593f8f768a5c"], None),
    preview("10 previews", [f"w00_{number}" for number in range(10)], ["ou_1"]),
    preview("10 previews for everyone", [f"w00_{number}" for number in range(10)], None),
    preview("100 people", ["a"], [f"ou_{number:03}" for number in range(100)]),
    preview(
        "characters that JSON or a URL escapes",
        ['"', "\\", "/", "a/b?c=%2F&d#e", "</script>", "\\u0041", "~'`{}[]", "+"],
        ['ou_"', "ou_\\", "ou_/", "ou_%41", "ou_<&>"],
    ),
    card(
        "a batch of a card",
        [
            {"action": "delete_elements", "params": {"element_ids": ["text_1", "text_2"]}},
            {
                "action": "partial_update_setting",
                "params": {"settings": {"config": {"streaming_mode": True}}},
            },
        ],
    ),
    card(
        "characters that JSON in JSON escapes",
        [
            {
                "action": "add_elements",
                "params": {
                    "type": "append",
                    "elements": [{"tag": "markdown", "content": '示例 🎈 "\\/\n\u2028</b>'}],
                },
            }
        ],
    ),
    session("both fields of a session", context="{}", metadata='{"a":"示例"}'),
    session("one field of a session, and empty", metadata=""),
    session("a session by a person's access token", person="u-sandbox", context="{}"),
]


def no_twins(pairs):
    """An object of JSON; one that names a field twice is read differently by different readers."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise AssertionError(f"a field is there twice: {pairs}")
    return dict(pairs)


def exact(text):
    """JSON such that two are equal if they have the same keys, types and values."""
    body = json.loads(text, object_pairs_hook=no_twins)
    if isinstance(body.get("open_ids"), list):
        body["open_ids"].sort()
    return json.dumps(body, sort_keys=True, indent=1)


def ticket(file, after=None):
    """What the sandbox has written there, if it is another one than `after`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if os.path.exists(file):
            with open(file, encoding="utf-8") as content:
                found = content.read().strip()
            if found != after:
                return found
        time.sleep(0.01)
    raise RuntimeError(f"no ticket came within {PATIENCE} s")


class SameRequests(Judged):
    numbers = count(1)

    def recorded(self, kind):
        """The two requests, each sent to a sandbox of its own by an app of the same name."""
        app = f"cli_same_{next(self.numbers)}"
        theirs = self.sandbox("--app", f"{app}:sandbox")
        ours = self.sandbox("--app", f"{app}:sandbox")
        answer = kind.official(Official(theirs, app))
        self.assert_answer(answer, 200, 0)
        their_line = theirs.line(answer.log_id)
        larkspur(ours, app, "sandbox", kind.commands, kind.person)
        is_login = their_line["path"].startswith("/open-apis/auth/")
        our_lines = [
            line
            for line in ours.lines()
            if line["path"].startswith("/open-apis/auth/") == is_login
        ]
        self.assertEqual(len(our_lines), 1, "Larkspur needed one request")
        return their_line, our_lines[0]

    def test_every_kind(self):
        """Larkspur sends the same method, path, headers and body for every kind."""
        for kind in KINDS:
            with self.subTest(kind=kind.name):
                theirs, ours = self.recorded(kind)
                self.compare(theirs, ours)
                body = json.loads(ours["body"])
                sizes = [f"{k}: {len(v)}" if isinstance(v, list) else k for k, v in body.items()]
                COMPARED.append(
                    f"{kind.name}: {ours['method']} {ours['path']}, "
                    f"{len(ours['headers'])} headers, body {{{', '.join(sorted(sizes))}}}"
                )

    def test_store_app(self):
        """Larkspur sends the same for a store app, and the app's secret no more often than it has to.

        The official client for Python asks for a tenant's token without the app's secret, as
        Larkspur does; those in other languages send it along."""
        theirs, client, file = self.store_app()
        asked = [client.resend()]
        asked.append(client.app_token(ticket(file)))
        asked.append(client.tenant_token(asked[-1].body["app_access_token"], "tenant1"))
        for answer in asked:
            self.assert_answer(answer, 200, 0)
        ours, _, file = self.store_app()
        home = os.path.dirname(file)
        # After the sandbox's first one. It is refused, so Larkspur asks for another.
        ticket(file)
        with open(file, "w", encoding="utf-8") as old:
            old.write("an old ticket")
        config = os.path.join(home, "config.json")
        with open(config, "w", encoding="utf-8") as written:
            app = {"host": ours.address, "app_id": "cli_store", "app_secret_env": "SHOP"}
            json.dump({"apps": {"acme": {**app, "app_ticket_file": file}}}, written)
        database = {"LARKSPUR_DB": os.path.join(home, "queue.db")}
        more = {"LARKSPUR_CONFIG": config, "SHOP": "shop", **database}
        ask = ["enqueue", "preview", "a", "--everyone", "--account", "acme.tenant1"]
        larkspur(ours, None, None, [ask], more=more)
        # As under cron: the first run has no ticket that is taken, the next one has.
        larkspur(ours, None, None, [["work", "--once"]], more=more, ends=77)
        ticket(file, after="an old ticket")
        larkspur(ours, None, None, [["work", "--once"]], more=more)
        logins = [line for line in ours.lines() if line["path"].startswith("/open-apis/auth/")]
        for answer in asked:
            line = theirs.line(answer.log_id)
            own = [other for other in logins if other["path"] == line["path"]][-1]
            with self.subTest(path=line["path"]):
                self.compare(line, own)
        tenant = next(line for line in logins if line["path"].endswith("/tenant_access_token"))
        self.assertEqual(set(json.loads(tenant["body"])), {"app_access_token", "tenant_key"})

    def store_app(self):
        folder = tempfile.TemporaryDirectory(prefix="larkspur-conformance-")
        self.addCleanup(folder.cleanup)
        file = os.path.join(folder.name, "ticket")
        sandbox = self.sandbox(
            "--store-app", "cli_store:shop", "--ticket-file", file, "--resend-after", "1s"
        )
        return sandbox, Official(sandbox, "cli_store", "shop"), file

    def compare(self, theirs, ours):
        for field in ("method", "path", "status", "code", "verdict", "applied"):
            self.assertEqual(ours[field], theirs[field], field)
        self.assertEqual(exact(ours["body"]), exact(theirs["body"]))
        self.compare_headers(theirs, ours)

    def compare_headers(self, theirs, ours):
        mine, other = ours["headers"], theirs["headers"]
        self.assertEqual(set(mine), set(other))
        for name in set(other) - set(DELIBERATE):
            self.assertEqual(mine[name], other[name], name)
        self.assertEqual(mine["content-type"], "application/json; charset=utf-8")
        self.assertTrue(mine["user-agent"].startswith("larkspur/"))
        self.assertTrue(other["user-agent"].startswith("oapi-sdk-python/"))
        for line in (theirs, ours):
            # Of a login the record does not show what it was, but for secrets.
            if line["body"] and "***" not in line["body"]:
                length = len(line["body"].encode())
                self.assertEqual(line["headers"]["content-length"], str(length))

    def test_asynchronous_client(self):
        """The official asynchronous client sends the same again, but for the charset."""
        sandbox = self.sandbox("--calls-per-second", "0", "--card-per-second", "0")
        client = Official(sandbox)
        calls = (
            lambda **how: client.login(**how),
            lambda **how: client.previews([f"p{len(how)}"], ["ou_1"], **how),
            lambda **how: client.card("card", 1 + len(how), **how),
            lambda **how: client.session("session_1", "{}", **how),
        )
        for call in calls:
            sync, other = (sandbox.line(call(**how).log_id) for how in ({}, {"is_async": True}))
            with self.subTest(path=sync["path"]):
                for field in ("method", "path", "status", "code"):
                    self.assertEqual(other[field], sync[field])
                expected = {**sync["headers"], "content-type": "application/json"}
                for headers in (expected, other["headers"]):
                    del headers["content-length"]
                self.assertEqual(other["headers"], expected)
                keys = [set(json.loads(line["body"])) for line in (sync, other)]
                self.assertEqual(*keys)
