import Larkspur
import QueueAccess
import Terminal

/// `saw TOKEN`: one sighting, given on the command line itself.
struct Saw: Equatable {
  var token: String
  var keys: [String]
  var url: String?
  var chat: String?
  var openID: String?

  func run(_ global: GlobalOptions) throws(Failure) {
    let place = try global.queue()
    let new = NewQueue(place)
    let intake = try place.intake()
    try run(
      global,
      on: { (sightings) throws(Failure) in
        try withSentences { () throws(QueueError) in try intake.saw(sightings) }
      })
    new.tell(global)
  }

  func run(
    _ global: GlobalOptions, on write: ([Sighting]) throws(Failure) -> Void
  ) throws(Failure) {
    let sighting = Sighting(
      token, keys: keys, url: url, chat: chat, openID: openID, account: global.accountToAsk)
    try write([sighting])
    Output.result(SightingCounts(recorded: 1).text(asJSON: global.wantsJSON))
  }
}

/// How many sightings were recorded, and how many previews of drafts were skipped.
struct SightingCounts: Equatable {
  var recorded = 0
  var skipped = 0

  func text(asJSON: Bool) -> String {
    if asJSON {
      return JSONObject([("recorded", .int(recorded)), ("skipped", .int(skipped))]).text
    }
    let sightings = "\(recorded) sighting\(recorded == 1 ? "" : "s")"
    return skipped == 0
      ? sightings : "\(sightings), \(skipped) draft\(skipped == 1 ? "" : "s") skipped"
  }
}
