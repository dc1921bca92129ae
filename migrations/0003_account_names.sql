-- The patterns of the check on account names end at a zero, so that anything might follow it.
create trigger ask_names_its_account before insert on ask
when instr(cast(new.account as blob), x'00')
begin
  select raise(abort, 'an account name is 1 to 64 letters, digits, dots, dashes or underscores');
end;
