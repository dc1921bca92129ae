/// A value in what people ask for and what is sent: as it stands in JSON.
package enum Field: Hashable, Sendable {
  case text(String)
  case number(Int)
  /// A list or an object, as its JSON text.
  case json(String)

  package var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  package var number: Int? {
    if case .number(let number) = self { number } else { nil }
  }
}

package typealias Fields = [String: Field]

/// An ask that waits in its lane, oldest first.
package struct WaitingAsk: Hashable, Sendable {
  package let id: Int
  package let fields: Fields
  /// A call has carried it before: a person wants it again.
  package let wasSent: Bool

  package init(id: Int, fields: Fields, wasSent: Bool = false) {
    self.id = id
    self.fields = fields
    self.wasSent = wasSent
  }
}

/// What one call carries of a lane that does not share its calls.
package struct Parcel: Hashable, Sendable {
  /// The asks that are done once it is accepted.
  package let asks: [Int]
  package var fields: Fields
  /// The bytes as they were first sent; they are repeated unchanged.
  package var body: String?
  /// An attempt at it may have been carried out.
  package var isUncertain = false
  /// The ask has named it, or numbered it: neither is changed.
  package var isNameGiven = false
  package var isNumberGiven = false
  /// How often it has been given another number, another name.
  package var renumbered = 0
  package var renamed = 0
  /// How often it has waited for somebody who was using the lane.
  package var waits = 0

  package init(asks: [Int], fields: Fields, body: String? = nil) {
    self.asks = asks
    self.fields = fields
    self.body = body
  }
}

/// What there is to send for a lane.
package enum Packed: Hashable, Sendable {
  case parcel(Parcel)
  /// These asks want what was accepted last: no call is needed.
  case nothing(asks: [Int])
  /// These asks can never be sent.
  case impossible(asks: [Int], reason: String)
}

/// What packing needs to know besides the lane: the time and chance are the caller's.
package struct PackingTerms: Hashable, Sendable {
  /// Whether asks that wait together share a call.
  package var joins: Bool
  /// By the wall clock.
  package var secondsSince1970: Int
  package var dice: [UInt64]

  package init(joins: Bool, secondsSince1970: Int, dice: [UInt64]) {
    self.joins = joins
    self.secondsSince1970 = secondsSince1970
    self.dice = dice
  }
}

extension Kind {
  /// How many of the asks that wait in a lane one call may carry at most: a bound on the work.
  package func asksPerParcel(_ terms: PackingTerms) -> Int {
    self == .card && !terms.joins ? 1 : 500
  }

  /// What the next call of a lane carries. `memory` is what the lane remembers of earlier calls, and
  /// asks up to `apart` go one by one.
  package func pack(
    _ waiting: [WaitingAsk], memory: Fields, apart: Int, _ terms: PackingTerms
  ) -> Packed {
    switch self {
    case .preview: preconditionFailure("previews share calls")
    case .card: CardParcels.pack(waiting, memory: memory, apart: apart, terms)
    case .session: SessionParcels.pack(waiting, memory: memory, apart: apart)
    }
  }

  /// What a lane remembers once this parcel may have left.
  package func memory(_ memory: Fields, sending parcel: Parcel) -> Fields {
    switch self {
    case .preview: memory
    case .card: CardParcels.memory(memory, sending: parcel)
    case .session: SessionParcels.memory(memory, sending: parcel)
    }
  }

  /// And once it has been accepted. `answered` is what the answer says the lane now is.
  package func memory(
    _ memory: Fields, accepted parcel: Parcel, answered: Fields
  ) -> Fields {
    switch self {
    case .preview: memory
    case .card: CardParcels.memory(memory, accepted: parcel)
    case .session: SessionParcels.memory(memory, accepted: parcel, answered)
    }
  }
}
