# Every template, over random leads and events: live scores are what a recompute gives, their explanations add up to them, and tiers
# change when next_change says so.
#
# LEADSCORE_SEED: the seed of the rows.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Test::More;

use Scene;
use Sql qw(literal);

my $node = Scene::cluster('templates');
my $seed = Scene::first_seed();
note("LEADSCORE_SEED=$seed");

sub run { return $node->safe_psql('with_leadscore', join(";\n", "SELECT FROM setseed(0.$seed)", @_)) }

# All columns that templates ask for. Texts are from the lists of their params, as often as not, or something else, or missing.
run(<<'SQL');
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text, job_title text, industry text, country text, source text, department text,
    need text, company_size text, current_solution text, employees integer, revenue numeric, budget numeric, months_to_buy integer,
    created_at timestamptz);
CREATE TABLE crm.events (lead_id bigint, at timestamptz, kind text, url text);
CREATE TABLE crm.words AS
    SELECT DISTINCT w.word #>> '{}' AS word FROM leadscore.templates() AS t,
        jsonb_path_query(leadscore.template(t.name), '$.model.params.** ? (@.type() == "string")') AS w(word);
INSERT INTO crm.words VALUES ('ceo'), ('Head of Sales'), ('intern'), ('student'), ('ana@gmail.com'), ('bea@acme.example'), (NULL), (NULL), ('?');
CREATE TABLE crm.kinds AS SELECT DISTINCT unnest(t.kinds) AS kind FROM leadscore.templates() AS t;
CREATE TABLE crm.urls (url) AS VALUES ('/pricing'), ('/pricing/teams'), ('/careers'), ('/product/x'), ('/jobs'), ('/'), (NULL);
CREATE FUNCTION crm.word(integer) RETURNS text LANGUAGE sql VOLATILE AS
    $$ SELECT word FROM crm.words OFFSET floor(random() * (SELECT count(*) FROM crm.words)) + 0 * $1 LIMIT 1 $$;
CREATE FUNCTION crm.add_leads(first integer, last integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO crm.leads
    SELECT n, CASE WHEN random() < 0.9 THEN crm.word(n) || '@x' END, crm.word(n), crm.word(n), (ARRAY['FR', 'BE', 'DE', 'US', NULL])[1 + floor(random() * 5)],
        crm.word(n), crm.word(n), crm.word(n), crm.word(n), crm.word(n), CASE WHEN random() < 0.8 THEN 10 ^ (random() * 4) END, CASE WHEN random() < 0.8 THEN 10 ^ (random() * 10) END,
        CASE WHEN random() < 0.8 THEN 10 ^ (random() * 6) END, CASE WHEN random() < 0.8 THEN random() * 12 END,
        CASE WHEN random() < 0.8 THEN now() - random() * interval '400 days' END
    FROM generate_series(first, last) AS n $$;
CREATE FUNCTION crm.add_events(count integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO crm.events
    SELECT random() * 200, now() - (random() ^ 3 * 500 - 5) * interval '1 day',
        (SELECT kind FROM crm.kinds OFFSET floor(random() * (SELECT count(*) FROM crm.kinds)) + 0 * n LIMIT 1),
        (SELECT url FROM crm.urls OFFSET floor(random() * 7) + 0 * n LIMIT 1)
    FROM generate_series(1, count) AS n $$;
SELECT crm.add_leads(1, 100), crm.add_events(2000);
SQL

my @templates = split /\n/, run('SELECT name FROM leadscore.templates() ORDER BY name COLLATE "C"');
cmp_ok(scalar @templates, '>=', 13, 'there are templates');
foreach my $name (@templates) {
    subtest $name => sub {
        my ($model, $schema) = (literal($name), $name);
        my $events = run("SELECT kinds <> '{}' FROM leadscore.templates() WHERE name = $model") eq 't'
            ? ", events => 'crm.events', lead => 'lead_id', at => 'at', kind => 'kind'" : '';
        run("SELECT leadscore.import_model($model, leadscore.template($model), leads => 'crm.leads'$events)", "SELECT leadscore.publish($model)");
        # Some templates ask for an e-mail address, or a country.
        cmp_ok(run("SELECT count(*) FROM $schema.scores"), '>', 20, 'there are scores');
        cmp_ok(run("SELECT count(DISTINCT score) FROM $schema.scores"), '>', 1, '... of several sizes');
        run(<<'SQL');
BEGIN;
SELECT crm.add_events(500), crm.add_leads(101, 200);
UPDATE crm.leads SET job_title = crm.word(1), employees = employees / 2 WHERE id % 7 = 0;
UPDATE crm.events SET lead_id = lead_id + 1 WHERE lead_id % 11 = 0;
DELETE FROM crm.events WHERE kind = 'form_submit' AND lead_id % 3 = 0;
DELETE FROM crm.leads WHERE id % 13 = 0;
COMMIT;
SQL
        is(run("SELECT * FROM leadscore.verify($model)"), '', 'live scores are what a recompute gives');
        is(run("SELECT * FROM leadscore.verify($model, now() + interval '40 days')"), '', '... 40 days on, too');
        foreach my $at ('now()', "now() - interval '50 days'", "now() + interval '33 days'") {
            is(run(<<"SQL"), '', "explanations add up to the score: $at");
SELECT l.id, s.score, x.root, x.leaves FROM crm.leads AS l
CROSS JOIN LATERAL (SELECT leadscore.score($model, l.id, $at)) AS s(score)
CROSS JOIN LATERAL (SELECT sum(e.points) FILTER (WHERE e.rule IS NULL AND e.path = 'score'), sum(e.points) FILTER (WHERE e.rule IS NOT NULL)
                    FROM leadscore.explain($model, l.id, $at) AS e) AS x(root, leaves)
WHERE abs(s.score - x.root) > 1e-9 * greatest(1, abs(s.score)) OR abs(s.score - coalesce(x.leaves, 0)) > 1e-9 * greatest(1, abs(s.score))
   OR (s.score IS NULL) <> (x.root IS NULL) LIMIT 5
SQL
        }
        is(run(<<"SQL"), '', 'the next change of tier comes when it is said to, and not before');
SELECT s.lead, c.at FROM $schema.state AS s
CROSS JOIN LATERAL (SELECT leadscore.horizon(s.state), leadscore.next_change(s.state, leadscore.horizon(s.state))) AS c(since, at)
WHERE c.at <= c.since OR leadscore.tier(s.state, c.at) IS NOT DISTINCT FROM leadscore.tier(s.state, c.since) AND c.at IS NOT NULL
   OR leadscore.tier(s.state, c.at - interval '1 microsecond') IS DISTINCT FROM leadscore.tier(s.state, c.since) AND c.at IS NOT NULL
   OR leadscore.tier(s.state, c.since + (coalesce(c.at, c.since + interval '3 years') - c.since) * random()) IS DISTINCT FROM
      leadscore.tier(s.state, c.since) LIMIT 5
SQL
        run("SELECT leadscore.drop_model($model)", 'DELETE FROM crm.leads WHERE id > 100', 'DELETE FROM crm.leads', 'SELECT crm.add_leads(1, 100)');
    };
}
$node->stop;
done_testing();
