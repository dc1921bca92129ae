/// A text with its escapes resolved, and for each byte its place in the original text. A secret may
/// be quoted in JSON, in an address, or in both.
struct Unescaped {
  let bytes: [UInt8]
  /// Where each byte begins in the original text, and where that text ends.
  private let places: [Int]

  /// The text as it is, and with each kind of escape resolved.
  static func forms(of text: [UInt8]) -> [Unescaped] {
    let plain = Unescaped(bytes: text, places: Array(0...text.count))
    let hasPercent = text.contains(UInt8(ascii: "%"))
    let hasBackslash = text.contains(UInt8(ascii: "\\"))
    var forms = [plain]
    if hasPercent { forms.append(plain.resolved(percent: true, backslash: false)) }
    if hasBackslash {
      let once = plain.resolved(percent: false, backslash: true)
      // JSON within JSON.
      forms += [once, once.resolved(percent: hasPercent, backslash: true)]
    }
    if hasPercent && hasBackslash {
      forms.append(plain.resolved(percent: true, backslash: true))
    }
    return forms
  }

  static func percentDecoded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let plain = Unescaped(bytes: bytes, places: Array(0...bytes.count))
    return String(decoding: plain.resolved(percent: true, backslash: false).bytes, as: UTF8.self)
  }

  func source(of range: Range<Int>) -> Range<Int> {
    places[range.lowerBound]..<places[range.upperBound]
  }

  private func resolved(percent: Bool, backslash: Bool) -> Unescaped {
    var resolved: [UInt8] = []
    var from: [Int] = []
    var place = 0
    while place < bytes.count {
      var (units, length) = ([bytes[place]], 1)
      switch bytes[place] {
      case UInt8(ascii: "%") where percent:
        if let byte = number(at: place + 1, digits: 2) { (units, length) = ([UInt8(byte)], 3) }
      case UInt8(ascii: "\\") where backslash: (units, length) = escape(at: place)
      default: break
      }
      resolved += units
      from += units.map { _ in places[place] }
      place += length
    }
    return Unescaped(bytes: resolved, places: from + [places[bytes.count]])
  }

  /// The bytes that the escape at this backslash stands for, and the length of the escape.
  private func escape(at place: Int) -> (units: [UInt8], length: Int) {
    guard place + 1 < bytes.count else { return ([bytes[place]], 1) }
    let letter = bytes[place + 1]
    switch UnicodeScalar(letter) {
    case "u":
      guard let unit = number(at: place + 2, digits: 4) else { return ([bytes[place]], 1) }
      if let scalar = UnicodeScalar(unit) { return (Array(String(scalar).utf8), 6) }
      if let low = lowSurrogate(at: place + 6),
        let scalar = UnicodeScalar(0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF)
      {
        return (Array(String(scalar).utf8), 12)
      }
      return ([bytes[place]], 1)
    case "n": return ([0x0A], 2)
    case "r": return ([0x0D], 2)
    case "t": return ([0x09], 2)
    case "b": return ([0x08], 2)
    case "f": return ([0x0C], 2)
    default: return ([letter], 2)
    }
  }

  private func lowSurrogate(at place: Int) -> UInt32? {
    guard place + 1 < bytes.count, bytes[place...].starts(with: "\\u".utf8) else { return nil }
    return number(at: place + 2, digits: 4).flatMap { (0xDC00...0xDFFF).contains($0) ? $0 : nil }
  }

  private func number(at place: Int, digits: Int) -> UInt32? {
    guard place + digits <= bytes.count else { return nil }
    let text = String(decoding: bytes[place..<place + digits], as: UTF8.self)
    return text.first == "+" || text.first == "-" ? nil : UInt32(text, radix: 16)
  }
}
