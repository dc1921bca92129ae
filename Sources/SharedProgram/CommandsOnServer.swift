import Command
import Larkspur
import LarkspurShared
import PostgreSQL
import QueueAccess
import Sharing
import Terminal

/// What the commands need of the shared queue.
enum CommandsOnServer {
  static func on(_ address: ServerAddress) -> SharedCommands {
    // A person who waits can give up, and some answers take a while.
    let session = ServerSession(address, patience: .init(reply: .minutes(5))) {}
    return SharedCommands(
      address: address.text,
      ask: { (sql, values) throws(Failure) in
        try failing { () throws(SessionError) in Rows(try session.run(sql, values)) }
      },
      copy: { (accounts, lane, path) throws(Failure) in
        let outlook = try failing { () throws(SessionError) in
          try SharedOutlook(of: accounts, lane: lane, in: session)
        }
        do {
          try outlook.write(to: path, SystemClocks.read(boot: SystemClocks.bootID()))
        } catch {
          throw Failure(
            .databaseNotUsable, "cannot copy the shared queue to \(path): \(printable("\(error)"))")
        }
      },
      create: { () throws(Failure) in
        try failing { () throws(SessionError) in try SharedSchema.create(in: session) }
      })
  }

  private static func failing<Result>(
    _ body: () throws(SessionError) -> Result
  ) throws(Failure) -> Result {
    do throws(SessionError) {
      return try body()
    } catch {
      var failure = Failure(QueueError(error))
      if case .refused("42501", _) = error {
        failure = Failure(.noPermission, failure.sentence, fix: failure.fix)
      }
      throw failure
    }
  }
}

extension Rows {
  fileprivate init(_ reply: Reply) {
    self.init(
      columns: reply.columns.map(\.name),
      rows: reply.rows.map { row in
        zip(reply.columns, row).map { column, text in
          guard let text else { return .null }
          return column.isInteger ? Int(text).map(Cell.int) ?? .text(text) : .text(text)
        }
      })
  }
}
