import Planning
import Testing

struct SliceTests {
  @Test func `what is quick is done in larger slices, at most twice as large each time`() {
    var slice = Slice()
    let first = slice.rows
    slice.note(took: 0)
    #expect(slice.rows == first * 2)
    slice.note(took: 1)
    #expect(slice.rows == first * 4)
    for _ in 0..<20 { slice.note(took: 0) }
    #expect(slice.rows < 10_000)
  }

  @Test func `a slice that takes ten milliseconds is of the right size`() {
    var slice = Slice()
    let first = slice.rows
    slice.note(took: 10)
    #expect(slice.rows == first)
  }

  @Test func `what takes long is done in slices that are smaller at once`() {
    var slice = Slice()
    let first = slice.rows
    slice.note(took: 1_000)
    #expect(slice.rows < first / 20)
    for _ in 0..<20 { slice.note(took: 1_000_000) }
    #expect(slice.rows > 0)
  }
}
