-- Nobody dies of an outage. What tells one from a lane that can never be delivered has to outlive the
-- run, or the short runs of a cron job would begin from nothing each time.

-- What has failed on a channel since something last succeeded there.
alter table budget add column failures integer not null default 0;  -- in a row, whatever they carried
alter table budget add column refusals integer not null default 0;  -- for what they carried
alter table budget add column refused_lane integer;     -- that all of these carried; null: several did
alter table budget add column deaths integer not null default 0;    -- lanes, or parcels
alter table budget add column probes integer;           -- that failed; null: none is needed
alter table budget add column failed_ms integer not null default 0;     -- the last of all of these
alter table budget add column recovered_ms integer not null default 0;  -- the first success after it
alter table budget add column foreign_ms integer;       -- since when answers are not Feishu's
alter table budget add column limited_ms integer;       -- when a call was last one too many
alter table budget add column spent_month integer;      -- of which Feishu says that its quota is spent

-- Where something has succeeded: if what answers there is no longer Feishu, that may pass.
alter table account add column proven_host text;

-- What a lane has been through since something of it was last accepted.
alter table lane add column evidence integer;    -- what these failures may show, see Evidence
alter table lane add column failed_ms integer;   -- when its last call failed
alter table lane add column failing_ms integer;  -- when the first of them in a row did
alter table lane add column limits integer not null default 0;  -- calls in a row that were one too many
