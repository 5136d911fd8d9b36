# Logical replication into tables with a model: what it applies fires no statement trigger, so it is scored by the next rebuild. The
# same for sessions with session_replication_role = replica. What is written in the usual way is scored meanwhile.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(create_crm is_exact is_log_clean);

my $db = 'postgres';
my ($publisher, $subscriber) = map { PostgreSQL::Test::Cluster->new($_) } qw(publisher subscriber);
for my $node ($publisher, $subscriber) {
    $node->init(allows_streaming => 'logical');
    $node->start;
}
$publisher->safe_psql($db, <<'SQL');
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, country text);
CREATE TABLE crm.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead bigint, kind text,
    at timestamptz NOT NULL DEFAULT now(), props jsonb);
INSERT INTO crm.leads VALUES (1, 'FR'), (2, 'BE'), (3, NULL);
INSERT INTO crm.events (lead, kind) VALUES (2, 'click');
CREATE PUBLICATION crm FOR ALL TABLES;
SQL
create_crm($subscriber, $db);
$subscriber->safe_psql($db, 'TRUNCATE crm.leads, crm.events');
my $connection = $publisher->connstr . " dbname=$db";
$subscriber->safe_psql($db, "CREATE SUBSCRIPTION crm CONNECTION '$connection' PUBLICATION crm");
$subscriber->wait_for_subscription_sync($publisher, 'crm');

sub scores { return $subscriber->safe_psql($db, q{SELECT string_agg(id || ':' || score, ' ' ORDER BY id) FROM m.scores}) }
sub rebuild { return $subscriber->safe_psql($db, q{SELECT leadscore.rebuild('m')}) }

# The first copy of the tables plays a replica, too.
is(scores(), '', 'the first copy of the tables is not scored');
is(rebuild(), '3', 'but by rebuild');
is(scores(), '1:100 2:10 3:0', 'all of it');
is_exact($subscriber, $db, 'm', 'exactly');

$publisher->safe_psql($db, q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click'), (3, 'view')});
$publisher->safe_psql($db, q{UPDATE crm.leads SET country = 'FR' WHERE id = 3});
$publisher->wait_for_catchup('crm');
is($subscriber->safe_psql($db, 'SELECT count(*) FROM crm.events'), '3', 'what follows is applied');
is(scores(), '1:100 2:10 3:0', 'and not scored');
isnt($subscriber->safe_psql($db, q{SELECT * FROM leadscore.verify('m')}), '', 'as verify says');
is($subscriber->safe_psql($db, q{SELECT leadscore.score('m', 2), leadscore.score('m', 2, now())}), '20|20',
    'the score of one lead, which is computed from the events, is right all the same');
is(rebuild(), '3', 'rebuild scores it');
is(scores(), '1:100 2:20 3:101', 'all of it');
is_exact($subscriber, $db, 'm', 'exactly');

$publisher->safe_psql($db, q{DELETE FROM crm.events WHERE lead = 2; TRUNCATE crm.events; DELETE FROM crm.leads WHERE id = 1});
$publisher->wait_for_catchup('crm');
rebuild();
is(scores(), '2:0 3:100', 'what was deleted and truncated, too');
is_exact($subscriber, $db, 'm', 'exactly');

# Sessions that play a replica, as tools that load data do.
$subscriber->safe_psql($db, <<'SQL');
SET session_replication_role = replica;
INSERT INTO crm.leads VALUES (4, 'FR');
INSERT INTO crm.events (lead, kind) VALUES (4, 'click');
SQL
is(scores(), '2:0 3:100', 'what a session with session_replication_role = replica writes is not scored');
$subscriber->safe_psql($db, q{INSERT INTO crm.events (lead, kind) VALUES (4, 'view')});
rebuild();
is(scores(), '2:0 3:100 4:111', 'but by rebuild, once each');
is_exact($subscriber, $db, 'm', 'exactly');

# Where such sessions are to be scored at once, the triggers can be told to fire always.
$subscriber->safe_psql($db, <<'SQL');
DO $$
DECLARE t record;
BEGIN
    FOR t IN SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger
             WHERE tgrelid IN ('crm.leads'::regclass, 'crm.events'::regclass) AND NOT tgisinternal LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.relation, t.tgname);
    END LOOP;
END $$;
SET session_replication_role = replica;
INSERT INTO crm.events (lead, kind) VALUES (4, 'click');
SQL
is(scores(), '2:0 3:100 4:121', 'triggers enabled ALWAYS score what such a session writes');
$publisher->safe_psql($db, q{INSERT INTO crm.events (lead, kind) VALUES (3, 'click')});
$publisher->wait_for_catchup('crm');
is(scores(), '2:0 3:100 4:121', 'but not what replication applies, which fires no statement trigger at all');
rebuild();
is_exact($subscriber, $db, 'm', 'which rebuild scores');
is_log_clean($_) for $publisher, $subscriber;

$subscriber->stop;
$publisher->stop;
done_testing();
