# ALTER EXTENSION leadscore UPDATE: from every released version (test/released), and from made-up ones, it gives what a new installation
# gives, object by object; models go on scoring, also in sessions that were there before.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Catalog qw(describe_extension differences);
use Crm qw(start_server create_crm is_exact is_log_clean connection);

my ($current) = slurp_file('leadscore.control') =~ /^default_version = '(.*)'/m;
chomp(my $folder = `pg_config --sharedir`);
$folder .= '/extension';
plan skip_all => "other versions cannot be put into $folder" if !-w $folder;

my $install = slurp_file("$folder/leadscore--$current.sql");
my @made;

sub put {
    my ($name, $text) = @_;
    push @made, "$folder/leadscore--$name.sql";
    unlink $made[-1];
    append_to_file($made[-1], $text);
    return;
}

END { unlink @made }

# A function of the install script, with its comment.
sub function_of {
    my ($name) = @_;
    my ($text) = $install =~ /(^CREATE FUNCTION leadscore\.\Q$name\E\(.*?\n\$\$;\nCOMMENT ON FUNCTION leadscore\.\Q$name\E\(.*?';\n)/ms;
    return $text // die "the install script has no function $name\n";
}

sub replaced {
    my ($text, $from, $to) = @_;
    (my $result = $text) =~ s/\Q$from\E/$to/ or die "there is no $from\n";
    return $result;
}

sub or_replace { return join('', map { s/^CREATE FUNCTION/CREATE OR REPLACE FUNCTION/r } @_) }

# Version 0.0.0 lacks a function, a constraint and a row, has another body, another comment, and a function of its own; 0.0.1 comes between.
my ($new, $changed) = (function_of('instants'), function_of('patience'));
my $note = q{COMMENT ON COLUMN leadscore.rule.note IS 'For people; means nothing to scoring.';};
my $constraint = q{CONSTRAINT rule_name_length CHECK (octet_length(name) <= 1000)};
my $old = replaced($install, $new, '');
$old = replaced($old, $changed, replaced($changed, '50 * power', '40 * power'));
$old = replaced($old, $note, q{COMMENT ON COLUMN leadscore.rule.note IS 'A note.';});
$old = replaced($old, "$constraint,", '');
put('0.0.0', $old . "CREATE FUNCTION leadscore.former() RETURNS integer LANGUAGE sql AS 'SELECT 1';\n
    DELETE FROM leadscore.template_document WHERE name = 'bant';\n");
my $header = "\\echo Use \"ALTER EXTENSION leadscore UPDATE\" to load this file. \\quit\n";
put('0.0.0--0.0.1', $header . or_replace($new) . "DROP FUNCTION leadscore.former();\n");
put("0.0.1--$current", $header . or_replace($changed) . "$note\nALTER TABLE leadscore.rule ADD $constraint;\n" . slurp_file('src/install/templates/bant.sql'));
# What it forgets must be seen.
put("0.0.0--$current.1", $header . or_replace($changed, $new) . "ALTER TABLE leadscore.rule ADD $constraint;\n");
my @released = grep { $_ ne $current } map { /leadscore--(.*)\.sql$/ } glob 'test/released/leadscore--*.sql';
put($_, slurp_file("test/released/leadscore--$_.sql")) for @released;

my $node = start_server('update', 'max_connections = 20');
$node->safe_psql('postgres', 'CREATE EXTENSION leadscore');
my @fresh = describe_extension($node, 'postgres');
cmp_ok(scalar @fresh, '>', 500, 'the description of a new installation has ' . @fresh . ' lines');

sub update_from {
    my ($version, $to) = @_;
    (my $db = "from_$version") =~ tr/./_/;
    $node->safe_psql('postgres', "CREATE DATABASE $db");
    $node->safe_psql($db, "CREATE EXTENSION leadscore VERSION '$version'");
    create_crm($node, $db);
    $node->safe_psql($db, q{INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (2, 'view')});
    my $session = connection($node, $db);
    $session->query_safe(q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click')});
    my $scores = q{SELECT s.id, s.score, s.tier FROM m.scores AS s ORDER BY s.id};
    my $before = $node->safe_psql($db, $scores);
    $node->safe_psql($db, 'ALTER EXTENSION leadscore UPDATE' . ($to ? " TO '$to'" : ''));
    is($node->safe_psql($db, $scores), $before, "$version: scores are as they were");
    $session->query_safe(q{INSERT INTO crm.events (lead, kind) VALUES (3, 'click')});
    is_exact($node, $db, 'm', "$version: a session that was there before goes on scoring");
    $session->quit;
    is($node->safe_psql($db, q{SELECT leadscore.publish('m')}), '2', "$version: the model is published again");
    is_exact($node, $db, 'm', "$version: and scores are exact");
    $node->safe_psql($db, q{SELECT leadscore.drop_model('m')});
    return describe_extension($node, $db);
}

is(differences([ update_from('0.0.0') ], \@fresh), '', 'an update by way of another version gives what a new installation gives');
SKIP: {
    skip "no version has been released before $current: updates are tested from made-up ones alone", 1 if !@released;
    is(differences([ update_from($_) ], \@fresh), '', "an update from $_ gives what a new installation gives") for @released;
}
$node->safe_psql('postgres', 'DROP DATABASE from_0_0_0');
my $forgotten = differences([ update_from('0.0.0', "$current.1") ], \@fresh);
like($forgotten, qr/\Q$_\E/, "what an update forgets is seen: $_")
    for 'object function leadscore.former()', 'column leadscore.rule.note', 'row of template_document', "extension: $current.1";

is_log_clean($node);
$node->stop;
done_testing();
