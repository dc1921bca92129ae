extension HelpTopic {
  static let overviewText = """
    larkspur refreshes Feishu link previews, cards and Aily sessions from a durable queue: it
    batches requests, respects rate limits, and loses nothing in a crash.

    usage: larkspur COMMAND [options]

      enqueue   ask for a preview, a card or a session to be updated
      work      deliver what was asked for
      status    show worker, queue and account status
      list      list what is pending, dead or idle
      retry     requeue dead asks
      cancel    cancel what is pending or dead for a lane
      resume    resume a parked or paused account
      prune     delete old history
      sandbox   run a local Feishu to try things out
      demo      see all of it in half a minute; no account needed
      help      explain a command: larkspur help enqueue

    options of every command:
      --db PATH       the queue (or LARKSPUR_DB; default
                      $XDG_STATE_HOME/larkspur/queue.db, else ~/.local/state/larkspur/queue.db)
      --account NAME  one app in one tenant (default: 'default' to enqueue, all to look)
      --json          results as JSON, one object a line
      --quiet         print only errors on standard error
      --help          print this text, or that of a command
      --version       print the version

    example:
      larkspur enqueue preview TOKEN --everyone
      larkspur work --until-empty

    Results go to standard output, sentences to standard error.
    exit: 0 done · 1 something asked for is dead · 64 usage · 65 bad input · 66 input missing ·
          69 Feishu cannot be reached · 73 the queue cannot be created · 74 it cannot be used ·
          75 time is up · 77 credentials or permission · 78 configuration · 130 Ctrl-C · 143 SIGTERM
    """

  static let statusText = """
    larkspur status: show worker, queue and account status

    usage: larkspur status [--account NAME] [--json]

    Shows which worker delivers and how it is doing, how much is pending and for how long, and each
    account: open, paused, or parked, with the reason and what to do about it.

      worker  its process, its version, when it last looked at the queue, made a call, and had one
              succeed. "not responding" means that it was stopped or hangs
      stuck   why asks do not get through: a secret is missing, Feishu cannot be reached, everything
              is refused, an account is parked, or the queue cannot be written. Without a worker, it
              is what the last one was stuck on
      asks    not in a lane yet
              new: may go now; the worker picks it up at once · delayed: its --after has not
              passed · expired: its --expires-in has
      lanes   a lane is what has its own pace: a preview token, a card or a session
              ready: may go now · waiting: its time has not come · paused: stopped until a
              known moment · parked: stopped until you act · in flight: a call was sent and
              not answered yet · dead: given up, kept with its reason

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

    Without --state it lists everything that is pending: lanes, and asks that are not in a lane
    yet. Dead lanes, and idle ones, for which nothing is pending, are listed on request. With
    --json each lane has a `result`: of a session, the session as its last update answered it.
    Times are local; with --json they are UTC: 2026-11-21T06:00:00Z.

    What keeps pending asks from going is said on standard error: nobody works the queue, the worker
    does not respond, or it is stuck (see: larkspur help status).

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

    Of a preview, only the users who were not reached are asked for again.

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
    fix. An account whose secret could not be read goes on by itself once it can.

    example:
      larkspur resume default

    exit: 0 · 65 there is no such account · 66 there is no queue · 74 it cannot be used
    """

  static let pruneText = """
    larkspur prune: delete old history

    usage: larkspur prune --older-than SPAN [--json]

      --older-than SPAN  what ended longer ago than this: 12h, 7d

    Deletes calls, and asks that were delivered, expired or cancelled. What is pending or dead stays.
    The worker does this by itself for what is older than seven days.

    example:
      larkspur prune --older-than 7d

    exit: 0 · 66 there is no queue · 74 it cannot be used
    """

  static let demoText = """
    larkspur demo: see all of it in half a minute; no account needed

    usage: larkspur demo [--json] [--quiet]

    Starts a local Feishu on a free port and a worker with a queue in a temporary folder, asks for
    what a company's morning asks for, and delivers it while you look on: 300 tickets in several
    chats, some of them many times. Then it shows what the queue's views say, and how many calls
    were saved. Both programs and the queue are gone at the end. Nothing leaves this machine: your
    queue, your configuration and your credentials are not looked at.

      --json   the figures at the end as one JSON object
      --quiet  only what it shows at the end

    Colours are left out when NO_COLOR is set.

    exit: 0 all was delivered · 1 something is dead · 69 the local Feishu ended · 73/74 the
          temporary queue cannot be made/used · 75 not all was delivered in time ·
          78 a program is missing · 129, 130, 143 a closed terminal, Ctrl-C, SIGTERM
    """
}
