import Terminal

/// A span of time with two digits: `850 ms`, `4.2 s`, `12 min`.
func spelled(_ span_ms: Int) -> String {
  switch max(0, span_ms) {
  case let span where span < 1_000: "\(span) ms"
  case let span where span < 60_000: "\(tenths(span, of: 1_000)) s"
  case let span where span < 3_600_000: "\(tenths(span, of: 60_000)) min"
  case let span where span < 86_400_000: "\(tenths(span, of: 3_600_000)) h"
  case let span: "\(tenths(span, of: 86_400_000)) days"
  }
}

private func tenths(_ span: Int, of unit: Int) -> String {
  if span >= 10 * unit { return "\(span / unit)" }
  let rest = span % unit / (unit / 10)
  return rest == 0 ? "\(span / unit)" : "\(span / unit).\(rest)"
}
