-- What the statements of this folder are about (scripts/check-assertions); here caches are kept.
SET client_min_messages = warning;
CREATE EXTENSION leadscore;
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, country text, employees integer, created_at timestamptz);
CREATE TABLE crm.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead bigint, kind text, at timestamptz, props jsonb);
CREATE INDEX ON crm.events (lead, at);
INSERT INTO crm.leads VALUES (1, 'FR', 20, '2024-01-01'), (2, 'BE', 300, '2024-01-02'), (3, NULL, NULL, '2024-01-03'), (5, NULL, 1, '2024-01-05');

SELECT leadscore.create_model('m', 'crm.leads', created_at => 'created_at');
SELECT leadscore.add_events('m', 'crm.events', 'lead', 'at', 'kind');
INSERT INTO leadscore.dimension (model, path, max_value) VALUES ('m', 'fit', 60), ('m', 'web', NULL);
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, decay, period, max_awards, per) VALUES
    ('m', 'country', 'fit', NULL, '$.country == "FR"', 30, 'none', NULL, NULL, NULL),
    ('m', 'large', 'fit', NULL, '$.employees like_regex "^[0-9]{3}"', 5, 'none', NULL, NULL, NULL),
    ('m', 'view', 'web', 'view', '$.props.n > 1', 3, 'half_life', '900 days', NULL, NULL),
    ('m', 'buy', 'web', 'buy', NULL, 10, 'window', '3000 days', 2, '1 day');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points) VALUES
    ('m', 'trial', 'web', 'trial', NULL, 40), ('m', 'in words', 'web', 'view', '$.props.note like_regex "^a.*b$"', 1);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('m', 'cold', 1, '{}'), ('m', 'hot', 2, '{"score": 35}');
INSERT INTO leadscore.grade (model, dimension, name, minimum) VALUES ('m', 'fit', 'B', 0), ('m', 'fit', 'A', 20);
SELECT leadscore.publish('m');
INSERT INTO crm.events (lead, kind, at, props) SELECT 1 + i % 4, (ARRAY['view', 'buy', 'other'])[1 + i % 3],
    '2024-06-01'::timestamptz + i * interval '3 hours', jsonb_build_object('n', i % 4, 'note', 'a' || i || 'b') FROM generate_series(1, 60) AS i;
-- A change of tier that is due when this is over
INSERT INTO crm.events (lead, kind, at) VALUES (5, 'trial', now() + interval '1 second');
SELECT pg_sleep(1.1);
