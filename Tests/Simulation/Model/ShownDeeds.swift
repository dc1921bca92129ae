/// What programs and people do about previews that were seen, and about asks by key and URL.
extension Judge {
  func saw(_ sightings: [SeenPreview], isCertain: Bool, at now: Int) {
    let moment = next()
    for sighting in sightings {
      seen.record(sighting, isCertain: isCertain, order: moment, at: now)
    }
  }

  func forgot(_ what: Oblivion, isCertain: Bool) {
    seen.forget(what, isCertain: isCertain, order: next())
  }

  /// A preview whose token is refused by itself may be forgotten. Nobody outside knows whether the
  /// worker is sure that it was the token.
  func noteRefusedToken(_ call: CallRecord) {
    guard case .refused = call.result, call.called.api == .preview, call.called.lanes.count == 1
    else { return }
    let preview = Oblivion.preview(account: call.called.account, call.called.lanes[0])
    seen.forget(preview, isCertain: false, order: next())
  }

  /// Every ask by this name is cancelled, or its rows are deleted.
  func endedShown(_ name: String) {
    for (id, record) in shown where record.ended == nil && asks[id]?.wish.lane == name {
      shown[id]?.ended = order
    }
  }

  func deleted(_ name: String) {
    _ = next()
    endedShown(name)
    for (id, ask) in asks where ask.wish.isByKey && ask.wish.lane == name {
      deleted[id] = ask
      asks[id] = nil
    }
  }

  /// Only the previews that were not refreshed are asked for again.
  func retriedShown(_ id: Int, at moment: Int) {
    guard let record = shown[id] else { return }
    shown[id] = ShownRecord(since: moment, retried: Set(record.listed.keys))
  }
}
