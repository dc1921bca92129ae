import Larkspur
import Terminal

extension JSONObject.Value {
  /// What a row of the queue has in one column.
  init(_ cell: Cell) {
    switch cell {
    case .null: self = .null
    case .int(let number): self = .int(number)
    case .real(let number): self = .real(number)
    case .text(let text): self = .text(text)
    }
  }
}
