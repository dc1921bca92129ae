/// Cards. The batches of one card are applied in the order they were asked for
/// (`CardParcels.swift`).
package enum Card: KindRules {
  /// "10 operations a second" on one card, over all endpoints. [cardkit, streaming updates]
  package static let operationsPerSecond = 10

  /// From start to start. Of eleven consecutive calls, the first has arrived before the second
  /// starts, so nine of these spans lie between the arrivals of the first and the last.
  package static let spacing: Span = .seconds(1) / (operationsPerSecond - 1) + Limits.roundingMargin

  /// A card can be updated for 14 days; after that the answer is 200750.
  /// [cardkit-v1/card/batch_update]
  package static let life: Span = .days(14)

  /// "actions, 1 to 1000000" characters; "uuid, 1 to 64". [api/card]
  package static let actionsLength = 1_000_000
  package static let uuidLength = 64

  /// A sequence is a positive int32. [api/card]
  package static let sequenceMax = 2_147_483_647

  /// A call that arrives late does no harm: the card recognises a repeated batch and refuses an
  /// older one.
  package static let pace = Pace(afterStart: spacing, waitsForTheLate: false)
  package static let limits = Limits.tier4
  package static let hasQuota = true
  package static let takesUserTokens = false
  package static let isForStoreApps = true

  package static let codes = [
    // The content of the batch is refused, or the card that it would produce.
    KnownCode(
      [
        10_002, 200_220, 200_860, 300_302, 300_303, 300_307, 300_309, 300_310, 300_311, 300_312,
        200_850,
      ], .refused(isDocumented: true)),
    // The element already exists, or it could not be replaced, configured, changed, deleted or
    // added, or there are too many elements.
    KnownCode([300_121, 300_122, 300_301, 300_305, 300_313, 300_314, 300_315], .unfit),
    // "Sequence number compare failed", "UUID conflict", "ongoing interaction".
    KnownCode([300_317], .outOfOrder),
    KnownCode([200_770], .alreadyKnown),
    KnownCode([200_810], .busy),
    // The card entity does not exist, or has expired.
    KnownCode([200_740, 200_750], .gone),
    KnownCode([300_120], .tryAgain),
  ]

  package static let namesGiveAccess = false

  package static func flaw(ofLane name: String) -> String? {
    // In a URL path, . and .. stand for folders.
    1...20 ~= name.utf8.count && name.isVisibleASCII && name != "." && name != ".."
      ? nil : "its lane is not a card_id"
  }

  /// POST /open-apis/cardkit/v1/cards/:card_id/batch_update.
  package static let method = HTTPMethod.post

  package static func path(of lanes: [String]) -> String {
    "/open-apis/cardkit/v1/cards/\(percentEncoded(lanes[0]))/batch_update"
  }

  package static let stateInAnswer: [String] = []
  package static let parcels: (any ParcelRules.Type)? = Card.self
}
