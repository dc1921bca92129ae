let help = """
  usage: larkspur-sandbox [options]

  A local Feishu. It enforces the documented rules of
    POST /open-apis/auth/v3/tenant_access_token/internal
    POST /open-apis/im/v2/url_previews/batch_update
  and prints its address, http://127.0.0.1:PORT, as its first line. Ctrl-C or SIGTERM ends it.

    larkspur-sandbox --port 8080 --record calls.jsonl --latency 50ms --drop-after first:1

  options
    --port N                    where to listen on 127.0.0.1 (0: a free port)
    --app ID:SECRET             an app that may log in; repeat for several (cli_sandbox:sandbox)
    --record FILE               append a line of JSON for each request (none)
    --exit-with-parent          end when the process that started it has ended (off)
    --help                      this text

  rules
    --calls-per-second N        calls an app may make in any second; 0 is no limit (5)
    --spacing-violation WORD    a token that comes again within 5 s: refuse the call, or ignore
                                the token (refuse)
    --bad-token PREFIX          preview tokens beginning so are malformed; '' is none (bad_token)
    --bad-open-id PREFIX        open_ids beginning so are malformed; '' is none (ou_bad)
    --token-expire SECONDS      how long an access token is valid (7200)

  faults
    P is a probability from 0 to 1, or first:N for the first N calls; each is 0 unless given. When
    several strike one call, the first in this list wins. Each call counts, refused ones too.
    --reject-token P            a valid access token is called invalid: 400, 99991663
    --missing-scope[=P]         the app lacks the scope: 400, 99991672 (every call)
    --quota[=P]                 the month's calls are used up: 429, 99991403 (every call)
    --limit P                   too many calls: 429, 99991400, wait 1 s
    --refuse P                  refused with what --refuse-with says
    --refuse-with STATUS:CODE   the HTTP status and the code of --refuse (400:2200)
    --drop-before P             the connection is closed without an answer; nothing took effect
    --fail-5xx P                502 and a page of HTML; nothing took effect
    --html P                    200 and a page of HTML; nothing took effect
    --drop-after P              it took effect, and the connection is closed without an answer
    --cut P                     it took effect, and half of the answer is sent
    --never P                   it took effect, and there is no answer
    --latency TIME              how long answers are held back (0ms)
    --latency-spread TIME       up to so much more or less, evenly spread (0ms)
    --faults-on WORD            the calls that meet faults and latency: previews, token (the
                                requests for an access token) or all (previews)
    --seed N                    the same N gives the same calls the same faults (1)
  """
