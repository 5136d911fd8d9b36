# publish and rebuild of a model of some size, while others insert and read: nobody waits for long, readers see one version, everybody can
# see how far it is, and live scores are exact afterwards.
use strict;
use warnings;

use IPC::Run qw(start finish);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use Crm qw(start_server create_crm is_exact is_log_clean connection);

my ($leads, $events) = (20_000, 200_000);
my $node = start_server('beside', 'synchronous_commit = off');
my $db = 'postgres';
create_crm($node, $db);
$node->safe_psql($db, <<"SQL");
INSERT INTO crm.leads SELECT i, CASE i % 3 WHEN 0 THEN 'FR' ELSE 'BE' END FROM generate_series(4, $leads) AS i;
INSERT INTO crm.events (lead, kind, at) SELECT 1 + i % $leads, CASE i % 5 WHEN 0 THEN 'click' ELSE 'view' END,
    now() - i * interval '1 second' FROM generate_series(1, $events) AS i;
CREATE TABLE still (runs integer);
INSERT INTO still VALUES (1);
VACUUM ANALYZE;
SQL

my $work = $node->basedir;
sub write_file {
    my ($name, $text) = @_;
    open my $file, '>', "$work/$name" or die "$work/$name: $!";
    print {$file} $text;
    close $file;
    return "$work/$name";
}

# They end when their last query divides by zero.
my $insert = write_file('insert.sql', <<"SQL");
\\set lead random(1, $leads)
INSERT INTO crm.events (lead, kind) VALUES (:lead, 'click');
SELECT 1 / runs FROM still;
SQL
my $read = write_file('read.sql', <<'SQL');
SELECT ln((count(DISTINCT version) = 1)::integer::float8) FROM m.scores WHERE id <= 200;
SELECT 1 / runs FROM still;
SQL

# What pgbench makes of a script, in the background: its handle, its output and the prefix of its log.
my $benches = 0;
sub begin_bench {
    my ($script, $clients) = @_;
    my $bench = { log => "$work/log" . ++$benches, out => '', err => '' };
    local $ENV{PGHOST} = $node->host;
    local $ENV{PGPORT} = $node->port;
    $bench->{handle} = start([ 'pgbench', '--no-vacuum', "--client=$clients", '--jobs=1', '--time=600', '--log',
        "--log-prefix=$bench->{log}", "--file=$script", $db ], '>', \$bench->{out}, '2>', \$bench->{err});
    return $bench;
}

# When and how long its transactions were, in seconds, sorted by length.
sub end_bench {
    my ($bench) = @_;
    finish($bench->{handle});
    my @transactions;
    for my $name (glob "$bench->{log}.*") {
        for (split /\n/, slurp_file($name)) {
            my (undef, undef, $length, undef, $seconds, $micros) = split;
            push @transactions, { length => $length / 1e6, end => $seconds + $micros / 1e6 } if $length =~ /^\d+$/;
        }
    }
    return [ sort { $b->{length} <=> $a->{length} } @transactions ];
}

# While $sql runs in a session of its own, gives what leadscore.progress() says.
sub watch {
    my ($sql) = @_;
    my @seen;
    my $watcher = connection($node, $db);
    my ($out, $err) = ('', '');
    my $psql = start([ 'psql', '-XAtq', '-d', $node->connstr($db), '-c', $sql ], '>', \$out, '2>', \$err);
    while ($psql->pumpable) {
        my $row = $watcher->query('SELECT model, command, phase, done, expected FROM leadscore.progress()');
        push @seen, $row if $row =~ /\|/ && (!@seen || $row ne $seen[-1]);
        $psql->pump_nb;
        sleep 0.1;
    }
    finish($psql);
    $watcher->quit;
    return ($out, $err, @seen);
}

for my $command ('publish', 'rebuild') {
    subtest $command => sub {
        $node->safe_psql($db, 'UPDATE still SET runs = 1');
        $node->safe_psql($db, q{UPDATE leadscore.rule SET points = points + 5 WHERE name = 'click'});
        # A transaction that has written, and stays open: it makes the command wait, and nobody else.
        my $long = connection($node, $db);
        $long->query_safe(q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES (99999, 'view')});
        my ($inserts, $reads) = (begin_bench($insert, 2), begin_bench($read, 1));
        sleep 1;
        my $start = time;
        my ($out, $err, @seen);
        my $pid = fork // die "fork: $!";
        if ($pid == 0) { sleep 3; exec 'psql', '-XAtq', '-d', $node->connstr($db), '-c',
            q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query ~ '99999'} }
        ($out, $err, @seen) = watch("SELECT leadscore.$command('m')");
        my $end = time;
        waitpid $pid, 0;
        $node->safe_psql($db, 'UPDATE still SET runs = 0');
        my @inserted = @{ end_bench($inserts) };
        end_bench($reads);
        is($err =~ s/^NOTICE:  leadscore\.$command.*\n//mgr, '', 'it succeeds');
        cmp_ok($end - $start, '>', 3, 'it waits for a transaction that has written');
        my $meanwhile = grep { $_->{end} > $start && $_->{end} < $end } @inserted;
        cmp_ok($meanwhile, '>', 20, 'others insert meanwhile');
        my $longest = $inserted[0]{length};
        note(sprintf '%s took %.1f s; %d inserts meanwhile, the longest of all took %.0f ms', $command, $end - $start, $meanwhile,
            1000 * $longest);
        cmp_ok($longest, '<', 1, 'and do not wait for long');
        like($inserts->{err}, qr/division by zero/, 'no insert failed');
        unlike($inserts->{err}, qr/deadlock|serialize/, 'for another reason than that they were to end');
        like($reads->{err}, qr/division by zero/, 'readers have seen one version each time');
        unlike($reads->{err}, qr/logarithm/, 'and not two');
        ok((grep { $_ eq "m|$command|waiting for those who write||" } @seen), 'everybody sees that it waits');
        my @steps = grep { /reading|scoring/ } @seen;
        diag("seen: @seen") if !@steps;
        ok(!(grep { /scoring leads\|(\d+)\|/ && $1 > 1.2 * $leads } @steps), 'nothing is counted twice, though some are scored once more');
        ok((grep { /^m\|$command\|(reading leads|scoring leads)\|\d+\|$leads$/ || /^m\|$command\|reading events\|\d+\|\d+$/ } @steps),
            'and how far it is');
        is($node->safe_psql($db, 'SELECT count(*) FROM leadscore.progress()'), '0', 'until it is done');
        is($node->safe_psql($db, 'SELECT count(DISTINCT version) FROM m.scores'), '1', 'all scores are of one version');
        is_exact($node, $db, 'm', 'and exact');
        is($node->safe_psql($db, 'SELECT count(*) FROM m.pending'), '0', 'nothing is pending');
    };
}

subtest 'what the last one left behind' => sub {
    my $old = 'SELECT count(*) FROM m.state WHERE generation <> (SELECT generation FROM m.live)';
    cmp_ok($node->safe_psql($db, $old), '>', 10_000, 'states that count no more stay where they are many');
    $node->safe_psql($db, 'INSERT INTO m.state (lead, state, generation) SELECT -i, s.state, 0
        FROM generate_series(1, 60000) AS i, (SELECT state FROM m.state LIMIT 1) AS s');
    is_exact($node, $db, 'm', 'they are of no account');
    $node->safe_psql($db, q{SELECT leadscore.refresh('m')});
    my $left = $node->safe_psql($db, $old);
    cmp_ok($left, '>', 0, 'refresh removes some of very many');
    $node->safe_psql($db, q{SELECT leadscore.refresh('m')});
    is($node->safe_psql($db, $old), '0', 'and then all');
    is_exact($node, $db, 'm', 'of those');
};

subtest 'it is cancelled' => sub {
    my $before = $node->safe_psql($db, 'SELECT generation, (SELECT max(version) FROM leadscore.version) FROM m.live');
    for my $timeout (1, 20, 100, 300, 600) {
        $node->psql($db, "SET statement_timeout = $timeout; SELECT leadscore.publish('m')", stderr => \my $err);
        if ($err !~ /statement timeout/) { note("it is done within $timeout ms"); last }
        is($node->safe_psql($db, 'SELECT generation, (SELECT max(version) FROM leadscore.version) FROM m.live'), $before,
            "after $timeout ms: nothing has changed");
    }
    is_exact($node, $db, 'm', 'scores are exact');
    $node->safe_psql($db, "INSERT INTO crm.events (lead, kind) VALUES (5, 'click')");
    $node->safe_psql($db, "SELECT leadscore.rebuild('m')");
    is_exact($node, $db, 'm', 'and stay so');
};

is_log_clean($node);
$node->stop;
done_testing();
