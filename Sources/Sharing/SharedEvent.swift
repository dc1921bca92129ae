/// What a run tells people about sharing the queue.
package enum SharedEvent: Equatable, Sendable {
  case tookOver(from: RunID, accounts: Int)
  case letGo(accounts: Int)
  case trouble(String)
  case recovered
}
