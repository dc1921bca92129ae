import Glibc
import Terminal
import Testing

struct EnvironmentTests {
  @Test func `a variable that is not UTF-8 is refused, and an empty one counts as unset`() async {
    await #expect(processExitsWith: .success) {
      setenv("LARKSPUR_TEST", [CChar(truncatingIfNeeded: 0xFF), 0], 1)
      let failure = #expect(throws: Failure.self) { try environmentVariable("LARKSPUR_TEST") }
      try #require(failure?.code == .usage)
      setenv("LARKSPUR_TEST", "", 1)
      try #require(try environmentVariable("LARKSPUR_TEST") == nil)
    }
  }

  @Test func `a relative XDG folder is ignored`() throws {
    func folder(_ variables: [String: String]) throws(Failure) -> String? {
      try userFolder("XDG_CONFIG_HOME", else: ".config") { variables[$0] }
    }
    #expect(try folder(["XDG_CONFIG_HOME": "/config", "HOME": "/home/a"]) == "/config")
    #expect(try folder(["XDG_CONFIG_HOME": "rel", "HOME": "/home/a"]) == "/home/a/.config")
    #expect(try folder(["HOME": "/home/a"]) == "/home/a/.config")
    #expect(try folder([:]) == nil)
  }
}
