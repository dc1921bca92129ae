import CLinux

/// What all programs and the library say of themselves: they are released together.
package let larkspurVersion = "0.1.0"

/// When this version was released, as manual pages show it. It is not the day of the build, so that
/// the same source always gives the same pages.
package let larkspurDate = "December 1, 2026"

/// What `--version` prints: `0.1.0 (a1b2c3d4e)`, or only the version if the build named no commit.
package let larkspurBuild = describeBuild(commit: String(cString: larkspur_commit()))

func describeBuild(commit: String) -> String {
  commit.isEmpty ? larkspurVersion : "\(larkspurVersion) (\(commit))"
}
