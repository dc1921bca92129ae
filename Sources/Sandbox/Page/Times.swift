import Terminal

/// A span of time in the most readable unit, no more precise than useful.
func spelled(_ span: Microseconds) -> String {
  switch span {
  case ..<10_000: "\(tenths(max(0, span), of: 1_000)) ms"
  case ..<1_000_000: "\(span / 1_000) ms"
  case ..<10_000_000: "\(tenths(span, of: 1_000_000)) s"
  case ..<60_000_000: "\(span / 1_000_000) s"
  case ..<3_600_000_000: "\(span / 60_000_000) min"
  case ..<86_400_000_000: "\(span / 3_600_000_000) h"
  default: counted(span / 86_400_000_000, "day", "days")
  }
}

/// How long ago a moment was.
func ago(_ moment: Microseconds, at now: Microseconds) -> String {
  switch now - moment {
  case ..<100_000: "now"
  case let span where span < 1_000_000: "\(tenths(span, of: 1_000_000)) s ago"
  case let span: "\(spelled(span)) ago"
  }
}

private func tenths(_ span: Microseconds, of unit: Microseconds) -> String {
  "\(span / unit).\(span % unit / (unit / 10))"
}
