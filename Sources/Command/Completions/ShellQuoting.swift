/// Text as one word of a shell.
enum ShellQuoting {
  /// For bash and zsh: nothing is special between single quotes, but the quote itself.
  static func posix(_ text: String) -> String {
    "'\(text.replacing("'", with: #"'\''"#))'"
  }

  /// Between fish's single quotes, backslashes and quotes are escaped.
  static func fish(_ text: String) -> String {
    "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
  }
}

extension CompletedValue {
  /// As the scripts for bash and fish read it: `words new delayed`, `files`, `names lanes`.
  var code: String {
    switch self {
    case .free: ""
    case .words(let words): "words \(words.joined(separator: " "))"
    case .files: "files"
    case .folders: "folders"
    case .names(let what): "names \(what.rawValue)"
    }
  }
}
