# A model travels as one document, as text, to another database: the same document over the same rows gives the same scores.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server statement error_of warnings_of is_exact);

my $node = start_server('portability');
my $file = "$PostgreSQL::Test::Utils::tmp_check/model.json";

# The value of every dimension, grade and tier of every lead at several instants.
sub scores {
    my ($db, $model, $leads, $key) = @_;
    return $node->safe_psql($db, <<"SQL");
SELECT l.$key, v.at, leadscore.breakdown(s.state, v.at), leadscore.tier(s.state, v.at), leadscore.grade(s.state, 'fit', v.at),
       leadscore.best(s.state, 'fit', v.at), leadscore.next_change(s.state, v.at)
FROM $leads AS l, (VALUES (timestamptz '2025-03-01'), ('2025-03-17 12:34:56.789'), ('2025-06-01'), ('2026-01-01')) AS v(at),
     leadscore.state_at('$model', l.$key, v.at) AS s(state) ORDER BY 1, 2
SQL
}

sub import_into {
    my ($db, $arguments) = @_;
    my $document = slurp_file($file);
    chomp $document;
    my ($out, $err) = ('', '');
    my $failed = $node->psql($db, "SELECT leadscore.import_model($arguments)",
        stdout => \$out, stderr => \$err, extra_params => [ '-v', "document=$document" ]);
    is($failed, 0, "imported: $arguments") or diag($err);
    return $err;
}

$node->safe_psql('postgres', 'CREATE DATABASE home; CREATE DATABASE away');
$node->safe_psql('home', <<'SQL');
CREATE EXTENSION leadscore;
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text, country text, employees integer, firm text, created timestamptz);
CREATE TABLE crm.events (lead bigint, kind text, at timestamptz, props jsonb);
CREATE TABLE crm.calls (lead bigint, at timestamptz, minutes numeric);
INSERT INTO crm.leads SELECT i, CASE WHEN i % 11 > 0 THEN 'é"\' || i || '@x' END, (ARRAY['FR', 'BE', 'LU', NULL])[i % 4 + 1], i * 7,
    'f' || i % 9, timestamptz '2025-01-01' + i * interval '7 hours' FROM generate_series(1, 60) AS i;
INSERT INTO crm.events SELECT i * 7 % 65, (ARRAY['visit', 'click', 'reset', 'hand up', 'visit', 'visit', 'click', 'view'])[i % 8 + 1],
    timestamptz '2025-01-01' + i * interval '91 minutes', jsonb_build_object('url', (ARRAY['/pricing', '/jobs', '/'])[i % 3 + 1])
FROM generate_series(1, 2000) AS i;
INSERT INTO crm.calls SELECT i * 5 % 63, timestamptz '2025-02-01' + i * interval '11 hours', i % 7 FROM generate_series(1, 200) AS i;
SELECT leadscore.create_model('m', 'crm.leads', created_at => 'created', eligible => '$.email != null', notify => false,
    params => '{"icp": {"countries": ["FR", "BE"]}}');
SELECT leadscore.add_events('m', 'crm.events', 'lead', 'at', 'kind'), leadscore.add_events('m', 'crm.calls', 'lead', 'at', name => 'call');
INSERT INTO leadscore.dimension (model, path, position, combine, weight, base, min_value, max_value) VALUES
    ('m', 'score', 0, 'sum', 1, 0.1, 0, NULL), ('m', 'fit', 1, 'max', 0.7, 0, NULL, NULL), ('m', 'fit.size', 1, 'first', 1, 0, 0, 30),
    ('m', 'web', 2, 'sum', 1, 0, -50, 200), ('m', 'part', 3, 'share', 0.3, 0, NULL, NULL);
INSERT INTO leadscore.rule (model, name, dimension, position, condition, points, else_points) VALUES
    ('m', 'near', 'fit', 1, '$.country == $icp.countries[*]', 20, -2), ('m', 'large', 'fit.size', 2, '$.employees > 200', 30, 0),
    ('m', 'middle', 'fit.size', 3, '$.employees > 100', 1.1, 0), ('m', 'odd', 'part', 4, '$.employees > 50 || $.country == "LU"', 3, 0);
INSERT INTO leadscore.rule (model, name, dimension, position, event, condition, points, multiplier, decay, period, rate, grace, max_awards,
    per, max_points, at_least, at_most, within, silent_for, repeats, min_points, resets, grants) VALUES
    ('m', 'price', 'web', 11, 'visit', '$.props.url == "/pricing"', 3.3, NULL, 'half_life', '1 month 1 day', NULL, '2 days', NULL, NULL, 50,
     NULL, NULL, NULL, NULL, false, NULL, NULL, NULL),
    ('m', 'click', 'web', 12, 'click', NULL, 5, NULL, 'linear', '40 days', 0.5, '0', 2, '1 day', NULL, NULL, NULL, NULL, NULL, false, NULL,
     NULL, NULL),
    ('m', 'call', 'web', 13, 'call', NULL, 1, '$.minutes', 'step', '10 days', 0.1, '0', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL,
     NULL, NULL),
    ('m', 'busy', 'part', 14, '*', NULL, 4, NULL, 'none', NULL, NULL, '0', NULL, NULL, NULL, 3, 30, '20 days', NULL, false, NULL, NULL, NULL),
    ('m', 'silent', 'web', 15, '*', NULL, -5, NULL, 'none', NULL, NULL, '0', NULL, NULL, NULL, NULL, NULL, NULL, '30 days', true, -20, NULL,
     NULL),
    ('m', 'forget', 'web', 16, 'reset', '$.props.url == "/"', 0, NULL, 'none', NULL, NULL, '0', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     false, NULL, 'web', NULL),
    ('m', 'hand up', 'web', 17, 'hand up', '$.props.url == "/jobs"', 0, NULL, 'window', '5 days', NULL, '0', NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, false, NULL, NULL, 'hot');
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES ('m', 'fit', 'A', 20), ('m', 'fit', 'B', 1.1), ('m', 'score', '1', 50);
INSERT INTO leadscore.tier (model, name, position, minimums, applies_to, latched) VALUES ('m', 'cold', 1, '{}', NULL, false),
    ('m', 'warm', 2, '{"score": 30}', NULL, false), ('m', 'hot', 3, '{"score": 60, "fit": 1}', '$.country != "LU"', true);
INSERT INTO leadscore.rollup (model, name, account, combine, k) VALUES ('m', 'firms', 'firm', 'top', 2);
SELECT leadscore.publish('m');
SQL
my $scores = scores('home', 'm', 'crm.leads', 'id');
cmp_ok(scalar(() = $scores =~ /hot/g), '>', 20, 'there is something to compare');
append_to_file($file, $node->safe_psql('home', q{SELECT leadscore.export_model('m')}));

# The rows, with the same or with other names.
sub copy_rows {
    my ($db, $ddl, %from) = @_;
    $node->safe_psql($db, $ddl);
    for my $table (sort keys %from) {
        my $data = "$PostgreSQL::Test::Utils::tmp_check/$db.$table";
        $node->safe_psql('home', "COPY $from{$table} TO '$data'");
        $node->safe_psql($db, "COPY $table FROM '$data'");
    }
    return;
}

subtest 'to the same names' => sub {
    copy_rows(
        'away', <<'SQL', 'crm.leads' => 'crm.leads', 'crm.events' => 'crm.events', 'crm.calls' => 'crm.calls');
CREATE EXTENSION leadscore;
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text, country text, employees integer, firm text, created timestamptz);
CREATE TABLE crm.events (lead bigint, kind text, at timestamptz, props jsonb);
CREATE TABLE crm.calls (lead bigint, at timestamptz, minutes numeric);
SQL
    unlike(import_into('away', q{'m', :'document'}), qr/left out|so far/, 'nothing is left out');
    is($node->safe_psql('away', q{SELECT leadscore.publish('m')}), '1', 'it is published');
    is(scores('away', 'm', 'crm.leads', 'id'), $scores, 'the same scores');
    is($node->safe_psql('away', q{SELECT leadscore.export_model('m')}), slurp_file($file) =~ s/\n\z//r, 'the same document');
    is_exact($node, 'away', 'm', 'live scores are what a recompute gives');
    is($node->safe_psql('away', 'SELECT count(*) FROM m.firms'), $node->safe_psql('home', 'SELECT count(*) FROM m.firms'), 'the same accounts');
};

subtest 'to other names, a key of another type, values inside jsonb columns' => sub {
    copy_rows('away', <<'SQL');
CREATE SCHEMA sales;
CREATE TABLE sales."The People" ("No" text PRIMARY KEY, country text, email text, facts jsonb, born timestamptz, "Firm" text);
CREATE TABLE sales.happenings ("Who" text, "What" text, "When" timestamptz, payload jsonb);
CREATE TABLE sales.talks (who text, moment timestamptz, "minutes ""talked""" numeric);
INSERT INTO sales."The People" SELECT id, email, country, jsonb_build_object('size', jsonb_build_object('now', employees)), created, firm
FROM crm.leads;
INSERT INTO sales.happenings SELECT lead, upper(kind), at, jsonb_build_object('data', props) FROM crm.events;
INSERT INTO sales.talks SELECT * FROM crm.calls;
SQL
    # The columns of e-mail and country have each other's names.
    import_into('away', <<'SQL');
'm2', :'document', leads => 'sales."The People"',
    sources => '{"events": {"relation": "sales.happenings", "lead": "Who", "at": "When", "kind": "What"},
                 "call": {"relation": "sales.talks", "lead": "who", "at": "moment"}}',
    columns => '{"id": "No", "email": "country", "country": "email", "employees": ["facts", "size", "now"], "created": "born", "firm": "Firm"}',
    event_columns => '{"props": ["payload", "data"], "minutes": "minutes \"talked\""}',
    kinds => '{"visit": "VISIT", "click": "CLICK", "reset": "RESET", "hand up": "HAND UP"}'
SQL
    $node->safe_psql('away', q{SELECT leadscore.publish('m2')});
    is(scores('away', 'm2', '(SELECT *, "No"::bigint AS id FROM sales."The People")', 'id'), $scores, 'the same scores');
    is_exact($node, 'away', 'm2', 'live scores are what a recompute gives');
};

subtest 'after it was dropped' => sub {
    $node->safe_psql('away', q{SELECT leadscore.drop_model('m')});
    import_into('away', q{'m', :'document'});
    $node->safe_psql('away', q{SELECT leadscore.publish('m')});
    is(scores('away', 'm', 'crm.leads', 'id'), $scores, 'the same scores');
};

subtest 'a role without other rights' => sub {
    $node->safe_psql('away', <<'SQL');
CREATE ROLE revops;
GRANT CREATE ON DATABASE away TO revops;
GRANT USAGE ON SCHEMA leadscore TO revops;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA leadscore TO revops;
CREATE SCHEMA revops AUTHORIZATION revops;
SQL
    my %as = (role => 'revops');
    my $import = q{SELECT leadscore.import_model('first', leadscore.template('starter'), 'revops.people', events => 'revops.doings',
        lead => 'who', at => 'at', kind => 'what', columns => '{"job_title": null, "industry": null, "employees": null}')};
    is(statement($node, 'away', <<"SQL", %as)->{failed}, 0, 'imports a template over tables of its own, and publishes it');
CREATE TABLE revops.people (id bigint PRIMARY KEY, email text);
CREATE TABLE revops.doings (who bigint, what text, at timestamptz);
$import;
SELECT leadscore.publish('first');
SQL
    my $error = error_of($node, 'away', $import =~ s/'first'/'second'/r =~ s/revops\.people/crm.leads/r, %as);
    is($error->{code}, '42501', 'but not over those of others');
    is($node->safe_psql('away', q{SELECT count(*) FROM leadscore.model WHERE name = 'second'}), '0', 'of which nothing is left');
};

subtest 'templates are in no dump' => sub {
    my ($out, $err) = run_command([ 'pg_dump', '-d', $node->connstr('away') ]);
    unlike($out, qr/COPY leadscore\.template_document/, 'the dump does not have them');
    like($out, qr/asked for a demonstration/, 'but the rules that came from one');
};

$node->stop;
done_testing();
