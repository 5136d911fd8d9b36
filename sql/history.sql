-- The course of scores: scores_at, score_series, trend, trends, percentile, state_at.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET extra_float_digits = 0;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE SCHEMA past;
SET search_path = past, public;

CREATE TABLE leads ("Key" varchar(5) PRIMARY KEY, country text, blocked boolean);
CREATE TABLE visits (lead varchar(5), at timestamptz);
SELECT leadscore.create_model('Past "A"', 'leads', eligible => '$.blocked != true');
SELECT leadscore.add_events('Past "A"', 'visits', 'lead', 'at');
INSERT INTO leadscore.dimension (model, path) VALUES ('Past "A"', 'fit'), ('Past "A"', 'web');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, decay, period) VALUES
    ('Past "A"', 'from France', 'fit', NULL, '$.country == "FR"', 10, 'none', NULL),
    ('Past "A"', 'visit', 'web', 'visits', NULL, 8, 'half_life', '10 days'),
    ('Past "A"', 'recent visit', 'web', 'visits', NULL, 3, 'window', '2 days');
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES
    ('Past "A"', 'cold', 1, '{}'), ('Past "A"', 'warm', 2, '{"score": 12}'), ('Past "A"', 'hot', 3, '{"score": 20}');
SELECT * FROM leadscore.scores_at('Past "A"', now());
SELECT leadscore.publish('Past "A"');
INSERT INTO leads VALUES ('a', 'FR', NULL), ('b', 'BE', false), ('c', 'FR', true), ('d', 'BE', NULL);
INSERT INTO visits VALUES
    ('a', '2024-03-01 00:00'), ('a', '2024-03-11 00:00'), ('b', '2024-03-05 12:00'), ('c', '2024-03-05 12:00'), ('x', '2024-03-05 12:00');

-- All leads that exist and are eligible, before, at and after their events, and when they have yet to come.
SELECT t AS at, s.* FROM unnest(ARRAY[timestamptz '2024-02-28', '2024-03-01', '2024-03-05 12:00', '2024-03-21', '2999-01-01']) AS t,
    leadscore.scores_at('Past "A"', t) AS s
WHERE s.lead <> 'd' ORDER BY t, s.lead;
SELECT * FROM leadscore.scores_at('Past "A"', '2024-03-21') WHERE lead = 'd';
SELECT leadscore.scores_at('Past "A"', NULL);

-- One lead: each point is its score then.
SELECT s.*, abs(s.score - leadscore.score('Past "A"', 'a', s.at)) < 1e-9 AS is_score
FROM leadscore.score_series('Past "A"', 'a', '2024-02-27', '2024-03-12', '24:00') AS s;
-- Of a lead that does not exist, is not eligible or null there is none.
SELECT * FROM leadscore.score_series('Past "A"', 'x', '2024-02-27', '2024-03-12');
SELECT * FROM leadscore.score_series('Past "A"', 'c', '2024-02-27', '2024-03-12');
SELECT * FROM leadscore.score_series('Past "A"', NULL::varchar, '2024-02-27', '2024-03-12');
-- A key that is too long is not cut.
SELECT * FROM leadscore.score_series('Past "A"', 'a     x', '2024-02-27', '2024-03-12');
-- The last instant need not be hit, a series may have one point, and lie in the future.
SELECT at, round(score) AS score FROM leadscore.score_series('Past "A"', 'a', '2024-03-10 01:02:03', '2024-03-13', '36 hours');
SELECT at, round(score) AS score FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', '2024-03-10');
SELECT at, score FROM leadscore.score_series('Past "A"', 'a', '2999-01-01', '2999-03-01', '1 month');
-- Its points are those of generate_series: days and months of the session's time zone.
SET timezone = 'Europe/Paris';
SELECT at, round(score) AS score FROM leadscore.score_series('Past "A"', 'a', '2024-03-30', '2024-04-02', '1 day');
SELECT at FROM leadscore.score_series('Past "A"', 'a', '2024-03-30', '2024-04-02', '24 hours');
SET timezone = 'UTC';
SELECT count(*) FROM leadscore.score_series('Past "A"', 'a', now() - interval '364 days');

SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', '2024-03-13', '0');
SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', '2024-03-13', '-1 day');
SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', '2024-03-13', '1 month -30 days');
SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', '2024-03-13', NULL);
SELECT * FROM leadscore.score_series('Past "A"', 'a', NULL, '2024-03-13');
SELECT * FROM leadscore.score_series('Past "A"', 'x', '2024-03-10', '2024-03-13', NULL);
SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', NULL);
SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-13', '2024-03-10');
SELECT * FROM leadscore.score_series('Past "A"', 'a', '-infinity', '2024-03-10');
SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', 'infinity');
SELECT * FROM leadscore.score_series('Past "A"', 'a', '2024-03-10', '2024-03-11', '1 second') LIMIT 1;
SELECT count(*) FROM leadscore.score_series('Past "A"', 'a', '2024-03-10 00:00:01', '2024-03-11 03:46:40', '1 second');
SELECT count(*) FROM leadscore.score_series('Past "A"', 'a', '2024-03-10 00:00:00', '2024-03-11 03:46:40', '1 second');
SELECT count(*) FROM leadscore.score_series('Past "A"', 'a', '4000-01-01 BC', '290000-01-01', '1 microsecond');
SELECT count(*) FROM leadscore.score_series('Past "A"', 'a', '2024-02-01', '2024-04-01', '1 month -29 days');
SELECT * FROM leadscore.score_series('Passed', 'a', '2024-03-10', '2024-03-11');
SELECT * FROM leadscore.scores_at('Past "A"', 'infinity');
SELECT * FROM leadscore.scores_at('Passed', '2024-03-10');

-- A state of the past answers for all that follows: its breakdown, its tiers to come.
SELECT leadscore.horizon(s) AS horizon, leadscore.next_change(s) IS NULL AS is_settled,
       leadscore.next_change(s, '2024-03-01') AS next_change, leadscore.breakdown(s, '2024-03-02') AS breakdown
FROM leadscore.state_at('Past "A"', 'a', '2024-03-01') AS s;
SELECT leadscore.score(leadscore.state_at('Past "A"', 'a', '2024-03-01'), timestamptz '2024-02-28');
SELECT leadscore.state_at('Past "A"', 'a', 'infinity');
SELECT leadscore.state_at('Past "A"', 'x') IS NULL AS is_null, leadscore.horizon(leadscore.state_at('Past "A"', 'a')) = now() AS is_now;

-- Trends: now less then.
INSERT INTO visits VALUES ('b', now() - interval '30 days'), ('b', now() - interval '1 day'), ('d', now() - interval '10 days');
SELECT round(leadscore.trend('Past "A"', 'b')::numeric, 3) AS week, round(leadscore.trend('Past "A"', 'b', over => '60 days')::numeric, 3)
    AS two_months, abs(leadscore.trend('Past "A"', 'b') - (leadscore.score('Past "A"', 'b')
    - leadscore.score('Past "A"', 'b', now() - interval '7 days'))) < 1e-9 AS is_difference;
SELECT leadscore.trend('Past "A"', 'x'), leadscore.trend('Past "A"', 'c'), leadscore.trend('Past "A"', 'a', NULL);
SELECT lead, round(score::numeric, 3) AS score, round(trend::numeric, 3) AS trend FROM leadscore.trends('Past "A"') WHERE lead <> 'a'
ORDER BY trend DESC;
SELECT count(*) FROM leadscore.trends('Past "A"') AS t WHERE abs(t.trend - leadscore.trend('Past "A"', t.lead)) > 1e-9;
SELECT leadscore.trend('Past "A"', 'a', '0');
SELECT leadscore.trend('Past "A"', 'a', '-7 days');
SELECT leadscore.trend('Passed', 'a');
SELECT * FROM leadscore.trends('Past "A"', '-1 second');
SELECT * FROM leadscore.trends('Passed');

-- Percentiles: the share of the others who are lower; equals are not.
DELETE FROM visits;
INSERT INTO leads SELECT 'e' || n, CASE WHEN n <= 4 THEN 'FR' END FROM generate_series(1, 7) AS n;
SELECT s."Key", s.score, leadscore.percentile('Past "A"', s."Key") AS percentile,
       leadscore.percentile('Past "A"', s."Key") = 100 * percent_rank() OVER (ORDER BY s.score) AS is_percent_rank
FROM "Past ""A""".scores AS s ORDER BY s."Key";
SELECT leadscore.percentile('Past "A"', 'x'), leadscore.percentile('Past "A"', 'c'), leadscore.percentile('Past "A"', NULL::text),
       leadscore.percentile('Past "A"', 'a     x');
DELETE FROM leads WHERE "Key" <> 'a';
SELECT leadscore.percentile('Past "A"', 'a');
SELECT leadscore.percentile('Passed', 'a');

SELECT leadscore.drop_model('Past "A"');

-- Adjustments count from their own time on. A latched tier is kept by live scoring, but its memory has no part in what is recomputed.
-- Dimensions that combine in other ways are no different.
CREATE TABLE deals (id integer PRIMARY KEY, stage text);
CREATE TABLE calls (deal integer, at timestamptz);
SELECT leadscore.create_model('kept', 'deals');
SELECT leadscore.add_events('kept', 'calls', 'deal', 'at');
INSERT INTO leadscore.dimension (model, path, combine) VALUES ('kept', 'stage', 'max'), ('kept', 'phone', 'sum');
INSERT INTO leadscore.rule (model, name, dimension, condition, points) VALUES
    ('kept', 'asked', 'stage', '$.stage == "asked"', 10), ('kept', 'ordered', 'stage', '$.stage == "ordered"', 30);
INSERT INTO leadscore.rule (model, name, dimension, event, points, decay, period, max_awards, per) VALUES
    ('kept', 'called', 'phone', 'calls', 40, 'window', '10 days', 1, '1 day');
INSERT INTO leadscore.tier (model, name, position, minimums, latched) VALUES
    ('kept', 'open', 1, '{}', false), ('kept', 'known', 2, '{"score": 50}', true);
SELECT leadscore.publish('kept');
INSERT INTO deals VALUES (1, 'asked'), (2, 'ordered');
INSERT INTO calls VALUES (1, '2024-04-01 00:00'), (1, '2024-04-01 12:00'), (1, '2024-04-05 00:00');
INSERT INTO kept.adjustment (lead, at, reason, dimension, points) VALUES (2, '2024-04-03', 'met at the fair', 'phone', 25);
SELECT id, score, tier FROM kept.scores ORDER BY id;
SELECT * FROM leadscore.scores_at('kept', '2024-04-02') ORDER BY lead;
SELECT * FROM leadscore.scores_at('kept', '2024-04-12') ORDER BY lead;
SELECT * FROM leadscore.score_series('kept', 1, '2024-03-31', '2024-04-17', '2 days');
SELECT * FROM leadscore.score_series('kept', 2, '2024-04-01', '2024-04-05');
SELECT leadscore.rollup('kept', 'stages', account => 'stage', dimension => 'phone');
SELECT * FROM kept.stages ORDER BY stage;
UPDATE kept.adjustment SET revoked_at = '2024-04-04';
SELECT * FROM leadscore.score_series('kept', 2, '2024-04-01', '2024-04-05');
SELECT stage, score FROM kept.stages ORDER BY stage;
SELECT id, score, tier FROM kept.scores ORDER BY id;
SELECT leadscore.drop_model('kept');

-- Rules of every kind, resets, grants, adjustments and overrides: a series is what each of its points is alone.
CREATE TABLE people (id integer PRIMARY KEY, made timestamptz);
CREATE TABLE acts (person integer, at timestamptz, kind text);
SELECT leadscore.create_model('all_kinds', 'people', created_at => 'made');
SELECT leadscore.add_events('all_kinds', 'acts', 'person', 'at', 'kind');
INSERT INTO leadscore.dimension (model, path, combine) VALUES ('all_kinds', 'a', 'sum'), ('all_kinds', 'b', 'max'), ('all_kinds', 'c', 'first');
INSERT INTO leadscore.rule (model, name, dimension, event, points, max_awards, per) VALUES
    ('all_kinds', 'limited', 'a', 'x', 5, 2, '3 days'), ('all_kinds', 'thrice', 'b', 'y', 7, 3, NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, points, at_least, at_most, within) VALUES
    ('all_kinds', 'some', 'b', 'x', 11, 2, 4, '5 days'), ('all_kinds', 'none', 'c', 'z', 2, 0, 0, '2 days');
INSERT INTO leadscore.rule (model, name, dimension, event, points, silent_for, repeats, min_points) VALUES
    ('all_kinds', 'quiet', 'a', 'y', -1, '36 hours', true, -20), ('all_kinds', 'gone', 'c', '*', -3, '2 days', false, NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, points, decay, period, grace, resets, grants) VALUES
    ('all_kinds', 'fading', 'a', 'x', 9, 'half_life', '4 days', '0', 'b', NULL),
    ('all_kinds', 'at once', 'c', 'z', 4, 'linear', '6 days', '1 day', NULL, 'two');
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES
    ('all_kinds', 'one', 1, '{}'), ('all_kinds', 'two', 2, '{"score": 20}'), ('all_kinds', 'three', 3, '{"score": 45}');
SELECT leadscore.publish('all_kinds');
INSERT INTO people SELECT n, timestamptz '2024-01-01' + n * interval '5 hours' FROM generate_series(1, 10) AS n;
INSERT INTO acts SELECT 1 + n * 7 % 10, timestamptz '2024-01-01' + n * n * 37 % 3456000 * interval '1 second', (ARRAY['x', 'y', 'z'])[1 + n % 3]
FROM generate_series(1, 500) AS n;
INSERT INTO all_kinds.adjustment (lead, at, reason, dimension, points, decay, period)
SELECT n, timestamptz '2024-01-10' + n * interval '7 hours', 'met', 'a', 10, 'half_life', '3 days' FROM generate_series(1, 8) AS n;
INSERT INTO all_kinds.adjustment (lead, at, reason, score, tier, until) VALUES
    (2, '2024-01-15', 'guessed', 77, NULL, '2024-01-18'), (3, '2024-01-20', 'known', NULL, 'three', '2024-01-22');
SELECT count(*), count(DISTINCT round(s.score)) > 20 AS differ, count(DISTINCT s.tier) AS tiers,
       count(*) FILTER (WHERE abs(s.score - leadscore.score('all_kinds', p.id, s.at)) > 1e-9) AS wrong_scores,
       count(*) FILTER (WHERE s.tier <> leadscore.tier(leadscore.state_at('all_kinds', p.id, s.at), s.at)) AS wrong_tiers
FROM people AS p CROSS JOIN leadscore.score_series('all_kinds', p.id, '2023-12-30', '2024-03-01', '19 hours 13 minutes') AS s;
SELECT count(*), count(*) FILTER (WHERE abs(a.score - leadscore.score('all_kinds', a.lead, t.at)) > 1e-9) AS wrong_scores
FROM generate_series(timestamptz '2024-01-02', '2024-02-20', '71 hours') AS t(at) CROSS JOIN leadscore.scores_at('all_kinds', t.at) AS a;
SELECT leadscore.drop_model('all_kinds');
DROP SCHEMA past CASCADE;
