import Testing

@testable import Transport

/// Lines of libcurl's log, as 7.88 and 8.x write them.
struct StreamEvidenceTests {
  private func isRefused(_ lines: String...) -> Bool {
    var evidence = StreamEvidence()
    for line in lines { evidence.note(line) }
    return evidence.refusal != nil
  }

  private let ours = "Using Stream ID: 3 (easy handle 0x5566)\n"

  @Test func `a refused stream was not processed`() {
    #expect(isRefused("REFUSED_STREAM, retrying a fresh connect\n"))
  }

  @Test func `neither was a stream above the last one of a GOAWAY`() {
    #expect(isRefused(ours, "recveived GOAWAY, error=0, last_stream=1\n"))
    #expect(
      isRefused(
        "[HTTP/2] [3] OPENED stream for https://feishu.test/\n",
        "received GOAWAY, error=11, last_stream=1\n"))
    #expect(
      isRefused(
        ours, "received GOAWAY, error=0, last_stream=2147483647\n",
        "received GOAWAY, error=0, last_stream=1\n"))
  }

  @Test func `nothing else proves it`() {
    #expect(!isRefused(ours, "received GOAWAY, error=0, last_stream=3\n"))
    #expect(!isRefused(ours, "received GOAWAY, error=0, last_stream=2147483647\n"))
    #expect(!isRefused("received GOAWAY, error=0, last_stream=1\n"))
    #expect(!isRefused(ours, "HTTP/2 stream 3 was not closed cleanly: CANCEL (err 8)\n"))
    #expect(!isRefused(ours, "Connection died, retrying a fresh connect (retry count: 1)\n"))
    // A card may have any name.
    #expect(!isRefused(ours, "h2h3 [:path: /cards/REFUSED_STREAM, ]\n"))
    #expect(!isRefused(ours, "h2h3 [:path: /received GOAWAY, error=0, last_stream=1]\n"))
    #expect(!isRefused(ours, "received GOAWAY, error=0, last_stream=x\n", "received GOAWAY, \n"))
  }
}
