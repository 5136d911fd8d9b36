-- What publish refuses: every fault of a draft, all at once, and nothing is changed.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA faulty;
SET search_path = faulty, public;

CREATE TABLE leads (id bigint PRIMARY KEY, email text, industry text, active boolean, created timestamptz);
CREATE TABLE visits (lead_id bigint, at timestamptz, url text, seconds integer);
CREATE TABLE mails (lead_id bigint, at timestamptz, url text, subject text);
SELECT leadscore.create_model('fault', 'leads', created_at => 'created', params => '{"icp": ["FR"], "limit": 3}');

-- No rule, no model
SELECT * FROM leadscore.draft_faults('fault');
SELECT leadscore.publish('fault');
SELECT * FROM leadscore.draft_faults('fautl');
SELECT leadscore.publish('fautl');
SELECT leadscore.publish(NULL);

-- A rule that is not enabled is not looked at, and does not count.
INSERT INTO leadscore.rule (model, name, dimension, enabled) VALUES ('fault', 'off', 'no such dimension', false);
SELECT * FROM leadscore.draft_faults('fault');

-- Events without a source
INSERT INTO leadscore.rule (model, name, event, points) VALUES ('fault', 'visit', 'visit', 1);
SELECT * FROM leadscore.draft_faults('fault');
SELECT leadscore.publish('fault');

-- Events of a kind that no source gives: every source's rows are of the kind that is its name
SELECT leadscore.add_events('fault', 'visits', 'lead_id', 'at'), leadscore.add_events('fault', 'mails', 'lead_id', 'at');
SELECT * FROM leadscore.draft_faults('fault');
UPDATE leadscore.rule SET event = 'call' WHERE model = 'fault' AND name = 'visit';
SELECT * FROM leadscore.draft_faults('fault');
UPDATE leadscore.rule SET event = '*' WHERE model = 'fault' AND name = 'visit';
SELECT * FROM leadscore.draft_faults('fault');
UPDATE leadscore.rule SET event = 'call' WHERE model = 'fault' AND name = 'visit';
UPDATE leadscore.event_source SET kind = 'subject' WHERE model = 'fault' AND name = 'mails';
SELECT * FROM leadscore.draft_faults('fault');
UPDATE leadscore.event_source SET kind = NULL WHERE model = 'fault';
DELETE FROM leadscore.rule WHERE model = 'fault';

-- A kind that never happened, though one that looks like it did, is told when it is new; one that looks like none may still come.
CREATE TABLE clicks (lead_id bigint, at timestamptz, kind text);
INSERT INTO clicks VALUES (1, '2024-01-01', 'demo_request'), (1, '2024-01-01', NULL);
SELECT leadscore.create_model('kinds', 'leads');
SELECT leadscore.add_events('kinds', 'clicks', 'lead_id', 'at', 'kind'), leadscore.add_events('kinds', 'visits', 'lead_id', 'at');
INSERT INTO leadscore.rule (model, name, event, enabled) VALUES
    ('kinds', 'typo', 'demo_requst', true), ('kinds', 'fine', 'demo_request', true), ('kinds', 'all', '*', true),
    ('kinds', 'source', 'visits', true), ('kinds', 'to come', 'signed', true), ('kinds', 'off', 'demo_requests', false);
SET client_min_messages = notice;
SELECT leadscore.publish('kinds');
SELECT leadscore.publish('kinds');
UPDATE leadscore.rule SET enabled = true WHERE model = 'kinds';
SELECT leadscore.publish('kinds');
-- Faults are told all the same.
UPDATE leadscore.rule SET event = 'demo-request' WHERE model = 'kinds' AND name = 'typo';
ALTER TABLE clicks RENAME kind TO what;
SELECT leadscore.publish('kinds');
UPDATE leadscore.event_source SET kind = 'what' WHERE model = 'kinds' AND kind = 'kind';
SELECT leadscore.publish('kinds');
SET client_min_messages = warning;
SELECT leadscore.drop_model('kinds');

-- Columns: of the leads, of the sources that can give the kind, of all of them for *
INSERT INTO leadscore.rule (model, name, position, event, condition, multiplier, points) VALUES
    ('fault', 'lead fine',   1, NULL,     '$.industry == "IT" && exists($.email)',           NULL,        1),
    ('fault', 'lead',        2, NULL,     '$.indutry == "IT" || $.emial == $.email',         NULL,        1),
    ('fault', 'lead far',    3, NULL,     '$.zzz == 1',                                      NULL,        1),
    ('fault', 'lead event',  4, NULL,     '$.url == "/pricing"',                             NULL,        1),
    ('fault', 'visit fine',  5, 'visits', '$.url starts with "/pricing"',                    '$.seconds', 1),
    ('fault', 'visit',       6, 'visits', '$.subject == "x"',                                '$.second',  1),
    ('fault', 'mail',        7, 'mails',  '$.subject == "x"',                                '$.seconds', 1),
    ('fault', 'any fine',    8, '*',      '$.subject == "x"',                                '$.seconds', 1),
    ('fault', 'any',         9, '*',      '$.subjekt == "x" && $.props.deep == 1',           NULL,        1);
SELECT * FROM leadscore.draft_faults('fault');
DELETE FROM leadscore.rule WHERE model = 'fault';

-- Predicates, variables
INSERT INTO leadscore.rule (model, name, position, event, condition, multiplier, points) VALUES
    ('fault', 'fine',         1, NULL,     '$.industry == $icp[*] && $.id > $limit',   NULL,                1),
    ('fault', 'path',         2, NULL,     '$.active',                                 NULL,                1),
    ('fault', 'filter',       3, NULL,     '$ ? (@.active == true)',                   NULL,                1),
    ('fault', 'strict path',  4, NULL,     'strict $.active',                          NULL,                1),
    ('fault', 'variable',     5, NULL,     '$.industry == $ipc[*]',                    NULL,                1),
    ('fault', 'variables',    6, NULL,     '$.industry == $nothing || $.id == $limits', NULL,               1),
    ('fault', 'multiplier',   7, 'visits', NULL,                                       '$.seconds > 3',     1),
    ('fault', 'a multiplier', 8, 'visits', NULL,                                       '$.seconds * $limt', 1);
UPDATE leadscore.model SET eligible = '$.emil != null' WHERE name = 'fault';
INSERT INTO leadscore.tier (model, name, position, applies_to) VALUES
    ('fault', 'fine', 1, '$.active == true'), ('fault', 'path', 2, '$.active'), ('fault', 'column', 3, '$.subject == 1');
SELECT * FROM leadscore.draft_faults('fault');
UPDATE leadscore.model SET eligible = '$.email' WHERE name = 'fault';
SELECT * FROM leadscore.draft_faults('fault') WHERE item = 'model';
UPDATE leadscore.model SET eligible = NULL WHERE name = 'fault';
DELETE FROM leadscore.rule WHERE model = 'fault';
DELETE FROM leadscore.tier WHERE model = 'fault';

-- Dimensions, and who names them
INSERT INTO leadscore.dimension (model, path, weight, min_value, max_value) VALUES
    ('fault', 'score', 1, 0, 100), ('fault', 'fit', 1, NULL, NULL), ('fault', 'fit.company', 1, 5, 5),
    ('fault', 'fit.company.size', 1, 5, 6),
    ('fault', 'engagment.web', 1, NULL, NULL), ('fault', 'engagement', 1, NULL, NULL), ('fault', 'wholly.new', 1, NULL, NULL),
    ('fault', '', 1, NULL, NULL), ('fault', '.fit', 1, NULL, NULL), ('fault', 'fit.', 1, NULL, NULL),
    ('fault', 'fit..x', 1, NULL, NULL),
    ('fault', 'score.fit', 1, NULL, NULL), ('fault', 'tier', 1, NULL, NULL), ('fault', 'version', 1, NULL, NULL),
    ('fault', 'id', 1, NULL, NULL),
    ('fault', 'fit.tier', 1, NULL, NULL), ('fault', repeat('long', 16), 1, NULL, NULL);
INSERT INTO leadscore.rule (model, name, dimension) VALUES
    ('fault', 'fine', 'fit.company'), ('fault', 'root', 'score'), ('fault', 'typo', 'fitt'),
    ('fault', 'unknown', 'completely else');
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES
    ('fault', 'fine', 1, '{}'), ('fault', 'good', 2, '{"score": 10, "fit.company": -3.5e3}'),
    ('fault', 'typo', 3, '{"fitt": 3, "scores": 2}'),
    ('fault', 'type', 4, '{"score": "10", "fit": null, "engagement": 1e300}');
SELECT * FROM leadscore.draft_faults('fault');
DELETE FROM leadscore.dimension WHERE model = 'fault';
UPDATE leadscore.rule SET dimension = 'score' WHERE model = 'fault';
DELETE FROM leadscore.tier WHERE model = 'fault';
DELETE FROM leadscore.rule WHERE model = 'fault';

-- Decays that lack what they need
INSERT INTO leadscore.rule (model, name, event, decay, period, rate) VALUES
    ('fault', 'a no period', 'visits', 'half_life', NULL,    NULL),
    ('fault', 'b no period', 'visits', 'linear',    NULL,    0.5),
    ('fault', 'c no rate',   'visits', 'step',      '1 day', NULL),
    ('fault', 'd neither',   'visits', 'step',      NULL,    NULL),
    ('fault', 'e fine',      'visits', 'step',      '1 day', 1),
    ('fault', 'f fine',      'visits', 'linear',    '1 day', NULL);
SELECT * FROM leadscore.draft_faults('fault');
DELETE FROM leadscore.rule WHERE model = 'fault';

-- Who else names dimensions and tiers: resets, grants, grades
INSERT INTO leadscore.dimension (model, path) VALUES ('fault', 'fit');
INSERT INTO leadscore.tier (model, name, position) VALUES ('fault', 'hot', 1);
INSERT INTO leadscore.rule (model, name, event, resets, grants) VALUES
    ('fault', 'fine', 'visits', 'fit', 'hot'), ('fault', 'root', 'visits', 'score', NULL),
    ('fault', 'typo', 'visits', 'fitt', 'hit'), ('fault', 'unknown', 'visits', 'completely else', 'something');
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES
    ('fault', 'score', 'A', 10), ('fault', 'fit', 'A', 10), ('fault', 'fitt', 'B', 0), ('fault', 'completely else', 'C', -5);
SELECT * FROM leadscore.draft_faults('fault');
DELETE FROM leadscore.tier WHERE model = 'fault';
SELECT * FROM leadscore.draft_faults('fault') WHERE item = 'rule "fine"';
DELETE FROM leadscore.rule WHERE model = 'fault';
DELETE FROM leadscore.grade WHERE model = 'fault';

-- A share needs the most that each of its parts can give: of each rule, unless something on the way up to the share has a most.
INSERT INTO leadscore.dimension (model, path, combine, weight, max_value) VALUES
    ('fault', 'free', 'sum', 1, NULL), ('fault', 'share', 'share', 1, NULL), ('fault', 'share.sum', 'sum', 1, NULL),
    ('fault', 'share.sum.max', 'max', 1, NULL), ('fault', 'share.bounded', 'sum', 2, 5), ('fault', 'share.bounded.deep', 'sum', 1, NULL),
    ('fault', 'share.taken', 'sum', -1, NULL), ('fault', 'share.share', 'share', 1, NULL);
INSERT INTO leadscore.rule (model, name, position, dimension, event, points, else_points, multiplier, max_awards, per, at_least, silent_for,
                            repeats, max_points)
SELECT 'fault', r.*
FROM (VALUES
    ('lead',             1, 'share',              NULL,      5, -2, NULL::jsonpath, NULL::integer, NULL::interval, NULL::integer, NULL::interval,
                                                                        false, NULL::float8),
    ('lead else',        2, 'share',              NULL,     -2,  5, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('bounded',          3, 'share',              'visits',  1,  0, NULL, NULL, NULL, NULL, NULL, false, 5),
    ('bounded number',   4, 'share.sum.max',      'visits',  1,  0, '$.seconds', NULL, NULL, NULL, NULL, false, 5),
    ('limited',          5, 'share',              'visits',  1,  0, NULL, 3, NULL, NULL, NULL, false, NULL),
    ('frequent',         6, 'share.sum',          'visits',  1,  0, NULL, NULL, NULL, 3, NULL, false, NULL),
    ('silent',           7, 'share',              'visits',  1,  0, NULL, NULL, NULL, NULL, '1 day', false, NULL),
    ('taking',           8, 'share',              'visits', -1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('taking for long',  9, 'share',              'visits', -1,  0, NULL, NULL, NULL, NULL, '1 day', true, NULL),
    ('free',            10, 'free',               'visits',  1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('below a most',    11, 'share.bounded.deep', 'visits',  1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('below a taker',   12, 'share.taken',        'visits',  1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('unbounded',       20, 'share',              'visits',  1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('deep',            21, 'share.sum.max',      'visits',  1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('number',          22, 'share.sum',          'visits', -1,  0, '$.seconds', NULL, NULL, NULL, NULL, false, NULL),
    ('limited number',  23, 'share',              'visits',  1,  0, '$.seconds', 3, NULL, NULL, NULL, false, NULL),
    ('per day',         24, 'share',              'visits',  1,  0, NULL, 3, '1 day', NULL, NULL, false, NULL),
    ('silent for long', 25, 'share',              'visits',  1,  0, NULL, NULL, NULL, NULL, '1 day', true, NULL),
    ('other share',     26, 'share.share',        'visits',  1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL),
    ('turned round',    27, 'share.taken',        'visits', -1,  0, NULL, NULL, NULL, NULL, NULL, false, NULL)
) AS r;
SELECT * FROM leadscore.draft_faults('fault');
-- Of parts that can only take, or of none, nothing can be a share.
UPDATE leadscore.rule SET enabled = name IN ('taking', 'taking for long', 'below a taker', 'free') WHERE model = 'fault';
DELETE FROM leadscore.dimension WHERE model = 'fault' AND path IN ('share.bounded', 'share.bounded.deep', 'share.share');
SELECT * FROM leadscore.draft_faults('fault');
UPDATE leadscore.rule SET enabled = name = 'free' WHERE model = 'fault';
DELETE FROM leadscore.dimension WHERE model = 'fault' AND path LIKE 'share.%';
SELECT * FROM leadscore.draft_faults('fault');
DELETE FROM leadscore.rule WHERE model = 'fault';
DELETE FROM leadscore.dimension WHERE model = 'fault';

-- Names of the view's columns that grades and best parts take
INSERT INTO leadscore.rule (model, name, points) VALUES ('fault', 'there', 1);
INSERT INTO leadscore.dimension (model, path, combine) VALUES
    ('fault', 'score', 'max'), ('fault', 'fit', 'first'), ('fault', 'fit_grade', 'sum'), ('fault', 'fit_best', 'sum'),
    ('fault', 'score_best', 'sum'), ('fault', 'score_grade', 'sum'), ('fault', 'fit.deep', 'max'), ('fault', 'deep_best', 'sum'),
    ('fault', repeat('long', 15), 'sum');
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES
    ('fault', 'fit', 'A', 10), ('fault', 'fit', 'B', 5), ('fault', repeat('long', 15), 'A', 10), ('fault', 'fit.deep', 'A', 10);
SELECT * FROM leadscore.draft_faults('fault');
ALTER TABLE leads RENAME id TO fit_best;
UPDATE leadscore.model SET key = 'fit_best' WHERE name = 'fault';
SELECT * FROM leadscore.draft_faults('fault') WHERE item = 'model';
ALTER TABLE leads RENAME fit_best TO id;
UPDATE leadscore.model SET key = 'id' WHERE name = 'fault';
DELETE FROM leadscore.grade WHERE model = 'fault';
DELETE FROM leadscore.dimension WHERE model = 'fault';
DELETE FROM leadscore.rule WHERE model = 'fault';

-- The team's tables have changed.
INSERT INTO leadscore.rule (model, name, points) VALUES ('fault', 'there', 1);
ALTER TABLE leads RENAME created TO created_on;
ALTER TABLE visits RENAME at TO happened;
ALTER TABLE visits RENAME lead_id TO lead;
UPDATE leadscore.event_source SET kind = 'kind' WHERE model = 'fault' AND name = 'mails';
SELECT * FROM leadscore.draft_faults('fault');
ALTER TABLE leads RENAME id TO version;
SELECT * FROM leadscore.draft_faults('fault') WHERE item = 'model';
UPDATE leadscore.model SET key = 'version' WHERE name = 'fault';
SELECT * FROM leadscore.draft_faults('fault') WHERE item = 'model';
ALTER TABLE leads RENAME version TO id;
UPDATE leadscore.model SET key = 'id' WHERE name = 'fault';
ALTER TABLE leads ALTER id TYPE integer;
SELECT * FROM leadscore.draft_faults('fault') WHERE item = 'model';
ALTER TABLE leads ALTER id TYPE bigint;
ALTER TABLE leads RENAME created_on TO created;
ALTER TABLE visits RENAME happened TO at;
ALTER TABLE visits RENAME lead TO lead_id;
UPDATE leadscore.event_source SET kind = NULL WHERE model = 'fault';
SELECT * FROM leadscore.draft_faults('fault');

-- Tables whose parents or children keep triggers from seeing all
CREATE TABLE all_mails (lead_id bigint, at timestamptz, url text, subject text);
ALTER TABLE mails INHERIT all_mails;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE far_leads () INHERITS (leads) SERVER nowhere;
SELECT * FROM leadscore.draft_faults('fault');
DROP FOREIGN TABLE far_leads;
DROP FOREIGN DATA WRAPPER nowhere CASCADE;
ALTER TABLE mails NO INHERIT all_mails;

-- Whatever fails, nothing changes; what is taken gets the next number, changed or not.
SELECT leadscore.publish('fault');
SELECT leadscore.publish('fault');
INSERT INTO leads VALUES (1, 'a@b.c', 'IT', true);
SELECT id, score FROM fault.scores;
INSERT INTO leadscore.rule (model, name, dimension, condition, points) VALUES ('fault', 'new', 'fit', '$.activ == true', 5);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('fault', 'hot', 1, '{"fit": 5}');
SELECT leadscore.publish('fault');
SELECT id, score, tier, version FROM fault.scores;
SELECT version, jsonb_array_length(config -> 'rules') AS rules, config -> 'tiers' AS tiers
FROM leadscore.version WHERE model = 'fault' ORDER BY 1;
UPDATE leadscore.rule SET condition = '$.active == true' WHERE model = 'fault' AND name = 'new';
INSERT INTO leadscore.dimension (model, path) VALUES ('fault', 'fit');
SELECT leadscore.publish('fault');
SELECT id, score, fit, tier, version FROM fault.scores;

-- Only READ COMMITTED sees what others have committed.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT leadscore.publish('fault');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT leadscore.rebuild('fault');
ROLLBACK;

-- Other columns: the view is made anew and keeps its grants, but not while others depend on it.
CREATE ROLE regress_leadscore_reader;
GRANT SELECT ON fault.scores TO regress_leadscore_reader WITH GRANT OPTION;
GRANT SELECT, UPDATE ON fault.scores TO PUBLIC;
CREATE VIEW fit_leads AS SELECT * FROM fault.scores WHERE fit > 0;
INSERT INTO leadscore.dimension (model, path) VALUES ('fault', 'Engage "d"');
SELECT leadscore.publish('fault');
SELECT leadscore.publish('fault');
DROP VIEW fit_leads;
SELECT leadscore.publish('fault');
SELECT * FROM fault.scores WHERE false;
SELECT grantee, privilege_type, is_grantable FROM information_schema.role_table_grants
WHERE table_schema = 'fault' AND table_name = 'scores' AND grantee <> current_user ORDER BY 1, 2;
SELECT reloptions, obj_description(oid) FROM pg_class WHERE oid = 'fault.scores'::regclass;

SELECT leadscore.drop_model('fault');
DROP SCHEMA faulty CASCADE;
DROP ROLE regress_leadscore_reader;
