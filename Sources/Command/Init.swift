import Larkspur
import QueueAccess
import Terminal

/// `init`: makes an empty queue, for programs that write plain SQL.
enum Init {
  static func run(_ global: GlobalOptions) throws(Failure) {
    let place = try global.queue()
    let exists = QueueFile.exists(place.path)
    _ = try place.intake()
    global.say(
      exists
        ? "queue \(printable(place.path)) exists already"
        : "created queue \(printable(place.path))")
    if global.wantsJSON {
      Output.result(
        JSONObject([("queue", .text(place.path)), ("created", .bool(!exists))]).text)
    }
  }
}
