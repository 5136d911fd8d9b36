# Reading live scores: the view, the best, what is due, why.
package Reading;

use strict;
use warnings;

use Measure qw(interleave median ratios);
use Writing;

# A plain table of what the view shows, with its key.
sub plain_table {
    my ($bench, $crm) = @_;
    $bench->{session}->run("DROP TABLE IF EXISTS bench.plain; CREATE TABLE bench.plain AS SELECT * FROM $crm->{model}.scores;
        ALTER TABLE bench.plain ADD PRIMARY KEY (id); VACUUM (ANALYZE, FREEZE) bench.plain");
    return;
}

sub script {
    my ($bench, $name, $sql) = @_;
    my $file = "$bench->{work}/$name.pgbench";
    open my $script, '>', $file or die "$file: $!\n";
    print {$script} $sql;
    close $script;
    return $file;
}

sub scores {
    my ($bench) = @_;
    my $crm = $bench->main_crm;
    plain_table($bench, $crm);
    my %from = (subject => "$crm->{model}.scores", peer => 'bench.plain');
    my %script = map { $_ => script($bench, $_, "\\set id random(1, $crm->{leads})\nSELECT * FROM $from{$_} WHERE id = :id;\n") } keys %from;
    my $seconds = $bench->{leads} >= 1_000_000 ? 3 : 1;
    for my $protocol (qw(prepared simple)) {
        my $times = interleave($bench->{repeat}, [ map { my $who = $_;
            $who => sub { 1000 / Writing::pgbench('--client=1', "--time=$seconds", "--protocol=$protocol", "--file=$script{$who}") } }
            qw(peer subject) ]);
        $bench->result(what => "SELECT * FROM scores, one lead, $protocol protocol", peer_name => 'a plain table', target => 2,
            subject => $times->{subject}, peer => $times->{peer}, values => ratios(@$times{qw(subject peer)}));
    }
    unlink values %script;
    $bench->compare(what => "SELECT * FROM scores, all $crm->{leads} leads", peer_name => 'a plain table', target => 5,
        map { ($_ eq 'peer' ? 'time_peer' : 'time') => do { my $who = $_;
            sub { $bench->{session}->time("EXPLAIN (ANALYZE, TIMING off) SELECT * FROM $from{$who}") } } } keys %from);
    $bench->compare(what => "The same, written out as text by COPY", peer_name => 'a plain table',
        map { ($_ eq 'peer' ? 'time_peer' : 'time') => do { my $who = $_;
            sub { $bench->{session}->time("COPY (SELECT * FROM $from{$who}) TO '/dev/null'") } } } keys %from);
    return;
}

sub explain {
    my ($bench) = @_;
    my $crm = $bench->main_crm;
    my ($first, $leads) = $crm->group('many');
    my @times = map { my $lead = $first + $_ % $leads;
        $bench->{session}->time("SELECT * FROM leadscore.explain('$crm->{model}', $lead)") } 0 .. 20;
    shift @times;
    $bench->must_hold('what explains a lead adds up to its score', <<"SQL");
SELECT abs(points - (SELECT score FROM $crm->{model}.scores WHERE id = $first)) < 1e-6
FROM leadscore.explain('$crm->{model}', $first) AS e WHERE path = 'score' AND rule IS NULL
SQL
    $bench->result(what => 'explain of a lead with 1,000 events', unit => 'ms', target => 5, values => \@times);
    return;
}

# Everything that fades in another way.
my $mixed = <<'SQL';
UPDATE leadscore.rule AS r SET decay = c.decay, rate = c.rate, period = CASE c.decay WHEN 'none' THEN NULL ELSE r.period END
FROM (VALUES (0, 'half_life', NULL), (1, 'linear', 0.5), (2, 'window', NULL), (3, 'step', 0.25), (4, 'none', NULL)) AS c (place, decay, rate)
WHERE r.model = 'mixed' AND r.event IS NOT NULL AND abs(hashtext(r.name)::bigint) % 5 = c.place;
SQL

# The best of a model with all decays. It is another model of the same leads.
sub top {
    my ($bench) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    my $what = "top 100 of $crm->{leads} leads, mixed decays";
    my $there = $session->run(q{SELECT to_regproc('leadscore.top') IS NOT NULL});
    return $bench->skip($what, 'there is no function top') if $there ne 't';
    my $model = $bench->crm(model => 'mixed');
    my $done = eval {
        $bench->step('a second model with mixed decays', sub {
            $session->run_file("$bench->{folder}/sql/model.sql", schema => $crm->{schema}, model => 'mixed', rules => $crm->{rules});
            $session->run("$mixed; SELECT leadscore.publish('mixed'); VACUUM (ANALYZE) mixed.state");
        });
        my @times = map { $session->time(q{SELECT * FROM leadscore.top('mixed', 100)}) } 0 .. 20;
        shift @times;
        my @slow = map { $session->time('SELECT * FROM mixed.scores ORDER BY score DESC LIMIT 100') } 1 .. $bench->{repeat};
        $bench->must_hold('top gives the highest scores', <<'SQL');
SELECT (SELECT array_agg(round(score::numeric, 6) ORDER BY score DESC) FROM leadscore.top('mixed', 100))
     = (SELECT array_agg(round(score::numeric, 6) ORDER BY score DESC) FROM (SELECT score FROM mixed.scores ORDER BY score DESC LIMIT 100) AS s)
SQL
        $bench->result(what => $what, unit => 'ms', target => 5, values => \@times, subject => \@times, peer => \@slow,
            peer_name => 'ORDER BY score LIMIT 100');
        1;
    };
    my $error = $@;
    $model->drop;
    die $error if !$done;
    return;
}

# Makes changes of tier due: cold leads have an event that begins to count in a moment. Gives the last event before them.
sub make_due {
    my ($bench, $crm, $due) = @_;
    my $session = $bench->{session};
    my $last = $session->run("SELECT max(id) FROM $crm->{schema}.events");
    $session->run(<<"SQL");
SELECT leadscore.refresh('$crm->{model}');
INSERT INTO $crm->{schema}.events (lead_id, kind, at, props)
SELECT id, 'trial', now() + interval '3 seconds', '{"url": "/pricing/1", "seconds": 200}'
FROM $crm->{model}.scores WHERE tier = 'cold' AND engagement > -1 ORDER BY id LIMIT $due;
VACUUM (ANALYZE) $crm->{model}.state
SQL
    return $last;
}

# Refreshes a model, and takes it back, so that as much is due the next time.
sub time_refresh {
    my ($bench, $crm, $due) = @_;
    my $session = $bench->{session};
    $session->run('BEGIN');
    my $time = $session->time("SELECT leadscore.refresh('$crm->{model}')");
    my $done = $session->run("SELECT count(*) FROM $crm->{model}.tier_changes WHERE cause = 'time' AND recorded_at >= now()");
    $session->run("ROLLBACK; VACUUM $crm->{model}.state, $crm->{model}.tier_changes");
    die "VOID: refresh recorded $done changes, not $due\n" if abs($done - $due) > 0.05 * $due;
    return $time;
}

sub refresh {
    my ($bench) = @_;
    my ($large, $session) = ($bench->main_crm, $bench->{session});
    my $small = $bench->crm(schema => 'crm_small', model => 'small', leads => $bench->{leads} / 10, events => $bench->{events} / 10);
    $bench->step("a CRM and a model of $small->{leads} leads", sub { $small->make_tables; $small->make_model });
    my $due = $bench->{leads} >= 100_000 ? 1000 : int($bench->{leads} / 50);
    my %last = map { $_->{model} => make_due($bench, $_, $due) } $large, $small;
    sleep 4;
    my $times = interleave(5 * $bench->{repeat}, [ map { my $crm = $_;
        $crm->{model} => sub { time_refresh($bench, $crm, $due) } } $small, $large ]);
    $bench->result(what => "refresh with $due changes due, $large->{leads} leads", unit => 'ms', target => 200, values => $times->{b2b},
        subject => $times->{b2b});
    $bench->result(what => "refresh with $due changes due, from $small->{leads} to $large->{leads} leads",
        peer_name => "$small->{leads} leads", target => 1.5, subject => $times->{b2b}, peer => $times->{small},
        values => ratios(@$times{qw(b2b small)}));
    $session->run("DELETE FROM $large->{schema}.events WHERE id > $last{b2b}");
    $small->drop;
    $session->run('DROP SCHEMA crm_small CASCADE');
    return;
}

1;
