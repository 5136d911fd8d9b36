-- A database to be upgraded by pg_upgrade (scripts/check-upgrade): two models with all that their schemas can hold.
SET client_min_messages = warning;
CREATE EXTENSION leadscore;
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, country text, employees integer, company integer, created_at timestamptz);
CREATE TABLE crm.events (lead bigint, kind text, at timestamptz, props jsonb) PARTITION BY RANGE (at);
CREATE TABLE crm.events_old PARTITION OF crm.events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE crm.events_new PARTITION OF crm.events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE TABLE crm.people (key uuid PRIMARY KEY, title text);
INSERT INTO crm.leads SELECT i, (ARRAY['FR', 'BE', NULL])[1 + i % 3], i * 10, i % 10, '2025-01-01'::timestamptz + i * interval '1 day'
FROM generate_series(1, 200) AS i;
INSERT INTO crm.people SELECT md5(i::text)::uuid, (ARRAY['CEO', 'clerk'])[1 + i % 2] FROM generate_series(1, 50) AS i;

SELECT leadscore.create_model('b2b', 'crm.leads', created_at => 'created_at');
SELECT leadscore.add_events('b2b', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.dimension (model, path, max_value) VALUES ('b2b', 'fit', 60), ('b2b', 'web', NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, decay, period, max_awards, per, grants) VALUES
    ('b2b', 'country', 'fit', NULL, '$.country == "FR"', 30, 'none', NULL, NULL, NULL, NULL),
    ('b2b', 'view', 'web', 'view', '$.props.n > 1', 3, 'half_life', '90 days', NULL, NULL, NULL),
    ('b2b', 'buy', 'web', 'buy', NULL, 10, 'window', '300 days', 2, '1 day', NULL),
    ('b2b', 'demo', 'web', 'demo', NULL, 1, 'none', NULL, NULL, NULL, 'hot');
INSERT INTO leadscore.tier (model, name, position, minimums, latched) VALUES ('b2b', 'cold', 1, '{}', false), ('b2b', 'hot', 2, '{"score": 40}', true);
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES ('b2b', 'fit', 'B', 0), ('b2b', 'fit', 'A', 20);
SELECT leadscore.publish('b2b');
INSERT INTO crm.events SELECT 1 + i % 220, (ARRAY['view', 'buy', 'view', 'demo', 'other'])[1 + i % 5],
    '2025-06-01'::timestamptz + i * interval '3 hours', jsonb_build_object('n', i % 4) FROM generate_series(1, 3000) AS i;
SELECT leadscore.adjust('b2b', 7, 'fit', 11, 'known from the fair');
SELECT leadscore.override('b2b', 8, 'hot'::text, NULL, 'asked for a call');

SELECT leadscore.create_model('people', 'crm.people');
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('people', 'decides', '$.title == "CEO"', 5);
SELECT leadscore.publish('people');
