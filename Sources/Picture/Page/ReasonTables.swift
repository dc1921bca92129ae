import Terminal

/// What is dead or was refused and why, the slowest calls and the busiest keys.
struct ReasonTables {
  static let rowsMost = 20

  let history: QueueHistory
  let names: ChannelNames
  let shortening: Shortening

  var dead: HTML {
    if history.dead.isEmpty { return #"<p class="none">No lane is dead.</p>"# }
    let rows = history.dead.prefix(Self.rowsMost).map { reason -> [HTML] in
      [
        "\(reason.code.map(String.init) ?? "–")", message(reason), "\(reason.count)", lanes(reason),
        fix(reason),
      ]
    }
    return HTMLTable(["Code", "Why", "#Lanes", "For example", "Retry"], rows).html
      .appending(more(history.dead.count))
  }

  var refused: HTML {
    if history.refused.isEmpty { return #"<p class="none">No call was refused or failed.</p>"# }
    let rows = history.refused.prefix(Self.rowsMost).map { reason -> [HTML] in
      let end = reason.end ?? .failed
      return [
        "\(code(reason))", #"<i class="\#(end.rawValue)"></i> \#(end.title)"#, message(reason),
        "\(reason.count)", #"<bdi class="name">\#(cut(reason.logID ?? "–"))</bdi>"#,
      ]
    }
    let table = HTMLTable(["Code", "", "Message", "#Calls", "Last log id"], rows).html
    return table.appending(more(history.refused.count))
  }

  private func more(_ all: Int) -> HTML {
    all > Self.rowsMost
      ? #"<p class="note">The \#(Self.rowsMost) largest of \#(all) groups.</p>"# : .nothing
  }

  private func code(_ reason: QueueHistory.Reason) -> String {
    reason.code.map(String.init) ?? reason.http.map { "HTTP \($0)" } ?? "–"
  }

  private func message(_ reason: QueueHistory.Reason) -> HTML {
    let text = shortening.message(reason.message)
    let shown = text.isEmpty ? "no message" : cut(text, to: 300)
    return #"<bdi class="why">\#(names.title(reason.account, shown))</bdi>"#
  }

  private func lanes(_ reason: QueueHistory.Reason) -> HTML {
    let shown = reason.lanes.prefix(3).map { name -> HTML in
      #"<bdi class="name">\#(cut(reason.areSecret ? shortening.token(name) : name))</bdi> "#
    }
    return "\(Array(shown))"
  }

  /// Names a lane only if it can be copied from the page as it is: not shortened, cut or escaped.
  private func fix(_ reason: QueueHistory.Reason) -> HTML {
    let option = names.option(reason.account)
    guard reason.count == 1, let lane = reason.lanes.first,
      !reason.areSecret || shortening.token(lane) == lane, cut(printable(lane)) == lane
    else {
      return """
        <code>larkspur list --state dead\(option)</code>, then \
        <code>larkspur retry --all-dead\(option)</code>
        """
    }
    return "<code>larkspur retry \(ShellWord.quoted(lane))\(option)</code>"
  }

  var slowest: HTML {
    if history.slowest.isEmpty { return #"<p class="none">No call has ended.</p>"# }
    let rows = history.slowest.map { call -> [HTML] in
      [
        "\(history.zone.moment(call.began_ms))", "\(spelled(call.took_ms))",
        "\(names.title(call.account, call.api))", "\(call.lanes)", "\(call.outcome)",
        #"<bdi class="name">\#(cut(call.logID ?? "–"))</bdi>"#,
      ]
    }
    return HTMLTable(["Began", "#Took", "API", "#Lanes", "Outcome", "Log id"], rows).html
  }

  var keys: HTML {
    if history.keys.isEmpty { return #"<p class="none">Nothing was asked for by key.</p>"# }
    let rows = history.keys.map { key -> [HTML] in
      [
        #"<bdi class="name">\#(cut(names.title(key.account, key.name)))</bdi>"#, "\(key.asks)",
        "\(key.previews)",
      ]
    }
    return HTMLTable(["Key", "#Asks", "#Previews seen"], rows).html
  }
}

/// Text as one word of a shell, plain if nothing in it is special.
enum ShellWord {
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "/"), UInt8(ascii: ":"):
        true
      case UInt8(ascii: "-"): !text.hasPrefix("-")
      default: false
      }
    }
    return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: #"'\''"#))'"
  }
}
