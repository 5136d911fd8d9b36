# Attacks on those who use leadscore, each by a role with the rights that it has anyway: that owns the team's tables but not the model,
# that owns the model but not the tables, or that owns a type that they use. A trap notes with whose rights it was sprung: never with
# those of anybody but who laid it. For each trap it is tested that it works.
#
# More attacks: hostile search paths, forged triggers and what strangers may call in rights.pl, the owner of the database in trusted.pl,
# made-up states in state_bytes.pl.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server statement error_of is_log_clean connection);

my $node = start_server('attacks');
my $db = 'postgres';
my $attacks = 0;
my $superuser = $node->safe_psql($db, 'SELECT current_user');

sub as_superuser { return $node->safe_psql($db, $_[0]) }

# Runs SQL as a role; fails if it does not succeed, unless it may.
sub as_role {
    my ($role, $sql, %with) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done = statement($node, $db, $sql, role => $role);
    fail("$role: $sql") || diag($done->{err}) if $done->{failed} && !$with{may_fail};
    return $done->{out};
}

# Whose rights the traps have been sprung with; forgets it.
sub sprung_by {
    my $who = as_superuser('SELECT string_agg(DISTINCT who, \',\' ORDER BY who) FROM trap.caught');
    as_superuser('TRUNCATE trap.caught');
    return $who;
}

# What all those do who have to do with a model over crm.leads and crm.events, after which a trap would be sprung.
sub work {
    my ($role, $model) = @_;
    as_role('clerk', "INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (2, 'view')", may_fail => 1);
    as_role('clerk', "UPDATE crm.events SET kind = 'view' WHERE lead = 1", may_fail => 1);
    as_role('clerk', 'DELETE FROM crm.events WHERE lead = 2', may_fail => 1);
    as_role('clerk', "INSERT INTO crm.leads (id, country) VALUES (9, 'FR')", may_fail => 1);
    as_role('clerk', "UPDATE crm.leads SET country = 'FR' WHERE id = 2", may_fail => 1);
    as_role('clerk', 'DELETE FROM crm.leads WHERE id = 9', may_fail => 1);
    as_role('clerk', 'TRUNCATE crm.events', may_fail => 1);
    for my $call ('publish', 'rebuild', 'refresh') {
        as_role($role, "SELECT leadscore.$call('$model')", may_fail => 1);
    }
    return;
}

as_superuser(<<'SQL');
CREATE EXTENSION leadscore;
CREATE ROLE app; CREATE ROLE revops; CREATE ROLE clerk;
GRANT CREATE ON DATABASE postgres TO app, revops; GRANT CREATE ON SCHEMA public TO app;
GRANT USAGE ON SCHEMA leadscore TO revops;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA leadscore TO revops;
CREATE SCHEMA trap; GRANT ALL ON SCHEMA trap TO PUBLIC;
CREATE TABLE trap.caught (what text, who name DEFAULT current_user); GRANT INSERT ON trap.caught TO PUBLIC;
CREATE FUNCTION trap.spring(what text) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN INSERT INTO trap.caught VALUES (what); RETURN true; END';
SQL

# Tables of app's, a model of a superuser's and one of revops' over them.
sub make_models {
    my ($id) = @_;
    $id //= 'bigint';
    as_superuser('DROP SCHEMA IF EXISTS crm CASCADE') if as_superuser(q{SELECT count(*) FROM pg_namespace WHERE nspname = 'crm'});
    as_role('app', <<"SQL");
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id $id PRIMARY KEY, country text);
CREATE TABLE crm.events (lead $id, kind text, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON crm.events (lead, at);
INSERT INTO crm.leads VALUES ('1', 'FR'), ('2', 'BE'), ('3', NULL);
GRANT USAGE ON SCHEMA crm TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA crm TO clerk;
GRANT SELECT, UPDATE, TRIGGER ON ALL TABLES IN SCHEMA crm TO revops;
SQL
    for ([ $superuser, 's' ], [ 'revops', 'r' ]) {
        my ($role, $model) = @$_;
        as_role($role, <<"SQL");
SELECT leadscore.create_model('$model', 'crm.leads');
SELECT leadscore.add_events('$model', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, condition, points)
VALUES ('$model', 'france', NULL, '\$.country == "FR"', 100), ('$model', 'click', 'click', '\$.kind == "click"', 10);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('$model', 'cold', 1, '{}'), ('$model', 'hot', 2, '{"score": 50}');
SELECT leadscore.publish('$model');
SQL
    }
    return;
}

sub drop_models {
    as_superuser(q{SELECT leadscore.drop_model(name) FROM leadscore.model; DROP SCHEMA crm CASCADE});
    return;
}

# A subtest: app, who owns the tables, lays a trap; whoever works then does not step into it with anybody else's rights.
# control: what springs it with the rights of app
sub tables_owner_attacks {
    my ($name, $trap, $control, %with) = @_;
    ++$attacks;
    subtest $name => sub {
        make_models($with{id});
        as_role('app', $trap);
        sprung_by();
        as_role('app', $control);
        is(sprung_by(), 'app', 'the trap works');
        for ([ $superuser, 's' ], [ 'revops', 'r' ]) {
            work(@$_);
            like(sprung_by(), qr/^(?:app|clerk|app,clerk|)$/, "with nobody's rights but those of its owner and who writes: $_->[0]");
        }
        is(as_superuser(q{SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper}), $superuser, 'there is no new superuser');
        as_role('app', $with{undo}) if $with{undo};
        drop_models();
    };
    return;
}

my $type = <<'SQL';
CREATE TYPE crm.mood AS ENUM ('good', 'bad');
CREATE FUNCTION crm.mood_json(crm.mood) RETURNS json LANGUAGE plpgsql AS
    $$BEGIN PERFORM trap.spring('cast to json'); RETURN '1'; END$$;
CREATE CAST (crm.mood AS json) WITH FUNCTION crm.mood_json(crm.mood);
CREATE FUNCTION crm.mood_text(crm.mood) RETURNS text LANGUAGE plpgsql AS
    $$BEGIN PERFORM trap.spring('cast to text'); RETURN 'click'; END$$;
CREATE CAST (crm.mood AS text) WITH FUNCTION crm.mood_text(crm.mood);
SQL

tables_owner_attacks('a column of a type with a cast to json',
    "$type ALTER TABLE crm.events ADD mood crm.mood DEFAULT 'good'; ALTER TABLE crm.leads ADD mood crm.mood DEFAULT 'good'",
    'SELECT to_jsonb(l) FROM crm.leads AS l');

tables_owner_attacks('an array of composites with such a column', <<"SQL", 'SELECT to_jsonb(l) FROM crm.leads AS l');
$type CREATE TYPE crm.pair AS (a int, b crm.mood[]); CREATE DOMAIN crm.pairs AS crm.pair[];
ALTER TABLE crm.leads ADD p crm.pairs; UPDATE crm.leads SET p = ARRAY[ROW(1, '{good}')::crm.pair];
ALTER TABLE crm.events ADD p crm.pairs DEFAULT ARRAY[ROW(1, '{good}')::crm.pair]
SQL

tables_owner_attacks('kinds of a type with a cast to text', <<"SQL", 'SELECT kind::text FROM crm.events');
$type DROP CAST (crm.mood AS json); ALTER TYPE crm.mood ADD VALUE 'click'; ALTER TYPE crm.mood ADD VALUE 'view';
INSERT INTO crm.events (lead, kind) VALUES ('1', 'x');
ALTER TABLE crm.events ALTER kind TYPE crm.mood USING 'good'
SQL

tables_owner_attacks('row security that runs a function', <<'SQL', 'SET row_security = on; ALTER TABLE crm.leads FORCE ROW LEVEL SECURITY; SELECT * FROM crm.leads; ALTER TABLE crm.leads NO FORCE ROW LEVEL SECURITY');
CREATE POLICY p ON crm.leads USING (trap.spring('policy')); ALTER TABLE crm.leads ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON crm.events USING (trap.spring('policy')); ALTER TABLE crm.events ENABLE ROW LEVEL SECURITY
SQL

tables_owner_attacks('a view in the place of the leads', <<'SQL', 'SELECT * FROM crm.leads');
DO $$ DECLARE t name; BEGIN FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'crm.leads'::regclass LOOP
    EXECUTE format('DROP TRIGGER %I ON crm.leads', t); END LOOP; END $$;
ALTER TABLE crm.leads RENAME TO people;
CREATE VIEW crm.leads AS SELECT * FROM crm.people WHERE trap.spring('view');
GRANT ALL ON crm.leads TO PUBLIC
SQL

tables_owner_attacks('a view made of the table of the leads', <<'SQL', 'SELECT * FROM crm.leads');
DO $$ DECLARE t name; BEGIN FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'crm.leads'::regclass LOOP
    EXECUTE format('DROP TRIGGER %I ON crm.leads', t); END LOOP; END $$;
CREATE TABLE crm.people AS TABLE crm.leads; TRUNCATE crm.leads; ALTER TABLE crm.leads DROP CONSTRAINT leads_pkey;
DO $$ BEGIN CREATE RULE "_RETURN" AS ON SELECT TO crm.leads DO INSTEAD
    SELECT id::bigint, country::text FROM crm.people WHERE trap.spring('rule') IS NOT NULL;
EXCEPTION WHEN OTHERS THEN ALTER TABLE crm.leads RENAME TO emptied; CREATE VIEW crm.leads AS
    SELECT id, country FROM crm.people WHERE trap.spring('rule'); END $$
SQL

tables_owner_attacks('defaults, checks, generated columns, indexes and statistics that run functions', <<'SQL',
CREATE FUNCTION crm.one(bigint) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('index'); RETURN $1; END$$;
ALTER TABLE crm.leads ADD CHECK (trap.spring('check')), ALTER country SET DEFAULT trap.spring('default')::text,
    ADD g bigint GENERATED ALWAYS AS (crm.one(id)) STORED;
CREATE INDEX ON crm.leads (crm.one(id)); CREATE INDEX ON crm.events (crm.one(lead)) WHERE crm.one(lead) > 0;
CREATE STATISTICS crm.s ON (crm.one(lead)), kind FROM crm.events
SQL
    'ANALYZE crm.events; INSERT INTO crm.leads VALUES (5)');

tables_owner_attacks('a domain for the key, with a check that turns hostile', <<'SQL', 'SELECT 1::trap.id',
CREATE OR REPLACE FUNCTION trap.is_id(bigint) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RETURN trap.spring('domain'); END$$
SQL
    id => 'trap.id', undo => 'CREATE OR REPLACE FUNCTION trap.is_id(bigint) RETURNS boolean LANGUAGE sql AS $$SELECT true$$')
    if as_role('app', 'CREATE FUNCTION trap.is_id(bigint) RETURNS boolean LANGUAGE sql AS $$SELECT true$$;
        CREATE DOMAIN trap.id AS bigint CHECK (trap.is_id(VALUE))') eq '';

as_role('app', <<'SQL');
CREATE TYPE trap.key AS ENUM ('1', '2', '3', '9');
SQL
tables_owner_attacks('an enum for the key, with casts to json and text and operators that turn hostile', <<'SQL',
CREATE FUNCTION trap.key_json(trap.key) RETURNS json LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('json'); RETURN '1'; END$$;
CREATE CAST (trap.key AS json) WITH FUNCTION trap.key_json(trap.key);
CREATE FUNCTION trap.key_text(trap.key) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('text'); RETURN '1'; END$$;
CREATE CAST (trap.key AS text) WITH FUNCTION trap.key_text(trap.key);
CREATE FUNCTION trap.key_same(trap.key, trap.key) RETURNS boolean LANGUAGE plpgsql AS
    $$BEGIN PERFORM trap.spring('operator'); RETURN true; END$$;
CREATE OPERATOR trap.= (LEFTARG = trap.key, RIGHTARG = trap.key, FUNCTION = trap.key_same);
CREATE OPERATOR public.= (LEFTARG = trap.key, RIGHTARG = trap.key, FUNCTION = trap.key_same);
GRANT USAGE ON TYPE trap.key TO PUBLIC
SQL
    q{SELECT to_json('1'::trap.key), '1'::trap.key::text, '1'::trap.key OPERATOR(trap.=) '1'}, id => 'trap.key');
as_superuser('DROP TYPE trap.key CASCADE') if as_superuser(q{SELECT count(*) FROM pg_type WHERE typname = 'key'});

++$attacks;
is(error_of($node, $db, q{CREATE TYPE trap.c AS (a int); CREATE FUNCTION trap.cmp(trap.c, trap.c) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
    'BEGIN PERFORM trap.spring(''operator class''); RETURN 0; END';
    CREATE OPERATOR CLASS trap.o DEFAULT FOR TYPE trap.c USING btree AS FUNCTION 1 trap.cmp(trap.c, trap.c)}, role => 'app')->{code}, '42501',
    'an own operator class for the type of the key takes a superuser');

# --- A model's owner, against whoever writes to the tables, and superusers who keep the model ---

# A subtest: revops, who owns model r, lays a trap in its tables; a clerk and a superuser work with the tables of leads and events, and
# the superuser keeps the model. expected: who may be caught, revops alone if left out
sub models_owner_attacks {
    my ($name, $trap, $control, $expected) = @_;
    ++$attacks;
    subtest $name => sub {
        make_models();
        as_role('revops', <<"SQL");
CREATE FUNCTION r.sprung() RETURNS trigger LANGUAGE plpgsql AS
    \$\$BEGIN PERFORM trap.spring(TG_OP || ' ' || TG_TABLE_NAME); RETURN coalesce(NEW, OLD); END\$\$;
CREATE FUNCTION r.identity(bigint) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS
    \$\$BEGIN PERFORM trap.spring('index'); RETURN \$1; END\$\$;
$trap
SQL
        as_role('revops', $control) if $control;
        sprung_by();
        for my $role ('clerk', $superuser) {
            as_role($role, q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click')}, may_fail => 1);
            as_role($role, q{UPDATE crm.events SET kind = 'view'}, may_fail => 1);
            as_role($role, q{DELETE FROM crm.leads WHERE id = 3; INSERT INTO crm.leads VALUES (3, 'FR')}, may_fail => 1);
            as_role($role, q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES (2, 'click'); COMMIT}, may_fail => 1);
            as_role($role, q{TRUNCATE crm.events}, may_fail => 1);
        }
        as_role($superuser, "SELECT leadscore.$_('r')", may_fail => 1) for 'refresh', 'rebuild', 'publish';
        like(sprung_by(), $expected // qr/^revops$/, 'with the rights of its owner alone');
        is(as_superuser(q{SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper}), $superuser, 'there is no new superuser');
        as_superuser('DROP FUNCTION r.sprung(), r.identity(bigint) CASCADE');
        drop_models();
    };
    return;
}

models_owner_attacks('triggers on the tables of the model', join("\n", map {
    ("CREATE TRIGGER a_row BEFORE INSERT OR UPDATE OR DELETE ON r.$_ FOR EACH ROW EXECUTE FUNCTION r.sprung();",
        "CREATE TRIGGER a_statement AFTER INSERT OR UPDATE OR DELETE ON r.$_ FOR EACH STATEMENT EXECUTE FUNCTION r.sprung();")
} qw(state pending live changed tier_changes)));
models_owner_attacks('triggers that wait for the end of the transaction', join("\n",
    "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE OR DELETE ON r.state DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
        EXECUTE FUNCTION r.sprung();",
    "CREATE CONSTRAINT TRIGGER later AFTER INSERT ON r.tier_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        EXECUTE FUNCTION r.sprung();"), q{INSERT INTO r.tier_changes (lead, at, version, cause) VALUES (1, now(), 1, 'time')});
models_owner_attacks('checks, defaults, indexes and generated columns', <<'SQL');
ALTER TABLE r.state ADD CHECK (trap.spring('check')), ADD d boolean DEFAULT trap.spring('default'),
    ADD g bigint GENERATED ALWAYS AS (r.identity(lead)) STORED;
CREATE INDEX ON r.state (r.identity(lead));
ALTER TABLE r.tier_changes ADD CHECK (trap.spring('check')); ALTER TABLE r.pending ADD CHECK (trap.spring('check'));
SQL
models_owner_attacks('rules', <<'SQL');
CREATE RULE r AS ON INSERT TO r.live DO ALSO INSERT INTO trap.caught VALUES ('rule', current_user);
CREATE RULE r2 AS ON DELETE TO r.live DO ALSO SELECT trap.spring('rule');
SQL
models_owner_attacks('policies that hold for the owner, too', join("\n", map {
    "CREATE POLICY p ON r.$_ USING (trap.spring('policy')); ALTER TABLE r.$_ ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
} qw(state pending live changed tier_changes adjustment)), undef, qr/^$/);
models_owner_attacks('triggers that would take other rights, change settings, or leave something behind', <<'SQL');
CREATE OR REPLACE FUNCTION r.sprung() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE statement text;
BEGIN
    PERFORM trap.spring('settings');
    PERFORM set_config('search_path', 'trap', false), set_config('leadscore.caught', 'yes', false);
    FOREACH statement IN ARRAY ARRAY['RESET ROLE', 'SET ROLE pg_read_all_data', 'SET SESSION AUTHORIZATION DEFAULT', 'RESET SESSION AUTHORIZATION',
        'CREATE TEMP TABLE left_behind ()', 'DECLARE c CURSOR WITH HOLD FOR SELECT trap.spring(''cursor'')',
        'PREPARE p AS SELECT trap.spring(''prepared'')', 'ALTER ROLE revops SUPERUSER', 'GRANT pg_write_all_data TO revops'] LOOP
        BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN NULL; END;
        IF current_user <> 'revops' THEN PERFORM trap.spring('gained by ' || statement); END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER a AFTER INSERT OR UPDATE ON r.state FOR EACH STATEMENT EXECUTE FUNCTION r.sprung();
SQL

++$attacks;
subtest q{what a trigger of the model's owner sets is set back} => sub {
    make_models();
    as_role('revops', <<'SQL');
CREATE FUNCTION r.sprung() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM set_config('search_path', 'trap', false), set_config('trap.caught', 'yes', false); RETURN NULL; END$$;
CREATE TRIGGER a AFTER INSERT OR UPDATE ON r.state FOR EACH STATEMENT EXECUTE FUNCTION r.sprung()
SQL
    is(as_role('clerk', q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click'); SHOW search_path;
        SELECT coalesce(nullif(current_setting('trap.caught', true), ''), 'no')}), qq("\$user", public\nno), 'for who has written');
    is(as_role($superuser, q{SELECT leadscore.rebuild('r') > 0; SHOW search_path}), qq(t\n"\$user", public), 'for who keeps the model');
    as_superuser('DROP FUNCTION r.sprung() CASCADE');
    drop_models();
};

subtest 'row security on the tables, from which the owner of a model is not exempt' => sub {
    make_models();
    as_role('app', q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click'); ALTER TABLE crm.events ENABLE ROW LEVEL SECURITY});
    my $error = error_of($node, $db, q{SELECT leadscore.publish('r')}, role => 'revops');
    is($error->{code}, '42P17', 'is a fault of the draft');
    like($error->{detail}, qr/row security of crm.events may hide rows from revops/, 'which says what is hidden from whom');
    is(error_of($node, $db, q{SELECT leadscore.publish('s')})->{text}, '', 'but not for a superuser');
    is(error_of($node, $db, q{UPDATE crm.events SET kind = 'view'}, role => 'app')->{code}, '42501', 'a row that is not seen is not left out');
    drop_models();
};

++$attacks;
subtest 'a model that a superuser hands over, and a session that had begun before' => sub {
    make_models();
    my $session = connection($node, $db);
    my $insert = q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click')};
    $session->query_safe($insert);
    as_superuser(q{ALTER SCHEMA s OWNER TO revops; SELECT set_config('t.t', '', false)});
    as_superuser("ALTER TABLE s.$_ OWNER TO revops") for qw(state pending live changed tier_changes adjustment);
    as_role('revops', <<'SQL');
CREATE FUNCTION s.sprung() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('handed over'); RETURN NULL; END$$;
CREATE TRIGGER a AFTER INSERT OR UPDATE ON s.state FOR EACH STATEMENT EXECUTE FUNCTION s.sprung()
SQL
    sprung_by();
    $session->query_safe($insert);
    is(sprung_by(), 'revops', 'works with the rights of the new owner');
    $session->quit;
    as_superuser('DROP FUNCTION s.sprung() CASCADE');
    drop_models();
};

++$attacks;
subtest 'views in the place of the tables of a model, for a superuser who looks' => sub {
    make_models();
    my $session = connection($node, $db);
    my @looks = (q{SELECT * FROM leadscore.verify('r')}, q{SELECT * FROM leadscore.explain('r', 1)}, q{SELECT leadscore.score('r', 1)},
        q{SELECT * FROM leadscore.top('r', 3)}, q{SELECT * FROM leadscore.scores_at('r', now())}, q{SELECT leadscore.percentile('r', '1')});
    $session->query($_) for @looks;
    for my $table ('adjustment', 'pending', 'state') {
        as_role('revops', qq{ALTER TABLE r.$table RENAME TO "$table before";
            CREATE VIEW r.$table AS SELECT t.*, s.is_sprung FROM (SELECT trap.spring('$table') AS is_sprung OFFSET 0) AS s
                LEFT JOIN r."$table before" AS t ON true});
        sprung_by();
        as_role('revops', "SELECT * FROM r.$table");
        is(sprung_by(), 'revops', 'the trap works');
        for my $look (@looks) { $session->query($look); as_role($superuser, $look, may_fail => 1) }
        is(sprung_by(), '', "nobody steps into it: $table");
        as_role('revops', qq{DROP VIEW r.$table; ALTER TABLE r."$table before" RENAME TO $table});
    }
    $session->quit;
    drop_models();
};

++$attacks;
subtest 'a schema whose owner is given no rights on the tables in it' => sub {
    make_models();
    as_superuser('CREATE TABLE trap.secrets (id bigint PRIMARY KEY, country text); ALTER SCHEMA s OWNER TO revops');
    my $insert = error_of($node, $db, q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click')}, role => 'clerk');
    is($insert->{code}, '42501', 'whose configuration is not worth more rights than he has') or diag($insert->{text});
    like($insert->{message}, qr/the owner of schema "s" has not the rights of the owner of the tables/, 'which is told');
    as_superuser("ALTER TABLE s.$_ OWNER TO revops") for qw(state pending live changed tier_changes adjustment);
    is(error_of($node, $db, q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click')}, role => 'clerk')->{text}, '', 'with the tables all is well');
    as_superuser('DROP TABLE trap.secrets');
    drop_models();
};

++$attacks;
subtest 'names that would be something else in SQL, in formats and in patterns' => sub {
    as_superuser(<<'SQL');
CREATE SCHEMA "c""; --";
CREATE TABLE "c""; --"."l'); DROP TABLE x; --" ("i""d %1$s" text PRIMARY KEY, "$$ co'untry" text, "a%Icc" text);
CREATE TABLE "c""; --"."e %s $1" ("l'ead" text, "k""ind" text, "a t" timestamptz DEFAULT now());
INSERT INTO "c""; --"."l'); DROP TABLE x; --" VALUES ('1''; DROP SCHEMA "c""; --" CASCADE; --', 'F''R', 'a'), ('%s', '$1', 'a');
SQL
    my $model = q{m"; %s DROP $1 $$ '--};
    my $literal = $node->safe_psql($db, "SELECT quote_literal(\$q\$$model\$q\$)");
    my $schema = $node->safe_psql($db, "SELECT quote_ident(\$q\$$model\$q\$)");
    as_superuser(<<"SQL");
SELECT leadscore.create_model($literal, '"c""; --"."l''); DROP TABLE x; --"', params => '{"p": "x"}');
SELECT leadscore.add_events($literal, '"c""; --"."e %s \$1"', 'l''ead', 'a t', 'k"ind', 'so"u''rce %I');
INSERT INTO leadscore.dimension (model, path) VALUES ($literal, 'd"''; --'), ($literal, '\$\$ %1\$s');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points) VALUES
    ($literal, 'r"''; -- %s', 'd"''; --', NULL, '\$."\$\$ co''untry" == "F''R"', 10), ($literal, '\$\$', '\$\$ %1\$s', 'k''"; --', NULL, 5);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ($literal, 't"''; --', 1, '{"d\\"''; --": 5}');
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES ($literal, 'd"''; --', 'g"''; --', 1);
SELECT leadscore.rollup($literal, 'r"''; -- %s', 'a%Icc', 'top', 2, 'd"''; --');
SELECT leadscore.publish($literal);
INSERT INTO "c""; --"."e %s \$1" ("l'ead", "k""ind") VALUES ('%s', 'k''"; --'), ('x''; --', 'k''"; --');
UPDATE "c""; --"."e %s \$1" SET "k""ind" = 'k''"; --';
SELECT leadscore.adjust($literal, '%s', 'd"''; --', 1, 'r"''; -- %s'), leadscore.refresh($literal), leadscore.rebuild($literal),
    leadscore.publish($literal);
SQL
    is(as_superuser(qq{SELECT score FROM $schema.scores ORDER BY 1}), "6\n10", 'are names');
    is(as_superuser("SELECT * FROM leadscore.verify($literal)"), '', 'the model is exact');
    is(as_superuser("SELECT count(*) FROM leadscore.explain_rollup($literal, 'r\"''; -- %s', 'a'::text)"), '2', 'accounts are explained');
    cmp_ok(as_superuser("SELECT count(*) FROM leadscore.explain($literal, '%s')"), '>', 3, 'scores, too');
    is(as_superuser("SELECT count(*) FROM leadscore.top($literal, 5), leadscore.scores_at($literal, now())"), '4', 'and listed');
    is(as_superuser("SELECT leadscore.import_model('copy', leadscore.export_model($literal), NULL)"), '', 'they travel');
    is(as_superuser("SELECT leadscore.publish('copy')"), '1', 'and arrive');
    as_superuser("SELECT leadscore.drop_model($literal), leadscore.drop_model('copy')");
    is(as_superuser(q{SELECT count(*) FROM "c""; --"."l'); DROP TABLE x; --"}), '2', 'nothing was dropped but the model');
};

++$attacks;
subtest 'the columns of the tables of a model become something else' => sub {
    # What was a state is read as one: as a number it would be an address.
    for my $change ('pending ALTER state TYPE bigint USING 12345', 'state DROP due_at, DROP ceiling, ALTER state TYPE bigint USING 12345',
        'pending ALTER lead TYPE text', 'state ALTER lead TYPE text', 'changed ALTER lead TYPE text', 'live ALTER generation TYPE text',
        'adjustment ALTER lead TYPE text', 'adjustment ALTER score TYPE text') {
        make_models();
        as_role('revops', q{INSERT INTO r.pending SELECT lead, state FROM r.state;
            DROP VIEW r.scores}, may_fail => 1);
        as_role('revops', "ALTER TABLE r.$change", may_fail => 1);
        work('revops', 'r');
        as_role($superuser, $_, may_fail => 1) for q{SELECT * FROM leadscore.top('r', 5)}, q{SELECT * FROM leadscore.verify('r')},
            q{SELECT leadscore.explain('r', 1)}, q{SELECT leadscore.live_generation('r')}, q{SELECT leadscore.adjust('r', 1, 'score', 1, 'x')},
            q{SELECT leadscore.refresh('r')};
        is(as_superuser(q{SELECT 1}), '1', "the server goes on: $change");
        drop_models();
    }
};

is_log_clean($node);
note("$attacks attacks");

$node->stop;
done_testing();
