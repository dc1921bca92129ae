-- For a store app, when its app ticket was written, as the worker last saw it. Feishu pushes a new one every hour.
alter table account add column ticket_ms integer;
