import Terminal

/// `--key-from REGEX`: finds keys in a URL.
struct KeyPattern: Equatable {
  private let text: String

  init(_ text: String) throws(Failure) {
    self.text = text
    do { _ = try Regex(text) } catch {
      throw Failure(
        .usage,
        "--key-from takes a regular expression, not '\(printable(text))' (\(error)); "
          + #"for example: --key-from '/tickets/(\d+)'"#)
    }
  }

  /// Every match is one key: what its first group has matched, or all of it if there is no group.
  func finder() -> (String) -> [String] {
    // It was checked when the command line was read.
    guard let regex = try? Regex(text).matchingSemantics(.unicodeScalar) else { return { _ in [] } }
    return { url in
      url.matches(of: regex).map { match in
        let groups = match.output
        let group = groups.count > 1 ? groups[1].substring : nil
        return String(group ?? groups[0].substring ?? "")
      }.filter { !$0.isEmpty }
    }
  }
}
