-- A lane that is suspected counts once among what a channel may lose, also in the next run.
alter table budget add column suspects text not null default '';  -- their ids, with spaces between
