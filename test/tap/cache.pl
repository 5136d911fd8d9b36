# Every session keeps compiled models. What another one publishes, drops or rolls back must be seen at once, by every kind of query.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement error_of is_exact is_log_clean connection);

my $node = start_server('cache');
my $db = 'postgres';
create_crm($node, $db);
my $other = connection($node, $db);

sub run_sql { return $node->safe_psql($db, $_[0]) }
sub elsewhere { return $other->query_safe($_[0]) }

# Sets the points of a click and publishes, in another session than $other.
sub publish_click { return run_sql("UPDATE leadscore.rule SET points = $_[0] WHERE model = 'm' AND name = 'click';
    SELECT leadscore.publish('m')") }

run_sql(q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click')});
elsewhere(<<'SQL');
PREPARE one AS SELECT leadscore.score('m', 2);
PREPARE fit AS SELECT sum(leadscore.fit('m', l)) FROM crm.leads AS l;
PREPARE events AS SELECT leadscore.engagement('m', e) FROM crm.events AS e WHERE lead = 2;
PREPARE view AS SELECT score FROM m.scores WHERE id = 2;
PREPARE insertion AS INSERT INTO crm.events (lead, kind) VALUES ($1, 'click');
SET plan_cache_mode = force_generic_plan;
SQL

subtest 'publish in another session' => sub {
    for my $points (10, 20, 30, 40) {
        publish_click($points) if $points > 10;
        is(elsewhere('EXECUTE one'), $points, "score, a click being worth $points");
        is(elsewhere('EXECUTE events'), $points, 'engagement');
        is(elsewhere('EXECUTE view'), $points, 'the view');
        is(elsewhere('EXECUTE fit'), 100, 'fit');
    }
    elsewhere('EXECUTE insertion(2)');
    is(elsewhere('EXECUTE view'), 80, 'a prepared insertion awards by the new version');
    is_exact($node, $db, 'm', 'so far');
};

subtest 'publish while a transaction is open' => sub {
    elsewhere('BEGIN');
    is(elsewhere('EXECUTE one'), 80, 'READ COMMITTED: before');
    publish_click(1);
    is(elsewhere('EXECUTE one'), 2, 'READ COMMITTED: after');
    elsewhere('EXECUTE insertion(2)');
    is(elsewhere('EXECUTE view'), 3, 'READ COMMITTED: an insertion');
    elsewhere('COMMIT');
    elsewhere('BEGIN ISOLATION LEVEL REPEATABLE READ');
    is(elsewhere('EXECUTE one'), 3, 'REPEATABLE READ: before');
    publish_click(5);
    is(elsewhere('EXECUTE one'), 3, q{REPEATABLE READ: the rules are the snapshot's, as the rows are});
    is(elsewhere('EXECUTE view'), 3, 'REPEATABLE READ: so are those of the view');
    elsewhere('EXECUTE insertion(77)');
    elsewhere('COMMIT');
    is(run_sql(q{SELECT leadscore.score(state), leadscore.version(state) = (SELECT max(version) FROM leadscore.version)
        FROM m.state WHERE lead = 77}), '5|t',
        'REPEATABLE READ: a new lead is scored by the new version');
    is_exact($node, $db, 'm', 'after that');
};

subtest 'publish that is rolled back' => sub {
    my $publisher = connection($node, $db);
    $publisher->query_safe(q{BEGIN; UPDATE leadscore.rule SET points = 1000 WHERE name = 'click'; SELECT leadscore.publish('m')});
    is($publisher->query_safe(q{SELECT leadscore.score('m', 2)}), 3000, 'the publisher sees its version');
    is($publisher->query_safe(q{SELECT score FROM m.scores WHERE id = 2}), 3000, 'in the view, too');
    is(elsewhere('EXECUTE one'), 15, 'others do not');
    is(elsewhere('EXECUTE view'), 15, 'nor in the view');
    $publisher->query_safe('ROLLBACK');
    is($publisher->query_safe(q{SELECT leadscore.score('m', 2)}), 15, 'nor does the publisher after ROLLBACK');
    is($publisher->query_safe(q{SELECT score FROM m.scores WHERE id = 2}), 15, 'nor in the view');
    $publisher->query_safe(q{BEGIN; SAVEPOINT s; UPDATE leadscore.rule SET points = 1000 WHERE name = 'click';
        SELECT leadscore.publish('m'); ROLLBACK TO s});
    is($publisher->query_safe(q{SELECT leadscore.score('m', 2)}), 15, 'after ROLLBACK TO SAVEPOINT');
    $publisher->query_safe(q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click'); COMMIT});
    is(elsewhere('EXECUTE view'), 20, 'an insertion then awards by the old version');
    $publisher->quit;
    is_exact($node, $db, 'm', 'after rollbacks');
    run_sql(q{SELECT leadscore.publish('m')});
    is(elsewhere('EXECUTE one'), 20, 'numbers of versions go on');
};

subtest 'a model is dropped and made again' => sub {
    is(elsewhere('EXECUTE fit'), 100, 'before');
    run_sql(q{SELECT leadscore.drop_model('m')});
    $other->{stderr} = '';
    $other->query('EXECUTE one');
    like($other->{stderr}, qr/model "m" does not exist\n/, 'gone');
    $other->{stderr} = '';
    is(elsewhere('EXECUTE insertion(2)'), '', 'who inserts events need not care');
    create_crm($node, $db, draft => q{UPDATE leadscore.rule SET points = points * 2});
    is(elsewhere('EXECUTE fit'), 200, 'the new one');
    is(elsewhere('EXECUTE one'), 5 * 20, 'scores the events that there are');
    elsewhere('DEALLOCATE view');
    elsewhere('EXECUTE insertion(2)');
    is(elsewhere('SELECT score FROM m.scores WHERE id = 2'), 6 * 20, 'live');
    is_exact($node, $db, 'm', 'the new one');
    # With another type of key.
    run_sql(q{SELECT leadscore.drop_model('m'); ALTER TABLE crm.leads ALTER id TYPE text;
        ALTER TABLE crm.events ALTER lead TYPE text});
    create_crm($node, $db);
    elsewhere('DEALLOCATE insertion; DEALLOCATE one');
    elsewhere(q{INSERT INTO crm.events (lead, kind) VALUES ('2', 'click')});
    is(elsewhere(q{SELECT score, leadscore.score('m', '2'::text) FROM m.scores WHERE id = '2'}), '70|70', 'keys of another type');
    is_exact($node, $db, 'm', 'with keys of another type');
    run_sql(q{SELECT leadscore.drop_model('m'); ALTER TABLE crm.leads ALTER id TYPE bigint USING id::bigint;
        ALTER TABLE crm.events ALTER lead TYPE bigint USING lead::bigint});
    create_crm($node, $db);
};

subtest 'tables and columns get other names' => sub {
    is(elsewhere(q{SELECT score FROM m.scores WHERE id = 2}), 70, 'before');
    run_sql('ALTER TABLE crm.events RENAME TO happenings; ALTER SCHEMA crm RENAME TO sales;
        ALTER TABLE sales.leads RENAME TO people');
    elsewhere(q{INSERT INTO sales.happenings (lead, kind) VALUES (2, 'view')});
    elsewhere(q{DELETE FROM sales.happenings WHERE kind = 'click' AND id = (SELECT min(id) FROM sales.happenings)});
    is(elsewhere(q{SELECT score, leadscore.score('m', 2) FROM m.scores WHERE id = 2}), '61|61', 'a renamed table is followed');
    is_exact($node, $db, 'm', 'renamed');
    is(run_sql(q{SELECT leadscore.publish('m')}), 2, 'and can be published');
    run_sql('ALTER SCHEMA sales RENAME TO crm; ALTER TABLE crm.people RENAME TO leads;
        ALTER TABLE crm.happenings RENAME TO events');
    is_exact($node, $db, 'm', 'and back');
};

subtest 'the extension is dropped and created again' => sub {
    elsewhere('SELECT score FROM m.scores');
    my $session = connection($node, $db);
    is($session->query_safe(q{SELECT leadscore.score('m', 2)}), 61, 'before');
    my $done = statement($node, $db, 'DROP EXTENSION leadscore CASCADE');
    ok(!$done->{failed}, 'DROP EXTENSION ... CASCADE') or diag($done->{err});
    is(run_sql(q{SELECT tgname FROM pg_trigger WHERE tgname LIKE 'leadscore%'}), '', 'no trigger is left');
    run_sql(q{INSERT INTO crm.events (lead, kind) VALUES (2, 'view'); DROP SCHEMA IF EXISTS m CASCADE});
    create_crm($node, $db);
    is($session->query_safe(q{SELECT leadscore.score('m', 2)}), 62, 'the session that had used it before');
    $session->query_safe(q{INSERT INTO crm.events (lead, kind) VALUES (2, 'view')});
    is(elsewhere('SELECT score FROM m.scores WHERE id = 2'), 63, 'and another one');
    is_exact($node, $db, 'm', 'created again');
    $session->query_safe(q{BEGIN; DROP EXTENSION leadscore CASCADE});
    $session->query_safe('ROLLBACK');
    is($session->query_safe(q{SELECT leadscore.score('m', 2)}), 63, 'dropped and rolled back');
    my $same = q{DROP EXTENSION leadscore CASCADE; DROP SCHEMA IF EXISTS m CASCADE; CREATE EXTENSION leadscore; };
    $session->query_safe($same . <<'SQL');
SELECT leadscore.create_model('m', 'crm.leads'); SELECT leadscore.add_events('m', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, points) VALUES ('m', 'any', '*', 1);
SELECT leadscore.publish('m');
SQL
    is($session->query_safe(q{SELECT leadscore.score('m', 2)}), run_sql('SELECT count(*) FROM crm.events WHERE lead = 2'),
        'all in one session');
    is_exact($node, $db, 'm', 'all in one session');
    $session->quit;
};

subtest 'two databases' => sub {
    run_sql('CREATE DATABASE second');
    create_crm($node, 'second', draft => q{UPDATE leadscore.rule SET points = 7});
    $node->safe_psql('second', q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click')});
    my $before = elsewhere(q{SELECT leadscore.score('m', 2)});
    is($node->safe_psql('second', q{SELECT score FROM m.scores WHERE id = 2}), 7, 'the other database has a model of its own');
    $node->safe_psql('second', q{UPDATE leadscore.rule SET points = 8; SELECT leadscore.publish('m')});
    is(elsewhere(q{SELECT leadscore.score('m', 2)}), $before, 'which is no matter here');
    is_exact($node, 'second', 'm', 'there');
    is_exact($node, $db, 'm', 'here');
};

$other->quit;
is_log_clean($node);
$node->stop;
done_testing();
