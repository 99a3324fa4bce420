"""History in daily partitions, the number that states are written under, and room for updates within a page."""

from django.db import migrations

FORWARD = """
create table robots_history (
    robot_id bigint not null,
    at timestamptz not null,
    sent_at timestamptz,
    header_id bigint not null,
    x double precision,
    y double precision,
    theta double precision,
    map_id varchar(60) not null,
    battery real,
    flags smallint not null,
    order_id varchar(80) not null,
    order_update_id bigint not null,
    last_node_id varchar(60) not null,
    rest jsonb,
    primary key (robot_id, at, header_id)
) partition by range (at);
comment on table robots_history is
    'Every state a robot sent; at: receipt time; rest: null = as in the last row of this robot that has one.';
-- A reader asks for what is newer than the newest it has seen, so numbers must become visible in their order: they are
-- taken under an advisory lock that is held until the commit.
create sequence robots_state_version;
select setval('robots_state_version', (select coalesce(max(version), 0) + 1 from robots_robotstate));
create sequence robots_lease_epoch;
-- Most updates change nothing but a position: with room in its page the new row needs no entry in any index.
alter table robots_robotstate set (fillfactor = 40);
"""

BACK = """
drop table robots_history;
drop sequence robots_state_version;
drop sequence robots_lease_epoch;
alter table robots_robotstate reset (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("robots", "0004_link")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
