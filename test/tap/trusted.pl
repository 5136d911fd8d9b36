# Somebody who owns a database, and is no superuser, installs the extension there, makes models, keeps them, takes the database along
# by pg_dump, and drops it all; and gains no right of the superuser's to whom the extension's objects belong.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server statement error_of warnings_of is_exact is_log_clean);

my $node = start_server('trusted');
my $db = 'crm';

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE owner LOGIN; CREATE ROLE clerk LOGIN; CREATE ROLE other LOGIN;
CREATE DATABASE crm OWNER owner;
CREATE DATABASE copy OWNER other;
SQL

# As the owner of the database; dies of an error.
sub as_owner {
    my ($sql) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done = statement($node, $db, $sql, role => 'owner');
    fail($sql) || diag($done->{err}) if $done->{failed};
    return $done->{out};
}

sub is_refused {
    my ($sql, $name, $code) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $error = error_of($node, $db, $sql, role => 'owner');
    return is($error->{code}, $code // '42501', $name) || diag($error->{text});
}

subtest 'the whole life of a model' => sub {
    as_owner(<<'SQL');
CREATE EXTENSION leadscore;
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, country text);
CREATE TABLE crm.events (lead bigint, kind text, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE crm.events_2020 PARTITION OF crm.events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO crm.leads VALUES (1, 'FR'), (2, 'BE');
SELECT leadscore.create_model('m', 'crm.leads');
SELECT leadscore.add_events('m', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, condition, points)
VALUES ('m', 'france', NULL, '$.country == "FR"', 100), ('m', 'click', 'click', NULL, 10);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('m', 'cold', 1, '{}'), ('m', 'hot', 2, '{"score": 50}');
SELECT leadscore.publish('m');
INSERT INTO crm.events VALUES (1, 'click', '2020-02-02'), (2, 'click', '2020-03-03');
GRANT USAGE ON SCHEMA crm TO clerk; GRANT INSERT ON crm.events, crm.leads TO clerk;
SQL
    is(as_owner('SELECT id, score, tier FROM m.scores ORDER BY id'), "1|110|hot\n2|10|cold", 'scores are live');
    warnings_of($node, $db, q{INSERT INTO crm.events VALUES (2, 'click', '2020-01-01')}, role => 'clerk');
    as_owner(q{CREATE TABLE crm.events_2021 PARTITION OF crm.events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
        INSERT INTO crm.events_2021 VALUES (2, 'click', '2021-05-05')});
    is(as_owner('SELECT score FROM m.scores WHERE id = 2'), '30', 'also by others, and straight into a partition that comes later');
    as_owner(q{ALTER TABLE crm.events DETACH PARTITION crm.events_2021; DROP TABLE crm.events_2021});
    is(as_owner('SELECT score FROM m.scores WHERE id = 2'), '20', 'one that goes takes its events along');
    is_refused('DROP TABLE crm.leads', 'a table that the model needs is not dropped', '2BP01');
    is(as_owner(q{UPDATE leadscore.rule SET points = 7 WHERE name = 'click'; SELECT leadscore.publish('m')}), '2', 'publishing again');
    as_owner(q{SELECT leadscore.refresh('m'), leadscore.rebuild('m'), leadscore.adjust('m', 1, 'score', 5, 'a friend')});
    is(as_owner(q{SELECT count(*) FROM leadscore.explain('m', 1)}) > 2, 1, 'explanations');
    cmp_ok(as_owner('SELECT count(*) FROM leadscore.templates()'), '>', 5, 'templates are seen');
    is_exact($node, $db, 'm', 'after all that');
};

subtest 'a dump that the owner makes and another owner restores' => sub {
    my $file = "$PostgreSQL::Test::Utils::tmp_check/trusted";
    my $before = as_owner('SELECT * FROM m.scores ORDER BY id; SELECT * FROM leadscore.rule ORDER BY name;
        SELECT version, config FROM leadscore.version');
    command_ok([ 'pg_dump', '-d', $node->connstr($db), '-U', 'owner', '-f', "$file.sql", '--no-owner' ], 'pg_dump');
    my $restored = statement($node, 'copy', "\\set QUIET on\n\\i $file.sql", role => 'other');
    is($restored->{err} =~ s/.*NOTICE.*\n//gr, '', 'is restored without an error or warning');
    my $query = sub { return statement($node, 'copy', $_[0], role => 'other')->{out} };
    is($query->('SELECT * FROM m.scores ORDER BY id; SELECT * FROM leadscore.rule ORDER BY name;
        SELECT version, config FROM leadscore.version'), $before, 'all is as it was');
    is($query->(q{INSERT INTO crm.events VALUES (2, 'click', '2020-04-04'); SELECT score FROM m.scores WHERE id = 2}), '21',
        'scores are live');
    is($query->(q{SELECT leadscore.create_model('next', 'crm.leads'); SELECT max(id) FROM leadscore.model}) =~ s/\n//r, '2',
        'the next model has the next number');
    is_exact($node, 'copy', 'm', 'the restored model');
    command_ok([ 'pg_dump', '-d', $node->connstr($db), '-U', 'owner', '-Fc', '-f', "$file.dump" ], 'pg_dump -Fc');
    $node->safe_psql('postgres', 'CREATE DATABASE again OWNER other');
    command_ok([ 'pg_restore', '-d', $node->connstr('again'), '-U', 'other', '--exit-on-error', '--no-owner', '-j', 2, "$file.dump" ],
        'pg_restore -j 2');
    is_exact($node, 'again', 'm', 'the model restored in parallel');
};

subtest 'what belongs to the extension stays out of the hands of who installed it' => sub {
    is($node->safe_psql($db, <<'SQL'), '', 'all of its objects belong to a superuser');
SELECT pg_describe_object(d.classid, d.objid, 0)
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
JOIN pg_shdepend AS s ON s.classid = d.classid AND s.objid = d.objid AND s.deptype = 'o'
    AND s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
JOIN pg_roles AS r ON r.oid = s.refobjid
WHERE e.extname = 'leadscore' AND d.deptype = 'e' AND NOT r.rolsuper
SQL
    is_refused($_, $_) for 'ALTER SCHEMA leadscore RENAME TO other_name', 'ALTER SCHEMA leadscore OWNER TO owner',
        'CREATE FUNCTION leadscore.follow_parts(name) RETURNS void LANGUAGE sql AS \'SELECT\'',
        'CREATE TABLE leadscore.mine (id int)', 'ALTER TABLE leadscore.version SET SCHEMA public',
        'ALTER TABLE leadscore.version ADD COLUMN more text', 'CREATE INDEX ON leadscore.version (length(config::text))',
        'CREATE RULE r AS ON INSERT TO leadscore.version DO ALSO NOTHING', 'CREATE POLICY p ON leadscore.version USING (true)',
        'CREATE TRIGGER t AFTER INSERT ON leadscore.version EXECUTE FUNCTION leadscore.configuration_changed()',
        'CREATE TABLE heir () INHERITS (leadscore.version)', 'DROP TRIGGER right_needed ON leadscore.rule',
        'ALTER FUNCTION leadscore.tables_changed() SECURITY INVOKER', 'ALTER EVENT TRIGGER leadscore_tables_changed DISABLE',
        'ALTER EXTENSION leadscore DROP FUNCTION leadscore.tables_changed()', 'TRUNCATE leadscore.rule',
        q{SELECT leadscore.rescore('m', NULL, NULL)};
};

subtest 'and the owner of the database gains nothing from it' => sub {
    # The names and argument types by which functions that run as superuser call one another, planted wherever the owner can.
    as_owner(<<'SQL');
CREATE SCHEMA trap;
CREATE TABLE trap.caught (what text, who name);
GRANT ALL ON SCHEMA trap TO PUBLIC; GRANT ALL ON trap.caught TO PUBLIC;
SQL
    my $caught = q{'BEGIN INSERT INTO trap.caught SELECT ''%s'', current_user; RETURN NULL; END'};
    $node->safe_psql($db, 'GRANT CREATE ON SCHEMA public TO owner');
    for my $schema ('trap', 'public') {
        my $number = 0;
        for ([ 'format(text, text)', 'text' ], [ 'format(text, name)', 'text' ], [ 'pg_event_trigger_ddl_commands()', 'text' ],
            [ 'array_agg(text)', 'text[]' ], [ 'unnest(text[])', 'text' ], [ 'quote_literal(text)', 'text' ],
            [ 'concat_ws(text, text, text)', 'text' ], [ 'to_regclass(text)', 'regclass' ], [ 'follow_parts(text)', 'text' ]) {
            as_owner(sprintf("CREATE FUNCTION $schema.$_->[0] RETURNS $_->[1] LANGUAGE plpgsql AS $caught", $_->[0] =~ s/\W.*//r));
        }
        for my $type ('oid', 'name', 'text', 'boolean', 'jsonb') {
            ++$number;
            as_owner(sprintf("CREATE FUNCTION $schema.op_$number($type, $type) RETURNS boolean LANGUAGE plpgsql AS $caught", "= $type"));
            as_owner("CREATE OPERATOR $schema.= (LEFTARG = $type, RIGHTARG = $type, FUNCTION = $schema.op_$number)");
        }
    }
    as_owner(q{ALTER DATABASE crm SET search_path = trap, public, pg_temp, pg_catalog});
    as_owner(q{CREATE TABLE crm.events_2022 PARTITION OF crm.events FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
        INSERT INTO crm.events_2022 VALUES (2, 'click', '2022-05-05');
        ALTER TABLE crm.events DETACH PARTITION crm.events_2022; DROP TABLE crm.events_2022;
        SELECT leadscore.rollup('m', 'by_country', 'country'); SELECT leadscore.publish('m')});
    warnings_of($node, $db, q{INSERT INTO crm.events VALUES (1, 'click', '2020-05-05')}, role => 'clerk');
    is(as_owner('SELECT DISTINCT what, who FROM trap.caught'), '', 'nothing has gone into the trap');
    is(as_owner(q{SELECT format('a'::text, 'b'::text); SELECT what, who FROM trap.caught}), "\nformat|owner", 'which works');
    as_owner('ALTER DATABASE crm RESET search_path');
    is($node->safe_psql($db, q{SELECT rolname FROM pg_roles WHERE rolsuper}), $node->safe_psql($db, 'SELECT current_user'),
        'there is no new superuser');
    is_exact($node, $db, 'm', 'after all that');
};

subtest 'a schema of that name that was there before' => sub {
    $node->safe_psql('postgres', 'CREATE DATABASE planted');
    $node->safe_psql('planted', 'GRANT CREATE ON DATABASE planted TO other');
    is(error_of($node, 'planted', 'CREATE SCHEMA leadscore', role => 'other')->{text}, '', 'somebody makes one');
    my $error = error_of($node, 'planted', 'CREATE EXTENSION leadscore');
    is($error->{code}, '42P06', 'then the extension is not installed') or diag($error->{text});
};

subtest 'dropping' => sub {
    as_owner(q{SELECT leadscore.drop_model('m')});
    as_owner('DROP EXTENSION leadscore');
    is(as_owner(q{SELECT nspname FROM pg_namespace WHERE nspname IN ('leadscore', 'm')}), '', 'leaves nothing');
    is(as_owner(q{SELECT evtname FROM pg_event_trigger}), '', 'no event trigger either');
    as_owner('CREATE EXTENSION leadscore');
    is(as_owner('SELECT count(*) FROM leadscore.model'), '0', 'and it can be installed again');
};

is_log_clean($node);

$node->stop;
done_testing();
