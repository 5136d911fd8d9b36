# Whoever may use the schema leadscore, and nothing else, calls each of its functions with whatever fits its types: the server goes on,
# nothing of a model is read or changed, and what is refused is refused with a clear error.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement error_of is_exact is_log_clean);

my $node = start_server('hostile_calls', q{statement_timeout = '60s'}, 'log_statement = none');
my $db = 'postgres';
create_crm($node, $db);
$node->safe_psql($db, <<'SQL');
INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (2, 'view');
SELECT leadscore.adjust('m', 3, 'score', 4711, 'a secret');
SELECT leadscore.rollup('m', 'countries', 'country');
CREATE ROLE stranger;
GRANT USAGE ON SCHEMA leadscore, crm TO stranger; GRANT CREATE ON DATABASE postgres TO stranger;
-- Gives what happens to a call: ok, or the error.
CREATE FUNCTION public.try(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE call; RETURN 'ok'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ': ' || SQLERRM; END $$;
SQL

sub everything {
    return $node->safe_psql($db, <<'SQL');
SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM m.state AS t; SELECT count(*) FROM m.pending;
SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM m.tier_changes AS t; SELECT count(*) FROM m.adjustment;
SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM leadscore.version AS t; SELECT count(*) FROM leadscore.rule;
SELECT count(*) FROM leadscore.model; SELECT count(*) FROM pg_trigger; SELECT count(*) FROM pg_class;
SQL
}

# A schema that looks like a model's, of things that are none.
is(error_of($node, $db, <<'SQL', role => 'stranger')->{text}, '', 'a stranger makes what looks like a model');
CREATE SCHEMA fake;
CREATE VIEW fake.live AS SELECT 1 AS generation;
CREATE TABLE fake.state (lead bigint, state bigint, generation int) PARTITION BY LIST (lead);
CREATE VIEW fake.pending AS SELECT 1 AS lead, 2 AS state; CREATE VIEW fake.changed AS SELECT 1 AS lead;
CREATE VIEW fake.adjustment AS SELECT 1 AS lead; CREATE VIEW fake.scores AS SELECT 1 AS lead;
CREATE SCHEMA empty;
CREATE SCHEMA parted; CREATE TABLE parted.live (generation int) PARTITION BY LIST (generation);
CREATE SCHEMA mat; CREATE MATERIALIZED VIEW mat.live AS SELECT 'x'::text AS generation;
CREATE TYPE fake.pair AS (lead bigint, state bigint); CREATE TYPE fake.pair2 AS (lead text, state text);
SQL
my @states = split /\n/, $node->safe_psql($db, 'SELECT state FROM m.state');

# What fits a type; what is anything may be of many.
my %values = (
    'text' => [ "'m'", "'fake'", "'empty'", "'parted'", "'mat'", "''", "'leadscore'", "E'\"; DROP TABLE crm.leads; --'", "'%1\$s %I %L'", "'publish'" ],
    'name' => [ "'id'", "'lead'", "'none such'" ],
    'regclass' => [ "'crm.leads'", "'m.state'", "'fake.live'", "'pg_class'", "'0'" ],
    'regtype' => [ "'bigint'", "'fake.pair'", "'anyelement'", "'0'" ],
    'anyelement' => [
        'NULL::crm.leads', "ROW(1, 'FR')::crm.leads", 'ROW(1, 2)', '1', "'x'::text", "ROW(1, 2)::fake.pair", "'{1}'::int[]", "'{}'::jsonb",
        "ROW(1, 1, 'click', now(), '{}')::crm.events", '1.5::float8', 'true', "'9999999999999'::bigint" ],
    'record[]' => [
        'ARRAY[ROW(1, 2)]', 'ARRAY[ROW(1, 2)::fake.pair]', "ARRAY[ROW('1', 'x')::fake.pair2]", "'{}'::fake.pair[]",
        "ARRAY[ROW(1, '$states[0]')::m.pending]", "ARRAY[ROW(NULL, NULL)::m.pending]", "ARRAY[NULL::m.pending]" ],
    'leadscore.state' => [ map { "'$_'" } @states ],
    'text[]' => [ "'{a,b}'", "'{}'", 'ARRAY[NULL]::text[]' ],
    'regclass[]' => [ "'{crm.leads}'", "'{}'", "ARRAY['m.state']::regclass[]" ],
    'timestamp with time zone' => [ 'now()', "'infinity'", "'-infinity'", "'4000-01-01 BC'" ],
    'timestamp with time zone[]' => [ 'ARRAY[now()]', "'{}'", "ARRAY[NULL]::timestamptz[]" ],
    'bigint' => [ 1, -1, '9223372036854775807' ], 'integer' => [ 1, -1, 0, 2147483647 ],
    'double precision' => [ 1, "'NaN'", "'infinity'", '-1e308' ], 'boolean' => [ 'true', 'false' ],
    'interval' => [ "'1 day'", "'-1 day'", "'0'", "'178000000 years'" ], 'jsonpath' => [ "'\$.a == 1'", "'\$'" ],
    'jsonb' => [ "'{}'", "'[]'", "'null'", "'{\"a\": {\"rules\": [1]}}'" ],
);

# Up to so many calls of each function: combinations of arguments, and each once null.
sub calls {
    my ($name, $types, $most) = @_;
    my @types = split /;/, $types;
    my @calls;
    srand(4711);
    for my $i (1 .. $most) {
        my @arguments = map { my $fitting = $values{$_} // ["NULL::$_"]; $fitting->[ rand @$fitting ] . ($_ =~ /^any|^record/ ? '' : "::$_") } @types;
        $arguments[ rand @types ] = 'NULL' if @types && $i % 10 == 0;
        push @calls, "SELECT $name(" . join(', ', @arguments) . ')';
    }
    return @calls;
}

my @functions = split /\n/, $node->safe_psql($db, <<'SQL');
SELECT p.proname || '|' || coalesce(string_agg(format_type(a.t, NULL), ';' ORDER BY a.n), '') || '|' || p.prokind::text
FROM pg_catalog.pg_proc AS p LEFT JOIN LATERAL unnest(p.proargtypes) WITH ORDINALITY AS a(t, n) ON true
WHERE p.pronamespace = 'leadscore'::regnamespace AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND NOT 'internal'::regtype = ANY (p.proargtypes) AND NOT 'cstring'::regtype = ANY (p.proargtypes)
GROUP BY p.oid ORDER BY p.oid
SQL
cmp_ok(scalar(@functions), '>', 150, scalar(@functions) . ' functions');

my $before = everything();
my ($number, %results) = (0);
for my $function (@functions) {
    my ($name, $types) = split /\|/, $function;
    my @calls = calls("leadscore.$name", $types // '', 40);
    $number += @calls;
    my $list = join(', ', map { my $call = $_ =~ s/'/''/gr; "('" . ($call =~ s/\\/\\/gr) . "')" } @calls);
    my $done = statement($node, $db, <<"SQL", role => 'stranger');
SELECT DISTINCT CASE WHEN r <> 'ok' THEN r WHEN c LIKE '%NULL%' THEN 'nothing of nothing' WHEN c LIKE '%(''m''%' THEN 'ok with ''m''' ELSE 'ok' END
FROM (VALUES $list) AS v(c) CROSS JOIN LATERAL (SELECT public.try(c) OFFSET 0) AS t(r)
SQL
    unlike($done->{err}, qr/ERROR|FATAL|server closed|connection/, "$name($types): the server goes on") or BAIL_OUT($done->{err});
    $results{$_}{"$name($types)"} = 1 for split /\n(?=ok|\w{5}: )/, $done->{out};
}
my @unexpected = grep { /^(?:XX|57|58|40|53)/ } sort keys %results;
is(join("\n", map { "$_: " . join(', ', sort keys %{ $results{$_} }) } @unexpected), '', "$number calls: no internal error");
is(everything(), $before, 'nothing has changed');
is_exact($node, $db, 'm', 'the model is exact');

# Of what is asked about a model, a stranger gets what is made of what it has brought along, and names that the catalogs show.
my $about_models = $node->safe_psql($db, q{SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'leadscore'::regnamespace
    AND proargnames[1] = 'model' AND proname NOT IN ('fit', 'lead_state', 'event_state', 'engagement', 'empty_state', 'adjustment_state',
        'rescore_state', 'live_generation', 'followed', 'is_followed', 'has_scores_view', 'is_rollup_view', 'lead_is_same', 'owns_model', 'edits_model', 'unfollow',
        'live_query', 'stored_query', 'pending_query', 'scored_query', 'recompute_query')});
my %succeeded = map { s/\(.*//r => 1 } keys %{ $results{"ok with 'm'"} // {} };
is(join(' ', grep { $succeeded{$_} } split /\n/, $about_models), '', 'nothing is told of a model');

subtest q{aggregates of a stranger's own} => sub {
    # The transition function trusts what it has made itself; a stranger gives it something else to begin with.
    my $error = error_of($node, $db, <<"SQL", role => 'stranger');
CREATE AGGREGATE fake.evil(text, anyelement) (SFUNC = leadscore.event_state_step, STYPE = leadscore.state, INITCOND = '$states[0]');
SELECT fake.evil('m', ROW(1, 1, 'click', now(), '{}')::crm.events) FROM generate_series(1, 100)
SQL
    like($error->{code}, qr/^(?:22|42501)/, 'a state is no log') or diag($error->{text});
    my $log = statement($node, $db, <<'SQL', role => 'stranger');
CREATE AGGREGATE fake.log(text, anyelement) (SFUNC = leadscore.event_state_step, STYPE = leadscore.state);
CREATE TABLE fake.logs AS SELECT fake.log('m', ROW(1, 1, 'click', now(), '{}')::crm.events) AS l FROM generate_series(1, 10);
SELECT leadscore.score(l) > 0, leadscore.score(leadscore.state_add(l, l)) > 0 FROM fake.logs;
SELECT l::text::leadscore.state FROM fake.logs
SQL
    like($log->{err}, qr/ERROR: +22/, 'and a log, which comes out of an own aggregate, is not read again from text') or diag($log->{err});
    is($node->safe_psql($db, 'SELECT 1'), '1', 'the server goes on');
};

is_log_clean($node);

$node->stop;
done_testing();
