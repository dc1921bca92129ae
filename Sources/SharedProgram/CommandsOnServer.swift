import Command
import Larkspur
import PostgreSQL
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
      switch error {
      case .unreachable(let why):
        throw Failure(.databaseNotUsable, "cannot reach the shared queue: \(printable(why))")
      case .unknown(let why):
        throw Failure(
          .databaseNotUsable,
          "the connection to the shared queue broke, and nobody knows whether this was done: \(printable(why))"
        )
      // The checks of the schema, in the schema's own sentences.
      case .refused("P0001", let why), .refused("23514", let why):
        throw Failure(.badInput, printable(why))
      case .refused("3F000", _), .refused("42P01", _):
        throw Failure(
          .databaseNotUsable,
          "there is no shared queue in this database; make it with: larkspur init ADDRESS")
      case .refused("42501", let why):
        throw Failure(
          .noPermission,
          "the shared queue refuses: \(printable(why)); its owner has to grant this user larkspur_ask to ask, "
            + "larkspur_look to look, or larkspur_work to work and repair")
      case .refused(_, let why):
        throw Failure(.databaseNotUsable, "the shared queue refuses: \(printable(why))")
      }
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
