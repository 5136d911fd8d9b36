# A physical standby answers what its primary does: the view, top, explain, scores at an instant; and it follows a publish.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(create_crm connection error_of is_exact is_log_clean);

my $db = 'postgres';
my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->start;
create_crm($primary, $db);
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

my $other = connection($standby, $db);
my $at = q{timestamptz '2100-01-01'};
my @queries = (
    'SELECT id, score, tier, version FROM m.scores ORDER BY id',
    q{SELECT * FROM leadscore.top('m', 2)},
    q{SELECT path, rule, awards, points FROM leadscore.explain('m', 2) ORDER BY 1, 2},
    "SELECT leadscore.score('m', 2, $at), leadscore.score('m', 2)",
    "SELECT * FROM leadscore.scores_at('m', $at) ORDER BY 1",
    q{SELECT lead, leadscore.engagement('m', e) FROM crm.events AS e GROUP BY lead ORDER BY lead},
    q{SELECT leadscore.fit('m', l) FROM crm.leads AS l ORDER BY id},
    q{SELECT * FROM leadscore.verify('m')});

sub compare {
    my ($when) = @_;
    $primary->wait_for_catchup($standby, 'replay', $primary->lsn('flush'));
    for my $query (@queries) {
        my $expected = $primary->safe_psql($db, $query);
        is($standby->safe_psql($db, $query), $expected, "$when, a new session: $query");
        is($other->query_safe($query), $expected, "$when, one that has been there: $query");
    }
    return;
}

compare('at first');
$primary->safe_psql($db, q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click'), (2, 'view'), (3, 'click')});
compare('after events');
is($other->query_safe(q{SELECT score FROM m.scores WHERE id = 2}), '11', 'which are counted');
$primary->safe_psql($db, q{UPDATE leadscore.rule SET points = 25 WHERE name = 'click'; SELECT leadscore.publish('m')});
compare('after a publish');
is($other->query_safe(q{SELECT score, tier FROM m.scores WHERE id = 2}), '26|hot', 'which the kept rules follow');
$primary->safe_psql($db, q{SELECT leadscore.rebuild('m')});
compare('after a rebuild');

# What would write is refused as any other write is.
for my $call (q{leadscore.publish('m')}, q{leadscore.refresh('m')}, q{leadscore.rebuild('m')}, q{leadscore.drop_model('m')}) {
    is(error_of($standby, $db, "SELECT $call")->{code}, '25006', "$call is refused on a standby");
}

$standby->promote;
$standby->safe_psql($db, q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click')});
is($other->query_safe(q{SELECT score FROM m.scores WHERE id = 1}), '125', 'a standby that is promoted goes on scoring');
is_exact($standby, $db, 'm', 'exactly');
is_log_clean($_) for $primary, $standby;

$standby->stop;
$primary->stop;
done_testing();
