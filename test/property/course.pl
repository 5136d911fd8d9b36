# The course of scores at random instants, past and to come, is what the oracle says; a series, trends and percentiles agree with single
# scores; the scores of accounts are those of their people; and a model that is exported and imported scores as before.
#
# LEADSCORE_SCENES: how many random teams; LEADSCORE_SEED: the first one's seed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Test::More;

use Scene;
use Dice qw(between pick);
use Sql qw(literal identifier);

my $node = Scene::cluster('course');

# SQL: an instant before, among or after the events of a scene.
sub random_instant {
    my ($scene) = @_;
    my $days = between(-40, 400);
    return pick('now()', 'now()', literal($scene->{tables}->instant(86400 * $days)) . '::timestamptz', "now() + interval '$days days'");
}

# SQL: the score and the tier of a row s do not fit o, a row of the oracle.
my $is_wrong = <<'SQL';
    s.lead IS NULL OR o.lead IS NULL
    OR NOT oracle.is_close(s.score, (o.dimensions ->> 'score')::float8, (o.sizes ->> 'score')::float8)
    OR array_position(o.tiers, s.tier) IS NULL
SQL

sub check_all_leads {
    my ($scene) = @_;
    my ($name, $key, $instant) = ($scene->name, $scene->{tables}->key_sql, random_instant($scene));
    is($scene->run(<<"SQL"), '', "all leads at $instant are as the oracle says");
        SELECT s.lead, s.score, s.tier, o.lead, o.dimensions, o.tiers
        FROM leadscore.scores_at($name, $instant) AS s
        FULL JOIN (SELECT o.* FROM oracle.scores($instant) AS o WHERE o.has_lead AND o.is_eligible) AS o ON o.lead = s.lead::$key
        WHERE $is_wrong OR s.dimensions ->> 'score' IS NULL OR (SELECT count(*) FROM jsonb_object_keys(s.dimensions)) <>
            (SELECT count(*) FROM jsonb_object_keys(o.dimensions))
        LIMIT 5
SQL
    return;
}

sub check_series {
    my ($scene) = @_;
    my ($name, $id) = ($scene->name, $scene->{tables}->column('id'));
    my $since = random_instant($scene);
    my ($step, $points) = (pick('1 day', '7 hours', '1 month', '13.25 seconds', '1 year'), between(1, 12));
    my $until = "$since + $points * interval '$step' - interval '1 microsecond'";
    $scene->run(<<"SQL");
        CREATE TABLE series AS
        SELECT l.$id AS lead, s.* FROM $scene->{tables}{leads}{table} AS l
        CROSS JOIN leadscore.score_series($name, l.$id, $since, $until, '$step') AS s
SQL
    is($scene->run(<<"SQL"), '', "a series of $points from $since by $step is as the oracle says");
        SELECT i.at, s.*
        FROM (SELECT DISTINCT at FROM series) AS i
        CROSS JOIN LATERAL (
            SELECT s.lead, s.score, s.tier, o.lead, o.dimensions, o.sizes, o.tiers
            FROM (SELECT s.* FROM series AS s WHERE s.at = i.at) AS s
            FULL JOIN (SELECT o.* FROM oracle.scores(i.at) AS o WHERE o.has_lead AND o.is_eligible) AS o ON o.lead = s.lead
            WHERE $is_wrong
        ) AS s(lead, score, tier, lead_of_oracle, dimensions, sizes, tiers)
        LIMIT 5
SQL
    is($scene->run(<<"SQL"), '', '... and its points are single scores');
        SELECT s.lead, s.at, s.score, leadscore.score($name, s.lead, s.at)
        FROM series AS s
        CROSS JOIN LATERAL (SELECT (o.sizes ->> 'score')::float8 FROM oracle.scores(s.at) AS o WHERE o.lead = s.lead) AS o(size)
        WHERE NOT oracle.is_close(s.score, leadscore.score($name, s.lead, s.at), o.size)
        LIMIT 5
SQL
    is($scene->run(<<"SQL"), '', '... as many as there should be');
        SELECT DISTINCT count(*) FROM series GROUP BY lead
        EXCEPT SELECT count(*) FROM generate_series($since, $until, '$step')
SQL
    $scene->run('DROP TABLE series');
    return;
}

sub check_trends {
    my ($scene) = @_;
    my ($name, $key) = ($scene->name, $scene->{tables}->key_sql);
    my $over = pick('1 day', '7 days', '100 days', '3 seconds');
    # Keys are compared as such: a numeric key has several texts, and each call shows the one that it met first.
    is($scene->run(<<"SQL"), '', "trends over $over are differences of scores");
        SELECT s.lead, t.lead, t.trend, t.score, s.score, p.score
        FROM leadscore.trends($name, '$over') AS t
        FULL JOIN leadscore.scores_at($name, now()) AS s ON s.lead::$key = t.lead::$key
        FULL JOIN leadscore.scores_at($name, now() - interval '$over') AS p ON p.lead::$key = t.lead::$key
        LEFT JOIN (SELECT o.lead, (o.sizes ->> 'score')::float8 FROM oracle.scores(now()) AS o) AS n(lead, size) ON n.lead = t.lead::$key
        LEFT JOIN (SELECT o.lead, (o.sizes ->> 'score')::float8 FROM oracle.scores(now() - interval '$over') AS o) AS b(lead, size)
          ON b.lead = t.lead::$key
        CROSS JOIN LATERAL greatest(n.size, b.size) AS z(size)
        WHERE (oracle.is_close(t.score, s.score, z.size) AND oracle.is_close(t.trend, s.score - p.score, 2 * z.size)
           AND oracle.is_close(t.trend, leadscore.trend($name, t.lead, '$over'), 2 * z.size)) IS NOT TRUE
SQL
    return;
}

sub check_percentiles {
    my ($scene) = @_;
    my ($name, $id, $schema) = ($scene->name, $scene->{tables}->column('id'), identifier($scene->{model}{name}));
    is($scene->run(<<"SQL"), '', 'percentiles are those of percent_rank()');
        SELECT * FROM (
            SELECT l.$id AS lead, s.is_scored, leadscore.percentile($name, l.$id) AS percentile, s.percentile AS expected
            FROM $scene->{tables}{leads}{table} AS l
            LEFT JOIN (SELECT s.$id AS lead, true AS is_scored, 100 * percent_rank() OVER (ORDER BY s.score) AS percentile
                       FROM $schema.scores AS s) AS s ON s.lead = l.$id
        ) AS p
        WHERE abs(p.percentile - p.expected) > 1e-9 OR (p.percentile IS NULL) <> (p.is_scored IS NULL)
SQL
    return;
}

sub check_accounts {
    my ($scene) = @_;
    my ($tables, $schema, $name) = ($scene->{tables}, identifier($scene->{model}{name}), $scene->name);
    my ($id, $account) = ($tables->column('id'), pick('country', 'title', 'employees'));
    my ($column, $dimension, $k) = ($tables->column($account), literal(pick('score', $scene->{model}->paths)), between(1, 4));
    my ($combine, $limit) = @{ pick([ 'sum', 1e9 ], [ 'max', 1 ], [ 'top', $k ]) };
    my $arguments = "account => " . literal($tables->{names}{$account}) . ", combine => '$combine', dimension => $dimension";
    $arguments .= ", k => $k" if $combine eq 'top';
    $scene->run("SELECT leadscore.rollup($name, 'Accounts', $arguments)");
    is($scene->run(<<"SQL"), '', "the scores of accounts are those of their people: $combine of $dimension");
        SELECT v.*, e.*
        FROM $schema."Accounts" AS v
        FULL JOIN (
            SELECT p.account, sum(p.score) FILTER (WHERE p.place <= $limit) AS score, count(*) AS people, max(p.score) AS best_score,
                sum(abs(p.score)) AS size, max(p.last_event_at) AS last_event_at
            FROM (SELECT l.$column AS account, leadscore.score(s.state, $dimension) AS score,
                         leadscore.last_event_at(s.state) AS last_event_at,
                         row_number() OVER (PARTITION BY l.$column ORDER BY leadscore.score(s.state, $dimension) DESC, s.lead) AS place
                  FROM $tables->{leads}{table} AS l JOIN oracle.live AS s ON s.lead = l.$id
                  WHERE l.$column IS NOT NULL AND leadscore.is_scored(s.state)) AS p
            GROUP BY p.account
        ) AS e ON e.account = v.$column
        WHERE (oracle.is_close(v.score, e.score, e.size) AND oracle.is_close(v.best_score, e.best_score, e.size)
           AND v.people = e.people AND v.last_event_at IS NOT DISTINCT FROM e.last_event_at
           AND v.best_lead IN (SELECT l.$id FROM $tables->{leads}{table} AS l WHERE l.$column = v.$column)) IS NOT TRUE
SQL
    is($scene->run(<<"SQL"), '', '... and their explanations add up to them');
        SELECT v.*, e.*
        FROM $schema."Accounts" AS v
        CROSS JOIN LATERAL (SELECT sum(x.points), count(*), sum(abs(x.score)), sum(x.share), count(*) FILTER (WHERE x.points <> 0)
                            FROM leadscore.explain_rollup($name, 'Accounts', v.$column) AS x) AS e(score, people, size, share, counted)
        WHERE (oracle.is_close(v.score, e.score, e.size) AND v.people = e.people AND e.counted <= $limit) IS NOT TRUE
SQL
    return;
}

# From export_model to import_model nothing is lost that matters to a score.
sub check_copy {
    my ($scene) = @_;
    my $name = $scene->name;
    my $t = sprintf("(now() + interval '%d hours')", between(1, 3000));
    $scene->run("SELECT leadscore.import_model('copy', leadscore.export_model($name))", "SELECT leadscore.publish('copy')");
    is($scene->run(<<"SQL"), '', 'the copy of the model scores the same leads alike');
        SELECT coalesce(a.lead, c.lead), m.*
        FROM oracle.live AS a FULL JOIN copy.state AS c ON c.lead = a.lead LEFT JOIN oracle.scores($t) AS o ON o.lead = a.lead
        CROSS JOIN LATERAL (
            SELECT 'state', (a.lead IS NOT NULL)::text, (c.lead IS NOT NULL)::text WHERE a.lead IS NULL OR c.lead IS NULL
            UNION ALL
            SELECT m.* FROM oracle.misreadings(c.state, $t, coalesce(leadscore.breakdown(a.state, $t), '{}'), o.sizes, o.grades, o.bests,
                                               ARRAY[leadscore.raw_tier(a.state, $t)], o.kept) AS m
            WHERE a.lead IS NOT NULL AND c.lead IS NOT NULL
        ) AS m
        LIMIT 5
SQL
    is($scene->run("SELECT leadscore.export_model('copy') = leadscore.export_model($name)"), 't', '... and is exported as the same document');
    $scene->run(q{SELECT leadscore.drop_model('copy')});
    return;
}

my $scenes = $ENV{LEADSCORE_SCENES} // 5;
my $seed = Scene::first_seed();
note("LEADSCORE_SEED=$seed");
foreach my $number (0 .. $scenes - 1) {
    my $scene = Scene->random($seed + $number, insertions => 20, many => 100)->create($node);
    subtest $scene->about => sub {
        check_copy($scene);
        foreach (1 .. 2) {
            $_->($scene) foreach \&check_all_leads, \&check_series, \&check_trends, \&check_percentiles, \&check_accounts;
        }
    };
    $scene->drop;
}
$node->stop;
done_testing();
