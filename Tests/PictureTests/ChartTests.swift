import Testing

@testable import Picture

struct BarPlotTests {
  private func plot(_ counts: [[Int]], limit: Int?) -> BarPlot {
    BarPlot(
      counts.enumerated().map { BarPlot.Series("s\($0)", $1) }, limit: limit, description: "a & b")
  }

  @Test func `a limit far above the bars is left out`() {
    #expect(plot([[3, 4]], limit: 10).line == 10)
    #expect(plot([[30, 40]], limit: 160).line == 160)
    #expect(plot([[30, 40]], limit: 161).line == nil)
    #expect(plot([[1]], limit: nil).line == nil)
  }

  @Test func `a few calls among thousands are seen, on top of the others`() {
    let html = plot([[2_000, 0], [1, 0]], limit: nil).html.source
    #expect(html.contains(#"<path class="s0" d="M1 1000V101h8V1000z"/>"#))
    #expect(html.contains(#"<path class="s1" d="M1 101V86h8V101z"/>"#))
  }

  @Test func `it is described in words, which are escaped`() {
    #expect(plot([[1]], limit: nil).html.source.contains(#"aria-label="a &amp; b""#))
  }
}

struct AgeMapTests {
  @Test func `rows grow as the waits do, and the last has no bound`() {
    #expect(AgeMap.row(of: 0) == 0 && AgeMap.row(of: AgeMap.bounds[0]) == 0)
    #expect(AgeMap.row(of: AgeMap.bounds[0] + 1) == 1)
    #expect(AgeMap.row(of: .max) == AgeMap.bounds.count)
  }

  @Test func `the darkest cell has the most asks, and a single one is seen`() {
    #expect(AgeMap.shade(1_000, most: 1_000) == 5 && AgeMap.shade(1, most: 1) == 5)
    #expect(AgeMap.shade(300, most: 1_000) == 4 && AgeMap.shade(1, most: 1_000) == 1)
  }
}

struct AmountsTests {
  @Test(arguments: [
    (0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (4_250, "4.2 s"), (59_999, "59 s"),
    (60_000, "1 min"), (90_000, "1.5 min"), (7_200_000, "2 h"), (200_000_000, "2.3 days"),
    (-5, "0 ms"),
  ])
  func `a span has two digits and a unit`(span: Int, text: String) {
    #expect(spelled(span) == text)
  }
}

struct PolicyTests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `base64 is that of RFC 4648`(text: String, encoded: String) {
    #expect(Policy.base64(Array(text.utf8)) == encoded)
  }

  @Test func `a hash is named as browsers compute it`() {
    #expect(Policy.hash("") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
  }
}

struct HoveringTests {
  @Test func `counts of a bar are written without the zeros at their end`() {
    let window = Window(since_ms: 10_000, now_ms: Example.now, first_ms: nil)
    let counts = [Int](repeating: 0, count: window.bars)
    var (one, two) = (counts, counts)
    one[0] = 3
    two[1] = 4
    let html = Hovering.bars([.init("a", one), .init("b", two)], window).source
    #expect(html.contains(#"data-bars="3,0.4,,"#))
  }

  @Test func `the script knows when the clocks are set`() {
    let zone = LocalZone(parts: [
      .init(from_ms: .min, offset_s: 3_600, name: "CET"),
      .init(from_ms: 1_000, offset_s: 7_200, name: "CEST"),
    ])
    #expect(Hovering.zone(zone) == "0:3600 1000:7200")
  }
}
