# DROP EXTENSION and CREATE EXTENSION in one session, and in the middle of another: the team's statements never fail, and a new model scores.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm error_of is_exact is_log_clean connection);

my $node = start_server('drop_and_create', 'log_statement = none');
my $db = 'postgres';
my $insert = q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (2, 'view')};
my $create = <<'SQL';
SELECT leadscore.create_model('m', 'crm.leads');
SELECT leadscore.add_events('m', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, points) VALUES ('m', 'click', 'click', %d);
SELECT leadscore.publish('m');
SQL
create_crm($node, $db);
my ($mine, $other) = (connection($node, $db), connection($node, $db));
$_->query_safe($insert) for $mine, $other;

my $error = error_of($node, $db, 'DROP EXTENSION leadscore');
is($error->{code}, '2BP01', 'the extension is not dropped while there is a model');
like($error->{detail}, qr/column state of table m\.state depends on type leadscore\.state/, 'with what depends on it');
is_exact($node, $db, 'm', 'and nothing has happened');

for my $points (5, 7) {
    $mine->query_safe(q{SELECT leadscore.drop_model('m')});
    $mine->query_safe('DROP EXTENSION leadscore');
    $_->query_safe($insert) for $mine, $other;
    is($node->safe_psql($db, q{SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal}), '0', 'nothing is left on the tables of the team');
    $mine->query_safe('CREATE EXTENSION leadscore');
    $mine->query_safe(sprintf $create, $points);
    $_->query_safe($insert) for $other, $mine;
    is_exact($node, $db, 'm', 'after DROP EXTENSION and CREATE EXTENSION in one session, a new model scores');
    my $clicks = $node->safe_psql($db, q{SELECT count(*) FROM crm.events WHERE lead = 1 AND kind = 'click'});
    for my $session ($mine, $other) {
        is($session->query_safe(q{SELECT score FROM m.scores WHERE id = 1}), $points * $clicks, 'with its own rules, in each session');
        is($session->query_safe(q{SELECT leadscore.score('m', 1)}), $points * $clicks, 'and when asked for one lead');
    }
}

# With CASCADE it goes, models and all that scores along; the team's tables go on.
$mine->query_safe('DROP EXTENSION leadscore CASCADE');
$_->query_safe($insert) for $mine, $other;
is($node->safe_psql($db, q{SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ('crm.events'::regclass,
    'crm.leads'::regclass)}), '0', 'CASCADE takes the triggers on the tables of the team along');
$mine->query_safe('CREATE EXTENSION leadscore');
like(error_of($node, $db, q{SELECT leadscore.create_model('m', 'crm.leads')})->{message}, qr/schema "m" already exists/,
    'what CASCADE leaves of a model is in its schema, which has to be dropped by hand');
$mine->query_safe('DROP SCHEMA m CASCADE');
$mine->query_safe(sprintf $create, 3);
$_->query_safe($insert) for $mine, $other;
is_exact($node, $db, 'm', 'then a model of that name scores again');

# A transaction that ends badly takes back all of it.
$mine->query_safe(q{BEGIN; SELECT leadscore.drop_model('m'); DROP EXTENSION leadscore; CREATE EXTENSION leadscore; ROLLBACK});
$_->query_safe($insert) for $mine, $other;
is_exact($node, $db, 'm', 'a rollback takes DROP EXTENSION and CREATE EXTENSION back');

$_->quit for $mine, $other;
is_log_clean($node);
$node->stop;
done_testing();
