# The server crashes in the middle of loads: after recovery live scores are what a recompute gives, and all goes on.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Crm qw(start_server create_crm is_exact);

my $crashes = 5;
my $node = start_server('restart', 'synchronous_commit = off', 'restart_after_crash = on', 'checkpoint_timeout = 30s',
    'autovacuum = on', 'autovacuum_naptime = 1s');
my $db = 'postgres';
create_crm(
    $node, $db, draft => <<'SQL');
INSERT INTO leadscore.rule (model, name, event, points, decay, period) VALUES ('m', 'visit', 'visit', 3, 'half_life',
    '1 day'), ('m', 'trial', 'trial', 30, 'window', '2 seconds')
SQL
$node->safe_psql($db, q{INSERT INTO crm.leads SELECT i, CASE i % 3 WHEN 0 THEN 'FR' END FROM generate_series(10, 400) AS i});

# Endless work of three kinds: batches in random order, changes, and small transactions with savepoints and rollbacks.
my @loads = (
    q{INSERT INTO crm.events (lead, kind) SELECT (random() * 450)::int, (ARRAY['click', 'view', 'visit',
        'trial'])[1 + (random() * 3)::int] FROM generate_series(1, 200);},
    q{UPDATE crm.events SET lead = (random() * 450)::int WHERE id IN (SELECT id FROM crm.events ORDER BY random() LIMIT 20);
      DELETE FROM crm.events WHERE id IN (SELECT id FROM crm.events ORDER BY random() LIMIT 20);
      UPDATE crm.leads SET country = CASE WHEN random() < 0.5 THEN 'FR' END WHERE id = (random() * 400)::int;
          SELECT leadscore.refresh('m');},
    q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'visit'); SAVEPOINT s;
      INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'click'); ROLLBACK TO s;
      INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'view'); COMMIT;
      BEGIN; INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'click'); ROLLBACK;});
my $program = "$PostgreSQL::Test::Utils::tmp_check/load";
for my $i (0 .. $#loads) {
    append_to_file("$program.$i.sql", "SET client_min_messages = error;\n" . ("$loads[$i]\n" x 4000));
}

my $seed = time;
srand($seed);
note("seed $seed");
for my $crash (1 .. $crashes) {
    my @sessions = map { IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr($db), '-f', "$program.$_.sql" ], '>', \my $out,
        '2>', \my $err) } 0 .. $#loads;
    sleep(0.5 + rand(1.5));
    $node->stop('immediate');
    for my $session (@sessions) { eval { $session->finish } }
    $node->start;
    is_exact($node, $db, 'm', "crash $crash: live scores are what a recompute gives");
    my ($events, $leads, $pending) = split /\|/, $node->safe_psql($db,
        'SELECT (SELECT count(*) FROM crm.events), (SELECT count(*) FROM m.state), (SELECT count(*) FROM m.pending)');
    cmp_ok($events, '>', 100, "crash $crash: there are events");
    note("$events events, $leads states, $pending pending");
}

is($node->safe_psql($db, <<'SQL'), '0', 'live scores are those of plain SQL');
SELECT count(*) FROM (SELECT lead, leadscore.score(state, t.at) AS score, t.at
    FROM m.state, (SELECT now() + interval '1 minute') AS t(at)) AS s
FULL JOIN (SELECT coalesce(l.id, e.lead) AS lead, CASE l.country WHEN 'FR' THEN 100 ELSE 0 END + coalesce(e.points, 0) AS points
           FROM crm.leads AS l FULL JOIN (
               SELECT lead, sum(CASE kind WHEN 'click' THEN 10 WHEN 'view' THEN 1
                                WHEN 'visit' THEN 3 * power(2, -extract(epoch FROM now() + interval '1 minute' - at)::float8
                                    / 86400)
                                ELSE 0 END) AS points
               FROM crm.events GROUP BY lead) AS e ON e.lead = l.id) AS p USING (lead)
WHERE (abs(s.score - p.points) < 1e-6) IS NOT TRUE AND lead NOT IN (SELECT lead FROM m.pending)
SQL
$node->safe_psql($db, q{SELECT leadscore.refresh('m'); SELECT leadscore.publish('m'); SELECT leadscore.rebuild('m')});
is_exact($node, $db, 'm', 'after refresh, publish and rebuild');
is($node->safe_psql($db, 'SELECT count(*) FROM m.pending'), '0', 'nothing is pending then');

$node->stop;
done_testing();
