/// The body of a card's or a session's ask is checked when it is packed. One that cannot be sent ends that
/// ask alone; those behind it go on.
extension WaitingAsk {
  /// Why it cannot be packed; nil if it can.
  package func flaw(as kind: Kind) -> UnusableAsk? {
    switch kind {
    case .preview: nil
    case .card: cardFlaw.map(UnusableAsk.init)
    case .session: sessionFlaw.map(UnusableAsk.init)
    }
  }

  private var cardFlaw: String? {
    guard case .json(let actions)? = fields["actions"], actions.hasPrefix("["), actions != "[]"
    else { return "its body has no list of actions" }
    if actions.isLonger(than: Limits.actionsLength) {
      return "its actions are longer than 1,000,000 characters"
    }
    if let uuid = fields["uuid"],
      !(uuid.text.map { !$0.isEmpty && !$0.isLonger(than: 64) } ?? false)
    {
      return "its uuid is not a string of 1 to 64 characters"
    }
    if let sequence = fields["sequence"],
      !(sequence.number.map { 1...Limits.sequenceMax ~= $0 } ?? false)
    {
      return "its sequence is not a whole number from 1 to \(Limits.sequenceMax)"
    }
    let isKnown = fields.keys.allSatisfy { ["actions", "uuid", "sequence"].contains($0) }
    return isKnown ? nil : "its body has an unknown key"
  }

  private var sessionFlaw: String? {
    if fields.isEmpty { return "its body has neither channel_context nor metadata" }
    guard fields.keys.allSatisfy({ ["channel_context", "metadata"].contains($0) }) else {
      return "its body has an unknown key"
    }
    let areGood = fields.values.allSatisfy { $0.text.map { !$0.isLonger(than: 255) } ?? false }
    return areGood ? nil : "channel_context and metadata are not strings of at most 255 characters"
  }
}

extension String {
  /// Too long by any count. SQLite and Swift count bytes that are not UTF-8 differently, and what the schema
  /// accepted must not be rejected here.
  fileprivate func isLonger(than most: Int) -> Bool { utf8.count > 6 * most }
}
