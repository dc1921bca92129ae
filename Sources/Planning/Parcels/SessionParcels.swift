/// Fields of a session: the last write wins, each field for itself.
enum SessionParcels {
  static func pack(_ waiting: [WaitingAsk], memory: Fields, apart: Int) -> Packed {
    let waiting = waiting[0].id > apart ? waiting[...] : waiting.prefix(1)
    let wanted = waiting.reduce(into: Fields()) { $0.merge($1.fields) { $1 } }
    let asks = waiting.map(\.id)
    let changed = wanted.filter { memory[$0.key] != $0.value }
    return changed.isEmpty ? .nothing(asks: asks) : .parcel(Parcel(asks: asks, fields: changed))
  }

  /// Nobody has documented what a session does with a field that an update leaves out: what the answer
  /// says it now is, is so.
  static func memory(_ memory: Fields, accepted parcel: Parcel, _ answered: Fields) -> Fields {
    memory.merging(parcel.fields) { $1 }.reduce(into: Fields()) { known, field in
      known[field.key] = answered[field.key] ?? field.value
    }
  }

  /// What is being written is known again once it has been accepted.
  static func memory(_ memory: Fields, sending parcel: Parcel) -> Fields {
    memory.filter { parcel.fields[$0.key] == nil }
  }
}
