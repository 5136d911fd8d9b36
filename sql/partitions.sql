-- Partitions and children that come and go, and tables that a model cannot do without.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA parts;
SET search_path = parts, public;

CREATE TABLE leads (id bigint PRIMARY KEY, country text, email text);
CREATE TABLE events (lead_id bigint, at timestamptz, kind text, note text) PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT PARTITION BY LIST (kind);
CREATE TABLE events_rest_other PARTITION OF events_rest DEFAULT;
SELECT leadscore.create_model('part', 'leads', eligible => '$.email != "none"');
SELECT leadscore.add_events('part', 'events', 'lead_id', 'at', 'kind');
INSERT INTO leadscore.rule (model, name, event, condition, points) VALUES
    ('part', 'from France', NULL, '$.country == "FR"', 100),
    ('part', 'visit', 'visit', NULL, 1), ('part', 'call', 'call', NULL, 10);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('part', 'cold', 1, '{}'), ('part', 'hot', 2, '{"score": 10}');
INSERT INTO leads VALUES (1, 'FR'), (2, 'BE'), (3, 'BE'), (4, 'BE');
SELECT leadscore.publish('part');

-- What carries triggers, and of which kind
CREATE VIEW followers AS
    SELECT tgrelid::regclass AS relation,
           string_agg(regexp_replace(tgname, '^leadscore_part_', ''), ', ' ORDER BY tgname) AS triggers
    FROM pg_trigger WHERE tgname LIKE 'leadscore\_part\_%' GROUP BY 1 ORDER BY tgrelid::regclass::text;
CREATE VIEW scores AS SELECT string_agg(id || ': ' || score, ', ' ORDER BY id) AS scores FROM part.scores;
SELECT * FROM followers;

-- Rows through the parent, straight into a partition, and moved from one to another
INSERT INTO events VALUES (1, '2023-05-01', 'visit'), (2, '2022-05-01', 'visit'), (3, '2024-05-01', 'call');
INSERT INTO events_2023 VALUES (1, '2023-06-01', 'visit'), (2, '2023-06-01', 'call');
INSERT INTO events_rest_other VALUES (4, '2021-01-01', 'visit');
INSERT INTO events_rest VALUES (4, '2021-01-02', 'visit');
UPDATE events SET at = '2023-07-01' WHERE lead_id = 4;
SELECT * FROM scores;
UPDATE events_2023 SET lead_id = 3 WHERE lead_id = 4;
DELETE FROM events_2023 WHERE kind = 'call';
TRUNCATE events_rest;
SELECT * FROM scores;
SELECT * FROM leadscore.verify('part');

-- A new partition, empty at first
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
SELECT * FROM followers WHERE relation = 'events_2024'::regclass;
INSERT INTO events_2024 VALUES (2, '2024-02-01', 'call');
SELECT * FROM scores;

-- A table with rows is attached: they count from then on. It has its columns in another order, and one more that is dropped.
CREATE TABLE events_2025 (gone text, note text, kind text, at timestamptz, lead_id bigint);
ALTER TABLE events_2025 DROP gone;
INSERT INTO events_2025 (lead_id, at, kind) VALUES (3, '2025-01-01', 'call'), (4, '2025-01-02', 'visit'), (5, '2025-01-01', 'call'),
                                                   (NULL, '2025-01-01', 'call');
SELECT * FROM scores;
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT * FROM followers WHERE relation = 'events_2025'::regclass;
SELECT * FROM scores;
SELECT lead, from_tier, to_tier, score, cause FROM part.tier_changes ORDER BY at, lead;
INSERT INTO leads VALUES (5, 'BE');
INSERT INTO events_2025 (lead_id, at, kind) VALUES (4, '2025-01-03', 'visit');
SELECT * FROM scores;
SELECT * FROM leadscore.verify('part');

-- Detached: they do not count any more.
ALTER TABLE events DETACH PARTITION events_2025;
SELECT * FROM scores;
INSERT INTO events_2025 (lead_id, at, kind) VALUES (4, '2025-01-04', 'visit');
SELECT * FROM scores;
SELECT * FROM followers WHERE relation = 'events_2025'::regclass;
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT * FROM scores;
ALTER TABLE events DETACH PARTITION events_rest;
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
SELECT * FROM scores;
SELECT * FROM followers;
SELECT * FROM leadscore.verify('part');

-- A whole tree is attached and detached.
CREATE TABLE tree (lead_id bigint, at timestamptz, kind text, note text) PARTITION BY RANGE (at);
ALTER TABLE tree ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE events ATTACH PARTITION tree FOR VALUES FROM ('2025-01-01') TO ('2030-01-01');
SELECT * FROM scores;
CREATE TABLE events_2026 PARTITION OF tree FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO events_2026 VALUES (1, '2026-01-01', 'visit');
SELECT * FROM scores;
SELECT * FROM followers;
ALTER TABLE events DETACH PARTITION tree;
SELECT * FROM scores;
SELECT * FROM followers;
ALTER TABLE events ATTACH PARTITION tree FOR VALUES FROM ('2025-01-01') TO ('2030-01-01');

-- A partition is dropped, with its rows; then a rollback
BEGIN;
DROP TABLE events_2023;
SELECT * FROM scores;
SELECT * FROM leadscore.verify('part');
ROLLBACK;
SELECT * FROM scores;
DROP TABLE events_2023, tree;
SELECT * FROM scores;
SELECT * FROM leadscore.verify('part');

-- Children of a table of leads
CREATE TABLE more_leads () INHERITS (leads);
INSERT INTO more_leads VALUES (6, 'FR'), (7, 'BE');
CREATE TABLE old_leads (id bigint NOT NULL, country text, email text);
INSERT INTO old_leads VALUES (8, 'FR');
SELECT * FROM scores;
ALTER TABLE old_leads INHERIT leads;
SELECT * FROM scores;
SELECT * FROM followers;
DELETE FROM leads WHERE id = 6;
ALTER TABLE more_leads NO INHERIT leads;
DROP TABLE old_leads;
SELECT * FROM scores;
SELECT * FROM leadscore.verify('part');
SELECT * FROM followers;

-- A source that was renamed is followed on; one that is removed from the draft, until the next version.
ALTER TABLE events RENAME TO happenings;
CREATE TABLE events (lead_id bigint, at timestamptz, kind text, note text);
CREATE TABLE events_2027 PARTITION OF happenings FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
INSERT INTO events_2027 VALUES (3, '2027-01-01', 'call');
SELECT lead, leadscore.last_event_at(state) AT TIME ZONE 'UTC' AS last_event_at FROM part.state ORDER BY lead;
DROP TABLE events;
ALTER TABLE happenings RENAME TO events;
SELECT leadscore.remove_events('part', 'events');
CREATE TABLE events_2028 PARTITION OF events FOR VALUES FROM ('2028-01-01') TO ('2029-01-01');
SELECT * FROM followers;
DROP TABLE events;
SELECT leadscore.add_events('part', 'events', 'lead_id', 'at', 'kind');
SELECT * FROM leadscore.verify('part');

-- What a model cannot do without is not dropped.
DROP TABLE leads;
DROP TABLE leads CASCADE;
DROP TABLE events;
DROP SCHEMA parts CASCADE;
ALTER TABLE leads DROP id;
ALTER TABLE events DROP lead_id;
ALTER TABLE events DROP kind;
ALTER TABLE events DROP note;
-- What a rule asks for may go; who takes it away is told, until the model asks for something else. Rules that are no more than drafts
-- are nobody's business.
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('part', 'draft', '$.nothing == 1', 1);
ALTER TABLE leads RENAME country TO land;
ALTER TABLE leads ADD phone text;
ALTER TABLE leads RENAME id TO number;
ALTER TABLE leads RENAME number TO id;
ALTER TABLE events RENAME kind TO what;
ALTER TABLE events RENAME what TO kind;
UPDATE leadscore.rule SET condition = '$.land == "FR"' WHERE model = 'part' AND name = 'from France';
DELETE FROM leadscore.rule WHERE model = 'part' AND name = 'draft';
SELECT leadscore.publish('part');
ALTER TABLE leads DROP phone;
UPDATE leadscore.rule SET condition = '$.country == "FR"' WHERE model = 'part' AND name = 'from France';
ALTER TABLE leads RENAME land TO country;
DROP TABLE part.tier_changes;
DROP SCHEMA part CASCADE;
DROP VIEW scores, part.scores;
SELECT leadscore.publish('part');
CREATE VIEW scores AS SELECT string_agg(id || ': ' || score, ', ' ORDER BY id) AS scores FROM part.scores;

-- Foreign tables have no such triggers.
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE far_events PARTITION OF events FOR VALUES FROM ('2000-01-01') TO ('2001-01-01') SERVER nowhere;
CREATE FOREIGN TABLE far_events (lead_id bigint, at timestamptz, kind text) SERVER nowhere;
ALTER TABLE events ATTACH PARTITION far_events FOR VALUES FROM ('2000-01-01') TO ('2001-01-01');
DROP FOREIGN DATA WRAPPER nowhere CASCADE;

-- The team puts a table above one that is followed.
CREATE TABLE all_leads (id bigint, country text, email text);
ALTER TABLE leads INHERIT all_leads;
ALTER TABLE leads NO INHERIT all_leads;
DROP TABLE all_leads;

-- Who changes a table needs no right on anything of leadscore, whether or not a model follows the table, and gains none.
CREATE ROLE regress_leadscore_team;
CREATE ROLE regress_leadscore_keeper;
GRANT ALL ON SCHEMA parts TO regress_leadscore_team;
GRANT USAGE ON SCHEMA parts TO regress_leadscore_keeper;
GRANT SELECT ON leads, events TO regress_leadscore_keeper;
GRANT USAGE ON SCHEMA leadscore, part TO regress_leadscore_team, regress_leadscore_keeper;
ALTER TABLE events OWNER TO regress_leadscore_team;
ALTER SCHEMA part OWNER TO regress_leadscore_keeper;
ALTER TABLE part.state OWNER TO regress_leadscore_keeper;
ALTER TABLE part.pending OWNER TO regress_leadscore_keeper;
ALTER TABLE part.tier_changes OWNER TO regress_leadscore_keeper;
ALTER TABLE part.adjustment OWNER TO regress_leadscore_keeper;
SET ROLE regress_leadscore_team;
SELECT * FROM part.state;
SELECT * FROM leadscore.rule;
CREATE TABLE apart (x integer);
ALTER TABLE apart ADD y integer;
DROP TABLE apart;
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO events_2020 VALUES (2, '2020-01-01', 'call');
CREATE TABLE events_2021 (lead_id bigint, at timestamptz, kind text);
INSERT INTO events_2021 VALUES (3, '2021-01-01', 'call'), (4, '2021-01-01', 'call');
ALTER TABLE events ATTACH PARTITION events_2021 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
RESET ROLE;
SELECT * FROM scores;
SELECT * FROM leadscore.verify('part');
SET ROLE regress_leadscore_team;
ALTER TABLE events DETACH PARTITION events_2021;
DROP TABLE events_2020;
DROP TABLE events;
SELECT leadscore.rescore('part', 'parts.events_2021', 'lead_id');
RESET ROLE;
SELECT * FROM scores;
SELECT * FROM leadscore.verify('part');

DROP VIEW scores;
SELECT leadscore.drop_model('part');
SELECT count(*) FROM followers;
DROP SCHEMA parts CASCADE;
REVOKE USAGE ON SCHEMA leadscore FROM regress_leadscore_team, regress_leadscore_keeper;
DROP ROLE regress_leadscore_team, regress_leadscore_keeper;
