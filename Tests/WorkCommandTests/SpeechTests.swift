import Delivery
import Planning
import Terminal
import Testing

@testable import WorkCommand

/// What a run says, depending on its arguments and on who reads it.
struct SpeechTests {
  private let now = WallMoment(ms: 1_795_937_896_200)
  private var time: String { describeMoment(wall_ms: now.ms) }

  private func arguments(
    _ goal: WorkMode.Goal, limit: Int? = nil, log: WorkArguments.Log? = nil, quiet: Bool = false,
    json: Bool = false
  ) -> WorkArguments {
    var arguments = WorkArguments(mode: WorkMode(goal: goal, limit: limit))
    (arguments.log, arguments.isQuiet, arguments.wantsJSON) = (log, quiet, json)
    return arguments
  }

  private func speech(
    _ arguments: WorkArguments, terminal: Bool = false, journal: Bool = false
  ) -> Speech {
    Speech(of: arguments, onTerminal: terminal, inJournal: journal)
  }

  private func says(_ name: EventName, _ speech: Speech, hasStarted: Bool = true) -> String? {
    speech.text(EventSample.of(name).event, hasStarted: hasStarted, at: now)
  }

  @Test func `nothing but problems is said where nobody watches and the run has an end`() {
    #expect(speech(arguments(.once)).form == .problems)
    #expect(speech(arguments(.stay, limit: 55_000)).form == .problems)
    #expect(speech(arguments(.stay)).form == .lines)
    #expect(speech(arguments(.stay), terminal: true).form == .lines)
    #expect(speech(arguments(.untilEmpty), terminal: true).form == .progress)
    #expect(speech(arguments(.once, json: true)).form == .object)
    #expect(speech(arguments(.once, log: .json, json: true)).form == .json)
  }

  @Test func `a line that is replaced is for a person at a terminal`() {
    #expect(speech(arguments(.untilEmpty), terminal: true).isWatched)
    #expect(speech(arguments(.stay), terminal: true).isWatched)
    #expect(speech(arguments(.stay, limit: 55_000), terminal: true).isWatched)
    #expect(!speech(arguments(.stay, quiet: true), terminal: true).isWatched)
    #expect(!speech(arguments(.stay, log: .json), terminal: true).isWatched)
    #expect(!speech(arguments(.stay)).isWatched)
  }

  @Test func `what cron mails is a sentence, and a log has time and level`() {
    #expect(says(.storeFailed, speech(arguments(.once))) == "larkspur: retrying: it is full")
    for log in [arguments(.stay), arguments(.stay, quiet: true), arguments(.once, log: .text)] {
      #expect(says(.storeFailed, speech(log)) == "\(time) error   retrying: it is full")
    }
  }

  @Test func `to the journal every line says its priority`() {
    for run in [arguments(.stay), arguments(.once), arguments(.stay, quiet: true)] {
      #expect(says(.storeFailed, speech(run, journal: true)) == "<3>retrying: it is full")
    }
    #expect(says(.accountAdded, speech(arguments(.stay), journal: true))?.hasPrefix("<6>") == true)
  }

  @Test func `an error before the start answers the person who typed the command`() {
    let terminal = speech(arguments(.stay), terminal: true)
    #expect(
      says(.failed, terminal, hasStarted: false) == "larkspur: it is not JSON; correct it")
    #expect(says(.failed, terminal) == "\(time) error   it is not JSON; correct it")
    #expect(
      says(.failed, speech(arguments(.stay)), hasStarted: false)
        == "\(time) error   it is not JSON; correct it")
  }

  @Test(arguments: EventName.allCases)
  func `--quiet leaves nothing but errors of a worker that stays`(name: EventName) {
    let isSaid = says(name, speech(arguments(.stay, quiet: true))) != nil
    #expect(isSaid == (EventSample.of(name).level == .error))
  }

  @Test(arguments: EventName.allCases)
  func `a log of a worker that stays has every event`(name: EventName) {
    #expect(says(name, speech(arguments(.stay))) != nil)
  }

  @Test(arguments: EventName.allCases)
  func `a log in JSON has every event, also with --quiet`(name: EventName) {
    #expect(says(name, speech(arguments(.once, log: .json, quiet: true)))?.first == "{")
  }

  @Test func `a run with an end and without a log says nothing of calls, its start and its end`() {
    for name in [EventName.called, .started, .stopped] {
      #expect(says(name, speech(arguments(.once))) == nil)
      #expect(says(name, speech(arguments(.once), terminal: true)) == nil)
    }
  }

  @Test func `with --json, problems of a run are kept for the object at its end`() {
    let speech = speech(arguments(.once, json: true))
    #expect(says(.died, speech) == nil && says(.storeFailed, speech) == nil)
  }
}
