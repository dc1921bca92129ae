import Chance
import Larkspur
import Planning

/// How many calls the queue makes for a crowd, compared with the fewest possible: `PackingBench
/// FOLDER SHAPE LANES SEED` prints a JSON object for each packing. It leaves its queues in the
/// folder.
@main
enum Main {
  static func main() throws {
    let words = CommandLine.arguments
    guard words.count == 5, let shape = Shape(rawValue: words[2]), let lanes = Int(words[3]),
      let seed = UInt64(words[4])
    else {
      let shapes = Shape.allCases.map(\.rawValue).joined(separator: "|")
      print("usage: PackingBench FOLDER \(shapes) LANES SEED")
      return
    }
    var dice = Dice(seed)
    let crowd = Crowd(shape, lanes: lanes, &dice)
    let bounds = Bounds(crowd)
    let cover = Packing.cover(extraPairsMax: Packing.defaultExtraPairsMax)
    for (name, packing, bound) in [
      ("exact", Packing.exact, bounds.exact), ("cover", cover, bounds.cover),
    ] {
      let filling = try Filling(crowd, at: "\(words[1])/\(shape)-\(lanes)-\(seed)-\(name).db")
      let drained = try Draining(filling, packing: packing)
      print(
        """
        {"shape":"\(shape)","packing":"\(name)","lanes":\(lanes),"calls":\(drained.calls),\
        "bound":\(bound),"claim_us":{"median":\(drained.microseconds(at: 0.5)),\
        "p99":\(drained.microseconds(at: 0.99)),"most":\(drained.microseconds(at: 1))}}
        """)
    }
  }
}
