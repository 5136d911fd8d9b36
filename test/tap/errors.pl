# What a user sees who does something wrong: an SQLSTATE, what is wrong in one line, and a hint where one helps.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement error_of is_exact is_log_clean);

my $node = start_server('errors');
my $db = 'postgres';
create_crm($node, $db);
$node->safe_psql($db, <<'SQL');
CREATE TABLE crm.calls (lead bigint, at timestamptz, minutes int);
CREATE TABLE crm.others (id int PRIMARY KEY, country int);
CREATE TABLE crm.strangers (lead bigint, at timestamptz, kind text);
SELECT leadscore.add_events('m', 'crm.calls', 'lead', 'at');
INSERT INTO leadscore.rule (model, name, event, condition, points) VALUES ('m', 'long call', 'calls', '$.minutes > 5', 3);
SELECT leadscore.publish('m');
SELECT leadscore.create_model('draft', 'crm.leads');
INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (2, 'view');
SQL

# Each: what is called, SQLSTATE, message, and, if given, hint.
sub fails {
    my ($sql, $code, $message, $hint) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $error = error_of($node, $db, $sql);
    like($error->{code}, qr/^($code)$/, "SQLSTATE: $sql");
    like($error->{message}, $message, "message: $sql") or diag($error->{text});
    unlike($error->{message}, qr/[.\n]$|^[A-Z][a-z]+ /, "style of the message: $sql");
    like($error->{hint}, $hint, "hint: $sql") or diag($error->{text}) if $hint;
    like($error->{hint}, qr/^$|[.!?)]$/, "style of the hint: $sql");
    return;
}

# A model that is not there, in every function
my @calls = (
    q{leadscore.score(%s, 1)}, q{leadscore.score(%s, '1')}, q{leadscore.score(%s, 1, now())}, q{leadscore.explain(%s, 1)},
    q{leadscore.fit(%s, l) FROM crm.leads AS l}, q{leadscore.lead_state(%s, l) FROM crm.leads AS l},
    q{leadscore.engagement(%s, e) FROM crm.events AS e}, q{leadscore.event_state(%s, e) FROM crm.events AS e},
    q{leadscore.publish(%s)}, q{leadscore.draft_faults(%s)}, q{leadscore.refresh(%s)}, q{leadscore.rebuild(%s)},
        q{leadscore.verify(%s)},
    q{leadscore.adjust(%s, 1, 'score', 1, 'x')}, q{leadscore.override(%s, 1, 'hot', NULL, 'x')},
    q{leadscore.override(%s, '1', 5, NULL, 'x')}, q{leadscore.revoke(%s, 1)},
    q{leadscore.drop_model(%s)}, q{leadscore.add_events(%s, 'crm.strangers', 'lead', 'at')}, q{leadscore.remove_events(%s,
        'crm.events')});
fails('SELECT ' . sprintf($_, "'nobody'"), '42704', qr/^model "nobody" does not exist$/) for @calls;
fails('SELECT ' . sprintf($_, "'M'"), '42704', qr/^model "M" does not exist$/, qr/"m"|create_model/) for @calls;

# A model that is not published
fails('SELECT ' . sprintf($_, "'draft'"), '55000', qr/^model "draft" is not published$/, qr/leadscore.publish\('draft'\)/)
    for grep { !/draft_faults|drop_model|_events|publish/ } @calls;

# NULL: no model is an error where something would be done, and unknown where something is asked.
for my $call (grep { /publish|draft_faults|refresh|rebuild|verify|drop_model|_events\(|adjust|override|revoke/ } @calls) {
    my $error = error_of($node, $db, 'SELECT ' . sprintf($call, 'NULL'));
    isnt($error->{code}, '', "no model: $call");
    unlike($error->{code}, qr/^XX/, "no internal error: $call");
}
for my $call (q{leadscore.score('m', NULL::bigint)}, q{leadscore.score('m', NULL::text)}, q{leadscore.score(NULL, 1)},
    q{leadscore.score('m', 1, NULL)},
    q{leadscore.fit('m', NULL::crm.leads)}, q{leadscore.fit(NULL, l) FROM crm.leads AS l LIMIT 1},
        q{leadscore.score(NULL::leadscore.state)},
    q{leadscore.engagement(NULL, e) FROM crm.events AS e}, q{leadscore.merge(NULL)},
    q{leadscore.engagement('m', e) FROM crm.events AS e WHERE false},
        q{leadscore.event_state('m', e) FROM crm.events AS e WHERE false},
    q{leadscore.decayed_sum(NULL, now(), '1 day')}, q{leadscore.explain('m', NULL::bigint)}) {
    my $done = statement($node, $db, "SELECT $call");
    is("$done->{failed} $done->{out}", '0 ', "null: $call") or diag($done->{err});
}
is($node->safe_psql($db, q{SELECT leadscore.engagement('m', NULL::crm.events)}), '0', 'a null event is worth nothing');

# Keys
fails(q{SELECT leadscore.score('m', 'abc')}, '22P02', qr/^invalid input syntax for type bigint: "abc"$/);
fails(q{SELECT * FROM leadscore.explain('m', '')}, '22P02', qr/^invalid input syntax for type bigint: ""$/);
fails(q{SELECT leadscore.score('m', 1.5)}, '22P02', qr/^invalid input syntax for type bigint: "1.5"$/);
fails(q{SELECT leadscore.score('m', 99999999999999999999)}, '22003', qr/out of range for type bigint/);
is($node->safe_psql($db, q{SELECT leadscore.score('m', 1), leadscore.score('m', 1::smallint), leadscore.score('m',
    ' 1 '), leadscore.score('m', 12345)}), '110|110|110|', 'keys that are some');

# Rows
fails(q{SELECT leadscore.fit('m', 1)}, '42804', qr/row/);
fails(q{SELECT leadscore.engagement('m', 1)}, '42804', qr/row/);
fails(q{SELECT leadscore.fit('m', 'x'::text)}, '42804', qr/row/);
fails(q{SELECT leadscore.engagement('m', e) FROM crm.strangers AS e, crm.events}, '42809',
    qr/^cannot tell which event source of model "m"/, qr/FROM/)
    if $node->safe_psql($db, q{INSERT INTO crm.strangers VALUES (1, now(), 'click')}) eq '';
fails(q{SELECT leadscore.engagement('m', e) FROM (SELECT * FROM crm.events) AS e}, '42809',
    qr/^cannot tell which event source of model "m"/, qr/FROM/);
fails(q{SELECT leadscore.engagement('m', ROW(1, now(), 'click'))}, '42809', qr/^cannot tell which event source of model "m"/);
{
    # A row of another table has columns of other names or types; no rule may take one for another, and the server must survive.
    my $done = statement($node, $db, q{INSERT INTO crm.others VALUES (1, 5); SELECT leadscore.fit('m', o) FROM crm.others AS o});
    ok($done->{failed} ? $done->{err} =~ /42\w{3}:/ : $done->{out} eq '0',
        'fit of a row of another table: refused, or worth what its columns say') or diag($done->{err});
    is($node->safe_psql($db, q{SELECT leadscore.fit('m', l) FROM (SELECT id,
        'FR'::text AS country FROM crm.leads WHERE id = 2) AS l}), '100', 'fit of a row made up');
}

# Instants
for my $at ('infinity', '-infinity') {
    fails("SELECT leadscore.score('m', 1, '$at')", '22008', qr/finite/);
    fails("SELECT * FROM leadscore.explain('m', 1, '$at')", '22008', qr/finite/);
    fails("SELECT leadscore.engagement('m', e, '$at') FROM crm.events AS e", '22008', qr/finite/);
    fails("SELECT leadscore.event_state('m', e, '$at') FROM crm.events AS e", '22008', qr/finite/);
}
fails(q{SELECT leadscore.score(state, timestamptz '-infinity') FROM m.state}, '22008|22023', qr/./);
fails(q{SELECT leadscore.score(state, now() - interval '1 year') FROM m.state}, '22008|22023', qr/./);
fails(q{SELECT leadscore.refresh('m', now() + interval '1 day')}, '22023', qr/lies in the future$/, qr/tier/);
fails(q{SELECT leadscore.decayed_sum(1, now(), '0')}, '22023', qr/^half_life must be positive$/);
fails(q{SELECT leadscore.decayed_sum(1, now(), '-1 day')}, '22023', qr/^half_life must be positive$/);

# States
fails(q{SELECT leadscore.score(state, 'nowhere') FROM m.state}, '42704|22023', qr/"nowhere"/);
fails(q{SELECT 'abc'::leadscore.state}, '22P02|22P03', qr/./);
fails(q{SELECT '\x00'::leadscore.state}, '22P02|22P03', qr/./);
fails(q{SELECT (left(state::text, 40))::leadscore.state FROM m.state}, '22P02|22P03', qr/./);
$node->safe_psql($db, q{CREATE TABLE crm.kept AS SELECT lead, state FROM m.state;
    UPDATE leadscore.rule SET points = 2 WHERE name = 'view' AND model = 'm'; SELECT leadscore.publish('m')});
is($node->safe_psql($db, q{SELECT leadscore.score(k.state), leadscore.version(k.state), leadscore.score(s.state) FROM crm.kept AS k
    JOIN m.state AS s USING (lead) WHERE lead = 2}),
    '1|2|2', 'a state of an older version still answers');
fails(q{SELECT k.state OPERATOR(leadscore.+) s.state FROM crm.kept AS k JOIN m.state AS s USING (lead)}, '22023|55000',
    qr/version/);
fails(q{SELECT leadscore.merge(state) FROM (SELECT state FROM crm.kept UNION ALL SELECT state FROM m.state) AS s}, '22023|55000',
    qr/version/);
$node->safe_psql($db, q{SELECT leadscore.create_model('gone', 'crm.leads');
    INSERT INTO leadscore.rule (model, name, points) VALUES ('gone', 'one', 1); SELECT leadscore.publish('gone');
    CREATE TABLE crm.orphans AS SELECT * FROM gone.state; SELECT leadscore.drop_model('gone')});
fails(q{SELECT leadscore.score(state) FROM crm.orphans}, '42704', qr/^version 1 of scoring model \d+ does not exist$/);
fails(q{SELECT leadscore.merge(s.state) FROM (SELECT state FROM crm.orphans UNION ALL SELECT state FROM m.state) AS s},
    '42704|22023', qr/./);

# Adjustments
fails(q{SELECT leadscore.adjust('m', 12345, 'score', 1, 'x')}, '42704', qr/^lead "12345" of model "m" does not exist$/);
fails(q{SELECT leadscore.adjust('m', 'abc', 'score', 1, 'x')}, '22P02', qr/^invalid input syntax for type bigint: "abc"$/);
fails(q{SELECT leadscore.adjust('m', 1, 'scores', 1, 'x')}, '22023', qr/^dimension "scores" does not exist/, qr/"score"/);
fails(q{SELECT leadscore.adjust('m', 1, 'score', 'NaN', 'x')}, '22003', qr/^the points must be between/);
fails(q{SELECT leadscore.adjust('m', 1, 'score', 1, NULL)}, '22004', qr/^the reason must not be null$/);
fails(q{SELECT leadscore.adjust('m', 1, 'score', 1, 'x', 'window')}, '22023', qr/^decay "window" needs a period$/, qr/period =>/);
fails(q{SELECT leadscore.adjust('m', 1, 'score', 1, 'x', 'widow', '1 day')}, '22023', qr/^unknown decay "widow"$/, qr/"window"/);
fails(q{SELECT leadscore.adjust('m', 1, 'score', 1, 'x', 'window', '-1 day')}, '23514', qr/adjustment_period_range/);
fails(q{SELECT leadscore.override('m', 1, 'hat', NULL, 'x')}, '22023', qr/^tier "hat" does not exist/, qr/"hot"/);
fails(q{SELECT leadscore.override('m', 1, 'hot', now(), 'x')}, '22023', qr/^an override must end in the future$/, qr/revoked/);
fails(q{SELECT leadscore.override('m', 1, 'Infinity'::float8, NULL, 'x')}, '22003', qr/^the score must be between/);
fails(q{SELECT leadscore.revoke('m', 12345)}, '42704', qr/^adjustment 12345 of model "m" does not exist$/);
$node->safe_psql($db, q{SELECT leadscore.revoke('m', leadscore.adjust('m', 1, 'score', 1, 'x'))});
fails(q{SELECT leadscore.revoke('m', max(id)) FROM m.adjustment}, '55000', qr/is revoked already$/);
fails(q{BEGIN READ ONLY; SELECT leadscore.adjust('m', 1, 'score', 1, 'x')}, '25006', qr/read-only transaction/);
# Numbers that no table has checked
my $state_of = q{SELECT leadscore.adjustment_state('m', 1, now(), NULL, 'score', %s, %s, %s, %s, NULL, %s)};
fails(sprintf($state_of, @$_), '22023|22P0[23]|42P17|22P03', qr/./)
    for [ q{'NaN'}, 'NULL', 'NULL', 'NULL', 'NULL' ], [ 'NULL', 'NULL', 'NULL', 'NULL', q{'Infinity'} ],
    [ 1, q{'half_life'}, 'NULL', 'NULL', 'NULL' ], [ 1, q{'half_life'}, q{'0'}, 'NULL', 'NULL' ],
    [ 1, q{'step'}, q{'1 day'}, 2, 'NULL' ], [ 1, q{'linear'}, q{'1 day'}, q{'NaN'}, 'NULL' ], [ 1, q{'x'}, q{'1 day'}, 'NULL', 'NULL' ];

# Things that only triggers or the extension may do
fails(q{SELECT leadscore.events_changed()}, '0A000|39P01', qr/trigger/);
fails(q{SELECT leadscore.adjustments_changed()}, '0A000|39P01', qr/trigger/);
fails(q{CREATE TRIGGER t AFTER INSERT ON crm.others FOR EACH ROW EXECUTE FUNCTION leadscore.events_changed('m',
    'events'); INSERT INTO crm.others VALUES (2)}, '39P01', qr/trigger/, qr/publish/);
fails(q{DROP TRIGGER t ON crm.others; CREATE TRIGGER t AFTER INSERT ON crm.others REFERENCING NEW TABLE AS n
    FOR EACH STATEMENT EXECUTE FUNCTION leadscore.leads_changed('m');
        INSERT INTO crm.others VALUES (3)}, '42501|42809|39P01', qr/./);
fails(q{SELECT leadscore.event_state_step(NULL, 'm', e) FROM crm.events AS e}, '0A000', qr/aggregate/);
fails(q{DROP TABLE crm.leads}, '2BP01', qr/model "draft|model "m"/, qr/drop_model/);
fails(q{ALTER TABLE crm.events DROP COLUMN at}, '2BP01', qr/model "m"/, qr/remove_events/);
fails(q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT leadscore.publish('m')}, '25000', qr/REPEATABLE READ/, qr/READ COMMITTED/);
fails(q{BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT leadscore.rebuild('m')}, '25000', qr/SERIALIZABLE/, qr/READ COMMITTED/);
fails(q{BEGIN READ ONLY; SELECT leadscore.rebuild('m')}, '25006', qr/read-only transaction/);

is_exact($node, $db, 'm', 'after all that');
is_log_clean($node);

$node->stop;
done_testing();
