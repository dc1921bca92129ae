/// What happens to an ask when the worker first looks at it, or when its delay is over.
package enum Admission: Hashable, Sendable {
  case dies(UnusableAsk)
  case expires
  /// It may not go yet.
  case waits(until: Moment)
  case joins(Kind)
  /// It concerns every preview that was seen with what it names.
  case expands(Selector)

  /// `due` is the earliest moment at which the ask may go.
  package init(_ row: AskRow, due: Moment, expires: Moment?, at now: Moment) {
    switch row.checked() {
    case .failure(let problem): self = .dies(problem)
    case .success where due > now: self = .waits(until: due)
    case .success where expires.map { $0 <= now } ?? false: self = .expires
    case .success(.lane(let kind)): self = .joins(kind)
    case .success(.previews(let selector)): self = .expands(selector)
    }
  }
}
