import Basics
import Foundation
import Glibc
import Testing

final class FileTests {
  private let folder: String

  init() throws {
    let made = FileManager.default.temporaryDirectory.appending(path: "basics-\(UUID())")
    try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    folder = made.path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, to name: String) throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
  }

  @Test(arguments: [
    ("a", "."), ("/a", "/"), ("/a/b", "/a"), ("a/b/", "a/b"), ("a/\u{301}b", "a"),
  ])
  func `the folder of a path ends before its last slash`(path: String, parent: String) {
    #expect(parentFolder(of: path) == parent)
  }

  @Test func `a link leads to its target, and a file leads nowhere`() throws {
    try write("", to: "file")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/link", withDestinationPath: "file")
    #expect(linkTarget("\(folder)/link") == "file")
    #expect(linkTarget("\(folder)/file") == nil)
    #expect(resolvedPath("\(folder)/link") == resolvedPath("\(folder)/file"))
    #expect(resolvedPath("\(folder)/missing") == nil)
  }

  @Test func `a file that is too large is not read`() throws {
    try write("four", to: "file")
    #expect(try TextFile.read("\(folder)/file", atMost: 4).get() == Array("four".utf8))
    #expect(throws: TextFile.Problem.self) {
      try TextFile.read("\(folder)/file", atMost: 3).get()
    }
  }

  @Test func `a watched folder tells which of its files was written, a watched file that it was`()
    throws
  {
    let events = UInt32(IN_CLOSE_WRITE)
    let ofFolder = try #require(FileNotices.watch(folder, for: events))
    defer { close(ofFolder) }
    try write("one", to: "first")
    let ofFile = try #require(FileNotices.watch("\(folder)/first", for: events))
    defer { close(ofFile) }
    try write("two", to: "second")
    try write("three", to: "first")
    #expect(names(ofFolder) == ["first", "second", "first"])
    #expect(names(ofFile) == [""])
    #expect(names(ofFolder) == [])
    #expect(FileNotices.watch("\(folder)/missing", for: events) == nil)
  }

  private func names(_ descriptor: Int32) -> [String] {
    var names: [String] = []
    FileNotices.take(from: descriptor) { _, name in names.append(name) }
    return names
  }
}
