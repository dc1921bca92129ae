let help = """
  larkspur sandbox: run a local Feishu to try things out

  usage: larkspur sandbox [options]

  Enforces the documented rules of
    POST /open-apis/auth/v3/tenant_access_token/internal
    POST /oauth/v3/token
    POST /open-apis/auth/v3/app_access_token, tenant_access_token and app_ticket/resend
    POST /open-apis/im/v2/url_previews/batch_update
    POST /open-apis/cardkit/v1/cards/:card_id/batch_update
    PUT /open-apis/aily/v1/sessions/:aily_session_id
  and prints its address, http://127.0.0.1:PORT, as its first line. Open the address in a browser
  to watch the calls. Ctrl-C or SIGTERM stops it.

  Requests with more than 32 kB of headers are answered with 431. Malformed HTTP and requests with
  more than 160 kB of headers are rejected by the HTTP library, without a log id and without a line
  in the record.

  options
    --port N                     port to listen on at 127.0.0.1; 0 picks a free one (0)
    --app ID:SECRET              an app that may sign in; may be repeated (cli_sandbox:sandbox)
    --user-token TOKEN           a user access token of the first app, valid for sessions; may be
                                 repeated (u-sandbox)
    --token-expire SECONDS       lifetime of an access token (7200)
    --oauth-token-bytes N        length of an access token by OAuth v3 (4096)
    --record FILE                append a line of JSON for each request except for the page (none)
    --exit-with-parent           exit when the process that started it exits (off)
    --help, --version            print this text; print the version

  store apps, which Feishu sends a ticket
    --store-app ID:SECRET        a store app; may be repeated (none)
    --ticket-file PATH           write its tickets there, as a handler would
    --ticket-url URL             push its tickets there, as Feishu does: plain HTTP on this machine
    --ticket-every TIME          a new ticket; the one before is no longer valid (1h)
    --resend-after TIME          how soon one comes if it is asked for again (2s)
    --absent-tenant PREFIX       tenants that have not installed the app: 20009 (absent)
    --wrong-tenant PREFIX        tenants that there are not: 10005 (wrong)

    PUT /sandbox/tenants/KEY     the tenant installs the app, as all others have
    DELETE /sandbox/tenants/KEY  it removes the app: 20009, and 99991673 to its calls

  limits for each app; 0 means no limit
    --calls-per-second N         preview calls in any second (5)
    --cards-per-second N         card calls in any second (50)
    --cards-per-minute N         card calls in any minute (1000)
    --card-per-second N          calls on one card in any second (10)
    --sessions-per-second N      session calls in any second (50)
    --sessions-per-minute N      session calls in any minute (1000)

  malformed and missing names: those that start with PREFIX; '' means none
    --bad-token PREFIX           preview tokens that are malformed (bad_token)
    --bad-open-id PREFIX         open_ids that are malformed (ou_bad)
    --missing-card PREFIX        cards that do not exist: 200740 (missing)
    --expired-card PREFIX        cards that are too old: 200750 (expired)
    --missing-session PREFIX     sessions that do not exist (session_absent)

  behaviour that Feishu does not document
    --spacing-violation WORD     for a token repeated within 5 s: refuse the call, or ignore the
                                 token (refuse)
    --empty-open-ids WORD        an empty open_ids list reaches nobody or everyone, or makes Feishu
                                 refuse the call: nobody, everyone or refuse (nobody)
    --first-check WORD           which is checked first if a batch repeats both uuid and sequence:
                                 uuid or sequence (uuid)
    --replayed-uuid WORD         answer to the same batch sent again: conflict (200770), or success
                                 without a change (conflict)
    --uuid-memory TIME           how long a card remembers a uuid (1h)
    --refused-batch WORD         uuid and sequence of a batch refused for its content: free to use
                                 again, or counted as used (free)
    --card-limit-with STATUS:CODE       answer for a card that is changed too often (400:230020)
    --omitted-field WORD         a field that a session update leaves out: keep or clear (keep)
    --missing-session-with STATUS:CODE  answer for a session that does not exist (400:2700001)
    --limit-window WORD          sliding: limits apply to any span of time; fixed: to each second
                                 and minute of the clock (sliding)
    --limited-calls WORD         a call over the limit is free, or counted like any other (free)
    --limit-status N             HTTP status of 99991400 (429)
    --limit-headers WORD         send x-ogw-ratelimit-limit and -reset with it: both or none (both)
    --characters WORD            unit of length limits in characters: scalars, utf16 or bytes
                                 (scalars)

  clients (only with --callback)
    --callback URL               the app's callback address, http://127.0.0.1:PORT/PATH. Only plain
                                 HTTP on this machine
    --verification-token TOKEN   the token in every callback and ticket (v-sandbox)
    --encrypt-key KEY            encrypt and sign callbacks with this key (none: neither)
    --client-cache SECONDS       how long Feishu serves a preview again for the same URL, to any
                                 user in any chat, without a callback. Only for the first look at
                                 a message; a refresh always pulls (0)

    POST /sandbox/messages       post a link. Each member pulls its preview: url.preview.get
      {"url":"https://…","chat":"oc_1","members":["ou_1","ou_2"]}
                                 "place" says where the link is: message, the default; top_notice;
                                 signature, which has no chat; or draft, which has neither chat nor
                                 token
    GET /sandbox/messages        all messages with their tokens, and for each member what it sees,
                                 when that was drawn, how often it pulled, and what went wrong
    GET /sandbox/messages/N      message number N alone

  Callbacks are sent for the first --app. The first one is url_verification, which must be echoed
  within 1 s; until it is, nothing is pulled, and the next message or refresh tries again. A pull
  must be answered within 3 s and is never repeated: without a valid answer the member keeps what
  it saw. An accepted refresh makes the members in open_ids pull again, or all members if there is
  no such list. At most 100 callbacks are in flight at once. Requests for /sandbox are neither
  counted nor recorded.

  faults; P is a probability from 0 to 1, or first:N for the first N calls to each API
    --reject-token P             reject a valid access token: 400, 99991663 or 99991668
    --missing-scope[=P]          the app lacks the scope: 400, 99991672 (every call)
    --quota[=P]                  the monthly quota is used up: 429, 99991403 (every call)
    --limit P                    too many calls: 99991400, wait 1 s
    --refuse P                   refuse the call as --refuse-with says
    --refuse-with STATUS:CODE    HTTP status and code of --refuse (400:2200)
    --drop-before P              no effect; close the connection without an answer
    --fail-5xx P                 no effect; answer 502 with an HTML page
    --html P                     no effect; answer 200 with an HTML page
    --drop-after P               take effect; close the connection without an answer
    --cut P                      take effect; send half of the answer
    --never P                    take effect; never answer
    --slow P                     take effect; send the answer in ten pieces
    --slow-for TIME              time that --slow takes (3s)
    --latency TIME               delay of every answer (0ms)
    --latency-spread TIME        vary the delay evenly by up to this much (0ms)
    --faults-on WORD             calls that get faults and latency: updates (previews, cards and
                                 sessions), previews, cards, sessions, token (requests for an access
                                 token), oauth (the same by OAuth v3), or all (updates)
    --seed N                     the same seed gives the same calls the same faults (1)

  All faults are off by default. If several hit one call, the first in this list wins. Refused calls
  count too.

  example:
    larkspur sandbox --port 8080 --record calls.jsonl --latency 50ms --drop-after first:1

  exit: 0 stopped · 64 usage · 73 the record cannot be created · 74 it cannot be written ·
        78 the port is not free, the ticket file cannot be written, or too few files may be
        open
  """
