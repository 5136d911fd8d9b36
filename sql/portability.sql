-- Documents: what export_model gives, what import_model takes and refuses, and the templates.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
CREATE SCHEMA travel;
CREATE TABLE travel.leads (id bigint PRIMARY KEY, email text, country text, employees integer, company text, created timestamptz);
CREATE TABLE travel.web (lead_id bigint, at timestamptz, kind text, url text, seconds integer);
CREATE TABLE travel.mails (lead_id bigint, sent timestamptz, subject text);
CREATE INDEX ON travel.web (lead_id, at);
CREATE INDEX ON travel.mails (lead_id, sent);

-- A model with something of everything
SELECT leadscore.create_model('home', 'travel.leads', created_at => 'created', eligible => '$.email != null',
                              params => '{"countries": ["FR", "BE"], "null": null}', notify => false);
SELECT leadscore.add_events('home', 'travel.web', 'lead_id', 'at', 'kind');
SELECT leadscore.add_events('home', 'travel.mails', 'lead_id', 'sent', name => 'mail');
INSERT INTO leadscore.dimension (model, path, position, combine, weight, base, min_value, max_value) VALUES
    ('home', 'score', 0, 'sum', 1, 0.1, -5, NULL), ('home', 'fit', 1, 'max', 2, 0, NULL, 100),
    ('home', 'engagement', 2, 'sum', 1, 0, NULL, NULL);
INSERT INTO leadscore.rule (model, name, dimension, position, condition, points, else_points, enabled, note) VALUES
    ('home', 'near',   'fit', 1, '$.country == $countries[*]',      10, -1, true,  'says "near"'),
    ('home', 'placed', 'fit', 2, '$.country == "$.email" || $.email == $.country', 5, 0, true, NULL),
    ('home', 'off',    'fit', 3, '$.employees > 3',                 1e-7, 0, false, NULL);
INSERT INTO leadscore.rule (model, name, dimension, position, event, condition, points, multiplier, decay, period, rate, grace,
                            max_points) VALUES
    ('home', 'visit', 'engagement', 11, 'visit', '$.url starts with "/$.url"', 2, '$.seconds', 'linear', '1 month 2 days 03:04:05',
     0.3, '1 day', 50),
    ('home', 'mail',  'engagement', 12, 'mail', NULL, 1, NULL, 'none', NULL, NULL, '0', NULL);
INSERT INTO leadscore.rule (model, name, dimension, position, event, points, max_awards, per) VALUES
    ('home', 'any', 'engagement', 13, '*', 1, 2, '1 day');
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES
    ('home', 'fit', 'A', 10), ('home', 'fit', 'B', 0.30000000000000004);
INSERT INTO leadscore.tier (model, name, position, minimums, applies_to, latched) VALUES
    ('home', 'cold', 1, '{}', NULL, false), ('home', 'hot', 2, '{"score": 20, "fit": 1}', '$.country == "FR"', true);
INSERT INTO leadscore.rollup (model, name, account, combine, k) VALUES ('home', 'companies', 'company', 'top', 3);

-- The document, without what is as by default. The rule that is not enabled is in it, too.
SELECT jsonb_pretty(leadscore.export_model('home'));

-- It is the same whatever the session has set, and from what was made of it.
SELECT leadscore.export_model('home') AS document \gset
SET intervalstyle = 'iso_8601';
SET extra_float_digits = 0;
SET search_path = travel, leadscore;
SELECT export_model('home') = :'document' AS is_same, export_model('home')::text = :'document' AS is_same_text;
SELECT import_model('away', :'document');
SELECT export_model('away') = :'document' AS is_same;
RESET search_path;
RESET intervalstyle;
RESET extra_float_digits;
SELECT leadscore.export_model('away') = :'document' AS is_same;
SELECT r.period, r.points, r.grace FROM leadscore.rule AS r WHERE model = 'away' ORDER BY position;
SELECT count(*) FROM leadscore.version WHERE model IN ('home', 'away');

-- What is no model
SELECT leadscore.export_model('hom');
SELECT leadscore.export_model(NULL);
SELECT leadscore.import_model('away', :'document');
SELECT leadscore.import_model(NULL, :'document');
SELECT leadscore.import_model('far', NULL);
SELECT leadscore.import_model('far', '[]');
SELECT leadscore.import_model('far', '{"model": {}}');
SELECT leadscore.import_model('far', '{"format": "1"}');
SELECT leadscore.import_model('far', '{"format": 2, "what is this": 3}');
SELECT leadscore.import_model('far', '{"format": 0.5}');
SELECT leadscore.import_model('far', '{"format": 1}');
SELECT leadscore.import_model('far', :'document', params => '[]');
SELECT leadscore.import_model('far', :'document', params => NULL);
SELECT leadscore.import_model('far', :'document', columns => NULL);

-- All faults of its parts, and then all of their entries
SELECT leadscore.import_model('far', '{"format": 1, "rule": [], "other": 1, "rules": {}, "tiers": [[], {"name": "t", "position": 1}, 3],
    "model": null, "needs": {"colums": {}, "kinds": [], "columns": {"a": 1, "b": {"about": 3}, "c": {"about": "x", "optinal": true},
    "d": {"about": "x", "optional": true}}}}');
SELECT leadscore.import_model('far', '{"format": 1, "model": {"lead": "x", "params": [], "id": 3, "name": "home", "notify": "no"},
    "sources": [{"name": "s", "relatoin": "travel.web"}],
    "dimensions": [{"path": "fit", "max_value": "9", "wieght": 2}, {"paht": "x"}],
    "rules": [{"name": "one", "points": null, "condition": 3, "event": null, "xyz": 1}, {"dimension": "fit"},
              {"name": 3, "enabled": "yes", "period": 30, "rate": null}],
    "grades": [{"dimension": "fit", "name": "A"}],
    "tiers": [{"name": "t", "minimums": [1]}]}');
-- Faults of one entry that only its table knows
SELECT leadscore.import_model('far', '{"format": 1, "rules": [{"name": "one", "condition": "$.a ==="}]}', 'travel.leads');
SELECT leadscore.import_model('far', '{"format": 1, "rules": [{"name": "one", "condition": "$.id like_regex \"(\""}]}',
                              'travel.leads');
\set VERBOSITY sqlstate
SELECT leadscore.import_model('far', '{"format": 1, "rules": [{"name": "one", "points": 1e13}]}', 'travel.leads');
\set VERBOSITY default
SELECT leadscore.import_model('far', '{"format": 1, "rules": [{"name": "one", "event": "x", "decay": "window", "period": "long"}]}',
                              'travel.leads');
SELECT leadscore.import_model('far', '{"format": 1, "rules": [{"name": "one"}, {"name": "two"}, {"name": "one"}]}', 'travel.leads');
SELECT leadscore.import_model('far', '{"format": 1, "tiers": [{"name": "one", "position": 1, "minimums": {}},
    {"name": "two", "position": 1}]}', 'travel.leads');

-- Tables
SELECT leadscore.import_model('far', '{"format": 1}');
SELECT leadscore.import_model('far', jsonb_set(:'document', '{model,leads}', '"travel.gone"'));
SELECT leadscore.import_model('far', jsonb_set(:'document', '{model,leads}', '"not a. \"name"'));
SELECT leadscore.import_model('far', :'document', leads => 'pg_roles');
SELECT leadscore.import_model('far', :'document', events => 'travel.web', lead => 'lead_id', at => 'at');
SELECT leadscore.import_model('far', :'document', lead => 'lead_id');
SELECT leadscore.import_model('far', :'document', sources => '{"wep": "travel.web"}');
SELECT leadscore.import_model('far', :'document', sources => '{"web": ["travel", "web"]}');
SELECT leadscore.import_model('far', :'document', sources => '{"web": {"table": "travel.web"}}');
SELECT leadscore.import_model('far', :'document', sources => '{"web": "travel.wep"}');
SELECT leadscore.import_model('far', :'document', sources => '{"web": {"lead": "person"}}');
SELECT leadscore.import_model('far', :'document' #- '{sources,1}' #- '{sources,0,relation}');
SELECT leadscore.import_model('far', leadscore.template('starter'), 'travel.leads', events => 'travel.web');
SELECT leadscore.import_model('far', leadscore.template('starter'), 'travel.leads', events => 'travel.web', lead => 'lead_id',
                              at => 'when');

-- None of this has left anything behind.
SELECT name FROM leadscore.model ORDER BY name;
SELECT count(*) FROM pg_namespace WHERE nspname = 'far';
SELECT model, count(*) FROM leadscore.rule GROUP BY model ORDER BY model;

-- Other tables, other names. Every column that is missing is told at once, with what looks most like it.
CREATE TABLE travel.people (number integer PRIMARY KEY, mail text, country text, workers integer, firm text, born timestamptz,
                            props jsonb);
CREATE TABLE travel.clicks (person integer, moment timestamptz, action text, props jsonb);
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', sources => '{"web": "travel.clicks"}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', key => 'number', created_at => 'born',
                              sources => '{"mail": null}',
                              columns => '{"email": "meil", "employees": ["prop", "size"], "company": null}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', columns => '{"id": ["props", "id"], "email": "mail",
    "employees": "workers", "company": "firm", "created": "born"}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', columns => '{"emial": "mail"}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', columns => '{"email": 3}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', columns => '{"email": ["props", 3]}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', columns => '{"email": []}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', kinds => '{"visit": ["a", "b"]}');
SELECT leadscore.import_model('far', :'document', leads => 'travel.people', kinds => '{"visits": "x"}');

-- What is mapped to null is left out, with what uses it.
INSERT INTO travel.clicks VALUES (1, '2026-01-01', 'click', '{}'), (1, '2026-01-01', 'visitt', '{}'), (1, '2026-01-01', NULL, '{}');
SELECT leadscore.import_model('far', jsonb_set(:'document', '{sources,1}', '{"name": "web", "relation": "travel.clicks", "lead": "person",
                                  "at": "moment", "kind": "action"}') #- '{sources,0}',
    leads => 'travel.people', key => 'number', created_at => 'born', events => 'travel.clicks',
    columns => '{"email": "mail", "employees": null, "company": "firm"}',
    event_columns => '{"url": ["props", "u\"r\"l"], "seconds": ["props", "time", "s"]}', kinds => '{"mail": null}',
    params => '{"countries": ["LU"], "more": 1}');
SELECT name, event, condition, multiplier FROM leadscore.rule WHERE model = 'far' ORDER BY position;
SELECT leads, key, created_at, eligible, params, notify FROM leadscore.model WHERE name = 'far';
SELECT name, account FROM leadscore.rollup WHERE model = 'far';
SELECT leadscore.drop_model('far');
SELECT leadscore.import_model('far', :'document', columns => '{"email": null, "country": null, "created": null, "company": null}');
SELECT key, created_at, eligible FROM leadscore.model WHERE name = 'far';
SELECT name FROM leadscore.rule WHERE model = 'far' ORDER BY position;
SELECT name FROM leadscore.tier WHERE model = 'far' ORDER BY position;
SELECT leadscore.drop_model('far');

-- Two columns that swap their names; texts, variables and what is deeper down keep theirs.
SELECT leadscore.import_model('far', :'document', columns => '{"email": "country", "country": "email"}');
SELECT name, condition FROM leadscore.rule WHERE model = 'far' AND event IS NULL ORDER BY position;
SELECT leadscore.drop_model('far');
SELECT leadscore.renamed_path(path, '{"a": ["b"], "b": ["a"], "c": ["p", "q"], "d\"e": ["x y"], "é": ["$.z"]}')
FROM (VALUES
    (1, jsonpath '$.a == $.b && $.b != $a'),
    (2, '$.a.b.c == "$.a" || "$." == $.c'),
    (3, '"\"$.\"" == $.b || $.d == "\\" || $."a" == 1'),
    (4, '$.c[*] ? (@.a == $.a && @.c.b starts with $"a") .size() == $.c[$.a to last - $.b].a'),
    (5, 'exists($.a ? (@ like_regex "^\\$\\.a" flag "i")) && !(($.b > 1) is unknown)'),
    (6, '$."d\"e" == $."\u00e9" && $d.é > -$.a'),
    (7, 'strict $.a + 1.5e3 == $.* && $.** == true || $[*].a == null')) AS p(number, path) ORDER BY number;

-- A version is a document, too: this brings back what was published first.
UPDATE leadscore.rule SET enabled = false WHERE model = 'home' AND event IS NOT NULL;
DELETE FROM leadscore.rollup WHERE model = 'home';
SELECT leadscore.publish('home');
UPDATE leadscore.rule SET points = 77 WHERE model = 'home';
SELECT leadscore.import_model('old', (SELECT config FROM leadscore.version WHERE model = 'home' AND version = 1));
SELECT name, points FROM leadscore.rule WHERE model = 'old' ORDER BY position;

-- A table that is gone is not in the document.
CREATE TABLE travel.short_lived (id bigint PRIMARY KEY);
SELECT leadscore.create_model('orphan', 'travel.short_lived');
DROP TABLE travel.short_lived;
SELECT leadscore.export_model('orphan') -> 'model' AS model;

-- Templates
SELECT name, title FROM leadscore.templates();
SELECT columns, event_columns, kinds FROM leadscore.templates() WHERE name = 'b2b_demographic_behavioural_negative';
SELECT leadscore.template('starte');
SELECT leadscore.template('something else');
SELECT leadscore.template(NULL);
-- Each is a document that says of every column and kind that it uses what it means, and uses all that it asks for.
SELECT t.name, f.* FROM leadscore.templates() AS t CROSS JOIN LATERAL leadscore.document_faults(leadscore.template(t.name)) AS f;
SELECT t.name, n.* FROM leadscore.templates() AS t CROSS JOIN LATERAL leadscore.document_needs(leadscore.template(t.name)) AS n
WHERE NOT n.is_declared;
SELECT t.name, n.scope, n.name
FROM leadscore.templates() AS t CROSS JOIN LATERAL leadscore.document_needs(leadscore.template(t.name)) AS n
EXCEPT
SELECT t.name, u.scope, u.name
FROM leadscore.templates() AS t CROSS JOIN LATERAL leadscore.document_uses(leadscore.template(t.name)) AS u;
SELECT t.name FROM leadscore.templates() AS t WHERE t.title IS NULL OR t.about IS NULL OR t.columns IS NULL;
-- It says which of its columns are missing, and what they mean.
SELECT leadscore.import_model('far', leadscore.template('bant'), 'travel.people', columns => '{"need": ["props", "need"]}');
SELECT leadscore.import_model('far', leadscore.template('bant'), 'travel.people', columns => '{"need": null, "budget": "workers",
    "job_title": ["props", "job"], "months_to_buy": ["props", "months"]}');
-- Optional ones are left out. The kinds that there are not yet are told.
SELECT leadscore.import_model('far', leadscore.template('starter'), 'travel.people', events => 'travel.clicks', lead => 'person',
                              at => 'moment', kind => 'action', columns => '{"email": "mail", "job_title": ["props", "job"]}',
                              kinds => '{"email_click": "click"}', params => '{"industries": []}');
SELECT leadscore.drop_model('far');
-- Everybody may read them, and nobody gains a right by them.
CREATE ROLE traveller;
GRANT USAGE ON SCHEMA leadscore, travel TO traveller;
SET ROLE traveller;
SELECT leadscore.template('starter') -> 'format' AS format;
SELECT leadscore.import_model('far', leadscore.template('leadlovers'), 'travel.leads');
RESET ROLE;
REVOKE ALL ON SCHEMA leadscore, travel FROM traveller;
DROP ROLE traveller;

SET client_min_messages = warning;
SELECT leadscore.drop_model(name) FROM leadscore.model WHERE name IN ('home', 'away', 'old', 'orphan');
DROP SCHEMA travel CASCADE;
