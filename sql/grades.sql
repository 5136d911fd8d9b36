-- What a state tells of one dimension: its grade, and the child that won; and what a lead's time of creation does.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'America/Lima';
CREATE SCHEMA graded;
SET search_path = graded, public;

CREATE TABLE leads (id bigint PRIMARY KEY, title text, country text, blocked boolean, made date, born timestamp);
CREATE TABLE visits (lead_id bigint, at timestamptz, page text);
SELECT leadscore.create_model('rank', 'leads', created_at => 'made', eligible => '$.blocked != true');
SELECT leadscore.add_events('rank', 'visits', 'lead_id', 'at', 'page');
INSERT INTO leadscore.dimension (model, path, combine, position) VALUES
    ('rank', 'persona', 'max', 1), ('rank', 'persona.buyer', 'sum', 1), ('rank', 'persona.user', 'sum', 2),
    ('rank', 'stage', 'first', 2), ('rank', 'quiet', 'sum', 3);
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES
    ('rank', 'persona', 'B', 10), ('rank', 'persona', 'A', 30), ('rank', 'score', 'low', -1000), ('rank', 'score', 'high', 50);
INSERT INTO leadscore.rule (model, name, dimension, position, event, condition, points) VALUES
    ('rank', 'is chief', 'persona.buyer', 1, NULL, '$.title like_regex "chief"', 30),
    ('rank', 'is near', 'persona.user', 1, NULL, '$.country == "FR"', 10),
    ('rank', 'unknown', 'persona', 9, NULL, '$.title == 1', 5),
    ('rank', 'bought', 'stage', 1, 'checkout', NULL, 20),
    ('rank', 'looked', 'stage', 2, 'pricing', NULL, 5);
INSERT INTO leadscore.rule (model, name, dimension, event, points, silent_for, repeats, min_points) VALUES
    ('rank', 'silence', 'quiet', '*', -1, '10 days', true, -50);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('rank', 'any', 1, '{}'), ('rank', 'awake', 2, '{"quiet": 0}');
SELECT leadscore.publish('rank');
INSERT INTO leads VALUES
    (1, 'chief of all', 'FR', false, '2024-01-01', NULL), (2, 'clerk', 'FR', false, '2024-01-01', NULL),
    (3, 'clerk', 'BE', false, NULL, NULL), (4, 'chief', 'FR', true, '2024-01-01', NULL), (5, 'clerk', 'BE', false, 'infinity', NULL),
    (6, 'clerk', 'BE', false, '5874897-12-31', NULL);
INSERT INTO visits VALUES (1, '2024-02-01', 'pricing'), (2, '2024-02-01', 'pricing'), (2, '2024-02-01', 'checkout');

-- Dates are midnights of UTC, and so is the start of a silence; without one, or with one that is none, there is no silence.
SELECT lead, leadscore.score(state, 'quiet', '2030-01-01 00:00 UTC') AS far, leadscore.is_scored(state) AS is_scored
FROM rank.state ORDER BY lead;
CREATE VIEW at AS
SELECT s.lead, t.at, leadscore.score(s.state, 'quiet', t.at) AS quiet
FROM (SELECT l.id AS lead, leadscore.lead_state('rank', l) AS state FROM leads AS l) AS s
CROSS JOIN (VALUES (timestamptz '2024-01-10 23:59:59.999999 UTC'), ('2024-01-11 00:00 UTC'), ('2024-01-21 00:00 UTC')) AS t(at);
SELECT lead, at AT TIME ZONE 'UTC' AS at, quiet FROM at WHERE lead IN (1, 3, 5, 6) ORDER BY 1, 2;
SELECT leadscore.fit('rank', l) AS fit_without_silence FROM leads AS l WHERE id = 1;

-- Grades
SELECT lead, leadscore.score(state, 'persona') AS persona, leadscore.grade(state, 'persona') AS grade,
       leadscore.grade(state, 'persona', '2100-01-01') AS later, leadscore.grade(state, 'score') AS of_all,
       leadscore.grade(state, 'quiet') AS none
FROM rank.state ORDER BY lead;

-- The best child: a rule by its name, a dimension by the last part of its path
SELECT lead, leadscore.best(state, 'persona') AS persona, leadscore.best(state, 'stage') AS stage,
       leadscore.best(state, 'stage', '2100-01-01') AS later
FROM rank.state ORDER BY lead;
SELECT path, rule, points, best FROM leadscore.explain('rank', 1, '2100-01-01') WHERE best IS NOT NULL;
SELECT leadscore.best(leadscore.event_state('rank', v, '2024-03-01'), 'stage', '2024-03-01') FROM visits AS v;

-- Errors
SELECT leadscore.grade(state, 'person') FROM rank.state WHERE lead = 1;
SELECT leadscore.best(state, 'nothing like it') FROM rank.state WHERE lead = 1;
SELECT leadscore.best(state, 'quiet') FROM rank.state WHERE lead = 1;
SELECT leadscore.grade(state, 'persona', '2000-01-01') FROM rank.state WHERE lead = 1;
SELECT leadscore.best(state, 'persona', '2000-01-01') FROM rank.state WHERE lead = 1;
SELECT leadscore.grade(state, '2100-01-01') FROM rank.state WHERE lead = 1;

-- A lead's time of creation alone changes: its state follows.
UPDATE leads SET made = CURRENT_DATE + 1 WHERE id = 3;
SELECT leadscore.score(state, 'quiet') AS quiet, leadscore.score(state, 'quiet', now() + interval '13 days') AS later
FROM rank.state WHERE lead = 3;
UPDATE leads SET made = NULL WHERE id = 3;
SELECT leadscore.score(state, 'quiet', now() + interval '13 days') AS quiet FROM rank.state WHERE lead = 3;
UPDATE leads SET made = '2024-01-01' WHERE id = 3;
SELECT leadscore.score(state, 'quiet') AS quiet, leadscore.tier(state) FROM rank.state WHERE lead = 3;
SELECT lead, from_tier, to_tier, cause FROM rank.tier_changes WHERE lead = 3 ORDER BY recorded_at;
SELECT * FROM leadscore.verify('rank');

-- A timestamp is read as UTC.
UPDATE leadscore.model SET created_at = 'born' WHERE name = 'rank';
SELECT leadscore.publish('rank');
UPDATE leads SET born = '2024-01-01 12:00';
SELECT s.at AT TIME ZONE 'UTC' AS at, leadscore.score(leadscore.lead_state('rank', l), 'quiet', s.at) AS quiet
FROM leads AS l CROSS JOIN (VALUES (timestamptz '2024-01-11 11:59:59 UTC'), ('2024-01-11 12:00 UTC')) AS s(at)
WHERE id = 3 ORDER BY 1;
-- Rows of a query have the time of creation if they have the column.
SELECT leadscore.score(leadscore.lead_state('rank', l), 'quiet', '2024-02-01') AS quiet FROM (SELECT 1 AS id, false AS blocked) AS l;
SELECT leadscore.score(leadscore.lead_state('rank', l), 'quiet', '2024-02-01') AS quiet FROM (SELECT 1 AS id, false AS blocked, 'x' AS born) AS l;
SELECT leadscore.score(leadscore.lead_state('rank', l), 'quiet', '2024-02-01') AS quiet
FROM (SELECT 1 AS id, false AS blocked, timestamptz '2024-01-01 UTC' AS born) AS l;
SELECT * FROM leadscore.verify('rank');

\set VERBOSITY terse
SELECT leadscore.drop_model('rank');
DROP SCHEMA graded CASCADE;
