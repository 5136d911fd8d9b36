# fit and the aggregates run in parallel plans, and give the same there.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement is_exact is_log_clean);

my $node = start_server('parallel', 'max_worker_processes = 8', 'max_parallel_workers = 4', 'jit = off');
my $db = 'postgres';
create_crm(
    $node, $db, draft => <<'SQL');
INSERT INTO leadscore.rule (model, name, event, points, decay, period) VALUES
    ('m', 'visit', 'visit', 3, 'half_life', '10 days'), ('m', 'trial', 'trial', 30, 'linear', '90 days'), ('m', 'demo', 'demo', 7,
        'window', '20 days')
SQL
$node->safe_psql($db, <<'SQL');
ALTER TABLE crm.leads DISABLE TRIGGER USER; ALTER TABLE crm.events DISABLE TRIGGER USER;
INSERT INTO crm.leads SELECT i, (ARRAY['FR', 'BE', NULL])[i % 3 + 1] FROM generate_series(10, 40000) AS i;
INSERT INTO crm.events (lead, kind, at, props)
SELECT (i * 7919::bigint) % 40000, (ARRAY['click', 'view', 'visit', 'trial', 'demo'])[i % 5 + 1],
    '2024-01-01'::timestamptz + i * interval '1 minute', '{"a": 1}'
FROM generate_series(1, 150000) AS i;
ALTER TABLE crm.leads ENABLE TRIGGER USER; ALTER TABLE crm.events ENABLE TRIGGER USER;
SELECT leadscore.rebuild('m');
CREATE STATISTICS crm.few_groups ON (lead % 100) FROM crm.events;
ANALYZE;
SQL
my $serial = 'SET max_parallel_workers_per_gather = 0';
my $parallel = join(
    ';', 'SET max_parallel_workers_per_gather = 2', 'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0',
        'SET min_parallel_table_scan_size = 0',
    'SET min_parallel_index_scan_size = 0', 'SET enable_indexscan = off');  # PostgreSQL 18 would rather read so small a table in order
my $at = q{timestamptz '2024-05-01'};

# A table of results, equal up to 1e-9 of their size whatever the plan; the sums are of round numbers of points.
my %queries = (
    'fit' => q{SELECT count(f), sum(f) FROM (SELECT leadscore.fit('m', l) AS f FROM crm.leads AS l) AS s},
    'fit in a condition' => q{SELECT count(*) FROM crm.leads AS l WHERE leadscore.fit('m', l) > 50},
    'lead_state' => q{SELECT count(*), sum(s) FROM (SELECT leadscore.score(leadscore.lead_state('m', l)) AS s FROM crm.leads AS l)
        AS q},
    'engagement of all' => qq{SELECT round(leadscore.engagement('m', e, $at)::numeric, 4) FROM crm.events AS e},
    'engagement by some leads' => qq{SELECT count(*), round(sum(x)::numeric, 4) FROM (SELECT lead % 100, leadscore.engagement('m', e,
        $at) AS x FROM crm.events AS e GROUP BY lead % 100) AS s},
    'engagement by kind' => qq{SELECT kind, round(leadscore.engagement('m', e,
        $at)::numeric, 4) FROM crm.events AS e GROUP BY kind ORDER BY kind},
    'event_state of all' => qq{SELECT round(leadscore.score(leadscore.event_state('m', e, $at),
        $at + interval '3 days')::numeric, 4) FROM crm.events AS e},
    'event_state by lead' => qq{SELECT count(*), round(sum(leadscore.score(x, $at + interval '9 days'))::numeric, 4)
        FROM (SELECT lead, leadscore.event_state('m', e, $at) AS x FROM crm.events AS e GROUP BY lead) AS s},
    'merge' => q{SELECT round(leadscore.score(leadscore.merge(state), timestamptz '2100-01-01')::numeric, 4) FROM m.state},
    'decayed_sum' => qq{SELECT round(leadscore.decayed_sum(id % 10, at, '7 days', $at)::numeric, 4) FROM crm.events},
    'the view' => q{SELECT count(*), count(tier), round(sum(score)::numeric, 4) FROM m.scores});
for my $name (sort keys %queries) {
    my $is_combined = $name =~ /^engagement|^event_state of|merge|decayed/;
    # Where rows cost something on their way from worker to leader, it is better to send few.
    my $settings = $is_combined ? "$parallel; RESET parallel_tuple_cost" : $parallel;
    my $plan = $node->safe_psql($db, "$settings; EXPLAIN (COSTS off) $queries{$name}");
    like($plan, qr/Gather/, "$name: the plan is parallel") or diag($plan);
    like($plan, qr/Partial (Hash|Group)?Aggregate/, "$name: partial aggregates are combined") or diag($plan) if $is_combined;
    my $expected = $node->safe_psql($db, "$serial; $queries{$name}");
    is($node->safe_psql($db, "$settings; $queries{$name}"), $expected, "$name: the same");
    is($node->safe_psql($db, "$settings; SET parallel_leader_participation = off; $queries{$name}"), $expected,
        "$name: the same by workers alone");
    is($node->safe_psql($db, "$settings; SET enable_hashagg = off; $queries{$name}"), $expected, "$name: the same with sorting");
}
is($node->safe_psql($db, "$parallel; SET force_parallel_mode = on; SELECT * FROM leadscore.verify('m')"), '',
    'verify in parallel') if $node->pg_version < 16;

# A partitioned table, aggregated by partition.
$node->safe_psql($db, <<'SQL');
CREATE TABLE crm.parts (id bigint, lead bigint, kind text, at timestamptz) PARTITION BY HASH (lead);
CREATE TABLE crm.part0 PARTITION OF crm.parts FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE crm.part1 PARTITION OF crm.parts FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE crm.part2 PARTITION OF crm.parts FOR VALUES WITH (MODULUS 3, REMAINDER 2);
SELECT leadscore.create_model('p', 'crm.leads'); SELECT leadscore.add_events('p', 'crm.parts', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, condition, points, decay, period)
SELECT 'p', name, event, condition, points, decay, period FROM leadscore.rule WHERE model = 'm';
SELECT leadscore.publish('p');
INSERT INTO crm.parts SELECT id, lead, kind, at FROM crm.events WHERE id % 3 = 0;
ANALYZE crm.parts;
SQL
my $by_partition = "$parallel; SET enable_partitionwise_aggregate = on; SET enable_partitionwise_join = on";
for my $by ('lead', 'kind') {
    my $query = "SELECT count(*), round(sum(x)::numeric, 4) FROM (SELECT $by, leadscore.engagement('p', e,
        $at) AS x FROM crm.parts AS e GROUP BY $by) AS s";
    is($node->safe_psql($db, "$by_partition; $query"), $node->safe_psql($db, "$serial; $query"),
        "by partition, grouped by $by: the same");
}
is_exact($node, $db, 'p', 'live scores of partitions');

# Rows that a rule cannot be evaluated on.
$node->safe_psql($db, <<'SQL');
CREATE TYPE crm.mood AS ENUM ('good', 'broken');
CREATE FUNCTION crm.mood_json(crm.mood) RETURNS json LANGUAGE plpgsql PARALLEL SAFE AS $$
BEGIN IF $1 = 'broken' THEN RAISE EXCEPTION 'this mood cannot be shown'; END IF; RETURN to_json($1::text); END $$;
CREATE CAST (crm.mood AS json) WITH FUNCTION crm.mood_json(crm.mood);
ALTER TABLE crm.leads ADD mood crm.mood, ADD doc json;
UPDATE crm.leads SET doc = CASE WHEN id % 100 = 0 THEN '{"a": "\u0000"}' END::json;
ANALYZE crm.leads;
SQL
my $fit = q{SELECT count(f), sum(f) FROM (SELECT leadscore.fit('m', l) AS f FROM crm.leads AS l) AS s};

# Serially such a row is worth nothing, with a warning. A worker cannot go on after every error: it may pass it on, as it is.
sub is_same_or_error {
    my ($error, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $expected = statement($node, $db, $fit, set => $serial);
    is($expected->{failed}, 0, "$name: serially it is a warning");
    my $done = statement($node, $db, $fit, set => $parallel);
    return ok($done->{failed} ? $done->{err} =~ $error : $done->{out} eq $expected->{out},
        "$name: in parallel the same, or the row's own error")
        || diag("$done->{out}\n$done->{err}");
}
is_same_or_error(qr/22P05: unsupported Unicode escape sequence/, 'a character that jsonb has not');
$node->safe_psql($db, q{UPDATE crm.leads SET doc = NULL, mood = CASE WHEN id % 1000 = 0 THEN 'broken' END::crm.mood});
is_same_or_error(qr/P0001: this mood cannot be shown/, 'a cast that fails');

is_log_clean($node);
$node->stop;
done_testing();
