-- Looking at a queue of a million asks takes a moment: where an index answers, nobody goes through rows.

-- How many have been asked and are not folded yet, and which of them was first.
create index asks_not_folded on ask (id)
  where lane_id is null and due_ms is null and outcome is null;

-- Which lane has waited longest, in a call or not.
create index lanes_waiting_longest on lane (since_ms) where since_ms is not null;
