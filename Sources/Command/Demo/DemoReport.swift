import Larkspur
import Planning
import Terminal

/// The report at the end: what the views show, what was saved, and how to use Larkspur for real.
struct DemoReport {
  struct Answer {
    let question: String
    let rows: Rows

    /// As the SQLite shell would show it.
    fileprivate var text: String {
      "sqlite> \(question.replacing("\n", with: "\n   ...> "));\n\(Table(rows).text)"
    }
  }

  /// The view `queue` at a moment of the story.
  struct Snapshot {
    let at_ms: Int
    let asksOpen: Int
    let answer: Answer
  }

  let nineChats: NineChatsOutcome
  let figures: DemoFigures
  let tickets: Int
  /// The calls of a client that sends one token per call.
  let callsAlone: Int
  let previewCallsAlone: Int
  /// The moment with the most open asks.
  let fullest: Snapshot?
  /// What the views say at the end.
  let answers: [Answer]
  /// The path of the report of the demo's queue; nil if it could not be written.
  var page: String?

  static let queueByState = """
    select kind, state, count(*) as lanes, sum(asks) as asks
    from queue group by kind, state
    """

  static let questions = [
    """
    select key, previews, viewers, asks from keys
    where key = '\(TicketBackend.key)'
    """,
    """
    select audience, count(*) as calls, sum(lanes) as tickets
    from recent_calls where api = 'preview'
    group by audience order by calls desc
    """,
    "select api, last_minute as calls, state from budgets where api <> 'auth'",
    "select figure, value from stats where value > 0 or figure like 'calls%'",
  ]

  /// At the rate Feishu allows for previews. Cards and sessions would be done long before.
  var tookAlone_ms: Int { previewCallsAlone * 1_000 / Preview.callsPerSecond }

  var code: ExitCode { figures.asksDelivered == figures.asks ? .done : .dead }

  var text: String {
    """
    A ticket was pasted in nine chats, and its backend recorded each preview that it
    served. The ticket changed: one ask, by its key, and \(counted(nineChats.calls, "call")).

    \(nineChats.table.text)

    The queue is a SQLite file, and its views show its state.
    \(atItsFullest)At the end:

    \(answers.map(\.text).joined(separator: "\n\n"))

    \(savings)
    \(picture)
    With your own app, once larkspur is installed:

    \(Self.commands.joined(separator: "\n"))
    """
  }

  private var picture: String {
    page.map { "\nThe picture of it, to open in a browser: \(printable($0))\n" } ?? ""
  }

  /// What to type with your own app: set the credentials, record a preview, say what has changed,
  /// deliver it.
  static let commands = [
    #"export LARKSPUR_APP_ID="cli_…" LARKSPUR_APP_SECRET_FILE="$HOME/.feishu-secret""#,
    "larkspur saw TOKEN --key ticket-1041",
    "larkspur enqueue key ticket-1041 --everyone",
    "larkspur work --until-empty",
  ]

  private var atItsFullest: String {
    fullest.map {
      "At \(Story.clock(at_ms: $0.at_ms)), when the most asks were open:\n\n\($0.answer.text)\n\n"
    } ?? ""
  }

  private var savings: String {
    Table([
      ["asks made", grouped(figures.asks), "for \(tickets) tickets"],
      ["calls needed", grouped(figures.calls), "in \(describeDuration(figures.at_ms))"],
      [
        "calls of a client without a queue", grouped(callsAlone),
        "in \(describeDuration(tookAlone_ms)), at \(Preview.callsPerSecond) previews a second",
      ],
      ["refusals", figures.refusals == 0 ? "none" : grouped(figures.refusals)],
    ]).text
  }

  var object: JSONObject {
    JSONObject([
      ("tickets", .int(tickets)),
      ("asks", .int(figures.asks)),
      ("asks_delivered", .int(figures.asksDelivered)),
      ("calls", .int(figures.calls)),
      ("took_ms", .int(figures.at_ms)),
      ("one_token_calls", .int(callsAlone)),
      ("one_token_took_ms", .int(tookAlone_ms)),
      ("refusals", .int(figures.refusals)),
      ("nine_chats", .object(nineChats.object)), ("report", .of(page)),
    ])
  }
}
