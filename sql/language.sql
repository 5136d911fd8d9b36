-- The scoring language by example: combining, grades, limits, frequency, silence, resets, tiers; all numbers by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA language_crm;
CREATE TABLE language_crm.leads (id int PRIMARY KEY, title text, country jsonb, size jsonb, customer boolean, created timestamptz);
CREATE TABLE language_crm.events (lead_id int, kind text, at timestamptz, n float8);
CREATE INDEX ON language_crm.events (lead_id, at);
SELECT leadscore.create_model('lang', leads => 'language_crm.leads', created_at => 'created');
SELECT leadscore.add_events('lang', 'language_crm.events', lead => 'lead_id', at => 'at', kind => 'kind', name => 'event');

-- The value of a dimension, its grade and its best part at any instant
CREATE FUNCTION language_crm.value(lead int, dimension text, at timestamptz DEFAULT '2024-01-01') RETURNS float8
    LANGUAGE sql RETURN leadscore.score(leadscore.state_at('lang', lead, at), dimension, at);
CREATE FUNCTION language_crm.grade(lead int, dimension text, at timestamptz DEFAULT '2024-01-01') RETURNS text
    LANGUAGE sql RETURN leadscore.grade(leadscore.state_at('lang', lead, at), dimension, at);
CREATE FUNCTION language_crm.best(lead int, dimension text, at timestamptz DEFAULT '2024-01-01') RETURNS text
    LANGUAGE sql RETURN leadscore.best(leadscore.state_at('lang', lead, at), dimension, at);

-- max: the persona that fits best, sub-dimensions with weights beside a rule
INSERT INTO leadscore.dimension (model, path, combine, weight) VALUES
    ('lang', 'persona', 'max', 1), ('lang', 'persona.technical', 'sum', 1), ('lang', 'persona.buyer', 'sum', 2);
INSERT INTO leadscore.rule (model, name, dimension, condition, points, else_points) VALUES
    ('lang', 'is CTO',    'persona.technical', '$.title == "CTO"',        10, 0),
    ('lang', 'is large',  'persona.technical', '$.size >= 100',            5, 0),
    ('lang', 'is buyer',  'persona.buyer',     '$.title == "Buyer"',       4, -1),
    ('lang', 'no title',  'persona',           '$.title == null',          3, 0);

-- first: the stage of the buyer's journey, the furthest first
INSERT INTO leadscore.dimension (model, path, combine) VALUES ('lang', 'stage', 'first');
INSERT INTO leadscore.rule (model, name, dimension, position, event, condition, points, else_points, decay, period) VALUES
    ('lang', 'bought',      'stage', 1, 'demo',    NULL,                30, 0, 'none',   NULL),
    ('lang', 'interested',  'stage', 2, 'pricing', NULL,                20, 0, 'window', '10 days'),
    ('lang', 'in target',   'stage', 3, NULL,      '$.country == "FR"', 10, 1, 'none',   NULL);

-- share: three criteria of 5 points at most each; of the third the weight makes them 5
INSERT INTO leadscore.dimension (model, path, combine, weight, max_value) VALUES
    ('lang', 'criteria', 'share', 1, NULL), ('lang', 'criteria.active', 'sum', 0.5, 10);
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, else_points) VALUES
    ('lang', 'large enough', 'criteria',        NULL,    '$.size >= 100',     5, -5),
    ('lang', 'French',       'criteria',        NULL,    '$.country == "FR"', 5, 0),
    ('lang', 'visited',      'criteria.active', 'visit', NULL,                4, 0);
-- a rule that only resets is no part of the share, whatever its multiplier could give
INSERT INTO leadscore.rule (model, name, dimension, event, multiplier, resets) VALUES
    ('lang', 'withdrawn', 'criteria', 'withdraw', '$.n', 'criteria');

-- Grades: a ladder that starts at D, up and down by match and mismatch, with a floor and a ceiling; what is unknown moves nothing
INSERT INTO leadscore.dimension (model, path, base, min_value, max_value) VALUES ('lang', 'ladder', 3, 0, 8);
INSERT INTO leadscore.rule (model, name, dimension, condition, points, else_points) VALUES
    ('lang', 'right country', 'ladder', '$.country == "FR"', 3, -1),
    ('lang', 'right size',    'ladder', '$.size >= 100',     3, -3);
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES
    ('lang', 'ladder', 'F', 0), ('lang', 'ladder', 'D', 3), ('lang', 'ladder', 'C', 6), ('lang', 'ladder', 'B', 8), ('lang', 'ladder', 'A', 9),
    ('lang', 'persona', 'clear', 10);
SELECT leadscore.publish('lang');

INSERT INTO language_crm.leads (id, title, country, size) VALUES
    (1, 'CTO',     '"FR"', '100'),
    (2, 'Buyer',   '"DE"', '50'),
    (3, NULL,      '5',    '"many"'),   -- neither country nor size can be compared
    (4, 'Student', NULL,   '5');
INSERT INTO language_crm.events (lead_id, kind, at) VALUES
    (1, 'pricing', '2024-01-02'), (1, 'demo', '2024-01-20'),
    (1, 'visit', '2024-01-03'), (1, 'visit', '2024-01-04'), (1, 'visit', '2024-01-05');

-- 1: technical 10 + 5, buyer 2 * -1. 2: technical 0, buyer 2 * 4. 3: no title 3, technical 0, buyer -2. 4: nothing above 0, and what
-- has 0 does not win.
-- 1 and 2: in target, true or false; 3 and the null of 4: unknown and false.
-- 1: (5 + 5) / 15. 2: -5 / 15. 3: nothing. 4: -5 / 15.
-- 1: 3 + 3 + 3, held at 8. 2: 3 - 1 - 3, held at 0. 3: 3. 4: 3 - 1 - 3.
SELECT id, v.dimension, language_crm.value(id, v.dimension) AS value, language_crm.grade(id, v.dimension) AS grade,
       CASE WHEN v.dimension IN ('persona', 'stage') THEN language_crm.best(id, v.dimension) END AS best
FROM language_crm.leads CROSS JOIN (VALUES ('persona'), ('stage'), ('criteria'), ('ladder')) AS v(dimension)
ORDER BY array_position('{persona,stage,criteria,ladder}', v.dimension), id;

-- interested from day 2 until 10 days later, in target again, bought from day 20 on
SELECT d AS day, language_crm.value(1, 'stage', '2023-12-31'::date + d) AS value,
       language_crm.best(1, 'stage', '2023-12-31'::date + d) AS best
FROM unnest(ARRAY[1, 2, 11, 12, 19, 20, 99]) AS d;
-- Visits make 4, 8, 12 held at 10; half of that: (10 + 2) / 15, (10 + 4) / 15, (10 + 5) / 15
SELECT d AS day, language_crm.value(1, 'criteria', '2023-12-31'::date + d) AS value FROM unnest(ARRAY[2, 3, 4, 5, 6]) AS d;

-- What the view shows, and the explanation: who does not win gives nothing, the parts of a share are of 100.
SELECT * FROM lang.scores WHERE false;
SELECT id, persona_grade, persona_best, stage_best, ladder_grade FROM lang.scores ORDER BY id;
SELECT path, rule, awards, points, best FROM leadscore.explain('lang', 1, '2024-01-04');

-- The same as the first of them that applies. 1: persona, 15, held at 12. 4: its persona is 0, so criteria.
UPDATE leadscore.dimension SET position = CASE path WHEN 'persona' THEN 1 WHEN 'criteria' THEN 2 ELSE 3 END WHERE model = 'lang';
INSERT INTO leadscore.dimension (model, path, combine, max_value) VALUES ('lang', 'score', 'first', 12);
SELECT leadscore.publish('lang');
SELECT id, score, score_best FROM lang.scores ORDER BY id;
SELECT path, rule, points, best FROM leadscore.explain('lang', 1, '2024-01-04');
SELECT * FROM leadscore.verify('lang');
SELECT leadscore.drop_model('lang');

-- Limits, frequency, silence, resets
SELECT leadscore.create_model('lang', leads => 'language_crm.leads', created_at => 'created');
SELECT leadscore.add_events('lang', 'language_crm.events', lead => 'lead_id', at => 'at', kind => 'kind', name => 'event');
INSERT INTO leadscore.dimension (model, path, base) VALUES
    ('lang', 'twice a day', 0), ('lang', 'once', 0), ('lang', 'fading', 0), ('lang', 'busy', 0), ('lang', 'never', 0), ('lang', 'some', 0),
    ('lang', 'silent', 0), ('lang', 'quiet', 0), ('lang', 'nurture', 1), ('lang', 'nurture.mail', 2), ('lang', 'deals', 0),
    ('lang', 'gift', 0);
INSERT INTO leadscore.rule (model, name, dimension, event, points, multiplier, max_awards, per, decay, period) VALUES
    ('lang', 'twice a day', 'twice a day', 'buy', 1,  '$.n', 2, '1 day', 'none',   NULL),
    ('lang', 'once',        'once',        'buy', 1,  '$.n', 1, NULL,    'none',   NULL),
    ('lang', 'fading',      'fading',      'buy', 10, NULL,  2, NULL,    'linear', '10 days');
INSERT INTO leadscore.rule (model, name, dimension, event, points, at_least, at_most, within) VALUES
    ('lang', 'busy',  'busy',  'visit', 10, 3,    NULL, '7 days'),
    ('lang', 'never', 'never', 'visit', -5, NULL, 0,    NULL),
    ('lang', 'some',  'some',  'visit', 7,  1,    2,    '2 days');
INSERT INTO leadscore.rule (model, name, dimension, event, points, silent_for, repeats, min_points) VALUES
    ('lang', 'silent', 'silent', 'reply', -10, '10 days', true,  -25),
    ('lang', 'quiet',  'quiet',  'reply', -7,  '10 days', false, NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, points, max_awards, resets) VALUES
    ('lang', 'click',      'nurture',      'click', 5,  NULL, NULL),
    ('lang', 'open',       'nurture.mail', 'click', 3,  NULL, NULL),
    ('lang', 'closed',     'deals',        'close', 50, NULL, 'nurture'),
    ('lang', 'first gift', 'gift',         'click', 9,  1,    NULL),
    ('lang', 'taken back', 'gift',         'close', 0,  NULL, 'gift');
SELECT leadscore.publish('lang');

-- Of 5, 7, 9 on the first day two count; 24 hours after the first there is place again, for 1: 5 + 7 + 1. Events of 0 take no place.
INSERT INTO language_crm.events (lead_id, kind, at, n) VALUES
    (2, 'buy', '2024-01-01 00:00', 5), (2, 'buy', '2024-01-01 12:00', 7), (2, 'buy', '2024-01-01 18:00', 9), (2, 'buy', '2024-01-02 00:00', 1),
    (2, 'buy', '2023-12-31 23:00', 0);
SELECT language_crm.value(2, 'twice a day', '2024-01-01 11:59') AS morning, language_crm.value(2, 'twice a day', '2024-01-01 23:59') AS evening,
       language_crm.value(2, 'twice a day', '2024-01-02') AS next_day, language_crm.value(2, 'once', '2024-01-02') AS once;
-- A late one, of 100 at 6 o'clock, takes the place of 7: 5 + 100 + 1. Another at midnight, which is worth more, is the first: 20 + 5, and
-- at the next midnight, 24 hours later, there is place for 1.
INSERT INTO language_crm.events (lead_id, kind, at, n) VALUES (2, 'buy', '2024-01-01 06:00', 100);
SELECT language_crm.value(2, 'twice a day', '2024-01-02') AS twice_a_day, language_crm.value(2, 'once', '2024-01-02') AS once;
INSERT INTO language_crm.events (lead_id, kind, at, n) VALUES (2, 'buy', '2024-01-01 00:00', 20);
SELECT language_crm.value(2, 'twice a day', '2024-01-02') AS twice_a_day, language_crm.value(2, 'once', '2024-01-02') AS once;
SELECT path, awards, last_at, points FROM leadscore.explain('lang', 2, '2024-01-02') WHERE rule IN ('twice a day', 'once');
-- What it took goes back when it goes.
DELETE FROM language_crm.events WHERE lead_id = 2 AND n IN (20, 100);
SELECT language_crm.value(2, 'twice a day', '2024-01-02') AS twice_a_day, language_crm.value(2, 'once', '2024-01-02') AS once;
-- Here each event is worth 10, whatever its number. The first two, of 23:00 and midnight, count, and fade in 10 days:
-- 10 * (1 - 25 h / 240 h) + 10 * (1 - 24 h / 240 h)
SELECT language_crm.value(2, 'fading', '2024-01-02') AS fading;

-- Visits on days 1, 3 and 7: three in the 7 days up to then, until the first is 7 days ago.
-- Without a visit ever: -5. One or two in 2 days: until 2 days after the last.
INSERT INTO language_crm.events (lead_id, kind, at) VALUES
    (3, 'visit', '2024-01-01 08:00'), (3, 'visit', '2024-01-03'), (3, 'visit', '2024-01-07');
SELECT at, language_crm.value(3, 'busy', at) AS busy, language_crm.value(3, 'never', at) AS never, language_crm.value(3, 'some', at) AS some
FROM unnest(ARRAY['2024-01-01', '2024-01-01 08:00', '2024-01-03', '2024-01-05', '2024-01-07', '2024-01-08 07:59:59.999999',
                  '2024-01-08 08:00', '2024-01-09']::timestamptz[]) AS at;

-- Created on day 1, a reply on day 25: -10 for each 10 days of silence, but not below -25; and -7 once. Without a time of creation only
-- a reply can begin a silence.
UPDATE language_crm.leads SET created = '2024-01-01' WHERE id = 1;
INSERT INTO language_crm.events (lead_id, kind, at) VALUES (1, 'reply', '2024-01-25'), (4, 'reply', '2024-01-25');
SELECT at::date, language_crm.value(1, 'silent', at) AS silent, language_crm.value(1, 'quiet', at) AS quiet,
       language_crm.value(4, 'silent', at) AS not_created
FROM unnest(ARRAY['2023-12-01', '2024-01-10', '2024-01-11', '2024-01-21', '2024-01-24', '2024-01-25', '2024-02-04', '2024-02-14',
                  '2024-03-31']::timestamptz[]) AS at;

-- Clicks on days 1, 3 and 5, worth 5 and 3, above 1 and 2; a deal on day 3 empties what came before; the click at the same instant
-- counts. The place of the first gift is not given again.
INSERT INTO language_crm.events (lead_id, kind, at) VALUES
    (4, 'click', '2024-01-01'), (4, 'click', '2024-01-03'), (4, 'click', '2024-01-05'), (4, 'close', '2024-01-03');
SELECT at::date, language_crm.value(4, 'nurture', at) AS nurture, language_crm.value(4, 'nurture.mail', at) AS mail,
       language_crm.value(4, 'deals', at) AS deals, language_crm.value(4, 'gift', at) AS gift
FROM unnest(ARRAY['2023-12-31', '2024-01-01', '2024-01-02', '2024-01-03', '2024-01-05']::timestamptz[]) AS at;
SELECT path, rule, awards, points FROM leadscore.explain('lang', 4, '2024-01-05') WHERE path <> 'score' AND points <> 0;
SELECT * FROM leadscore.verify('lang');
SELECT leadscore.drop_model('lang');
TRUNCATE language_crm.events;

-- Tiers: a matrix of two dimensions, segments, a grant, a latch
SELECT leadscore.create_model('lang', leads => 'language_crm.leads', eligible => '$.title != "Spam"');
SELECT leadscore.add_events('lang', 'language_crm.events', lead => 'lead_id', at => 'at', kind => 'kind', name => 'event');
INSERT INTO leadscore.dimension (model, path) VALUES ('lang', 'fit'), ('lang', 'interest');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, multiplier, decay, period, grants) VALUES
    ('lang', 'large',       'fit',      NULL,   '$.size >= 100', 10, NULL,  'none',   NULL,      NULL),
    ('lang', 'visit',       'interest', 'visit', NULL,            1, '$.n', 'none',   NULL,      NULL),
    ('lang', 'raised hand', 'interest', 'hand',  NULL,            0, NULL,  'window', '14 days', 'ready');
INSERT INTO leadscore.tier (model, name, position, minimums, applies_to, latched) VALUES
    ('lang', 'cold',           1, '{}',                           NULL,                 false),
    ('lang', 'A2',             2, '{"fit": 10, "interest": 5}',   NULL,                 false),
    ('lang', 'won',            3, '{"interest": 50}',             '$.customer != true', true),
    ('lang', 'ready',          4, '{"score": 100}',               '$.customer != true', false),
    ('lang', 'ready customer', 5, '{"score": 200}',               '$.customer == true', false);
SELECT leadscore.publish('lang');
UPDATE language_crm.leads SET size = '10', title = 'x', customer = id = 4;
UPDATE language_crm.leads SET size = '100' WHERE id = 1;
SELECT id, score, tier FROM lang.scores ORDER BY id;
-- 1: 10 and 5 are A2. 2: 5 alone is not. 3: 100 is ready, 4, a customer: cold up to 200.
INSERT INTO language_crm.events (lead_id, kind, at, n) VALUES
    (1, 'visit', '2024-01-01', 5), (2, 'visit', '2024-01-01', 5), (3, 'visit', '2024-01-01', 100), (4, 'visit', '2024-01-01', 199);
SELECT id, score, tier FROM lang.scores ORDER BY id;
INSERT INTO language_crm.events (lead_id, kind, at, n) VALUES (4, 'visit', '2024-01-01', 1);
-- Who raised a hand is ready at once, for 14 days, 13 of which are over; 4 is no one whom ready is for.
INSERT INTO language_crm.events (lead_id, kind, at) SELECT id, 'hand', now() - interval '13 days' FROM language_crm.leads WHERE id IN (2, 4);
SELECT id, score, tier, round(extract(epoch FROM next_change_at - now()) / 86400) AS days_left FROM lang.scores ORDER BY id;
SELECT days, leadscore.tier(leadscore.state_at('lang', 2, now() + days * interval '1 day'), now() + days * interval '1 day')
FROM unnest(ARRAY[-14, -13, 1]) AS days;
-- 3 was ready, and so above won, which stays when its score falls; not while it is a customer or spam.
UPDATE language_crm.events SET n = 1 WHERE lead_id = 3;
SELECT id, score, tier, leadscore.raw_tier(s.state, now()) AS by_values
FROM lang.scores JOIN lang.state AS s ON s.lead = id WHERE id = 3;
SELECT leadscore.publish('lang');
SELECT leadscore.rebuild('lang');
SELECT id, score, tier FROM lang.scores WHERE id = 3;
UPDATE language_crm.leads SET customer = true WHERE id = 3;
SELECT id, score, tier FROM lang.scores WHERE id = 3;
UPDATE language_crm.leads SET customer = false WHERE id = 3;
SELECT id, score, tier FROM lang.scores WHERE id = 3;
UPDATE language_crm.leads SET title = 'Spam' WHERE id = 3;
UPDATE language_crm.leads SET title = 'x' WHERE id = 3;
SELECT id, score, tier FROM lang.scores WHERE id = 3;
SELECT lead, from_tier, to_tier, score, version, cause FROM lang.tier_changes ORDER BY at, recorded_at, lead;
SELECT * FROM leadscore.verify('lang');

SELECT leadscore.drop_model('lang');
SET client_min_messages = warning;
DROP SCHEMA language_crm CASCADE;
