import Planning

/// A part of a queue, copied into memory so that the loop can run ahead on it: what is due first,
/// and everything that its calls can touch.
package struct QueueCopy {
  package let store: WorkerStore
  /// Channels whose waiting lanes are all in the copy are left out.
  package let knownUntil: [Channel: KnownUntil]
  package let habits: Habits

  /// `calls` is how many calls the copy has to last for. With an account, only that one is copied.
  /// Reading takes no lock that a writer needs, and ends before the loop runs.
  package init(of path: String, account: String?, calls: Int) throws(QueueError) {
    do throws(StoreError) {
      let connection = try Connection(path: ":memory:", mode: .readWrite)
      connection.runNoTriggers()
      try CopiedSchema.trustRows(connection)
      try connection.execute("attach ? as source", .text(QueueFile.realPath(path)))
      // An immediate transaction would lock the file as well.
      try connection.execute("begin")
      try CopiedSchema.create(connection)
      knownUntil = try Copying(account: account, calls: calls).run(connection)
      habits = try Habits(connection)
      try connection.execute("commit")
      try connection.execute("detach source")
      store = WorkerStore(inMemory: connection)
    } catch {
      throw QueueError(error, path: path)
    }
  }
}
