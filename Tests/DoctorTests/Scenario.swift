import Foundation
import Testing

@testable import Doctor

/// A situation, and the finding it leads to.
struct Scenario: Sendable, CustomTestStringConvertible {
  let code: FindingCode
  let grade: Finding.Grade
  let find: @Sendable (Bench) throws -> [Finding]

  init(
    _ code: FindingCode, _ grade: Finding.Grade,
    _ find: @escaping @Sendable (Bench) throws -> [Finding]
  ) {
    self.code = code
    self.grade = grade
    self.find = find
  }

  var testDescription: String { "\(code.rawValue) \(grade.rawValue)" }

  static let all =
    ofFiles + ofDatabases + ofDisks + ofWorkers + ofClocks + ofConfigurations + ofMachines + ofHosts
}

struct ScenarioTests {
  @Test(arguments: Scenario.all)
  func `each finding has a situation that leads to it`(scenario: Scenario) throws {
    let findings = try scenario.find(Bench())
    let found = findings.filter { $0.code == scenario.code }
    #expect(found.contains { $0.grade == scenario.grade }, "\(findings.map(\.line))")
    for finding in findings where finding.grade == .wrong {
      #expect(finding.fix?.isEmpty == false && finding.exit != nil, "\(finding.line)")
    }
    for finding in findings {
      #expect(!finding.summary.isEmpty && !finding.line.contains("\n"))
      #expect(!finding.summary.hasSuffix("."), "\(finding.line)")
    }
  }

  @Test func `no finding is without a situation`() {
    let expected = FindingCode.allCases.flatMap { code in
      code.grades.map { "\(code.rawValue) \($0.rawValue)" }
    }
    let tested = Set(Scenario.all.map(\.testDescription))
    #expect(Set(expected).subtracting(tested).isEmpty)
    #expect(tested.subtracting(expected).isEmpty)
  }
}
