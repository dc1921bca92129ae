import Larkspur
import LarkspurShared

/// A backend in Swift, for test_swift.py: does what its arguments say, and prints what came of it.
@main struct Main {
  static func main() async {
    let words = CommandLine.arguments.dropFirst()
    do {
      let queue = try await SharedQueue(url: words.first ?? "")
      for word in words.dropFirst() { print(try await answer(word, queue)) }
    } catch {
      print("\(type(of: error)) \((error as? QueueError).map { "\($0.kind)" } ?? ""): \(error)")
    }
  }

  private static func answer(_ word: String, _ queue: SharedQueue) async throws -> String {
    if let number = Int(word) { return "\(String(describing: try await queue.state(of: number)))" }
    if word == "saw" {
      try await queue.saw("t", keys: ["k", "l"], url: "https://x/1", by: "ou_1")
      return "recorded"
    }
    let ids = try await queue.enqueue([
      .preview(word, for: .people(["ou_1"])), .key("k", for: .viewers, isUrgent: true),
    ])
    return ids.map(String.init).joined(separator: " ")
  }
}
