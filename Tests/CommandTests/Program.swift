import Foundation
import Larkspur
import Testing

/// A folder of its own with a queue in it, and the built program to run on it.
final class Workplace {
  let folder: String
  var queue: String { "\(folder)/queue.db" }

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/larkspur-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Beside the test bundle, where the build puts both.
  static let program: String = {
    let test = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: test).deletingLastPathComponent().path + "/larkspur"
  }()

  func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// What the first ask or sighting says.
  var created: String { "larkspur: created queue \(queue); no worker has looked at it yet\n" }

  /// Runs `larkspur --db QUEUE …` to its end.
  func run(_ words: String..., input: String = "") throws -> Ended {
    try start(["--db", queue] + words, input: input).wait()
  }

  /// Runs the program with exactly these words and variables.
  func runPlain(_ words: [String], variables: [String: String] = [:]) throws -> Ended {
    try start(words, input: "", variables: variables).wait()
  }

  /// Runs a line of shell in which `$0` is the program and `$1` the queue.
  func shell(_ line: String) throws -> Ended {
    try start(["-c", line, Self.program, queue], input: "", program: "/bin/sh").wait()
  }

  func start(
    _ words: [String], input: String = "", variables: [String: String] = [:],
    program: String = Workplace.program
  ) throws -> Running {
    try Running(words, input: input, variables: variables, program: program, in: folder)
  }

  /// Changes the queue as a worker would.
  func asWorker(_ sql: String) throws {
    let db = try QueueFile.open(queue, creating: false)
    db.runNoTriggers()
    try db.run(script: sql)
  }

  func number(_ sql: String) throws -> Int? {
    try QueueFile.open(queue, creating: false).prepareAndRead(sql)
  }
}

extension Connection {
  fileprivate borrowing func prepareAndRead(_ sql: String) throws -> Int? {
    let statement = try prepare(sql)
    return try statement.step() ? statement.int(0) : nil
  }
}

/// How a run of the program ended.
struct Ended: Equatable {
  let code: Int32
  let output: String
  let sentences: String
}

/// A run of the program. It is ended after `longest`, so that no test hangs.
final class Running {
  private let process = Process()
  private let output = Pipe()
  private let sentences: String
  private static let longest = 60.0

  fileprivate init(
    _ words: [String], input: String, variables: [String: String], program: String,
    in folder: String
  ) throws {
    sentences = "\(folder)/sentences-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: sentences))
    let inputPath = "\(folder)/input-\(UUID().uuidString)"
    try Data(input.utf8).write(to: URL(fileURLWithPath: inputPath))
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = words
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder].merging(variables) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle(forReadingAtPath: inputPath)
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: sentences)
    try process.run()
    let number = process.processIdentifier
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.longest) { [weak process] in
      if process?.isRunning == true { kill(number, SIGKILL) }
    }
  }

  /// The first line of the results, as soon as it is written.
  func firstLine() -> String {
    var line = ""
    while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte != Data([0x0A]) {
      line += String(decoding: byte, as: UTF8.self)
    }
    return line
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  func wait() throws -> Ended {
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Ended(
      code: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: String(decoding: data, as: UTF8.self),
      sentences: try String(contentsOfFile: sentences, encoding: .utf8))
  }
}
