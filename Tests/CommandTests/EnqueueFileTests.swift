import Foundation
import Larkspur
import Terminal
import Testing

@testable import Command

/// `enqueue preview --from`, with the built program.
struct EnqueueFileTests {
  let place: Workplace
  private let two = #"{"token":"A","everyone":true}"# + "\n" + #"{"token":"B","open_ids":["ou_1"]}"#

  init() throws { place = try Workplace() }

  @Test func `every line becomes an ask, from a file or through a pipe`() throws {
    let file = try place.write("\u{feff}\(two)", to: "asks")
    #expect(try place.run("enqueue", "preview", "--from", file).output == "2 asks\n")
    let json = try place.run("enqueue", "preview", "--from", "-", "--json", input: two)
    #expect(json == Ended(code: 0, output: #"{"asks":2,"first":3,"last":4}"# + "\n", sentences: ""))
    let piped = try place.shell(#"cat asks | "$0" --db "$1" enqueue preview --from -"#)
    #expect(piped.output == "2 asks\n")
    #expect(try place.number("select count(*) from ask") == 6)
  }

  @Test func `more lines than one transaction takes arrive in order`() throws {
    let lines = (1...1_234).map { #"{"token":"t\#($0)","open_ids":["ou_1"]}"# }
    let ended = try place.run(
      "enqueue", "preview", "--from", "-", "--account", "shop", "--after", "1s",
      input: lines.joined(separator: "\r\n"))
    #expect(ended == Ended(code: 0, output: "1234 asks\n", sentences: place.created))
    #expect(
      try place.number(
        """
        select count(*) from ask where lane = 't' || id and account = 'shop' and after_ms = 1000
          and body = '{"open_ids":["ou_1"]}'
        """) == 1_234)
  }

  @Test func `a line may be urgent, or the only one that is not`() throws {
    let lines = """
      {"token":"A","everyone":true,"urgent":true}
      {"token":"B","everyone":true,"urgent":false}
      {"token":"C","everyone":true}
      """
    #expect(try place.run("enqueue", "preview", "--from", "-", input: lines).code == 0)
    #expect(try place.run("enqueue", "preview", "--from", "-", "--urgent", input: lines).code == 0)
    #expect(
      try place.number(
        """
        select group_concat(lane || urgent) = 'A1,B0,C0,A1,B0,C1' from ask
        where body = '{"everyone":true}'
        """) == 1)
    let wrong = #"{"token":"A","everyone":true,"urgent":1}"#
    let ended = try place.run("enqueue", "preview", "--from", "-", input: wrong)
    #expect(ended.code == 65)
    #expect(ended.sentences.contains("line 1: its \"urgent\" is not true or false"))
  }

  @Test func `one wrong line keeps all others out, and says where it is`() throws {
    let file = try place.write("\(two)\n\n{\"token\":\"C\"}\n", to: "asks")
    let ended = try place.run("enqueue", "preview", "--from", file)
    #expect(ended.code == 65 && ended.output == "")
    #expect(ended.sentences.hasPrefix("larkspur: line 4: no audience: give"))
    #expect(
      ended.sentences.contains("nothing was enqueued: 1 of 3 lines in \(file) cannot be used;"))
    #expect(try place.number("select count(*) from ask") == 0)
  }

  @Test func `ten wrong lines are listed and the others counted`() throws {
    let wrong = String(repeating: "[]\n", count: 25)
    let ended = try place.run("enqueue", "preview", "--from", "-", input: wrong)
    #expect(ended.code == 65)
    #expect(ended.sentences.components(separatedBy: "it is not a JSON object").count == 11)
    #expect(ended.sentences.contains("… and 15 more lines\n"))
  }

  @Test func `a file that is cut off is recognised`() throws {
    let cut = try place.write(String(two.dropLast(5)), to: "cut")
    let ended = try place.run("enqueue", "preview", "--from", cut)
    #expect(ended.code == 65)
    #expect(
      ended.sentences.contains(
        "line 2: it is not a JSON object; the file ends in the middle of this line and seems to be "
          + "cut off"))
  }

  @Test func `what the options say of all lines is not blamed on a line`() throws {
    let ended = try place.run(
      "enqueue", "preview", "--from", "-", "--account", "not a name", input: two)
    #expect(ended.code == 65)
    #expect(ended.sentences.hasPrefix("larkspur: an account name is 1 to 64 letters"))
    #expect(!ended.sentences.contains("line"))
  }

  @Test func `nothing is a list too`() throws {
    let ended = try place.run("enqueue", "preview", "--from", "-", "--json")
    #expect(ended.output == #"{"asks":0,"first":null,"last":null}"# + "\n" && ended.code == 0)
    #expect(try place.run("enqueue", "preview", "--from", "-").output == "0 asks\n")
  }

  @Test(arguments: [
    ("nowhere", "cannot read nowhere: no such file or directory"), (".", "is a folder, not a file"),
  ])
  func `a file that cannot be read is missing`(path: String, why: String) throws {
    let ended = try place.run("enqueue", "preview", "--from", path)
    #expect(ended.code == 66 && ended.sentences.contains(why))
  }

  @Test func `a signal during the check stops before anything is written`() async {
    await #expect(processExitsWith: .exitCode(130)) {
      let place = try Workplace()
      let line = #"{"token":"A","everyone":true}"# + "\n"
      var global = GlobalOptions()
      global.database = place.queue
      let file = try place.write(String(repeating: line, count: 200), to: "asks")
      // From here on the signal is blocked and stays pending until the program looks for it.
      _ = StopRequest()
      raise(SIGINT)
      let failure = #expect(throws: Failure.self) {
        try EnqueueFile(aim: .preview, source: file).run(global)
      }
      #expect(failure?.sentence == "stopped while checking the lines; nothing was enqueued")
      #expect(try place.number("select count(*) from ask") == 0)
      // `exit` runs no cleanup.
      try FileManager.default.removeItem(atPath: place.folder)
      exit(failure?.code.rawValue ?? 0)
    }
  }
}
