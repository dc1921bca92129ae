import Larkspur
import Planning

/// What a running worker knows and the queue does not hold. A loop that runs ahead begins with it,
/// where a new run would begin with nothing.
struct Inheritance {
  /// Calls that have no answer yet.
  var calls: [FoundCall]
  /// When the access tokens expire, by account.
  var tokens: [Int: Moment]
  var habits: Habits
}

extension Worker {
  /// Begins in the middle of another run.
  func takeOver(_ inheritance: Inheritance, at now: Moment) throws(StoreError) {
    for (id, expires) in inheritance.tokens where accounts.find(id) != nil {
      if expires <= now { continue }
      accounts[id].credential.arrived("inherited", lives: expires - now, at: now, dice: 0)
    }
    for found in inheritance.calls where accounts.find(found.account) != nil {
      let cargo: UnderWay.Cargo
      if let call = found.call {
        try openChannel(call.channel, at: now)
        accounts[call.channel].began(at: found.started, turn: 0)
        cargo = .lanes(call, bearer: "inherited")
      } else {
        accounts[found.account].credential.fetchBegan()
        cargo = .login(.own(.usual))
      }
      accounts[found.account].callsUnderWay += 1
      calls.insert(
        UnderWay(
          account: found.account, settings: accounts[found.account].settings, cargo: cargo,
          started: found.started, sentBytes: found.sentBytes, sent: found.started),
        for: found.id)
    }
    for id in accounts.keys {
      accounts[id].forEachChannel { channel in
        for span in inheritance.habits.roundTrips(id, channel.channel.kind.api) {
          channel.budget.learn(roundTrip: span)
        }
      }
    }
  }
}
