import Foundation

/// One request, as the sandbox saw it.
package struct Recorded: Decodable, Sendable {
  package let path: String
  package let arrived_us: Int
  package let answered_us: Int?
  package let preview_tokens: [String]?
  package let open_ids: [String]?
  package let card: String?
  package let uuid: String?
  package let sequence: Int?
  package let session: String?
  package let body: String?
  package let status: Int?
  package let code: Int?
  package let verdict: String
  package let fault: String?
  package let applied: Bool
  package let log_id: String

  package var isPreview: Bool { path.hasSuffix("/url_previews/batch_update") }

  /// The lines of a record, in the order of the answers.
  package static func all(in record: URL) throws -> [Recorded] {
    let text = try String(contentsOf: record, encoding: .utf8)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(Recorded.self, from: Data($0.utf8))
    }
  }
}
