import Larkspur

/// Programs that record what was seen, and people who have it forgotten.
extension People {
  func see(_ sightings: [SeenPreview], _ asker: Asker) {
    if let until = holder?.until ?? (life.now < life.offUntil ? life.offUntil : nil) {
      return life.agenda.plan(until) { [unowned self] in see(sightings, asker) }
    }
    let process = process(of: asker)
    let cuts = life.boots
    do {
      let backend = try backend(asker, process)
      if case .rollsBack = asker { return try backend.changeItsMind(sightings) }
      try backend.record(sightings, isPlain: asker.isPlain)
      life.tell("seen: \(sightings.map(\.description).joined(separator: ", "))")
      life.judge.saw(sightings, isCertain: true, at: life.now)
    } catch {
      if !process.isDead, !life.hasTrouble, life.boots == cuts {
        life.judge.blame("P2", "recording sightings failed: \(error)", at: life.now)
      }
      life.tell("recording failed: \(error)")
      life.judge.saw(sightings, isCertain: false, at: life.now)
    }
    life.run?.noticeWrite()
  }

  func forget(_ what: Oblivion) {
    intervene("somebody has \(what) forgotten") { [unowned life] inspector in
      let (forgotten, account) = what.parts
      do {
        _ = try inspector.forget(forgotten, account: account)
        life.judge.forgot(what, isCertain: true)
      } catch {
        life.judge.forgot(what, isCertain: false)
        throw error
      }
    }
  }

  func delete(_ name: String) {
    if let until = holder?.until {
      return life.agenda.plan(until) { [unowned self] in delete(name) }
    }
    resolveDoubts()
    lookAtShown(isSure: false)
    life.tell("a program deletes the asks by \(name)")
    let process = process(of: .plainSQL)
    do {
      try backend(.plainSQL, process).delete(name)
      life.judge.deleted(name)
    } catch {
      if !process.isDead, !life.hasTrouble {
        life.judge.blame("P2", "deleting asks failed: \(error)", at: life.now)
      }
      doubtfulDeletions.append(name)
    }
    life.run?.noticeWrite()
  }

  /// All rows have gone, or none.
  func resolveDeletions() {
    guard !doubtfulDeletions.isEmpty, life.now >= life.offUntil,
      let rows = try? looking().shown()
    else { return }
    let left = Set(rows.compactMap { life.judge.asks[$0.id]?.wish.lane })
    for name in doubtfulDeletions where !left.contains(name) { life.judge.deleted(name) }
    doubtfulDeletions = []
  }

  /// `isSure` right after a commit of the worker: nothing else can have happened since.
  func lookAtShown(isSure: Bool) {
    guard !life.judge.shown.isEmpty, life.now >= life.offUntil,
      let rows = try? looking().shown(), let parts = try? looking().parts()
    else { return }
    life.judge.lookAtShown(
      rows, parts: parts, isSure: isSure, isUntroubled: !life.hasTrouble, at: life.now)
  }
}
