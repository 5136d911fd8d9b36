# States are an order-free sum: however a lead's events are split, ordered and added up, in whatever plan, the same scores come out;
# a state survives being written and read; what is no state is refused.
#
# LEADSCORE_SCENES: how many random teams; LEADSCORE_SEED: the first one's seed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Test::More;

use Scene;
use Dice qw(between chance pick roll shuffled);
use Sql qw(identifier literal);

my $node = Scene::cluster('states');
my $plus = 'OPERATOR(leadscore.+)';

# --- SQL ---

# The states of the events of each source, lead and part: (lead, part, state). $part and $arguments are SQL about e.
sub events_sql {
    my ($scene, $part, $arguments) = @_;
    my ($tables, $name) = ($scene->{tables}, $scene->name);
    my ($lead, $key) = ($tables->column('lead'), $tables->key_sql);
    return map { <<"SQL" } @{ $tables->{sources} };
        SELECT s.lead::$key, s.part, s.state
        FROM (SELECT (e).$lead AS lead, part, leadscore.event_state($name, e$arguments) AS state
              FROM (SELECT e, $part AS part FROM $_->{table} AS e) AS e WHERE (e).$lead IS NOT NULL GROUP BY (e).$lead, part) AS s
SQL
}

# Events split into $count parts at random, each added in a random order, and perhaps made for an instant of its own.
sub random_parts_sql {
    my ($scene, $count) = @_;
    my $id = $scene->{tables}->column('id');
    my $part = sprintf("abs(hashtext(e.$id || 'x%d')) %% $count", roll(100));
    my $as_of = chance(50) ? sprintf(", now() - part * interval '%d hours'", between(0, 3000)) : '';
    my $order = sprintf(" ORDER BY md5((e).$id || 'x%d')", roll(100));
    return join(' UNION ALL ', events_sql($scene, $part, $as_of . $order));
}

sub leads_sql {
    my ($scene) = @_;
    my ($tables, $name) = ($scene->{tables}, $scene->name);
    my ($id, $key) = ($tables->column('id'), $tables->key_sql);
    return "SELECT (l.$id)::$key AS lead, -1 AS part, leadscore.lead_state($name, l) AS state FROM $tables->{leads}{table} AS l";
}

sub adjustments_sql {
    my ($scene) = @_;
    my @columns = map { "a.$_" } qw(dimension points decay period rate tier score);
    my $columns = join(', ', 'a.id', 'a.at', 'least(a.until, a.revoked_at)', @columns);
    return 'SELECT a.lead, -2 AS part, leadscore.adjustment_state(' . $scene->name . ", $columns) AS state"
        . ' FROM ' . identifier($scene->{model}{name}) . '.adjustment AS a';
}

# What merged parts say otherwise than the oracle.
sub differences_sql {
    my ($t, @parts) = @_;
    my $parts = join(' UNION ALL ', @parts);
    return <<"SQL";
        SELECT o.lead, m.*
        FROM oracle.scores($t) AS o
        LEFT JOIN (SELECT p.lead, leadscore.merge(p.state) AS state FROM ($parts) AS p GROUP BY p.lead) AS s ON s.lead = o.lead,
            oracle.misreadings(s.state, $t, o.dimensions, o.sizes, o.grades, o.bests, o.tiers, o.kept) AS m
SQL
}

sub later {
    my $after = pick('0', '1 second', between(1, 3000) . ' hours', between(1, 900) . ' days 0.5 seconds');
    return "now() + interval '$after'";
}

# --- Sums ---

sub check_splits {
    my ($scene) = @_;
    foreach my $count (1, 2, 7) {
        my @parts = shuffled(random_parts_sql($scene, $count), leads_sql($scene), adjustments_sql($scene));
        is($scene->run(differences_sql(later(), @parts)), '', "events in $count parts, in random orders");
    }
    is($scene->run(differences_sql(later(), 'SELECT lead, 0, state FROM oracle.live')), '', 'stored states');
    return;
}

# The tables that the rest works on: states in parts, and three states for each lead.
sub keep_parts {
    my ($scene) = @_;
    my $name = $scene->name;
    my ($events, $leads, $adjustments) = (random_parts_sql($scene, 3), leads_sql($scene), adjustments_sql($scene));
    $scene->run("CREATE TABLE part AS $events UNION ALL $leads UNION ALL $adjustments", <<"SQL");
        CREATE TABLE trio AS
        WITH nothing AS (SELECT leadscore.empty_state($name) AS state)
        SELECT p.lead, (SELECT n.state FROM nothing AS n) AS nothing, leadscore.merge(p.state) AS sum,
            coalesce(leadscore.merge(p.state) FILTER (WHERE p.part = 0), (SELECT n.state FROM nothing AS n)) AS a,
            coalesce(leadscore.merge(p.state) FILTER (WHERE p.part IN (1, -2)), (SELECT n.state FROM nothing AS n)) AS b,
            coalesce(leadscore.merge(p.state) FILTER (WHERE p.part IN (2, -1)), (SELECT n.state FROM nothing AS n)) AS c
        FROM part AS p GROUP BY p.lead
SQL
    return;
}

sub check_sums {
    my ($scene) = @_;
    my @laws = (
        [ '+ is commutative', "a $plus b", "b $plus a" ],
        [ '+ is associative', "(a $plus b) $plus c", "a $plus (b $plus c)" ],
        [ '+ adds like merge', "c $plus (b $plus a)", 'sum' ],
        [ 'the empty state adds nothing', "nothing $plus c", 'c' ]);
    foreach my $law (@laws) {
        my ($what, $one, $other) = @$law;
        my $t = later();
        is($scene->run(<<"SQL"), '', $what);
            WITH compared AS (SELECT t.lead, $one AS one, $other AS other FROM trio AS t)
            SELECT c.lead, m.*
            FROM compared AS c JOIN oracle.scores($t) AS o ON o.lead = c.lead,
                oracle.misreadings(c.one, $t, coalesce(leadscore.breakdown(c.other, $t), '{}'), o.sizes, '{}', '{}',
                                   ARRAY[leadscore.tier(c.other, $t)], '{}') AS m
            UNION ALL
            SELECT c.lead, 'last_event_at', leadscore.last_event_at(c.one)::text, leadscore.last_event_at(c.other)::text
            FROM compared AS c WHERE leadscore.last_event_at(c.one) IS DISTINCT FROM leadscore.last_event_at(c.other)
SQL
    }
    return;
}

# Plans that add up parts of their own: of each worker, of each partition.
sub check_plans {
    my ($scene) = @_;
    my $at = $scene->{tables}->column('at');
    my @parallel = (
        'ANALYZE', 'SET min_parallel_table_scan_size = 0', 'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0.01',
        'SET cpu_operator_cost = 1', 'SET max_parallel_workers_per_gather = 3');
    my @partitionwise = ('SET enable_partitionwise_aggregate = on', 'SET enable_hashagg = off');
    my @plans = [ 'parallel', qr/Gather.*Partial/s, '0', @parallel ];
    push @plans, [ 'partitionwise', qr/Append.*GroupAggregate/s, "e.$at", @partitionwise ]
        if $scene->{tables}{sources}[0]{is_partitioned};
    foreach my $plan (@plans) {
        my ($name, $sign, $part, @settings) = @$plan;
        my @parts = map { "SELECT lead, 0 AS part, state FROM ($_) AS p" } events_sql($scene, $part, ''), leads_sql($scene), adjustments_sql($scene);
        like($scene->run(@settings, "EXPLAIN (COSTS OFF) $parts[0]"), $sign, "a $name plan is chosen");
        is($scene->run(@settings, differences_sql(later(), @parts)), '', "in a $name plan");
    }
    return;
}

# A running aggregate shows what will go on growing.
sub check_windows {
    my ($scene) = @_;
    my ($table, $name, $t) = ($scene->{tables}{sources}[0]{table}, $scene->name, later());
    is($scene->run(<<"SQL"), '', 'as a window function');
        WITH r AS (SELECT e, row_number() OVER (ORDER BY e.tableoid, e.ctid) AS n FROM $table AS e ORDER BY n LIMIT 60)
        SELECT n, one, other
        FROM (SELECT r.n, leadscore.score(leadscore.event_state($name, r.e) OVER (ORDER BY r.n), $t) AS one,
                  (SELECT leadscore.score(leadscore.event_state($name, s.e), $t) FROM r AS s WHERE s.n <= r.n) AS other
              FROM r) AS c
        WHERE NOT oracle.is_close(one, other, (SELECT sum((o.sizes ->> 'score')::float8) FROM oracle.scores($t) AS o))
SQL
    return;
}

sub check_nothing {
    my ($scene) = @_;
    my ($name, $table) = ($scene->name, $scene->{tables}{sources}[0]{table});
    my @aggregates = ("event_state($name, e)", "event_state($name, e, now())", "engagement($name, e)", "engagement($name, e, now())");
    is($scene->run("SELECT leadscore.$_ IS NULL FROM $table AS e WHERE false"), 't', "no rows: null $_") foreach @aggregates;
    my $of_nulls = "leadscore.event_state($name, NULL::$table)";
    is($scene->run("SELECT leadscore.is_empty(coalesce($of_nulls, leadscore.empty_state($name))) FROM generate_series(1, 5)"),
        't', 'null rows: no event');
    is($scene->run('SELECT leadscore.merge(state) IS NULL FROM part WHERE false'), 't', 'no states: null');
    is($scene->run('SELECT leadscore.merge(NULL::leadscore.state) IS NULL FROM generate_series(1, 5)'), 't', 'null states: null');
    is($scene->run(<<'SQL'), '0', 'one state: itself');
        SELECT count(*) FROM part AS p
        WHERE p.state::text <> (SELECT leadscore.merge(s)::text FROM unnest(ARRAY[NULL, p.state, NULL]) AS s)
SQL
    return;
}

# --- Bytes ---

sub check_forms {
    my ($scene) = @_;
    is($scene->run('SELECT count(*) FROM part WHERE state::text::leadscore.state::text <> state::text'), '0', 'from text and back');
    my $file = $node->basedir . "/states_$scene->{seed}";
    $scene->run("COPY part TO '$file' (FORMAT binary)", 'CREATE TABLE copied (LIKE part)', "COPY copied FROM '$file' (FORMAT binary)");
    is($scene->run('SELECT lead, part, state::text FROM part EXCEPT SELECT lead, part, state::text FROM copied'), '',
        'from binary form and back');
    return;
}

# A call for the best child of each dimension that has one; $more are further arguments.
sub bests_sql {
    my ($scene, $more) = @_;
    my @paths = map { $_->{path} } grep { $_->{combine} =~ /max|first/ } @{ $scene->{model}{dimensions} };
    return map { 'best(s.state, ' . literal($_) . "$more" } @paths;
}

# What becomes of bytes in place of a state: refused by the input function, or whatever reading them gives.
sub fate_sql {
    my ($scene) = @_;
    my $bests = join('', map { "leadscore.$_, " } bests_sql($scene, ')')) =~ s/s\.state/s/gr;
    return <<"SQL";
    CREATE FUNCTION fate(bytes bytea) RETURNS text LANGUAGE plpgsql AS \$\$
    DECLARE
        s leadscore.state;
    BEGIN
        s := bytes::text;
        BEGIN
            PERFORM leadscore.breakdown(s), leadscore.tier(s), leadscore.grade(s, 'score'),
                leadscore.raw_tier(s, leadscore.horizon(s)), ${bests}leadscore.tier_since(s), leadscore.next_change(s),
                leadscore.last_event_at(s), leadscore.version(s), leadscore.due_at(s), s $plus s,
                (SELECT leadscore.merge(x) FROM unnest(ARRAY[s, s]) AS x), (SELECT count(*) FROM leadscore.changes(s)),
                leadscore.advance(s, leadscore.as_write(s, 'add_events', 'event', now()));
            RETURN 'read';
        EXCEPTION WHEN OTHERS THEN
            RETURN 'read, ' || CASE WHEN SQLERRM ~ '^dimension .* does not exist in version' THEN 'of another version' ELSE SQLSTATE END;
        END;
    EXCEPTION WHEN OTHERS THEN
        RETURN SQLSTATE;
    END
    \$\$
SQL
}

sub check_garbage {
    my ($scene) = @_;
    my $state = 'leadscore.state_send(state)';
    my $place = "floor(random() * octet_length($state))::integer";
    my %bytes = (
        'a byte changed' => "set_byte($state, $place, floor(random() * 256)::integer)",
        'a bit changed' => "set_bit($state, 8 * $place, 1 - get_bit($state, 8 * $place))",
        'the end cut off' => "substring($state FROM 1 FOR $place)",
        'something behind' => "$state || '\\x00'",
        'no state at all' => "decode(repeat(md5(random()::text), 1 + floor(random() * 20)::integer), 'hex')");
    $scene->run(fate_sql($scene));
    foreach my $what (sort keys %bytes) {
        # The numbers of model and version may have changed: there are none such then, or the version has other dimensions.
        is($scene->run('SET statement_timeout = 60000', 'SELECT FROM setseed(0.5)', <<"SQL"), '', "$what: refused, or a state");
            SELECT DISTINCT fate FROM (SELECT fate($bytes{$what}) FROM part, generate_series(1, 10)) AS f(fate)
            WHERE fate NOT IN ('22P03', 'read', 'read, 22P03', 'read, 42704', 'read, of another version') ORDER BY 1
SQL
    }
    like($scene->error("SELECT 'nonsense'::leadscore.state"), qr/^22P03: /, 'what is no state is refused');
    return;
}

# --- What cannot be done ---

sub check_horizon {
    my ($scene) = @_;
    my $before = "leadscore.horizon(s.state) - interval '1 microsecond'";
    foreach my $reading ('score(s.state, ', "score(s.state, 'score', ", 'tier(s.state, ', 'breakdown(s.state, ', 'next_change(s.state, ',
        'raw_tier(s.state, ', "grade(s.state, 'score', ", bests_sql($scene, ', ')) {
        my $sql = "SELECT leadscore.$reading $before) FROM (SELECT state FROM part WHERE part >= 0 LIMIT 1) AS s";
        like($scene->error($sql), qr/^22023: .*before its horizon/, "refused: $reading an instant before the horizon)");
    }
    return;
}

sub check_versions {
    my ($scene) = @_;
    my $t = "(SELECT max(leadscore.horizon(state)) + interval '1 day' FROM part)";
    $scene->run("CREATE TABLE said AS SELECT state, leadscore.breakdown(state, $t) AS said FROM part");
    my $next = $scene->{model}->changed;
    $scene->run($next->draft_sql, $scene->publish_sql($next));
    my $of_two = qr/^22023: .*cannot add states of different versions/;
    like($scene->error("SELECT p.state $plus l.state FROM part AS p, oracle.live AS l LIMIT 1"), $of_two, 'no sum of two versions');
    like($scene->error('SELECT leadscore.merge(s) FROM (SELECT state FROM part UNION ALL SELECT state FROM oracle.live) AS u(s)'),
        $of_two, '... and no merge');
    is($scene->run("SELECT count(*) FROM said WHERE leadscore.breakdown(state, $t) IS DISTINCT FROM said"), '0',
        'a state keeps to its own version');
    return;
}

my $scenes = $ENV{LEADSCORE_SCENES} // 5;
my $seed = Scene::first_seed();
note("LEADSCORE_SEED=$seed");
foreach my $number (0 .. $scenes - 1) {
    my $scene = Scene->random($seed + $number, insertions => 20, many => 200, adjustments => 5, partitions => $number % 2)->create($node);
    subtest $scene->about => sub {
        $_->($scene)
            foreach \&check_splits, \&keep_parts, \&check_sums, \&check_plans, \&check_windows, \&check_nothing, \&check_forms,
            \&check_garbage, \&check_horizon, \&check_versions;
    };
    $scene->drop;
}
$node->stop;
done_testing();
