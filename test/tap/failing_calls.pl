# Calls that fail, twenty thousand of them in one session, leave no memory behind.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm connection is_log_clean);

my $node = start_server('failing_calls', 'log_statement = none', 'log_min_messages = panic');
my $db = 'postgres';
create_crm($node, $db);
my $session = connection($node, $db);
my $state = $node->safe_psql($db, q{SELECT leadscore.lead_state('m', l) FROM crm.leads AS l WHERE id = 1});

# Each is refused: by the engine, by PostgreSQL called from it, in an aggregate, in a trigger's query, in the middle of a scan.
my @calls = (
    q{SELECT leadscore.score('nobody', 1)}, q{SELECT leadscore.score('m', 'abc')}, q{SELECT leadscore.fit('m', 1)},
    q{SELECT leadscore.engagement('m', l) FROM crm.leads AS l}, "SELECT '\\x00'::leadscore.state",
    "SELECT leadscore.score('${state}00'::leadscore.state)", q{SELECT leadscore.explain('m', 'x')},
    "SELECT leadscore.score('$state'::leadscore.state, 'no dimension')",
    "SELECT leadscore.grade('$state'::leadscore.state, 'no dimension')",
    q{INSERT INTO crm.events (lead, kind, at) VALUES (1, 'click', now()), (2, 'click', NULL)},
    q{INSERT INTO crm.events (lead, kind) SELECT 1, 1 / (3 - i)::text FROM generate_series(1, 3) AS i},
    q{SELECT leadscore.publish('nobody')}, q{SELECT leadscore.refresh('m', 'infinity')},
    q{SELECT leadscore.decayed_sum(1, now(), '-1 day')}, q{SELECT leadscore.engagement('m', ROW(1, now(), 'click'))},
    q{SELECT leadscore.merge(s::leadscore.state) FROM (VALUES ('\x')) AS v(s)}, q{SELECT leadscore.import_model('x', '[]', 'crm.leads')},
    q{SELECT leadscore.template('no such')}, q{SELECT leadscore.top('m', -1)}, q{SELECT leadscore.adjust('m', 1, 'nowhere', 1, 'x')});

my $rounds = 20_000 / @calls;
$session->query_safe(<<'SQL');
CREATE FUNCTION pg_temp.fail(calls text[], rounds int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE failures int := 0; call text;
BEGIN
    FOR round IN 1 .. rounds LOOP
        FOREACH call IN ARRAY calls LOOP
            BEGIN
                EXECUTE call;
                RAISE 'does not fail: %', call USING ERRCODE = 'ZZZZZ';
            EXCEPTION WHEN OTHERS THEN
                IF SQLSTATE = 'ZZZZZ' OR SQLSTATE LIKE 'XX%' THEN RAISE EXCEPTION '% (%): %', SQLERRM, SQLSTATE, call; END IF;
                failures := failures + 1;
            END;
        END LOOP;
    END LOOP;
    RETURN failures;
END $$;
CREATE FUNCTION pg_temp.bytes() RETURNS bigint LANGUAGE sql AS $$SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts$$;
SQL
my $list = join(', ', map { "\$c\$$_\$c\$" } @calls);
my $pid = $session->query_safe('SELECT pg_backend_pid()');

sub rss {
    my ($size) = slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m;
    return $size;
}

is($session->query_safe("SELECT pg_temp.fail(ARRAY[$list], 50)"), 50 * @calls, 'every call fails, as a user can understand');
my ($bytes, $rss) = ($session->query_safe('SELECT pg_temp.bytes()'), rss());
is($session->query_safe("SELECT pg_temp.fail(ARRAY[$list], $rounds)"), 20_000, 'twenty thousand times');
my ($bytes_after, $rss_after) = ($session->query_safe('SELECT pg_temp.bytes()'), rss());
cmp_ok($bytes_after - $bytes, '<', 100_000, "memory contexts hold no more: $bytes bytes before, $bytes_after after");
cmp_ok($rss_after - $rss, '<', 4096, "nor does the process: $rss kB before, $rss_after kB after");

# The same, each in a transaction of its own, so that it is not the subtransaction that tidies up.
my $script = "$PostgreSQL::Test::Utils::tmp_check/calls.sql";
append_to_file($script, "\\o /dev/null\n" . join(";\n", (@calls) x 50) . ";\n");
$session->query("\\i $script\n\\o");
$session->{stderr} = '';    # of the calls that failed
$bytes_after = $session->query_safe('SELECT pg_temp.bytes()');
cmp_ok($bytes_after - $bytes, '<', 100_000, "nor after a thousand whole transactions: $bytes_after bytes");
$session->quit;
is_log_clean($node);

$node->stop;
done_testing();
