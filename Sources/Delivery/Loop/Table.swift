/// Values by key whose changes during a turn can be undone.
///
/// A key that is looked up must exist: going on without it would lose what should have happened to
/// it. The table knows what a turn has changed, so undoing it and setting timers do not have to
/// look at everything else.
struct Table<Key: Hashable, Value> {
  private var values: [Key: Value] = [:]
  /// The old values of what has changed since `commit`; nil for keys that did not exist.
  private var before: [Key: Value?] = [:]
  /// Keys that have changed since `takeTouched` was last called.
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

  /// For a key that may not exist.
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

  /// The keys whose values have changed since the last call.
  mutating func takeTouched() -> Set<Key> {
    defer { touched = [] }
    return touched
  }

  /// Makes all changes so far permanent.
  mutating func commit() { before.removeAll(keepingCapacity: true) }

  /// Restores the values as of the last `commit`.
  mutating func rollBack() {
    for (key, value) in before {
      values[key] = value
      touched.insert(key)
    }
    before.removeAll(keepingCapacity: true)
  }
}
