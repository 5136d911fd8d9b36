# Scoring everybody: rebuild, publish, and the table of states that they leave.
package Rebuilding;

use strict;
use warnings;

use Memory qw(peak_of);
use Measure qw(interleave median ratios);
use Querying;
use Writing;

# What rebuild does, by hand: the score of every lead into a table with its key.
sub by_hand {
    my ($bench, $crm) = @_;
    my $fit = Querying::fit_by_hand($bench, $crm->{rules}, $crm->{schema});
    my $engagement = Querying::engagement_by_hand($bench, $crm);
    return "INSERT INTO bench.scores SELECT f.id, f.value, coalesce(e.value, 0), f.value + coalesce(e.value, 0)
        FROM ($fit) AS f LEFT JOIN ($engagement) AS e ON e.lead_id = f.id";
}

# The states that the last publish or rebuild has left behind, as refresh removes them by and by.
sub remove_left_overs {
    my ($bench, $crm) = @_;
    $bench->{session}->run("SELECT count(leadscore.refresh('$crm->{model}')) FROM generate_series(0, $crm->{leads} / 50000)");
    $bench->{session}->run("VACUUM (ANALYZE) $crm->{model}.state");
    return;
}

sub rebuild {
    my ($bench) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    my $insert = by_hand($bench, $crm);
    my $midnight = Querying::midnight($bench, $crm);
    $session->run('DROP TABLE IF EXISTS bench.scores; CREATE TABLE bench.scores (lead_id bigint PRIMARY KEY, fit float8, engagement float8, score float8)');
    my $worker = Session->new;
    my $pid = $worker->run('SELECT pg_backend_pid()');
    my (@peaks, %start);
    my $times = interleave($bench->{repeat}, [
        peer => sub {
            $session->run('TRUNCATE bench.scores; CHECKPOINT');
            return $worker->time($insert);
        },
        subject => sub {
            $session->run('CHECKPOINT');
            my $time;
            push @peaks, peak_of($pid, sub { $time = $worker->time("SELECT leadscore.rebuild('$crm->{model}')") });
            return $time;
        } ]);
    my $anchor = "(SELECT date_part('epoch', now() - $midnight))";
    $bench->must_agree('rebuild scores as by hand: fit', "SELECT id, fit FROM $crm->{model}.scores",
        'SELECT lead_id, fit FROM bench.scores');
    my $now = $bench->{session}->run(q{SELECT bench.event_by_hand('date_part(''epoch'', now())')});
    $bench->must_agree('rebuild scores as by hand: engagement', "SELECT id, engagement FROM $crm->{model}.scores", <<"SQL");
SELECT l.id, coalesce(s.value, 0) FROM $crm->{schema}.leads AS l
LEFT JOIN (SELECT e.lead_id, sum($now) AS value FROM $crm->{schema}.events AS e GROUP BY e.lead_id) AS s ON s.lead_id = l.id
SQL
    remove_left_overs($bench, $crm);
    $bench->result(what => "rebuild of $crm->{leads} leads and $crm->{events} events", peer_name => 'INSERT … SELECT of the CASE sum',
        subject => $times->{subject}, peer => $times->{peer}, values => ratios(@$times{qw(subject peer)}), target => 0.6);
    $bench->result(what => 'Memory during rebuild, with its parallel workers, without shared buffers', unit => 'MB', target => 400,
        values => [ map { $_ / 1048576 } @peaks ]);
    return;
}

sub state_size {
    my ($bench) = @_;
    my $crm = $bench->main_crm;
    my ($total, $heap, $indexes, $bytes) = split /\t/, $bench->{session}->run(<<"SQL");
VACUUM FULL $crm->{model}.state;
SELECT pg_total_relation_size(c) / n.count::float8, pg_table_size(c) / n.count::float8, pg_indexes_size(c) / n.count::float8, n.bytes
FROM (SELECT '$crm->{model}.state'::regclass) AS s (c), (SELECT count(*), avg(pg_column_size(state)) AS bytes FROM $crm->{model}.state) AS n
SQL
    $bench->result(what => "State table, a lead of $crm->{leads} with " . $crm->{events} / $crm->{leads} . ' events each',
        unit => 'bytes', target => 200, values => [$total],
        subject => sprintf('heap %.0f, of it the state %.0f; indexes %.0f', $heap, $bytes, $indexes));
    return;
}

# The longest that an insert took, in milliseconds, while a connection runs some SQL.
sub longest_insert {
    my ($bench, $crm, $sql) = @_;
    my ($first, $leads) = $crm->group('some');
    my @scripts = Writing::insert_scripts($bench, $crm);
    my $log = "$bench->{work}/blocked";
    $bench->{session}->run('DROP TABLE IF EXISTS bench.still; CREATE TABLE bench.still (runs integer); INSERT INTO bench.still VALUES (1)');
    # pgbench ends, and writes its log, when its transactions fail.
    for my $script (@scripts) {
        open my $file, '>>', $script or die "$script: $!\n";
        print {$file} "SELECT 1 / runs FROM bench.still;\n";
        close $file;
    }
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec "$Session::programs/pgbench", '--no-vacuum', '--random-seed=1', '--client=2', '--jobs=2', '--time=7200', '--log',
            "--log-prefix=$log", '-Dn=0', "-Dfirst=$first", "-Dleads=$leads", map {"--file=$_"} @scripts;
    }
    sleep 1;
    my $done = eval { $bench->{session}->run($sql); 1 };
    my $error = $@;
    $bench->{session}->run('UPDATE bench.still SET runs = 0');
    waitpid $pid, 0;
    die $error if !$done;
    my $longest = 0;
    for my $name (glob "$log.*") {
        open my $file, '<', $name or die "$name: $!\n";
        # client, transaction, microseconds, script, ...
        while (<$file>) { my $time = (split)[2]; $longest = $time if $time =~ /^\d+$/ && $time > $longest }
        close $file;
        unlink $name;
    }
    unlink @scripts;
    return $longest / 1000;
}

sub publish {
    my ($bench) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    my $last = $session->run("SELECT max(id) FROM $crm->{schema}.events");
    my ($publish, %longest) = "UPDATE leadscore.rule SET points = points + 1 WHERE model = '$crm->{model}' AND name = 'lead 1';
        SELECT leadscore.publish('$crm->{model}')";
    $longest{nothing} = [ map { longest_insert($bench, $crm, 'SELECT pg_sleep(10)') } 1 .. 2 ];
    my $start = Time::HiRes::time();
    $longest{publish} = [ map { longest_insert($bench, $crm, $publish) } 1 .. $bench->{repeat} ];
    my $seconds = (Time::HiRes::time() - $start) / $bench->{repeat};
    $session->run("UPDATE leadscore.rule SET points = points - $bench->{repeat} WHERE model = '$crm->{model}' AND name = 'lead 1'");
    $bench->must_hold('live scores are exact after publish while events came in',
        "NOT EXISTS (SELECT FROM leadscore.verify('$crm->{model}'))");
    $session->run("DELETE FROM $crm->{schema}.events WHERE id > $last");
    $session->run("SELECT leadscore.publish('$crm->{model}'); VACUUM $crm->{schema}.events");
    remove_left_overs($bench, $crm);
    $bench->result(what => 'The longest that publish of a changed model blocks an insert', unit => 'ms', target => 100,
        values => $longest{publish}, subject => sprintf('publish takes %.1f s', $seconds), peer => $longest{nothing},
        peer_name => 'longest without publish', of_unit => 'ms');
    return;
}

1;
