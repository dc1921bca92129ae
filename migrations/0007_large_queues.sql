-- Looking at a queue of a million asks takes a moment: where an index answers, nobody goes through rows.

-- How many asks no worker has looked at, which of them may not go yet or have expired, and which was first.
create index asks_not_folded on ask (after_ms, expires_in_ms, asked_ms)
  where lane_id is null and due_ms is null and outcome is null;

-- Which lane has waited longest, in a call or not.
create index lanes_waiting_longest on lane (since_ms) where since_ms is not null;
