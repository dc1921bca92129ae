import Synchronization

/// A change of a queue's schema that is under way. With many asks it takes seconds, in which nobody else can
/// write.
package struct SchemaChange: Hashable, Sendable {
  package let path: String
  package let from: Int
  package let to: Int

  package typealias Listener = @Sendable (SchemaChange?) -> Void

  /// A program has one terminal to show it on.
  private static let listener = Mutex<Listener?>(nil)

  /// Hears many times a second of a change that goes on, and nil when it is over.
  package static func listen(_ listener: @escaping Listener) {
    self.listener.withLock { $0 = listener }
  }

  static func tell(_ change: SchemaChange?) { listener.withLock { $0 }?(change) }
}
