# Scoring in queries: rows and events without anything stored.
package Querying;

use strict;
use warnings;

use Measure qw(interleave median ratios);

sub fit_query { my ($model, $schema) = @_; return "SELECT l.id, leadscore.fit('$model', l) AS value FROM $schema.leads AS l" }

sub fit_by_hand {
    my ($bench, $rules, $schema) = @_;
    my $sum = $bench->{session}->run("SELECT bench.fit_by_hand($rules)");
    return "SELECT l.id, least($sum, 10 * $rules) AS value FROM $schema.leads AS l";
}

# A second model of the same leads, with 50 rules on leads alone.
sub with_fifty_rules {
    my ($bench, $code) = @_;
    my $crm = $bench->main_crm;
    my $small = $bench->crm(model => 'fifty', rules => 50);
    $bench->step('a second model with 50 rules on leads', sub { $small->make_model });
    my $done = eval { $code->(); 1 };
    my $error = $@;
    $small->drop;
    die $error if !$done;
    return;
}

sub fit {
    my ($bench) = @_;
    my $crm = $bench->main_crm;
    my $rules = $crm->{rules};
    with_fifty_rules($bench, sub {
        my %query = ("ours 50" => fit_query('fifty', $crm->{schema}), "ours $rules" => fit_query($crm->{model}, $crm->{schema}),
            map { +"hand $_" => fit_by_hand($bench, $_, $crm->{schema}) } 50, $rules);
        $bench->must_agree("fit with $_ rules is the CASE sum", $query{"ours $_"}, $query{"hand $_"}) for 50, $rules;
        my $times = interleave($bench->{repeat}, [ map { my $name = $_;
            $name => sub { $bench->{session}->time("SELECT sum(value) FROM ($query{$name}) AS q") } } sort keys %query ]);
        for my $count (50, $rules) {
            $bench->result(what => "fit of $crm->{leads} leads, $count rules", peer_name => 'CASE sum',
                subject => $times->{"ours $count"}, peer => $times->{"hand $count"},
                values => ratios($times->{"ours $count"}, $times->{"hand $count"}), target => $count == 50 ? undef : 0.25);
        }
        $bench->result(what => "fit, from 50 to $rules rules", peer_name => 'fit with 50 rules', subject => $times->{"ours $rules"},
            peer => $times->{'ours 50'}, values => ratios($times->{"ours $rules"}, $times->{'ours 50'}), target => 1.5);
        return;
    });
    return;
}

sub engagement_query {
    my ($crm, $at) = @_;
    return "SELECT e.lead_id, leadscore.engagement('$crm->{model}', e, $at) AS value FROM $crm->{schema}.events AS e GROUP BY e.lead_id";
}

sub engagement_by_hand {
    my ($bench, $crm) = @_;
    my $epoch = $bench->{session}->run("SELECT date_part('epoch', midnight) FROM $crm->{schema}.anchor");
    my $worth = $bench->{session}->run("SELECT bench.event_by_hand('$epoch')");
    return "SELECT e.lead_id, sum($worth) AS value FROM $crm->{schema}.events AS e GROUP BY e.lead_id";
}

sub midnight {
    my ($bench, $crm) = @_;
    return q{timestamptz '} . $bench->{session}->run("SELECT midnight FROM $crm->{schema}.anchor") . q{'};
}

sub engagement {
    my ($bench) = @_;
    my $crm = $bench->main_crm;
    my %query = (ours => engagement_query($crm, midnight($bench, $crm)), hand => engagement_by_hand($bench, $crm),
        count => "SELECT lead_id, count(*) AS value FROM $crm->{schema}.events GROUP BY lead_id");
    $bench->must_agree('engagement is the CASE sum', @query{qw(ours hand)});
    my $times = interleave($bench->{repeat}, [ map { my $name = $_;
        $name => sub { $bench->{session}->time("SELECT count(*), sum(value) FROM ($query{$name}) AS q") } } qw(count ours hand) ]);
    my %about = (what => "engagement of $crm->{events} events by lead, 24 rules", subject => $times->{ours});
    $bench->result(%about, peer_name => 'count(*) GROUP BY lead', peer => $times->{count}, target => 1.3,
        values => ratios(@$times{qw(ours count)}));
    $bench->result(%about, peer_name => 'CASE sum', peer => $times->{hand}, target => 0.6, values => ratios(@$times{qw(ours hand)}));
    return;
}

# Whether the plans use workers by themselves, with the settings of PostgreSQL as it comes; and whether the result is the same.
sub parallel {
    my ($bench) = @_;
    my ($crm, $session) = ($bench->main_crm, $bench->{session});
    my %query = (fit => fit_query($crm->{model}, $crm->{schema}), engagement => engagement_query($crm, midnight($bench, $crm)));
    for my $name (sort keys %query) {
        my $query = "SELECT count(*), sum(value) FROM ($query{$name}) AS q";
        my ($planned) = $session->run("EXPLAIN $query") =~ /Workers Planned: (\d+)/;
        my $plan = $session->run("EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) $query");
        my ($launched) = $plan =~ /Workers Launched: (\d+)/;
        $session->run("CREATE TEMP TABLE parallel AS $query{$name}");
        $session->run("SET max_parallel_workers_per_gather = 0; CREATE TEMP TABLE serial AS $query{$name};
            RESET max_parallel_workers_per_gather");
        # CREATE TABLE AS runs in parallel, too; the keys are the leads.
        $session->run('ALTER TABLE parallel RENAME COLUMN ' . ($name eq 'fit' ? 'id' : 'lead_id') . ' TO key; ' .
            'ALTER TABLE serial RENAME COLUMN ' . ($name eq 'fit' ? 'id' : 'lead_id') . ' TO key');
        $bench->must_agree("$name in parallel gives the same", 'SELECT key, value FROM parallel', 'SELECT key, value FROM serial');
        $session->run('DROP TABLE parallel, serial');
        $bench->result(what => "Workers in the plan of $name (the result is the same)", unit => '', sense => '>=',
            target => 2, values => [ $planned // 0 ], subject => 'launched ' . ($launched // 0));
    }
    return;
}

1;
