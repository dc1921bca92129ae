import Basics
import Glibc
import Terminal

/// `man`: manual pages, made of the helps.
struct Man: Equatable {
  enum Order: Equatable {
    /// Nil is `larkspur` itself.
    case page(CommandName?)
    case all(folder: String)
  }

  let order: Order

  init(_ options: Options) throws(Failure) {
    let words = options.operands
    if let folder = options.one("--all") {
      if folder.isEmpty { throw Failure(.usage, "--all is empty; give a folder") }
      if let word = words.first {
        throw Failure(
          .usage, "--all writes the pages of all commands; leave '\(printable(word))' out")
      }
      order = .all(folder: folder)
      return
    }
    if words.count > 1 {
      throw Failure(
        .usage, "larkspur man takes one command at a time, but was given \(words.count)")
    }
    order = .page(try words.first.flatMap { (word) throws(Failure) in try Self.command(word) })
  }

  /// Nil for `larkspur` itself. Pages can be named as `man` names them: larkspur-work.
  private static func command(_ word: String) throws(Failure) -> CommandName? {
    if word == "larkspur" { return nil }
    let prefix = "larkspur-"
    let isPage = word.hasPrefix(prefix)
    let name = try CommandName(word: isPage ? String(word.dropFirst(prefix.count)) : word)
    // The overview explains `help`.
    return name == .help ? nil : name
  }

  func run(_ global: GlobalOptions) throws(Failure) {
    switch order {
    case .page(let name): Output.result(String(try Self.page(of: name).text.dropLast()))
    case .all(let folder): try Self.write(to: folder, global)
    }
  }

  /// The commands that have a page of their own.
  static let commands = CommandName.allCases.filter { $0 != .help }

  static func page(of name: CommandName?) throws(Failure) -> ManualPage {
    let help = try name.map { (name) throws(Failure) in try name.help() }
    return ManualPage(
      HelpDocument(help ?? HelpTopic.overview.text), among: commands.map(\.rawValue))
  }

  /// Reads every help first, so that nothing is written if one is missing.
  private static func write(to folder: String, _ global: GlobalOptions) throws(Failure) {
    var pages = [try page(of: nil)]
    for name in commands { pages.append(try page(of: name)) }
    for page in pages {
      let path = "\(folder)/\(page.name).1"
      if let code = ReplacedFile.write(Array(page.text.utf8), to: path, mode: 0o644) {
        throw Failure(
          .databaseNotCreated,
          "cannot write manual page \(printable(path)): \(systemMessage(code)); give an existing "
            + "folder with --all")
      }
    }
    if global.wantsJSON {
      return Output.result(
        JSONObject([("folder", .text(folder)), ("pages", .int(pages.count))]).text)
    }
    global.say("wrote \(pages.count) manual pages to \(folder)")
  }
}

extension CommandName {
  /// Its help, from the program that carries it out.
  func help() throws(Failure) -> String {
    guard let program else { return HelpTopic(self).text }
    return try SiblingHelp.text(of: program)
  }
}
