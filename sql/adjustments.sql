-- Adjustments by people: adjust, override, revoke, and the table itself.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA hand;
SET search_path = hand, public;

CREATE TABLE leads (id bigint PRIMARY KEY, country text, blocked boolean);
CREATE TABLE visits (lead_id bigint, at timestamptz);
SELECT leadscore.create_model('manual', 'leads', eligible => '$.blocked != true');
SELECT leadscore.add_events('manual', 'visits', 'lead_id', 'at');
INSERT INTO leadscore.dimension (model, path, weight, max_value) VALUES ('manual', 'fit', 1, 50), ('manual', 'web', 2, NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points) VALUES
    ('manual', 'from France', 'fit', NULL, '$.country == "FR"', 10),
    ('manual', 'visit', 'web', 'visits', NULL, 5);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES
    ('manual', 'cold', 1, '{}'), ('manual', 'warm', 2, '{"score": 30}'), ('manual', 'hot', 3, '{"score": 60}');
INSERT INTO leads VALUES (1, 'FR', false), (2, 'BE', NULL), (3, 'BE', true);
INSERT INTO visits VALUES (1, '2024-01-01'), (2, '2024-01-01');
\d manual.adjustment
SELECT a.attname FROM pg_attribute AS a
WHERE a.attrelid = 'manual.adjustment'::regclass AND a.attnum > 0 AND col_description(a.attrelid, a.attnum) IS NULL;

-- What is not published knows neither dimensions nor tiers. What lies in the table counts from the publishing on.
SELECT leadscore.adjust('manual', 1, 'fit', 5, 'early');
INSERT INTO manual.adjustment (lead, at, reason, dimension, points) VALUES (2, '2024-02-01', 'by hand', 'web', 1);
SELECT leadscore.publish('manual');
SELECT id, score, fit, web, tier FROM manual.scores ORDER BY id;

-- Points, below and above the bounds of their dimension, at once and with a record of the tier
SELECT leadscore.adjust('manual', 1, 'fit', 25, 'met at the fair');
SELECT leadscore.adjust('manual', '2', 'score', -3.5, 'asked to wait');
SELECT leadscore.adjust('manual', 3, 'fit', 1, 'is not eligible, but may be one day');
SELECT id, score, fit, web, tier FROM manual.scores ORDER BY id;
SELECT leadscore.adjust('manual', 1::smallint, 'fit', 100, 'more than there is room for');
SELECT id, score, fit, web, tier FROM manual.scores ORDER BY id;
SELECT lead, from_tier, to_tier, score, cause FROM manual.tier_changes ORDER BY recorded_at;
SELECT id, lead, made_by = session_user AS by_me, at > now() - interval '1 hour' AS lately, reason, dimension, points, decay, until
FROM manual.adjustment ORDER BY id;
SELECT path, regexp_replace(rule, session_user, 'ME') AS rule, awards, points, share, best FROM leadscore.explain('manual', 1);
SELECT path, regexp_replace(rule, session_user, 'ME') AS rule, awards, points, best FROM leadscore.explain('manual', 2);
SELECT leadscore.score('manual', 1), leadscore.score('manual', 1, '2024-01-15') AS before_it;
SELECT leadscore.fit('manual', l) AS fit_is_of_the_row_alone FROM leads AS l WHERE id = 1;
SELECT * FROM leadscore.verify('manual');

-- Points that fade
SELECT leadscore.adjust('manual', 2, 'web', 8, 'fades', 'half_life', '10 days'),
       leadscore.adjust('manual', 2, 'web', 10, 'fades evenly', decay => 'linear', period => '10 days', rate => 0.5),
       leadscore.adjust('manual', 2, 'web', 4, 'falls', decay => 'step', period => '10 days', rate => 0.25),
       leadscore.adjust('manual', 2, 'web', 2, 'ends', decay => 'window', period => '10 days');
SELECT d.days, round(leadscore.score(s.state, 'web', a.at + d.days * interval '1 day')::numeric, 6) AS web
FROM manual.state AS s, (SELECT max(at) AS at FROM manual.adjustment) AS a, (VALUES (1), (5), (10), (15), (20), (100)) AS d(days)
WHERE s.lead = 2 ORDER BY 1;
SELECT * FROM leadscore.verify('manual');
SELECT * FROM leadscore.verify('manual', now() + interval '15 days');
SELECT leadscore.adjust('manual', 2, 'web', 1, 'x', 'step', '10 days');
SELECT leadscore.adjust('manual', 2, 'web', 1, 'x', 'linear');
SELECT leadscore.adjust('manual', 2, 'web', 1, 'x', 'liner', '10 days');
SELECT leadscore.adjust('manual', 2, 'web', 1, 'x', 'exponential', '10 days');
SELECT leadscore.adjust('manual', 2, 'web', 1, 'x', NULL);

-- Overrides: of the tier, and of the score, by which tiers go; the latest in force holds.
SELECT leadscore.override('manual', 1, 'cold', NULL, 'does not want to be called') AS one \gset
SELECT id, round(score::numeric, 3) AS score, tier FROM manual.scores ORDER BY id;
SELECT leadscore.override('manual', '1', 'warm', now() + interval '5 days', 'but let us try') AS two \gset
SELECT id, score, tier, next_change_at - now() < interval '5 days 1 minute' AS ends FROM manual.scores WHERE id = 1;
SELECT leadscore.override('manual', 2, score => 75, until => NULL, reason => 'an old friend') AS three \gset
SELECT leadscore.override('manual', '3', 99.5, 'infinity', 'not eligible all the same') AS four \gset
SELECT id, score, round(web::numeric, 3) AS web, tier FROM manual.scores ORDER BY id;
SELECT path, regexp_replace(rule, session_user, 'ME') AS rule, awards, round(points::numeric, 3) AS points
FROM leadscore.explain('manual', 2) WHERE path = 'score';
SELECT path, regexp_replace(rule, session_user, 'ME') AS rule, awards, last_at < now() AS is_past, points, share
FROM leadscore.explain('manual', 1) WHERE rule LIKE '(overridden%';
SELECT leadscore.tier(s.state, a.until - interval '1 microsecond') AS before, leadscore.tier(s.state, a.until) AS after
FROM manual.state AS s JOIN manual.adjustment AS a USING (lead) WHERE a.id = :two;
SELECT * FROM leadscore.verify('manual');
SELECT * FROM leadscore.verify('manual', now() + interval '5 days');

-- What is taken back counts no more, and is kept.
SELECT leadscore.revoke('manual', :two);
SELECT leadscore.revoke('manual', :one);
SELECT leadscore.revoke('manual', :three);
SELECT id, score, tier FROM manual.scores WHERE id = 1;
SELECT tier, revoked_at = now() AS now, revoked_by = session_user AS by_me FROM manual.adjustment WHERE revoked_at IS NOT NULL ORDER BY id;
BEGIN;
SELECT leadscore.adjust('manual', 1, 'fit', -1000, 'a slip of the keyboard') AS five \gset
SELECT score, fit FROM manual.scores WHERE id = 1;
SELECT leadscore.revoke('manual', :five);
SELECT score, fit FROM manual.scores WHERE id = 1;
COMMIT;
\set VERBOSITY terse
SELECT leadscore.revoke('manual', :one);
SELECT leadscore.revoke('manual', 4711);
SELECT leadscore.revoke('manual', NULL);
SELECT leadscore.revoke('nothing like it', 1);
\set VERBOSITY default
SELECT * FROM leadscore.verify('manual');

-- Errors
SELECT leadscore.adjust('manul', 1, 'fit', 1, 'x');
SELECT leadscore.adjust(NULL, 1, 'fit', 1, 'x');
SELECT leadscore.adjust('manual', 4, 'fit', 1, 'x');
SELECT leadscore.adjust('manual', NULL, 'fit', 1, 'x');
SELECT leadscore.adjust('manual', 'four', 'fit', 1, 'x');
SELECT leadscore.adjust('manual', 1, 'fitt', 1, 'x');
SELECT leadscore.adjust('manual', 1, 'nothing like it', 1, 'x');
SELECT leadscore.adjust('manual', 1, NULL, 1, 'x');
SELECT leadscore.adjust('manual', 1, 'fit', NULL, 'x');
SELECT leadscore.adjust('manual', 1, 'fit', 'NaN', 'x');
SELECT leadscore.adjust('manual', 1, 'fit', '-Infinity', 'x');
SELECT leadscore.adjust('manual', 1, 'fit', 1.1e12, 'x');
SELECT leadscore.adjust('manual', 1, 'fit', 1, NULL);
SELECT leadscore.adjust('manual', 1, 'fit', 1, E' \n');
\set VERBOSITY terse
SELECT leadscore.adjust('manual', 1, 'fit', 1, 'x', 'half_life', '-1 day');
SELECT leadscore.adjust('manual', 1, 'fit', 1, 'x', 'half_life', '1 day', 0.5);
SELECT leadscore.adjust('manual', 1, 'fit', 1, 'x', period => '1 day');
\set VERBOSITY default
SELECT leadscore.override('manual', 1, 'wram', NULL, 'x');
SELECT leadscore.override('manual', 1, 'nothing like it', NULL, 'x');
SELECT leadscore.override('manual', 1, NULL, NULL, 'x');
SELECT leadscore.override('manual', 1, NULL::float8, NULL, 'x');
SELECT leadscore.override('manual', 1, 'NaN'::float8, NULL, 'x');
SELECT leadscore.override('manual', 1, 'warm', now(), 'x');
SELECT leadscore.override('manual', 1, 'warm', '-infinity', 'x');
SELECT leadscore.override('manual', 9, 'warm', NULL, 'x');

-- Plain SQL on the table: any statement, of several leads
INSERT INTO manual.adjustment (lead, reason, dimension, points) VALUES (1, 'plain', 'fit', -5), (2, 'plain', 'fit', 7), (2, 'more', 'fit', 1);
SELECT id, fit FROM manual.scores ORDER BY id;
UPDATE manual.adjustment SET lead = 3 - lead WHERE reason = 'plain';
SELECT id, fit FROM manual.scores ORDER BY id;
UPDATE manual.adjustment SET points = points * 2 WHERE reason = 'plain';
DELETE FROM manual.adjustment WHERE reason = 'more';
SELECT id, fit FROM manual.scores ORDER BY id;
SELECT * FROM leadscore.verify('manual');
-- What the version does not have means nothing; what contradicts itself is refused.
INSERT INTO manual.adjustment (lead, reason, dimension, points) VALUES (1, 'gone', 'gone', 5);
INSERT INTO manual.adjustment (lead, reason, tier) VALUES (1, 'gone', 'gone');
SELECT id, score, tier FROM manual.scores WHERE id = 1;
\set VERBOSITY terse
INSERT INTO manual.adjustment (lead, reason) VALUES (1, 'x');
INSERT INTO manual.adjustment (lead, reason, tier, score) VALUES (1, 'x', 'warm', 5);
INSERT INTO manual.adjustment (lead, reason, points) VALUES (1, 'x', 5);
INSERT INTO manual.adjustment (lead, reason, dimension, tier) VALUES (1, 'x', 'fit', 'warm');
INSERT INTO manual.adjustment (lead, reason, tier, decay, period) VALUES (1, 'x', 'warm', 'window', '1 day');
INSERT INTO manual.adjustment (lead, reason, score) VALUES (1, 'x', 'NaN');
INSERT INTO manual.adjustment (lead, at, reason, score) VALUES (1, 'infinity', 'x', 1);
INSERT INTO manual.adjustment (lead, tier) VALUES (1, 'warm');
\set VERBOSITY default
SELECT * FROM leadscore.verify('manual');

-- A lead that does not exist yet has its adjustments when it comes; one that goes and comes back has them again.
INSERT INTO manual.adjustment (lead, reason, dimension, points) VALUES (5, 'expected', 'fit', 6);
SELECT lead, leadscore.is_scored(state), leadscore.is_empty(state) FROM manual.state WHERE lead = 5;
INSERT INTO leads VALUES (5, 'FR', false);
SELECT id, fit FROM manual.scores WHERE id = 5;
DELETE FROM leads WHERE id = 5;
SELECT * FROM leadscore.verify('manual');
INSERT INTO leads VALUES (5, 'BE', false);
SELECT id, fit FROM manual.scores WHERE id = 5;
-- Events, leads, refresh, rebuild and publish leave them as they are.
INSERT INTO visits VALUES (5, '2024-01-01'), (1, '2024-01-01');
DELETE FROM visits WHERE lead_id = 1;
UPDATE leads SET blocked = NULL WHERE id = 3;
SELECT leadscore.refresh('manual');
SELECT id, fit, web FROM manual.scores WHERE id IN (1, 3, 5) ORDER BY id;
SELECT leadscore.rebuild('manual');
SELECT leadscore.publish('manual');
SELECT id, fit, web FROM manual.scores WHERE id IN (1, 3, 5) ORDER BY id;
SELECT * FROM leadscore.verify('manual');
-- An adjustment that has ended leaves nothing.
INSERT INTO manual.adjustment (lead, reason, score, until) VALUES (6, 'short', 6, clock_timestamp() + interval '0.1 s');
SELECT pg_sleep(0.2);
SELECT * FROM leadscore.verify('manual');
TRUNCATE manual.adjustment;
SELECT id, score, tier FROM manual.scores ORDER BY id;
SELECT lead FROM manual.state WHERE lead = 6;
SELECT * FROM leadscore.verify('manual');

-- States: of the row alone, in which nothing but numbers goes
SELECT leadscore.adjustment_state('manual', 1, now(), NULL, 'fit', 'NaN', NULL, NULL, NULL, NULL, NULL);
SELECT leadscore.adjustment_state('manual', 1, now(), NULL, 'fit', 1, 'window', '-1 day', NULL, NULL, NULL);
SELECT leadscore.score(leadscore.adjustment_state('manual', 1, now(), NULL, 'web', 3, 'none', NULL, NULL, NULL, NULL), now());

-- The table goes only with its model.
DROP TABLE manual.adjustment;
SELECT leadscore.drop_model('manual');
SELECT to_regclass('manual.adjustment'), to_regnamespace('manual');

-- Keys of other types
CREATE TABLE people (mail text COLLATE "C" PRIMARY KEY);
CREATE DOMAIN number AS uuid;
CREATE TABLE numbered (id number PRIMARY KEY);
INSERT INTO people VALUES ('a@x.fr'), ('b@x.fr');
INSERT INTO numbered VALUES ('00000000-0000-0000-0000-00000000000a');
SELECT leadscore.create_model('The "People"', 'people'), leadscore.create_model('numbered', 'numbered');
INSERT INTO leadscore.rule (model, name, points) VALUES ('The "People"', 'one', 1), ('numbered', 'one', 1);
INSERT INTO leadscore.tier (model, name, position) VALUES ('The "People"', 'it''s "all"', 1);
SELECT leadscore.publish('The "People"'), leadscore.publish('numbered');
SELECT leadscore.adjust('The "People"', 'b@x.fr', 'score', 2, 'it''s "fine"'),
       leadscore.adjust('The "People"', 'a@x.fr'::varchar, 'score', 3, 'x'),
       leadscore.override('The "People"', 'a@x.fr', 'it''s "all"', NULL, 'x'),
       leadscore.adjust('numbered', '00000000-0000-0000-0000-00000000000a'::uuid, 'score', 2, 'x'),
       leadscore.adjust('numbered', '00000000-0000-0000-0000-00000000000A', 'score', 2, 'x');
SELECT mail, score, tier FROM "The ""People""".scores ORDER BY 1;
SELECT id, score FROM numbered.scores;
SELECT leadscore.adjust('The "People"', 'c@x.fr', 'score', 2, 'x');
SELECT leadscore.revoke('The "People"', 1);
SELECT mail, score FROM "The ""People""".scores ORDER BY 1;
SELECT * FROM leadscore.verify('The "People"');
SELECT * FROM leadscore.verify('numbered');
SELECT leadscore.drop_model('The "People"'), leadscore.drop_model('numbered');

\set VERBOSITY terse
DROP SCHEMA hand CASCADE;
