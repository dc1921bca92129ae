import Foundation
import Programs
import Testing

/// Programs that start with less than usual.
@Suite struct HostileEnvironmentTests {
  let place: Place

  init() throws { place = try Place() }

  private func run(
    limitedTo blocks: Int, _ name: String, _ arguments: String...
  ) throws -> Programs.Finished {
    try Programs.run(
      "/bin/sh",
      ["-c", "ulimit -f \(blocks); exec \"$@\"", "sh", Programs.path(name)] + arguments,
      place.environment)
  }

  private func manyLines() throws -> String {
    let lines = (0..<3_000).map { #"{"token":"token_\#($0)","everyone":true}"# }
    let file = place.folder.appending(path: "asks").path
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: file, atomically: false, encoding: .utf8)
    return file
  }

  @Test(arguments: [1, 16, 400])
  func `a limit on the size of files is named, and what was not written is not accepted`(
    blocks: Int
  ) throws {
    let file = try manyLines()
    let refused = try run(limitedTo: blocks, "larkspur", "enqueue", "preview", "--from", file)
    #expect(refused.status == 74 && refused.out == "", "\(refused.status) \(refused.err)")
    #expect(refused.err.contains("(ulimit -f)"), "\(refused.err)")
    let accepted = try run(limitedTo: 1_000_000, "larkspur", "enqueue", "preview", "--from", file)
    #expect(accepted.status == 0 && accepted.out == "3000 asks\n", "\(accepted.err)")
  }

  @Test func `a worker that may write no file says so`() throws {
    try place.ask([.preview("a", for: .everyone)])
    let refused = try run(limitedTo: 16, "larkspur-work", "--once")
    #expect(refused.status == 74 && refused.err.contains("(ulimit -f)"), "\(refused.err)")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1)
  }

  @Test func `a result that a limit keeps out of its file is not taken for written`() throws {
    let run = try Programs.run(
      "/bin/sh",
      [
        "-c", "ulimit -f 0; exec \"$@\" >'\(place.folder.path)/out'", "sh",
        Programs.path("larkspur"),
        "help",
      ], place.environment)
    #expect(run.status == 74, "\(run.status)")
  }

  private static let withoutProc = "mount -t tmpfs none /proc"

  private func run(withoutProc name: String, _ arguments: String...) throws -> Programs.Finished {
    try Unshared.run(name, arguments, mounting: Self.withoutProc, place.environment)
  }

  @Test(.enabled(if: Unshared.isTried, "nothing can be mounted here"))
  func `without /proc every program reads its words`() throws {
    let asked = try run(withoutProc: "larkspur", "enqueue", "preview", "a", "--everyone", "--json")
    #expect(asked.status == 0 && asked.out.contains(#""lane":"a""#), "\(asked.err)")
    for program in ["larkspur", "larkspur-work", "larkspur-sandbox"] {
      let wrong = try run(withoutProc: program, "--nonsense")
      #expect(wrong.status == 64 && wrong.err.contains("--nonsense"), "\(program): \(wrong.err)")
      #expect(try run(withoutProc: program, "--version").out.hasPrefix("larkspur"))
    }
    let work = try run(withoutProc: "larkspur-work", "--until-empty", "--json")
    #expect(work.status == 0 && work.out.contains(#""lanes_done":1"#), "\(work.err)")
  }

  @Test(.enabled(if: Unshared.isTried, "nothing can be mounted here"))
  func `without /proc larkspur work finds the program beside it`() throws {
    try place.ask([.preview("a", for: .everyone)])
    let work = try run(withoutProc: "larkspur", "work", "--until-empty")
    #expect(work.status == 0, "\(work.err)")
    #expect(try place.delivered() == 1)
  }

  @Test(.enabled(if: Unshared.isTried, "nothing can be mounted here"))
  func `in runs without /proc and with it no token is early`() throws {
    for isHidden in [true, false, true] {
      try place.ask([.preview("a", for: .everyone)])
      let work =
        isHidden
        ? try run(withoutProc: "larkspur-work", "--until-empty") : try place.work("--until-empty")
      #expect(work.status == 0, "\(work.err)")
    }
    let arrivals = try place.previews().map(\.arrived_us)
    #expect(arrivals.count == 3)
    for (earlier, later) in zip(arrivals, arrivals.dropFirst()) {
      #expect(later - earlier >= 5_000_000, "again after \(later - earlier) µs")
    }
  }
}
