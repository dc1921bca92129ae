import Chance
import Planning
import Testing

/// A lane's row once its call is settled.
struct LaneAfterTests {
  private let slot: Moment = 6_000

  private func lane(
    group: Int? = nil, peopleMax: Int? = nil, strikes: Int = 0, isProven: Bool = false
  ) -> ClaimedLane {
    ClaimedLane(
      id: 1, trials: Trials(attempts: 3, failedAt: 10, failingSince: 5), ready: 500, slot: 400,
      wants: crowd(9), group: group, peopleMax: peopleMax, strikes: strikes, isProven: isProven)
  }

  private func after(_ fate: Fate, _ lane: ClaimedLane, slot: Moment? = 6_000) -> LaneAfter {
    lane.after(fate, in: 7, slot: slot, reason: "no")
  }

  @Test func `delivered, it starts over`() {
    let next = after(.delivered, lane())
    #expect(next == LaneAfter(ready: slot, slot: slot))
  }

  @Test func `a call that never left leaves the slot that the lane had`() {
    let next = after(.again(ready: 500, Trials()), lane(), slot: nil)
    #expect(next.slot == Moment(400) && next.ready == Moment(500))
  }

  @Test func `it is never due before its slot`() {
    #expect(after(.again(ready: 10, Trials()), lane()).ready == slot)
    #expect(after(.suspect(group: 0, ready: 10, Trials()), lane()).ready == slot)
  }

  @Test func `a suspect whose call times out stays with its group`() {
    let next = after(.again(ready: 7_000, Trials()), lane(group: 33))
    #expect(next.group == 33)
  }

  @Test func `each part of a refused call is a group of its own, unlike those of any other call`() {
    var groups: Set<Int> = []
    for call in 1...50 {
      for part in 0..<10 {
        let fate = Fate.suspect(group: part, ready: slot, Trials())
        groups.insert(lane().after(fate, in: call, slot: slot, reason: "no").group ?? -1)
      }
    }
    #expect(groups.count == 500)
  }

  @Test func `while a refused open_id is looked for, each success doubles how many it goes to`() {
    let next = after(.delivered, lane(group: 33, peopleMax: 2, strikes: 1))
    #expect(next.peopleMax == 4 && next.isProven && next.strikes == 1)
    #expect(next.group != nil)
    #expect(next.trials == Trials())
  }

  @Test func `that ends when it may go to all again`() {
    let next = after(.delivered, lane(group: 33, peopleMax: 50, strikes: 1, isProven: true))
    #expect(next == LaneAfter(ready: slot, slot: slot))
  }

  @Test func `narrower, it goes alone`() {
    let next = after(.narrower(peopleMax: 4), lane())
    #expect(next.peopleMax == 4 && next.group != nil && next.error == "no")
  }

  @Test func `a strike is remembered, and costs no attempt`() {
    let fate = Fate.peopleRefused(.people(["ou_1"]), strikes: 2, isCertain: false)
    let next = after(fate, lane(group: 33, peopleMax: 1, strikes: 1))
    #expect(next.strikes == 2 && next.peopleMax == 1 && next.trials == lane().trials)
  }

  @Test func `what joins a lane that has often failed has some attempts of its own`() {
    let worn = after(.again(ready: slot, Trials(attempts: 7)), lane())
    #expect(worn.joined(isLeft: true, isFollowed: true).trials.attempts == 2)
    #expect(worn.joined(isLeft: true, isFollowed: false).trials.attempts == 7)
    let fresh = after(.again(ready: slot, Trials(attempts: 1)), lane())
    #expect(fresh.joined(isLeft: true, isFollowed: true).trials.attempts == 1)
  }

  @Test func `what was asked meanwhile, with nothing left, is a fresh start`() {
    let suspect = after(
      .peopleRefused(.people(["ou_1"]), strikes: 2, isCertain: false),
      lane(group: 33, peopleMax: 1, isProven: true))
    #expect(suspect.joined(isLeft: false, isFollowed: true) == LaneAfter(ready: slot, slot: slot))
  }
}

/// What becomes of one ask when some of its lane's users are done.
struct AskChangeTests {
  private func change(
    _ wanted: Audience, _ done: Done, trouble: String? = nil,
    in wants: Audience = .people(["a", "b", "c"])
  ) -> AskChange? {
    Remainder(of: wanted, in: wants, after: done).map {
      AskChange($0, after: done, trouble: trouble)
    }
  }

  @Test func `all of its users reached, it is delivered`() {
    #expect(
      change(.people(["a", "b"]), .reached(.people(["a", "b", "c"])))
        == .ends(trouble: nil, refused: .nobody))
  }

  @Test func `none of its users reached, it stays`() {
    #expect(change(.people(["a"]), .reached(.people(["b"]))) == .stays)
  }

  @Test func `some of them reached, it goes on for the others`() {
    let remainder = Remainder(
      of: .people(["a", "b"]), in: .people(["a", "b"]), after: .reached(.people(["a"])))
    #expect(remainder?.left == .people(["b"]) && remainder?.gone == .people(["a"]))
    #expect(
      change(.people(["a", "b"]), .reached(.people(["a"])))
        == .narrows(refused: .nobody, trouble: nil))
  }

  @Test func `its only user refused, it is dead with the reason`() {
    let refused = Done.refused(.people(["a"]), reason: "99992351")
    #expect(
      change(.people(["a"]), refused)
        == .ends(
          trouble: "refused for some of its open_ids, see the column refused: 99992351",
          refused: .people(["a"])))
  }

  @Test func `one user refused and the others reached later, it is dead all the same`() {
    #expect(
      change(.people(["b"]), .reached(.people(["b"])), trouble: "refused before")
        == .ends(trouble: "refused before", refused: .nobody))
  }

  @Test func `what no ask of the lane can want was changed by hand`() {
    #expect(change(.people(["z"]), .reached(.people(["a"]))) == nil)
    #expect(change(.everyone, .reached(.people(["a"]))) == nil)
    #expect(change(.nobody, .reached(.people(["a"]))) == nil)
  }

  @Test func `for everyone, only everyone is enough`() {
    #expect(
      change(.everyone, .reached(.everyone), in: .everyone) == .ends(trouble: nil, refused: .nobody)
    )
    #expect(change(.everyone, .reached(.people(["a"])), in: .everyone) == .stays)
    #expect(
      change(.people(["a"]), .reached(.everyone), in: .everyone)
        == .ends(trouble: nil, refused: .nobody))
  }
}
