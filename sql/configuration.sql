-- The configuration tables: defaults, what they refuse, what is dumped, and that everything is described.
\set VERBOSITY terse

CREATE TABLE conf_leads (id integer PRIMARY KEY);
CREATE TABLE conf_events (lead_id integer, at timestamptz);

-- Defaults
INSERT INTO leadscore.model (name, leads, key) VALUES ('conf', 'conf_leads', 'id');
INSERT INTO leadscore.event_source (model, name, relation, lead, at) VALUES ('conf', 'visit', 'conf_events', 'lead_id', 'at');
INSERT INTO leadscore.dimension (model, path) VALUES ('conf', 'fit');
INSERT INTO leadscore.rule (model, name) VALUES ('conf', 'plain');
INSERT INTO leadscore.grade (model, name, minimum) VALUES ('conf', 'A', 80);
INSERT INTO leadscore.tier (model, name, position) VALUES ('conf', 'cold', 1);
INSERT INTO leadscore.version (model, version, config) VALUES ('conf', 1, '{}');
\x on
SELECT name, leads, key, created_at, eligible, params, notify FROM leadscore.model WHERE name = 'conf';
SELECT * FROM leadscore.event_source WHERE model = 'conf';
SELECT * FROM leadscore.dimension WHERE model = 'conf';
SELECT * FROM leadscore.rule WHERE model = 'conf';
SELECT * FROM leadscore.grade WHERE model = 'conf';
SELECT * FROM leadscore.tier WHERE model = 'conf';
SELECT version, config, now() - published_at < '1 hour' AS is_now, published_by = current_user AS is_me
FROM leadscore.version WHERE model = 'conf';
\x off

-- Models: the name is that of a schema
INSERT INTO leadscore.model (name, leads, key) VALUES ('', 'conf_leads', 'id');
INSERT INTO leadscore.model (name, leads, key) VALUES ('public', 'conf_leads', 'id');
INSERT INTO leadscore.model (name, leads, key) VALUES ('leadscore', 'conf_leads', 'id');
INSERT INTO leadscore.model (name, leads, key) VALUES ('pg_model', 'conf_leads', 'id');
INSERT INTO leadscore.model (name, leads, key) VALUES (repeat('x', 37), 'conf_leads', 'id');
INSERT INTO leadscore.model (name, leads, key, params) VALUES ('Conf 2', 'conf_leads', 'id', '[]');
INSERT INTO leadscore.model (name, leads, key) VALUES ('conf', 'conf_leads', 'id');

-- Sources
UPDATE leadscore.event_source SET name = '' WHERE model = 'conf';
INSERT INTO leadscore.event_source (model, name, relation, lead, at) VALUES ('conf', 'again', 'conf_events', 'lead_id', 'at');

-- No row is for a model that does not exist, and no model gets another name.
INSERT INTO leadscore.event_source (model, name, relation, lead, at) VALUES ('cnof', 'visit', 'conf_events', 'lead_id', 'at');
INSERT INTO leadscore.dimension (model, path) VALUES ('cnof', 'fit');
INSERT INTO leadscore.rule (model, name) VALUES ('cnof', 'plain');
INSERT INTO leadscore.grade (model, name, minimum) VALUES ('cnof', 'A', 80);
INSERT INTO leadscore.tier (model, name, position) VALUES ('cnof', 'cold', 1);
INSERT INTO leadscore.version (model, version, config) VALUES ('cnof', 1, '{}');
UPDATE leadscore.rule SET model = 'cnof' WHERE model = 'conf';
UPDATE leadscore.model SET name = 'conf 2' WHERE name = 'conf';

-- Dimensions: numbers are finite and sane
UPDATE leadscore.dimension SET position = 'NaN' WHERE model = 'conf';
UPDATE leadscore.dimension SET combine = 'median' WHERE model = 'conf';
UPDATE leadscore.dimension SET weight = 'NaN' WHERE model = 'conf';
UPDATE leadscore.dimension SET weight = 1.1e6 WHERE model = 'conf';
UPDATE leadscore.dimension SET base = 'infinity' WHERE model = 'conf';
UPDATE leadscore.dimension SET min_value = '-infinity' WHERE model = 'conf';
UPDATE leadscore.dimension SET max_value = 'NaN' WHERE model = 'conf';

-- Dimensions: bounds that cross; the root has no parent that its value could go into
UPDATE leadscore.dimension SET min_value = 6, max_value = 5 WHERE model = 'conf';
UPDATE leadscore.dimension SET min_value = 5, max_value = 5 WHERE model = 'conf';
INSERT INTO leadscore.dimension (model, path, weight) VALUES ('conf', 'score', 2);

-- Rules
UPDATE leadscore.rule SET name = '(base)' WHERE model = 'conf';
UPDATE leadscore.rule SET name = '(override)' WHERE model = 'conf';
UPDATE leadscore.rule SET name = '(adjusted by anna: nice)' WHERE model = 'conf';
UPDATE leadscore.rule SET name = '(overridden by anna: very nice)' WHERE model = 'conf';
UPDATE leadscore.rule SET name = '' WHERE model = 'conf';
UPDATE leadscore.rule SET position = 'NaN' WHERE model = 'conf';
UPDATE leadscore.rule SET event = '' WHERE model = 'conf';
UPDATE leadscore.rule SET points = 'NaN' WHERE model = 'conf';
UPDATE leadscore.rule SET points = 1.1e12 WHERE model = 'conf';
UPDATE leadscore.rule SET else_points = '-infinity' WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', decay = 'quadratic' WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', decay = 'linear', period = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET period = '0' WHERE model = 'conf';
UPDATE leadscore.rule SET period = '-1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET period = '1 month -30 days' WHERE model = 'conf';
UPDATE leadscore.rule SET period = '10000 years' WHERE model = 'conf';
UPDATE leadscore.rule SET period = '1 microsecond', grace = '1000 years' WHERE model = 'conf';
UPDATE leadscore.rule SET rate = 0 WHERE model = 'conf';
UPDATE leadscore.rule SET rate = -0.5 WHERE model = 'conf';
UPDATE leadscore.rule SET rate = 'NaN' WHERE model = 'conf';
UPDATE leadscore.rule SET grace = '-1 second' WHERE model = 'conf';
UPDATE leadscore.rule SET min_points = 'NaN' WHERE model = 'conf';
UPDATE leadscore.rule SET max_points = 'infinity' WHERE model = 'conf';
UPDATE leadscore.rule SET event = NULL, decay = DEFAULT, period = DEFAULT, grace = DEFAULT WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', max_awards = 0 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', max_awards = 1, per = '0' WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', at_least = -1 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', at_least = 3, at_most = 2 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', at_most = -1 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', at_least = 3, within = '-1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', silent_for = '10000 years' WHERE model = 'conf';
\set VERBOSITY sqlstate
UPDATE leadscore.rule SET condition = '$.x ==' WHERE model = 'conf';
\set VERBOSITY terse

-- Rules: what is for events only, and what for leads
UPDATE leadscore.rule SET decay = 'half_life', period = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET multiplier = '$.n' WHERE model = 'conf';
UPDATE leadscore.rule SET min_points = 0 WHERE model = 'conf';
UPDATE leadscore.rule SET max_points = 0 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', else_points = 1 WHERE model = 'conf';
UPDATE leadscore.rule SET max_awards = 1 WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1 WHERE model = 'conf';
UPDATE leadscore.rule SET at_most = 1 WHERE model = 'conf';
UPDATE leadscore.rule SET silent_for = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET resets = 'fit' WHERE model = 'conf';
UPDATE leadscore.rule SET grants = 'cold' WHERE model = 'conf';

-- Rules: columns that need another one
UPDATE leadscore.rule SET per = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET within = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET repeats = true WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', period = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', grace = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', rate = 0.5 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', decay = 'window', period = '1 day', rate = 0.5 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', decay = 'step', period = '1 day', rate = 1.5 WHERE model = 'conf';
UPDATE leadscore.rule SET event = 'visit', min_points = 5, max_points = 4.5 WHERE model = 'conf';

-- Rules: limit, frequency, silence: at most one of them, and each by itself
UPDATE leadscore.rule SET event = 'visit' WHERE model = 'conf';
UPDATE leadscore.rule SET max_awards = 1, at_most = 1 WHERE model = 'conf';
UPDATE leadscore.rule SET max_awards = 1, silent_for = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1, silent_for = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1, decay = 'window', period = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET at_most = 1, multiplier = '$.n' WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1, grace = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1, min_points = 0 WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1, max_points = 0 WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1, resets = 'fit' WHERE model = 'conf';
UPDATE leadscore.rule SET at_least = 1, grants = 'cold' WHERE model = 'conf';
UPDATE leadscore.rule SET silent_for = '1 day', decay = 'window', period = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET silent_for = '1 day', multiplier = '$.n' WHERE model = 'conf';
UPDATE leadscore.rule SET silent_for = '1 day', grace = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET silent_for = '1 day', resets = 'fit' WHERE model = 'conf';
UPDATE leadscore.rule SET silent_for = '1 day', grants = 'cold' WHERE model = 'conf';
UPDATE leadscore.rule SET grants = 'cold', decay = 'half_life', period = '1 day' WHERE model = 'conf';
UPDATE leadscore.rule SET grants = 'cold', decay = 'step', period = '1 day', rate = 0.5 WHERE model = 'conf';

-- What goes together
INSERT INTO leadscore.rule (model, name, event, multiplier, decay, period, rate, grace, min_points, max_points)
VALUES ('conf', 'steps', 'visit', '$.n', 'step', '1 day', 1, '1 day', 5, 5), ('conf', 'lines', 'visit', '$.n', 'linear', '1 day', 2.5, '0', -5, 5);
INSERT INTO leadscore.rule (model, name, points, else_points) VALUES ('conf', 'row', 1, -1);
INSERT INTO leadscore.rule (model, name, event, multiplier, max_awards, resets, grants)
VALUES ('conf', 'once', 'visit', '$.n', 1, 'fit', 'cold');
INSERT INTO leadscore.rule (model, name, event, decay, period, max_awards, per, min_points, max_points, grants)
VALUES ('conf', 'daily', '*', 'window', '1 day', 3, '1 microsecond', 0, 10, 'cold');
INSERT INTO leadscore.rule (model, name, event, at_most) VALUES ('conf', 'none ever', 'visit', 0);
INSERT INTO leadscore.rule (model, name, event, at_least, at_most, within)
VALUES ('conf', 'frequent', 'visit', 3, 3, '100000000000 seconds');
INSERT INTO leadscore.rule (model, name, event, silent_for, repeats, min_points, max_points)
VALUES ('conf', 'silent', 'visit', '30 days', true, -50, 0);

-- Grades
UPDATE leadscore.grade SET name = '' WHERE model = 'conf';
UPDATE leadscore.grade SET minimum = 'NaN' WHERE model = 'conf';
UPDATE leadscore.grade SET minimum = '-infinity' WHERE model = 'conf';
INSERT INTO leadscore.grade (model, name, minimum) VALUES ('conf', 'A', 90);
INSERT INTO leadscore.grade (model, name, minimum) VALUES ('conf', 'B', 80);
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES ('conf', 'fit', 'A', 80);

-- Tiers
UPDATE leadscore.tier SET name = '' WHERE model = 'conf';
UPDATE leadscore.tier SET minimums = '[30]' WHERE model = 'conf';
INSERT INTO leadscore.tier (model, name, position) VALUES ('conf', 'warm', 1);

-- Versions
INSERT INTO leadscore.version (model, version, config) VALUES ('conf', 0, '{}');
INSERT INTO leadscore.version (model, version, config) VALUES ('conf', 2, '[]');

-- A model takes all that is its own along.
DELETE FROM leadscore.model WHERE name = 'conf';
SELECT (SELECT count(*) FROM leadscore.event_source WHERE model = 'conf') AS sources,
       (SELECT count(*) FROM leadscore.dimension WHERE model = 'conf') AS dimensions,
       (SELECT count(*) FROM leadscore.rule WHERE model = 'conf') AS rules,
       (SELECT count(*) FROM leadscore.grade WHERE model = 'conf') AS grades,
       (SELECT count(*) FROM leadscore.tier WHERE model = 'conf') AS tiers,
       (SELECT count(*) FROM leadscore.version WHERE model = 'conf') AS versions;
DROP TABLE conf_leads, conf_events;

-- What pg_dump takes along
SELECT c.oid::regclass AS dumped, condition
FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS d(oid, condition) JOIN pg_class AS c USING (oid)
WHERE e.extname = 'leadscore' ORDER BY c.relname;

-- Nothing of the extension's own lacks a description (sequences and row types aside).
SELECT pg_describe_object(d.classid, d.objid, 0) AS undescribed
FROM pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'leadscore')
  AND d.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_event_trigger'::regclass, 'pg_operator'::regclass)
  AND coalesce((SELECT relkind FROM pg_class WHERE d.classid = 'pg_class'::regclass AND oid = d.objid), 'r') <> 'S'
  AND obj_description(d.objid, (SELECT relname FROM pg_class WHERE oid = d.classid)) IS NULL
ORDER BY 1;
SELECT c.relname, a.attname AS undescribed
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'leadscore'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND col_description(c.oid, a.attnum) IS NULL
ORDER BY 1, 2;

-- Every function that is not written in C, or finds objects by name, pins its search path.
SELECT p.oid::regprocedure AS unpinned
FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace = 'leadscore'::regnamespace AND l.lanname IN ('sql', 'plpgsql') AND p.prosqlbody IS NULL
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s(setting) WHERE s.setting = 'search_path=pg_catalog, pg_temp')
ORDER BY p.proname;
