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

# Publishes the model with tiers at values that its dimensions take at some of these instants, or that much below.
sub publish_tiers {
    my ($scene, $below, @instants) = @_;
    my $model = $scene->{model};
    my $instants = 'ARRAY[' . join(', ', @instants) . ']';
    my @tiers = ({ name => 'low', position => 0, minimums => {} });
    foreach my $name ('warm', 'hot', 'burning') {
        my $dimension = pick('score', 'score', $model->paths);
        my ($path, $rank) = (literal($dimension), pick(0.3, 0.5, 0.7, 0.9));
        my $minimum = $scene->run(<<"SQL");
            SELECT percentile_disc($rank) WITHIN GROUP (ORDER BY (o.dimensions ->> $path)::float8) - $below
            FROM unnest($instants) AS i(t), oracle.scores(i.t) AS o WHERE o.has_lead AND o.is_eligible
SQL
        my $minimums = $minimum eq '' ? {} : { $dimension => 0 + $minimum };
        push @tiers, { name => $name, position => scalar(@tiers), minimums => $minimums, latched => chance(15) };
    }
    $model->{tiers} = \@tiers;
    $_->{grants} = pick('warm', 'hot', 'burning') foreach grep { defined $_->{grants} } @{ $model->{rules} };
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
    publish_tiers($scene, 0, 'now()', map { "now() + interval '$_'" } '3 hours', '40 days', '1 year');
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
        SELECT c.lead, i.t, leadscore.tier(c.state, i.t), o.tiers
        FROM change AS c, LATERAL (VALUES (c.at), (c.at - $microsecond), (c.at + (c.at - c.before) / 7)) AS i(t),
            oracle.scores(i.t) AS o
        WHERE c.at < now() + interval '200 years' AND o.lead = c.lead
          AND (array_position(o.tiers, leadscore.raw_tier(c.state, i.t)) IS NULL
            OR array_position(o.tiers || o.kept, leadscore.tier(c.state, i.t)) IS NULL)
SQL
    return $scene->run(changes_sql('oracle.live', 8) . 'SELECT count(at) FROM change');
}

# --- Refresh ---

# Every write adds up what has faded until then anew, and so rounds differently. A minimum that is exactly what a lead has at some
# microsecond would be reached then, or one later: this much below it is reached between two microseconds.
my $off_the_beat = 0.7390851e-6;

# Makes the periods of a model so short that a test can wait for them.
sub make_short_lived {
    my ($model) = @_;
    $model->{eligible} = undef;
    my @periods = ('150 milliseconds', '0.4 seconds', '0.35 seconds', '1 second');
    foreach my $rule (grep { defined $_->{event} } @{ $model->{rules} }) {
        $rule->{event} = pick('view', '*');
        $rule->{points} = pick(1, 5, 10, -4);
        $rule->{condition} = $rule->{multiplier} = undef;
        # Every event would empty a dimension, so that there would be little in it.
        $rule->{resets} = undef if chance(50);
        $rule->{$_} = pick(@periods) foreach grep { defined $rule->{$_} } qw(within silent_for);
        $rule->{per} = pick(undef, @periods) if $rule->{max_awards};
        next if !defined $rule->{decay};
        $rule->{decay} = pick(defined $rule->{grants} ? () : ('half_life', 'step'), 'linear', 'window');
        $rule->{period} = pick(@periods);
        $rule->{rate} = { linear => 1, step => 0.5 }->{ $rule->{decay} };
        $rule->{grace} = pick('0', '0', '300 milliseconds');
    }
    $model->bound_shares;
    return;
}

# All leads, and events of theirs within the last half and the next one and a half seconds.
sub insert_what_happens_now {
    my ($scene) = @_;
    my $tables = $scene->{tables};
    my ($source) = @{ $tables->{sources} };
    my ($count, $keys, $key, $type) = ($tables->{lead_count}, $tables->keys, $tables->event_key_sql, $tables->key_type);
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
    my @dimensions = map { literal($_) } $scene->{model}->paths;
    my $until = "clock_timestamp() + (n * 89 % 1500) * interval '1 millisecond'";
    my $table = identifier($scene->{model}{name}) . '.adjustment';
    $scene->run(<<"SQL");
        INSERT INTO $table (lead, at, reason, dimension, points, decay, period, score, until)
        SELECT (ARRAY[$keys])[n]::$type, clock_timestamp() + (n * 137 % 900 - 300) * interval '1 millisecond', 'now and then',
            CASE WHEN n % 3 > 0 THEN (ARRAY[@{[ join(', ', @dimensions) ]}])[1 + n % @{[ scalar @dimensions ]}] END,
            CASE WHEN n % 3 > 0 THEN 7 - n END, CASE n % 3 WHEN 1 THEN 'linear' ELSE 'none' END,
            CASE n % 3 WHEN 1 THEN interval '0.7 seconds' END, CASE n % 3 WHEN 0 THEN 12.5 END, CASE WHEN n % 2 = 0 THEN $until END
        FROM generate_series(1, $count / 2) AS n
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
    publish_tiers($scene, $off_the_beat, map { "clock_timestamp() + interval '$_ seconds'" } 0.2, 0.5, 0.9, 1.5);
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
my ($predicted, $refreshed) = (0, 0);
# By chance the tiers of a few scenes may not change at all: then there are more scenes.
for (my $number = $seed; $number < $seed + $scenes || !($predicted && $refreshed); $number++) {
    last if $number == $seed + $scenes + 50;
    my $scene = Scene->random($number, insertions => 20, many => 20, adjustments => 4)->create($node);
    subtest 'the future: ' . $scene->about => sub { $predicted += check_future($scene) };
    $scene->drop;
    # No triggers of the team's own: they may change what a test predicts.
    $scene = Scene->random($number, insertions => 12, triggers => 0, model => \&make_short_lived)->create($node);
    subtest 'refresh: ' . $scene->about => sub { $refreshed += check_refresh($scene) };
    $scene->drop;
}
cmp_ok($predicted, '>', 0, "$predicted changes were predicted");
cmp_ok($refreshed, '>', 0, "$refreshed changes were waited for");
$node->stop;
done_testing();
