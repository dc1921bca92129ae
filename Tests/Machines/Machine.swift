import Larkspur
import Planning

/// A machine with a clock of its own, and the process that works on it.
final class Machine {
  let number: Int
  /// How much faster its clock is, in millionths. Two machines differ by less than 0.1 %.
  private let gain: Int
  private let wallError: Int
  private var bootedAt = 0
  private var boots = 0
  private var offset: Int
  var process: Process?
  /// Its process does not run before this moment.
  var stoppedUntil = 0
  /// Statements do not arrive, and replies do not come back, before these moments.
  var deafUntil = 0
  var muteUntil = 0

  init(_ number: Int, gain: Int, offset: Int, wallError: Int) {
    (self.number, self.gain, self.offset, self.wallError) = (number, gain, offset, wallError)
  }

  func reboot(at moment: Int) {
    boots += 1
    (bootedAt, offset) = (moment, 3_000)
  }

  func clock(at moment: Int) -> Int {
    let passed = moment - bootedAt
    return offset + passed + passed * gain / 1_000_000
  }

  /// The first moment at which its clock shows this.
  func moment(of clock: Int) -> Int {
    let passed = clock - offset
    var moment = bootedAt + passed - passed * gain / 1_000_000 - 2
    while self.clock(at: moment) < clock { moment += 1 }
    return moment
  }

  func reading(at moment: Int) -> ClockReading {
    ClockReading(
      wall: WallMoment(ms: 1_700_000_000_000 + moment + wallError),
      sinceBoot: BootMoment(ms: clock(at: moment)), boot: "machine-\(number)-\(boots)")
  }
}
