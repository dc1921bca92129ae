/// 1234567 as 1,234,567.
package func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var end = digits.count - 3
  while end > 0 {
    digits.insert(",", at: digits.index(digits.startIndex, offsetBy: end))
    end -= 3
  }
  return (number < 0 ? "-" : "") + digits
}

/// `1 person`, `3 people`.
package func counted(_ number: Int, _ one: String, _ many: String) -> String {
  "\(grouped(number)) \(number == 1 ? one : many)"
}

/// `1 ask`, `2 asks`.
package func counted(_ number: Int, _ noun: String) -> String { counted(number, noun, noun + "s") }
