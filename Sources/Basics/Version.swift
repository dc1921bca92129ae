/// What all programs and the library say of themselves: they are released together.
package let larkspurVersion = "0.1.0"
