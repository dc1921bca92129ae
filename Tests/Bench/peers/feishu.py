"""What the scripts of this folder share: a client of Feishu, and a pace that keeps its limits."""

import http.client
import json
import os
import time
import urllib.parse

PACE = 0.205
"""Seconds from call to call: five a second, and a little for the way."""

SPACING = 5
"""Seconds before one token may come again."""


class Feishu:
    """Refreshes previews, one call after the other. What it knows of the limits it knows as long as it
    lives."""

    def __init__(self):
        self.host = urllib.parse.urlsplit(os.environ["FEISHU_BASE_URL"]).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=10)
        self.next_call = 0
        self.free_again = {}
        self.log_in()

    def log_in(self):
        answer, _ = self.post(
            "/open-apis/auth/v3/tenant_access_token/internal",
            {
                "app_id": os.environ["FEISHU_APP_ID"],
                "app_secret": os.environ["FEISHU_APP_SECRET"],
            },
        )
        self.access_token = answer["tenant_access_token"]

    def wait_for_turn(self):
        time.sleep(max(0, self.next_call - time.monotonic()))

    def soonest(self, token):
        """In how many seconds the token may be in a call; 0 when it may now."""
        return max(0, self.free_again.get(token, 0) - time.monotonic())

    def refresh(self, token, people):
        """Calls, again when there were too many calls; says whether it was accepted."""
        body = {"preview_tokens": [token]}
        if people:
            body["open_ids"] = people
        while True:
            self.wait_for_turn()
            self.next_call = time.monotonic() + PACE
            answer, headers = self.post(
                "/open-apis/im/v2/url_previews/batch_update",
                body,
                {"Authorization": "Bearer " + self.access_token},
            )
            if answer["code"] == 99991400:
                time.sleep(float(headers.get("x-ogw-ratelimit-reset", 1)))
            elif answer["code"] in (99991663, 99991668):
                self.log_in()
            else:
                self.free_again[token] = time.monotonic() + SPACING
                return answer["code"] == 0

    def post(self, path, body, headers={}):
        try:
            return self.post_once(path, body, headers)
        except (http.client.HTTPException, OSError):
            # The connection had been closed meanwhile.
            self.connection.close()
            return self.post_once(path, body, headers)

    def post_once(self, path, body, headers):
        headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        self.connection.request("POST", path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        return json.loads(answer.read()), answer.headers
