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

$node->stop;
done_testing();
