import Larkspur
import Planning

extension Stuck {
  /// Whether something still waits for what a worker was stuck on when it looked last. The lanes may have
  /// been cancelled since.
  func isStillSo<Source: Answering & ~Copyable>(
    _ source: borrowing Source
  ) throws(Source.Trouble) -> Bool {
    switch reason {
    case .queue, .noSecret: return true
    // Whether an account is parked is known from the queue itself.
    case .parked: return false
    case .unreachable, .refused, .failing, .userToken: break
    }
    let rows = try source.answer(
      """
      select 1 from account, kind
      where account.name = ?1
        -- Previews are what a key or a URL stands for.
        and (?2 is null or instr(', ' || ?2 || ', ',
          ', ' || iif(kind.name in ('key', 'url'), 'preview', kind.name) || ', ') > 0)
        and (
          exists (select 1 from lane
            where account_id = account.id and lane.kind = kind.name and state = 'waiting')
          or exists (select 1 from lane
            where call_id is not null and account_id = account.id and lane.kind = kind.name)
          or exists (select 1 from ask indexed by asks_not_folded
            where lane_id is null and due_ms is null and outcome is null
              and account = ?1 and ask.kind = kind.name))
      limit 1
      """, [.of(account), .of(calls)]
    ).rows
    return !rows.isEmpty
  }
}
