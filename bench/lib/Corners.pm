# Where cost could grow faster than what causes it: each is measured at four sizes, each twice the one before.
package Corners;

use strict;
use warnings;

use Measure qw(growth median);

# A result that is the exponent with which some work grows.
# what, sizes, times (milliseconds by size)
sub grown {
    my ($bench, %with) = @_;
    my @sizes = @{ $with{sizes} };
    my @times = @{ $with{times} };
    return $bench->result(what => $with{what}, unit => '', target => 1.3, values => [ growth(\@sizes, \@times) ],
        subject => join('; ', map { "$sizes[$_]: " . Report::milliseconds($times[$_]) } 0 .. $#sizes),
        note => 'growth exponent: 1 is linear, 2 quadratic');
}

sub doubling { my ($largest) = @_; return map { int($largest / $_) } 8, 4, 2, 1 }

# A small CRM of its own, in schema corner, with model corner; $draft is SQL that makes the rules. Published, unless there is an error.
sub make {
    my ($bench, $leads, $draft) = @_;
    my $session = $bench->{session};
    remove($bench);
    $session->run(<<"SQL");
CREATE SCHEMA corner_crm;
CREATE TABLE corner_crm.leads (id bigint PRIMARY KEY, country text, employees integer);
CREATE TABLE corner_crm.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead_id bigint NOT NULL, kind text NOT NULL,
    at timestamptz NOT NULL, seconds integer);
CREATE INDEX ON corner_crm.events (lead_id, at);
INSERT INTO corner_crm.leads SELECT i, 'country ' || i % 200, i % 5000 FROM generate_series(1, $leads) AS i;
ANALYZE corner_crm.leads;
SELECT leadscore.create_model('corner', 'corner_crm.leads');
SELECT leadscore.add_events('corner', 'corner_crm.events', 'lead_id', 'at', 'kind');
$draft;
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('corner', 'cold', 1, '{}'), ('corner', 'hot', 2, '{"score": 40}')
SQL
    return;
}

sub remove {
    my ($bench) = @_;
    $bench->{session}->run(q{SELECT leadscore.drop_model('corner') FROM leadscore.model WHERE name = 'corner';
        DROP SCHEMA IF EXISTS corner_crm CASCADE});
    return;
}

my $insert = q{INSERT INTO corner_crm.events (lead_id, kind, at, seconds)};

# The time of a statement in a connection that has already compiled the model, in a transaction that is rolled back; the median.
sub time_in_transaction {
    my ($bench, $sql) = @_;
    my $session = Session->new;
    my @times = map { $session->run('BEGIN'); my $time = $session->time($sql); $session->run('ROLLBACK'); $time } 0 .. 5;
    shift @times;
    return median(@times);
}

# One lead with ever more events: some rules keep all of them.
sub one_lead {
    my ($bench) = @_;
    my $session = $bench->{session};
    my @sizes = doubling($bench->{events} / 10);
    my %times;
    for my $size (@sizes) {
        make($bench, 10, <<'SQL');
INSERT INTO leadscore.rule (model, name, event, points, decay, period, max_awards, per) VALUES
    ('corner', 'half-life', 'view', 1, 'half_life', '30 days', NULL, NULL), ('corner', 'window', 'view', 1, 'window', '90 days', NULL, NULL),
    ('corner', 'once a day', 'view', 1, 'linear', '300 days', 1, '1 day')
SQL
        $session->run(q{SELECT leadscore.publish('corner')});
        push @{ $times{statement} }, $session->time("$insert SELECT 1, 'view', now() - i * interval '10 seconds', 1
            FROM generate_series(1, $size) AS i");
        push @{ $times{insert} }, time_in_transaction($bench, "$insert VALUES (1, 'view', now(), 1)");
        push @{ $times{read} }, time_in_transaction($bench, 'SELECT * FROM corner.scores WHERE id = 1');
        push @{ $times{explain} }, time_in_transaction($bench, q{SELECT * FROM leadscore.explain('corner', 1)});
        push @{ $times{rebuild} }, $session->time(q{SELECT leadscore.rebuild('corner')});
        $bench->must_hold('scores of a lead with very many events are exact', q{NOT EXISTS (SELECT FROM leadscore.verify('corner'))});
    }
    grown($bench, what => 'One statement with all events of one lead', sizes => \@sizes, times => $times{statement});
    grown($bench, what => 'One more event for that lead', sizes => \@sizes, times => $times{insert});
    grown($bench, what => 'Reading its score', sizes => \@sizes, times => $times{read});
    grown($bench, what => 'explain of that lead', sizes => \@sizes, times => $times{explain});
    grown($bench, what => 'rebuild with that lead', sizes => \@sizes, times => $times{rebuild});
    remove($bench);
    return;
}

# One statement for ever more leads: their rows, then an event of each, then their end.
sub one_statement {
    my ($bench) = @_;
    my $session = $bench->{session};
    my @sizes = doubling($bench->{leads});
    my %times;
    for my $size (@sizes) {
        make($bench, 0, <<'SQL');
INSERT INTO leadscore.rule (model, name, condition, points) SELECT 'corner', 'l' || i, format('$.country == "country %s"', i)::jsonpath, i
FROM generate_series(1, 20) AS i;
INSERT INTO leadscore.rule (model, name, event, points, decay, period) VALUES ('corner', 'view', 'view', 5, 'half_life', '30 days')
SQL
        $session->run(q{SELECT leadscore.publish('corner')});
        push @{ $times{leads} }, $session->time("INSERT INTO corner_crm.leads SELECT i, 'country ' || i % 200, 1 FROM generate_series(1, $size) AS i");
        push @{ $times{events} }, $session->time("$insert SELECT id, 'view', now(), 1 FROM corner_crm.leads");
        push @{ $times{update} }, $session->time('UPDATE corner_crm.leads SET employees = 2');
        push @{ $times{delete} }, $session->time('DELETE FROM corner_crm.events');
    }
    $bench->must_hold('scores after one statement for all leads are exact', q{NOT EXISTS (SELECT FROM leadscore.verify('corner'))});
    grown($bench, what => 'INSERT of leads', sizes => \@sizes, times => $times{leads});
    grown($bench, what => 'INSERT of an event for each lead', sizes => \@sizes, times => $times{events});
    grown($bench, what => 'UPDATE of all leads', sizes => \@sizes, times => $times{update});
    grown($bench, what => 'DELETE of all their events', sizes => \@sizes, times => $times{delete});
    remove($bench);
    return;
}

# What a model of ever more parts costs: to publish, to compile in a new connection, for one more event, for a read, for a lead in fit.
sub model_of {
    my ($bench, $what, $draft, @sizes) = @_;
    my $session = $bench->{session};
    my %times;
    for my $size (@sizes) {
        make($bench, 1000, $draft->($size));
        push @{ $times{publish} }, $session->time(q{SELECT leadscore.publish('corner')});
        my $new = Session->new;
        push @{ $times{first} }, $new->time("$insert VALUES (1, 'view', now(), 1)");
        push @{ $times{insert} }, time_in_transaction($bench, "$insert VALUES (1, 'view', now(), 1)");
        push @{ $times{fit} }, time_in_transaction($bench, q{SELECT sum(leadscore.fit('corner', l)) FROM corner_crm.leads AS l});
        push @{ $times{read} }, time_in_transaction($bench, 'SELECT sum(score) FROM corner.scores');
        push @{ $times{explain} }, time_in_transaction($bench, q{SELECT * FROM leadscore.explain('corner', 1)});
        $bench->must_hold("scores with $what are exact", q{NOT EXISTS (SELECT FROM leadscore.verify('corner'))});
    }
    grown($bench, what => "$what: publish, 1,000 leads", sizes => \@sizes, times => $times{publish});
    grown($bench, what => "$what: first insert of a new connection", sizes => \@sizes, times => $times{first});
    grown($bench, what => "$what: one more event", sizes => \@sizes, times => $times{insert});
    grown($bench, what => "$what: fit of 1,000 leads", sizes => \@sizes, times => $times{fit});
    grown($bench, what => "$what: scores of 1,000 leads", sizes => \@sizes, times => $times{read});
    grown($bench, what => "$what: explain", sizes => \@sizes, times => $times{explain});
    remove($bench);
    return;
}

# A rule an event in ten, the others about leads.
sub many_rules {
    my ($bench) = @_;
    return model_of($bench, 'rules', sub { my ($size) = @_; return <<"SQL" }, doubling($bench->{leads} >= 100_000 ? 10_000 : 400));
INSERT INTO leadscore.rule (model, name, condition, points)
SELECT 'corner', 'l' || i, (CASE i % 2 WHEN 0 THEN format('\$.country == "country %s"', i) ELSE format('\$.employees > %s', i) END)::jsonpath, 1
FROM generate_series(1, $size * 9 / 10) AS i;
INSERT INTO leadscore.rule (model, name, event, condition, points, decay, period)
SELECT 'corner', 'e' || i, 'view', format('\$.seconds == %s', i)::jsonpath, 1, 'half_life', '30 days' FROM generate_series(1, $size / 10) AS i
SQL
}

sub many_dimensions {
    my ($bench) = @_;
    return model_of($bench, 'dimensions', sub { my ($size) = @_; return <<"SQL" }, doubling($bench->{leads} >= 100_000 ? 1_000 : 160));
INSERT INTO leadscore.dimension (model, path) SELECT 'corner', 'd' || i FROM generate_series(1, 10) AS i;
INSERT INTO leadscore.dimension (model, path) SELECT 'corner', 'd' || 1 + i % 10 || '.e' || i FROM generate_series(11, $size) AS i;
INSERT INTO leadscore.rule (model, name, dimension, condition, points)
SELECT 'corner', 'l' || i, 'd' || 1 + i % 10 || '.e' || i, format('\$.country == "country %s"', i)::jsonpath, 1 FROM generate_series(11, $size) AS i;
INSERT INTO leadscore.rule (model, name, dimension, event, points, decay, period)
SELECT 'corner', 'e' || i, 'd' || 1 + i % 10 || '.e' || i, 'view', 1, 'half_life', '30 days' FROM generate_series(11, $size, 10) AS i
SQL
}

# A tree that is one branch, with a rule on leads and one on events at every level.
sub deep_tree {
    my ($bench) = @_;
    return model_of($bench, 'levels', sub { my ($size) = @_; return <<"SQL" }, map { int($_) } 7, 13, 25, 50);
INSERT INTO leadscore.dimension (model, path, max_value)
SELECT 'corner', (SELECT string_agg('d' || j, '.' ORDER BY j) FROM generate_series(1, i) AS j), 1000 FROM generate_series(1, $size) AS i;
INSERT INTO leadscore.rule (model, name, dimension, condition, points)
SELECT 'corner', 'l' || i, (SELECT string_agg('d' || j, '.' ORDER BY j) FROM generate_series(1, i) AS j),
    format('\$.country == "country %s"', i)::jsonpath, 1 FROM generate_series(1, $size) AS i;
INSERT INTO leadscore.rule (model, name, dimension, event, points, decay, period)
SELECT 'corner', 'e' || i, (SELECT string_agg('d' || j, '.' ORDER BY j) FROM generate_series(1, i) AS j), 'view', 1, 'half_life', '30 days'
FROM generate_series(1, $size) AS i
SQL
}

1;
