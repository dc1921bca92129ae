-- A month that has been counted is not forgotten when the clock is set across its end and back.

-- When the month in `month` is over, on the queue's clock, as far as the last call in it could tell.
alter table budget add column month_ends_ms integer not null default 0;
-- The month that the clock showed before, with every call that may belong to it.
alter table budget add column other_month integer;
alter table budget add column other_calls integer;
alter table budget add column other_ends_ms integer;
