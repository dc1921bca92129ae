"""url.preview.get: what the sandbox sends, judged by the official client"""

from callbacks import App
from judging import Judged
from lark_oapi.core.log import logger
from official import Official
from programs import ask, settled

URL = "https://example.com/1041"


class Callbacks(Judged):
    def app(self, *options, **credentials):
        app = App(**credentials)
        self.addCleanup(app.stop)
        return app, self.sandbox("--callback", app.address, *options)

    def post(self, sandbox, *members, **place):
        place = place or {"chat": "oc_1"}
        body = {"url": URL, "members": members, **place}
        status, message = ask(sandbox, "POST", "/sandbox/messages", body)
        self.assertEqual(status, 200, message)
        return settled(sandbox, message["number"])

    def titles(self, message):
        for member in message["members"]:
            self.assertIsNone(member["trouble"])
        return [member["title"] for member in message["members"]]

    def test_encrypted(self):
        """The official client decrypts a callback, and accepts its signature and its token."""
        credentials = {"encrypt_key": "test key", "verification_token": "v-1"}
        options = ("--encrypt-key", "test key", "--verification-token", "v-1")
        app, sandbox = self.app(*options, **credentials)
        self.assertEqual(self.titles(self.post(sandbox, "ou_1", "ou_2")), ["one", "one"])
        self.assertEqual(app.statuses, [200, 200, 200])

    def test_plain(self):
        """It accepts a callback that is neither encrypted nor signed when it has no key."""
        app, sandbox = self.app()
        message = self.post(sandbox, "ou_1")
        self.assertEqual(self.titles(message), ["one"])
        (pull,) = app.pulls
        self.assertEqual(pull.header.event_type, "url.preview.get")
        self.assertEqual(pull.header.app_id, sandbox.app)
        self.assertEqual(pull.event.operator.open_id, "ou_1")
        self.assertEqual(pull.event.host, "im_message")
        self.assertEqual(pull.event.context.url, URL)
        self.assertEqual(pull.event.context.preview_token, message["token"])
        self.assertEqual(pull.event.context.open_message_id, message["open_message_id"])
        self.assertEqual(pull.event.context.open_chat_id, "oc_1")

    def test_wrong_key(self):
        """It refuses what was encrypted with another key, and nothing is drawn."""
        app, sandbox = self.app("--encrypt-key", "another", encrypt_key="test key")
        # The official client logs what it refuses.
        with self.assertLogs(logger, "ERROR"):
            member = self.post(sandbox, "ou_1")["members"][0]
        self.assertIn("not verified: the answer was HTTP 500", member["trouble"])
        self.assertEqual((member["title"], member["pulls"], app.pulls), (None, 0, []))

    def test_wrong_token(self):
        """It refuses another verification token."""
        _, sandbox = self.app("--verification-token", "v-2")
        # The official client logs what it refuses.
        with self.assertLogs(logger, "ERROR"):
            member = self.post(sandbox, "ou_1")["members"][0]
        self.assertIn("not verified: the answer was HTTP 500", member["trouble"])

    def test_refresh(self):
        """The official client's refresh makes those members pull whom it names."""
        app, sandbox = self.app()
        message = self.post(sandbox, "ou_1", "ou_2", "ou_3")
        app.title = "two"
        self.assert_success(Official(sandbox).previews([message["token"]], ["ou_2", "ou_9"]))
        message = settled(sandbox, message["number"])
        self.assertEqual(self.titles(message), ["one", "two", "one"])
        self.assertEqual([member["pulls"] for member in message["members"]], [1, 2, 1])

    def test_refused_refresh(self):
        """A refresh that is refused makes nobody pull, and one for everyone makes all pull."""
        app, sandbox = self.app()
        message = self.post(sandbox, "ou_1", "ou_2")
        client = Official(sandbox)
        app.title = "two"
        self.assert_refused(client.previews([message["token"], "bad_token"]), 400, 230001)
        self.assertEqual(self.titles(settled(sandbox, message["number"])), ["one", "one"])
        self.assert_success(client.previews([message["token"], "unknown"]))
        self.assertEqual(self.titles(settled(sandbox, message["number"])), ["two", "two"])

    def test_places(self):
        """A draft has no token, a signature has no chat, and a top notice is named as one."""
        app, sandbox = self.app()
        draft = self.post(sandbox, "ou_1", place="draft")
        signature = self.post(sandbox, "ou_1", place="signature")
        notice = self.post(sandbox, "ou_1", place="top_notice", chat="oc_1")
        contexts = [pull.event.context for pull in app.pulls]
        self.assertIsNone(draft["token"])
        self.assertEqual(
            [context.preview_token for context in contexts],
            [None, signature["token"], notice["token"]],
        )
        self.assertEqual([context.open_chat_id for context in contexts], ["", "", "oc_1"])
        hosts = [pull.event.host for pull in app.pulls]
        self.assertEqual(hosts, ["im_message", "im_message", "im_top_notice"])

    def test_cache(self):
        """With --client-cache a URL that was pulled is served again without a callback."""
        app, sandbox = self.app("--client-cache", "3600")
        first = self.post(sandbox, "ou_1")
        app.title = "two"
        second = self.post(sandbox, "ou_2")
        self.assertEqual(self.titles(second), ["one"])
        self.assertEqual((second["members"][0]["from_cache"], len(app.pulls)), (True, 1))
        self.assert_success(Official(sandbox).previews([first["token"]]))
        self.assertEqual(self.titles(settled(sandbox, first["number"])), ["two"])
