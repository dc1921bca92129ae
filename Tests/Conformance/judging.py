"""What all judgements have in common."""

import unittest

from official import Answer, Official
from programs import Sandbox


class Judged(unittest.TestCase):
    """A test whose sandboxes end with it, and the forms that all answers share."""

    maxDiff = None

    def sandbox(self, *options):
        sandbox = Sandbox(*options)
        self.addCleanup(sandbox.stop)
        return sandbox

    def sandbox_and_client(self, *options):
        sandbox = self.sandbox(*options)
        return sandbox, Official(sandbox)

    def client(self, *options):
        return self.sandbox_and_client(*options)[1]

    def assert_answer(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.text)
        self.assertEqual(answer.headers["content-type"], "application/json; charset=utf-8")
        self.assertTrue(answer.log_id, "X-Tt-Logid is missing")
        self.assertIsInstance(answer.code, int)
        self.assertIsInstance(answer.msg, str)
        self.assertTrue(answer.msg, "msg is empty")

    def assert_success(self, answer):
        """Accepted, with nothing to tell: the answer of previews and of cards."""
        self.assert_answer(answer, 200, 0)
        self.assertTrue(answer.response.success())
        self.assertEqual(answer.body, {"code": 0, "msg": "success", "data": {}})

    def assert_refused(self, answer, status, code, words=""):
        self.assert_answer(answer, status, code)
        self.assertFalse(answer.response.success())
        self.assertEqual(set(answer.body), {"code", "msg", "error"})
        self.assertEqual(answer.body["error"], {"log_id": answer.log_id})
        self.assertIn(words, answer.msg)

    def assert_limited(self, answer, limit, status=429):
        """Too many calls, with both headers that say so; gives back the seconds to wait."""
        self.assert_refused(answer, status, 99991400, "request trigger frequency limit")
        self.assertEqual(answer.headers.get("x-ogw-ratelimit-limit"), str(limit))
        reset = answer.headers.get("x-ogw-ratelimit-reset", "")
        self.assertRegex(reset, r"^[1-9][0-9]*$")
        return int(reset)

    def assert_page(self, answer, status):
        """An answer that is not Feishu's own, but a page of something in front of it."""
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.headers["content-type"], "text/html")
        self.assertTrue(answer.log_id, "X-Tt-Logid is missing")
        self.assertIn("<html>", answer.text)


def answers_judged():
    return Answer.count
