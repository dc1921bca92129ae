/// Values by key, of which a turn can be taken back.
///
/// A key that is asked for must be there: to go on without it would be to lose what should have happened to
/// it. And what a turn has changed is known, so that it can be undone, and timers set, without a look at
/// everything else.
struct Table<Key: Hashable, Value> {
  private var values: [Key: Value] = [:]
  /// What was changed since `commit`, as it was before; nil for what was not there.
  private var before: [Key: Value?] = [:]
  /// What was changed since it was last asked for.
  private var touched: Set<Key> = []

  subscript(key: Key) -> Value {
    get { values[key, default: Self.missing(key)] }
    _modify {
      note(key)
      yield &values[key, default: Self.missing(key)]
    }
  }

  private static func missing(_ key: Key) -> Value {
    preconditionFailure("\(Value.self) \(key) is not there")
  }

  /// Nil where it may well not be there.
  func find(_ key: Key) -> Value? { values[key] }

  mutating func insert(_ value: Value, for key: Key) {
    note(key)
    values[key] = value
  }

  mutating func remove(_ key: Key) {
    note(key)
    values[key] = nil
  }

  var isEmpty: Bool { values.isEmpty }
  var keys: some Collection<Key> { values.keys }
  var all: some Collection<Value> { values.values }

  private mutating func note(_ key: Key) {
    touched.insert(key)
    if before.index(forKey: key) == nil { before.updateValue(values[key], forKey: key) }
  }

  /// Keys whose values have been changed since the last time.
  mutating func takeTouched() -> Set<Key> {
    defer { touched = [] }
    return touched
  }

  /// From here on nothing of it can be taken back.
  mutating func commit() { before.removeAll(keepingCapacity: true) }

  /// As it was when it was last committed.
  mutating func rollBack() {
    for (key, value) in before {
      values[key] = value
      touched.insert(key)
    }
    before.removeAll(keepingCapacity: true)
  }
}
