extension HelpTopic {
  static let overviewText = """
    larkspur keeps Feishu link previews, cards and Aily sessions up to date. You say what has
    changed; a worker tells Feishu as soon as it may, in as few calls as possible, and loses none.

    usage: larkspur COMMAND [options]

      enqueue   ask for a preview, a card or a session to be updated
      work      deliver what has been asked for
      status    how it stands
      list      what waits, what is dead, what is done
      retry     want again what is dead
      cancel    take back what a lane wants
      resume    open an account again after mending it
      prune     forget old history
      sandbox   a local Feishu to try things on
      demo      half a minute that shows all of it; no account needed
      help      explain a command: larkspur help enqueue

    options of every command:
      --db PATH       the queue (or LARKSPUR_DB; default
                      $XDG_STATE_HOME/larkspur/queue.db, else ~/.local/state/larkspur/queue.db)
      --account NAME  one app in one tenant (default: 'default' to enqueue, all to look)
      --json          results as JSON, one object a line
      --quiet         no sentences but errors
      --help          this text, or that of a command
      --version       the version

    example:
      larkspur enqueue preview TOKEN --everyone
      larkspur work --until-empty

    Results go to standard output, sentences to standard error.
    exit: 0 done · 1 something asked for is dead · 64 usage · 65 bad input · 66 input missing ·
          69 Feishu cannot be reached · 73 the queue cannot be made · 74 the queue cannot be used ·
          75 time is up · 77 credentials or permission · 78 configuration · 130 Ctrl-C · 143 SIGTERM
    """

  static let statusText = """
    larkspur status: how it stands

    usage: larkspur status [--account NAME] [--json]

    Shows who works the queue, what waits and for how long, and each account: open, paused, or
    parked with what to do about it.

      asks    new: not looked at by a worker yet · delayed: asked for with --after
      lanes   a lane is a preview token, a card or a session
              ready: may go now · waiting: its time has not come · paused: Feishu asked for a
              pause · parked: a person has to act · in flight: an answer is awaited ·
              dead: refused for good

    examples:
      larkspur status
      larkspur status --json | jq .lanes.dead

    exit: 0 · 66 there is no queue · 74 it cannot be used
    """

  static let listText = """
    larkspur list: what waits, what is dead, what is done

    usage: larkspur list [--state STATE] [--account NAME] [--limit N] [--json]

      --state STATE  only these: new, delayed, expired, ready, waiting, paused, parked,
                      in-flight, dead, idle
      --limit N      at most N lines (default: 1000; with --json, all)

    Without --state it lists everything that waits. What is dead waits for nothing, so ask for it;
    so do idle lanes, which want nothing now. With --json each lane has a `result`: of a session, the
    session as its last update answered it. Times are local; with --json they are UTC:
    2026-11-21T06:00:00Z.

    examples:
      larkspur list --state ready
      larkspur list --state dead --json
      larkspur list --state idle --json | jq 'select(.kind == "session") | .result'

    exit: 0, also when nothing waits · 66 there is no queue · 74 it cannot be used
    """

  static let retryText = """
    larkspur retry: want again what is dead

    usage: larkspur retry LANE [--account NAME] [--json]
           larkspur retry --all-dead [--account NAME] [--json]

      LANE        a preview token, a card_id or a session id
      --all-dead  everything that is dead

    Of a preview, only the people who were not reached are asked for again.

    examples:
      larkspur list --state dead
      larkspur retry 3f1a…

    exit: 0 · 65 nothing of this lane is dead · 66 there is no queue · 74 it cannot be used
    """

  static let cancelText = """
    larkspur cancel: take back what a lane wants

    usage: larkspur cancel LANE [--account NAME] [--json]

      LANE  a preview token, a card_id or a session id

    Takes back every ask of it that waits, and forgets what is dead in it. A call that is under way
    cannot be taken back.

    example:
      larkspur cancel 3f1a…

    exit: 0 · 65 this lane wants nothing · 66 there is no queue · 74 it cannot be used
    """

  static let resumeText = """
    larkspur resume: open an account again after mending it

    usage: larkspur resume ACCOUNT [--json]

    An account is parked when only a person can help: its credentials, its permissions or its
    host. Nothing is lost meanwhile. Resuming also ends a pause. `larkspur status` says what is
    to be mended.

    example:
      larkspur resume default

    exit: 0 · 65 there is no such account · 66 there is no queue · 74 it cannot be used
    """

  static let pruneText = """
    larkspur prune: forget old history

    usage: larkspur prune --older-than SPAN [--json]

      --older-than SPAN  what ended longer ago than this: 12h, 7d

    Forgets asks that were delivered, expired or cancelled, and calls. What waits and what is dead
    stays. The worker does this by itself, for what is older than seven days.

    example:
      larkspur prune --older-than 7d

    exit: 0 · 66 there is no queue · 74 it cannot be used
    """

  static let demoText = """
    larkspur demo: half a minute that shows all of it; no account needed

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
