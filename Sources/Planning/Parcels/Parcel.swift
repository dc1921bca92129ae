/// A JSON value in what was asked for or in what is sent.
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

/// An ask that waits in its lane. Lists of them are sorted oldest first.
package struct WaitingAsk: Hashable, Sendable {
  package let id: Int
  package let fields: Fields
  /// A call has carried it before, and a person has requeued it.
  package let wasSent: Bool

  package init(id: Int, fields: Fields, wasSent: Bool = false) {
    self.id = id
    self.fields = fields
    self.wasSent = wasSent
  }
}

/// What one call carries for a lane that does not share its calls.
package struct Parcel: Hashable, Sendable {
  /// The asks that are done once the parcel is accepted.
  package let asks: [Int]
  package var fields: Fields
  /// The bytes as first sent. They are repeated unchanged.
  package var body: String?
  /// An earlier attempt may have been carried out.
  package var isUncertain = false
  /// The ask gave the name or the number. Neither is changed.
  package var isNameGiven = false
  package var isNumberGiven = false
  /// How often it has been given another number or another name.
  package var renumbered = 0
  package var renamed = 0
  /// How often it has waited because someone was using the lane.
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
  /// These asks want what was accepted last, so no call is needed.
  case nothing(asks: [Int])
  /// These asks can never be sent.
  case impossible(asks: [Int], reason: String)
}

/// What packing needs besides the lane. The caller supplies the time and the random numbers.
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
  /// The body to send: the fields, sorted by name. It is stored and repeated unchanged. A list of
  /// actions is a JSON string that contains JSON.
  package var newBody: String {
    JSONText.object(
      fields.mapValues { field in
        if case .json(let json) = field { .text(json) } else { field }
      })
  }
}
