import Larkspur
import QueueAccess
import Terminal

/// `init`: makes an empty queue, for programs that write plain SQL.
enum Init {
  static func run(_ global: GlobalOptions, group: String?) throws(Failure) {
    let place = try global.queue()
    let exists = QueueFile.exists(place.path)
    if let group {
      try place.makeFolders()
      // Before it is opened: SQLite gives the files beside it the queue's mode.
      try withSentences { () throws(QueueError) in
        try QueueGroup.share(place.path, with: group)
      }
    }
    _ = try place.intake()
    let shared = group.map { "; group '\(printable($0))' may read and write it" } ?? ""
    global.say(
      exists
        ? "queue \(printable(place.path)) exists already\(shared)"
        : "created queue \(printable(place.path))\(shared)")
    if global.wantsJSON {
      Output.result(
        JSONObject([
          ("queue", .text(place.path)), ("created", .bool(!exists)), ("group", .of(group)),
        ]).text)
    }
  }
}
