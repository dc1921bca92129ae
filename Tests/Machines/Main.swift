import Glibc
import PostgreSQL
import Sharing

/// usage: Machines ADDRESS [--seeds N] [--first S] [--until-broken] | ADDRESS --seed S
@main
enum Main {
  static func main() throws {
    var words = Array(CommandLine.arguments.dropFirst())
    guard !words.isEmpty else { throw Wrong("an address is missing") }
    let address = try ServerAddress(words.removeFirst())
    var (first, count, isOne, endsEarly) = (UInt64(1), UInt64(30), false, false)
    while !words.isEmpty {
      switch (words.removeFirst(), words.first.flatMap { UInt64($0) }) {
      case ("--until-broken", _): endsEarly = true; continue
      case ("--seeds", let number?): count = number
      case ("--first", let number?): first = number
      case ("--seed", let number?): (first, count, isOne) = (number, 1, true)
      case (let word, _): throw Wrong(word)
      }
      words.removeFirst()
    }
    _ = try SharedSchema.create(in: ServerSession(address) {})
    exit(try play(first..<(first + count), address, isOne: isOne, endsEarly) ? 0 : 1)
  }

  struct Wrong: Error {
    let word: String
    init(_ word: String) { self.word = word }
  }

  private static func play(
    _ seeds: Range<UInt64>, _ address: ServerAddress, isOne: Bool, _ endsEarly: Bool
  ) throws -> Bool {
    var (calls, asks, broken) = (0, 0, 0)
    var counts: [String: Int] = [:]
    for seed in seeds {
      let scene = Scene(History(seed: seed), address, isTelling: isOne)
      let found = try scene.play()
      calls += scene.feishu.count
      counts.merge(scene.counts, uniquingKeysWith: +)
      if found.isEmpty { continue }
      broken += 1
      print(
        "seed \(seed) breaks \(found[0])" + (found.count > 1 ? ", and \(found.count - 1) more" : "")
      )
      if isOne { for what in found.dropFirst().prefix(20) { print("  \(what)") } }
      if endsEarly { break }
    }
    asks = counts.removeValue(forKey: "ask") ?? 0
    let faults = counts.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }
    print(
      "\(seeds.count) seeds: \(asks) asks, \(calls) calls; \(faults.joined(separator: ", "))")
    if broken == 0 { print("Every promise was kept.") }
    return broken == 0
  }
}
