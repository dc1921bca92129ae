"""aily/v1/sessions/:aily_session_id"""

import time

from judging import Judged
from official import SESSION, Official, send_bytes

HARD = "引号 \" \\ / \n\t\u0001\u007f\u2028 é e\u0301 \U0001f388 <&>"


class Sessions(Judged):
    def assert_session(self, answer, session, context, metadata):
        """What the client makes of it: a session, with these fields and two moments."""
        self.assert_answer(answer, 200, 0)
        self.assertTrue(answer.response.success())
        self.assertEqual(answer.msg, "success")
        self.assertEqual(set(answer.body), {"code", "msg", "data"})
        self.assertEqual(set(answer.body["data"]), {"session"})
        told = answer.response.data.session
        self.assertEqual(set(answer.body["data"]["session"]), set(vars(told)))
        self.assertEqual(
            (told.id, told.channel_context, told.metadata), (session, context, metadata)
        )
        self.assertTrue(told.created_by)
        # Milliseconds as texts, as documented, although the client's model says numbers.
        for moment in (told.created_at, told.modified_at):
            self.assertIsInstance(moment, str)
            self.assertRegex(moment, r"^\d{13}$")
        self.assertLessEqual(int(told.created_at), int(told.modified_at))
        return told

    def test_documented_example(self):
        """The example of the documentation is answered with the session, to both clients."""
        client = self.client()
        before = time.time()
        for is_async in (False, True):
            answer = client.session("session_4dfunz7sp1g8m", "{}", "{}", is_async=is_async)
            told = self.assert_session(answer, "session_4dfunz7sp1g8m", "{}", "{}")
            # Two seconds for two clocks that are read at different moments.
            self.assertGreater(int(told.modified_at) / 1000, before - 2)
            self.assertLess(int(told.modified_at) / 1000, time.time() + 2)

    def test_memory(self):
        """A session is kept: created once, modified each time, its fields as last written."""
        client = self.client()
        first = self.assert_session(client.session("session_1", "a", "b"), "session_1", "a", "b")
        time.sleep(0.01)
        second = self.assert_session(client.session("session_1", "c", "d"), "session_1", "c", "d")
        self.assertEqual(second.created_at, first.created_at)
        self.assertGreater(int(second.modified_at), int(first.modified_at))
        self.assertEqual(second.created_by, first.created_by)
        self.assert_session(client.session("session_2", "x"), "session_2", "x", "")
        self.assert_session(client.session("session_1", ""), "session_1", "", "d")

    def test_omitted_fields(self):
        """A field that is left out keeps its value, or is cleared if told so."""
        for options, context, metadata in (
            ((), "a", "b"),
            (("--omitted-field", "keep"), "a", "b"),
            (("--omitted-field", "clear"), "", ""),
        ):
            with self.subTest(options=options):
                client = self.client(*options)
                client.session("session_1", "a", "b")
                self.assert_session(client.session("session_1"), "session_1", context, metadata)
                client.session("session_1", "a", "b")
                self.assert_session(
                    client.session("session_1", metadata="n"), "session_1", context, "n"
                )

    def test_length(self):
        """A field has 0 to 255 characters; 256 are answered 2700001, and nothing is written."""
        client = self.client()
        full = "x" * 255
        self.assert_session(client.session("session_1", full, full), "session_1", full, full)
        long = "x" * 256
        self.assert_refused(client.session("session_1", long), 400, 2700001, "channel_context")
        self.assert_refused(client.session("session_1", "y", long), 400, 2700001, "metadata")
        self.assert_session(client.session("session_1"), "session_1", full, full)

    def test_what_a_character_is(self):
        """A character is a Unicode scalar, a unit of UTF-16, or a byte, as the option says."""
        balloon = "\U0001f388"
        for unit, largest in ((None, 255), ("scalars", 255), ("utf16", 127), ("bytes", 63)):
            with self.subTest(unit=unit or "left to the sandbox"):
                options = ("--characters", unit) if unit else ()
                client = self.client(*options)
                text = balloon * largest
                self.assert_session(client.session("session_1", text), "session_1", text, "")
                refused = client.session("session_1", text + balloon)
                self.assert_refused(refused, 400, 2700001, "channel_context")

    def test_any_character(self):
        """Whatever characters a field has, they come back as they were."""
        client = self.client()
        for is_async in (False, True):
            answer = client.session("session_1", HARD, HARD, is_async=is_async)
            self.assert_session(answer, "session_1", HARD, HARD)

    def test_people(self):
        """A person's token is as good as the app's, and sees the same sessions."""
        client = self.client("--user-token", "u-one")
        self.assert_session(client.session("session_1", "a", "b"), "session_1", "a", "b")
        for is_async in (False, True):
            answer = client.session(
                "session_1", "c", token="u-one", person=True, is_async=is_async
            )
            self.assert_session(answer, "session_1", "c", "b")

    def test_ids(self):
        """An id is session_ and 1 to 24 digits and letters without i, l and o; else 2700001."""
        client = self.client()
        for session in ("session_0", "session_" + "z" * 24):
            self.assert_session(client.session(session), session, "", "")
        for session in (
            "1",
            "session_",
            "session_" + "z" * 25,
            "session_i",
            "session_l",
            "session_o",
            "session_A",
            "session_a/b",
            "session_é",
        ):
            with self.subTest(session=session):
                self.assert_refused(client.session(session), 400, 2700001)

    def test_missing(self):
        """What a session that does not exist is answered can be chosen, and which that is."""
        self.assert_refused(self.client().session("session_absent1"), 400, 2700001)
        client = self.client("--missing-session", "")
        self.assert_session(client.session("session_absent1"), "session_absent1", "", "")
        client = self.client(
            "--missing-session", "session_m", "--missing-session-with", "404:2700404"
        )
        self.assert_refused(client.session("session_m1"), 404, 2700404)
        self.assert_session(client.session("session_n1"), "session_n1", "", "")

    def test_other_bodies(self):
        """A body of another form is answered 2700001."""
        sandbox, client = self.sandbox_and_client()
        path = SESSION.format("session_1")
        for body in (None, [], "a", {"metadata": 1}, {"channel_context": {}}):
            with self.subTest(body=body):
                self.assert_refused(client.request("PUT", path, body), 400, 2700001)
        answer = send_bytes(sandbox, "PUT", path, client.access_token(), b'{"metadata":')
        self.assertEqual(answer, (400, 2700001))

    def test_each_app_for_itself(self):
        """The sessions of two apps have nothing to do with each other."""
        sandbox = self.sandbox("--app", "cli_sa:a", "--app", "cli_sb:b")
        Official(sandbox, "cli_sa", "a").session("session_1", "a", "a")
        told = Official(sandbox, "cli_sb", "b").session("session_1")
        self.assert_session(told, "session_1", "", "")
