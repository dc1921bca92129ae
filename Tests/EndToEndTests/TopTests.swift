import Foundation
import Programs
import Testing

/// `larkspur top` in a terminal of tmux.
struct TopTests {
  private static let hasTmux: Bool =
    (try? Programs.startOther("tmux", ["-V"]).finish(within: 20))?.status == 0

  /// If CI is set, no test is skipped silently.
  private static let isTried = hasTmux || ProcessInfo.processInfo.environment["CI"] != nil

  /// A tmux server with one terminal, in which a shell says how the program ended.
  private final class Terminal {
    private let socket: String
    /// Kept in the foreground, so that it ends with the test.
    private let server: Started

    init(_ place: Place, _ words: String, columns: Int = 100, rows: Int = 30) throws {
      socket = place.folder.appending(path: "tmux").path
      server = try Programs.startOther("tmux", ["-D", "-f", "/dev/null", "-S", socket])
      let isThere = eventually(within: 30) { FileManager.default.fileExists(atPath: socket) }
      #expect(isThere, "\(server.errors)")
      let command =
        "LARKSPUR_DB='\(place.queue)' TZ=UTC '\(Programs.path("larkspur"))' \(words);"
        + " echo ended $?; stty -a | tr ' ' '\\n' | grep -x -e icanon -e echo; exec cat"
      try tmux("new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", command)
    }

    deinit { server.kill(SIGTERM) }

    @discardableResult
    func tmux(_ words: String...) throws -> String {
      let run = try Programs.startOther("tmux", ["-S", socket] + words).finish(within: 20)
      #expect(run.status == 0, "\(run.err)")
      return run.out
    }

    var screen: String { (try? tmux("capture-pane", "-p")) ?? "" }

    func shows(_ text: String) -> Bool { eventually(within: 30) { screen.contains(text) } }
  }

  @Test(.enabled(if: isTried, "tmux is there"))
  func `it follows the queue and the size of the terminal, and q ends it`() throws {
    let place = try Place()
    try place.ask((0..<3).map { .preview("t\($0)", for: .everyone) })
    let terminal = try Terminal(place, "top")
    #expect(terminal.shows("3 new, 0 delayed"))
    #expect(
      terminal.shows("No worker has ever looked at the queue; start one with 'larkspur work'"))
    _ = try place.work("--once", "--quiet")
    #expect(terminal.shows("3 previews for everyone, delivered in"))
    #expect(terminal.shows("All is well") && terminal.screen.contains("0 new, 0 delayed"))
    #expect(terminal.screen.contains("of 5 calls in 1 s"))

    try terminal.tmux("resize-window", "-x", "40", "-y", "8")
    #expect(eventually(within: 30) { !terminal.screen.contains("latest calls") })
    #expect(terminal.shows("0 new, 0 delayed"))
    try terminal.tmux("resize-window", "-x", "100", "-y", "30")
    #expect(terminal.shows("latest calls"))

    try terminal.tmux("send-keys", "x", "C-z", "q")
    // The usual screen is back, and so are the terminal's settings.
    #expect(terminal.shows("ended 0\nicanon\necho"))
    #expect(!terminal.screen.contains("latest calls"))
  }

  @Test(.enabled(if: isTried, "tmux is there"))
  func `it changes nothing and keeps nobody from writing`() throws {
    let place = try Place(sandbox: nil)
    try place.ask([.preview("a", for: .everyone)])
    let terminal = try Terminal(place, "top")
    #expect(terminal.shows("1 new, 0 delayed"))
    let shell = try Shell(place.queue)
    try shell.run(
      "begin exclusive; insert into ask (lane, body) values ('b', '{\"everyone\":true}'); commit;")
    try shell.end()
    #expect(terminal.shows("2 new, 0 delayed"))
    try terminal.tmux("send-keys", "C-c")
    #expect(terminal.shows("ended 130\nicanon\necho"))
  }

  @Test func `without a terminal it says what to use instead`() throws {
    let place = try Place(sandbox: nil)
    let run = try Programs.run("larkspur", ["top"], place.environment)
    #expect(run.status == 64 && run.out == "")
    #expect(
      run.err
        == "larkspur: top draws on a terminal, and this is none; see 'larkspur status' instead\n"
    )
  }

  @Test(.enabled(if: isTried, "tmux is there"))
  func `without a queue, the terminal stays as it is`() throws {
    let place = try Place(sandbox: nil)
    let terminal = try Terminal(place, "top")
    #expect(terminal.shows("ended 66\nicanon\necho"))
    #expect(terminal.screen.contains("larkspur: there is no queue at"))
  }
}
