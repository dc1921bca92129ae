import Larkspur
import Planning

/// What the queue says, for a report: figures, budgets, the last calls, and what is pending or dead.
struct ReportTables {
  /// The names of lanes that are in the tables.
  private(set) var names: Set<String> = []
  private var tables: [Table] = []

  fileprivate struct Table {
    let title: String
    /// The columns that hold names of lanes, separated by spaces.
    let named: Set<String>
    let result: Result<Rows, StoreError>
  }

  fileprivate struct Query {
    let title: String
    var named: Set<String> = []
    let sql: String
  }

  init(of queue: String) {
    do throws(StoreError) {
      tables = try QueueReader.look(at: queue) { (reader) throws(StoreError) in
        var tables: [Table] = []
        let hasRuns = try reader.number("select 1 from sqlite_schema where name = 'span'") != nil
        for query in hasRuns ? Self.all + [Self.runs] : Self.all {
          tables.append(Table(query, reader))
        }
        return tables
      }
    } catch {
      tables = [Table(title: "queue", named: [], result: .failure(error))]
    }
    for table in tables { names.formUnion(table.namesOfLanes) }
  }

  func lines(_ pseudonyms: Pseudonyms) -> [String] { tables.flatMap { $0.lines(pseudonyms) } }

  private static let all = [
    Query(title: "figures", sql: "select figure, value from stats"),
    Query(
      title: "accounts",
      sql:
        "select id, name, configured, limits, parked, parked_why, refusals from account limit 200"),
    Query(title: "budgets", sql: "select * from budget limit 600"),
    Query(title: "clock of the queue", sql: "select * from worker"),
    Query(title: "last calls", named: ["carried"], sql: "select * from recent_calls limit 200"),
    Query(title: "pending", named: ["lane"], sql: "select * from queue limit 200"),
    Query(title: "dead", named: ["lane"], sql: "select * from dead limit 200"),
  ]

  /// Not every schema has this table.
  private static let runs = Query(
    title: "runs and pauses", sql: "select * from span order by rowid desc limit 500")
}

extension ReportTables.Table {
  fileprivate init(_ query: ReportTables.Query, _ reader: borrowing QueueReader) {
    title = query.title
    named = query.named
    do throws(StoreError) {
      result = .success(try reader.rows(query.sql, within: 5_000))
    } catch {
      result = .failure(error)
    }
  }

  fileprivate var namesOfLanes: Set<String> {
    guard let rows = try? result.get() else { return [] }
    let columns = rows.columns.indices.filter { named.contains(rows.columns[$0]) }
    return Set(
      rows.rows.flatMap { row in
        columns.flatMap { row[$0].words.split(separator: " ").map(String.init) }
      })
  }

  /// One line for each row, with the columns separated by a bar as `sqlite3` prints them.
  fileprivate func lines(_ pseudonyms: Pseudonyms) -> [String] {
    switch result {
    case .failure(let error): return ["", "[\(title)]", "cannot be read: \(error.message)"]
    case .success(let rows):
      let head = rows.columns.joined(separator: "|")
      let texts = rows.rows.map { row in
        zip(rows.columns, row).map { column, cell in
          text(cell.words, column, pseudonyms)
        }.joined(separator: "|")
      }
      return ["", "[\(title)]", head] + texts
    }
  }

  private func text(_ words: String, _ column: String, _ pseudonyms: Pseudonyms) -> String {
    // What a session answers is its owner's.
    if column == "result" { return words.isEmpty ? "" : "…" }
    guard named.contains(column) else { return pseudonyms.text(words) }
    return words.split(separator: " ").map { pseudonyms.name(String($0)) }.joined(separator: " ")
  }
}
