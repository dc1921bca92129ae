import Planning

/// A call of a run that is gone, as its heir sees it.
package struct InheritedCall: Equatable, Sendable {
  /// The transaction that wrote the call, before it was sent.
  package let claimed: TransactionID
  /// The transaction that wrote its answer; nil if there is none.
  package let answered: TransactionID?

  package init(claimed: TransactionID, answered: TransactionID?) {
    self.claimed = claimed
    self.answered = answered
  }

  /// The latest moment at which the call can have reached Feishu.
  ///
  /// A call without an answer is begun at most `toBegin` after its claim, or never, and given up after `timeout`. The
  /// claim was committed after the moment from which that is counted. `drift` is by how much this machine's clock may
  /// have run ahead of the other's meanwhile.
  package func latestArrival(
    _ looks: Looks, toBegin: Span, timeout: Span, drift: Span, now: BootMoment
  ) -> BootMoment {
    if let answered { return looks.latestCommit(of: answered, now: now) }
    return looks.latestCommit(of: claimed, now: now) + toBegin + timeout + drift
  }
}
