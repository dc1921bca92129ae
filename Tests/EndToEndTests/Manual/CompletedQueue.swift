import Foundation
import Programs
import Testing

/// A queue with names that a shell would act on, and the folder in which they are completed.
final class CompletedQueue {
  static let hostile = [
    "k$(touch${IFS}x)", "k`touch${IFS}y`", #"k'quote"\back"#, "k;touch${IFS}z", "k!$HOME*?~#",
  ]
  let workshop: Workshop
  private let place: Place

  init() throws {
    place = try Place(sandbox: ["--bad-token", "dead_"])
    workshop = try Workshop(["LARKSPUR_DB": place.queue])
    for (index, key) in Self.hostile.enumerated() {
      try expectFine("saw", "t\(index)", "--key", key, "--url", "https://a.example/1?a=\(index)")
    }
    try expectFine("enqueue", "preview", "dead_1", "--everyone")
    let run = try place.work("--until-empty", "--quiet")
    #expect(run.status == 1, "\(run.err)")
    try expectFine("enqueue", "preview", "waiting_1", "waiting_2", "--everyone", "--after", "1h")
  }

  private func expectFine(_ words: String...) throws {
    let run = try Programs.run("larkspur", words, place.environment)
    #expect(run.status == 0, "\(words): \(run.err)")
  }

  var queue: String { place.queue }

  func script(for shell: String) throws -> String {
    let run = try workshop.run("larkspur", "completions", shell)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    return try workshop.write(run.out, to: "script")
  }

  /// Completing has run none of the names.
  func expectNothingRun() {
    let files = workshop.files
    #expect(!files.contains { ["x", "y", "z"].contains($0) }, "\(files)")
  }
}
