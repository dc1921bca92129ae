import Chance

/// Damage to one of the worker's own tables: any column gets any value, or the row is deleted. Only
/// the vandal's own lanes and audiences are changed. Columns that tell a run how its calls have
/// fared are left alone if another value would be plausible, because a run would believe it.
struct Damage {
  var dice: Dice

  private static let ownLanes =
    "(name glob 'v_*' or name in ('session_7', 'session_8', 'session_9'))"
  private static let ownPeople = "members like '%ou_v%'"

  mutating func statement() -> String {
    switch dice.number(0...11) {
    case 0...4: "update or ignore lane set \(laneChange()) where \(oneLane());"
    case 5: "delete from lane where \(oneLane());"
    case 6: "update or ignore audience set \(audienceChange()) where \(oneAudience());"
    case 7: "delete from audience where \(oneAudience());"
    case 8: "update worker set \(workerChange());"
    case 9: "update budget set \(budgetChange());"
    case 10: "update account set refusals = \(number());"
    default:
      dice.pick([
        "delete from worker;", "delete from sqlite_sequence;",
        "update sqlite_sequence set seq = 0;",
        "delete from budget where api = 'session';", "update account set name = 'default';",
      ])
    }
  }

  private mutating func oneLane() -> String {
    let all = "select id from lane where \(Self.ownLanes)"
    if dice.isLucky(onceIn: 20) { return "id in (\(all))" }
    return "id = (\(all) limit 1 offset \(dice.number(0...30)))"
  }

  private mutating func oneAudience() -> String {
    let all = "select id from audience where \(Self.ownPeople)"
    if dice.isLucky(onceIn: 20) { return "id in (\(all))" }
    return "id = (\(all) limit 1 offset \(dice.number(0...30)))"
  }

  private mutating func laneChange() -> String {
    if dice.isLucky(onceIn: 4) {
      return dice.pick([
        "state = 'idle', audience_id = null, ready_ms = null, call_id = null, follow_id = null",
        "state = 'waiting', call_id = null, follow_id = null, ready_ms = 0",
        "state = 'in_flight', call_id = 1", "state = 'in_flight', call_id = 999999999",
        "follow_id = 7", "memory = '{\"sequence\":-5}'", "memory = '{\"sequence\":\"x\"}'",
      ])
    }
    let column = dice.pick([
      "since_ms", "ready_ms", "slot_ms", "expires_ms", "calls", "attempts", "audience_id",
      "follow_id", "many_calls", "group_id", "people_max", "strikes", "failed_ms", "failing_ms",
      "limits", "evidence", "single_through", "call_id", "proven",
    ])
    return "\(column) = \(number())"
  }

  private mutating func audienceChange() -> String {
    let column = dice.pick(["hash", "used_ms", "size", "members", "account_id"])
    if column != "members" { return "\(column) = \(number())" }
    let members = dice.pick(["", "[]", "[1]", "{", "[\"ou_stranger\"]", "x"])
    return "members = '\(members)'"
  }

  private mutating func workerChange() -> String {
    switch dice.pick(["folded_ask", "control", "offset_ms", "skew_ms", "newest_ms", "pruned_ms"]) {
    case "folded_ask": "folded_ask = \(dice.pick(["0", "-1", "1", Self.least]))"
    case let column: "\(column) = \(number())"
    }
  }

  private mutating func budgetChange() -> String {
    let column = dice.pick([
      "month", "month_calls", "month_ends_ms", "other_month", "other_calls", "other_ends_ms",
      "refused_lane", "failed_ms", "recovered_ms", "limited_ms",
    ])
    return "\(column) = \(number())"
  }

  private mutating func number() -> String {
    dice.pick([
      "null", "0", "1", "-1", "7", "1000", "1700000000000", "4102444800000000", Self.most,
      Self.least,
    ])
  }

  private static let most = "9223372036854775807"
  private static let least = "(-9223372036854775807 - 1)"
}
