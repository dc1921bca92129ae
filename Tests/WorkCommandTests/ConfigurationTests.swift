import Delivery
import Foundation
import Testing

@testable import WorkCommand

/// A configuration file that is edited while the worker runs. These tests set the clock by hand.
final class ConfigurationTests {
  private let folder: URL
  private var file: URL { folder.appending(path: "config.json") }
  private var now_ms = 1_000
  private var told: [WorkEvent] = []

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func text(_ names: String...) -> String {
    let accounts = names.map { #""\#($0)":{"app_id":"cli_\#($0)","app_secret_env":"S"}"# }
    return #"{"accounts":{\#(accounts.joined(separator: ","))}}"#
  }

  /// Writes in place like `cat >`, or replaces the file by renaming, as editors do.
  private func write(_ text: String, inPlace: Bool = true) throws {
    try text.write(to: file, atomically: !inPlace, encoding: .utf8)
  }

  private func open() throws -> Configuration {
    try Configuration(file.path, clock_ms: { [unowned self] in now_ms })
  }

  private func look(_ configuration: Configuration, isAsked: Bool = false) -> [String]? {
    configuration.look(isAsked: isAsked) { told.append($0) }?.map(\.name)
  }

  private var problems: [String] {
    told.compactMap { if case .configurationUnusable(let why) = $0 { why } else { nil } }
  }

  private var isToldUnchanged: Bool {
    told.contains { if case .configurationUnchanged = $0 { true } else { false } }
  }

  @Test(arguments: [true, false])
  func `an edited file is read once, however it was written`(inPlace: Bool) throws {
    try write(text("a"))
    let configuration = try open()
    #expect(look(configuration) == nil)
    try write(text("a", "b"), inPlace: inPlace)
    #expect(look(configuration) == ["a", "b"])
    #expect(configuration.accounts.map(\.name) == ["a", "b"])
    #expect(look(configuration) == nil)
    #expect(told.isEmpty)
  }

  @Test func `its descriptor is readable when the file was written, and until that is looked at`()
    throws
  {
    try write(text("a"))
    let configuration = try open()
    let descriptor = try #require(configuration.descriptor)
    #expect(!isReadable(descriptor))
    try write(text("b"))
    #expect(isReadable(descriptor))
    _ = look(configuration)
    #expect(!isReadable(descriptor))
  }

  private func isReadable(_ descriptor: Int32) -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 0) > 0
  }

  @Test func `a file that cannot be used is reported once, and the next good one is taken`() throws
  {
    try write(text("a"))
    let configuration = try open()
    try write(#"{"accounts":"#)
    for _ in 0..<3 { #expect(look(configuration) == nil) }
    #expect(problems.count == 1)
    #expect(problems[0].hasPrefix("invalid configuration \(file.path): it is not valid JSON"))
    #expect(configuration.accounts.map(\.name) == ["a"])
    try write(text("b"))
    #expect(look(configuration) == ["b"])
    #expect(problems.count == 1)
  }

  @Test func `a broken file that is put back as it was is reported as usable`() throws {
    try write(text("a"))
    let configuration = try open()
    try write("{")
    _ = look(configuration)
    try write(text("a"))
    #expect(look(configuration) == nil)
    #expect(isToldUnchanged)
  }

  @Test func `while it is being written it is left alone`() throws {
    try write(text("a"))
    let configuration = try open()
    let writer = try FileHandle(forWritingTo: file)
    try writer.truncate(atOffset: 0)
    #expect(look(configuration) == nil)
    try writer.write(contentsOf: Data(text("a", "b").utf8.prefix(20)))
    #expect(look(configuration) == nil)
    try writer.write(contentsOf: Data(text("a", "b").utf8.dropFirst(20)))
    try writer.close()
    #expect(look(configuration) == ["a", "b"])
    #expect(told.isEmpty)
  }

  @Test func `a change of its permissions wakes the worker`() throws {
    try write(text("a"))
    let configuration = try open()
    let descriptor = try #require(configuration.descriptor)
    chmod(file.path, 0o640)
    #expect(isReadable(descriptor))
  }

  @Test func `permissions that change while it is being written do not have it read`() throws {
    try write(text("a"))
    let configuration = try open()
    let writer = try FileHandle(forWritingTo: file)
    try writer.truncate(atOffset: 0)
    try writer.write(contentsOf: Data(text("a", "b").utf8.prefix(20)))
    chmod(file.path, 0o640)
    #expect(look(configuration) == nil)
    #expect(told.isEmpty)
    try writer.write(contentsOf: Data(text("a", "b").utf8.dropFirst(20)))
    try writer.close()
    #expect(look(configuration) == ["a", "b"])
  }

  /// A link to another folder's configuration, of which there are two versions. `written` is when the
  /// second was written.
  private func makeVersions(written: Date) throws {
    for (version, text) in [("1", text("a")), ("2", text("a", "b"))] {
      let folder = folder.appending(path: "elsewhere/\(version)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let file = folder.appending(path: "c.json")
      try text.write(to: file, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes(
        [.modificationDate: written], ofItemAtPath: file.path)
    }
    symlink("1", folder.appending(path: "elsewhere/current").path)
    symlink("elsewhere/current/c.json", file.path)
  }

  /// The link is in a folder that is not watched.
  private func switchVersion() {
    let current = folder.appending(path: "elsewhere/current").path
    symlink("2", current + "_tmp")
    rename(current + "_tmp", current)
  }

  @Test func `a file that a link leads to is noticed when it is edited in place`() throws {
    try makeVersions(written: .now)
    let configuration = try open()
    let target = folder.appending(path: "elsewhere/1/c.json")
    try text("a", "b").write(to: target, atomically: false, encoding: .utf8)
    #expect(look(configuration) == ["a", "b"])
    // And so is the next one, after a link in between has changed.
    switchVersion()
    _ = look(configuration)
    now_ms += 1_000
    _ = look(configuration)
    let next = folder.appending(path: "elsewhere/2/c.json")
    try text("c").write(to: next, atomically: false, encoding: .utf8)
    #expect(look(configuration) == ["c"])
  }

  @Test func `a change without a notice counts at once if the file has long been written`() throws {
    try makeVersions(written: .now - 60)
    let configuration = try open()
    switchVersion()
    #expect(look(configuration) == ["a", "b"])
  }

  @Test func `a file that becomes readable is read`() throws {
    try write(text("a"))
    let configuration = try open()
    try FileManager.default.createDirectory(
      at: folder.appending(path: "new"), withIntermediateDirectories: true)
    try FileManager.default.removeItem(at: file)
    try FileManager.default.moveItem(at: folder.appending(path: "new"), to: file)
    #expect(look(configuration) == nil)
    #expect(problems.count == 1)
    try FileManager.default.removeItem(at: file)
    try write(text("b"))
    #expect(look(configuration) == ["b"])
  }

  @Test func `what was wrong outside the file is looked at again`() throws {
    let certificate = folder.appending(path: "ca.pem")
    try write(text("a"))
    let configuration = try open()
    let other =
      #"{"accounts":{"b":{"app_id":"b","app_secret_env":"S","ca_file":"\#(certificate.path)"}}}"#
    try write(other)
    #expect(look(configuration) == nil)
    #expect(problems.count == 1)
    try Self.certificate.write(to: certificate, atomically: false, encoding: .utf8)
    now_ms += 9_999
    _ = look(configuration)
    #expect(configuration.accounts.map(\.name) == ["a"])
    now_ms += 1
    #expect(look(configuration) == ["b"])
    #expect(problems.count == 1)
  }

  private static let certificate =
    "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"

  @Test func `a change without a notice counts once the file has stayed the same for a second`()
    throws
  {
    // The clock of the file's folder may be ahead.
    try makeVersions(written: .now + 3_600)
    let configuration = try open()
    switchVersion()
    #expect(look(configuration) == nil)
    now_ms += 999
    #expect(look(configuration) == nil)
    now_ms += 1
    #expect(look(configuration) == ["a", "b"])
    now_ms += 10_000
    #expect(look(configuration) == nil)
  }

  @Test func `a link that is pointed elsewhere is noticed, as of a mounted configuration`() throws {
    for (name, account) in [("old", "a"), ("new", "b")] {
      let version = folder.appending(path: name)
      try FileManager.default.createDirectory(at: version, withIntermediateDirectories: true)
      try text(account).write(
        to: version.appending(path: "config.json"), atomically: false, encoding: .utf8)
    }
    let data = folder.appending(path: "..data").path
    symlink("old", data)
    symlink("..data/config.json", file.path)
    let configuration = try open()
    symlink("new", data + "_tmp")
    rename(data + "_tmp", data)
    #expect(look(configuration) == ["b"])
  }

  @Test func `a file that is gone leaves the accounts as they were`() throws {
    try write(text("a"))
    let configuration = try open()
    try FileManager.default.removeItem(at: file)
    #expect(look(configuration) == nil && told.isEmpty)
    now_ms += 1_000
    #expect(look(configuration) == nil)
    #expect(problems.count == 1)
    #expect(configuration.accounts.map(\.name) == ["a"])
    try write(text("b"), inPlace: false)
    #expect(look(configuration) == ["b"])
  }

  @Test func `a person who asks for a reload always gets an answer`() throws {
    try write(text("a"))
    let configuration = try open()
    #expect(look(configuration, isAsked: true) == nil)
    #expect(isToldUnchanged)
    try write("{")
    for _ in 0..<2 { #expect(look(configuration, isAsked: true) == nil) }
    #expect(problems.count == 2)
  }

  @Test func `other files in its folder do not matter`() throws {
    try write(text("a"))
    let configuration = try open()
    try "x".write(to: folder.appending(path: "other"), atomically: true, encoding: .utf8)
    #expect(look(configuration) == nil)
    #expect(told.isEmpty)
  }

  @Test func `what came from a pipe is not read again`() throws {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data(text("a").utf8))
    try pipe.fileHandleForWriting.close()
    let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
    let configuration = try Configuration(path, clock_ms: { [unowned self] in now_ms })
    #expect(look(configuration) == nil)
    now_ms += 10_000
    #expect(look(configuration) == nil && told.isEmpty)
    #expect(look(configuration, isAsked: true) == nil)
    #expect(
      problems == ["cannot reload configuration \(path): it is not a regular file"])
  }
}
