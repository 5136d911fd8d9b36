# Bytes that somebody made up, as a state: by text, by binary COPY and into every function that takes a state. They are refused with a
# clear error, or they are a state like any other; the server goes on.
#
# LEADSCORE_STATES: how many (3000); LEADSCORE_SEED.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm is_exact is_log_clean);

my $count = $ENV{LEADSCORE_STATES} // 3000;
my $seed = $ENV{LEADSCORE_SEED} // time;
srand($seed);
note("LEADSCORE_SEED=$seed");
my $node = start_server('state_bytes', 'log_statement = none', q{log_min_messages = fatal}, q{statement_timeout = '60s'});
my $db = 'postgres';
create_crm(
    $node, $db, draft => <<'SQL');
INSERT INTO leadscore.rule (model, name, event, points, decay, period) VALUES ('m', 'visit', 'visit', 3, 'half_life',
    '1 day'), ('m', 'trial', 'trial', 30, 'window', '20 days')
SQL
$node->safe_psql($db, <<'SQL');
INSERT INTO crm.events (lead, kind, at) SELECT 1 + i % 3, (ARRAY['click', 'view', 'visit', 'trial'])[1 + i % 4], now() + i * interval '1 hour'
FROM generate_series(-20, 20) AS i;
CREATE TABLE refused (code text, message text, number int);
CREATE FUNCTION try(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE call; RETURN 'ok'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ': ' || SQLERRM; END $$;
SQL
my @good = map { pack('H*', s/^\\x//r) } split /\n/, $node->safe_psql($db, q{SELECT state FROM m.state UNION ALL
    SELECT leadscore.event_state('m', e) FROM crm.events AS e UNION ALL SELECT leadscore.lead_state('m', l) FROM crm.leads AS l});

# A state with some of its bytes changed, cut off, doubled or replaced.
sub mutated {
    my $bytes = $good[ rand @good ];
    for (1 .. 1 + rand 3) {
        my $at = int rand(length($bytes) + 1);
        my $kind = int rand 6;
        if ($kind < 3 && $at < length $bytes) { substr($bytes, $at, 1) = chr(rand 256) }
        elsif ($kind == 3 && $at + 4 <= length $bytes) { substr($bytes, $at, 4) = pack('V', (0, 1, 0x7fffffff, 0xffffffff)[ rand 4 ]) }
        elsif ($kind == 4 && $at + 8 <= length $bytes) {
            substr($bytes, $at, 8) = pack('d<', (9**9**9, -sin(9**9**9), 1e308, 5e-324, -0.0)[ rand 5 ]);
        } else { substr($bytes, $at, int rand 9) = join '', map { chr rand 256 } 1 .. rand 9 }
    }
    return $bytes;
}

# Everything that takes a state, with any arguments that there may be beside it.
my @functions = split /\n/, $node->safe_psql($db, <<'SQL');
SELECT format('%s(%s)', p.oid::regproc, string_agg(CASE format_type(t, NULL)
    WHEN 'leadscore.state' THEN 's' WHEN 'text' THEN '''engagement''' WHEN 'timestamp with time zone' THEN 'now() + interval ''1 day'''
    WHEN 'bigint' THEN '1' WHEN 'double precision' THEN '1' WHEN 'integer' THEN '1' WHEN 'anyelement' THEN 'NULL::crm.leads'
    ELSE 'NULL' END, ', ' ORDER BY n))
FROM pg_proc AS p, unnest(p.proargtypes) WITH ORDINALITY AS a(t, n)
WHERE p.pronamespace = 'leadscore'::regnamespace AND p.prokind IN ('f', 'a') AND 'leadscore.state'::regtype = ANY (p.proargtypes)
GROUP BY p.oid ORDER BY 1
SQL
cmp_ok(scalar(@functions), '>', 15, scalar(@functions) . ' functions take a state');
push @functions, 's OPERATOR(leadscore.+) s';

my @states = map { mutated() } 1 .. $count;
my (%seen, $taken);
while (my @some = splice(@states, 0, 250)) {
    my $values = join(', ', map { "('\\x" . unpack('H*', $_) . "')" } @some);
    my $calls = join(' UNION ALL ', map { my $call = s/\bs\b/%1\$L::leadscore.state/gr; "SELECT try(format(\$c\$SELECT $call\$c\$, b))" } @functions);
    my $out = $node->safe_psql($db, "SELECT r, count(*) FROM (VALUES $values) AS v(b) CROSS JOIN LATERAL ($calls) AS c(r) GROUP BY r");
    for my $line (split /\n/, $out) { $line =~ /^(.*)\|(\d+)$/s or next; $seen{$1} += $2 }
}
$taken = delete($seen{ok}) // 0;
cmp_ok($taken, '>', 0, "$taken calls took what they were given");
note("$seen{$_} times $_") for sort keys %seen;
my @unexpected = grep { !/^(?:22|42704|55000|42P01|0A000|42883|54000)/ } keys %seen;
is(join("\n", @unexpected), '', 'and the others were refused with an error that is expected');

# By binary COPY, a file for each.
my $file = "$PostgreSQL::Test::Utils::tmp_check/state.copy";
$node->safe_psql($db, 'CREATE TABLE taken (s leadscore.state)');
my %by_copy;
my $script = '';
for my $i (1 .. 150) {
    my $bytes = mutated();
    open(my $copy, '>:raw', "$file.$i") or die;
    print {$copy} "PGCOPY\n\xff\r\n\0", pack('NN', 0, 0), pack('nN', 1, length $bytes), $bytes, pack('n', 0xffff);
    close $copy;
    $script .= "COPY taken FROM '$file.$i' (FORMAT binary);\n";
}
my ($out, $err) = ('', '');
$node->psql($db, "\\set VERBOSITY verbose\n$script", stdout => \$out, stderr => \$err, on_error_stop => 0);
my @errors = $err =~ /ERROR: +(\w{5})/g;
is(join(' ', grep { !/^22/ } @errors), '', scalar(@errors) . ' of 150 are refused by binary COPY');
is($node->safe_psql($db, 'SELECT count(*) FROM taken'), 150 - @errors, 'and the rest are stored');
is($node->safe_psql($db, 'SELECT count(*) FROM taken WHERE s::text::leadscore.state::text <> s::text'), '0', 'and read again');
is_exact($node, $db, 'm', 'the model is as it was');
is_log_clean($node);

$node->stop;
done_testing();
