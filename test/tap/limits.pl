# Numbers, instants and intervals beyond all sense, very many rules, deep trees, deep and huge documents: clear errors where something is
# refused, and where it is not, statements that succeed, scores that are finite and exact, and a statement_timeout that is kept.
#
# LEADSCORE_RULES: how many rules (10,000); LEADSCORE_TOO_MANY_RULES: so many that no version can hold them (0: none); LEADSCORE_DOCUMENT_MB: how large a document is (4); LEADSCORE_TEXT_MB: a text (0: none), from
# 256 on more than a document can hold.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use Crm qw(start_server create_crm statement error_of warnings_of is_exact is_log_clean);

my $rules = $ENV{LEADSCORE_RULES} // 10_000;
my $too_many_rules = $ENV{LEADSCORE_TOO_MANY_RULES} // 0;
my $megabytes = $ENV{LEADSCORE_DOCUMENT_MB} // 4;
my $text_megabytes = $ENV{LEADSCORE_TEXT_MB} // 0;
my $node = start_server('limits', 'log_statement = none', 'max_wal_size = 4GB', 'synchronous_commit = off');
my $db = 'postgres';
create_crm(
    $node, $db, draft => <<'SQL');
INSERT INTO leadscore.rule (model, name, event, points, multiplier) VALUES ('m', 'times', 'times', 1e12, '$.props.n');
INSERT INTO leadscore.rule (model, name, event, points, decay, period, grace, rate) VALUES
    ('m', 'long', '*', 5, 'half_life', '3000 years', '3000 years', NULL), ('m', 'short', '*', 5, 'step', '1 microsecond', '0', 0.5),
    ('m', 'window', '*', 5, 'window', '3000 years', '0', NULL), ('m', 'visits', 'visits', 2, 'linear', '10 days', '0', NULL)
SQL

# What takes longer than it may is ended by statement_timeout, and must be gone soon after.
sub within {
    my ($seconds, $sql, $name) = @_;
    my $start = time;
    my $done = statement($node, $db, $sql, set => "SET client_min_messages = error; SET statement_timeout = '${seconds}s'");
    is($done->{err}, '', $name);
    note(sprintf '%s: %.1f s', $name, time - $start);
    return $done->{out};
}

sub is_cancelled {
    my ($milliseconds, $sql, $name) = @_;
    my $start = time;
    my $done = statement($node, $db, $sql, set => "SET client_min_messages = error; SET statement_timeout = $milliseconds");
    my $late = time - $start - $milliseconds / 1000;
    like($done->{err}, qr/57014: canceling statement due to statement timeout/, "$name is cancelled");
    cmp_ok($late, '<', 3, sprintf '%s ends %.2f s after its statement_timeout', $name, $late);
    return;
}

sub is_refused {
    my ($sql, $code, $message) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $error = error_of($node, $db, $sql);
    is("$error->{code} $error->{message}", "$code $message", $sql);
    return;
}

sub breaks {
    my ($constraint, $sql) = @_;
    my ($table) = $sql =~ /leadscore\.(\w+)/;
    return is_refused($sql, 23514, qq{new row for relation "$table" violates check constraint "$constraint"});
}

subtest 'numbers' => sub {
    for my $value (qw(NaN infinity -infinity 1e13)) {
        breaks('rule_points_range', "INSERT INTO leadscore.rule (model, name, points) VALUES ('m', 'x', '$value')");
        breaks('dimension_weight_range', "INSERT INTO leadscore.dimension (model, path, weight) VALUES ('m', 'x', '$value')");
        breaks('grade_minimum_range', "INSERT INTO leadscore.grade (model, name, minimum) VALUES ('m', 'x', '$value')");
        is_refused("SELECT leadscore.adjust('m', 1, 'score', '$value', 'why')", 22003, 'the points must be between -1e12 and 1e12');
        is_refused("SELECT leadscore.override('m', 1, '$value'::float8, NULL, 'why')", 22003,
            'the score must be between -1e12 and 1e12');
    }
    $node->safe_psql($db, q{INSERT INTO crm.events (lead, kind, props) VALUES (2, 'times', '{"n": 1e308}'), (2, 'times', '{"n": -1e308}'),
        (2, 'times', '{"n": 1e400}'), (2, 'times', '{"n": "NaN"}'), (2, 'times', '{"n": 1e-400}'), (2, 'times', '{"n": 3}')});
    is($node->safe_psql($db, q{SELECT awards, points FROM leadscore.explain('m', 2) WHERE rule = 'times'}), '1|3000000000000',
        'a multiplier that leaves the range of numbers awards nothing');
    is_exact($node, $db, 'm', 'and scores are exact');
};

subtest 'instants' => sub {
    $node->safe_psql($db, <<'SQL');
CREATE TABLE crm.visits (lead bigint, day date);
SET client_min_messages = warning;
SELECT leadscore.add_events('m', 'crm.visits', 'lead', 'day');
SELECT leadscore.publish('m');
INSERT INTO crm.events (lead, kind, at) SELECT 3, 'click', at::timestamptz
    FROM unnest('{infinity, -infinity, 4713-01-01 BC, 0044-03-15 BC, 294276-12-31, epoch}'::text[]) AS at;
INSERT INTO crm.visits SELECT 3, day::date FROM unnest('{infinity, -infinity, 4713-01-01 BC, 5874897-12-31, 2000-01-01}'::text[]) AS day;
SQL
    is($node->safe_psql($db, q{SELECT rule, awards, points FROM leadscore.explain('m', 3) WHERE rule IN ('click', 'short', 'window')
            ORDER BY rule}), "click|4|40\nshort|7|0\nwindow|7|15", 'events of any time count from their own time on');
    is($node->safe_psql($db, q{SELECT count(*) FROM m.scores WHERE abs(score) < 1e13}), '3', 'scores are finite');
    is_exact($node, $db, 'm', 'and exact');
    for my $at ('4713-01-01 BC', '294276-12-31') {
        like(within(10, "SELECT leadscore.score('m', 3, '$at')", "a score at $at"), qr/^-?\d+(\.\d+)?$/, 'is a number');
    }
    my %calls = (
        q{leadscore.score('m', 3, %s)} => 'a score is asked for at a finite instant',
        q{leadscore.explain('m', 3, %s)} => 'a score is asked for at a finite instant',
        q{leadscore.state_at('m', 3, %s)} => 'the state of a lead is asked for at a finite instant',
        q{leadscore.scores_at('m', %s)} => 'scores are asked for at a finite instant',
        q{leadscore.verify('m', %s)} => 'scores are compared at a finite instant',
        q{leadscore.top('m', 1, %s)} => 'scores are asked for at a finite instant');
    for my $call (sort keys %calls) {
        is_refused('SELECT ' . sprintf($call, "'$_'"), 22008, $calls{$call}) for qw(infinity -infinity);
    }
    is_refused(q{SELECT leadscore.refresh('m', 'infinity')}, 22023, 'infinity lies in the future');
    is(within(10, q{SELECT leadscore.refresh('m', '-infinity')}, 'a refresh up to -infinity'), '0', 'finds nothing to do');
    is_exact($node, $db, 'm', 'scores are still exact');
};

subtest 'intervals' => sub {
    for my $interval ('-1 second', '0', '10000 years', '-178000000 years') {
        for my $column ([ 'period', q{event, decay}, q{'click', 'half_life'} ], [ 'per', 'event, max_awards', q{'click', 1} ],
            [ 'within', 'event, at_least', q{'click', 1} ], [ 'silent_for', 'event', q{'click'} ]) {
            my ($name, $with, $values) = @$column;
            breaks("rule_${name}_range",
                "INSERT INTO leadscore.rule (model, name, points, $with, $name) VALUES ('m', 'x', 1, $values, '$interval')");
        }
        is_refused("SELECT leadscore.decayed_sum(1, now(), '$interval'::interval)", 22023, 'half_life must be positive')
            if $interval ne '10000 years';
    }
    is_refused(q{SELECT leadscore.score_series('m', 3, '2020-01-01', '2021-01-01', '-1 day')}, 22023,
        'the step of a series must be positive, not -1 days');
    is_refused(q{SELECT leadscore.score_series('m', 3, '4713-01-01 BC', '294276-01-01', '1 microsecond')}, 54000,
        'the series has more than 100000 points');
    is(within(10, q{SELECT count(*) FROM leadscore.score_series('m', 3, '2020-01-01', '2021-01-01', '10000 years')},
        'a series of longer steps than it is long'), '1', 'has one point');
};

# A model on the CRM, half of whose rules are about events and half about leads.
sub draft_many {
    my ($many, $seconds) = @_;
    within($seconds, <<"SQL", "a draft with $many rules");
SELECT leadscore.create_model('many', 'crm.leads');
SELECT leadscore.add_events('many', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, condition, points, decay, period)
SELECT 'many', 'rule ' || i, 'buy', format('\$.props.n == %s', i)::jsonpath, 1, 'half_life', '1 day' FROM generate_series(1, $many / 2) AS i;
INSERT INTO leadscore.rule (model, name, condition, points)
SELECT 'many', 'lead rule ' || i, format('\$.country == "%s"', i)::jsonpath, 1 FROM generate_series(1, $many / 2) AS i;
SQL
    return;
}

subtest 'very many rules' => sub {
    my $seconds = 60 + $rules / 500;
    draft_many($rules, $seconds);
    is_cancelled(200, q{SELECT leadscore.publish('many')}, 'its publish');
    within($seconds, q{SELECT leadscore.publish('many')}, 'its publish');
    within($seconds, q{INSERT INTO crm.events (lead, kind, props) VALUES (1, 'buy', '{"n": 77}'), (1, 'buy', '{"n": 78}')}, 'two events');
    within($seconds, q{UPDATE crm.leads SET country = '5' WHERE id = 2}, 'a changed lead');
    is(within($seconds, q{SELECT id, round(score::numeric, 2) FROM many.scores WHERE score > 0 ORDER BY id}, 'scores'), "1|2.00\n2|1.00",
        'are right');
    is(within($seconds, q{SELECT count(*) FROM leadscore.explain('many', 1)}, 'an explanation'), '3', 'has what counts');
    is(within($seconds, q{SELECT * FROM leadscore.verify('many')}, 'verify'), '', 'finds no difference');
    within($seconds, q{SELECT leadscore.drop_model('many')}, 'drop_model');
};

subtest 'more rules than a version can hold' => sub {
    plan skip_all => 'it takes minutes; LEADSCORE_TOO_MANY_RULES says how many, scripts/limits sets it' if !$too_many_rules;
    draft_many($too_many_rules, 600);
    my $error = error_of($node, $db, q{SELECT leadscore.publish('many')});
    is("$error->{code} $error->{message}", '54000 model "many" is too large to be published', 'publish refuses them');
    is_exact($node, $db, 'm', 'other models are as they were');
    within(600, q{SELECT leadscore.drop_model('many')}, 'drop_model');
};

subtest 'deep trees' => sub {
    for my $depth (50, 1000) {
        within(60, <<"SQL", "a tree of $depth dimensions below one another");
SELECT leadscore.create_model('deep', 'crm.leads');
INSERT INTO leadscore.dimension (model, path)
SELECT 'deep', string_agg('d', '.') FROM generate_series(1, $depth) AS i, generate_series(1, i) AS j GROUP BY i;
INSERT INTO leadscore.rule (model, name, dimension, condition, points)
SELECT 'deep', 'leaf', string_agg('d', '.'), '\$.id > 0', 3 FROM generate_series(1, $depth);
SELECT leadscore.publish('deep');
SQL
        is(within(10, q{SELECT sum(score) FROM deep.scores}, 'its scores'), '9', 'are right');
        is(within(10, q{SELECT count(*) FROM leadscore.explain('deep', 1)}, 'an explanation'), $depth + 2, 'has every dimension');
        is(within(10, q{SELECT * FROM leadscore.verify('deep')}, 'verify'), '', 'finds no difference');
        within(10, q{SELECT leadscore.drop_model('deep')}, 'drop_model');
    }
    breaks('dimension_path_length', q{INSERT INTO leadscore.dimension (model, path) VALUES ('m', repeat('d.', 1000) || 'd')});
    breaks('rule_name_length', q{INSERT INTO leadscore.rule (model, name) VALUES ('m', repeat('d', 1001))});
    # A path names all that is above it, so none can be below itself: what comes nearest is refused.
    my $error = error_of($node, $db, q{BEGIN; INSERT INTO leadscore.dimension (model, path) VALUES ('m', 'score.score'), ('m', 'a.a'),
        ('m', 'a..b'); SELECT leadscore.publish('m')});
    is("$error->{code} $error->{message}", '42P17 model "m" cannot be published: 3 faults', 'paths that lead nowhere are refused');
    like($error->{detail}, qr/dimension "score.score": the root is left out of the paths of what is below it/, 'with their reasons');
};

$node->safe_psql($db, <<'SQL');
ALTER TABLE crm.events ADD note text;
SET client_min_messages = warning;
SELECT leadscore.create_model('json', 'crm.leads');
SELECT leadscore.add_events('json', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, condition, points) VALUES ('json', 'anywhere', 'json', '$.props.** == 1', 1),
    ('json', 'property', 'json', '$.props.n == 1', 10), ('json', 'path', 'json', '$.props.a.a.a == 1', 100),
    ('json', 'elements', 'json', '$.props[*].a == 1', 1000), ('json', 'text', 'json', '$.props.** like_regex "x+y"', 10000),
    ('json', 'note', 'json', '$.note starts with "x"', 100000);
SELECT leadscore.publish('json');
SQL

subtest 'deep documents' => sub {
    my $insert = q{INSERT INTO crm.events (lead, kind, props) VALUES (1, 'json', (repeat('%s', %d) || '1' || repeat('%s', %d))::jsonb)};
    for my $part ([ '[', ']' ], [ '{"a":', '}' ]) {
        is(warnings_of($node, $db, sprintf($insert, $part->[0], 1000, $part->[1], 1000)), '', "a thousand levels of $part->[0]");
        # PostgreSQL reads it, but looks through it with more stack than it allows.
        is(warnings_of($node, $db, sprintf($insert, $part->[0], 12_000, $part->[1], 12_000)), join("\n",
            map { qq{54001: rule "$_" of model "json" could not be evaluated and awards nothing\nDETAIL:  stack depth limit exceeded} } 'anywhere',
                'text'), "twelve thousand levels of $part->[0]: the statement goes on, and is told");
    }
    is_exact($node, $db, 'json', 'and scores are exact');
    like(error_of($node, $db, sprintf($insert, '[', 1_000_000, ']', 1_000_000))->{code}, qr/54001/, 'a million: PostgreSQL refuses it');
};

subtest 'huge documents' => sub {
    my $elements = int($megabytes * 1e6 / 75);
    $node->safe_psql($db, 'CREATE TABLE crm.huge (props jsonb)');
    within(300, "INSERT INTO crm.huge SELECT jsonb_agg(jsonb_build_object('a', i + 1, 'b', md5(i::text))) FROM generate_series(1, $elements) AS i",
        "a document of $megabytes MB");
    within(300, q{INSERT INTO crm.events (lead, kind, props) SELECT 2, 'json', props FROM crm.huge}, 'an event that has it');
    is_exact($node, $db, 'json', 'scores are exact');
    # The memory of the document that is looked at is given back before the error is told.
    for my $milliseconds (150, 300, 450, 600) {
        is_cancelled($milliseconds, q{INSERT INTO crm.events (lead, kind, props) SELECT 2, 'json', props FROM crm.huge, generate_series(1, 200)},
            "a statement with two hundred of them, after $milliseconds ms");
    }
    within(300, q{INSERT INTO crm.events (lead, kind, props) SELECT 2, 'json', props FROM crm.huge, generate_series(1, 10)}, 'ten more of them');
    is_cancelled(150, q{SELECT * FROM leadscore.verify('json')}, 'verify') if $megabytes >= 4;
    is_exact($node, $db, 'json', 'scores are still exact');
};

subtest 'more than a document can hold' => sub {
    plan skip_all => 'it takes gigabytes of memory; LEADSCORE_TEXT_MB says how large a text is, scripts/limits sets it' if !$text_megabytes;
    my $insert = "INSERT INTO crm.events (lead, kind, note) VALUES (3, 'json', repeat('x', $text_megabytes * 1000000))";
    is(warnings_of($node, $db, "SET statement_timeout = '600s'; $insert"), $text_megabytes < 256 ? ''
        : qq{54000: a row of model "json" could not be evaluated and awards nothing\nDETAIL:  string too long to represent as jsonb string},
        "a text of $text_megabytes MB: the statement goes on");
    is_cancelled(300, $insert, 'such a statement');
    is_exact($node, $db, 'json', 'scores are exact');
};

is_log_clean($node);
$node->stop;
done_testing();
