import Picture
import Testing

struct WindowTests {
  private static let hour = 3_600_000
  private static let now = 1_790_000_000_000

  @Test(arguments: [
    (60_000, 1_000), (300_000, 1_000), (1_800_000, 10_000), (4 * hour, 60_000),
    (24 * hour, 300_000),
    (72 * hour, 900_000), (168 * hour, hour), (900 * hour, 6 * hour),
  ])
  func `bars are as short as a few hundred of them allow`(span: Int, step: Int) {
    let window = Window(since_ms: span, now_ms: Self.now, first_ms: nil)
    #expect(window.step_ms == step)
    #expect(window.bars <= 362 && window.places(step: window.coarse_ms) <= 102)
    #expect(window.from_ms % step == 0 && window.to_ms % step == 0 && window.to_ms > Self.now)
    #expect(window.coarse_ms % step == 0 && window.row_ms % window.coarse_ms == 0)
  }

  @Test func `a history that begins later is shown from its beginning`() {
    let window = Window(since_ms: 24 * Self.hour, now_ms: Self.now, first_ms: Self.now - 25_000)
    #expect(window.step_ms == 1_000 && window.bars <= 27)
    let older = Window(since_ms: Self.hour, now_ms: Self.now, first_ms: 5)
    #expect(older.from_ms >= Self.now - Self.hour - older.step_ms)
  }

  @Test func `moments keep their places`() {
    let window = Window(since_ms: 24 * Self.hour, now_ms: Self.now, first_ms: nil)
    for place in [0, 1, 57, window.bars - 1] {
      let start = window.start(ofPlace: place, step: window.step_ms)
      #expect(window.place(start, step: window.step_ms) == place)
      #expect(window.place(start + window.step_ms - 1, step: window.step_ms) == place)
    }
    #expect(
      window.x(window.from_ms - 5, of: 100) == 0 && window.x(window.to_ms + 5, of: 100) == 100)
    #expect(window.x(window.from_ms + window.span_ms / 2, of: 100) == 50)
  }

  @Test func `below a chart are full hours of the local time`() {
    let zone = LocalZone(parts: [.init(from_ms: 0, offset_s: 20_700, name: "+0545")])
    let window = Window(since_ms: 24 * Self.hour, now_ms: Self.now, first_ms: nil)
    let ticks = window.ticks(zone)
    #expect((3...6).contains(ticks.count))
    #expect(ticks.allSatisfy { $0.text.hasSuffix(":00") }, "\(ticks)")
    for span in [10_000, 61_000, 3_000_000, 700 * Self.hour, 80_000 * Self.hour] {
      let ticks = Window(since_ms: span, now_ms: Self.now, first_ms: nil).ticks(.utc)
      #expect((1...7).contains(ticks.count), "\(span) \(ticks)")
    }
  }
}

struct LocalZoneTests {
  @Test(arguments: [
    (0, 0, "1970-01-01 00:00:00"), (951_782_400_000, 0, "2000-02-29 00:00:00"),
    (1_790_000_000_000, 28_800, "2026-09-21 22:13:20"), (-1, 0, "1969-12-31 23:59:59"),
    (1_798_761_599_000, -12_600, "2026-12-31 20:29:59"),
  ])
  func `moments are local`(ms: Int, offset: Int, text: String) {
    let zone = LocalZone(parts: [.init(from_ms: .min, offset_s: offset, name: "X")])
    #expect(zone.moment(ms) == text)
  }

  @Test func `a zone is named, and both of them if the clocks are set`() {
    #expect(LocalZone.utc.title == "UTC")
    let summer = LocalZone.Part(from_ms: 0, offset_s: 7_200, name: "CEST")
    let winter = LocalZone.Part(from_ms: 1_000_000, offset_s: 3_600, name: "CET")
    let zone = LocalZone(parts: [summer, winter])
    #expect(zone.title == "CEST (UTC+02:00), then CET (UTC+01:00)")
    #expect(zone.second(999_000) == "02:16:39" && zone.second(1_000_000) == "01:16:40")
    #expect(
      LocalZone(parts: [.init(from_ms: 0, offset_s: -12_600, name: "NST")]).title
        == "NST (UTC-03:30)")
  }
}
