import Planning
import Testing

@testable import Larkspur

/// A heartbeat as it is written in the lock file.
struct HeartbeatTextTests {
  private let heartbeat = Heartbeat(
    pid: 4_711, version: "0.1.0", boot: "8f-1 boottime+0", started: WallMoment(ms: 1_000),
    look: .init(
      wall: WallMoment(ms: 2_000), sinceBoot: BootMoment(ms: 300), next: BootMoment(ms: 60_300),
      lastCall: WallMoment(ms: 1_900), lastSuccess: WallMoment(ms: 1_800),
      stuck: [
        Stuck(.unreachable, account: "shop", why: "no route"),
        Stuck(.refused, account: "-", calls: "preview, card", why: "230001 nein: “é”"),
        Stuck(.queue, account: nil, why: "locked"),
      ], stuckMore: 5))

  private func read(_ text: String) -> Heartbeat? { HeartbeatText.read(Array(text.utf8)) }

  @Test func `it is lines of a key and a value`() {
    #expect(
      HeartbeatText.write(heartbeat).hasPrefix(
        """
        larkspur heartbeat 1
        pid 4711
        version 0.1.0
        boot 8f-1 boottime+0
        started_ms 1000
        looked_ms 2000
        looked_boot_ms 300
        next_boot_ms 60300
        called_ms 1900
        succeeded_ms 1800
        stuck unreachable shop * no route
        stuck refused - preview,card 230001 nein: “é”
        stuck queue * * locked
        more 5
        end \

        """.dropLast()))
  }

  @Test func `what is written is what is read, whatever follows`() {
    let text = HeartbeatText.write(heartbeat)
    #expect(read(text) == heartbeat)
    #expect(read(text + "     \nend 0\n") == heartbeat)
    var bare = heartbeat
    bare.boot = nil
    bare.look = .init(wall: .zero, sinceBoot: .zero, next: .zero)
    #expect(read(HeartbeatText.write(bare)) == bare)
  }

  @Test func `torn at any byte, it is none`() {
    let bytes = Array(HeartbeatText.write(heartbeat).utf8)
    for count in 0..<(bytes.count - 1) {
      #expect(HeartbeatText.read(Array(bytes.prefix(count))) == nil, "\(count) bytes")
      #expect(HeartbeatText.read(Array(bytes.suffix(count))) == nil, "the last \(count) bytes")
    }
  }

  @Test func `with any byte changed, it is none`() {
    var bytes = Array(HeartbeatText.write(heartbeat).utf8)
    // The line break at the end is not checked.
    for place in bytes.indices.dropLast() {
      bytes[place] ^= 1
      #expect(HeartbeatText.read(bytes) == nil, "byte \(place)")
      bytes[place] ^= 1
    }
  }

  @Test func `half of one and half of another are none`() {
    var later = heartbeat
    later.look.wall = WallMoment(ms: 3_000)
    let (first, second) = (HeartbeatText.write(heartbeat).utf8, HeartbeatText.write(later).utf8)
    let middle = first.count / 2
    #expect(
      HeartbeatText.read(Array(first.prefix(middle)) + Array(second.dropFirst(middle))) == nil)
  }

  @Test(arguments: [
    [], [0], [UInt8](repeating: 0, count: 4_000), [UInt8](repeating: 0xff, count: 4_000),
    Array("process 12\n".utf8), Array("larkspur heartbeat 1\nend \n".utf8),
    Array("larkspur heartbeat 1\npid x\nend 0000000000000000\n".utf8),
  ])
  func `what somebody else has left is none`(bytes: [UInt8]) {
    #expect(HeartbeatText.read(bytes) == nil)
  }

  private func signed(_ text: String) -> String {
    let sum = String(StableHash.of(text.utf8), radix: 16)
    return "\(text)end \(String(repeating: "0", count: 16 - sum.count))\(sum)\n"
  }

  private let least = """
    larkspur heartbeat 1
    pid 1
    version 1
    started_ms 1
    looked_ms 1
    looked_boot_ms 1
    next_boot_ms 1

    """

  @Test func `lines of a later version are left out, and so are reasons of one`() {
    #expect(read(signed(least))?.pid == 1)
    let later = read(signed(least + "mood fine\nstuck by_magic * * why\nstuck queue * * full\n"))
    #expect(later?.look.stuck == [Stuck(.queue, account: nil, why: "full")])
  }

  @Test func `numbers that nobody can mean are bounded`() {
    let text = least.replacing("looked_ms 1", with: "looked_ms \(Int.max)")
    #expect(read(signed(text))?.look.wall.ms == Int.most)
    #expect(read(signed(least.replacing("pid 1", with: "pid 99999999999999999999"))) == nil)
  }

  @Test func `it never outgrows its place, and counts what finds none`() {
    var crowded = heartbeat
    let why = String(repeating: "飞书", count: 2_000)
    crowded.version = why
    crowded.look.stuck = (0..<20).map {
      Stuck(.noSecret, account: String(repeating: "a", count: 62) + "\($0)", why: why)
    }
    let text = HeartbeatText.write(crowded)
    #expect(text.utf8.count <= HeartbeatText.bytesMost)
    let look = read(text)?.look
    #expect((10..<20).contains(look?.stuck.count ?? 0))
    #expect((look?.stuck.count ?? 0) + (look?.stuckMore ?? 0) == 25)
    #expect(look?.stuck.allSatisfy { $0.why.hasSuffix("飞…") || $0.why.hasSuffix("书…") } == true)
  }

  @Test func `a text of a server stays on its line and moves no cursor`() {
    var hostile = heartbeat
    hostile.look.stuck = [Stuck(.refused, account: "a", why: "no\nend 0\r\u{1b}[2J\u{202e}x")]
    let text = HeartbeatText.write(hostile)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    #expect(read(text)?.look.stuck.map(\.why) == ["no end 0  [2J x"])
  }
}
