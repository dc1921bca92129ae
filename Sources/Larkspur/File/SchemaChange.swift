import Synchronization

/// A change of a queue's schema that is under way. With many asks it takes seconds, in which no
/// other program can write.
package struct SchemaChange: Hashable, Sendable {
  package let path: String
  package let from: Int
  package let to: Int

  package typealias Listener = @Sendable (SchemaChange?) -> Void

  /// One listener is enough: a program has one terminal.
  private static let listener = Mutex<Listener?>(nil)

  /// Sets the listener. It is called many times a second while a change is under way, and with nil
  /// when it is over.
  package static func listen(_ listener: @escaping Listener) {
    self.listener.withLock { $0 = listener }
  }

  static func tell(_ change: SchemaChange?) { listener.withLock { $0 }?(change) }
}
