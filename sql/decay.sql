-- Every decay, at instants where the numbers can be worked out by hand. Events are dated in the past: only what is asked for counts.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA decay_crm;
CREATE TABLE decay_crm.leads (id text PRIMARY KEY);
CREATE TABLE decay_crm.events (lead_id text, kind text, at timestamptz, minutes numeric);
SELECT leadscore.create_model('decays', leads => 'decay_crm.leads');
SELECT leadscore.add_events('decays', 'decay_crm.events', lead => 'lead_id', at => 'at', kind => 'kind');
INSERT INTO leadscore.rule (model, name, event, points, decay, period, rate, grace, multiplier, min_points, max_points) VALUES
    ('decays', 'none',       'none',       8, 'none',      NULL,      NULL, '0',      NULL,        NULL, NULL),
    ('decays', 'half-life',  'half_life',  8, 'half_life', '10 days', NULL, '0',      NULL,        NULL, NULL),
    ('decays', 'linear',     'linear',    10, 'linear',    '1 month', 0.5,  '0',      NULL,        NULL, NULL),
    ('decays', 'step',       'step',       8, 'step',      '10 days', 0.5,  '0',      NULL,        NULL, NULL),
    ('decays', 'window',     'window',     8, 'window',    '10 days', NULL, '0',      NULL,        NULL, NULL),
    ('decays', 'grace',      'grace',      8, 'half_life', '10 days', NULL, '5 days', NULL,        NULL, NULL),
    ('decays', 'per minute', 'multiplier', 2, 'none',      NULL,      NULL, '0',      '$.minutes', NULL, NULL),
    ('decays', 'bounded',    'bounded',    8, 'half_life', '10 days', NULL, '0',      NULL,        NULL, 10),
    ('decays', 'floor',      'floor',     -8, 'half_life', '10 days', NULL, '0',      NULL,        -10,  NULL);
SELECT leadscore.publish('decays');

-- One event of each kind on day 0, by a lead named as the kind; two for the bounded ones.
INSERT INTO decay_crm.leads SELECT event FROM leadscore.rule WHERE model = 'decays';
INSERT INTO decay_crm.events SELECT event, event, '2020-01-01', 1.5 FROM leadscore.rule WHERE model = 'decays';
INSERT INTO decay_crm.events VALUES ('bounded', 'bounded', '2020-01-01'), ('floor', 'floor', '2020-01-01');

SELECT l.id,
       leadscore.score('decays', l.id, '2019-12-31 23:59:59.999999') AS before,
       leadscore.score('decays', l.id, '2020-01-01') AS day_0,
       leadscore.score('decays', l.id, '2020-01-06') AS day_5,
       leadscore.score('decays', l.id, '2020-01-10 23:59:59.999999') AS almost_10,
       leadscore.score('decays', l.id, '2020-01-11') AS day_10,
       leadscore.score('decays', l.id, '2020-01-16') AS day_15,
       leadscore.score('decays', l.id, '2020-01-31') AS day_30,
       leadscore.score('decays', l.id, '2020-03-01') AS day_60
FROM decay_crm.leads AS l ORDER BY l.id COLLATE "C";

-- The same from states, whose horizon is the first instant asked for.
SELECT s.lead_id, leadscore.score(s.state, at => '2020-01-01') AS day_0, leadscore.score(s.state, at => '2020-01-11') AS day_10,
       leadscore.score(s.state, at => '2020-01-31') AS day_30
FROM (SELECT e.lead_id, leadscore.event_state('decays', e, '2020-01-01') AS state FROM decay_crm.events AS e GROUP BY 1) AS s
ORDER BY s.lead_id COLLATE "C";
SELECT e.lead_id, leadscore.engagement('decays', e, '2020-01-11') AS day_10 FROM decay_crm.events AS e GROUP BY 1
ORDER BY e.lead_id COLLATE "C";
-- Rows that are no events
\set SHOW_CONTEXT never
SELECT leadscore.engagement('decays', l) FROM (SELECT 1 AS id) AS l;
-- Several models in one query
SELECT leadscore.create_model('doubles', leads => 'decay_crm.leads');
SELECT leadscore.add_events('doubles', 'decay_crm.events', lead => 'lead_id', at => 'at', kind => 'kind');
INSERT INTO leadscore.rule (model, name, event, points) VALUES ('doubles', 'any', '*', 100);
SELECT leadscore.publish('doubles');
SELECT m.name, round(leadscore.engagement(m.name, e, '2020-01-11')::numeric, 3) AS engagement
FROM decay_crm.events AS e, (VALUES ('decays'), ('doubles')) AS m(name) GROUP BY m.name ORDER BY m.name;
SELECT leadscore.engagement(m.name, e, '2020-01-11') FROM decay_crm.events AS e, (VALUES ('decays'), ('doubles')) AS m(name);
SELECT leadscore.drop_model('doubles');
-- One instant for all that is added up; at an unknown one nothing is known.
SELECT leadscore.engagement('decays', e, '2020-01-11') IS NULL AS known, leadscore.engagement('decays', e, NULL) IS NULL AS unknown,
       leadscore.event_state('decays', e, NULL) IS NULL AS state_unknown
FROM decay_crm.events AS e;
SELECT leadscore.engagement('decays', e, t) FROM decay_crm.events AS e, generate_series(timestamptz '2020-01-10', '2020-01-11', '1 day') AS t;
SELECT t::date, round(leadscore.engagement('decays', e, t)::numeric, 3) AS engagement
FROM decay_crm.events AS e, generate_series(timestamptz '2020-01-10', '2020-01-11', '1 day') AS t GROUP BY t ORDER BY t;

-- An instant before a state's horizon is refused.
SELECT leadscore.score(leadscore.event_state('decays', e, '2020-01-11'), at => '2020-01-10') FROM decay_crm.events AS e;
-- So is an instant given as text, which is the name of a dimension.
SELECT leadscore.score(leadscore.event_state('decays', e, '2020-01-11'), '2020-01-11') FROM decay_crm.events AS e;

-- A multiplier that gives no number awards nothing.
INSERT INTO decay_crm.leads VALUES ('odd');
INSERT INTO decay_crm.events VALUES ('odd', 'multiplier', '2020-01-01', NULL), ('odd', 'multiplier', '2020-01-01', 'NaN'),
    ('odd', 'multiplier', '2020-01-01', 1e300), ('odd', 'multiplier', '2020-01-01', -3);
SELECT leadscore.score('decays', 'odd');

-- decayed_sum: forward decay with no model.
SELECT leadscore.decayed_sum(points, at, '10 days', '2020-01-21')
FROM (VALUES (8, timestamptz '2020-01-01'), (8, '2020-01-11'), (8, '2020-01-21'), (8, '2020-01-22'), (NULL, '2020-01-01')) AS v(points, at);
SELECT leadscore.decayed_sum(1, at, '10 days') IS NULL AS is_null FROM (VALUES (timestamptz '2020-01-01')) AS v(at) WHERE false;
SELECT leadscore.decayed_sum(1, now(), '-1 day');

SELECT * FROM leadscore.verify('decays');
SELECT leadscore.drop_model('decays');
SET client_min_messages = warning;
DROP SCHEMA decay_crm CASCADE;
