let help = """
  larkspur sandbox: run a local Feishu to try things out

  usage: larkspur sandbox [options]

  It enforces the documented rules of
    POST /open-apis/auth/v3/tenant_access_token/internal
    POST /open-apis/im/v2/url_previews/batch_update
    POST /open-apis/cardkit/v1/cards/:card_id/batch_update
    PUT  /open-apis/aily/v1/sessions/:aily_session_id
  and prints its address, http://127.0.0.1:PORT, as its first line. With a browser, the page there
  shows what it is asked. Ctrl-C or SIGTERM ends it.

  Headers above 32 kB are answered 431. What is no HTTP at all, or has headers above 160 kB, is
  refused by the HTTP library and not by Feishu's rules: without a log id, and not in the record.

    larkspur-sandbox --port 8080 --record calls.jsonl --latency 50ms --drop-after first:1

  options
    --port N                     where to listen on 127.0.0.1 (0: a free port)
    --app ID:SECRET              an app that may log in; repeat for several (cli_sandbox:sandbox)
    --user-token TOKEN           a person's access token, good for sessions; repeat for several; of
                                 the first app (u-sandbox)
    --record FILE                append a line of JSON for each request but those of the page (none)
    --exit-with-parent           end when the process that started it has ended (off)
    --help, --version            this text; the version

  limits: calls an app may make; 0 is no limit
    --calls-per-second N         on previews, in any second (5)
    --cards-per-second N         on cards, in any second (50)
    --cards-per-minute N         and in any minute (1000)
    --card-per-second N          on one card, in any second (10)
    --sessions-per-second N      on sessions, in any second (50)
    --sessions-per-minute N      and in any minute (1000)
    --token-expire SECONDS       how long an access token is valid (7200)
    --bad-token PREFIX           preview tokens beginning so are malformed; '' is none (bad_token)
    --bad-open-id PREFIX         open_ids beginning so are malformed; '' is none (ou_bad)
    --missing-card PREFIX        cards beginning so do not exist: 200740; '' is none (missing)
    --expired-card PREFIX        cards beginning so are too old: 200750; '' is none (expired)
    --missing-session PREFIX     sessions beginning so do not exist; '' is none (session_absent)

  where the documentation says nothing, either may be met
    --spacing-violation WORD     a token that comes again within 5 s: refuse the call, or ignore
                                 the token (refuse)
    --empty-open-ids WORD        an empty list of open_ids reaches nobody or everyone, or has the
                                 call refused: refuse (nobody)
    --first-check WORD           of a batch that repeats both its uuid and its sequence, which is
                                 looked at first: uuid or sequence (uuid)
    --replayed-uuid WORD         a batch sent again as it was: conflict, 200770, or success, and
                                 nothing changes (conflict)
    --uuid-memory TIME           how long a card remembers a uuid (1h)
    --refused-batch WORD         a batch refused for its content leaves its uuid and sequence free,
                                 or they are used up: counted (free)
    --card-limit-with STATUS:CODE       what a card that is changed too often is answered
                                 (400:230020)
    --omitted-field WORD         a field that a session's update leaves out: keep or clear (keep)
    --missing-session-with STATUS:CODE  what is answered for such a session (400:2700001)
    --limit-window WORD          limits hold in any span of time, sliding, or in each second and
                                 minute of the clock, fixed (sliding)
    --limited-calls WORD         a call over the limit costs nothing, free, or counts like any
                                 other: counted (free)
    --limit-status N             the HTTP status of 99991400 (429)
    --limit-headers WORD         x-ogw-ratelimit-limit and -reset come with it: both or none (both)
    --characters WORD            what a character is where a length is limited: scalars, utf16 or
                                 bytes (scalars)

  faults
    P is a probability from 0 to 1, or first:N for the first N calls on each API; each is 0 unless
    given. When several strike one call, the first in this list wins. Refused calls count too.
    --reject-token P             a valid access token is called invalid: 400, 99991663 or 99991668
    --missing-scope[=P]          the app lacks the scope: 400, 99991672 (every call)
    --quota[=P]                  the month's calls are used up: 429, 99991403 (every call)
    --limit P                    too many calls: 99991400, wait 1 s
    --refuse P                   refused with what --refuse-with says
    --refuse-with STATUS:CODE    the HTTP status and the code of --refuse (400:2200)
    --drop-before P              the connection is closed without an answer; nothing took effect
    --fail-5xx P                 502 and a page of HTML; nothing took effect
    --html P                     200 and a page of HTML; nothing took effect
    --drop-after P               it took effect, and the connection is closed without an answer
    --cut P                      it took effect, and half of the answer is sent
    --never P                    it took effect, and there is no answer
    --slow P                     it took effect, and the answer comes in ten pieces
    --slow-for TIME              how long those are under way (3s)
    --latency TIME               how long answers are held back (0ms)
    --latency-spread TIME        up to so much more or less, evenly spread (0ms)
    --faults-on WORD             the calls that meet faults and latency: updates, which is previews,
                                 cards and sessions; one of these; token, the requests for an
                                 access token; or all (updates)
    --seed N                     the same N gives the same calls the same faults (1)
  """
