# pg_dump and restore keep a model with all that belongs to it: the same scores at the same instants, live scoring and publishing
# go on.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement warnings_of is_exact);

my $node = start_server('dump_restore');
my $later = "timestamptz '2100-01-01'";

sub everything {
    my ($db) = @_;
    return $node->safe_psql($db, <<"SQL");
SELECT lead, leadscore.breakdown(state, $later - i * interval '30 days') FROM m.state, generate_series(1, 3) AS i ORDER BY lead, i;
SELECT id, web_grade, tier, tier_since, last_event_at, version FROM m.scores ORDER BY id;
SELECT * FROM m.tier_changes ORDER BY lead, at, recorded_at;
SELECT lead, state FROM m.pending ORDER BY lead;
SELECT * FROM m.adjustment ORDER BY id;
SELECT leadscore.explain('m', 1, $later);
SELECT * FROM leadscore.model ORDER BY name;
SELECT * FROM leadscore.event_source ORDER BY model, name;
SELECT * FROM leadscore.dimension ORDER BY model, path;
SELECT * FROM leadscore.rule ORDER BY model, name;
SELECT * FROM leadscore.grade ORDER BY model, dimension, name;
SELECT * FROM leadscore.tier ORDER BY model, name;
SELECT * FROM leadscore.version ORDER BY model, version;
SELECT grantee, privilege_type FROM information_schema.table_privileges WHERE table_schema = 'm' AND table_name = 'scores'
    ORDER BY 1, 2;
SQL
}

# Keys of several types, names that need quoting, partitions, several versions, events pending.
$node->safe_psql('postgres', 'CREATE DATABASE before; CREATE ROLE dashboard; CREATE ROLE revops');
create_crm(
    $node, 'before', draft => <<'SQL');
UPDATE leadscore.model SET params = '{"countries": ["FR", "LU"]}', eligible = '$.country != "XX"' WHERE name = 'm';
INSERT INTO leadscore.dimension (model, path, weight, base, max_value) VALUES ('m', 'web', 2, 1, 1000), ('m',
    'web.shop', 1, 0, NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, decay, period, grace, multiplier, max_points) VALUES
    ('m', 'visit', 'web.shop', 'visit', '$.props.pages > 1', 3, 'half_life', '45 days', '1 day 02:00', '$.props.pages', 500),
    ('m', 'trial', 'web', 'trial', NULL, 30, 'linear', '3 months', '0', NULL, NULL),
    ('m', 'recent', 'web', '*', NULL, 2, 'window', '100 days', '0', NULL, NULL);
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('m', 'near', '$.country == $countries[*]', 7);
INSERT INTO leadscore.rule (model, name, event, points, max_awards, per) VALUES ('m', 'seldom', 'click', 4, 2, '1 month 1 day');
INSERT INTO leadscore.rule (model, name, event, points, at_least, within) VALUES ('m', 'often', 'view', 4, 2, '100 days');
INSERT INTO leadscore.rule (model, name, event, points, silent_for, repeats, min_points) VALUES ('m', 'silent', '*', -1, '10 days', true, -5);
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES ('m', 'web', 'B', 0), ('m', 'web', 'A', 100.5);
SQL
$node->safe_psql('before', <<'SQL');
CREATE SCHEMA "My CRM";
CREATE TABLE "My CRM"."The People" ("E-mail" text PRIMARY KEY, born date);
CREATE TABLE "My CRM"."What They Do" ("Who" text, "When" timestamp, "What" text) PARTITION BY RANGE ("When");
CREATE TABLE "My CRM"."What They Did" PARTITION OF "My CRM"."What They Do" FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE "My CRM"."The Rest" PARTITION OF "My CRM"."What They Do" DEFAULT;
SELECT leadscore.create_model('Model "2"', '"My CRM"."The People"', notify => false);
SELECT leadscore.add_events('Model "2"', '"My CRM"."What They Do"', 'Who', 'When', 'What');
INSERT INTO leadscore.rule (model, name, event, points) VALUES ('Model "2"', 'any', '*', 5);
SELECT leadscore.publish('Model "2"');
INSERT INTO "My CRM"."The People" VALUES ('a@x.fr'), ('B@x.fr');
INSERT INTO "My CRM"."What They Do" VALUES ('a@x.fr', '2024-02-01', 'open'), ('B@x.fr', '2030-01-01', 'click'), (NULL, '2024-01-01',
    'x');
INSERT INTO "My CRM"."What They Did" VALUES ('a@x.fr', '2024-03-01', 'open');
-- A draft, never published
SELECT leadscore.create_model('draft', 'crm.leads');
INSERT INTO leadscore.rule (model, name, points) VALUES ('draft', 'one', 1);
SQL
$node->safe_psql('before', <<'SQL');
INSERT INTO crm.leads SELECT i, (ARRAY['FR', 'BE', 'LU', 'XX', NULL])[i % 5 + 1] FROM generate_series(10, 200) AS i;
INSERT INTO crm.events (lead, kind, at, props)
SELECT i * 7 % 230, (ARRAY['visit', 'click', 'view', 'trial', 'visit'])[i % 5 + 1], now() - i * interval '3 hours',
    jsonb_build_object('pages', i % 9)
FROM generate_series(1, 3000) AS i;
UPDATE leadscore.rule SET points = 4 WHERE model = 'm' AND name = 'visit';
SELECT leadscore.publish('m');
INSERT INTO crm.events (lead, kind, at) VALUES (1, 'trial', now() + interval '10 days'), (500, 'click', now());
DELETE FROM crm.events WHERE id % 50 = 0;
UPDATE crm.leads SET country = 'FR' WHERE id = 12;
DELETE FROM crm.leads WHERE id = 13;
SELECT leadscore.adjust('m', 1, 'web', 11.5, 'it''s me', 'half_life', '10 days', NULL),
    leadscore.override('m', 12, 'hot', now() + interval '100 years', 'for good'), leadscore.override('m', 14, 77.7, NULL, 'exactly');
SELECT leadscore.revoke('m', leadscore.adjust('m', 15, 'score', -1, 'a slip'));
GRANT USAGE ON SCHEMA m, leadscore TO dashboard;
GRANT SELECT ON ALL TABLES IN SCHEMA m TO dashboard;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA leadscore TO revops;
SQL
# Leads that are new, in falling order: their events wait beside the states.
$node->safe_psql('before', q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES (900,
    'click'); INSERT INTO crm.events (lead, kind) VALUES (800, 'click'); COMMIT});
is_exact($node, 'before', 'm', 'before: scores are live');
is_exact($node, 'before', 'Model "2"', 'before: and those of the other model');
my $before = everything('before');
my $second = $node->safe_psql('before', 'SELECT * FROM "Model ""2""".scores ORDER BY 1');
like($second, qr/a\@x.fr\|10/, 'before: the other model scores');

sub dump_to {
    my ($file, @options) = @_;
    return command_ok([ 'pg_dump', '-d', $node->connstr('before'), '-f', $file, @options ], "pg_dump @options");
}

sub check_restored {
    my ($db) = @_;
    is(everything($db), $before, 'all is as it was');
    is($node->safe_psql($db, 'SELECT * FROM "Model ""2""".scores ORDER BY 1'), $second, 'the other model, too');
    is_exact($node, $db, $_, "live scores of $_ are what a recompute gives") for 'm', 'Model "2"';
    is(statement($node, $db, 'SELECT count(*) > 100 FROM m.scores', role => 'dashboard')->{out}, 't', 'rights are kept');
    my $score = $node->safe_psql($db, 'SELECT score FROM m.scores WHERE id = 2');
    is(warnings_of($node, $db, q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click'), (2, 'click'), (800, 'view')}), '',
        'events are inserted');
    # Two clicks, both recent; "seldom" has room for one.
    cmp_ok(abs($node->safe_psql($db, 'SELECT score FROM m.scores WHERE id = 2') - $score - 32), '<', 0.01, 'and count at once');
    warnings_of($node, $db, q{INSERT INTO "My CRM"."What They Did" VALUES ('a@x.fr', '2024-05-01', 'open')});
    like($node->safe_psql($db, 'SELECT * FROM "Model ""2""".scores'), qr/a\@x.fr\|15/, 'straight into a partition, too');
    warnings_of($node, $db, q{DELETE FROM crm.events WHERE id % 7 = 0; UPDATE crm.leads SET country = 'LU' WHERE id % 3 = 0;
        SELECT leadscore.refresh('m')});
    is_exact($node, $db, 'm', 'after changes and refresh');
    is($node->safe_psql($db, q{SELECT leadscore.adjust('m', 2, 'score', 100000, 'goes on')}), '5', 'an adjustment gets the next number');
    is($node->safe_psql($db, q{SELECT score > 99000 FROM m.scores WHERE id = 2}), 't', 'and counts');
    is_exact($node, $db, 'm', 'with it');
    is($node->safe_psql($db, q{UPDATE leadscore.rule SET points = 1 WHERE model = 'm' AND name = 'visit';
        SELECT leadscore.publish('m')}), '3', 'publishing goes on');
    is($node->safe_psql($db, q{SELECT leadscore.publish('draft')}), '1', 'the draft can be published');
    $node->safe_psql($db, q{SELECT leadscore.create_model('fresh',
        'crm.leads'); INSERT INTO leadscore.rule (model, name, points) VALUES ('fresh', 'one', 1);
        SELECT leadscore.publish('fresh')});
    is($node->safe_psql($db, 'SELECT count(DISTINCT id) = count(*) FROM leadscore.model'), 't',
        'a new model gets a number of its own');
    is_exact($node, $db, $_, "live scores of $_ once more") for 'm', 'fresh', 'draft', 'Model "2"';
    $node->safe_psql($db, "SELECT leadscore.drop_model('$_')") for 'm', 'fresh', 'draft', 'Model "2"';
    is($node->safe_psql($db, q{SELECT tgname FROM pg_trigger WHERE tgname LIKE 'leadscore%'}), '', 'and all can be dropped');
    return;
}

my $file = "$PostgreSQL::Test::Utils::tmp_check/dump";

subtest 'pg_dump and psql' => sub {
    dump_to("$file.sql");
    $node->safe_psql('postgres', 'CREATE DATABASE plain');
    my $restored = statement($node, 'plain', "\\set QUIET on\n\\i $file.sql");
    is($restored->{err} =~ s/.*NOTICE.*\n//gr, '', 'it is restored without an error or warning');
    check_restored('plain');
};

subtest 'pg_dump -Fc and pg_restore in parallel' => sub {
    dump_to("$file.dump", '-Fc');
    $node->safe_psql('postgres', 'CREATE DATABASE custom');
    command_ok([ 'pg_restore', '-d', $node->connstr('custom'), '--exit-on-error', '-j', 2, "$file.dump" ], 'pg_restore -j 2');
    check_restored('custom');
};

subtest 'the schema and the data apart' => sub {
    dump_to("$file.schema", '-Fc', '--schema-only');
    dump_to("$file.data", '-Fc', '--data-only');
    $node->safe_psql('postgres', 'CREATE DATABASE apart');
    command_ok([ 'pg_restore', '-d', $node->connstr('apart'), '--exit-on-error', "$file.schema" ], 'the schema');
    command_ok([ 'pg_restore', '-d', $node->connstr('apart'), '--exit-on-error', '--disable-triggers', "$file.data" ],
        'the data, triggers disabled');
    check_restored('apart');
};

subtest 'a template' => sub {
    $node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE before');
    check_restored('copied');
};

$node->stop;
done_testing();
