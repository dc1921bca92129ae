import Foundation
import Programs

/// A finding of `larkspur doctor`, as its JSON has it.
struct FoundByDoctor: Decodable {
  let area: String
  let code: String
  let grade: String
  let summary: String
  let fix: String?
}

func doctor(
  _ place: Place, _ arguments: String...
) throws -> (found: [FoundByDoctor], run: Programs.Finished) {
  let run = try Programs.run("larkspur", ["doctor", "--json"] + arguments, place.environment)
  let found = try run.out.split(separator: "\n").map {
    try JSONDecoder().decode(FoundByDoctor.self, from: Data($0.utf8))
  }
  return (found, run)
}
