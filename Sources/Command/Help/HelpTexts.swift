extension HelpTopic {
  static let overviewText = """
    larkspur: refresh Feishu link previews, cards and Aily sessions from a durable queue

    usage: larkspur COMMAND [options]

    Larkspur batches requests, respects rate limits, and loses nothing in a crash.

      enqueue      ask to refresh a preview, or to update a card or a session
      work         deliver what was asked for
      status       show worker, queue and account status
      list         list what is pending, dead or idle
      explain      say why something has not gone yet, and when it will
      plan         show the next calls without making them
      forecast     say when everything will be sent, and whether the quota lasts
      doctor       check that everything is well, and say how to fix what is not
      metrics      show the queue's metrics for Prometheus
      report       write a page, or a trace, that shows how it went
      top          show the queue on the terminal, live
      retry        requeue dead asks
      cancel       cancel what is pending or dead for a lane
      resume       resume a parked or paused account
      prune        delete old history
      saw          record that a client has requested a preview, and what the preview shows
      forget       forget previews, keys or users that were seen
      init         create an empty queue
      ticket       store the app ticket that Feishu pushes to a store app
      sandbox      run a local Feishu to try things out
      demo         watch it work for half a minute; no account needed
      man          print the manual page of a command
      completions  print a completion script for a shell
      help         explain a command: larkspur help enqueue

    global options:
      --db PATH       the queue (or LARKSPUR_DB; default
                      $XDG_STATE_HOME/larkspur/queue.db, else ~/.local/state/larkspur/queue.db);
                      postgresql://HOST/DATABASE is one that several machines share
      --account NAME  one app in one tenant (default: 'default' for enqueue and saw, all for the rest)
      --json          print results as JSON, one object a line, and an error as one object on
                      standard error: error, code, fix, console_url, log_id, retryable, details
      --quiet         print only errors on standard error
      --help          print this help, or the help of a command
      --version       print the version

    examples:
      larkspur enqueue preview TOKEN --everyone
      larkspur work --until-empty

    Results go to standard output, messages to standard error.
    exit: 0 done · 1 something asked for is dead · 64 usage · 65 bad input · 66 input missing ·
          69 Feishu cannot be reached · 73 the queue cannot be created · 74 it cannot be used ·
          75 time is up · 77 credentials or permission · 78 configuration · 130 Ctrl-C · 143 SIGTERM
    """

  static let statusText = """
    larkspur status: show worker, queue and account status

    usage: larkspur status [--account NAME] [--json]
           larkspur status --check [--account NAME] [--json]

      --check  say in one line whether all is well, and with the exit code: 0 well; 1 an account is
               parked, something is dead or stuck, or has been due for more than 5 minutes; 75 no
               worker has looked at the queue for 3 minutes

    Shows whether a worker is running and how it is doing, how much is pending and for how long, and
    the state of each account: open, paused or parked, with the reason and what to do about it.

      worker  its process, its version, and when it last looked at the queue, made a call, and had a
              call succeed. "not responding" means that it was stopped or hangs
      stuck   why asks do not get through: a secret is missing, Feishu cannot be reached, everything
              is refused, an account is parked, or the queue cannot be written. If no worker is
              running: what the last one was stuck on

    asks that are not in a lane yet
      new      may go now; the worker picks it up at once
      delayed  its --after has not passed
      expired  its --expires-in has passed

    lanes; a lane is what has its own pace: a preview token, a card or a session
      ready      may go now
      waiting    its time has not come
      paused     stopped until a known moment
      parked     stopped until you act
      in flight  a call was sent and has not been answered yet
      dead       given up, kept with its reason

    `larkspur list --state STATE` lists them. With --json, `heartbeat.state` is working,
    not_responding, not_running, unknown, or unreadable: the lock file belongs to another user.

    examples:
      larkspur status
      larkspur status --json | jq .lanes.dead
      larkspur status --json | jq -r '.heartbeat.stuck[].why'

    exit: 0 · 1, 75 only with --check, see there · 66 there is no queue · 74 it cannot be used
    """

  static let listText = """
    larkspur list: list what is pending, dead or idle

    usage: larkspur list [LANE] [--state STATE] [--kind KIND] [--since SPAN] [--account NAME]
                         [--limit N] [--json]
           larkspur list --key KEY [--account NAME] [--limit N] [--json]

      LANE           only this preview token, card_id, session id, key or URL
      --state STATE  only this state: new, delayed, expired, ready, waiting, paused, parked,
                     in-flight, dead, idle (see: larkspur help status)
      --kind KIND    only preview, card, session, key or url
      --since SPAN   only what was asked for within this span (30m, 24h, 7d); with --state dead, what
                     died in it, with --state idle, what was delivered in it
      --limit N      at most N lines (default: 1000; with --json, all)
      --key KEY      the previews that show this key, as 'larkspur saw' has recorded them, those seen
                     last first; `state` is that of the preview's lane, if anything is pending or
                     dead for it

    Without --state, lists everything that is pending: lanes, and asks that are not in a lane yet.
    Dead lanes, and idle lanes, for which nothing is pending, are listed only on request. With
    --json each lane has a `result`; for a session, it is the session that its last update returned.
    Times are local; with --json they are UTC: 2026-11-21T06:00:00Z, and `next_at`, `people` and
    `everyone` say `next` and `audience` as a time, a number and true or false.

    Standard error says what holds up pending asks: no worker is running, the worker does not
    respond, or it is stuck (see: larkspur help status).

    examples:
      larkspur list --state ready
      larkspur list --state dead --json
      larkspur list --state idle --json | jq 'select(.kind == "session") | .result'

    exit: 0, also when nothing is listed · 66 there is no queue · 74 it cannot be used
    """

  static let explainText = """
    larkspur explain: say why something has not gone yet, and when it will

    usage: larkspur explain LANE [--account NAME] [--json]
           larkspur explain NUMBER

      LANE    a preview token, card_id, session id, key or URL
      NUMBER  the number of an ask, as 'larkspur enqueue' prints it

    Shows what is wanted, everything it waits for, which of that decides, and the call it will be
    part of. The moment is found by running the worker ahead on a copy of the queue. It assumes that
    nothing else is asked for, that nothing is refused, and that Feishu answers as fast as it did
    lately. It is exact for the next 2,000 calls; beyond that it is an estimate.

    For something that is not pending, shows its last call and how it ended.

    With --json, `goes_at` is null if the moment depends on a person or an answer, and each of
    `blockers` has a code: delay, slot, budget, quota, reserve, paused, parked, in_flight, order,
    isolation, backoff, credentials, unconfigured, no_worker; for a key or URL, previews: some of
    its previews wait, and `last_preview` goes last.

    examples:
      larkspur explain 3f1a…
      larkspur explain 3f1a… --json | jq -r '.blockers[] | select(.decides) | .code'

    exit: 0 · 65 nothing is known about it · 66 there is no queue · 74 it cannot be used
    """

  static let planText = """
    larkspur plan: show the next calls without making them

    usage: larkspur plan [--next N] [--account NAME] [--json]

      --next N  how many calls, at most 2,000 (default: 20)

    Runs the worker ahead on a copy of the queue, and shows when each call will leave, which lanes
    it carries and for whom. It assumes that nothing else is asked for, that nothing is refused, and
    that Feishu answers as fast as it did lately. If no worker is running, one is assumed to start
    now. Accounts that are parked, not configured or without a secret make no calls.

    With --json, each call is an object: at, account, kind, lanes, everyone, people, estimate.

    example:
      larkspur plan --next 5

    exit: 0 · 65 there is no such account · 66 there is no queue · 74 it cannot be used
    """

  static let forecastText = """
    larkspur forecast: say when everything will be sent, and whether the quota lasts

    usage: larkspur forecast [--account NAME] [--json]

    For each account: when nothing will be left to send, how many calls that takes, and what the
    last of them waits for. If more is asked for than can be sent: how fast the backlog grows. If
    nothing goes until you act: what to do. If the configuration sets a monthly quota: how much is
    used, and how much will be at the end of the month at the pace of the last seven days.

    The next 2,000 calls are run ahead as by 'larkspur plan'; what is left after them is estimated
    at the same rate.

    With --json, each account is an object: account, state (empty, growing or stalled), empty_at,
    estimate, calls, lanes, decides, growth_per_second, stalled_by, quota, quota_used,
    quota_projected, quota_ends_at.

    example:
      larkspur forecast --json | jq 'select(.state != "empty")'

    exit: 0 · 65 there is no such account · 66 there is no queue · 74 it cannot be used
    """

  static let retryText = """
    larkspur retry: requeue dead asks

    usage: larkspur retry LANE [--account NAME] [--json]
           larkspur retry --all-dead [--account NAME] [--json]

      LANE        a preview token, card_id, session id, key or URL
      --all-dead  all dead asks

    For a preview, only the users who were not reached are requeued.

    examples:
      larkspur list --state dead
      larkspur retry 3f1a…

    exit: 0 · 65 nothing is dead for this lane · 66 there is no queue · 74 it cannot be used
    """

  static let cancelText = """
    larkspur cancel: cancel what is pending or dead for a lane

    usage: larkspur cancel LANE [--account NAME] [--json]

      LANE  a preview token, card_id, session id, key or URL

    Cancels every pending ask of the lane and drops its dead ones. A call that is already in flight
    cannot be taken back.

    example:
      larkspur cancel 3f1a…

    exit: 0 · 65 nothing is pending or dead for it · 66 there is no queue · 74 it cannot be used
    """

  static let resumeText = """
    larkspur resume: resume a parked or paused account

    usage: larkspur resume ACCOUNT [--json]

    An account is parked when only you can fix what is wrong: its credentials, its permissions or
    its host. Nothing is lost meanwhile. Resuming also ends a pause. `larkspur status` says what to
    fix. An account whose secret cannot be read resumes by itself once it can.

    example:
      larkspur resume default

    exit: 0 · 65 there is no such account · 66 there is no queue · 74 it cannot be used
    """

  static let pruneText = """
    larkspur prune: delete old history

    usage: larkspur prune --older-than SPAN [--json]

      --older-than SPAN  delete what ended longer ago than this: 12h, 7d

    Deletes calls, and asks that were delivered, expired or cancelled. Pending and dead asks are
    kept. The worker deletes history that is older than seven days by itself.

    example:
      larkspur prune --older-than 7d

    exit: 0 · 66 there is no queue · 74 it cannot be used
    """

  static let demoText = """
    larkspur demo: watch it work for half a minute; no account needed

    usage: larkspur demo [--json] [--quiet]

    Starts a local Feishu on a free port, a worker with a queue in a temporary folder, and a small
    backend. A ticket is pasted in nine chats, and the backend records each preview that it serves.
    The ticket changes: one ask, by its key, and all members see it. Then a company's morning is
    delivered while you watch: 300 tickets, some of which change many times. At the end it shows
    what the members saw before and after, what the queue's views say, and how many calls were
    saved; both programs are stopped and the queue is deleted. What is left is larkspur-demo.html in
    the current folder, the page that 'larkspur report' writes. Nothing leaves this machine, and
    your queue, configuration and credentials are not read.

      --json   print the final figures as one JSON object
      --quiet  print only the final report

    environment:
      NO_COLOR  turns colours off, if it is set

    exit: 0 everything was delivered · 1 something is dead · 69 the local Feishu ended · 73/74 the
          temporary queue cannot be created/used · 75 not everything was delivered in time ·
          78 a program is missing · 129, 130, 143 a closed terminal, Ctrl-C, SIGTERM
    """
}
