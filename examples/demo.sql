-- leadscore in a minute, on a small CRM. Run by scripts/demo; by hand: psql -f examples/demo.sql in an empty database.

\if :{?bold} \else
\set bold ''
\set dim ''
\set normal ''
\endif
\pset footer off
\pset null '-'
\pset linestyle unicode
SET client_min_messages = warning;

\echo
\echo :bold'1. A CRM, as one has it: 200 leads, and what they did in the last half year':normal
\echo
\ir crm.sql
\set ECHO queries
SELECT id, name, title, country, employees, industry FROM crm.leads ORDER BY id LIMIT 3;
SELECT type, count(*), count(DISTINCT lead_id) AS leads, max(at)::date AS latest
FROM crm.events GROUP BY type ORDER BY count DESC;

\set ECHO none
\echo
\echo :bold'2. A model over these tables. Conditions are jsonpath over the row, params their variables':normal
\echo
\set ECHO queries
CREATE EXTENSION leadscore;
\echo
\o /dev/null
SELECT leadscore.create_model('b2b', leads => 'crm.leads', created_at => 'created_at',
    eligible => '$.email != null || $.phone != null',
    params => '{"icp": {"countries": ["FR", "BE"], "industries": ["software", "finance"],
                        "employees": {"min": 50, "max": 500}}}');
\echo
SELECT leadscore.add_events('b2b', 'crm.events', lead => 'lead_id', at => 'at', kind => 'type');
\o
\echo
INSERT INTO leadscore.dimension (model, path, min_value, max_value) VALUES
    ('b2b', 'fit', 0, 100),
    ('b2b', 'engagement', NULL, NULL);
\echo
\echo '-- what a lead is'
INSERT INTO leadscore.rule (model, dimension, name, condition, points) VALUES
    ('b2b', 'fit', 'target country', '$.country == $icp.countries[*]', 20),
    ('b2b', 'fit', 'target industry', '$.industry == $icp.industries[*]', 15),
    ('b2b', 'fit', 'company size', '$.employees >= $icp.employees.min && $.employees <= $icp.employees.max', 25),
    ('b2b', 'fit', 'decision maker', '$.title like_regex "ceo|cto|vp|head" flag "i"', 30),
    ('b2b', 'fit', 'still learning', '$.title like_regex "student|intern" flag "i"', -40);
\echo
\echo '-- what a lead does, and how fast that fades'
INSERT INTO leadscore.rule (model, dimension, name, event, condition, points, decay, period, max_points) VALUES
    ('b2b', 'engagement', 'any page', 'page_view', NULL, 0.5, 'linear', '30 days', 5),
    ('b2b', 'engagement', 'pricing page', 'page_view', '$.props.url starts with "/pricing"', 4, 'half_life', '30 days', 20),
    ('b2b', 'engagement', 'opened a mail', 'email_open', NULL, 1, 'half_life', '14 days', 5),
    ('b2b', 'engagement', 'webinar', 'webinar', '$.props.minutes >= 20', 10, 'window', '60 days', 20),
    ('b2b', 'engagement', 'asked for a demo', 'demo_request', NULL, 35, 'half_life', '45 days', NULL),
    ('b2b', 'engagement', 'unsubscribed', 'unsubscribe', NULL, -50, 'none', NULL, NULL);
\echo
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES
    ('b2b', 'cold', 1, '{}'),
    ('b2b', 'warm', 2, '{"score": 45}'),
    ('b2b', 'hot', 3, '{"score": 80, "fit": 40}');

\set ECHO none
\echo
\echo :bold'3. Publish: the draft is checked, frozen as version 1, everybody is scored, and it is live':normal
\echo
\set ECHO queries
SELECT leadscore.publish('b2b') AS version;
SELECT tier, count(*), round(min(score)) AS lowest, round(max(score)) AS highest
FROM b2b.scores GROUP BY tier ORDER BY lowest DESC;

\set ECHO none
\echo
\echo :bold'4. The ten hottest leads, exact as of now':normal
\echo
\set ECHO queries
SELECT id, l.name, l.title, l.country, round(s.score::numeric, 1) AS score, round(s.fit) AS fit,
       round(s.engagement::numeric, 1) AS engagement, s.tier,
       s.last_event_at::date AS last_event, s.next_change_at::date AS next_change
FROM b2b.scores s JOIN crm.leads l USING (id)
ORDER BY s.score DESC LIMIT 10;

\set ECHO none
SELECT id AS hottest, (SELECT name FROM crm.leads l WHERE l.id = s.id) AS hottest_name FROM b2b.scores s ORDER BY score DESC LIMIT 1 \gset
\echo
\echo :bold'5. Why is' :hottest_name 'the first? Every contribution; they add up to the score':normal
\echo
\set ECHO queries
SELECT path, rule, awards, last_at::date AS last_at, round(points::numeric, 2) AS points,
       round(100 * share::numeric) || ' %' AS share
FROM leadscore.explain('b2b', :hottest);

\set ECHO none
SELECT s.id AS lead, l.name AS lead_name
FROM b2b.scores s JOIN crm.leads l USING (id) WHERE tier = 'warm' AND fit >= 40 ORDER BY score DESC LIMIT 1 \gset
\echo
\echo :bold'6.' :lead_name 'is warm and close to hot. One event, and the tier changes inside the same transaction':normal
\echo
\set ECHO queries
BEGIN;
SELECT round(score::numeric, 1) AS score, tier FROM b2b.scores WHERE id = :lead;
INSERT INTO crm.events (lead_id, type, at) VALUES (:lead, 'demo_request', now());
SELECT round(score::numeric, 1) AS score, tier FROM b2b.scores WHERE id = :lead;
SELECT lead, at::timestamp(0), from_tier, to_tier, round(score::numeric, 1) AS score, cause
FROM b2b.tier_changes WHERE lead = :lead ORDER BY at;
COMMIT;

\set ECHO none
\echo
\echo :bold'7. Time passes: the same score at later instants. No job runs for that':normal
\echo
\set ECHO queries
SELECT days, round(leadscore.score(s.state, t)::numeric, 1) AS score, leadscore.tier(s.state, t) AS tier,
       rpad(repeat('▇', round(leadscore.score(s.state, t) / 2)::int), 60)
           AS "0         20        40        60        80        100       "
FROM b2b.state AS s
CROSS JOIN unnest(ARRAY[0, 3, 7, 14, 30, 60, 90, 180]) AS days
CROSS JOIN LATERAL (SELECT now() + make_interval(days => days)) AS later(t)
WHERE s.lead = :lead
ORDER BY days;
SELECT round(leadscore.score('b2b', :lead, now() - interval '30 days')::numeric, 1) AS a_month_ago;

\set ECHO none
\echo
\echo :bold'8. The live scores against a full recompute from rows and events: no row differs':normal
\echo
\set ECHO queries
SELECT * FROM leadscore.verify('b2b');
