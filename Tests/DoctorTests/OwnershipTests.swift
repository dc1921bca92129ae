import Basics
import Delivery
import Foundation
import Larkspur
import Terminal
import Testing

@testable import Doctor

/// Advice about owners and modes that helps, and takes nothing from anybody.
struct OwnershipTests {
  private static let path = "/var/lib/larkspur/queue.db"

  private func owner(
    queue: FileFacts, folder: FileFacts, lock: FileFacts? = nil, viewer: uid_t
  ) -> Finding {
    OwnershipCheck(path: Self.path, viewer: Viewer(user: viewer))
      .owner(queue, lock.map { [(Self.path + ".worker", $0)] } ?? [], folder: folder)
  }

  @Test(arguments: [(viewer: 3_000_001, sudo: "sudo "), (viewer: 0, sudo: "")])
  func `root's queue in the worker's folder is wrong, and the fix gives it to the worker`(
    viewer: uid_t, sudo: String
  ) {
    let finding = owner(
      queue: .of(0, 0o600), folder: .of(3_000_001, 0o2770), lock: .of(3_000_001, 0o660),
      viewer: viewer)
    #expect(
      finding
        == .wrong(
          .owner,
          "the queue belongs to root, but its folder and the last worker are uid 3000001's, who cannot "
            + "write it",
          fix:
            "\(sudo)chown 3000001:3000001 \(Self.path)*, or \(sudo)larkspur init --group 3000001 --db "
            + Self.path))
    let unworked = owner(queue: .of(0, 0o600), folder: .of(3_000_001, 0o700), viewer: viewer)
    #expect(
      unworked.summary
        == "the queue belongs to root, but its folder is uid 3000001's, who cannot write it")
    #expect(unworked.fix == "\(sudo)chown 3000001:3000001 \(Self.path)*")
  }

  @Test func `a worker that runs as root may have its queue in a folder of another user`() {
    let finding = owner(
      queue: .of(0, 0o600), folder: .of(3_000_001, 0o700), lock: .of(0, 0o600), viewer: 0)
    #expect(finding.grade == .fine)
  }

  @Test func `a queue in a folder for everybody's files belongs to who made it`() {
    let finding = owner(
      queue: .of(3_000_001, 0o600), folder: .of(3_000_002, 0o1777), viewer: 3_000_001)
    #expect(finding.grade == .fine)
  }

  @Test(arguments: [0o2550, 0o2750, 0o755] as [mode_t])
  func `a queue that is shared in a folder that is not is wrong`(mode: mode_t) throws {
    let bench = try Bench()
    chmod(try bench.makeQueue(), 0o660)
    chmod(bench.folder, mode)
    let finding = try #require(
      OwnershipCheck(path: bench.queue).findings().first { $0.code == .fileMode })
    let group = Names.ofGroup(try #require(FileFacts(bench.queue)).group)
    #expect(finding.grade == .wrong)
    #expect(finding.summary.hasPrefix("the queue is shared with group \(group), but its folder "))
    #expect(finding.fix == "larkspur init --group \(group) --db \(bench.queue)")
  }

  @Test func `files that the group cannot use in its folder are wrong, whichever they are`() throws
  {
    let bench = try Bench()
    chmod(try bench.makeQueue(), 0o600)
    try bench.write("", to: "queue.db.worker", mode: 0o660)
    chmod(bench.folder, 0o2770)
    let finding = try #require(
      OwnershipCheck(path: bench.queue).findings().first { $0.code == .fileMode })
    #expect(finding.grade == .wrong && finding.summary.contains("\(bench.queue) is not"))
    #expect(finding.fix?.hasPrefix("larkspur init --group ") == true)
  }

  @Test func `the fix of a closed folder of a shared queue keeps it shared`() throws {
    let bench = try Bench()
    chmod(try bench.makeQueue(), 0o660)
    chown(bench.queue, geteuid() == 0 ? 65_534 : geteuid(), gid_t.max)
    chmod(bench.folder, 0o2550)
    let finding = FolderCheck.finding(of: bench.queue, isReadOnly: false)
    #expect(finding.grade == .wrong)
    #expect(finding.fix?.hasPrefix("larkspur init --group ") == true, "\(finding.line)")
  }

  @Test func `a folder of another user is given to the queue's owner`() throws {
    guard geteuid() == 0 else { return }
    let bench = try Bench()
    chown(try bench.makeQueue(), 65_534, 65_534)
    chmod(bench.folder, 0o755)
    let finding = FolderCheck.finding(of: bench.queue, isReadOnly: false)
    #expect(finding.fix == "chown \(Names.ofUser(65_534)) \(bench.folder)")
  }
}

struct SecretOwnerTests {
  private func finding(_ file: String, viewer: uid_t, owner: uid_t?) throws -> Finding {
    let account = AccountSettings(
      name: "shop", host: "https://open.feishu.cn", appID: "cli_1", secret: .file(file))
    let check = SecretCheck(account: account, owner: owner, viewer: Viewer(user: viewer)) { _ in
      .failure(SecretProblem("cannot read secret file \(file): permission denied"))
    }
    return try #require(check.findings().first { $0.code == .secret })
  }

  @Test func `the fix of a secret that its owner cannot read lets the owner read it`() throws {
    let bench = try Bench()
    let file = try bench.write("s3cret\n", to: "secret", mode: 0)
    let user = Names.ofUser(geteuid())
    let found = try finding(file, viewer: geteuid(), owner: geteuid())
    #expect(found.grade == .wrong)
    #expect(found.fix?.hasSuffix(": chown \(user) \(file) && chmod 600 \(file)") == true)
  }
}
