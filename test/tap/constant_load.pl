# Where somebody always holds a lock of the tables of leads and events, and always writes a model's states, publish, rebuild, refresh and
# drop_model come to an end all the same. Each transaction of the load lasts longer than these keep others waiting at first, and all overlap.
use strict;
use warnings;

use IPC::Run qw(start finish);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use Crm qw(start_server create_crm is_exact is_log_clean);

my $longest = 20;    # seconds that a call may take; without load it takes a fraction of one
my $node = start_server('load', 'synchronous_commit = off', 'log_statement = none');
my $db = 'postgres';
create_crm($node, $db);
$node->safe_psql($db, <<'SQL');
INSERT INTO crm.leads SELECT i, 'FR' FROM generate_series(10, 300) AS i;
CREATE TABLE still (runs integer);
INSERT INTO still VALUES (1);
SQL

my @loads;

# It goes on until its last query divides by zero.
sub begin_load {
    my ($clients, @statements) = @_;
    my $load = { file => sprintf('%s/load%d.sql', $node->basedir, scalar @loads), err => '', out => '' };
    append_to_file($load->{file}, join(";\n", @statements, 'SELECT 1 / runs FROM still') . ";\n");
    local $ENV{PGOPTIONS} = '-c client_min_messages=error';
    $load->{handle} = start([ 'pgbench', '-n', '-f', $load->{file}, '-c', $clients, '-T', 600, '--max-tries=1000',
        $node->connstr($db) ], '<', \undef, '>', \$load->{out}, '2>', \$load->{err});
    push @loads, $load;
    return;
}

sub ends {
    my ($sql, $name) = @_;
    my $start = time;
    my $failed = $node->psql($db, "SET statement_timeout = '${longest}s'; SET client_min_messages = error; $sql", stderr => \my $err);
    is($err, '', "$name comes to an end");
    note(sprintf '%s: %.1f s', $name, time - $start);
    return;
}

my $insert = q{INSERT INTO crm.events (lead, kind) SELECT (random() * 300)::int, 'click'};
my $change = q{UPDATE crm.leads SET country = CASE WHEN random() < 0.5 THEN 'FR' END WHERE id = (random() * 300)::int};
my $work = 'SELECT pg_sleep(0.12)';
begin_load(2, 'BEGIN', $insert, $work, 'COMMIT');
begin_load(2, 'BEGIN', $insert, $work, $change, 'COMMIT');
begin_load(2, 'BEGIN', $change, $work, 'COMMIT');
# Another model, of the same tables, is scored all the time and reads them.
$node->safe_psql($db, q{SELECT leadscore.create_model('other', 'crm.leads');
    SELECT leadscore.add_events('other', 'crm.events', 'lead', 'at', 'kind');
    INSERT INTO leadscore.rule (model, name, event, points) VALUES ('other', 'any', '*', 1)});
ends(q{SELECT leadscore.publish('other')}, 'a first publish');
begin_load(2, q{SELECT leadscore.rebuild('other')});
sleep 1;

ends(q{SELECT leadscore.rebuild('m')}, 'rebuild');
ends(q{UPDATE leadscore.rule SET points = 7 WHERE model = 'm' AND name = 'click'; SELECT leadscore.publish('m')}, 'publish');
ends(q{SELECT leadscore.refresh('m')}, 'refresh');
ends(q{SELECT leadscore.create_model('n', 'crm.leads'); SELECT leadscore.add_events('n', 'crm.events', 'lead', 'at', 'kind');
    INSERT INTO leadscore.rule (model, name, event, points) VALUES ('n', 'any', '*', 1); SELECT leadscore.publish('n')},
    'the first publish of another model');
is_exact($node, $db, 'm', 'live scores are what a recompute gives');
ends(q{SELECT leadscore.drop_model('n')}, 'drop_model');

$node->safe_psql($db, 'UPDATE still SET runs = 0');
for my $load (@loads) {
    finish($load->{handle});
    like($load->{err}, qr/division by zero/, 'the load went on to its end');
    unlike($load->{err}, qr/deadlock|timeout/, 'and nothing of it failed');
}
is_exact($node, $db, $_, "live scores of $_ are what a recompute gives") for qw(m other);
is_log_clean($node);
$node->stop;
done_testing();
