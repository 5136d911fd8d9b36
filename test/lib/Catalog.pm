# What an extension has put into the catalogs, in a form that does not tell how it came to be there.
package Catalog;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(describe_extension differences);

# A line for each object of the extension, and for each part of it that can be altered by itself: names and definitions, no OIDs.
my $query = <<'SQL';
WITH member AS (
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
    WHERE e.extname = 'leadscore' AND d.deptype = 'e'
), relation AS (SELECT c.* FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid)
SELECT 'object ' || pg_describe_object(m.classid, m.objid, 0) || ': ' || coalesce(obj_description(m.objid, k.relname), '(no comment)')
FROM member AS m JOIN pg_class AS k ON k.oid = m.classid
UNION ALL
SELECT 'extension: ' || concat_ws(' ', e.extversion, e.extrelocatable, n.nspname, array(SELECT c.oid::regclass::text
    FROM unnest(e.extconfig) WITH ORDINALITY AS u(oid, place) JOIN pg_class AS c ON c.oid = u.oid ORDER BY 1)::text,
    array(SELECT u.condition FROM unnest(e.extcondition) AS u(condition) ORDER BY 1)::text)
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'leadscore'
UNION ALL
SELECT 'function ' || p.oid::regprocedure || ': ' || CASE p.prokind WHEN 'a' THEN concat_ws(' ', a.aggkind,
    a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggfinalextra, a.aggfinalmodify, a.aggsortop,
    a.aggtranstype::regtype, a.aggtransspace, a.agginitval, p.proparallel, p.provolatile, p.procost) ELSE pg_get_functiondef(p.oid) END
    || ' owner ' || pg_get_userbyid(p.proowner) || ' rights ' || coalesce(p.proacl::text, '')
FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
UNION ALL
SELECT 'relation ' || r.oid::regclass || ': ' || concat_ws(' ', r.relkind, r.relpersistence, r.relrowsecurity, r.relforcerowsecurity,
    r.reloptions::text, r.relacl::text, pg_get_userbyid(r.relowner), CASE r.relkind WHEN 'v' THEN pg_get_viewdef(r.oid) END)
FROM relation AS r
UNION ALL
SELECT 'column ' || r.oid::regclass || '.' || a.attname || ': ' || concat_ws(' ', format_type(a.atttypid, a.atttypmod),
    a.attcollation::regcollation, a.attnotnull, a.attidentity, a.attgenerated, a.attacl::text, pg_get_expr(d.adbin, d.adrelid),
    coalesce(col_description(r.oid, a.attnum), '(no comment)'))
FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT 'order of columns ' || r.oid::regclass || ': ' || string_agg(a.attname, ' ' ORDER BY a.attnum)
FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped GROUP BY r.oid
UNION ALL
SELECT 'constraint ' || c.conname || ' of ' || r.oid::regclass || ': ' || pg_get_constraintdef(c.oid)
FROM relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid
UNION ALL
SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM relation AS r JOIN pg_index AS i ON i.indrelid = r.oid
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text || ' ' || coalesce(obj_description(t.oid, 'pg_trigger'), '(no comment)')
FROM relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
UNION ALL
SELECT 'policy ' || p.polname || ' of ' || r.oid::regclass || ': ' || concat_ws(' ', p.polcmd, p.polpermissive,
    array(SELECT CASE u WHEN 0 THEN 'public' ELSE pg_get_userbyid(u) END FROM unnest(p.polroles) AS u ORDER BY 1)::text,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
    coalesce(obj_description(p.oid, 'pg_policy'), '(no comment)'))
FROM relation AS r JOIN pg_policy AS p ON p.polrelid = r.oid
UNION ALL
SELECT 'type ' || t.oid::regtype || ': ' || concat_ws(' ', t.typlen, t.typbyval, t.typtype, t.typcategory, t.typalign, t.typstorage,
    t.typinput, t.typoutput, t.typreceive, t.typsend, t.typcollation::regcollation, t.typacl::text, pg_get_userbyid(t.typowner))
FROM member AS m JOIN pg_type AS t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
UNION ALL
SELECT 'cast ' || c.castsource::regtype || ' ' || c.casttarget::regtype || ': ' || concat_ws(' ', c.castfunc::regprocedure,
    c.castcontext, c.castmethod)
FROM member AS m JOIN pg_cast AS c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid
UNION ALL
SELECT 'operator ' || o.oid::regoperator || ': ' || concat_ws(' ', o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest,
    o.oprjoin, o.oprcanmerge, o.oprcanhash)
FROM member AS m JOIN pg_operator AS o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid
UNION ALL
SELECT 'schema ' || n.nspname || ': ' || concat_ws(' ', n.nspacl::text, pg_get_userbyid(n.nspowner))
FROM member AS m JOIN pg_namespace AS n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid
SQL

# The extension leadscore as it is in a database: a sorted list of lines. Rows that it has put into its own tables are among them.
sub describe_extension {
    my ($node, $database) = @_;
    my $lines = $node->safe_psql($database, "SELECT replace(line, E'\\n', '\\n') FROM ($query) AS q(line)");
    my $templates = $node->safe_psql($database,
        q{SELECT 'row of template_document ' || md5(t::text) FROM leadscore.template_document AS t});
    return sort(split(/\n/, $lines), split(/\n/, $templates));
}

# Lines of one description that the other lacks.
sub differences {
    my ($left, $right) = @_;
    my (%left, %right);
    $left{$_}++ for @$left;
    $right{$_}++ for @$right;
    return join("\n", (map { "- $_" } grep { !$right{$_} } sort keys %left), (map { "+ $_" } grep { !$left{$_} } sort keys %right));
}

1;
