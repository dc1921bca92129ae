import Foundation
import Larkspur

/// The evidence on a run: the sandbox's record and the queue. Moments are wall-clock milliseconds.
struct Evidence {
  /// Sorted by arrival.
  let requests: [Request]
  let asks: [JudgedAsk]
  let calls: [JudgedCall]

  struct Request {
    let line: Recorded
    let arrived_us: Int
    /// The worker's side of this request. Nil if no worker was left to receive the answer.
    let call: JudgedCall?

    var arrived: Int { arrived_us / 1_000 }

    /// A worker has received the answer and recorded it.
    var isAnswerKnown: Bool { call != nil && line.code != nil }

    /// It took effect, and a worker was told so.
    var isSuccess: Bool { isAnswerKnown && line.applied && line.code == 0 && line.status == 200 }

    var lanes: [String] { line.preview_tokens ?? [line.card ?? line.session ?? ""] }
  }

  /// Takes only the asks for lanes for which `isJudged` is true.
  init(record: URL, queue: String, isJudged: (String) -> Bool) throws {
    let inspector = try Inspector(queue: queue)
    let skew = try inspector.rows("select skew_ms from worker").rows.first?.first?.number ?? 0
    calls = try inspector.rows(
      """
      select id, api, lanes, started_ms, sent_ms, ended_ms, outcome, log_id from call order by id
      """
    ).rows.map { JudgedCall($0, skew: skew) }
    var bodies: [String: JudgedAsk.Body] = [:]
    asks = try inspector.rows(
      """
      select id, kind, lane, body, asked_ms, ended_ms, outcome, reason from ask
      where account = 'default' order by id
      """
    ).rows.map { JudgedAsk($0, skew: skew, &bodies) }.filter { isJudged($0.lane) }
    let byLogID = Dictionary(
      calls.compactMap { call in call.logID.map { ($0, call) } }, uniquingKeysWith: { $1 })
    let epoch = Self.epoch_us()
    requests = try Recorded.all(in: record)
      .map { Request(line: $0, arrived_us: $0.arrived_us - epoch, call: byLogID[$0.log_id]) }
      .sorted { $0.arrived_us < $1.arrived_us }
  }

  /// The time on the record's clock when the wall clock stood at 1970.
  private static func epoch_us() -> Int {
    func now(_ clock: clockid_t) -> Int {
      var time = timespec()
      clock_gettime(clock, &time)
      return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
    return now(CLOCK_MONOTONIC) - now(CLOCK_REALTIME)
  }
}

struct JudgedCall {
  let id: Int
  let api: String
  let lanes: [Int]
  let started: Int
  let sent: Int?
  let ended: Int?
  let outcome: String?
  let logID: String?

  init(_ row: [Cell], skew: Int) {
    id = row[0].number ?? 0
    api = row[1].text ?? ""
    lanes = (try? JSONDecoder().decode([Int].self, from: Data((row[2].text ?? "").utf8))) ?? []
    started = (row[3].number ?? 0) + skew
    sent = row[4].number.map { $0 + skew }
    ended = row[5].number.map { $0 + skew }
    outcome = row[6].text
    logID = row[7].text
  }
}

struct JudgedAsk {
  enum Body {
    case everyone
    case people(Set<String>)
    /// Each action as JSON with sorted keys.
    case actions([String])
    case fields([String: String])
  }

  let id: Int
  let kind: String
  let lane: String
  let body: Body
  let asked: Int
  let ended: Int?
  let outcome: String?
  let reason: String?

  init(_ row: [Cell], skew: Int, _ bodies: inout [String: Body]) {
    id = row[0].number ?? 0
    kind = row[1].text ?? ""
    lane = row[2].text ?? ""
    let text = row[3].text ?? ""
    // Bodies repeat, and parsing one takes longer than all the rest.
    body = bodies[text] ?? Self.read(text)
    bodies[text] = body
    asked = row[4].number ?? 0
    ended = row[5].number.map { $0 + skew }
    outcome = row[6].text
    reason = row[7].text
  }

  var name: String { "ask \(id) (\(kind) \(lane))" }

  private static func read(_ text: String) -> Body {
    let object = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    if let people = object["open_ids"] as? [String] { return .people(Set(people)) }
    if let actions = object["actions"] { return .actions(ordered(actions)) }
    if object["everyone"] != nil { return .everyone }
    return .fields(object.compactMapValues { $0 as? String })
  }

  /// The elements of a list, each as canonical JSON.
  static func ordered(_ list: Any) -> [String] {
    (list as? [Any] ?? []).map { element in
      let data = try? JSONSerialization.data(
        withJSONObject: element, options: [.sortedKeys, .fragmentsAllowed])
      return String(decoding: data ?? Data(), as: UTF8.self)
    }
  }
}

extension Cell {
  var number: Int? { if case .int(let number) = self { number } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
}
