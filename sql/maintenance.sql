-- refresh, rebuild and verify.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA kept;
SET search_path = kept, public;

CREATE TABLE leads (id bigint PRIMARY KEY, country text, blocked boolean);
CREATE TABLE visits (lead_id bigint, at timestamptz);
SELECT leadscore.create_model('upkeep', 'leads', eligible => '$.blocked != true');
SELECT leadscore.add_events('upkeep', 'visits', 'lead_id', 'at');
INSERT INTO leadscore.dimension (model, path) VALUES ('upkeep', 'fit'), ('upkeep', 'web');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, decay, period) VALUES
    ('upkeep', 'from France', 'fit', NULL, '$.country == "FR"', 10, 'none', NULL),
    ('upkeep', 'visit', 'web', 'visits', NULL, 5, 'window', '30 days');
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES
    ('upkeep', 'cold', 1, '{}'), ('upkeep', 'warm', 2, '{"web": 5}'), ('upkeep', 'hot', 3, '{"fit": 10, "web": 10}');

-- What is not published has nothing to keep up.
SELECT leadscore.refresh('upkeep');
SELECT leadscore.rebuild('upkeep');
SELECT * FROM leadscore.verify('upkeep');
SELECT leadscore.refresh('upkep');
SELECT leadscore.rebuild(NULL);
SELECT leadscore.publish('upkeep');

-- Tiers that time alone has changed: a visit counts for 30 days, and these began to count while nobody looked.
INSERT INTO leads VALUES (1, 'FR', false), (2, 'BE', NULL), (3, 'BE', NULL), (4, 'FR', true);
INSERT INTO visits VALUES (1, clock_timestamp() + '2.0 s'), (1, clock_timestamp() + '2.1 s'), (2, clock_timestamp() + '2.0 s'),
                          (3, clock_timestamp() + '1 day'), (4, clock_timestamp() + '2.0 s');
SELECT id, score, tier FROM upkeep.scores ORDER BY id;
SELECT leadscore.refresh('upkeep');
SELECT pg_sleep(2.2);
SELECT id, score, tier FROM upkeep.scores ORDER BY id;
SELECT * FROM leadscore.verify('upkeep');
SELECT leadscore.refresh('upkeep');
SELECT leadscore.refresh('upkeep');
SELECT lead, from_tier, to_tier, score, version, cause, at < recorded_at AS was_noticed_later FROM upkeep.tier_changes
ORDER BY tier_changes.at, lead;
SELECT leadscore.refresh('upkeep', clock_timestamp() - interval '1 hour');
\set VERBOSITY sqlstate
SELECT leadscore.refresh('upkeep', clock_timestamp() + interval '1 hour');
\set VERBOSITY default

-- Verify at other instants: of the past, it takes each state's own; in the future, all are older.
SELECT * FROM leadscore.verify('upkeep', '2001-01-01');
SELECT * FROM leadscore.verify('upkeep', now() + interval '10 days');
SELECT * FROM leadscore.verify('upkeep', now() + interval '10 years');

-- Changes that no trigger saw: verify tells each of them, rebuild puts them right, and says who moved.
TRUNCATE upkeep.tier_changes;
ALTER TABLE leads DISABLE TRIGGER USER;
ALTER TABLE visits DISABLE TRIGGER USER;
UPDATE leads SET country = 'FR' WHERE id = 2;
UPDATE leads SET blocked = true WHERE id = 3;
DELETE FROM leads WHERE id = 4;
INSERT INTO leads VALUES (5, 'BE'), (6, 'FR');
INSERT INTO visits VALUES (2, '2024-01-01'), (2, now() - interval '1 day'), (7, '2024-01-01 00:00 UTC');
DELETE FROM visits WHERE lead_id IN (1, 4);
ALTER TABLE leads ENABLE TRIGGER USER;
ALTER TABLE visits ENABLE TRIGGER USER;
SELECT lead, dimension, live, recomputed FROM leadscore.verify('upkeep') WHERE dimension <> '(last_event_at)'
ORDER BY lead, dimension;
SELECT lead, dimension, live IS NULL AS live_is_null, recomputed IS NULL AS recomputed_is_null FROM leadscore.verify('upkeep')
WHERE dimension = '(last_event_at)' ORDER BY lead;
SELECT leadscore.rebuild('upkeep');
SELECT * FROM leadscore.verify('upkeep');
SELECT lead, leadscore.is_scored(state) AS is_scored FROM upkeep.state ORDER BY lead;
SELECT lead, from_tier, to_tier, score, cause FROM upkeep.tier_changes ORDER BY lead;
SELECT id, score, tier FROM upkeep.scores ORDER BY id;

-- A lead that is gone leaves its tier also when a new version notices that.
TRUNCATE upkeep.tier_changes;
ALTER TABLE leads DISABLE TRIGGER USER;
DELETE FROM leads WHERE id = 6;
ALTER TABLE leads ENABLE TRIGGER USER;
SELECT leadscore.publish('upkeep');
SELECT lead, from_tier, to_tier, score, version, cause FROM upkeep.tier_changes ORDER BY lead;
SELECT * FROM leadscore.verify('upkeep');
SELECT count(*) FROM upkeep.state WHERE lead = 6;

SELECT leadscore.drop_model('upkeep');
DROP SCHEMA kept CASCADE;
