# A small CRM for tests: a server with the extension, tables of leads and events, and a published model; and what is often asked
# of them.
package Crm;

use strict;
use warnings;

use Exporter qw(import);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT_OK = qw(start_server create_crm statement error_of warnings_of is_exact is_log_clean connection);

# A server of the test's own. @settings are lines of its postgresql.conf. Memory that it frees is overwritten: who reads it all the same
# must not find what was there.
sub start_server {
    my ($name, @settings) = @_;
    local $ENV{MALLOC_PERTURB_} = 165;
    my $node = PostgreSQL::Test::Cluster->new($name);
    $node->init;
    $node->append_conf('postgresql.conf', join("\n", 'autovacuum = off', @settings));
    $node->start;
    return $node;
}

# Tables crm.leads and crm.events, and model m on them: 100 points for leads of France, 10 for a click, 1 for a view, tier hot
# from 20 on.
# %with: model => another name; arguments => more arguments of create_model; draft => SQL before it is published
sub create_crm {
    my ($node, $database, %with) = @_;
    my $model = $with{model} // 'm';
    my $arguments = $with{arguments} ? ", $with{arguments}" : '';
    my $draft = $with{draft} // '';
    $node->safe_psql($database, <<"SQL");
CREATE EXTENSION IF NOT EXISTS leadscore;
CREATE SCHEMA IF NOT EXISTS crm;
CREATE TABLE IF NOT EXISTS crm.leads (id bigint PRIMARY KEY, country text);
CREATE TABLE IF NOT EXISTS crm.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead bigint, kind text,
    at timestamptz NOT NULL DEFAULT now(), props jsonb);
CREATE INDEX IF NOT EXISTS events_lead_at_idx ON crm.events (lead, at);
INSERT INTO crm.leads VALUES (1, 'FR'), (2, 'BE'), (3, NULL) ON CONFLICT DO NOTHING;
SELECT leadscore.create_model('$model', 'crm.leads'$arguments);
SELECT leadscore.add_events('$model', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, condition, points)
VALUES ('$model', 'france', NULL, '\$.country == "FR"', 100), ('$model', 'click', 'click', NULL, 10), ('$model', 'view',
    'view', NULL, 1);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('$model', 'cold', 1, '{}'), ('$model', 'hot', 2,
    '{"score": 20}');
$draft;
SELECT leadscore.publish('$model');
SQL
    return;
}

# Runs SQL in a session of its own. Gives { out, err, failed }; err is verbose.
# %with: role => who does it; set => settings, as SQL
sub statement {
    my ($node, $database, $sql, %with) = @_;
    my ($out, $err) = ('', '');
    my $as = $with{role} ? "SET SESSION AUTHORIZATION $with{role};\n" : '';
    my $set = $with{set} ? "$with{set};\n" : '';
    my $failed = $node->psql($database, "\\set VERBOSITY verbose\n$as$set$sql",
        stdout => \$out, stderr => \$err, on_error_stop => 1);
    return { out => $out, err => $err, failed => $failed };
}

# The error that some SQL fails with, as { code, message, detail, hint, text }; text is empty if it does not fail.
sub error_of {
    my ($node, $database, $sql, %with) = @_;
    my $err = statement($node, $database, $sql, %with)->{err};
    my %error = (text => '', code => '', message => '', detail => '', hint => '');
    if ($err =~ /ERROR: +(\w{5}): (.*?)\n(?=LINE|DETAIL|HINT|CONTEXT|LOCATION|QUERY|\z)/s) {
        @error{qw(code message)} = ($1, $2);
        ($error{text}) = $err =~ /(ERROR: .*)/s;
        ($error{detail}) = $err =~ /^DETAIL: +(.*?)\n(?=HINT|CONTEXT|LOCATION|QUERY|\z)/ms;
        ($error{hint}) = $err =~ /^HINT: +(.*?)\n(?=CONTEXT|LOCATION|QUERY|\z)/ms;
        $error{$_} //= '' for qw(detail hint);
    }
    return \%error;
}

# The warnings that some SQL gives, which must not fail: that would be a failed test.
sub warnings_of {
    my ($node, $database, $sql, %with) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done = statement($node, $database, $sql, %with);
    if ($done->{failed}) {
        fail("succeeds: $sql");
        diag($done->{err});
    }
    return join("\n", $done->{err} =~ /WARNING: +(.*(?:\nDETAIL: .*)?)/g);
}

# Tests that live scores are what a recompute gives.
sub is_exact {
    my ($node, $database, $model, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is($node->safe_psql($database, "SELECT * FROM leadscore.verify('$model')"), '', $name);
}

# Tests that the server's log tells of no crash, leak or internal error.
sub is_log_clean {
    my ($node) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @trouble =
        grep { /reference leak|leaked|non-empty SPI stack|PANIC|terminated by signal|internal error|cache lookup failed|TRAP/ }
        split(/\n/, slurp_file($node->logfile));
    return is(join("\n", @trouble), '', 'the log tells of no crash, leak or internal error');
}

# A session that stays open; $session->query_safe(...) runs SQL in it and dies if that says anything worse than a notice.
sub connection {
    my ($node, $database) = @_;
    my $session = $node->background_psql($database, on_error_stop => 0);
    $session->query_safe('SET client_min_messages = warning');
    return $session;
}

1;
