# The server, or one of its sessions, is killed in the middle of loads: after recovery live scores are what a recompute gives, what was
# committed is there, and all goes on.
#
# LEADSCORE_CRASHES: how often (6).
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use Crm qw(start_server create_crm is_exact);

my $crashes = $ENV{LEADSCORE_CRASHES} // 6;
# As a user has it: what is committed is on disk.
my $node = start_server('crash', 'fsync = on', 'synchronous_commit = on', 'full_page_writes = on', 'restart_after_crash = on',
    'checkpoint_timeout = 30s', 'autovacuum = on', 'autovacuum_naptime = 1s', 'log_statement = none');
my $db = 'postgres';
create_crm(
    $node, $db, draft => <<'SQL');
INSERT INTO leadscore.rule (model, name, event, points, decay, period) VALUES ('m', 'visit', 'visit', 3, 'half_life',
    '1 day'), ('m', 'trial', 'trial', 30, 'window', '2 seconds')
SQL
$node->safe_psql($db, q{INSERT INTO crm.leads SELECT i, CASE i % 3 WHEN 0 THEN 'FR' END FROM generate_series(10, 400) AS i});

# Endless work: a session each of batches in random order, changes, small transactions with savepoints and rollbacks, and what scores
# everybody; and one that says what it has committed, event by event.
my @loads = (
    q{INSERT INTO crm.events (lead, kind) SELECT (random() * 450)::int, (ARRAY['click', 'view', 'visit',
        'trial'])[1 + (random() * 3)::int] FROM generate_series(1, 200);},
    q{UPDATE crm.events SET lead = (random() * 450)::int WHERE id IN (SELECT id FROM crm.events WHERE props IS NULL ORDER BY random()
          LIMIT 20);
      DELETE FROM crm.events WHERE id IN (SELECT id FROM crm.events WHERE props IS NULL ORDER BY random() LIMIT 20);
      UPDATE crm.leads SET country = CASE WHEN random() < 0.5 THEN 'FR' END WHERE id = (random() * 400)::int;},
    q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'visit'); SAVEPOINT s;
      INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'click'); ROLLBACK TO s;
      INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'view'); COMMIT;
      BEGIN; INSERT INTO crm.events (lead, kind) VALUES ((random() * 450)::int, 'click'); ROLLBACK;},
    q{SELECT leadscore.refresh('m'); SELECT leadscore.rebuild('m'); SELECT pg_sleep(0.1);
      SELECT leadscore.publish('m'); SELECT pg_sleep(0.2);});
my $folder = $PostgreSQL::Test::Utils::tmp_check;
for my $i (0 .. $#loads) {
    append_to_file("$folder/load.$i.sql", "SET client_min_messages = error;\n\\o /dev/null\n" . ("$loads[$i]\n" x 2000));
}

# The marks of a round: each is said only after its event was committed.
sub write_marks {
    my ($round) = @_;
    my @lines = map { qq{INSERT INTO crm.events (lead, kind, props) VALUES ($_ % 450, 'click', '{"mark": "$round.$_"}');\n\\echo $round.$_\n} }
        1 .. 5000;
    my $file = "$folder/marks.$round.sql";
    append_to_file($file, "\\set ON_ERROR_STOP on\n" . join('', @lines));
    return $file;
}

# A psql that is refused at once, as in recovery, has closed its input by then: the query is an argument.
sub wait_for_server {
    for (1 .. 600) {
        return 1 if IPC::Run::run([ 'psql', '-XAtq', '-d', $node->connstr($db), '-c', 'SELECT true' ], '<', \undef, '>', \my $out, '2>',
            \my $err);
        sleep(0.1);
    }
    return die 'the server does not come up again';
}

sub start_again {
    for (1 .. 60) {
        $node->{_pid} = undef;    # a start that failed takes the file of the server that is gone for one of a server
        return 1 if $node->start(fail_ok => 1);
        sleep(0.5);    # until all sessions have noticed that the server is gone
    }
    return die 'the server does not start again';
}

my $seed = $ENV{LEADSCORE_SEED} // time;
srand($seed);
note("LEADSCORE_SEED=$seed");
my @marks;    # committed
my $of_backends = 0;
for my $crash (1 .. $crashes) {
    my ($said, @sessions) = ('');
    my @files = ((map { "$folder/load.$_.sql" } 0 .. $#loads), write_marks($crash));
    for my $file (@files) {
        my $out = $file eq $files[-1] ? \$said : \my $ignored;
        push @sessions, IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr($db), '-f', $file ], '<', \undef, '>', $out, '2>',
            \my $err);
    }
    sleep(0.4 + rand(1.2));
    my $is_backend = $crash % 2 == 0;
    if ($is_backend) {
        my @pids = split /\n/, $node->safe_psql($db, q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'
            AND pid <> pg_backend_pid() ORDER BY pid});
        kill(9, $pids[ rand @pids ]);
        $of_backends++;
    } else {
        $node->kill9;
    }
    for my $session (@sessions) { eval { $session->finish } }
    start_again() if !$is_backend;
    wait_for_server();
    push @marks, $said =~ /^(\S+)$/mg;

    is_exact($node, $db, 'm', "crash $crash: live scores are what a recompute gives");
    my $list = join(',', map { "('$_')" } @marks);
    is($node->safe_psql($db, "SELECT count(*) FROM (VALUES $list) AS m(mark)
        WHERE mark NOT IN (SELECT props->>'mark' FROM crm.events WHERE props IS NOT NULL)"), '0',
        "crash $crash: all that was committed is there");
    is($node->safe_psql($db, q{SELECT count(*) FROM m.state WHERE generation <> leadscore.live_generation('m')}), '0',
        "crash $crash: no state is left over of what was interrupted");
}
note(scalar(@marks) . " events known to be committed; $crashes crashes, $of_backends of them of one session");
cmp_ok(scalar(@marks), '>', $crashes, 'there was work in the rounds');

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
