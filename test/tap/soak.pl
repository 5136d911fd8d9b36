# Sixteen sessions at once change events and leads, publish, refresh, rebuild, and make and drop a second model: no deadlock that a
# retry does not solve, no point lost, no memory that grows, nothing left over.
#
# LEADSCORE_SOAK_SECONDS: for how long (60).
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use Crm qw(start_server create_crm is_exact is_log_clean);

my $seconds = $ENV{LEADSCORE_SOAK_SECONDS} // 60;
my $largest_growth = 6 * 1024;    # kB of a backend's own memory, from the end of the warming-up to the end
my $node = start_server('soak', 'synchronous_commit = off', 'max_connections = 40', 'autovacuum = on', 'autovacuum_naptime = 5s',
    'deadlock_timeout = 100ms', 'log_statement = none');
my $db = 'postgres';
create_crm(
    $node, $db, draft => <<'SQL');
INSERT INTO leadscore.rule (model, name, event, points, decay, period) VALUES ('m', 'visit', 'visit', 3, 'half_life',
    '1 day'), ('m', 'trial', 'trial', 30, 'window', '2 seconds')
SQL
$node->safe_psql($db, <<'SQL');
INSERT INTO crm.leads SELECT i, CASE i % 3 WHEN 0 THEN 'FR' END FROM generate_series(10, 400) AS i;
SQL

# Each program with the number of its sessions. A model is made, published and dropped by one session alone.
my $insert = q{INSERT INTO crm.events (lead, kind) SELECT (random() * 450)::int,
    (ARRAY['click', 'view', 'visit', 'trial'])[1 + (random() * 3)::int] FROM generate_series(1, %d);};
my @programs = (
    [ 5, 'insert one', sprintf($insert, 1) ],
    [ 2, 'insert many', sprintf($insert, 50) ],
    [ 2, 'change events', q{UPDATE crm.events SET lead = (random() * 450)::int
          WHERE id IN (SELECT id FROM crm.events TABLESAMPLE system (10) LIMIT 5);
      DELETE FROM crm.events WHERE id IN (SELECT id FROM crm.events TABLESAMPLE system (10) LIMIT 30);} ],
    [ 1, 'change leads', q{BEGIN; UPDATE crm.leads SET country = CASE WHEN random() < 0.5 THEN 'FR' END
          WHERE id = (random() * 400)::int;
      SAVEPOINT s; DELETE FROM crm.leads WHERE id = (random() * 400)::int; ROLLBACK TO s;
      INSERT INTO crm.leads VALUES ((random() * 450)::int, 'BE') ON CONFLICT (id) DO UPDATE SET country = 'BE'; COMMIT;} ],
    [ 1, 'roll back', 'BEGIN; ' . sprintf($insert, 20) . ' ROLLBACK;' ],
    [ 1, 'refresh', q{SELECT leadscore.refresh('m'); SELECT pg_sleep(0.05);} ],
    [ 1, 'rebuild', q{SELECT leadscore.rebuild('m'); SELECT pg_sleep(0.5);} ],
    [ 1, 'publish', q{UPDATE leadscore.rule SET points = 1 + (random() * 10)::int WHERE model = 'm' AND name = 'view';
      SELECT leadscore.publish('m'); SELECT pg_sleep(0.7);} ],
    [ 1, 'come and go', q{SELECT leadscore.create_model('n', 'crm.leads');
      SELECT leadscore.add_events('n', 'crm.events', 'lead', 'at', 'kind');
      INSERT INTO leadscore.rule (model, name, event, points) VALUES ('n', 'any', '*', 1);
      SELECT leadscore.publish('n'); SELECT pg_sleep(0.3); SELECT leadscore.drop_model('n');} ],
    [ 1, 'read', q{SELECT count(*), sum(score) FROM m.scores; SELECT * FROM leadscore.explain('m', 12);
      SELECT * FROM leadscore.top('m', 3); SELECT count(*) FROM leadscore.verify('m'); SELECT pg_sleep(0.1);} ]);

my @running;
my $started = time;
for my $program (@programs) {
    my ($clients, $name, $sql) = @$program;
    my $file = "$PostgreSQL::Test::Utils::tmp_check/" . ($name =~ tr/ /_/r) . '.sql';
    # Statements that must be all or nothing for a retry to be possible are one transaction.
    append_to_file($file, $sql =~ /^BEGIN|publish\('n'\)|pg_sleep/ ? $sql : "BEGIN; $sql COMMIT;");
    my ($out, $err) = ('', '');
    my $run = { name => $name, out => \$out, err => \$err };
    local $ENV{PGOPTIONS} = '-c client_min_messages=error -c lock_timeout=60s';
    $run->{handle} = IPC::Run::start([ 'pgbench', '-n', '-f', $file, '-c', $clients, '-T', $seconds, '--max-tries=1000',
        '--failures-detailed', $node->connstr($db) ], '<', \undef, '>', $run->{out}, '2>', $run->{err});
    push @running, $run;
}

# The memory of its own, in kB, of every session of the load.
sub memory_of_backends {
    my %memory;
    for my $pid (split /\n/, $node->safe_psql($db, q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'
        AND pid <> pg_backend_pid()})) {
        open(my $status, '<', "/proc/$pid/status") or next;
        while (<$status>) { $memory{$pid} = $1 if /^RssAnon:\s+(\d+)/ }
    }
    return %memory;
}

sleep($seconds * 0.4);
my %warm = memory_of_backends();
sleep($seconds * 0.5);
my %end = memory_of_backends();
is(scalar keys %end, 16, 'all sessions are there at the end');
for my $pid (sort { $a <=> $b } keys %end) {
    my $growth = $end{$pid} - ($warm{$pid} // 0);
    cmp_ok($growth, '<', $largest_growth, "the memory of a session stays flat: $end{$pid} kB, $growth kB more than when it was warm");
}

for my $run (@running) {
    IPC::Run::finish($run->{handle});
    my ($done) = ${ $run->{out} } =~ /transactions actually processed: (\d+)/;
    my ($failed) = ${ $run->{out} } =~ /number of failed transactions: (\d+)/;
    my ($retried) = ${ $run->{out} } =~ /number of transactions retried: (\d+)/;
    cmp_ok($done // 0, '>', 0, "$run->{name}: " . ($done // 0) . ' transactions, ' . ($retried // 0) . ' of them tried again');
    is($failed, 0, "$run->{name}: none failed for good");
    is(join("\n", grep { /error|aborted|FATAL|PANIC/i } split(/\n/, ${ $run->{err} })), '', "$run->{name}: no other error");
}
note(sprintf('%.0f s', time - $started));

is_exact($node, $db, 'm', 'live scores are what a recompute gives');
$node->safe_psql($db, q{SELECT leadscore.refresh('m')});
is($node->safe_psql($db, 'SELECT count(*) FROM m.pending'), '0', 'no event is pending after a refresh');
is_exact($node, $db, 'm', 'nor does that change anything');
is($node->safe_psql($db, <<'SQL'), '', 'and those of plain SQL');
SELECT id, s.score, p.points
FROM (SELECT lead, leadscore.score(state, t.at) AS score FROM m.state, (SELECT now() + interval '1 minute') AS t(at)) AS s
FULL JOIN (SELECT coalesce(l.id, e.lead) AS id, CASE l.country WHEN 'FR' THEN 100 ELSE 0 END + coalesce(e.points, 0) AS points
           FROM crm.leads AS l FULL JOIN (
               SELECT lead, sum(CASE kind WHEN 'click' THEN 10
                                WHEN 'view' THEN (SELECT points FROM leadscore.rule WHERE model = 'm' AND name = 'view')
                                WHEN 'visit' THEN 3 * power(2, -extract(epoch FROM now() + interval '1 minute' - at)::float8
                                    / 86400)
                                ELSE 0 END) AS points
               FROM crm.events GROUP BY lead) AS e ON e.lead = l.id) AS p ON p.id = s.lead
WHERE (abs(s.score - p.points) < 1e-6) IS NOT TRUE
SQL

# Nothing is left over.
is($node->safe_psql($db, q{SELECT count(*) FROM m.state WHERE generation <> leadscore.live_generation('m')}), '0',
    'no state of another generation');
# Autovacuum may just be at work.
ok($node->poll_query_until($db, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE pid <> pg_backend_pid()
    AND (backend_type = 'client backend' OR backend_xmin IS NOT NULL)}), 'no session and no snapshot');
is($node->safe_psql($db, 'SELECT count(*) FROM pg_ls_tmpdir()'), '0', 'no temporary file');
is($node->safe_psql($db, q{SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid() AND locktype <> 'virtualxid'}), '0', 'no lock');
$node->safe_psql($db, 'CHECKPOINT');
$node->safe_psql($db, 'CHECKPOINT');
my $oid = $node->safe_psql($db, q{SELECT oid FROM pg_database WHERE datname = current_database()});
my %known = map { $_ => 1 } split /\n/, $node->safe_psql($db, 'SELECT pg_relation_filenode(oid) FROM pg_class WHERE relkind IN
    (\'r\', \'i\', \'t\', \'S\', \'m\')');
my @unknown = grep { -s $node->data_dir . "/base/$oid/$_" && /^(\d+)/ && !$known{$1} } slurp_dir($node->data_dir . "/base/$oid");
is("@unknown", '', 'no file that is of no relation');
is_log_clean($node);

$node->stop;
done_testing();
