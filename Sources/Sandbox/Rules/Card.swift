/// What one card remembers. It decides whether the next batch is accepted.
struct Card {
  /// What a uuid was used for. The actions themselves are not kept, because they may be a megabyte
  /// each.
  private struct Fingerprint: Equatable {
    let sequence: Int
    let actions: Int

    init(_ update: CardUpdate) {
      sequence = update.sequence
      actions = ExactText(update.actions).hashValue
    }
  }

  private var operations: CallBudget
  private var sequence = 0
  private var accepted: [ExactText: Fingerprint] = [:]
  /// Oldest first, so that old ones can be dropped.
  private var order = Line<(uuid: ExactText, at: Microseconds)>()

  init(_ settings: RuleSettings) {
    operations = CallBudget(
      [(settings.operationsPerCardAndSecond, 1_000_000)], settings.limiting)
  }

  mutating func apply(
    _ update: CardUpdate, _ settings: RuleSettings, _ request: Request, at now: Microseconds,
    _ judgement: inout Judgement
  ) throws(Refusal) {
    if operations.admit(at: now) != nil {
      let answer = settings.cardLimitAnswer
      throw Refusal(
        .cardLimited, request, status: answer.status, code: answer.code,
        "the card is changed too often")
    }
    forget(before: now - settings.uuidMemory)
    if try isReplay(update, settings, request) {
      judgement.verdict = .replayed
      return
    }
    let wrong = update.wrongAction
    if wrong == nil || settings.refusedBatch == .counted { note(update, at: now) }
    if let wrong { throw CardRules.invalid(request, wrong) }
    judgement.applied = true
  }

  /// Whether the batch was accepted before and is answered with success again.
  private func isReplay(
    _ update: CardUpdate, _ settings: RuleSettings, _ request: Request
  ) throws(Refusal) -> Bool {
    if settings.firstCardCheck == .sequence { try checkSequence(update, request) }
    if let uuid = update.uuid, let known = accepted[ExactText(uuid)] {
      if settings.replayedUUID == .success && known == Fingerprint(update) { return true }
      throw Refusal(.uuidConflict, request, code: 200_770, "UUID conflict")
    }
    try checkSequence(update, request)
    return false
  }

  private func checkSequence(_ update: CardUpdate, _ request: Request) throws(Refusal) {
    if update.sequence <= sequence {
      throw Refusal(
        .staleSequence, request, code: 300_317,
        "sequence number compare failed: \(update.sequence) is not above \(sequence)")
    }
  }

  private mutating func note(_ update: CardUpdate, at now: Microseconds) {
    sequence = update.sequence
    guard let uuid = update.uuid.map(ExactText.init) else { return }
    accepted[uuid] = Fingerprint(update)
    order.append((uuid, now))
  }

  private mutating func forget(before moment: Microseconds) {
    while let (uuid, at) = order.first, at <= moment {
      accepted[uuid] = nil
      order.removeFirst()
    }
  }
}
