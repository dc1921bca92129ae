import CLinux
import Testing

@testable import Basics

struct VersionTests {
  @Test func `the commit is shown behind the version if the build has named one`() {
    #expect(describeBuild(commit: "") == larkspurVersion)
    #expect(describeBuild(commit: "a1b2c3d4e") == "\(larkspurVersion) (a1b2c3d4e)")
    #expect(larkspurBuild == describeBuild(commit: String(cString: larkspur_commit())))
  }
}
