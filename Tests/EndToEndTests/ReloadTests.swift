import Foundation
import Programs
import Testing

/// A worker whose configuration is edited while it runs.
@Suite(.serialized) struct ReloadTests {
  private let place: Place
  private var file: URL { place.folder.appending(path: "config.json") }

  init() throws {
    place = try Place(sandbox: ["--app", "cli_sandbox:sandbox", "--app", "cli_shop:shop"])
    place.set("LARKSPUR_CONFIG", file.path)
    place.set("SHOP_SECRET", "shop")
    // The environment's account `default` exists besides these.
    try configure()
  }

  /// The accounts in the file. All use the same app.
  private func configure(_ names: String..., more: String = "") throws {
    let host = place.environment["LARKSPUR_BASE_URL"] ?? ""
    let accounts = (["spare"] + names).map { name in
      #""\#(name)":{"host":"\#(host)","app_id":"cli_shop","app_secret_env":"SHOP_SECRET"\#(more)}"#
    }
    try write(#"{"accounts":{\#(accounts.joined(separator: ","))}}"#)
  }

  private func write(_ text: String) throws {
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  private func start() throws -> OwnSession {
    try OwnSession(.none, Programs.path("larkspur-work"), [], place.environment)
  }

  private func ask(_ token: String, _ account: String) throws -> Int {
    try place.ask([.preview(token, for: .everyone, account: account)])[0]
  }

  private func isDelivered(_ ask: Int) -> Bool {
    (try? place.number("select outcome = 'delivered' from ask where id = \(ask)")) == 1
  }

  private func isTold(_ text: String, by worker: OwnSession) -> Bool {
    eventually(within: 20) { worker.read().contains(text) }
  }

  @Test func `an idle worker takes an account over as soon as the file names it`() throws {
    let worker = try start()
    let early = try ask("a", "shop")
    #expect(isTold("account 'shop' has pending asks but is not configured", by: worker))
    try configure("shop")
    #expect(isTold("account 'shop' was added", by: worker))
    #expect(eventually(within: 20) { isDelivered(early) })
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test func `a removed account's asks wait, and the worker works on`() throws {
    try configure("shop")
    let worker = try start()
    let first = try ask("a", "shop")
    #expect(eventually(within: 20) { isDelivered(first) })
    try configure()
    #expect(isTold("account 'shop' was removed", by: worker))
    let waiting = try ask("b", "shop")
    let other = try ask("c", "default")
    #expect(eventually(within: 20) { isDelivered(other) })
    #expect(!isDelivered(waiting))
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test func `a broken file changes nothing until it is right again`() throws {
    let worker = try start()
    let first = try ask("a", "default")
    #expect(eventually(within: 20) { isDelivered(first) })
    try write(#"{"accounts":{"shop":"#)
    #expect(isTold("the configuration was not reloaded and no account has", by: worker))
    let other = try ask("b", "default")
    #expect(eventually(within: 20) { isDelivered(other) })
    try configure("shop")
    #expect(isTold("account 'shop' was added", by: worker))
    #expect(worker.read().components(separatedBy: "invalid configuration").count == 2)
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test func `SIGHUP without a terminal has it read again, and says what came of it`() throws {
    let worker = try start()
    let first = try ask("a", "default")
    #expect(eventually(within: 20) { isDelivered(first) })
    worker.send(SIGHUP)
    #expect(isTold("the configuration was reloaded; no account has changed", by: worker))
    try FileManager.default.removeItem(at: file)
    worker.send(SIGHUP)
    #expect(isTold("cannot read configuration", by: worker))
    #expect(worker.isRunning)
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }

  @Test func `no secret is told when it changes`() throws {
    let worker = try start()
    let first = try ask("a", "spare")
    #expect(eventually(within: 20) { isDelivered(first) })
    try configure(more: #","calls_per_second":2"#)
    #expect(isTold("account 'spare' was changed: calls_per_second", by: worker))
    let secret = place.folder.appending(path: "secret")
    try "shop\n".write(to: secret, atomically: true, encoding: .utf8)
    let text = try String(contentsOf: file, encoding: .utf8)
    try write(
      text.replacingOccurrences(
        of: #""app_secret_env":"SHOP_SECRET""#, with: #""app_secret_file":"\#(secret.path)""#))
    #expect(isTold("account 'spare' was changed: app_secret", by: worker))
    let second = try ask("b", "spare")
    #expect(eventually(within: 20) { isDelivered(second) })
    worker.send(SIGTERM)
    #expect(worker.end() == 0)
  }
}
