import Larkspur
import Planning

/// What an heir has to know of the accounts that it takes.
extension SharedLog {
  /// Calls of earlier holders that may still count.
  package func inherited(
    _ names: [String], oldestLook: Snapshot?
  ) throws(LogError) -> [Inherited] {
    let rows = try ask(
      "select run, id, account, api, lanes, xact, answered from larkspur.inherit($1, $2)",
      [Self.array(names), oldestLook?.text])
    var calls: [Inherited] = []
    for row in rows {
      let cells = Cells(row)
      calls.append(
        Inherited(
          run: try cells.int(0), id: try cells.int(1), account: try cells.text(2),
          api: try cells.text(3),
          lanes: try cells.text(4).split(separator: " ").map { String($0) },
          call: InheritedCall(
            claimed: try cells.transaction(5),
            answered: row[6] == nil ? nil : try cells.transaction(6))))
    }
    return calls
  }

  /// A channel by the names that all runs know it by.
  package struct ChannelName: Hashable, Sendable {
    package let account: String
    package let api: String
  }

  /// Those of these channels that have ever made a call.
  package func haveCalled(_ channels: [ChannelName]) throws(LogError) -> Set<ChannelName> {
    let list = channels.map { channel in
      JSONText.object([
        ("account", JSONText.string(channel.account)), ("api", JSONText.string(channel.api)),
      ])
    }
    let rows = try ask(
      "select account, api from larkspur.have_called($1)", ["[\(list.joined(separator: ","))]"])
    var called: Set<ChannelName> = []
    for row in rows {
      let cells = Cells(row)
      called.insert(ChannelName(account: try cells.text(0), api: try cells.text(1)))
    }
    return called
  }

  /// What earlier holders have left behind, as JSON.
  package func remembered(_ names: [String]) throws(LogError) -> String {
    try Cells(try ask("select larkspur.remembered($1)", [Self.array(names)]).first).text(0)
  }

  package struct Inherited: Sendable {
    package let run: Int
    package let id: Int
    package let account: String
    package let api: String
    package let lanes: [String]
    package let call: InheritedCall
  }
}
