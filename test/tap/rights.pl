# Nobody gains a right: neither who inserts events, nor who reads scores, nor who makes models; and nothing that is wrong with a
# rule or a row makes the team's own statement fail.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement error_of warnings_of is_exact is_log_clean);

my $node = start_server('rights');
my $db = 'postgres';

sub as_owner { return $node->safe_psql($db, $_[0]) }

sub is_refused {
    my ($role, $sql, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $error = error_of($node, $db, $sql, role => $role);
    return is($error->{code}, '42501', $name) || diag($error->{text});
}

sub score { return as_owner("SELECT score FROM m.scores WHERE id = $_[0]") }

create_crm($node, $db);
as_owner(<<'SQL');
CREATE ROLE clerk; CREATE ROLE editor; CREATE ROLE reader; CREATE ROLE stranger;
GRANT USAGE ON SCHEMA crm TO clerk, editor;
GRANT INSERT ON crm.events, crm.leads TO clerk;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON crm.events, crm.leads TO editor;
GRANT USAGE ON SCHEMA leadscore, m TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA m TO reader;
GRANT USAGE ON SCHEMA leadscore, m, crm TO stranger;
SQL

subtest 'who inserts needs no right on the model' => sub {
    warnings_of($node, $db, q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (2, 'view')}, role => 'clerk');
    is(score(1), '110', 'an event counts');
    warnings_of($node, $db, q{INSERT INTO crm.leads VALUES (9, 'FR')}, role => 'clerk');
    is(score(9), '100', 'a lead is scored');
    warnings_of($node, $db, <<'SQL', role => 'clerk');
BEGIN; INSERT INTO crm.events (lead, kind) VALUES (9, 'view');
INSERT INTO crm.events (lead, kind) VALUES (1, 'view'), (8, 'view'); COMMIT
SQL
    warnings_of($node, $db, q{UPDATE crm.events SET kind = 'view' WHERE lead = 1 AND kind = 'click'}, role => 'editor');
    is(score(1), '102', 'a changed event counts');
    warnings_of($node, $db, q{UPDATE crm.leads SET country = 'BE' WHERE id = 9}, role => 'editor');
    is(score(9), '1', 'a changed lead is scored');
    warnings_of($node, $db, q{DELETE FROM crm.events WHERE lead = 1}, role => 'editor');
    is(score(1), '100', 'a deleted event counts no more');
    is_exact($node, $db, 'm', 'after all that');
    warnings_of($node, $db, 'TRUNCATE crm.events', role => 'editor');
    is(as_owner('SELECT sum(score) FROM m.scores'), '100', 'nothing is left of the events');
    is_exact($node, $db, 'm', 'after TRUNCATE');
};

subtest 'who inserts sees nothing of the model' => sub {
    for my $role ('clerk', 'editor') {
        is_refused($role, "SELECT * FROM $_", "$role cannot read $_")
            for qw(leadscore.rule leadscore.model leadscore.version m.state m.pending m.scores m.tier_changes m.adjustment);
        is_refused($role, q{SELECT leadscore.score('m', 1)}, "$role cannot ask for a score");
    }
};

subtest 'who may use the schemas only can neither read nor change anything' => sub {
    is_refused('stranger', "SELECT * FROM $_", "cannot read $_")
        for qw(leadscore.rule leadscore.model leadscore.version leadscore.tier m.state m.pending m.scores m.tier_changes);
    is_refused('stranger', "SELECT * FROM $_", "cannot call $_")
        for q{leadscore.score('m', 1)}, q{leadscore.explain('m', 1)}, q{leadscore.verify('m')}, q{leadscore.refresh('m')},
        q{leadscore.rebuild('m')}, q{leadscore.publish('m')}, q{leadscore.draft_faults('m')}, q{leadscore.drop_model('m')},
        q{leadscore.create_model('mine', 'crm.leads')}, q{leadscore.remove_events('m', 'crm.events')},
        q{leadscore.rescore('m', 'crm.events', 'lead')};
    is(score(1), '100', 'all is as it was');
};

subtest 'who reads scores' => sub {
    my $read = statement($node, $db, 'SELECT id, score, tier FROM m.scores ORDER BY id', role => 'reader');
    is($read->{out}, "1|100|hot\n2|0|cold\n3|0|cold\n9|0|cold", 'sees them') or diag($read->{err});
    is_refused('reader', $_, $_) for 'SELECT * FROM leadscore.rule', 'DELETE FROM m.state',
        q{UPDATE m.tier_changes SET score = 1000},
        q{INSERT INTO m.pending SELECT lead, state FROM m.state}, q{SELECT leadscore.explain('m', 1)};
    as_owner('REVOKE SELECT ON m.state FROM reader');
    is_refused('reader', 'SELECT * FROM m.scores', 'the right on the view alone is not enough');
    as_owner('GRANT SELECT ON m.state TO reader; CREATE POLICY p ON m.state FOR SELECT TO reader USING (lead = 2);
              ALTER TABLE m.state ENABLE ROW LEVEL SECURITY');
    is(statement($node, $db, 'SELECT id FROM m.scores', role => 'reader')->{out}, '2', 'row security limits what is seen');
    as_owner('ALTER TABLE m.state DISABLE ROW LEVEL SECURITY');
};

subtest 'who adjusts needs the right to insert adjustments, and no other' => sub {
    as_owner(<<'SQL');
CREATE ROLE rep; CREATE ROLE careful;
GRANT USAGE ON SCHEMA leadscore, m TO rep, careful;
GRANT INSERT ON m.adjustment TO rep;
GRANT INSERT (id, lead, reason, dimension, points, decay, period, rate, tier, score, until), SELECT,
    UPDATE (revoked_at, revoked_by) ON m.adjustment TO careful;
SQL
    my $before = score(2);
    my $adjusted = statement($node, $db, q{SELECT leadscore.adjust('m', 2, 'score', 5, 'nice')}, role => 'rep');
    ok(!$adjusted->{failed}, 'who may insert, adjusts') or diag($adjusted->{err});
    is(score(2), $before + 5, 'which counts at once');
    is_refused('rep', "SELECT leadscore.revoke('m', $adjusted->{out})", 'but does not revoke');
    is_refused('rep', $_, $_) for 'SELECT * FROM m.adjustment', 'SELECT * FROM crm.leads', 'SELECT * FROM m.scores',
        q{SELECT leadscore.score('m', 2)}, 'DELETE FROM m.adjustment', 'SELECT nextval(\'m.adjustment_id_seq\')';
    my $override = statement($node, $db, q{SELECT leadscore.override('m', '2', 'hot', NULL, 'a friend')}, role => 'careful');
    is(as_owner('SELECT tier FROM m.scores WHERE id = 2'), 'hot', 'rights on the columns alone are enough') or diag($override->{err});
    is(error_of($node, $db, "SELECT leadscore.revoke('m', $override->{out})", role => 'careful')->{text}, '', 'to revoke, too');
    is_refused('careful', q{INSERT INTO m.adjustment (lead, made_by, reason, score) VALUES (2, 'rep', 'not me', 1)},
        'and nobody else can be named then');
    is(as_owner("SELECT made_by, revoked_by FROM m.adjustment WHERE id = $override->{out}"), 'careful|careful', 'who did it is kept');
    for my $role ('stranger', 'clerk', 'reader') {
        is_refused($role, $_, "$role: $_")
            for q{SELECT leadscore.adjust('m', 2, 'score', 5, 'x')}, q{SELECT leadscore.adjust('m', 4711, 'score', 5, 'x')},
            q{SELECT leadscore.override('m', 2, 'hot', NULL, 'x')}, q{SELECT leadscore.override('m', 2, 99, NULL, 'x')},
            q{SELECT leadscore.revoke('m', 1)}, q{INSERT INTO m.adjustment (lead, reason, score) VALUES (2, 'x', 1)};
    }
    as_owner('CREATE POLICY own ON m.adjustment FOR INSERT TO rep WITH CHECK (lead = 3); ALTER TABLE m.adjustment ENABLE ROW LEVEL SECURITY');
    is_refused('rep', q{SELECT leadscore.adjust('m', 2, 'score', 5, 'x')}, 'row security is in force');
    is(error_of($node, $db, q{SELECT leadscore.adjust('m', 3, 'score', 5, 'x')}, role => 'rep')->{text}, '', 'and lets others through');
    as_owner('ALTER TABLE m.adjustment DISABLE ROW LEVEL SECURITY; DROP POLICY own ON m.adjustment');
    is_exact($node, $db, 'm', 'with adjustments');
    as_owner('TRUNCATE m.adjustment');
    is(score(2), $before, 'without them all is as it was');
};

subtest 'triggers of a stranger' => sub {
    # The type's cast is code that would run where a row is shown to rules: with the rights of the model's owner, were the table
    # accepted.
    as_owner('CREATE SCHEMA scratch AUTHORIZATION stranger');
    my $forge = sub {
        my ($function, $columns, $values) = @_;
        return statement($node, $db, <<"SQL", role => 'stranger');
CREATE TYPE scratch.mood AS ENUM ('good');
CREATE FUNCTION scratch.mood_json(scratch.mood) RETURNS json LANGUAGE plpgsql AS
    'BEGIN EXECUTE ''ALTER ROLE stranger SUPERUSER''; RETURN ''1''; END';
CREATE CAST (scratch.mood AS json) WITH FUNCTION scratch.mood_json(scratch.mood);
CREATE TABLE scratch.forged ($columns, mood scratch.mood);
CREATE TRIGGER t AFTER INSERT ON scratch.forged REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION $function;
INSERT INTO scratch.forged VALUES ($values, 'good');
SQL
    };
    my $forget = sub { as_owner('DROP TABLE IF EXISTS scratch.forged; DROP TYPE IF EXISTS scratch.mood CASCADE') };
    my $done = $forge->(q{leadscore.events_changed('m', 'events')}, 'id int, lead bigint, kind text, at timestamptz, props jsonb',
        q{1, 1, 'click', now(), '{}'});
    ok($done->{failed}, 'cannot add events to a model') or diag($done->{err});
    $forget->();
    $done = $forge->(q{leadscore.leads_changed('m')}, 'id bigint, country text', q{2, 'FR'});
    ok($done->{failed}, 'cannot change leads of a model') or diag($done->{err});
    $forget->();
    $done = $forge->(q{leadscore.adjustments_changed('m')}, 'id bigint, lead bigint', q{1, 2});
    ok($done->{failed}, 'cannot make a model look at its adjustments') or diag($done->{err});
    $forget->();
    $done = statement($node, $db, <<'SQL', role => 'stranger');
CREATE TABLE scratch.forged (id int, lead bigint, kind text, at timestamptz, props jsonb) PARTITION BY LIST (id);
CREATE TABLE scratch.part PARTITION OF scratch.forged DEFAULT;
CREATE TRIGGER leadscore_m_events_insert AFTER INSERT ON scratch.part REFERENCING NEW TABLE AS leadscore_new
    FOR EACH STATEMENT EXECUTE FUNCTION leadscore.events_changed('m', 'events');
CREATE TABLE scratch.other (id int);
ALTER TABLE scratch.forged DETACH PARTITION scratch.part;
INSERT INTO scratch.part VALUES (1, 1, 'click', now());
SQL
    as_owner('DROP TABLE IF EXISTS scratch.forged, scratch.part, scratch.other');
    is(score(1), '100', 'the score is what it was');
    is(score(2), '0', 'and the other');
    is(as_owner(q{SELECT rolsuper FROM pg_roles WHERE rolname = 'stranger'}), 'f', 'no right is gained');
    is_exact($node, $db, 'm', 'after all that');
};

subtest 'a hostile search path' => sub {
    as_owner(<<'SQL');
CREATE SCHEMA trap AUTHORIZATION editor;
CREATE TABLE trap.caught (what text, who name);
GRANT INSERT ON trap.caught TO PUBLIC;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
SQL
    my @functions = (
        [ 'now()', 'timestamptz' ], [ 'clock_timestamp()', 'timestamptz' ], [ 'unnest(bigint[])', 'bigint' ],
        [ 'count(bigint)', 'bigint' ],
        [ 'greatest(timestamptz, timestamptz)', 'timestamptz' ], [ 'pg_notify(text, text)', 'void' ],
            [ 'jsonb_build_object(text, text)', 'jsonb' ],
        [ 'to_jsonb(bigint)', 'jsonb' ], [ 'octet_length(text)', 'int' ], [ 'format(text, text)', 'text' ],
            [ 'jsonb_path_match(jsonb, jsonpath, jsonb, boolean)', 'bool' ]
    );
    my $shadows = join(
        "\n",
        map {
            my ($signature, $type) = @$_;
            my $result = $type eq 'void' ? '' : "RETURN NULL;";
            "CREATE FUNCTION trap.$signature RETURNS $type LANGUAGE plpgsql AS 'BEGIN INSERT INTO trap.caught
                VALUES (''function'', current_user); $result END';"
        } map { $_->[0] =~ /^greatest/ ? () : $_ } @functions);
    my $operators = 0;
    my $operator_sql = join(
        "\n",
        map {
            my ($name, $left, $right) = @$_;
            my $function = 'operator_' . ++$operators;
            "CREATE FUNCTION trap.$function($left, $right) RETURNS boolean LANGUAGE plpgsql AS
                'BEGIN INSERT INTO trap.caught VALUES (''operator'', current_user); RETURN true; END';
             CREATE OPERATOR trap.$name (LEFTARG = $left, RIGHTARG = $right, FUNCTION = trap.$function);"
        } [ '=', 'bigint', 'bigint' ], [ '<', 'bigint', 'bigint' ], [ '<=', 'timestamptz', 'timestamptz' ], [ '=', 'text', 'text' ],
        [ '=', 'boolean', 'boolean' ], [ '<=', 'integer', 'integer' ]);
    my $done = statement($node, $db, "$shadows\n$operator_sql", role => 'editor');
    ok(!$done->{failed}, 'the trap is set') or diag($done->{err});
    my $path = 'SET search_path = trap, pg_temp, pg_catalog';
    my $tables = 'CREATE TEMP TABLE state (lead bigint, state leadscore.state); CREATE TEMP TABLE pending (LIKE state);
        CREATE TEMP TABLE version (a int)';
    as_owner('GRANT USAGE ON SCHEMA leadscore TO editor');
    warnings_of($node, $db, $_, role => 'editor', set => "$tables; $path")
        for q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (2, 'click'), (2, 'click')},
        q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES (3, 'click');
            INSERT INTO crm.events (lead, kind) VALUES (1, 'view'); COMMIT},
        q{UPDATE crm.events SET kind = 'view' WHERE kind OPERATOR(pg_catalog.=) 'click' AND lead OPERATOR(pg_catalog.=) 1},
        q{UPDATE crm.leads SET country = 'FR' WHERE id OPERATOR(pg_catalog.=) 2};
    as_owner('GRANT USAGE ON SCHEMA m TO editor; GRANT INSERT, SELECT, UPDATE, DELETE, TRUNCATE ON m.adjustment TO editor');
    warnings_of($node, $db, $_, role => 'editor', set => $path)
        for q{SELECT leadscore.adjust('m', 1, 'score', 7, 'x', 'window', '1 day')}, q{SELECT leadscore.override('m', '2', 'cold', NULL, 'x')},
            q{SELECT leadscore.revoke('m', id) FROM m.adjustment}, q{DELETE FROM m.adjustment}, q{TRUNCATE m.adjustment};
    is(as_owner('SELECT id, score FROM m.scores WHERE id <= 3 ORDER BY id'), "1|102\n2|120\n3|10", 'all is scored');
    is_exact($node, $db, 'm', 'with a hostile search path');
    # Whoever keeps the model, with such a path.
    $node->safe_psql($db, "$path; SELECT leadscore.publish('m'); SELECT leadscore.refresh('m'); SELECT leadscore.rebuild('m');
                           SELECT * FROM leadscore.verify('m'); SELECT * FROM leadscore.explain('m', 1); SELECT * FROM m.scores;
                           SELECT leadscore.score('m', 1)");
    is(as_owner('SELECT DISTINCT what, who FROM trap.caught'), '', 'nothing has gone into the trap');
};

subtest 'settings of who inserts do not change scores' => sub {
    as_owner(<<'SQL');
INSERT INTO leadscore.rule (model, name, event, condition, points) VALUES
    ('m', 'evening', 'visit', '$.at starts with "2024-01-01T23:"', 5),
    ('m', 'exact', 'visit', '$.props.x == 0.1', 7);
SELECT leadscore.publish('m');
SQL
    my $insertion = q{INSERT INTO crm.events (lead, kind, at, props) VALUES (3, 'visit', '2024-01-01 23:30:00+00', '{"x": 0.1}')};
    warnings_of($node, $db, $insertion, role => 'clerk', set => $_)
        for q{SET timezone = 'Asia/Tokyo'}, q{SET datestyle = 'SQL, DMY'}, 'SET extra_float_digits = -15',
            q{SET intervalstyle = 'sql_standard'};
    is(score(3), 10 + 4 * 12, 'the same every time');
    is($node->safe_psql($db, q{SET timezone = 'America/Lima'; SET datestyle = 'German'; SELECT * FROM leadscore.verify('m')}), '',
        'also for verify');
};

subtest 'rows that make a rule fail' => sub {
    as_owner(<<'SQL');
CREATE TYPE crm.mood AS ENUM ('good', 'broken', 'slow');
CREATE FUNCTION crm.mood_json(crm.mood) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count(*) FROM pg_class;
    IF $1 = 'broken' THEN RAISE EXCEPTION 'this mood cannot be shown'; END IF;
    IF $1 = 'slow' THEN PERFORM pg_sleep(300); END IF;
    RETURN to_json($1::text);
END $$;
CREATE CAST (crm.mood AS json) WITH FUNCTION crm.mood_json(crm.mood);
ALTER TABLE crm.events ADD doc json, ADD mood crm.mood, ADD n numeric, ADD day text, ADD note text;
ALTER TABLE crm.leads ADD doc json, ADD mood crm.mood;
INSERT INTO leadscore.rule (model, name, event, condition, points, multiplier) VALUES
    ('m', 'seen', 'note', NULL, 1, NULL),
    ('m', 'whole', 'note', '$.doc.a == "x"', 2, NULL),
    ('m', 'day', 'note', '$.day.datetime() < "2024-01-01T00:00:00+01:00".datetime()', 4, NULL),
    ('m', 'size', 'size', NULL, 1, '$.n * 1e30000'),
    ('m', 'ratio', 'size', '1 / $.n > 0', 3, NULL),
    ('m', 'words', 'size', '$.note like_regex "^(((a+)+)+)+$"', 5, NULL);
UPDATE leadscore.rule SET condition = '$.country == "FR" && $.doc.a != "x"' WHERE name = 'france';
SELECT leadscore.publish('m'); TRUNCATE crm.events; DELETE FROM crm.leads WHERE id <> 3;
SQL
    my $warns = sub {
        my ($sql, $expected, $score, $name) = @_;
        local $Test::Builder::Level = $Test::Builder::Level + 1;
        my $warnings = warnings_of($node, $db, $sql, role => 'clerk');
        like($warnings, $expected, "$name: a warning");
        unlike($warnings, qr/leak|SPI|WARNING: +[^0]/, "$name: nothing is left behind");
        is(score(3), $score, "$name: the score");
    };
    my $insert = 'INSERT INTO crm.events (lead, kind';
    $warns->("$insert, doc) VALUES (3, 'note', '{\"a\": \"\\u0000\"}')", qr/row of model "m".*\n.*Unicode/, 1,
        'a character that jsonb has not');
    $warns->("$insert, doc) VALUES (3, 'note', '{\"a\": 1e200000}')", qr/row of model "m".*\n.*numeric/, 2,
        'a number that jsonb has not');
    $warns->("$insert, mood) VALUES (3, 'note', 'broken'), (3, 'note', 'broken')", qr/row of model "m".*\n.*this mood/, 4,
        'a cast that fails');
    $warns->("$insert, doc, mood) VALUES (3, 'note', '{\"a\": \"x\"}', 'good')", qr/^$/, 7, 'a cast that does not');
    $warns->("$insert, day) VALUES (3, 'note', '2023-01-01')", qr/rule "day" of model "m".*\n.*time zone/, 8,
        'a time without its zone');
    $warns->("$insert, day) VALUES (3, 'note', 'no day')", qr/^$/, 9, 'a time that is none');
    $warns->("$insert, n) VALUES (3, 'size', 2), (3, 'size', 1e30000), (3, 'size', 0), (3, 'size', 'NaN'),
        (3, 'size', 'Infinity'), (3, 'size', NULL)",
        qr/^$/, 12, 'numbers out of range');
    $warns->("$insert, note) VALUES (3, 'size', repeat('a', 50) || 'b')", qr/^$/, 12, 'a regular expression with much to try');
    like(
        warnings_of($node, $db, q{INSERT INTO crm.leads VALUES (20, 'FR', '{"a": "\u0000"}', 'good'),
            (21, 'FR', '{"a": "y"}', 'good'), (22, 'FR', NULL, 'broken')}, role => 'clerk'),
        qr/could not be evaluated/, 'leads: a warning');
    is(as_owner('SELECT id, score FROM m.scores WHERE id >= 20 ORDER BY id'), "20|0\n21|100\n22|0",
        'leads that cannot be shown are worth nothing');
    like(warnings_of($node, $db, q{SELECT leadscore.rebuild('m')}), qr/could not be evaluated/, 'rebuild warns, too');
    is_exact($node, $db, 'm', 'after all that');

    my $slow = q{INSERT INTO crm.events (lead, kind, mood) VALUES (3, 'note', 'slow')};
    my $error = error_of($node, $db, $slow, role => 'clerk', set => q{SET statement_timeout = '300ms'});
    is($error->{code}, '57014', 'a statement can still be cancelled while a rule is evaluated');
    is(as_owner(q{SELECT count(*) FROM crm.events WHERE mood = 'slow'}), '0', 'and has done nothing then');
    is_exact($node, $db, 'm', 'after a cancelled statement');
};

subtest 'tables that are no longer what they were' => sub {
    as_owner(q{ALTER TABLE crm.events DROP COLUMN doc, DROP COLUMN mood; SELECT leadscore.rebuild('m')});
    my $insertion = q{INSERT INTO crm.events (lead, kind) VALUES (3, 'note')};
    my $before = score(3);
    is(warnings_of($node, $db, $insertion, role => 'clerk'), '', 'a column that only a rule reads is gone: the rule is unknown');
    is(score(3), $before + 1, 'the other rules award');
    is_exact($node, $db, 'm', 'without the column');
    as_owner('ALTER TABLE crm.events RENAME COLUMN at TO happened_at');
    like(warnings_of($node, $db, $insertion, role => 'clerk'), qr/events are not scored by model "m"/,
        'the column of the time has another name: a warning');
    as_owner('ALTER TABLE crm.events RENAME COLUMN happened_at TO at; ALTER TABLE crm.events ALTER COLUMN lead TYPE text');
    like(warnings_of($node, $db, q{INSERT INTO crm.events (lead, kind) VALUES ('3', 'note')}, role => 'clerk'),
        qr/events are not scored by model "m"/, 'the column of the lead has another type: a warning');
    as_owner(q{ALTER TABLE crm.events ALTER COLUMN lead TYPE bigint USING lead::bigint; SELECT leadscore.rebuild('m')});
    warnings_of($node, $db, $insertion, role => 'clerk');
    is(score(3), $before + 4, 'all is as before, and rebuild finds what was missed');
    is_exact($node, $db, 'm', 'after the detour');
};

subtest 'who makes models needs rights on the tables' => sub {
    as_owner(<<'SQL');
CREATE ROLE revops; GRANT CREATE ON DATABASE postgres TO revops; GRANT USAGE ON SCHEMA leadscore, crm TO revops;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA leadscore TO revops;
SQL
    my $draft = q{SELECT leadscore.create_model('r', 'crm.leads');
        SELECT leadscore.add_events('r', 'crm.events', 'lead', 'at', 'kind');
        INSERT INTO leadscore.rule (model, name, event, points) VALUES ('r', 'view', 'view', 1);};
    is_refused('revops', $draft, 'who may not read the tables cannot make a model of them');
    as_owner('GRANT SELECT ON crm.leads, crm.events TO revops');
    is(error_of($node, $db, $draft, role => 'revops')->{text}, '', 'who may read them can');
    is_refused('revops', q{SELECT leadscore.publish('r')}, 'but reading them is not enough to publish it');
    as_owner('CREATE ROLE sales; ALTER TABLE crm.leads OWNER TO sales; ALTER TABLE crm.events OWNER TO sales;
        GRANT sales TO revops');
    is(error_of($node, $db, q{SELECT leadscore.publish('r')}, role => 'revops')->{text}, '', 'who owns them publishes');
    warnings_of($node, $db, q{INSERT INTO crm.events (lead, kind) VALUES (3, 'view')}, role => 'clerk');
    is(statement($node, $db, 'SELECT score FROM r.scores WHERE id = 3', role => 'revops')->{out}, '1', 'its scores are live');
    is(error_of($node, $db, q{SELECT leadscore.refresh('r'); SELECT leadscore.rebuild('r');
        SELECT leadscore.publish('r')}, role => 'revops')->{text}, '',
        'its owner keeps it');
    my $configuration = q{SELECT md5(string_agg(c, '' ORDER BY c)) FROM (SELECT to_jsonb(r)::text FROM leadscore.rule AS r
        UNION ALL SELECT to_jsonb(r)::text FROM leadscore.model AS r UNION ALL SELECT to_jsonb(r)::text FROM leadscore.version AS r
        UNION ALL SELECT to_jsonb(r)::text FROM leadscore.tier AS r) AS t(c)};
    my $before = as_owner($configuration);
    # What row security hides, is not there.
    like(error_of($node, $db, $_, role => 'revops')->{code}, qr/^42(?:501|704)$/, "no other: $_")
        for q{INSERT INTO leadscore.rule (model, name, points) VALUES ('m', 'mine', 1000)},
        q{UPDATE leadscore.rule SET model = 'm', name = 'x' WHERE model = 'r'},
        q{INSERT INTO leadscore.version (model, version, config) SELECT 'm', 99, config FROM leadscore.version WHERE model = 'r' LIMIT 1},
        q{INSERT INTO leadscore.event_source (model, name, relation, lead, at) VALUES ('m', 'x', 'crm.leads', 'id', 'id')},
        q{INSERT INTO leadscore.model (name, leads, key) VALUES ('crm', 'crm.leads', 'id')},
        q{INSERT INTO leadscore.model (name, leads, key) VALUES ('nowhere', 'crm.leads', 'id')},
        q{INSERT INTO leadscore.rollup (model, name, account) VALUES ('m', 'x', 'country')},
        q{INSERT INTO leadscore.editor (model, role) VALUES ('m', 'revops')};
    is(error_of($node, $db, $_, role => 'revops')->{text}, '', "what is not seen is not touched: $_")
        for q{UPDATE leadscore.rule SET points = 1000 WHERE model = 'm'}, q{DELETE FROM leadscore.tier WHERE model = 'm'},
        q{DELETE FROM leadscore.model WHERE name = 'm'}, q{UPDATE leadscore.model SET params = '{}' WHERE name = 'm'},
        q{UPDATE leadscore.version SET config = '{}' WHERE model = 'm'};
    for my $call ('rebuild', 'publish', 'drop_model', 'refresh', 'verify') {
        like(error_of($node, $db, "SELECT leadscore.$call('m')", role => 'revops')->{code}, qr/^42(501|704)$/, "nor $call of another one");
    }
    is(statement($node, $db, $_, role => 'revops')->{out}, 'r', "sees its own alone: $_")
        for map { 'SELECT DISTINCT ' . ($_ eq 'model' ? 'name' : 'model') . " FROM leadscore.$_" } qw(model rule event_source version);
    is(as_owner($configuration), $before, 'the configuration is what it was');
    is(error_of($node, $db, q{SELECT leadscore.drop_model('r')}, role => 'revops')->{text}, '', 'it can drop its own');
    is_exact($node, $db, 'm', 'the other model');
};

is_log_clean($node);

$node->stop;
done_testing();
