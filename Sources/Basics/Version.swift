/// What all programs and the library say of themselves: they are released together.
package let larkspurVersion = "0.1.0"

/// When this version was released, as manual pages show it. It is not the day of the build, so that
/// the same source always gives the same pages.
package let larkspurDate = "December 1, 2026"
