"""The database chains the ledger's rows and refuses to change them. plpgsql and built-in functions only."""

from __future__ import annotations

from django.db import migrations

CHAIN = """
create function ledger_chain() returns trigger language plpgsql as $$
declare
    last record;
begin
    -- One writer at a time, until its commit: without this two transactions would follow the same row.
    perform pg_advisory_xact_lock(hashtextextended('yardmaster.ledger', 0));
    select seq, hash into last from ledger_entry order by seq desc limit 1;
    new.seq := coalesce(last.seq, 0) + 1;
    new.prev_hash := coalesce(last.hash, repeat('0', 64));
    new.at := clock_timestamp();
    -- jsonb writes its keys in one fixed order and its values in one fixed form: the same content, the same text.
    new.canonical := jsonb_build_object(
        'seq', new.seq,
        'at', to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'happened_at', to_char(new.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'site', new.site,
        'actor_kind', new.actor_kind,
        'actor_id', new.actor_id,
        'actor_name', new.actor_name,
        'action', new.action,
        'target_kind', new.target_kind,
        'target_id', new.target_id,
        'before', new.before,
        'after', new.after,
        'reason', new.reason,
        'request_id', new.request_id,
        'result', new.result
    )::text;
    new.hash := encode(sha256(convert_to(new.prev_hash || new.canonical, 'UTF8')), 'hex');
    return new;
end $$;

create trigger ledger_chain before insert on ledger_entry for each row execute function ledger_chain();

create function ledger_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger ledger_no_change before update or delete on ledger_entry
    for each statement execute function ledger_refuse();
create trigger ledger_no_truncate before truncate on ledger_entry
    for each statement execute function ledger_refuse();
"""

UNCHAIN = """
drop trigger ledger_no_truncate on ledger_entry;
drop trigger ledger_no_change on ledger_entry;
drop trigger ledger_chain on ledger_entry;
drop function ledger_refuse();
drop function ledger_chain();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(CHAIN, UNCHAIN)]
