# The reference names everything a user can touch, and everything has a COMMENT.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $reference = slurp_file("$FindBin::Bin/../../docs/reference.md");

my $node = PostgreSQL::Test::Cluster->new('reference');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION leadscore');

sub names { return split /\n/, $node->safe_psql('postgres', $_[0]) }

# Internal functions say so in their comment, and are for nobody; an operator is known by its sign.
my @functions = names(<<'SQL');
SELECT DISTINCT p.proname FROM pg_proc AS p
WHERE p.pronamespace = 'leadscore'::regnamespace AND obj_description(p.oid, 'pg_proc') !~ '^(Internal|Implementation)' ORDER BY 1
SQL
cmp_ok(scalar @functions, '>', 20, 'there are functions for users');
like($reference, qr/`[^`\n]*\b\Q$_\E\(/, "the reference has function $_") for @functions;

my @columns = names(<<'SQL');
SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'leadscore'::regnamespace AND c.relkind = 'r' AND c.relname <> 'version' AND a.attname <> 'model' ORDER BY 1
SQL
for (@columns) {
    my ($column) = /\.(.*)/;
    like($reference, qr/`\Q$column\E`/, "the reference has column $_");
}

is($node->safe_psql('postgres', <<'SQL'), '', 'every object has a comment');
SELECT pg_describe_object(o.classid, o.objid, 0) FROM (
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'leadscore'
) AS o
LEFT JOIN pg_type AS t ON o.classid = 'pg_type'::regclass AND t.oid = o.objid
WHERE obj_description(o.objid, o.classid::regclass::name) IS NULL
  -- What PostgreSQL makes by itself: array and row types, the schema, the sequence of an identity.
  AND (t.oid IS NULL OR t.typtype NOT IN ('c') AND t.typelem = 0)
  AND o.classid NOT IN ('pg_namespace'::regclass)
  AND NOT EXISTS (SELECT FROM pg_class AS s WHERE o.classid = 'pg_class'::regclass AND s.oid = o.objid AND s.relkind = 'S')
SQL

is($node->safe_psql('postgres', <<'SQL'), '', 'every column has a comment');
SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'leadscore'::regnamespace AND c.relkind = 'r' AND col_description(c.oid, a.attnum) IS NULL
SQL

# What a model makes for itself, with all that its view can have.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE leads (id bigint PRIMARY KEY, firm text);
SELECT leadscore.create_model('all', 'leads');
INSERT INTO leadscore.dimension (model, path, combine) VALUES ('all', 'it''s "so"', 'max'), ('all', 'fit', 'sum'), ('all', 'score', 'first');
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES ('all', 'it''s "so"', 'A', 0), ('all', 'score', 'A', 0);
INSERT INTO leadscore.rule (model, name, points) VALUES ('all', 'there', 1);
SELECT leadscore.publish('all'), leadscore.rollup('all', 'firms', account => 'firm');
SQL
my $in_model = <<'SQL';
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'all'::regnamespace AND c.relkind IN ('r', 'v')
SQL
cmp_ok($node->safe_psql('postgres', "SELECT count(*) $in_model"), '>', 40, 'a model has tables and views of its own');
is($node->safe_psql('postgres', "SELECT DISTINCT c.relname $in_model AND obj_description(c.oid, 'pg_class') IS NULL"), '',
    '... each with a comment');
is($node->safe_psql('postgres', "SELECT c.relname || '.' || a.attname $in_model AND col_description(c.oid, a.attnum) IS NULL"), '',
    '... and each of their columns');
my ($own) = $reference =~ /^## What a model has in its own schema\n(.*?)^## /ms;
like($own, qr{^\*\*(?:View|Table) `\Q$_\E`}m, "the reference says of a model's own $_") for names("SELECT DISTINCT c.relname $in_model AND c.relname <> 'firms'");

$node->stop;
done_testing();
