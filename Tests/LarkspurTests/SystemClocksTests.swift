import Testing

@testable import Larkspur

struct SystemClocksTests {
  @Test(arguments: [
    ("monotonic           0         0\nboottime          100         0\n", 100_000_000_000),
    ("monotonic  5  0\nboottime  -2  999000000\n", -1_001_000_000),
    ("boottime 0 0", 0),
  ])
  func `a time namespace says by how much its clock is ahead`(text: String, offset: Int) {
    #expect(TimeNamespace.boottime(in: text) == offset)
  }

  @Test(arguments: ["", "monotonic 1 0", "boottime", "boottime x 0", "boottime 1"])
  func `what it does not say is not known`(text: String) {
    #expect(TimeNamespace.boottime(in: text) == nil)
  }

  @Test func `the machine's start has a name here`() {
    #expect(SystemClocks.bootID() != nil)
    #expect(SystemClocks.bootID() == SystemClocks.bootID())
  }
}
