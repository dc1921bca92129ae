extension HelpTopic {
  static let overviewText = """
    larkspur refreshes Feishu link previews, cards and Aily sessions from a durable queue: it
    batches requests, respects rate limits, and loses nothing in a crash.

    usage: larkspur COMMAND [options]

      enqueue   ask to refresh a preview, or to update a card or a session
      work      deliver what was asked for
      status    show worker, queue and account status
      list      list what is pending, dead or idle
      doctor    check that everything is well, and say how to fix what is not
      retry     requeue dead asks
      cancel    cancel what is pending or dead for a lane
      resume    resume a parked or paused account
      prune     delete old history
      sandbox   run a local Feishu to try things out
      demo      watch it work for half a minute; no account needed
      help      explain a command: larkspur help enqueue

    global options:
      --db PATH       the queue (or LARKSPUR_DB; default
                      $XDG_STATE_HOME/larkspur/queue.db, else ~/.local/state/larkspur/queue.db)
      --account NAME  one app in one tenant (default: 'default' for enqueue, all for the rest)
      --json          print results as JSON, one object a line
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

    Shows whether a worker is running and how it is doing, how much is pending and for how long, and
    the state of each account: open, paused or parked, with the reason and what to do about it.

      worker  its process, its version, and when it last looked at the queue, made a call, and had a
              call succeed. "not responding" means that it was stopped or hangs
      stuck   why asks do not get through: a secret is missing, Feishu cannot be reached, everything
              is refused, an account is parked, or the queue cannot be written. If no worker is
              running: what the last one was stuck on
      asks    not in a lane yet
              new: may go now; the worker picks it up at once · delayed: its --after has not
              passed · expired: its --expires-in has
      lanes   a lane is what has its own pace: a preview token, a card or a session
              ready: may go now · waiting: its time has not come · paused: stopped until a
              known moment · parked: stopped until you act · in flight: a call was sent and
              has not been answered yet · dead: given up, kept with its reason

    `larkspur list --state STATE` lists them. With --json, `heartbeat.state` is working,
    not_responding, not_running, unknown, or unreadable: the lock file belongs to another user.

    examples:
      larkspur status
      larkspur status --json | jq .lanes.dead
      larkspur status --json | jq -r '.heartbeat.stuck[].why'

    exit: 0 · 66 there is no queue · 74 it cannot be used
    """

  static let listText = """
    larkspur list: list what is pending, dead or idle

    usage: larkspur list [--state STATE] [--account NAME] [--limit N] [--json]

      --state STATE  only this state: new, delayed, expired, ready, waiting, paused, parked,
                     in-flight, dead, idle (see: larkspur help status)
      --limit N      at most N lines (default: 1000; with --json, all)

    Without --state, lists everything that is pending: lanes, and asks that are not in a lane yet.
    Dead lanes, and idle lanes, for which nothing is pending, are listed only on request. With
    --json each lane has a `result`; for a session, it is the session that its last update returned.
    Times are local; with --json they are UTC: 2026-11-21T06:00:00Z.

    Standard error says what holds up pending asks: no worker is running, the worker does not
    respond, or it is stuck (see: larkspur help status).

    examples:
      larkspur list --state ready
      larkspur list --state dead --json
      larkspur list --state idle --json | jq 'select(.kind == "session") | .result'

    exit: 0, also when nothing is listed · 66 there is no queue · 74 it cannot be used
    """

  static let retryText = """
    larkspur retry: requeue dead asks

    usage: larkspur retry LANE [--account NAME] [--json]
           larkspur retry --all-dead [--account NAME] [--json]

      LANE        a preview token, a card_id or a session id
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

      LANE  a preview token, a card_id or a session id

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

    Starts a local Feishu on a free port and a worker with a queue in a temporary folder, enqueues
    what changes during a company's morning, and delivers it while you watch: 300 tickets in several
    chats, some of them many times. Then it shows what the queue's views say, and how many calls
    were saved. At the end both programs are stopped and the queue is deleted. Nothing leaves this
    machine, and your queue, configuration and credentials are not read.

      --json   print the final figures as one JSON object
      --quiet  print only the final report

    Set NO_COLOR to turn colours off.

    exit: 0 everything was delivered · 1 something is dead · 69 the local Feishu ended · 73/74 the
          temporary queue cannot be created/used · 75 not everything was delivered in time ·
          78 a program is missing · 129, 130, 143 a closed terminal, Ctrl-C, SIGTERM
    """
}
