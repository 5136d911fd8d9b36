# decayed_sum: worked numbers, and random rows against plain SQL.
#
# LEADSCORE_SEED: the seed of the rows.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Test::More;

use Scene;
use Dice qw(between);

my $node = Scene::cluster('decayed_sum');
my $seed = Scene::first_seed();
srand($seed);
note("LEADSCORE_SEED=$seed");

sub run { return $node->safe_psql('with_leadscore', join(";\n", @_)) }

sub error_of {
    my ($sql) = @_;
    my $errors = '';
    $node->psql('with_leadscore', "\\set VERBOSITY verbose\n$sql", stderr => \$errors, on_error_stop => 0);
    return $errors =~ /ERROR: +(.*)/ ? $1 : '';
}

# --- Worked numbers, as of an instant ---

my $now = "timestamptz '2024-01-31 00:00+00'";
my @worked = (
    [ 'no age', "(10, $now)", 10 ],
    [ 'one half-life', "(10, $now - interval '30 days')", 5 ],
    [ 'several', "(10, $now - interval '30 days'), (8, $now - interval '60 days'), (-4, $now - interval '15 days')", 7 - 4 / sqrt(2) ],
    [ 'a month is 30 days', "(16, $now - interval '120 days')", 1 ],
    [ 'the future does not count yet', "(10, $now + interval '1 microsecond'), (3, $now)", 3 ],
    [ 'nothing but future', "(10, $now + interval '1 day')", 0 ],
    [ 'never, and infinitely long ago', "(10, 'infinity'), (20, '-infinity'), (1, $now)", 1 ],
    [ 'infinite points that do not count yet', "('infinity', $now + interval '1 day'), ('infinity', '-infinity'), (1, $now)", 1 ],
    [ 'nulls are left out', "(NULL, $now), (7, NULL), (2, $now)", 2 ],
    [ 'long ago', "(1e12, timestamptz '4000-01-01 00:00+00 BC')", 0 ]);
foreach my $case (@worked) {
    my ($what, $rows, $expected) = @$case;
    my $values = "(VALUES (NULL::float8, NULL::timestamptz), $rows) AS v(points, at)";
    my $sum = run("SELECT leadscore.decayed_sum(points, at, '1 mon', $now) FROM $values");
    cmp_ok(abs($sum - $expected), '<', 1e-12, "$what: $expected");
}
is(run("SELECT leadscore.decayed_sum(n, $now, '1 day', $now) IS NULL FROM generate_series(1, 0) AS n"), 't', 'no rows: null');
is(run("SELECT leadscore.decayed_sum(NULL, $now, '1 day', $now) IS NULL FROM generate_series(1, 3)"), 't', 'null points only: null');
is(run("SELECT leadscore.decayed_sum(1, $now, NULL, $now) IS NULL FROM generate_series(1, 3)"), 't', 'no half-life: null');
is(run("SELECT leadscore.decayed_sum(1, $now, '1 day', NULL) IS NULL FROM generate_series(1, 3)"), 't', 'no instant: null');
is(run("SELECT leadscore.decayed_sum(1, now() - interval '1 day', '1 day')"), '0.5', 'as of now() if no instant is given');
foreach my $half_life ('0', '-1 day') {
    like(error_of("SELECT leadscore.decayed_sum(1, $now, '$half_life')"), qr/^22023: +half_life must be positive/, "refused: $half_life");
}

# --- Random rows, with a half-life of their own each ---

run("SELECT FROM setseed(0.$seed)", <<"SQL", 'ANALYZE happened');
    CREATE TABLE happened AS
    SELECT n, n % 7 AS who, CASE WHEN random() < 0.9 THEN (random() * 100 - 30)::float8 END AS points,
        CASE WHEN random() < 0.95 THEN $now - (random() * 500 - 50) * interval '1 day' END AS at,
        (ARRAY[interval '7 days', '1 mon', '1 year 2 mons', '3 hours', '0.2 seconds', NULL])[1 + floor(random() * 6)::integer] AS half_life
    FROM generate_series(1, 5000) AS n
SQL

# The sums of each, as of an instant, by plain SQL, with the sums of the magnitudes.
sub expected_sql {
    my ($as_of) = @_;
    return <<"SQL";
        SELECT who, sum(CASE WHEN age < 0 OR age / period > 1000 THEN 0 ELSE points * power(2::float8, -(age / period)::float8) END) AS sum,
            sum(abs(points)) AS size
        FROM (SELECT *, extract(epoch FROM $as_of) - extract(epoch FROM at) AS age, extract(epoch FROM half_life) AS period FROM happened) AS h
        WHERE points IS NOT NULL AND age IS NOT NULL AND period IS NOT NULL
        GROUP BY who
SQL
}

my @serial = ('SET max_parallel_workers_per_gather = 0');
my @parallel = (
    'SET min_parallel_table_scan_size = 0', 'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0.01', 'SET cpu_operator_cost = 0.1');
foreach my $plan ([ 'serial', qr/Aggregate/, @serial ], [ 'parallel', qr/Partial/, @parallel ]) {
    my ($name, $sign, @settings) = @$plan;
    foreach my $days (0, map { between(-60, 400) . '.5' } 1 .. 5) {
        my $as_of = "($now - interval '$days days')";
        my $sums = "SELECT who, leadscore.decayed_sum(points, at, half_life, $as_of) AS sum FROM happened GROUP BY who";
        like(run(@settings, "EXPLAIN $sums"), $sign, "a $name plan is chosen") if $days eq '0';
        is(run(@settings, "SELECT who, s.sum, e.sum FROM ($sums) AS s FULL JOIN (" . expected_sql($as_of) . ') AS e USING (who)'
                . ' WHERE (abs(s.sum - e.sum) <= 1e-9 * greatest(1, e.size)) IS NOT TRUE'), '', "$name, $days days before");
    }
}
is(run(<<"SQL"), '', 'as a window function');
    SELECT n, running, sum
    FROM (SELECT r.n, leadscore.decayed_sum(r.points, r.at, r.half_life, $now) OVER (ORDER BY r.n) AS running,
              (SELECT leadscore.decayed_sum(h.points, h.at, h.half_life, $now) FROM happened AS h WHERE h.n <= r.n) AS sum
          FROM happened AS r WHERE r.n <= 80) AS c
    WHERE (abs(running - sum) < 1e-9) IS FALSE OR (running IS NULL) <> (sum IS NULL)
SQL

$node->stop;
done_testing();
