import Delivery
import Foundation
import Planning

@testable import Larkspur

/// An HTTP answer: one byte that chooses the calls that get it, two for its status, then header
/// lines, an empty line and the body.
///
/// It always has a verdict, and counts as a success only if another parser reads it as one. The
/// worker goes on, and waits no longer than an hour.
@MainActor final class AnswerTarget {
  private let rehearsal = Rehearsal()

  func check(_ input: Input) {
    var input = input
    let choice = input.byte()
    let answer = Self.answer(&input)
    let isSuccess = Self.isSuccess(answer)
    let read = FeishuWire.read(
      .answered(answer), Redaction(), received: WallMoment(ms: Rehearsal.asked_ms))
    for api in API.allCases {
      expect(
        Verdict(of: read, from: api) != .delivered || isSuccess,
        "delivered, says an answer that does not")
    }
    guard case .reply(let reply) = read else {
      fatalError("an answer that is none")
    }
    if let wait = reply.wait { expect((1...3_600_000).contains(wait), "a wait of \(wait) ms") }
    checkToken(in: answer)
    work(choice, answer, isSuccess)
  }

  private static func answer(_ input: inout Input) -> RawAnswer {
    var answer = RawAnswer(status: input.byte() << 8 | input.byte())
    while !input.isEmpty {
      let line = input.field(endingWith: 0x0A)
      if line.isEmpty { break }
      (line + [0x0D, 0x0A]).withUnsafeBytes { answer.take(headerLine: $0) }
    }
    answer.body = input.rest()
    return answer
  }

  /// Uses a parser that is independent of the worker's. This one refuses text that is not valid
  /// Unicode, which the worker accepts, so escapes of surrogates are replaced first.
  private static func isSuccess(_ answer: RawAnswer) -> Bool {
    let text = String(decoding: answer.body, as: UTF8.self)
    let halves = text.replacing(/\\u[dD][89a-fA-F][0-9a-fA-F]{2}/, with: "\\ufffd")
    guard (200..<300).contains(answer.status),
      let object = [text, halves].lazy.compactMap({
        try? JSONSerialization.jsonObject(with: Data($0.utf8))
      }).first,
      let code = (object as? [String: Any])?["code"]
    else { return false }
    if let text = code as? String { return Int(text) == 0 }
    return (code as? NSNumber)?.doubleValue == 0
  }

  private func checkToken(in answer: RawAnswer) {
    guard let token = FeishuWire.accessToken(in: answer) else { return }
    expect((1...7_200_000).contains(token.lives), "a token that lives \(token.lives) ms")
    let isVisible = token.value.unicodeScalars.allSatisfy { (0x21...0x7E).contains($0.value) }
    expect(isVisible && !token.value.isEmpty, "a token that breaks its header line")
  }

  /// The first calls get this answer. The worker survives, and delivers everything that is not dead
  /// once Feishu works again.
  private func work(_ choice: Int, _ answer: RawAnswer, _ isSuccess: Bool) {
    let kind = Kind.allCases[choice % 3]
    let isForToken = choice & 0x40 != 0
    rehearsal.empty()
    ask(kind)
    var left = 1 + choice >> 2 & 7
    var successes = 0
    _ = rehearsal.work(dice: choice) { request in
      let isStruck = left > 0 && SentCalls.isForToken(request) == isForToken
      if isStruck { left -= 1 }
      if !isStruck || isSuccess { successes += 1 }
      return isStruck ? .answered(answer) : Self.usual(request)
    }
    rehearsal.look()
    let delivered = count("select count(*) from call where outcome = 'delivered'")
    expect(delivered <= successes, "\(delivered) calls delivered, \(successes) were answered so")
    if count("select count(*) from ask where outcome is null") > 0 { goOn() }
  }

  /// A person has fixed the problem and run `larkspur resume`.
  private func goOn() {
    rehearsal.must { () throws(StoreError) in
      try rehearsal.store.db.execute(
        "update account set parked = null, parked_why = null, probe_ms = null, refusals = 0")
      try rehearsal.store.db.execute(
        """
        update budget set paused_ms = 0, paused_why = null, failures = 0, probes = null,
          foreign_ms = null, spent_month = null
        """)
    }
    _ = rehearsal.work { Self.usual($0) }
    let open = count("select count(*) from ask where outcome is null")
    expect(open == 0, "\(open) asks are never delivered")
  }

  private static func usual(_ request: Request) -> Outcome {
    SentCalls.isForToken(request) ? SentCalls.accessToken : SentCalls.success
  }

  private func count(_ sql: StaticString) -> Int {
    rehearsal.must { () throws(StoreError) in
      try rehearsal.store.db.first(sql) { (row) throws(StoreError) in row.int(0) } ?? 0
    }
  }

  private func ask(_ kind: Kind) {
    let rows =
      switch kind {
      case .preview:
        [("a", #"{"open_ids":["ou_1","ou_2"]}"#), ("b", #"{"open_ids":["ou_1","ou_2"]}"#)]
      case .card:
        [("1", Self.batch), ("1", Self.batch)]
      case .session:
        [("session_1", #"{"channel_context":"c"}"#), ("session_1", #"{"metadata":"m"}"#)]
      }
    rehearsal.must { () throws(StoreError) in
      for (lane, body) in rows {
        try rehearsal.store.db.execute(
          "insert into ask (kind, lane, body, asked_ms) values (?, ?, ?, ?)",
          .text(kind.rawValue), .text(lane), .text(body), .int(Rehearsal.asked_ms))
      }
    }
  }

  private static let batch =
    #"{"actions":[{"action":"delete_elements","params":{"element_ids":["e"]}}]}"#
}
