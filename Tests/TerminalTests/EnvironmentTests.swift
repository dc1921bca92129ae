import Glibc
import Terminal
import Testing

struct EnvironmentTests {
  @Test func `a variable that is not UTF-8 is refused, and an empty one counts as unset`() async {
    await #expect(processExitsWith: .success) {
      setenv("LARKSPUR_TEST", [CChar(bitPattern: 0xFF), 0], 1)
      let failure = #expect(throws: Failure.self) { try environmentVariable("LARKSPUR_TEST") }
      try #require(failure?.code == .usage)
      setenv("LARKSPUR_TEST", "", 1)
      try #require(try environmentVariable("LARKSPUR_TEST") == nil)
    }
  }

  @Test(arguments: [
    (["XDG_CONFIG_HOME": "/config", "HOME": "/home/a"], "/config"),
    (["XDG_CONFIG_HOME": "relative", "HOME": "/home/a"], "/home/a/.config"),
    (["HOME": "/home/a"], "/home/a/.config"),
    ([:], nil),
  ])
  func `a relative XDG folder is ignored`(variables: [String: String], folder: String?) throws {
    let found = try userFolder("XDG_CONFIG_HOME", else: ".config") { variables[$0] }
    #expect(found == folder)
  }
}
