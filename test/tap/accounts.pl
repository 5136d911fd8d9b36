# The scores of accounts: who may read them, what a dump keeps of them, and several sessions at once.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement error_of warnings_of is_exact is_log_clean connection);

my $node = start_server('accounts');
my $db = 'postgres';

sub as_owner { return $node->safe_psql($db, $_[0]) }

create_crm($node, $db);
as_owner(<<'SQL');
CREATE ROLE dashboard; CREATE ROLE stranger; CREATE ROLE manager;
SELECT leadscore.rollup('m', 'countries', account => 'country', combine => 'top', k => 2);
INSERT INTO crm.leads VALUES (4, 'BE'), (5, 'BE');
INSERT INTO crm.events (lead, kind) VALUES (2, 'click'), (4, 'click'), (5, 'view');
GRANT USAGE ON SCHEMA leadscore, m, crm TO dashboard, stranger, manager;
GRANT SELECT ON ALL TABLES IN SCHEMA m TO dashboard, manager;
GRANT SELECT (id, country) ON crm.leads TO dashboard;
SQL

my $view = 'SELECT country, score, people, best_lead FROM m.countries ORDER BY country';
my $explanation = q{SELECT rank, lead, points FROM leadscore.explain_rollup('m', 'countries', 'BE')};

subtest 'who reads accounts' => sub {
    is(statement($node, $db, $view, role => 'dashboard')->{out}, "BE|20|3|2\nFR|100|1|1",
        'needs the states, and of the leads the key and the account');
    is(statement($node, $db, $explanation, role => 'dashboard')->{out}, "1|2|10\n2|4|10\n3|5|0", '... for the explanation, too');
    is(statement($node, $db, q{SELECT leadscore.percentile('m', 2)}, role => 'dashboard')->{out}, '50', 'a percentile needs the states');
    is(error_of($node, $db, $_->[0], role => $_->[1])->{code}, '42501', "refused to $_->[1]: $_->[0]")
        foreach map { my $sql = $_; map { [ $sql, $_ ] } qw(stranger manager) } $view, $explanation;
    is(error_of($node, $db, $_, role => 'dashboard')->{code}, '42501', "refused without the events: $_")
        foreach q{SELECT * FROM leadscore.scores_at('m', now())}, q{SELECT leadscore.trend('m', 1)}, q{SELECT leadscore.state_at('m', 1)},
        q{SELECT * FROM leadscore.score_series('m', 1, now() - interval '1 day')};
    is(error_of($node, $db, $_, role => 'dashboard')->{code}, '42501', "refused to who makes no models: $_")
        foreach q{SELECT leadscore.rollup('m', 'mine', 'country')}, q{SELECT leadscore.drop_rollup('m', 'countries')};
};

subtest 'rows that row security hides are left out' => sub {
    as_owner(<<'SQL');
ALTER TABLE crm.leads ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_all ON crm.leads TO dashboard USING (id <> 4);
SQL
    is(statement($node, $db, $view, role => 'dashboard')->{out}, "BE|11|2|2\nFR|100|1|1", 'of the view');
    is(statement($node, $db, $explanation, role => 'dashboard')->{out}, "1|2|10\n2|5|1", '... and of the explanation');
    as_owner('ALTER TABLE crm.leads DISABLE ROW LEVEL SECURITY; DROP POLICY not_all ON crm.leads');
};

subtest 'an owner of a model makes rollups of it' => sub {
    as_owner(<<'SQL');
CREATE ROLE revops;
GRANT CREATE ON DATABASE postgres TO revops;
GRANT USAGE ON SCHEMA leadscore, crm TO revops;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA leadscore TO revops;
ALTER TABLE crm.leads OWNER TO revops; ALTER TABLE crm.events OWNER TO revops;
SQL
    my $done = statement($node, $db, <<'SQL', role => 'revops');
SELECT leadscore.create_model('own', 'crm.leads');
INSERT INTO leadscore.rule (model, name, points) VALUES ('own', 'one', 1);
SELECT leadscore.publish('own');
SELECT leadscore.rollup('own', 'countries', 'country');
SELECT leadscore.rollup('own', 'countries', 'country', combine => 'max');
SELECT country, score FROM own.countries ORDER BY country;
SELECT leadscore.publish('own');
SELECT leadscore.drop_model('own');
SQL
    is($done->{failed}, 0, 'without being a superuser') or diag($done->{err});
    like($done->{out}, qr/^BE\|1\nFR\|1$/m, 'and reads them');
};

subtest 'a view that others wait for' => sub {
    my ($reader, $maker) = map { connection($node, $db) } 1 .. 2;
    $reader->query_safe('BEGIN; SELECT count(*) FROM m.countries');
    is($maker->query_safe(q{SET lock_timeout = '5s'; SELECT leadscore.publish('m')}), '2', 'publish does not wait for its readers');
    $maker->query_safe(q{BEGIN; SELECT leadscore.rollup('m', 'others', 'country')});
    like(error_of($node, $db, q{SET lock_timeout = '100ms'; SELECT leadscore.rollup('m', 'others', 'id')})->{code}, qr/^55P03$/,
        'two do not make rollups of one model at once');
    $maker->query_safe('COMMIT');
    $reader->query_safe('COMMIT');
    $_->quit foreach $reader, $maker;
};

subtest 'pg_dump and restore' => sub {
    as_owner(q{SELECT leadscore.rollup('m', 'Odd "name"', 'country', combine => 'max'); GRANT SELECT ON m.countries TO stranger});
    my $file = "$PostgreSQL::Test::Utils::tmp_check/accounts";
    foreach my $jobs (1, 2) {
        my $copy = "copy_$jobs";
        $node->safe_psql($db, "CREATE DATABASE $copy");
        command_ok([ 'pg_dump', '-Fc', '-f', "$file.$jobs", '-d', $node->connstr($db) ], 'it is dumped');
        command_ok([ 'pg_restore', '-d', $node->connstr($copy), '--exit-on-error', '-j', $jobs, "$file.$jobs" ],
            "it is restored by $jobs jobs");
        is($node->safe_psql($copy, $_), as_owner($_), "as it was: $_")
            foreach $view, $explanation, 'SELECT * FROM m."Odd ""name""" ORDER BY 1', 'TABLE leadscore.rollup ORDER BY name',
            q{SELECT relname, relacl, obj_description(oid) FROM pg_class WHERE relnamespace = 'm'::regnamespace AND relkind = 'v' ORDER BY 1};
        $node->safe_psql($copy, q{INSERT INTO crm.events (lead, kind) VALUES (5, 'click')});
        like($node->safe_psql($copy, $view), qr/^BE\|21\|3\|5$/m, 'it is live');
        is($node->safe_psql($copy, q{SELECT leadscore.publish('m')}), '3', 'publishing goes on');
        is($node->safe_psql($copy, q{SELECT leadscore.drop_model('m'); TABLE leadscore.rollup}), '', 'and all can be dropped');
    }
};

is_exact($node, $db, 'm', 'in the end live scores are what a recompute gives');
is_log_clean($node);
$node->stop;
done_testing();
