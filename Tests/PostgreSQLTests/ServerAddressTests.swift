import Testing

@testable import PostgreSQL

/// Addresses of shared queues.
struct ServerAddressTests {
  @Test(arguments: [
    "postgresql://me@db.example:5432/larkspur", "postgres:///larkspur?host=/run/postgresql",
    "postgresql://db/larkspur?sslmode=verify-full&sslrootcert=/etc/ca.pem",
    "postgresql:///?service=larkspur",
  ])
  func `an address without a password is taken as it is`(_ text: String) throws {
    #expect(try ServerAddress(text).text == text)
  }

  @Test(arguments: [
    "postgresql://me:sesame@db/larkspur", "postgresql://db/larkspur?password=sesame",
    "postgresql://db/larkspur?sslpassword=sesame",
  ])
  func `one with a password is not`(_ text: String) {
    #expect(throws: ServerAddress.Flaw.hasPassword) { try ServerAddress(text) }
  }

  @Test func `what libpq cannot read is told in its own words, on one line`() {
    #expect(throws: ServerAddress.Flaw.malformed("invalid URI query parameter: \"foo\"")) {
      try ServerAddress("postgresql://db/larkspur?foo=1")
    }
  }
}
