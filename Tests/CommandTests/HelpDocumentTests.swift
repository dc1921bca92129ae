import Terminal
import Testing

@testable import Command

/// Taking a help text apart.
struct HelpDocumentTests {
  @Test func `a title, a usage, a table, prose, examples and exit codes are told apart`() {
    let help = HelpDocument(
      """
      larkspur try: try it: once

      usage: larkspur try LANE [--for SPAN]
                               [--json]
             larkspur try --all

        LANE        a token; one
                    at a time
        --for SPAN  how long

      Some prose
      on two lines.

      examples:
        larkspur try a
        larkspur try   --all

      exit: 0, also if nothing is tried · 1, 75 only with --for ·
            73/74 it cannot be created/used
      with --all: 0
      """)
    #expect(help.name == "larkspur try" && help.purpose == "try it: once")
    #expect(help.usage == ["larkspur try LANE [--for SPAN] [--json]", "larkspur try --all"])
    #expect(
      help.rows == [
        HelpDocument.Row(term: "LANE", text: [.prose("a token; one at a time")]),
        HelpDocument.Row(term: "--for SPAN", text: [.prose("how long")]),
      ])
    #expect(help.blocks.last?.pieces == [.prose("Some prose on two lines.")])
    #expect(help.examples == ["larkspur try a", "larkspur try   --all"])
    let codes = [
      ("0", "also if nothing is tried"), ("1, 75", "only with --for"),
      ("73/74", "it cannot be created/used"),
    ].map { HelpDocument.ExitList.Code(numbers: $0.0, meaning: $0.1) }
    let withAll = HelpDocument.ExitList.Code(numbers: "0", meaning: "")
    #expect(
      help.exits == [
        HelpDocument.ExitList(heading: nil, codes: codes),
        HelpDocument.ExitList(heading: "with --all", codes: [withAll]),
      ])
  }

  @Test func `a row keeps lines that are indented further`() {
    let rows = HelpDocument(
      """
      larkspur try: try it

      options
        --from FILE  read lines:
                       {"a":1}
                       {"b":2}
                     and more
        --a-very-long-option
                     has its text below
      """
    ).rows
    #expect(
      rows == [
        HelpDocument.Row(
          term: "--from FILE",
          text: [
            .prose("read lines:"), .literal([#"  {"a":1}"#, #"  {"b":2}"#]), .prose("and more"),
          ]),
        HelpDocument.Row(term: "--a-very-long-option", text: [.prose("has its text below")]),
      ])
  }

  @Test func `indented lines that are no table are kept as they are`() {
    let block = HelpDocument(
      "larkspur try: try it\n\nIt knows\n    GET /a\n    PUT /b/:c\nand no more.\n"
    ).blocks.first
    #expect(
      block?.pieces
        == [.prose("It knows"), .literal(["GET /a", "PUT /b/:c"]), .prose("and no more.")])
    #expect(block?.heading == nil)
  }

  @Test(
    arguments: [
      ("--state STATE", "--state", "STATE", Option.Value.one),
      ("--wait [TIMEOUT]", "--wait", "TIMEOUT", .optional),
      ("--quota[=P]", "--quota", "P", .attached), ("--json", "--json", "", .none),
    ])
  func `the term of an option says whether it takes a value`(
    term: String, name: String, placeholder: String, value: Option.Value
  ) {
    let options = HelpedOption.all(in: HelpDocument.Row(term: term, text: [.prose("this; that")]))
    #expect(options.map(\.name) == [name] && options.map(\.placeholder) == [placeholder])
    #expect(options.map(\.value) == [value] && options.map(\.purpose) == ["this"])
  }
}
