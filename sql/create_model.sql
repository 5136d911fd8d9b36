-- The life of a model but for publishing: create_model, add_events, remove_events, drop_model.
\set SHOW_CONTEXT never
CREATE SCHEMA "make crm";
SET search_path = "make crm", public;

CREATE TABLE leads (id bigint PRIMARY KEY, email text UNIQUE, code text NOT NULL, score float8, doc json NOT NULL,
                    created timestamptz, "born on" date);
CREATE UNIQUE INDEX ON leads (code) WHERE score > 0;
CREATE TABLE visits (lead_id integer, at timestamptz, "when" timestamp, day date, kind text, other uuid, label varchar(20));

-- Names
SELECT leadscore.create_model('', 'leads');
SELECT leadscore.create_model('public', 'leads');
SELECT leadscore.create_model('pg_leads', 'leads');
SELECT leadscore.create_model(repeat('x', 37), 'leads');
SELECT leadscore.create_model(NULL, 'leads');
SELECT leadscore.create_model('make crm', 'leads');

-- Leads
SELECT leadscore.create_model('make', NULL);
CREATE VIEW some_leads AS SELECT * FROM leads;
SELECT leadscore.create_model('make', 'some_leads');
CREATE MATERIALIZED VIEW old_leads AS SELECT * FROM leads;
SELECT leadscore.create_model('make', 'old_leads');
CREATE TEMPORARY TABLE quick_leads (id integer PRIMARY KEY);
SELECT leadscore.create_model('make', 'quick_leads');

-- Keys
CREATE TABLE keyless (id bigint, name text);
SELECT leadscore.create_model('make', 'keyless');
CREATE TABLE two_keys (country text, id bigint, PRIMARY KEY (country, id));
SELECT leadscore.create_model('make', 'two_keys');
SELECT leadscore.create_model('make', 'leads', key => 'idd');
SELECT leadscore.create_model('make', 'leads', key => 'nothing like it');
SELECT leadscore.create_model('make', 'leads', key => 'ctid');
SELECT leadscore.create_model('make', 'leads', key => 'doc');
SELECT leadscore.create_model('make', 'leads', key => 'email');
SELECT leadscore.create_model('make', 'leads', key => 'code');
SELECT leadscore.create_model('make', 'leads', created_at => 'creatd');
SELECT leadscore.create_model('make', 'leads', created_at => 'email');
SELECT leadscore.create_model('make', 'leads', params => '[]');
SELECT leadscore.create_model('make', 'leads', params => NULL);

-- None of this has left anything behind.
SELECT count(*) FROM leadscore.model;
SELECT count(*) FROM pg_namespace WHERE nspname IN ('', 'make', 'pg_leads') OR nspname LIKE 'xxx%';

-- A model, all by default, and what it has made
SELECT leadscore.create_model('make', 'leads');
SELECT name, leads, key, created_at, eligible, params, notify FROM leadscore.model;
SELECT leadscore.create_model('make', 'leads');
\d make.*
SELECT obj_description('make'::regnamespace), obj_description('make.state'::regclass),
       obj_description('make.tier_changes'::regclass);
SELECT reloptions FROM pg_class WHERE oid = 'make.state'::regclass;
\set VERBOSITY terse
INSERT INTO make.tier_changes (lead, at, version, cause) VALUES (1, now(), 1, 'whim');
\set VERBOSITY default
SELECT leadscore.drop_model('make');
SELECT count(*) FROM leadscore.model;
SELECT to_regnamespace('make');

-- Every option; names that need quoting
SELECT leadscore.create_model('The "Model"', 'leads', key => 'id', created_at => 'born on', eligible => '$.email != null',
                              params => '{"a": 1}', notify => false);
SELECT name, leads, key, created_at, eligible, params, notify FROM leadscore.model;
SELECT to_regclass('"The ""Model""".state');
SELECT leadscore.drop_model('The "Model"');

-- Keys of several types, with typmod and collation
CREATE DOMAIN "lead no" AS uuid CHECK (VALUE <> '00000000-0000-0000-0000-000000000000');
CREATE TABLE by_domain ("Lead No" "lead no" PRIMARY KEY);
CREATE TABLE by_text (name text COLLATE "C" PRIMARY KEY);
CREATE TABLE by_varchar (name varchar(20) PRIMARY KEY);
CREATE TABLE by_number (no numeric(12,2) NOT NULL, UNIQUE (no) INCLUDE (no));
CREATE TABLE by_array (ids integer[] PRIMARY KEY);
SELECT leadscore.create_model('make', 'by_array');
CREATE TABLE by_part (id integer PRIMARY KEY) PARTITION BY RANGE (id);
SELECT leadscore.create_model('make 1', 'by_domain'), leadscore.create_model('make 2', 'by_text'),
       leadscore.create_model('make 3', 'by_varchar'), leadscore.create_model('make 4', 'by_number', key => 'no'),
       leadscore.create_model('make 5', 'by_part');
SELECT a.attrelid::regclass, format_type(a.atttypid, a.atttypmod) AS type, c.collname
FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation
WHERE a.attrelid IN (SELECT format('%I.state', name)::regclass FROM leadscore.model) AND a.attname = 'lead'
ORDER BY a.attrelid::regclass::text;
SELECT leadscore.drop_model(name) FROM leadscore.model ORDER BY name;

-- add_events: errors
SELECT leadscore.create_model('make', 'leads');
SELECT leadscore.add_events('mike', 'visits', 'lead_id', 'at');
SELECT leadscore.add_events('nothing like it', 'visits', 'lead_id', 'at');
SELECT leadscore.add_events(NULL, 'visits', 'lead_id', 'at');
SELECT leadscore.add_events('make', NULL, 'lead_id', 'at');
SELECT leadscore.add_events('make', 'some_leads', 'id', 'created');
SELECT leadscore.add_events('make', 'visits', 'lead_it', 'at');
SELECT leadscore.add_events('make', 'visits', NULL, 'at');
SELECT leadscore.add_events('make', 'visits', 'other', 'at');
SELECT leadscore.add_events('make', 'visits', 'lead_id', 'wen');
SELECT leadscore.add_events('make', 'visits', 'lead_id', 'kind');
SELECT leadscore.add_events('make', 'visits', 'lead_id', 'at', kind => 'king');
SELECT leadscore.add_events('make', 'visits', 'lead_id', 'at', name => '');
SELECT count(*) FROM leadscore.event_source;
\d visits

-- add_events: what it adds, the index that it makes, and when it makes none
SELECT leadscore.add_events('make', 'visits', lead => 'lead_id', at => 'at');
SELECT leadscore.add_events('make', 'visits', lead => 'lead_id', at => 'when', name => 'again');
CREATE TABLE calls (id integer PRIMARY KEY, "the lead" bigint, "the day" date, kind text);
CREATE INDEX ON calls ("the lead") WHERE kind = 'x';
CREATE INDEX ON calls USING hash ("the lead");
CREATE INDEX ON calls (("the lead" + 1));
CREATE INDEX ON calls (kind, "the lead");
SELECT leadscore.add_events('make', 'calls', lead => 'the lead', at => 'the day', kind => 'kind', name => 'visits');
SELECT leadscore.add_events('make', 'calls', lead => 'the lead', at => 'the day', kind => 'kind', name => 'phone calls');
CREATE TABLE mails (lead_id bigint, at timestamp);
CREATE INDEX ON mails (lead_id);
SELECT leadscore.add_events('make', 'mails', lead => 'lead_id', at => 'at');
CREATE TABLE clicks (lead_id smallint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE clicks_1 PARTITION OF clicks FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
SELECT leadscore.add_events('make', 'clicks', lead => 'lead_id', at => 'at');
SELECT * FROM leadscore.event_source ORDER BY name;

-- remove_events
SELECT leadscore.remove_events('make', 'mails');
SELECT leadscore.remove_events('make', 'mails');
SELECT leadscore.remove_events('make', NULL);
SELECT leadscore.remove_events('mike', 'visits');
SELECT name FROM leadscore.event_source ORDER BY name;

-- Once a model is published, what changes its draft says so.
INSERT INTO leadscore.rule (model, name, points) VALUES ('make', 'there', 1);
SELECT leadscore.publish('make');
SELECT leadscore.add_events('make', 'mails', lead => 'lead_id', at => 'at');
SELECT leadscore.remove_events('make', 'clicks');
SELECT tgrelid::regclass, count(*) FROM pg_trigger WHERE tgname LIKE 'leadscore%' GROUP BY 1
ORDER BY tgrelid::regclass::text;
SELECT leadscore.publish('make');
SELECT tgrelid::regclass, count(*) FROM pg_trigger WHERE tgname LIKE 'leadscore%' GROUP BY 1
ORDER BY tgrelid::regclass::text;

-- The types of a key and of the events' lead: domains aside the same, or both integers, or both text
SELECT leadscore.create_model('make 1', 'by_domain'), leadscore.create_model('make 2', 'by_text');
SELECT leadscore.add_events('make 1', 'visits', lead => 'other', at => 'day');
SELECT leadscore.add_events('make 2', 'visits', lead => 'label', at => 'at');
SELECT leadscore.add_events('make 2', 'mails', lead => 'lead_id', at => 'at');
SELECT leadscore.drop_model('make 1'), leadscore.drop_model('make 2');

-- drop_model
SELECT leadscore.drop_model('mike');
SELECT leadscore.drop_model(NULL);
CREATE VIEW hot AS SELECT * FROM make.scores;
SELECT leadscore.drop_model('make');
DROP VIEW hot;
CREATE TABLE make.mine ();
SELECT leadscore.drop_model('make');
DROP TABLE make.mine;
SELECT count(*) FROM make.state;
SELECT leadscore.drop_model('make');
SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'leadscore%' AND tgrelid >= 16384;
SELECT count(*) FROM leadscore.version;

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA "make crm" CASCADE;
