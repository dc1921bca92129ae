import Delivery
import Foundation
import Planning

@testable import Larkspur

/// Rows for the table `ask`, inserted with plain SQL. Byte 1E separates rows, and 1F the parts of a
/// row. The first byte chooses how Feishu answers the first calls.
///
/// A row is refused with one line or accepted. If accepted, the worker never fails, and sends what
/// was asked for, within Feishu's limits.
@MainActor final class BodyTarget {
  private let rehearsal = Rehearsal()

  func check(_ input: Input) {
    var input = input
    let weather = input.byte()
    rehearsal.empty()
    var asks: [Row] = []
    while !input.isEmpty && asks.count < 50 {
      let row = Row(input.field(endingWith: 0x1E))
      if insert(row) { asks.append(row) }
    }
    rehearsal.look()
    let calls = SentCalls()
    var count = 0
    let accounts = Set(asks.map(\.account))
    let result = rehearsal.work(accounts: accounts, dice: weather) { request in
      if SentCalls.isForToken(request) { return SentCalls.accessToken }
      let answer = Self.answer(count, weather, request)
      count += 1
      calls.take(request, isApplied: answer == SentCalls.success)
      return answer
    }
    rehearsal.look()
    expect(result.unknownAccount == nil, "an account that is known is not")
    if weather == 0 { checkDelivery(of: asks, calls) }
  }

  /// Two bits for each of the first calls; all later calls succeed.
  private static func answer(_ call: Int, _ weather: Int, _ request: Request) -> Outcome {
    guard call < 12 else { return SentCalls.success }
    let refusals = ["/im/": 230_001, "/cardkit/": 10_002, "/aily/": 2_700_001]
    let code = refusals.first { request.url.contains($0.key) }?.value ?? 1
    return switch weather >> (call % 4 * 2) & 3 {
    case 0: SentCalls.success
    case 1: .answered(RawAnswer(status: 400, body: Array(#"{"code":\#(code)}"#.utf8)))
    case 2: .noAnswer("timed out")
    default: .neverLeft("refused")
    }
  }

  private func insert(_ row: Row) -> Bool {
    do throws(StoreError) {
      try row.insert(into: rehearsal.people)
      return true
    } catch {
      expect(error.kind == .refused, "SQL fails otherwise than by refusing: \(error)")
      expectSentence(error.message)
      return false
    }
  }

  /// Every user who was named has been told, nobody else has, and everything was in order.
  private func checkDelivery(of asks: [Row], _ calls: SentCalls) {
    let undelivered = rehearsal.must { () throws(StoreError) in
      try rehearsal.store.db.all(
        "select id from ask where expires_in_ms is null and outcome is not 'delivered'"
      ) { (row) throws(StoreError) in row.int(0) }
    }
    expect(undelivered.isEmpty, "asks \(undelivered) are not delivered")
    for (of, rows) in Dictionary(grouping: asks, by: \.lane) {
      let lane = "\(of.account)/\(of.name)"
      switch of.kind {
      case .preview: checkPeople(rows, told: calls.people[lane] ?? [])
      case .card where rows.allSatisfy(\.isPlain):
        let wanted = rows.compactMap { $0.object?["actions"] as? [Any] }
        if wanted.count < rows.count { continue }
        expect(
          Row.text(wanted.flatMap { $0 }) == Row.text(calls.actions[lane] ?? []),
          "the card \(lane) was told something else")
      case .session where rows.allSatisfy(\.isPlain):
        let wanted = rows.compactMap { $0.object as? [String: String] }
        let last = wanted.reduce(into: [String: String]()) { $0.merge($1) { $1 } }
        if wanted.count < rows.count { continue }
        expect(last == calls.fields[lane], "the session \(lane) was told something else")
      case .card, .session: break
      }
    }
  }

  private func checkPeople(_ rows: [Row], told: Set<String>) {
    let wanted = rows.compactMap { row in
      row.object.map { Set($0["open_ids"] as? [String] ?? [""]) }
    }
    if wanted.count < rows.count { return }
    let all = wanted.reduce(into: Set<String>()) { $0.formUnion($1) }
    expect(told.isSubset(of: all), "\(told.subtracting(all)) were told, and nobody had asked")
    if told.contains("") { return }
    let lasting = zip(rows, wanted).reduce(into: Set<String>()) {
      if !$1.0.expires { $0.formUnion($1.1) }
    }
    expect(lasting.isSubset(of: told), "\(lasting.subtracting(told)) were not told")
  }
}

/// A row as a program inserts it.
private struct Row {
  let kind: Kind
  private let settings: Int
  private let name: [UInt8]
  private let named: [UInt8]
  private let body: [UInt8]

  init(_ bytes: [UInt8]) {
    var input = Input(bytes)
    settings = input.byte()
    kind = Kind.allCases[settings % 3]
    name = input.field(endingWith: 0x1F)
    named = input.field(endingWith: 0x1F)
    body = input.rest()
  }

  var account: String { named.isEmpty ? "default" : String(decoding: named, as: UTF8.self) }
  var lane: Lane { Lane(kind: kind, account: account, name: String(decoding: name, as: UTF8.self)) }

  struct Lane: Hashable {
    let kind: Kind
    let account: String
    let name: String
  }

  private var isDelayed: Bool { settings & 0x40 != 0 }
  var expires: Bool { settings & 0x80 != 0 }
  /// It is neither delayed nor does it expire.
  var isPlain: Bool { !isDelayed && !expires }

  /// The body, parsed independently of SQLite.
  var object: [String: Any]? {
    let text = Data(String(decoding: body, as: UTF8.self).utf8)
    return (try? JSONSerialization.jsonObject(with: text)) as? [String: Any]
  }

  static func text(_ list: [Any]) -> Data? {
    try? JSONSerialization.data(withJSONObject: list, options: [.sortedKeys])
  }

  func insert(into db: borrowing Connection) throws(StoreError) {
    let after = isDelayed ? 60_000 : 0
    let expiresIn: Int? = expires ? 120_000 : nil
    if let name = String(validating: name, as: UTF8.self),
      let body = String(validating: body, as: UTF8.self),
      String(validating: named, as: UTF8.self) != nil
    {
      return try db.execute(
        """
        insert into ask (account, kind, lane, body, after_ms, expires_in_ms, asked_ms)
        values (?, ?, ?, ?, ?, ?, ?)
        """, .text(account), .text(kind.rawValue), .text(name), .text(body), .int(after),
        .of(expiresIn), .int(Rehearsal.asked_ms))
    }
    // SQLite never checks that a text is valid UTF-8.
    let values = [named.isEmpty ? Array("default".utf8) : named, name, body].map(Self.literal)
    let statement = try db.prepare(
      """
      insert into ask (account, lane, body, kind, after_ms, asked_ms)
      values (\(values.joined(separator: ", ")), '\(kind.rawValue)', \(after), \(Rehearsal.asked_ms))
      """)
    _ = try statement.step()
  }

  private static func literal(_ bytes: [UInt8]) -> String {
    let digits = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    return "cast(x'\(digits.joined())' as text)"
  }
}
