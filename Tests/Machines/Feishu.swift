import Chance
import Delivery
import Foundation

/// Feishu, with its rules for previews: a token once in five seconds, and five calls a second of one app. It shares
/// nothing with what it judges, and its clock is the true one.
final class Feishu {
  private var arrivals: [String: [Int]] = [:]
  private var calls: [String: [Int]] = [:]
  private(set) var broken: [String] = []
  private(set) var count = 0
  /// In a thousand.
  var slow = 0
  var answersLost = 0

  /// How long a call takes to arrive, and its answer to come back; nil if that is lost.
  func trip(_ dice: inout Dice, within longest: Int) -> (up: Int, down: Int?) {
    let up = dice.chance(slow) ? dice.number(0...max(0, longest - 1)) : dice.number(1...30)
    return (up, dice.chance(answersLost) ? nil : dice.number(5...(dice.chance(slow) ? 3_000 : 100)))
  }

  /// When this token of the app was told.
  func told(_ app: String, _ token: String) -> [Int] { arrivals["\(app) \(token)"] ?? [] }

  func receive(_ request: Request, at now: Int) -> RawAnswer {
    let parts = request.url.dropFirst("https://".count).split(separator: ".", maxSplits: 1)
    let app = String(parts[0])
    if request.url.contains("tenant_access_token") {
      return answer(#"{"code":0,"msg":"ok","tenant_access_token":"t-\#(app)","expire":7200}"#)
    }
    let fields = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any]
    let tokens = fields?["preview_tokens"] as? [String] ?? []
    count += 1
    if tokens.isEmpty { broken.append("\(now): a call without tokens") }
    for token in tokens {
      let name = "\(app) \(token)"
      if let last = arrivals[name]?.last, now - last < 5_000 {
        broken.append("\(now): P1: \(name) comes again after \(now - last) ms")
      }
      arrivals[name, default: []].append(now)
    }
    let earlier = calls[app] ?? []
    if earlier.count >= 5, now - earlier[earlier.count - 5] < 1_000 {
      broken.append(
        "\(now): P4: six calls of \(app) within \(now - earlier[earlier.count - 5]) ms")
    }
    calls[app, default: []].append(now)
    return answer(#"{"code":0,"msg":"success","data":{}}"#)
  }

  private func answer(_ text: String) -> RawAnswer {
    RawAnswer(status: 200, body: Array(text.utf8))
  }
}
