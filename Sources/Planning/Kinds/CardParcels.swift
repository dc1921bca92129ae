/// Batches of a card go first in, first out. Each has a number that rises and a name by which the
/// card recognises it when it is repeated.
extension Card: ParcelRules {
  package static let areRepeated = true
  package static let asksLive: Span? = life

  package static func asksAtMost(_ terms: PackingTerms) -> Int { terms.joins ? 500 : 1 }

  package static func flaw(of fields: Fields) -> String? {
    guard case .json(let actions)? = fields["actions"], actions.hasPrefix("["), actions != "[]"
    else { return "its body has no list of actions" }
    if actions.isLonger(than: actionsLength) {
      return "its actions are longer than 1,000,000 characters"
    }
    if let uuid = fields["uuid"],
      !(uuid.text.map { !$0.isEmpty && !$0.isLonger(than: uuidLength) } ?? false)
    {
      return "its uuid is not a string of 1 to \(uuidLength) characters"
    }
    if let sequence = fields["sequence"],
      !(sequence.number.map { 1...sequenceMax ~= $0 } ?? false)
    {
      return "its sequence is not a whole number from 1 to \(sequenceMax)"
    }
    let isKnown = fields.keys.allSatisfy { ["actions", "uuid", "sequence"].contains($0) }
    return isKnown ? nil : "its body has an unknown key"
  }

  package static func pack(
    _ waiting: [WaitingAsk], memory: Fields, apart: Int, _ terms: PackingTerms
  ) -> Packed {
    let first = waiting[0]
    var asks = [first.id]
    var actions = first.actions
    if terms.joins && first.isPlain && first.id > apart {
      // What counts as a character is not documented. Counting bytes is safe under any definition.
      // Joining two lists replaces two of the four brackets with one comma.
      var length = actions.utf8.count
      for next in waiting.dropFirst() {
        let more = next.actions.utf8.count - 1
        guard next.isPlain, next.id > apart, length + more <= actionsLength else { break }
        actions = "\(actions.dropLast()),\(next.actions.dropFirst())"
        length += more
        asks.append(next.id)
      }
    }
    guard let sequence = first.fields["sequence"]?.number ?? number(memory, terms) else {
      return .impossible(
        asks: asks, reason: "the card's sequence has reached its maximum, \(sequenceMax)")
    }
    let given = first.fields["uuid"]
    var parcel = Parcel(
      asks: asks,
      fields: [
        "uuid": given ?? .text(name(terms.dice)), "sequence": .number(sequence),
        "actions": .text(actions),
      ])
    parcel.isNameGiven = given != nil
    parcel.isNumberGiven = first.fields["sequence"] != nil
    // The card may know the name from the earlier call, even if the batch was not applied.
    if given != nil && first.wasSent { parcel.renamed = 1 }
    return .parcel(parcel)
  }

  /// The larger of the last number + 1 and the seconds since 1970. That rises even if another
  /// program that counts in seconds has written to the card.
  private static func number(_ memory: Fields, _ terms: PackingTerms) -> Int? {
    let last = last(memory)
    if last >= sequenceMax { return nil }
    // From 2038 on, or if the clock is far off, the seconds are too large for a sequence.
    let seconds = terms.secondsSince1970
    return seconds > sequenceMax ? last + 1 : max(last + 1, seconds)
  }

  private static func last(_ memory: Fields) -> Int { number("sequence", in: memory) }

  /// A number outside the range of a sequence was not written by Larkspur and is ignored.
  private static func number(_ key: String, in memory: Fields) -> Int {
    guard let number = memory[key]?.number, (0...sequenceMax).contains(number) else {
      return 0
    }
    return number
  }

  /// 32 hexadecimal digits.
  private static func name(_ dice: [UInt64]) -> String {
    dice.prefix(2).map { hexadecimal($0, digits: 16) }.joined()
  }

  /// Remembers the highest number that the card may know.
  package static func memory(_ memory: Fields, sending parcel: Parcel) -> Fields {
    memory.merging([
      "sequence": .number(max(last(memory), parcel.fields["sequence"]?.number ?? 0))
    ]) { $1 }
  }

  /// Remembers the highest number that is known to have been accepted.
  package static func memory(
    _ memory: Fields, accepted parcel: Parcel, _ answered: Fields
  ) -> Fields {
    let number = max(accepted(memory), parcel.fields["sequence"]?.number ?? 0)
    return memory.merging(["accepted": .number(number)]) { $1 }
  }

  private static func accepted(_ memory: Fields) -> Int { number("accepted", in: memory) }

  /// Whether the parcel's number is higher than every accepted one.
  package static func couldBeAccepted(_ parcel: Parcel, memory: Fields) -> Bool {
    parcel.fields["sequence"]?.number ?? 0 > accepted(memory)
  }

  /// The same batch with a new name and number, to try after the card has answered that it knows a
  /// higher number. Nil when that has been tried often enough. A name given by the ask stays.
  package static func renumbered(
    _ parcel: Parcel, memory: Fields, _ terms: PackingTerms
  ) -> Parcel? {
    let steps = RetryPolicy.sequenceSteps
    guard parcel.renumbered < steps.count else { return nil }
    let step = steps[parcel.renumbered]
    let above = last(memory) + step
    let seconds = terms.secondsSince1970
    let number = seconds > sequenceMax ? above : max(above, seconds)
    guard number <= sequenceMax else { return nil }
    var next = parcel.isNameGiven ? parcel : underAnotherName(parcel, terms)
    next.renamed = parcel.renamed
    next.fields["sequence"] = .number(number)
    next.body = nil
    next.isUncertain = false
    next.renumbered += 1
    return next
  }

  package static func renamed(_ parcel: Parcel, _ terms: PackingTerms) -> Parcel? {
    underAnotherName(parcel, terms)
  }

  private static func underAnotherName(_ parcel: Parcel, _ terms: PackingTerms) -> Parcel {
    var next = parcel
    next.fields["uuid"] = .text(name(terms.dice))
    next.body = nil
    next.renamed += 1
    return next
  }
}

extension WaitingAsk {
  /// A JSON list.
  fileprivate var actions: String {
    if case .json(let list)? = fields["actions"] { list } else { "[]" }
  }

  /// The ask gives neither a name nor a number.
  fileprivate var isPlain: Bool { fields["uuid"] == nil && fields["sequence"] == nil }
}
