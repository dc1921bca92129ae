import Chance
import Delivery
import Foundation
import Testing

struct JSONReaderTests {
  private func read(_ text: String) -> JSON? { JSON(Array(text.utf8)) }

  @Test(arguments: [
    "", " ", "{", "}", "[1", "[1,]", "[,1]", "[1 2]", #"{"a"}"#, #"{"a":1,}"#, #"{a:1}"#,
    #"{"a":1 "b":2}"#,
    "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "nul", "truex", "'a'", #""a"#, #""\x""#,
    #""\u12""#, #""\u12g4""#, #""\"#, "\"a\nb\"", "1 1", "[]]", "1e999", "//\n1", "１",
  ])
  func `what is not JSON is nothing`(text: String) { #expect(read(text) == nil) }

  @Test(
    arguments: [
      ("0", 0), ("-0.5", -0.5), ("12e2", 1_200), ("1E-2", 0.01),
      ("9007199254740993", 9007199254740992),
    ] as [(String, Double)])
  func `numbers`(text: String, number: Double) { #expect(read(text) == .number(number)) }

  @Test func `every escape`() {
    #expect(read(#""\"\\\/\b\f\n\r\té\u00E9é""#) == .string("\"\\/\u{8}\u{c}\n\r\téé\u{e9}"))
  }

  @Test func `of two members with one name the first counts`() {
    #expect(read(#"{"code":0,"code":1}"#) == .object(["code": .number(0)]))
  }

  @Test func `space may stand anywhere between`() {
    #expect(
      read(" {\r\n\t\"a\" : [ ] , \"b\":{ }} ") == .object(["a": .list([]), "b": .object([:])]))
  }

  /// But for halves of characters, which it does not read at all.
  @Test(arguments: 1...40)
  func `Foundation reads the same`(seed: UInt64) {
    var dice = Dice(seed)
    for _ in 0..<100 {
      let text = Self.text(&dice, depth: 3)
      #expect(read(text) == Self.judged(Array(text.utf8)), "seed \(seed): \(text)")
      var bytes = Array(text.utf8)
      for _ in 0...dice.next() % 2 { Self.damage(&bytes, &dice) }
      if let value = JSON(bytes), !value.text.contains("\u{fffd}") {
        let shown = String(decoding: bytes, as: UTF8.self)
        #expect(value == Self.judged(Array(shown.utf8)), "seed \(seed): \(shown)")
      }
    }
  }

  private static func text(_ dice: inout Dice, depth: Int) -> String {
    let space = ["", "", " ", "\n\t"][Int(dice.next() % 4)]
    let count = Int(dice.next() % 4)
    switch dice.next() % (depth == 0 ? 5 : 8) {
    case 0: return ["null", "true", "false"][Int(dice.next() % 3)] + space
    case 1: return "\(space)\(Int64(bitPattern: dice.next()) >> Int64(dice.next() % 64))"
    case 2: return "\(Double(Int64(bitPattern: dice.next())) / 1e12)"
    case 3, 4: return space + string(&dice)
    case 5, 6:
      let members = (0..<count).map { "\"\($0)\(space)\":\(text(&dice, depth: depth - 1))" }
      return "{\(space)\(members.joined(separator: ","))}"
    default:
      let items = (0..<count).map { _ in text(&dice, depth: depth - 1) }
      return "[\(items.joined(separator: ",\(space)"))\(space)]"
    }
  }

  private static func string(_ dice: inout Dice) -> String {
    let parts = [
      "a", "é", "票", "😀", #"\n"#, #"\""#, #"\\"#, #"\u00e9"#, #"\ud83d\ude00"#, "/", "{", ",",
    ]
    return
      "\"\((0..<dice.next() % 6).map { _ in parts[Int(dice.next() % UInt64(parts.count))] }.joined())\""
  }

  private static func damage(_ bytes: inout [UInt8], _ dice: inout Dice) {
    guard !bytes.isEmpty else { return }
    let place = Int(dice.next() % UInt64(bytes.count))
    let marks = Array("{}[]\",:\\0-e.\u{1} ".utf8)
    switch dice.next() % 3 {
    case 0: bytes.remove(at: place)
    case 1: bytes[place] = marks[Int(dice.next() % UInt64(marks.count))]
    default: bytes.insert(marks[Int(dice.next() % UInt64(marks.count))], at: place)
    }
  }

  private static func judged(_ bytes: [UInt8]) -> JSON? {
    (try? JSONDecoder().decode(Judged.self, from: Data(bytes)))?.json
  }
}

/// What Foundation reads.
private struct Judged: Decodable {
  let json: JSON

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      json = .null
    } else if let bool = try? value.decode(Bool.self) {
      json = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      json = .number(number)
    } else if let text = try? value.decode(String.self) {
      json = .string(text)
    } else if let items = try? value.decode([Judged].self) {
      json = .list(items.map(\.json))
    } else {
      json = .object(try value.decode([String: Judged].self).mapValues(\.json))
    }
  }
}
