import Foundation
import Programs
import Testing

/// A queue whose file has another name: a hard link, or a mount of the file alone.
@Suite struct SecondNameTests {
  let place: Place
  let other: String

  init() throws {
    place = try Place()
    let folder = place.folder.appending(path: "elsewhere")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    other = folder.appending(path: "other.db").path
    try place.ask([.preview("first", for: .everyone)])
  }

  private func link() throws {
    try FileManager.default.linkItem(atPath: place.queue, toPath: other)
  }

  private func enqueue(_ token: String, at queue: String) throws -> Programs.Finished {
    try Programs.run(
      "larkspur", ["--db", queue, "enqueue", "preview", token, "--everyone"], place.environment)
  }

  @Test func `a worker does not start, and says how to find the other name`() throws {
    try link()
    for queue in [place.queue, other] {
      let run = try place.work("--once", "--db", queue)
      #expect(run.status == 74, "\(run.err)")
      let command = try #require(run.err.firstRange(of: "find /").map { run.err[$0.lowerBound...] })
      let found = try Programs.startOther("sh", ["-c", String(command)]).finish()
      #expect(Set(found.out.split(separator: "\n").map(String.init)) == [place.queue, other])
    }
    #expect(try place.records().allSatisfy { !$0.isPreview })
  }

  @Test func `what a worker under another name would never see is refused`() throws {
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.delivered()) == 1 })
    try link()
    let refused = try enqueue("second", at: other)
    #expect(refused.status == 74 && refused.out == "", "\(refused.err)")
    #expect(refused.err.contains("under another name") && refused.err.contains("-samefile"))
    let status = try Programs.run("larkspur", ["--db", other, "status"], place.environment)
    #expect(status.status == 74, "\(status.err)")
    // Under the worker's name the second name is noticed, and a warning says so.
    let accepted = try enqueue("third", at: place.queue)
    #expect(accepted.status == 0 && accepted.err.contains("has 2 names"), "\(accepted.err)")
    #expect(eventually { (try? place.delivered()) == 2 })
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }

  @Test func `without a worker enqueuing warns, and is silent once there is one name again`() throws
  {
    try link()
    let warned = try enqueue("second", at: place.queue)
    #expect(warned.status == 0 && warned.err.contains("has 2 names"), "\(warned.err)")
    try FileManager.default.removeItem(atPath: other)
    let usual = try enqueue("third", at: place.queue)
    #expect(usual.status == 0 && usual.err == "")
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 3)
  }

  @Test func `a folder in place of a queue is not said to have other names`() throws {
    let run = try Programs.run(
      "larkspur", ["--db", place.folder.path, "status"], place.environment)
    #expect(run.status == 74 && !run.err.contains("names"), "\(run.err)")
  }

  @Test(.enabled(if: Unshared.isTried, "nothing can be mounted here"))
  func `a file that is mounted by itself is refused by every program`() throws {
    #expect(FileManager.default.createFile(atPath: other, contents: nil))
    let commands = [
      ["larkspur", "enqueue", "preview", "second", "--everyone"], ["larkspur", "status"],
      ["larkspur", "list"], ["larkspur", "work", "--once"], ["larkspur-work", "--once"],
    ]
    for command in commands {
      let run = try Unshared.run(
        command[0], Array(command.dropFirst()),
        mounting: "mount --bind \(place.queue) \(other)",
        place.environment.merging(["LARKSPUR_DB": other]) { $1 })
      #expect(run.status == 74, "\(command): \(run.err)")
      #expect(run.err.contains("mount the folder, not the file"), "\(run.err)")
    }
    #expect(!FileManager.default.fileExists(atPath: other + "-wal"))
  }

  @Test(.enabled(if: Unshared.isTried, "nothing can be mounted here"))
  func `a folder that is mounted is fine`() throws {
    let folder = place.folder.appending(path: "elsewhere").path
    let run = try Unshared.run(
      "larkspur-work", ["--until-empty"],
      mounting: "mount --bind \(place.folder.path) \(folder)",
      place.environment.merging(["LARKSPUR_DB": folder + "/queue.db"]) { $1 })
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1)
  }
}
