import Planning
import Testing

@testable import Larkspur

struct AudienceCacheTests {
  private func audience(_ number: Int, size: Int) -> Audience {
    Audience(of: (0..<size).map { "ou_\(number)_\($0)" })
  }

  @Test func `what is used stays, what is not goes`() {
    var shelf = AudienceCache()
    for number in 1...2_000 {
      shelf.keep(audience(number, size: 100), account: 1, id: number)
      #expect(shelf[1] == audience(1, size: 100))
    }
    #expect(shelf[2] == nil)
    #expect(shelf.id(of: audience(2, size: 100), account: 1) == nil)
    #expect(shelf.id(of: audience(1, size: 100), account: 1) == 1)
    #expect(shelf.id(of: audience(1, size: 100), account: 2) == nil)
  }

  @Test func `audiences are told apart by one person`() {
    var shelf = AudienceCache()
    let all = (0..<100).map { "ou_\(100 + $0)" }
    for left in all.indices {
      shelf.keep(Audience(of: all.filter { $0 != all[left] }), account: 1, id: left)
    }
    for left in all.indices {
      #expect(shelf.id(of: Audience(of: all.filter { $0 != all[left] }), account: 1) == left)
    }
  }

  @Test func `users have numbers for as long as there are no more than 50,000 of them`() {
    var cache = AudienceCache()
    _ = cache.numbered(audience(1, size: 50_000))
    cache.beginNumbering()
    #expect(cache.namesInUse == 50_000)
    _ = cache.numbered(audience(2, size: 1))
    cache.beginNumbering()
    #expect(cache.namesInUse == 0)
  }

  /// Numbered audiences that take up as much room as 50,000 users, although they name only one.
  private func crowded() -> AudienceCache {
    var cache = AudienceCache()
    for id in 1...5_600 { _ = cache.numbered(audience(1, size: 1), id: id) }
    return cache
  }

  @Test func `many audiences count as many users`() {
    var cache = crowded()
    cache.beginNumbering()
    #expect(cache.namesInUse == 0)
  }

  @Test func `once the numbers are forgotten, the count begins again`() {
    var cache = crowded()
    cache.beginNumbering()
    _ = cache.numbered(audience(2, size: 3), id: 1)
    cache.beginNumbering()
    #expect(cache.namesInUse == 3)
  }

  @Test func `numbers that are forgotten are those of no audience any more`() {
    var cache = AudienceCache()
    let large = audience(1, size: 50_001)
    _ = cache.numbered(large, id: 1)
    cache.beginNumbering()
    _ = cache.numbered(audience(2, size: 1), id: 2)
    _ = cache.numbered(large, id: 1)
    #expect(cache.namesInUse == 50_002)
  }

  @Test(arguments: [
    #"["a"]"#: ["a"], #"["a","b,c"]"#: ["a", "b,c"], #"["ü","]["]"#: ["ü", "]["], #"[""]"#: [""],
  ])
  func `lists as we write them are read without SQLite`(text: String, people: [String]) {
    #expect(JSONText.plainStrings(in: text) == people)
    #expect(JSONText.list(people) == text)
  }

  @Test(arguments: [
    "", "[", "[]", #"["a""#, #"["a",]"#, #"["a" ]"#, #"["a"]]"#, #"["a",1]"#, #"["a\"b"]"#, #"["a"#,
    #"{"a":"b"}"#, "[1]", "null",
  ])
  func `anything else is left to SQLite`(text: String) {
    #expect(JSONText.plainStrings(in: text) == nil)
  }

  @Test func `in whatever way a list is written, it is a set`() throws {
    let folder = try TemporaryFolder()
    _ = try Intake(queue: folder.queue)
    let store = try WorkerStore(queue: folder.queue)
    for list in [#"["b","a","b"]"#, #"["a","b"]"#, #"[ "a", "\u0062" ]"#] {
      #expect(try store.people(in: list) == ["a", "b"])
    }
  }
}
