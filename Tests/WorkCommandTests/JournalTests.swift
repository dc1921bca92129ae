import Testing

@testable import WorkCommand

struct JournalTests {
  @Test func `the variable names the device and the inode of the stream`() {
    #expect(Journal.isStream("8:1234", device: 8, inode: 1_234))
  }

  @Test(arguments: ["8:1235", "9:1234", "8", "", "8:1234:", ":", "8:", "8:x", "8:-1234"])
  func `another stream, or something else, is not it`(stream: String) {
    #expect(!Journal.isStream(stream, device: 8, inode: 1_234))
  }
}
