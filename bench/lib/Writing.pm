# Live scoring: what it adds to writes of events.
package Writing;

use strict;
use warnings;

use Measure qw(interleave median ratios);

my @contenders = qw(bare leadscore plpgsql_statement plpgsql_row);
my %shown = (bare => 'the bare table', plpgsql_statement => 'statement trigger in plpgsql', plpgsql_row => 'row trigger in plpgsql');

# The points of a tenth of the leads an hour from now, as leadscore, as the peers and as nobody but the events know them. Not now: what
# this transaction has written is shown as of the clock, which goes on while now() stands.
sub must_be_scored {
    my ($bench, $name) = @_;
    my $crm = $bench->main_crm;
    return if $name eq 'bare';
    my $soon = q{now() + interval '1 hour'};
    my $ours = $name eq 'leadscore'
        ? "SELECT s.lead, leadscore.score(s.state, 'engagement', $soon) FROM $crm->{model}.state AS s WHERE s.lead % 10 = 0"
        : "SELECT lead_id, bench.points_at(p, $soon) FROM bench.points AS p WHERE lead_id % 10 = 0";
    my $by_hand = $bench->{session}->run(qq{SELECT bench.event_by_hand(\$\$date_part('epoch', $soon)\$\$)});
    return $bench->must_agree("after COPY, what $name knows is what the events are worth", $ours, <<"SQL");
SELECT l.id, coalesce(s.value, 0) FROM $crm->{schema}.leads AS l
LEFT JOIN (SELECT e.lead_id, sum($by_hand) AS value FROM $crm->{schema}.events AS e GROUP BY e.lead_id) AS s ON s.lead_id = l.id
WHERE l.id % 10 = 0
SQL
}

# COPY of events in a transaction that is rolled back, so that each round finds the same tables.
sub time_copy {
    my ($bench, $name, $file, $is_first) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    $crm->scored_by($name);
    $session->run("CHECKPOINT; BEGIN");
    my $time = $session->time("COPY $crm->{schema}.events (lead_id, kind, at, props) FROM '$file'");
    must_be_scored($bench, $name) if $is_first;
    $session->run("ROLLBACK; VACUUM $crm->{schema}.events, $crm->{model}.state, bench.points");
    return $time;
}

sub copy {
    my ($bench, $what, $leads, %targets) = @_;
    $bench->peers;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    my $count = $crm->{events} / 10;
    my $file = "$bench->{work}/events-$leads.copy";
    $session->run(<<"SQL");
SET search_path = $crm->{schema};
COPY (SELECT 1 + dice(i, 31, $leads), kind(i + 7), midnight - dice(i, 32, 86400) * interval '1 second', props(i + 7)
      FROM anchor, generate_series(1, $count) AS i) TO '$file';
RESET search_path
SQL
    my %rounds;
    my $times = interleave($bench->{repeat}, [ map { my $name = $_;
        $name => sub { time_copy($bench, $name, $file, !$rounds{$name}++) } } @contenders ]);
    $crm->scored_by('leadscore');
    unlink $file;
    for my $peer (grep { $_ ne 'leadscore' } @contenders) {
        $bench->result(what => "COPY of $count events $what", peer_name => $shown{$peer}, subject => $times->{leadscore},
            peer => $times->{$peer}, values => ratios($times->{leadscore}, $times->{$peer}), target => $targets{$peer});
    }
    return;
}

sub copy_scattered {
    my ($bench) = @_;
    my $hit = int($bench->{leads} * (1 - exp(-$bench->{events} / 10 / $bench->{leads})) / 1000 + 0.5);
    return copy($bench, "scattered over ${hit}k leads", $bench->{leads}, bare => 1.4);
}

sub copy_few {
    my ($bench) = @_;
    my $leads = $bench->{leads} / 100;
    return copy($bench, "over $leads leads", $leads, bare => 1.2);
}

# Scripts for pgbench, one a kind of event: inserts an event of the next lead of a group. Clients take turns.
sub insert_scripts {
    my ($bench, $crm) = @_;
    return map {
        my $file = "$bench->{work}/insert-$crm->{schema}-$_.pgbench";
        my ($kind, $props) = split /\t/, $bench->{session}->run("SELECT $crm->{schema}.kind($_), $crm->{schema}.props($_)");
        open my $script, '>', $file or die "$file: $!\n";
        print {$script} <<"SQL";
\\set n :n + 1
\\set lead :first + (2 * :n + :client_id) % :leads
INSERT INTO $crm->{schema}.events (lead_id, kind, at, props) VALUES (:lead, '$kind', now(), '$props');
SQL
        close $script;
        $file;
    } 1 .. 12;
}

# Runs pgbench and gives its transactions per second.
sub pgbench {
    my (@arguments) = @_;
    my $output = qx{@{[join ' ', map {"'$_'"} "$Session::programs/pgbench", '--no-vacuum', '--random-seed=1', @arguments]} 2>&1};
    die "pgbench failed: $output\n" if $? || $output =~ /aborted/;
    my ($rate) = $output =~ /^tps = ([0-9.]+)/m or die "pgbench says no rate: $output\n";
    return $rate;
}

sub undo_inserts {
    my ($bench, $name, $last) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    # What plpgsql has added is taken away again; leadscore follows the DELETE.
    if ($name =~ /plpgsql/) {
        my $origin = $session->run('SELECT epoch FROM bench.origin');
        my %sums = map { $_->[0] => $session->run("SELECT bench.event_by_hand('$origin', '$_->[1]')") }
            [ week => '7 days' ], [ month => '30 days' ], [ quarter => '90 days' ];
        $session->run(<<"SQL");
UPDATE bench.points AS p SET week = p.week - s.week, month = p.month - s.month, quarter = p.quarter - s.quarter
FROM (SELECT e.lead_id, sum($sums{week}) AS week, sum($sums{month}) AS month, sum($sums{quarter}) AS quarter
      FROM $crm->{schema}.events AS e WHERE e.id > $last GROUP BY e.lead_id) AS s
WHERE s.lead_id = p.lead_id
SQL
    }
    $session->run("DELETE FROM $crm->{schema}.events WHERE id > $last;
        VACUUM $crm->{schema}.events, $crm->{model}.state, bench.points");
    return;
}

sub time_inserts {
    my ($bench, $name, $group, $protocol, $scripts) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    my ($first, $leads) = $crm->group($group);
    my (undef, $fresh) = $crm->group('none');
    my $count = int($fresh / 3) < 15000 ? int($fresh / 3) : 15000;
    $crm->scored_by($name);
    my $last = $session->run("SELECT max(id) FROM $crm->{schema}.events");
    my $rate = pgbench('--client=2', '--jobs=2', "--transactions=$count", "--protocol=$protocol", '-Dn=0', "-Dfirst=$first",
        "-Dleads=$leads", map {"--file=$_"} @$scripts);
    undo_inserts($bench, $name, $last);
    return $rate;
}

sub inserts {
    my ($bench) = @_;
    $bench->peers;
    my $crm = $bench->main_crm;
    my @scripts = insert_scripts($bench, $crm);
    my @groups = ([ none => 0 ], [ some => 10 ], [ many => '1,000' ]);
    for my $protocol (qw(simple prepared)) {
        for my $group (@groups) {
            my $rates = interleave($bench->{repeat}, [ map { my $name = $_;
                $name => sub { time_inserts($bench, $name, $group->[0], $protocol, \@scripts) } } @contenders ]);
            for my $peer (grep { $_ ne 'leadscore' } @contenders) {
                $bench->result(
                    what => "Single-row inserts, 2 clients, $protocol protocol, leads with $group->[1] earlier events",
                    peer_name => $shown{$peer}, subject => $rates->{leadscore}, peer => $rates->{$peer}, of_unit => '/s', sense => '>=',
                    values => ratios($rates->{leadscore}, $rates->{$peer}), target => $peer eq 'bare' ? 0.8 : undef);
            }
        }
    }
    unlink @scripts;
    $crm->scored_by('leadscore');
    return;
}

# WAL of inserts whose pages are already in the WAL as a whole, as most are between two checkpoints; and of those just after one.
sub wal_of {
    my ($bench, $name, $scripts) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    my ($first, $leads) = $crm->group('some');
    my $count = $leads / 2 < 2000 ? int($leads / 2) : 2000;
    my $last = $session->run("SELECT max(id) FROM $crm->{schema}.events");
    $crm->scored_by($name);
    $session->run('CHECKPOINT');
    my @bytes;
    # In the first pass every page is new to the WAL and goes there whole, in the second still some of the indexes.
    for my $pass (1 .. 3) {
        my $start = $session->run('SELECT pg_current_wal_insert_lsn()');
        pgbench('--client=1', "--transactions=$count", '-Dn=0', "-Dfirst=$first", "-Dleads=$leads", map {"--file=$_"} @$scripts);
        push @bytes, $session->run("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$start') / $count");
    }
    undo_inserts($bench, $name, $last);
    return @bytes;
}

sub wal {
    my ($bench) = @_;
    $bench->peers;
    my @scripts = insert_scripts($bench, $bench->main_crm);
    my (%cold, %warm);
    for my $round (1 .. $bench->{repeat}) {
        for my $name (@contenders) {
            my ($cold, undef, $warm) = wal_of($bench, $name, \@scripts);
            push @{ $cold{$name} }, $cold;
            push @{ $warm{$name} }, $warm;
        }
    }
    unlink @scripts;
    $bench->main_crm->scored_by('leadscore');
    for my $peer (grep { $_ ne 'leadscore' } @contenders) {
        $bench->result(what => 'WAL of a single-row insert', peer_name => $shown{$peer}, subject => $warm{leadscore},
            peer => $warm{$peer}, of_unit => 'bytes', values => ratios($warm{leadscore}, $warm{$peer}),
            target => $peer eq 'bare' ? 2 : undef);
    }
    $bench->result(what => 'The same just after a checkpoint, with whole pages in the WAL', peer_name => $shown{bare},
        subject => $cold{leadscore}, peer => $cold{bare}, of_unit => 'bytes', values => ratios($cold{leadscore}, $cold{bare}));
    return;
}

# The first insert of a connection compiles the model.
sub first_insert {
    my ($bench) = @_;
    my $crm = $bench->main_crm;
    my ($first) = $crm->group('some');
    my $insert = sub {
        my ($name) = @_;
        $crm->scored_by($name);
        my $session = Session->new;
        $session->run('BEGIN');
        my $time = $session->time("INSERT INTO $crm->{schema}.events (lead_id, kind, at, props)
            VALUES ($first, 'page_view', now(), '{\"url\": \"/pricing/1\", \"seconds\": 200}')");
        $session->run('ROLLBACK');
        return $time;
    };
    my $times = interleave(5 * $bench->{repeat}, [ bare => sub { $insert->('bare') }, leadscore => sub { $insert->('leadscore') } ]);
    $crm->scored_by('leadscore');
    $bench->result(what => "First insert of a new connection, $crm->{rules} rules on leads", unit => 'ms', target => 10,
        values => $times->{leadscore}, subject => $times->{leadscore}, peer => $times->{bare}, peer_name => 'the bare table');
    return;
}

1;
