# What next_change says of the future is what comes: the tier stays until that instant, to the microsecond, and is another one then;
# and refresh records just these changes, each once and at its own instant.
#
# LEADSCORE_SCENES: how many random teams; LEADSCORE_SEED: the first one's seed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Test::More;

use Scene;
use Dice qw(chance pick);
use Sql qw(literal identifier);

my $node = Scene::cluster('next_change');
my $microsecond = "interval '1 microsecond'";

# Publishes the model with tiers at values that its dimensions take at some of these instants.
sub publish_tiers {
    my ($scene, @instants) = @_;
    my $model = $scene->{model};
    my $instants = 'ARRAY[' . join(', ', @instants) . ']';
    my @tiers = ({ name => 'low', position => 0, minimums => {} });
    foreach my $name ('warm', 'hot', 'burning') {
        my $dimension = pick('score', 'score', $model->paths);
        my ($path, $rank) = (literal($dimension), pick(0.3, 0.5, 0.7, 0.9));
        my $minimum = $scene->run(<<"SQL");
            SELECT percentile_disc($rank) WITHIN GROUP (ORDER BY (o.dimensions ->> $path)::float8)
            FROM unnest($instants) AS i(t), oracle.scores(i.t) AS o WHERE o.has_lead AND o.is_eligible
SQL
        push @tiers, { name => $name, position => scalar(@tiers), minimums => $minimum eq '' ? {} : { $dimension => 0 + $minimum } };
    }
    $model->{tiers} = \@tiers;
    $scene->run('BEGIN', $model->draft_sql, $scene->publish_sql($model), 'COMMIT');
    return;
}

# SQL: the changes that time brings about in states since their horizons, one after another: (lead, state, n, before, at). After the
# last one `at` is null.
sub changes_sql {
    my ($states, $count) = @_;
    return <<"SQL";
        WITH RECURSIVE change AS (
            SELECT s.lead, s.state, 1 AS n, s.before, leadscore.next_change(s.state, s.before) AS at
            FROM (SELECT lead, state, leadscore.horizon(state) AS before FROM $states) AS s
            UNION ALL
            SELECT c.lead, c.state, c.n + 1, c.at, leadscore.next_change(c.state, c.at)
            FROM change AS c WHERE c.at IS NOT NULL AND c.n < $count
        )
SQL
}

# --- The future of states ---

sub check_future {
    my ($scene) = @_;
    publish_tiers($scene, 'now()', map { "now() + interval '$_'" } '3 hours', '40 days', '1 year');
    is($scene->run(changes_sql('oracle.live', 8) . <<"SQL"), '', 'the tier changes when it is said to');
        SELECT lead, before, at, leadscore.tier(state, before), leadscore.tier(state, at - $microsecond), leadscore.tier(state, at)
        FROM change
        WHERE at IS NOT NULL
          AND (at <= before OR leadscore.tier(state, at - $microsecond) IS DISTINCT FROM leadscore.tier(state, before)
            OR leadscore.tier(state, at) IS NOT DISTINCT FROM leadscore.tier(state, before))
SQL
    # Distances of all magnitudes, from microseconds to 300 years.
    is($scene->run('SELECT FROM setseed(0.25)', changes_sql('oracle.live', 8) . <<"SQL"), '', '... and at no time before');
        SELECT lead, before, at, t, leadscore.tier(state, before), leadscore.tier(state, t)
        FROM change, generate_series(1, 60) AS g, LATERAL (SELECT before + exp(random() * 36.7 + 0 * g) * $microsecond) AS i(t)
        WHERE t < coalesce(at, 'infinity') AND leadscore.tier(state, t) IS DISTINCT FROM leadscore.tier(state, before)
        LIMIT 5
SQL
    is($scene->run(changes_sql('oracle.live', 3) . <<"SQL"), '', '... as the oracle says');
        SELECT c.lead, i.t, leadscore.tier(c.state, i.t), o.least_tier, o.most_tier
        FROM change AS c, LATERAL (VALUES (c.at), (c.at - $microsecond), (c.at + (c.at - c.before) / 7)) AS i(t),
            oracle.scores(i.t) AS o
        WHERE c.at < now() + interval '200 years' AND o.lead = c.lead
          AND leadscore.tier(c.state, i.t) IS DISTINCT FROM o.least_tier AND leadscore.tier(c.state, i.t) IS DISTINCT FROM o.most_tier
SQL
    return $scene->run(changes_sql('oracle.live', 8) . 'SELECT count(at) FROM change');
}

# --- Refresh ---

# Makes the periods of a model so short that a test can wait for them.
sub make_short_lived {
    my ($model) = @_;
    $model->{eligible} = undef;
    foreach my $rule (grep { defined $_->{event} } @{ $model->{rules} }) {
        $rule->{event} = pick('view', '*');
        $rule->{points} = pick(1, 5, 10, -4);
        $rule->{condition} = $rule->{multiplier} = undef;
        $rule->{decay} = pick('half_life', 'linear', 'step', 'window');
        $rule->{period} = pick('150 milliseconds', '0.4 seconds', '0.35 seconds', '1 second');
        $rule->{rate} = { linear => 1, step => 0.5 }->{ $rule->{decay} };
        $rule->{grace} = pick('0', '0', '300 milliseconds');
    }
    return;
}

# All leads, and events of theirs within the last half and the next one and a half seconds.
sub insert_what_happens_now {
    my ($scene) = @_;
    my $tables = $scene->{tables};
    my ($source) = @{ $tables->{sources} };
    my ($count, $keys, $key) = ($tables->{lead_count}, $tables->keys, $tables->event_key_sql);
    my ($id, $columns) = ($tables->column('id'), $tables->columns(qw(id lead at kind)));
    my $at = "clock_timestamp() + (n * 137 % 2000 - 500) * interval '1 millisecond'";
    $at = "($at) AT TIME ZONE 'UTC'" if $source->{at_type} ne 'timestamptz';
    my $known = "SELECT l.$id FROM $tables->{leads}{table} AS l";
    $scene->run(
        "INSERT INTO $tables->{leads}{table} ($id) SELECT k FROM unnest(ARRAY[$keys]::" . $tables->key_type . "[]) AS k"
            . " WHERE k NOT IN ($known)", <<"SQL");
        INSERT INTO $source->{table} ($columns)
        SELECT 100000 + n, (ARRAY[$keys])[1 + n % $count]::$key, $at, 'view' FROM generate_series(1, 6 * $count) AS n
SQL
    return;
}

# Waits and refreshes, several times. Returns the instant up to which all is recorded.
sub refresh_for_a_while {
    my ($scene) = @_;
    my ($name, $title) = ($scene->name, $scene->{tables}->column('title'));
    my $count = 'SELECT count(*) FROM ' . identifier($scene->{model}{name}) . '.tier_changes';
    my $until;
    foreach my $wait (0.3, 0.3, 0.4, 1) {
        # An update that changes nothing records what has passed until then for its leads.
        my $update = "UPDATE $scene->{tables}{leads}{table} SET $title = $title";
        $scene->run("SELECT FROM pg_sleep($wait)", chance(50) ? $update : ());
        $until = literal($scene->run('SELECT clock_timestamp() - ' . pick("interval '0'", "interval '0.1 seconds'")));
        my $before = $scene->run($count);
        my $changes = $scene->run("SELECT leadscore.refresh($name, $until)");
        is($scene->run($count), $before + $changes, 'refresh says how many changes it records');
        is($scene->run("SELECT leadscore.refresh($name, $until)"), '0', '... and records none twice');
    }
    return $until;
}

sub check_refresh {
    my ($scene) = @_;
    my $schema = identifier($scene->{model}{name});
    insert_what_happens_now($scene);
    publish_tiers($scene, map { "clock_timestamp() + interval '$_ seconds'" } 0.2, 0.5, 0.9, 1.5);
    $scene->run("CREATE TABLE earlier AS SELECT count(*) FROM $schema.tier_changes",
        'CREATE TABLE predicted AS ' . changes_sql("$schema.state", 1000) . <<'SQL');
        SELECT lead, at, leadscore.tier(state, before) AS from_tier, leadscore.tier(state, at) AS to_tier,
            leadscore.score(state, at) AS score
        FROM change WHERE at < now() + interval '1 hour'
SQL
    my $until = refresh_for_a_while($scene);
    $scene->run("CREATE VIEW recorded AS SELECT c.*, row_number() OVER () AS n"
        . " FROM (SELECT * FROM $schema.tier_changes OFFSET (SELECT count FROM earlier)) AS c");

    is($scene->run(<<"SQL"), '', 'just the predicted changes are recorded, each at its instant');
        SELECT p.lead, p.at, p.from_tier, p.to_tier, p.score, c.at, c.from_tier, c.to_tier, c.score
        FROM (SELECT * FROM predicted WHERE at <= $until) AS p FULL JOIN (SELECT * FROM recorded WHERE at <= $until) AS c
          ON p.lead = c.lead AND p.at = c.at
        WHERE p.from_tier IS DISTINCT FROM c.from_tier OR p.to_tier IS DISTINCT FROM c.to_tier
           OR NOT oracle.is_close(p.score, c.score, 1000)
        LIMIT 5
SQL
    is($scene->run("SELECT lead, at, cause, recorded_at FROM recorded WHERE cause <> 'time' OR recorded_at <= at"), '',
        'all by time, and recorded later');
    is($scene->run(<<'SQL'), '', 'in their order');
        SELECT lead, at FROM (SELECT lead, at, lag(at) OVER (PARTITION BY lead ORDER BY n) AS before FROM recorded) AS c WHERE at <= before
SQL
    is($scene->run('SELECT * FROM oracle.broken_chains()'), '', 'each from the tier where the one before ended');
    is($scene->run(<<"SQL"), '', 'tier_since agrees');
        SELECT s.lead, leadscore.tier_since(s.state, t.at), p.at
        FROM $schema.state AS s
        CROSS JOIN LATERAL greatest(leadscore.horizon(s.state), $until) AS t(at)
        JOIN LATERAL (SELECT max(p.at) AS at FROM predicted AS p WHERE p.lead = s.lead AND p.at <= t.at) AS p
          ON leadscore.tier_since(s.state, t.at) <> p.at
SQL
    return $scene->run("SELECT count(*) FROM predicted WHERE at <= $until");
}

my $scenes = $ENV{LEADSCORE_SCENES} // 5;
my $seed = Scene::first_seed();
note("LEADSCORE_SEED=$seed");
my $changes = 0;
foreach my $number ($seed .. $seed + $scenes - 1) {
    my $scene = Scene->random($number, insertions => 20, many => 20)->create($node);
    subtest 'the future: ' . $scene->about => sub { $changes += check_future($scene) };
    $scene->drop;
    $scene = Scene->random($number, insertions => 12, model => \&make_short_lived)->create($node);
    subtest 'refresh: ' . $scene->about => sub { $changes += check_refresh($scene) };
    $scene->drop;
}
cmp_ok($changes, '>', 0, "$changes changes were looked at");
$node->stop;
done_testing();
