-- top: the leads with the highest scores.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA ranked;
SET search_path = ranked, public;

CREATE TABLE leads (id bigint PRIMARY KEY, country text, blocked boolean);
CREATE TABLE visits (lead_id bigint, at timestamptz);
SELECT leadscore.create_model('best', 'leads', eligible => '$.blocked != true');
SELECT leadscore.add_events('best', 'visits', 'lead_id', 'at');
SELECT * FROM leadscore.top('best', 3);
INSERT INTO leadscore.rule (model, name, event, condition, points, decay, period) VALUES
    ('best', 'from France', NULL, '$.country == "FR"', 10, 'none', NULL),
    ('best', 'visit', 'visits', NULL, 5, 'window', '30 days');
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('best', 'warm', 1, '{"score": 5}'), ('best', 'hot', 2, '{"score": 15}');
SELECT leadscore.publish('best');
SELECT * FROM leadscore.top('best', 3);

-- Lead 5 is not eligible, lead 9 does not exist. A visit of lead 4 begins to count tomorrow, and two of lead 2 end then.
INSERT INTO leads VALUES (1, 'FR', false), (2, 'BE', false), (3, 'BE', false), (4, 'BE', false), (5, 'FR', true), (6, 'FR', false);
INSERT INTO visits SELECT 2, now() - interval '29 days 12 hours' FROM generate_series(1, 4);
INSERT INTO visits VALUES (1, now()), (4, now() + interval '12 hours'), (5, now()), (5, now()), (5, now()), (9, now()), (9, now());
SELECT * FROM leadscore.top('best', 2);
SELECT * FROM leadscore.top('best', 100);
SELECT * FROM leadscore.top('best', 9223372036854775807, now() + interval '1 day');
SELECT count(*) FROM leadscore.top('best', 4);

-- What it refuses, and what gives nothing.
SELECT * FROM leadscore.top('best', 0);
SELECT * FROM leadscore.top('best', NULL);
SELECT * FROM leadscore.top(NULL, 3);
SELECT * FROM leadscore.top('best', 3, NULL);
SELECT * FROM leadscore.top('best', -1);
SELECT * FROM leadscore.top('bset', 3);
SELECT * FROM leadscore.top('best', 3, 'infinity');
SELECT * FROM leadscore.top('best', 3, '2020-01-01');

-- What people set counts, too, until it ends.
SELECT leadscore.override('best', 3, 99, now() + interval '1 hour', 'a friend');
SELECT lead, score, tier FROM leadscore.top('best', 1);
SELECT lead, score, tier FROM leadscore.top('best', 1, now() + interval '2 hours');

-- Leads that are not ranked are read if the ranked ones are not enough.
UPDATE leadscore.version SET ranked_above = 12 WHERE model = 'best';
SELECT leadscore.rebuild('best');
SELECT lead, ceiling FROM best.state WHERE ceiling IS NOT NULL ORDER BY lead;
SELECT rank, lead, score FROM leadscore.top('best', 2);
SELECT rank, lead, score FROM leadscore.top('best', 4);
SELECT rank, lead, score FROM leadscore.top('best', 10, now() + interval '1 day');
INSERT INTO visits SELECT 6, now() FROM generate_series(1, 3);
SELECT rank, lead, score FROM leadscore.top('best', 2);

-- Events that are pending count.
INSERT INTO best.pending
SELECT 6, leadscore.as_write(leadscore.event_state('best', v), 'add_events', 'event', clock_timestamp())
FROM unnest(array_fill(ROW(6, now())::visits, ARRAY[20])) AS v;
INSERT INTO best.pending
SELECT 2, leadscore.as_write(leadscore.event_state('best', v), 'add_events', 'event', clock_timestamp())
FROM unnest(array_fill(ROW(2, now())::visits, ARRAY[1])) AS v;
SELECT rank, lead, score, tier FROM leadscore.top('best', 3);
SELECT id, score, tier FROM best.scores ORDER BY score DESC, id;
SELECT s.id, s.score FROM leads AS l JOIN best.scores AS s USING (id) WHERE s.id IN (1, 2) ORDER BY s.id;
SELECT leadscore.refresh('best');
SELECT rank, lead, score, tier FROM leadscore.top('best', 3);

-- It is what the view says.
SELECT count(*) AS differences
FROM leadscore.top('best', 100) AS t
FULL JOIN (SELECT id::text AS lead, score, tier, rank() OVER (ORDER BY score DESC) FROM best.scores) AS s USING (lead)
WHERE (t.rank, t.score, t.tier) IS DISTINCT FROM (s.rank, s.score, s.tier);

-- With the reader's rights.
CREATE ROLE regress_leadscore_ranked;
SET ROLE regress_leadscore_ranked;
SELECT * FROM leadscore.top('best', 1);
RESET ROLE;
GRANT USAGE ON SCHEMA leadscore, best TO regress_leadscore_ranked;
SET ROLE regress_leadscore_ranked;
SELECT * FROM leadscore.top('best', 1);
RESET ROLE;
GRANT SELECT ON ALL TABLES IN SCHEMA best TO regress_leadscore_ranked;
ALTER TABLE best.state ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON best.state TO regress_leadscore_ranked USING (lead % 2 = 1);
SET ROLE regress_leadscore_ranked;
SELECT rank, lead, score FROM leadscore.top('best', 2);
RESET ROLE;
DROP POLICY half ON best.state;

-- Keys of any type, and a model with an odd name.
CREATE TABLE "odd leads" ("the key" text PRIMARY KEY, n integer);
INSERT INTO "odd leads" SELECT 'lead "' || i || '"', i FROM generate_series(1, 5) AS i;
SELECT leadscore.create_model('odd''s "model"', '"odd leads"');
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('odd''s "model"', 'n', '$.n > 3', 2);
SELECT leadscore.publish('odd''s "model"');
SELECT rank, lead, score, tier FROM leadscore.top('odd''s "model"', 2) ORDER BY lead;

SELECT leadscore.drop_model('best'), leadscore.drop_model('odd''s "model"');
DROP SCHEMA ranked CASCADE;
DROP OWNED BY regress_leadscore_ranked;
DROP ROLE regress_leadscore_ranked;
