-- Store apps. Each of their tenants is an account of its own, whose name is the app's, a dot and the tenant's key.
-- The worker stores which accounts are store apps in `limits`.

create trigger ask_names_a_tenant before insert on ask
when exists (
  select 1 from account where name = new.account and configured = 1 and limits ->> '$.store_app')
begin
  select raise(abort, 'this account is a store app: ask for one of its tenants, as account APP.TENANT_KEY');
end;

create trigger ask_of_a_tenant_is_no_session before insert on ask
when new.kind = 'session' and instr(new.account, '.') > 0 and exists (
  select 1 from account
  where name = substr(new.account, 1, instr(new.account, '.') - 1) and configured = 1
    and limits ->> '$.store_app')
begin
  select raise(abort, 'Aily sessions are for self-built apps: a tenant of a store app has none');
end;
