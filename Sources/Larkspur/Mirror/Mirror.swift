import Planning

/// The local queue of a worker on a shared queue. It is thrown away with the run: what must outlive it is in the
/// shared queue.
///
/// The worker works it like any other. Temporary triggers note what each transaction changes, and `Outbox` puts it
/// into words before the transaction commits.
extension WorkerStore {
  package static func mirror() throws -> WorkerStore {
    // With .memory, `vacuum into` would open its file in memory, too.
    let connection = try Connection(path: ":memory:", mode: .readWrite)
    try Migrator.bringUpToDate(connection, path: ":memory:")
    // Those of the schema check what others write. What comes from a shared queue was checked there.
    connection.runNoTriggers()
    try connection.run(script: tables)
    return WorkerStore(inMemory: connection)
  }

  /// Forgets what has changed. Called when the change came from the shared queue, or is written there.
  func clearOutbox() throws(StoreError) {
    try db.execute("delete from changed_call")
    try db.execute("delete from shared_ask where id in (select id from ended_ask)")
    try db.execute("delete from ended_ask")
    try db.execute("delete from changed_lane")
    try db.execute("delete from changed_account")
  }

  /// Triggers in `temp` run although those of the schema do not.
  private static let tables = """
    -- The number that an open ask of this queue has in the shared queue.
    create temp table shared_ask (id integer primary key, number integer not null unique, account text not null);
    create index temp.asks_open on shared_ask (account, number);
    -- Accounts whose first open ask may be another one.
    create temp table changed_floor (account text primary key) without rowid;

    create temp table changed_call (id integer primary key, is_new integer not null);
    create temp table ended_ask (id integer primary key);
    create temp table changed_lane (id integer primary key);
    create temp table changed_account (id integer primary key);
    -- Kept until it is written: counts of calls are written once a second and not with every call.
    create temp table changed_budget (
      account_id integer, api text, is_urgent integer not null, primary key (account_id, api)) without rowid;

    create temp trigger call_begins after insert on main.call begin
      insert into changed_call values (new.id, 1);
    end;
    create temp trigger call_ends after update of outcome on main.call when new.outcome is not null begin
      insert into changed_call values (new.id, 0) on conflict do nothing;
    end;

    create temp trigger ask_ends after update of outcome on main.ask when new.outcome is not null begin
      insert into ended_ask values (new.id) on conflict do nothing;
      insert into changed_floor values (new.account) on conflict do nothing;
    end;

    create temp trigger lane_remembers after update on main.lane
    when new.attempts <> old.attempts or new.memory <> old.memory or new.result is not old.result begin
      insert into changed_lane values (new.id) on conflict do nothing;
    end;
    create temp trigger parcel_is_packed after insert on main.parcel begin
      insert into changed_lane values (new.lane_id) on conflict do nothing;
    end;
    create temp trigger parcel_changes after update on main.parcel begin
      insert into changed_lane values (new.lane_id) on conflict do nothing;
    end;
    create temp trigger parcel_is_done after delete on main.parcel begin
      insert into changed_lane values (old.lane_id) on conflict do nothing;
    end;

    create temp trigger account_changes
    after update of parked, parked_why, probe_ms, refusals, configured, limits on main.account
    when new.parked is not old.parked or new.probe_ms is not old.probe_ms or new.refusals <> old.refusals
      or new.configured is not old.configured or new.limits is not old.limits begin
      insert into changed_account values (new.id) on conflict do nothing;
    end;

    create temp trigger budget_begins after insert on main.budget begin
      insert into changed_budget values (new.account_id, new.api, new.paused_ms > 0)
      on conflict do update set is_urgent = max(is_urgent, excluded.is_urgent);
    end;
    create temp trigger budget_changes after update on main.budget begin
      insert into changed_budget values (new.account_id, new.api,
        new.paused_ms <> old.paused_ms or new.paused_for <> old.paused_for or new.failures <> old.failures
        or new.refused_mark is not old.refused_mark or new.spent_month is not old.spent_month)
      on conflict do update set is_urgent = max(is_urgent, excluded.is_urgent);
    end;
    """
}
