import CPostgreSQL

/// The address of a shared queue: `postgresql://…` as libpq reads it.
package struct ServerAddress: Equatable, Sendable {
  package let text: String

  /// Why an address cannot be used.
  package enum Flaw: Error, Equatable, Sendable {
    case malformed(String)
    /// Arguments can be read by every user of the machine.
    case hasPassword
  }

  package init(_ text: String) throws(Flaw) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &message) else {
      defer { PQfreemem(message) }
      throw .malformed(message.map { firstLine(String(cString: $0)) } ?? "it cannot be read")
    }
    defer { PQconninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      let isSecret = ["password", "sslpassword"].contains(String(cString: keyword))
      if isSecret, option.pointee.val != nil { throw .hasPassword }
      option += 1
    }
    self.text = text
  }
}

/// libpq ends its messages with a line break, and some have details in further lines.
func firstLine(_ message: String) -> String {
  String(message.prefix { $0 != "\n" })
}
