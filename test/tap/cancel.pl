# What takes long can be cancelled, and leaves nothing half done: publish, rebuild, refresh, verify, explain of a lead with very many
# events, and the scores of many leads.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use Crm qw(start_server create_crm statement is_exact is_log_clean);

my $events = $ENV{LEADSCORE_EVENTS} // 200_000;
my $node = start_server('cancel', 'log_statement = none', 'max_wal_size = 2GB', 'jit = off');
my $db = 'postgres';
create_crm(
    $node, $db, draft => <<'SQL');
INSERT INTO leadscore.rule (model, name, event, condition, points, decay, period) VALUES ('m', 'visit', 'visit', '$.props.n > 5', 3,
    'half_life', '1 day'), ('m', 'trial', 'trial', NULL, 30, 'window', '100 days')
SQL
$node->safe_psql($db, <<"SQL");
INSERT INTO crm.leads SELECT i, 'FR' FROM generate_series(10, 50000) AS i;
INSERT INTO crm.events (lead, kind, at, props) SELECT CASE WHEN i % 2 = 0 THEN 1 ELSE 10 + i % 40000 END, (ARRAY['click', 'view',
    'visit', 'trial'])[1 + i % 4], now() - i * interval '10 seconds', '{"n": 7}' FROM generate_series(1, $events) AS i;
VACUUM ANALYZE;
SQL

# What a user could see of something half done.
my $everything = q{SELECT (SELECT md5(string_agg(s::text, ',' ORDER BY s.lead)) FROM m.state AS s),
    (SELECT count(*) FROM m.tier_changes), (SELECT count(*) FROM m.pending),
    (SELECT max(version) FROM leadscore.version WHERE model = 'm'),
    (SELECT count(*) FROM pg_class WHERE relnamespace = 'm'::regnamespace)};
my $before = $node->safe_psql($db, $everything);

my %calls = (
    'publish' => q{UPDATE leadscore.rule SET points = 11 WHERE model = 'm' AND name = 'click'; SELECT leadscore.publish('m')},
    'rebuild' => q{SELECT leadscore.rebuild('m')},
    'verify' => q{SELECT * FROM leadscore.verify('m')},
    'explain' => q{SELECT * FROM leadscore.explain('m', 1)},
    'score at an instant' => q{SELECT leadscore.score('m', 1, now())},
    'scores of many' => q{SELECT sum(score) FROM m.scores, generate_series(1, 100)},
    'scores at an instant' => q{SELECT count(*) FROM leadscore.scores_at('m', now())},
    'engagement' => q{SELECT sum(e) FROM (SELECT leadscore.engagement('m', e) AS e FROM crm.events AS e GROUP BY lead) AS e},
    'fit' => q{SELECT sum(leadscore.fit('m', l)) FROM crm.leads AS l},
    'a statement on events' => q{UPDATE crm.events SET kind = 'view'},
    'a statement on leads' => q{UPDATE crm.leads SET country = 'BE'});

for my $name (sort keys %calls) {
    my $early = statement($node, $db, $calls{$name}, set => q{SET statement_timeout = '5ms'});
    like($early->{err}, qr/57014: canceling statement due to statement timeout/, "$name, cancelled at once");
    my $started = time;
    my $later = statement($node, $db, "BEGIN; $calls{$name}; ROLLBACK", set => q{SET statement_timeout = '150ms'});
    my $took = time - $started;
    # A fast machine may be done by then.
    like($later->{err}, qr/57014|^(?!.*ERROR)/s, "$name, cancelled after a while, fails with that alone");
    cmp_ok($took, '<', 8, sprintf('%s, after a while: gone after %.2f s', $name, $took));
    is($node->safe_psql($db, $everything), $before, "$name: nothing is half done");
}

# A refresh with much to do, cancelled at any moment.
$node->safe_psql($db, <<'SQL');
UPDATE leadscore.rule SET period = '3 seconds' WHERE model = 'm' AND name = 'trial';
UPDATE crm.events SET at = now() WHERE kind = 'trial' AND lead > 1;
SELECT leadscore.publish('m');
SELECT pg_sleep(4);
SQL
for my $milliseconds (5, 50, 200) {
    my $changes = $node->safe_psql($db, 'SELECT count(*) FROM m.tier_changes');
    my $done = statement($node, $db, q{SELECT leadscore.refresh('m')}, set => "SET statement_timeout = $milliseconds");
    is($node->safe_psql($db, 'SELECT count(*) FROM m.tier_changes'), $changes, "refresh, cancelled after $milliseconds ms: nothing is")
        if $done->{failed};
    like($done->{err}, qr/57014|^(?!.*ERROR)/s, 'and it fails with that alone');
}
$node->safe_psql($db, q{SELECT leadscore.refresh('m')});
is_exact($node, $db, 'm', 'and then all is as a recompute gives');
is_log_clean($node);

$node->stop;
done_testing();
