# Compiled conditions answer what PostgreSQL's jsonpath answers: random conditions on random rows.
#
# LEADSCORE_SEED: the seed. LEADSCORE_PAIRS: how many pairs of a condition and a row.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Conditions;
use Scene;
use Sql qw(literal);

my $node = Scene::cluster('conditions');
my $seed = Scene::first_seed();
my $wanted = $ENV{LEADSCORE_PAIRS} // 200_000;
my ($rows, $conditions) = (200, 250);
srand($seed);
note("LEADSCORE_SEED=$seed");

# As rules see a row, whatever the session's settings.
my $session = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'";

sub run { return $node->safe_psql('with_leadscore', join(";\n", $session, @_)) }

# The pairs whose answers differ, as "id|number of the condition", of the rows and conditions given.
sub differences {
    my ($texts, $rows_sql) = @_;
    my $array = 'ARRAY[' . join(', ', map { literal($_) } @$texts) . ']::jsonpath[]';
    my $params = literal(Conditions::params()) . '::jsonb';
    return split /\n/, run(<<"SQL");
        SELECT a.id, c.number
        FROM (SELECT pair.id, leadscore.answers(pair, $array, $params) AS ours, to_jsonb(pair) AS document FROM $rows_sql AS pair OFFSET 0) AS a,
             unnest($array) WITH ORDINALITY AS c (path, number)
        WHERE a.ours[c.number] IS DISTINCT FROM jsonb_path_match(a.document, c.path, $params, true)
        ORDER BY 1, 2
SQL
}

# The smallest condition like this one, on the smallest row, that still differs.
sub shrink {
    my ($condition, $id) = @_;
    my $differs = sub { my ($smaller, $sql) = @_; return scalar differences([ Conditions::text($smaller) ], $sql) };
    my $row = "(SELECT * FROM pairs WHERE id = $id)";
    SMALLER: {
        for my $smaller (Conditions::smaller($condition)) {
            next if !$differs->($smaller, $row);
            $condition = $smaller;
            redo SMALLER;
        }
    }
    my @nulls;
    for my $column (Conditions::columns()) {
        my $select = join(', ', 'id', map { my $name = $_;
            (grep { $_ eq $name } @nulls, $column) ? "NULL::" . Conditions::type($name) . ' AS ' . Sql::identifier($name) : Sql::identifier($name) }
            Conditions::columns());
        push @nulls, $column if $differs->($condition, "(SELECT $select FROM pairs WHERE id = $id)");
    }
    my %is_null = map { $_ => 1 } @nulls;
    my @left = grep { !$is_null{$_} } Conditions::columns();
    my $document = run('SELECT ' . join(' || ', q('{}'), map { literal("$_ = ") . '|| coalesce(' . Sql::identifier($_) . q{::text, 'NULL') || '; '} } @left)
        . " FROM pairs WHERE id = $id");
    return Conditions::text($condition) . " on $document";
}

run(Conditions::table_sql('pairs'));
my ($pairs, $compiled, $all, %seen) = (0, 0, 0);
my $is_record = 0;
while ($pairs < $wanted) {
    run('TRUNCATE pairs', map { Conditions::row_sql('pairs', $_) } 1 .. $rows);
    my @conditions = map { Conditions::random() } 1 .. $conditions;
    my @texts = map { Conditions::text($_) } @conditions;
    my @differences = differences(\@texts, $is_record ? '(SELECT * FROM pairs)' : 'pairs');
    $is_record = !$is_record;
    $pairs += $rows * $conditions;
    $all += @texts;
    $compiled += run('SELECT count(*) FILTER (WHERE leadscore.is_compiled(path, ' . literal(Conditions::params()) . '::jsonb)) FROM unnest(ARRAY['
        . join(', ', map { literal($_) } @texts) . ']::jsonpath[]) AS path');
    my $answers = run('SELECT count(*) FILTER (WHERE answer), count(*) FILTER (WHERE NOT answer), count(*) FILTER (WHERE answer IS NULL)
        FROM pairs AS pair, unnest(leadscore.answers(pair, ARRAY[' . join(', ', map { literal($_) } @texts) . ']::jsonpath[], '
        . literal(Conditions::params()) . '::jsonb)) AS answer');
    my @counts = split /\|/, $answers;
    $seen{ (qw(true false unknown))[$_] } += $counts[$_] for 0 .. 2;
    next if !@differences;
    my ($id, $number) = split /\|/, $differences[0];
    fail("every answer is jsonpath's");
    diag(scalar(@differences) . ' pairs differ with LEADSCORE_SEED=' . $seed . ', among them ' . shrink($conditions[ $number - 1 ], $id));
    last;
}
pass("$pairs pairs of a condition and a row answer as jsonpath does");
cmp_ok($compiled / $all, '>', 0.6, sprintf('%.0f %% of the conditions were compiled', 100 * $compiled / $all));
cmp_ok($seen{$_} / $pairs, '>', 0.05, sprintf('%.0f %% of the answers were %s', 100 * $seen{$_} / $pairs, $_)) for sort keys %seen;

done_testing();
