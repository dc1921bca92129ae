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

extension Parcel {
  /// What is sent, which is kept and repeated as it is: its fields, in the order of their names. A list of
  /// actions is JSON as a string in JSON.
  package var newBody: String {
    JSONText.object(
      fields.mapValues { field in
        if case .json(let json) = field { .text(json) } else { field }
      })
  }
}
