import Terminal

/// Lines for standard output, kept until all are there. A reader that pauses, such as a pager, must
/// not hold a query open, because the write-ahead log grows until the query ends. Many lines are
/// kept in a file.
struct GatheredLines {
  private(set) var count = 0
  private var text = ""
  private var file: InputFile?
  private var failure: Failure?
  private static let bytesAtOnce = 65_536

  mutating func append(_ line: String) {
    if failure != nil { return }
    count += 1
    text += line
    text += "\n"
    if text.utf8.count < Self.bytesAtOnce { return }
    do throws(Failure) { try moveToFile() } catch { failure = error }
  }

  private mutating func moveToFile() throws(Failure) {
    if file == nil { file = try InputFile.scratch(called: "the list") }
    try file?.append(Array(text.utf8)[...])
    text = ""
  }

  func print() throws(Failure) {
    if let failure { throw failure }
    if let file {
      var reader = LineReader(rereading: file)
      var block: [String] = []
      while let line = try reader.next() {
        block.append(line.text)
        if block.count < 500 { continue }
        Output.result(block.joined(separator: "\n"))
        block = []
      }
      if !block.isEmpty { Output.result(block.joined(separator: "\n")) }
    }
    if !text.isEmpty { Output.result(String(text.dropLast())) }
  }
}
