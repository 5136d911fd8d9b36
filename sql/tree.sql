-- Dimensions as a tree, three-valued lead rules, eligibility, tiers; by hand.
SET timezone = 'UTC';
CREATE SCHEMA tree_crm;
CREATE TABLE tree_crm.leads (id int PRIMARY KEY, size jsonb, country text, consent boolean, customer boolean);
CREATE TABLE tree_crm.visits (lead_id int, on_day date);
SELECT leadscore.create_model('tree', leads => 'tree_crm.leads', eligible => '$.consent == true');
SELECT leadscore.add_events('tree', 'tree_crm.visits', lead => 'lead_id', at => 'on_day', name => 'visit');
INSERT INTO leadscore.dimension (model, path, weight, base, min_value, max_value) VALUES
    ('tree', 'score', 1, 1, 0, NULL),           -- the root may have a base and bounds of its own
    ('tree', 'fit', 2, 0, NULL, 20),
    ('tree', 'fit.company', 0.5, 4, NULL, NULL),
    ('tree', 'fit.person', -1, 0, NULL, NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, else_points) VALUES
    ('tree', 'large',   'fit.company', NULL,    '$.size >= 100', 10, -2),
    ('tree', 'foreign', 'fit.person',  NULL,    '$.country != "FR"', 3, 0),
    ('tree', 'always',  'fit',         NULL,    NULL, 1, 0),
    ('tree', 'visit',   'score',       'visit', NULL, 5, 0);
INSERT INTO leadscore.tier (model, name, position, minimums, applies_to) VALUES
    ('tree', 'low', 1, '{}', NULL),
    ('tree', 'prospect', 2, '{"score": 10}', '$.customer == false'),
    ('tree', 'customer', 3, '{"score": 20, "fit": 5}', '$.customer == true');
SELECT leadscore.publish('tree');

-- large and French: company = 4 + 10 = 14, person = 0, fit = 1 + 7 = 8, score = 1 + 16 = 17; a visit makes it 22.
-- small and foreign: company = 4 - 2 = 2, person = 3, fit = 1 + 1 - 3 = -1, score = 1 - 2 = -1, held at 0.
-- of a size that is no number: the condition is unknown, company = 4; without a country: null is a value like any other to jsonpath,
-- and null != "FR" is true: person = 3, fit = 1 + 2 - 3 = 0, score = 1.
INSERT INTO tree_crm.leads VALUES (1, '100', 'FR', true, false), (2, '99', 'DE', true, false), (3, '"many"', NULL, true, NULL),
    (4, '100', 'FR', false, false), (5, '100', 'FR', NULL, false), (6, '1000000', 'FR', true, true);
INSERT INTO tree_crm.visits VALUES (1, '2020-01-01'), (4, '2020-01-01'), (6, '2020-01-01'), (6, '2020-01-02'), (7, '2020-01-01');
SELECT id, score, fit, tier, last_event_at FROM tree.scores ORDER BY id;
SELECT s.lead, leadscore.breakdown(s.state) FROM tree.state AS s ORDER BY s.lead;
SELECT id, leadscore.fit('tree', l), leadscore.score('tree', id) FROM tree_crm.leads AS l ORDER BY id;

-- The explanation shows bases, clamps and weights; what is directly below a dimension adds up to it.
SELECT path, rule, awards, last_at, points, share::numeric(6, 3) FROM leadscore.explain('tree', 1);
SELECT path, rule, awards, last_at, points, share FROM leadscore.explain('tree', 2);
SELECT count(*) FROM leadscore.explain('tree', 4);

-- The root's bound reached from above, a dimension's from below.
UPDATE leadscore.dimension SET max_value = 7 WHERE model = 'tree' AND path = 'fit';
SELECT leadscore.publish('tree');
SELECT path, rule, points FROM leadscore.explain('tree', 1);

-- Eligibility comes and goes; tiers follow segments.
UPDATE tree_crm.leads SET consent = true WHERE id = 4;
UPDATE tree_crm.leads SET consent = NULL WHERE id = 1;
UPDATE tree_crm.leads SET customer = true WHERE id = 4;
SELECT id, score, tier, version FROM tree.scores ORDER BY id;
SELECT lead, from_tier, to_tier, score, version, cause FROM tree.tier_changes ORDER BY at, lead;

-- A lead that goes leaves its tier, its events stay; when it comes back they count again.
DELETE FROM tree_crm.leads WHERE id = 6;
SELECT lead, leadscore.is_scored(state), leadscore.is_empty(state), leadscore.tier(state) FROM tree.state WHERE lead = 6;
INSERT INTO tree_crm.leads VALUES (6, '1', 'FR', true, true);
SELECT id, score, tier FROM tree.scores WHERE id = 6;

SELECT * FROM leadscore.verify('tree');
SELECT leadscore.drop_model('tree');
SET client_min_messages = warning;
DROP SCHEMA tree_crm CASCADE;
