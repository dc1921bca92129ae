"""Calls by the official client, and what it makes of the answers."""

import asyncio
import http.client
import json

import lark_oapi as lark
from lark_oapi.api.aily.v1 import (
    UpdateAilySessionRequest,
    UpdateAilySessionRequestBody,
)
from lark_oapi.api.auth.v3 import (
    CreateAppAccessTokenRequest,
    CreateAppAccessTokenRequestBody,
    CreateTenantAccessTokenRequest,
    CreateTenantAccessTokenRequestBody,
    InternalTenantAccessTokenRequest,
    InternalTenantAccessTokenRequestBody,
    ResendAppTicketRequest,
    ResendAppTicketRequestBody,
)
from lark_oapi.api.cardkit.v1 import BatchUpdateCardRequest, BatchUpdateCardRequestBody
from lark_oapi.api.im.v2 import (
    BatchUpdateUrlPreviewRequest,
    BatchUpdateUrlPreviewRequestBody,
)
from lark_oapi.core.token import TokenManager

LOGIN = "/open-apis/auth/v3/tenant_access_token/internal"
PREVIEWS = "/open-apis/im/v2/url_previews/batch_update"
CARD = "/open-apis/cardkit/v1/cards/{}/batch_update"
SESSION = "/open-apis/aily/v1/sessions/{}"

ACTIONS = json.dumps([{"action": "delete_elements", "params": {"element_ids": ["e1"]}}])


class Answer:
    """One answer: as it was sent, and (`response`) as the official client reads it."""

    count = 0

    def __init__(self, response):
        Answer.count += 1
        self.response = response
        self.status = response.raw.status_code
        # The asynchronous client hands the names over in lower case, and so does not find the log
        # id itself.
        self.headers = {name.lower(): value for name, value in response.raw.headers.items()}
        self.log_id = self.headers.get("x-tt-logid")
        self.text = response.raw.content.decode()

    @property
    def code(self):
        return self.response.code

    @property
    def msg(self):
        return self.response.msg

    @property
    def body(self):
        return json.loads(self.text)


def filled(builder, **fields):
    """A body or a request with those fields that are given."""
    for name, value in fields.items():
        if value is not None:
            getattr(builder, name)(value)
    return builder.build()


def bearing(token, person=False):
    """To be said with a call: this access token, whatever the client itself would take."""
    option = lark.RequestOption.builder()
    return (option.user_access_token if person else option.tenant_access_token)(token).build()


class Official:
    """The official client, aimed at one sandbox, as one app."""

    def __init__(self, sandbox, app=None, secret=None, timeout=60):
        self.app = app or sandbox.app
        self.secret = secret or sandbox.secret

        def client(own_tokens):
            return (
                lark.Client.builder()
                .domain(sandbox.address)
                .app_id(self.app)
                .app_secret(self.secret)
                .enable_set_token(own_tokens)
                .timeout(timeout)
                .build()
            )

        self._client = client(False)
        self._client_with_token = client(True)

    def _call(self, api, request, token, person, is_async):
        client = self._client if token is None else self._client_with_token
        option = None if token is None else bearing(token, person)
        if is_async:
            return Answer(asyncio.run(getattr(api(client), "a" + api.verb)(request, option)))
        return Answer(getattr(api(client), api.verb)(request, option))

    def login(self, app=None, secret=None, is_async=False):
        body = filled(
            InternalTenantAccessTokenRequestBody.builder(),
            app_id=app or self.app,
            app_secret=secret or self.secret,
        )
        request = filled(InternalTenantAccessTokenRequest.builder(), request_body=body)
        return self._call(_tokens, request, None, False, is_async)

    def access_token(self):
        """What the client itself logs in with before a call, and keeps."""
        return TokenManager.get_self_tenant_token(self._client.config)

    def app_token(self, ticket):
        """The token of a store app, for its ticket."""
        body = filled(
            CreateAppAccessTokenRequestBody.builder(),
            app_id=self.app,
            app_secret=self.secret,
            app_ticket=ticket,
        )
        request = filled(CreateAppAccessTokenRequest.builder(), request_body=body)
        return self._call(_app_tokens, request, None, False, False)

    def tenant_token(self, app_token, tenant):
        """The token of one tenant of a store app."""
        body = filled(
            CreateTenantAccessTokenRequestBody.builder(),
            app_access_token=app_token,
            tenant_key=tenant,
        )
        request = filled(CreateTenantAccessTokenRequest.builder(), request_body=body)
        return self._call(_tenant_tokens, request, None, False, False)

    def resend(self):
        """Asks for the ticket of a store app again."""
        body = filled(
            ResendAppTicketRequestBody.builder(), app_id=self.app, app_secret=self.secret
        )
        request = filled(ResendAppTicketRequest.builder(), request_body=body)
        return self._call(_tickets, request, None, False, False)

    def previews(self, tokens, people=None, token=None, is_async=False):
        body = filled(
            BatchUpdateUrlPreviewRequestBody.builder(), preview_tokens=tokens, open_ids=people
        )
        request = filled(BatchUpdateUrlPreviewRequest.builder(), request_body=body)
        return self._call(_previews, request, token, False, is_async)

    def card(self, card, sequence, actions=ACTIONS, uuid=None, token=None, is_async=False):
        body = filled(
            BatchUpdateCardRequestBody.builder(), sequence=sequence, actions=actions, uuid=uuid
        )
        request = filled(BatchUpdateCardRequest.builder(), card_id=card, request_body=body)
        return self._call(_cards, request, token, False, is_async)

    def session(
        self, session, context=None, metadata=None, token=None, person=False, is_async=False
    ):
        body = filled(
            UpdateAilySessionRequestBody.builder(), channel_context=context, metadata=metadata
        )
        request = filled(
            UpdateAilySessionRequest.builder(), aily_session_id=session, request_body=body
        )
        return self._call(_sessions, request, token, person, is_async)

    def request(self, method, path, body=None, headers=None, with_token=True):
        """What the client's own methods cannot form: its raw request."""
        request = (
            lark.BaseRequest.builder()
            .http_method(getattr(lark.HttpMethod, method))
            .uri(path)
            .token_types({lark.AccessTokenType.TENANT} if with_token else set())
            .headers({"Content-Type": "application/json; charset=utf-8", **(headers or {})})
            .body(body)
            .build()
        )
        return Answer(self._client.request(request))


def _tokens(client):
    return client.auth.v3.tenant_access_token


def _app_tokens(client):
    return client.auth.v3.app_access_token


def _tenant_tokens(client):
    return client.auth.v3.tenant_access_token


def _tickets(client):
    return client.auth.v3.app_ticket


def _previews(client):
    return client.im.v2.url_preview


def _cards(client):
    return client.cardkit.v1.card


def _sessions(client):
    return client.aily.v1.aily_session


_tokens.verb = "internal"
_app_tokens.verb = "create"
_tenant_tokens.verb = "create"
_tickets.verb = "resend"
_previews.verb = "batch_update"
_cards.verb = "batch_update"
_sessions.verb = "update"


def send_bytes(sandbox, method, path, token, body):
    """A body that is no JSON at all: no client that is in order can be made to send one."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=60)
    try:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())["code"]
    finally:
        connection.close()
