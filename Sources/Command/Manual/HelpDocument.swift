/// A help text, taken apart.
struct HelpDocument: Equatable {
  /// `larkspur list`.
  var name = ""
  var purpose = ""
  /// One command line each.
  var usage: [String] = []
  var blocks: [Block] = []
  var examples: [String] = []
  var exits: [ExitList] = []

  /// A paragraph, or a table with its heading.
  struct Block: Equatable {
    var heading: String?
    var pieces: [Piece]

    var rows: [Row] { pieces.flatMap(\.rows) }
  }

  enum Piece: Equatable {
    case prose(String)
    /// Lines that are kept as they are.
    case literal([String])
    case table([Row])

    var rows: [Row] { if case .table(let rows) = self { rows } else { [] } }
    var prose: String? { if case .prose(let prose) = self { prose } else { nil } }
  }

  /// `  TERM  text`. The text has no table of its own.
  struct Row: Equatable {
    var term: String
    var text: [Piece]

    var prose: String { text.compactMap(\.prose).joined(separator: " ") }
  }

  /// `exit: 0 done · 1 something is dead`, or with another heading `with --check: 0 well · …`.
  struct ExitList: Equatable {
    var heading: String?
    var codes: [Code]

    struct Code: Equatable {
      /// `0`, or `73/74`.
      var numbers: String
      var meaning: String
    }
  }

  var rows: [Row] { blocks.flatMap(\.rows) }
}
