# A real stream of events through the live triggers: 262,200 events of 13,087 loan applications, as a bank recorded them within
# half a year.
#
# It is played in batches, one by one, and shuffled, into three tables with a model each, its end moved to an hour ago. The
# scores must be the
# same, and those that plain SQL gives: the sum of points * 2^(-age / half_life).
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use Crm qw(start_server is_exact);
use RealData qw(real_data copy_from);

my $events_file = real_data('bpic2012', 'events.csv.gz');
my $cases_file = real_data('bpic2012', 'cases.csv.gz');
my $node = start_server(
    'real_events', 'shared_buffers = 512MB', 'work_mem = 64MB', 'max_wal_size = 4GB', 'synchronous_commit = off',
        'full_page_writes = off',
    'checkpoint_timeout = 30min');
my $db = 'postgres';
my %models = (batches => 'in batches', single => 'one by one', shuffled => 'shuffled');

sub value { return $node->safe_psql($db, $_[0]) }

sub timed {
    my ($name, $sql) = @_;
    my $start = time;
    my $result = value($sql);
    note(sprintf('%s: %.1f s', $name, time - $start));
    return $result;
}

value(<<'SQL');
CREATE EXTENSION leadscore;
CREATE TABLE applications (case_id bigint PRIMARY KEY, registered_ts timestamptz, amount_req int, n_events int,
    outcome text, outcome_ts timestamptz);
CREATE TABLE stream (case_id bigint, event_no int, event_ts timestamptz, activity text, lifecycle text, resource text);
SQL
copy_from($node, $db, 'applications', $cases_file);
copy_from($node, $db, 'stream', $events_file);
is(value('SELECT count(*) FROM applications'), '13087', 'the applications');
is(value('SELECT count(*), count(DISTINCT case_id) FROM stream'), '262200|13087', 'the events');

value(<<'SQL');
UPDATE stream SET event_ts = event_ts + (SELECT now() - interval '1 hour' - max(event_ts) FROM stream);
-- The rules, for the models and for plain SQL.
CREATE TABLE worth (activity text, lifecycle text, points float8, half_life interval);
INSERT INTO worth VALUES
    ('A_SUBMITTED', 'COMPLETE', 5, '14 days'), ('A_PREACCEPTED', 'COMPLETE', 10, '30 days'),
    ('A_FINALIZED', 'COMPLETE', 15, '30 days'),
    ('W_Afhandelen leads', 'COMPLETE', 3, '3 days 12:00'), ('W_Completeren aanvraag', 'START', 1, '36 hours'),
    ('W_Completeren aanvraag', 'COMPLETE', 2, '5 days'), ('O_SENT', 'COMPLETE', 8, '10 days'),
    ('O_SENT_BACK', 'COMPLETE', 25, '1 month'),
    ('O_CANCELLED', 'COMPLETE', -6, '7 days'), ('W_Nabellen offertes', 'COMPLETE', 2.5, '4 days 08:30'),
    ('W_Nabellen incomplete dossiers', 'COMPLETE', -1.25, '5 days'), ('W_Valideren aanvraag', 'COMPLETE', 7, '20 days'),
    ('W_Beoordelen fraude', 'COMPLETE', -30, '90 days'), ('*', NULL, 0.1, '1 day');
SQL
for my $model (sort keys %models) {
    value(<<"SQL");
CREATE TABLE events_$model (case_id bigint, event_ts timestamptz NOT NULL, activity text, lifecycle text, resource text);
CREATE INDEX ON events_$model (case_id, event_ts);
SELECT leadscore.create_model('$model', 'applications');
SELECT leadscore.add_events('$model', 'events_$model', 'case_id', 'event_ts', 'activity', 'events');
INSERT INTO leadscore.dimension (model, path) VALUES ('$model', 'interest'), ('$model', 'offer'), ('$model', 'size');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, decay, period)
SELECT '$model', concat_ws(' ', activity, lifecycle), CASE WHEN activity LIKE 'O%' THEN 'offer' ELSE 'interest' END, activity,
       format('\$.lifecycle == "%s"', lifecycle)::jsonpath, points, 'half_life', half_life
FROM worth WHERE lifecycle IS NOT NULL
UNION ALL SELECT '$model', 'any', 'interest', '*', NULL, points, 'half_life', half_life FROM worth WHERE activity = '*';
INSERT INTO leadscore.rule (model, name, dimension, condition, points)
VALUES ('$model', 'much', 'size', '\$.amount_req >= 10000', 10);
INSERT INTO leadscore.tier (model, name, position, minimums)
VALUES ('$model', 'cold', 1, '{}'), ('$model', 'warm', 2, '{"score": 15}'), ('$model', 'hot', 3, '{"offer": 10}');
SELECT leadscore.publish('$model');
SQL
}

my $columns = 'case_id, event_ts, activity, lifecycle, resource';
timed('in batches, a day each', <<"SQL");
DO \$\$
DECLARE day date;
BEGIN
    FOR day IN SELECT DISTINCT event_ts::date FROM stream ORDER BY 1 LOOP
        INSERT INTO events_batches SELECT $columns FROM stream WHERE event_ts >= day AND event_ts < day + 1 ORDER BY event_ts;
        COMMIT;
    END LOOP;
END \$\$
SQL
timed('one by one', <<"SQL");
DO \$\$
DECLARE e record; n int := 0;
BEGIN
    FOR e IN SELECT $columns FROM stream ORDER BY event_ts, case_id, event_no LOOP
        INSERT INTO events_single VALUES (e.case_id, e.event_ts, e.activity, e.lifecycle, e.resource);
        n := n + 1;
        IF n % 200 = 0 THEN COMMIT; END IF;
    END LOOP;
END \$\$
SQL
timed('shuffled, 5000 at a time', <<"SQL");
CREATE TABLE pile AS SELECT *, row_number() OVER (ORDER BY md5(case_id || ' ' || event_no)) AS place FROM stream;
CREATE INDEX ON pile (place);
DO \$\$
BEGIN
    FOR i IN 0 .. 262200 / 5000 LOOP
        INSERT INTO events_shuffled SELECT $columns FROM pile WHERE place > i * 5000 AND place <= (i + 1) * 5000;
        COMMIT;
    END LOOP;
END \$\$
SQL
is(value("SELECT count(*) FROM events_$_"), '262200', "all events, $models{$_}") for sort keys %models;

# The same states, whatever the order: every dimension at instants to come.
my $instants = join(', ', map { "(now() + interval '$_')" } '10 minutes', '1 day 03:00', '17 days', '120 days');
for my $model (qw(single shuffled)) {
    my ($compared, $worst) = split /\|/, timed("comparing $model with batches", <<"SQL");
SELECT count(*), max(coalesce(abs(d.a - d.b) / greatest(abs(d.a), abs(d.b), 1e-6), 'infinity'))
FROM batches.state AS s FULL JOIN $model.state AS t USING (lead)
CROSS JOIN (VALUES $instants) AS i(at)
CROSS JOIN LATERAL (
    SELECT a.value::float8, b.value::float8
    FROM jsonb_each(leadscore.breakdown(s.state, i.at)) AS a
    FULL JOIN jsonb_each(leadscore.breakdown(t.state, i.at)) AS b ON a.key = b.key) AS d(a, b)
SQL
    is($compared, 13087 * 4 * 4, "$models{$model}: as many values as in batches");
    cmp_ok($worst, '<', 1e-9, "$models{$model}: the same values as in batches");
    note("largest difference: $worst");
}
is(value("SELECT count(*) FROM batches.scores AS a FULL JOIN $_.scores AS b USING (case_id)
          WHERE (a.tier, a.last_event_at) IS DISTINCT FROM (b.tier, b.last_event_at)"), '0',
              "$models{$_}: the same tiers and times of the last event")
    for qw(single shuffled);

# What plain SQL gives: for every application and instant, what its events up to then are worth, and the sum of their absolute
# values.
timed('plain SQL', <<'SQL');
CREATE TABLE moments AS SELECT i AS number, min(event_ts) + i * (max(event_ts) - min(event_ts)) / 5 + interval '11 minutes' AS at
FROM stream, generate_series(1, 5) AS i GROUP BY i;
CREATE TABLE plain AS
SELECT m.number, m.at, s.case_id, sum(w.points * f.factor) AS value, sum(abs(w.points) * f.factor) AS size
FROM moments AS m
JOIN stream AS s ON s.event_ts <= m.at
JOIN worth AS w ON w.activity = '*' OR w.activity = s.activity AND w.lifecycle = s.lifecycle
CROSS JOIN LATERAL power(2::float8, -extract(epoch FROM m.at - s.event_ts)::float8 / extract(epoch FROM w.half_life)::float8)
    AS f(factor)
GROUP BY m.number, m.at, s.case_id;
CREATE INDEX ON plain (number, case_id);
ANALYZE plain;
SQL
cmp_ok(value('SELECT count(DISTINCT case_id) FROM plain'), '==', 13087, 'every application has a plain score');

# $sql gives (number, case_id, value), for a set of rows of plain; how large is the largest difference?
sub agrees {
    my ($name, $sql, $expected_count) = @_;
    my ($count, $worst) = split /\|/, timed($name, <<"SQL");
SELECT count(*), max(CASE WHEN q.value IS NULL OR p.value IS NULL THEN 'infinity' ELSE abs(q.value - p.value) / p.size END)
FROM ($sql) AS q LEFT JOIN plain AS p USING (number, case_id)
SQL
    is($count, $expected_count, "$name: of all");
    cmp_ok($worst, '<', 1e-9, "$name: as plain SQL gives it");
    note("largest difference, relative to the sum of all awards' sizes: $worst");
    return;
}
my $all = value('SELECT count(*) FROM plain');
agrees('engagement at past instants', <<'SQL', $all);
SELECT m.number, e.case_id, leadscore.engagement('batches', e, m.at) AS value FROM moments AS m
    JOIN events_batches AS e ON e.event_ts <= m.at GROUP BY 1, 2
SQL
agrees('event_state as of past instants', <<'SQL', $all);
SELECT m.number, e.case_id, leadscore.score(leadscore.event_state('shuffled', e, m.at), m.at) AS value
FROM moments AS m JOIN events_shuffled AS e ON e.event_ts <= m.at GROUP BY m.number, m.at, e.case_id
SQL
agrees('event_state with events still to come', <<'SQL', $all);
SELECT * FROM (
    SELECT m.number, e.case_id, leadscore.score(leadscore.event_state('single', e, m.at), m.at) AS value,
           min(e.event_ts) <= m.at AS has_begun
    FROM moments AS m CROSS JOIN events_single AS e GROUP BY m.number, m.at, e.case_id) AS a WHERE a.has_begun
SQL
agrees('state + state of halves', <<'SQL', $all);
SELECT number, case_id, leadscore.score(leadscore.merge(state), at) AS value
FROM (SELECT m.number, m.at, e.case_id, leadscore.event_state('batches', e, m.at) AS state
      FROM moments AS m JOIN events_batches AS e ON e.event_ts <= m.at GROUP BY m.number, m.at, e.case_id, e.resource) AS s
GROUP BY number, case_id, at
SQL
# 10 points of the application's own
my $sample = value('SELECT count(*) FROM plain WHERE case_id % 13 = 1');
agrees('score(model, lead, at) of one application in thirteen', <<'SQL', $sample);
SELECT p.number, p.case_id, leadscore.score('shuffled', p.case_id, p.at)
    - CASE WHEN a.amount_req >= 10000 THEN 10 ELSE 0 END AS value
FROM plain AS p JOIN applications AS a USING (case_id) WHERE p.case_id % 13 = 1
SQL
agrees('decayed_sum of one kind', <<'SQL', $all);
SELECT m.number, s.case_id,
       p.value + coalesce(leadscore.decayed_sum(8, s.event_ts, '10 days', m.at) FILTER (WHERE s.activity = 'O_SENT'), 0)
       - coalesce(sum(8 * power(2::float8, -extract(epoch FROM m.at - s.event_ts)::float8 / 864000))
                  FILTER (WHERE s.activity = 'O_SENT'), 0) AS value
FROM moments AS m JOIN stream AS s ON s.event_ts <= m.at JOIN plain AS p USING (number, case_id)
    GROUP BY m.number, s.case_id, p.value
SQL

# The live score now, of every application.
my ($count, $worst) = split /\|/, timed('live scores and plain SQL', <<'SQL');
WITH now AS (SELECT s.lead, greatest(now(), leadscore.horizon(s.state)) AS at, s.state FROM batches.state AS s)
SELECT count(*), max(abs(leadscore.score(n.state, n.at) - CASE WHEN a.amount_req >= 10000 THEN 10 ELSE 0 END - p.value) / p.size)
FROM now AS n JOIN applications AS a ON a.case_id = n.lead
CROSS JOIN LATERAL (
    SELECT sum(w.points * f.factor) AS value, sum(abs(w.points) * f.factor) AS size
    FROM events_batches AS s JOIN worth AS w ON w.activity = '*' OR w.activity = s.activity AND w.lifecycle = s.lifecycle
    CROSS JOIN LATERAL power(2::float8, -extract(epoch FROM n.at - s.event_ts)::float8 / extract(epoch FROM w.half_life)::float8)
        AS f(factor)
    WHERE s.case_id = n.lead) AS p
SQL
is($count, '13087', 'live scores of all');
cmp_ok($worst, '<', 1e-9, 'live scores: as plain SQL gives them');
is_exact($node, $db, $_, "$models{$_}: live scores are what a recompute gives") for sort keys %models;
is(value('SELECT count(*) FROM single.pending'), '0', 'nothing is pending where nobody competes');

# Applications are merged, and some of their history is struck.
timed('merging and striking', <<'SQL');
UPDATE events_batches SET case_id = case_id - 3 WHERE case_id IN (SELECT case_id FROM applications WHERE case_id % 50 = 0);
DELETE FROM events_batches WHERE activity = 'O_SENT' AND case_id % 9 = 0;
SQL
is_exact($node, $db, 'batches', 'after a merge');

$node->stop;
done_testing();
