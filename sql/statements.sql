-- Every way to write a row is followed, inside the statement: after each, the sum of points is the number of events of kind `a`.
CREATE SCHEMA statements_crm;
CREATE TABLE statements_crm.leads (id bigint PRIMARY KEY, name text);
CREATE TABLE statements_crm.events (id bigint PRIMARY KEY, lead_id bigint, at timestamptz NOT NULL DEFAULT now(), kind text DEFAULT 'a');
SELECT leadscore.create_model('statements', leads => 'statements_crm.leads');
SELECT leadscore.add_events('statements', 'statements_crm.events', lead => 'lead_id', at => 'at', kind => 'kind');
INSERT INTO leadscore.rule (model, name, event, points) VALUES ('statements', 'a', 'a', 1);
SELECT leadscore.publish('statements');

CREATE FUNCTION statements_crm.scores() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(s.id || ': ' || s.score, ', ' ORDER BY s.id)
           || coalesce((SELECT ' DIFFERS ' || string_agg(v.lead, ',') FROM leadscore.verify('statements') AS v), '')
    FROM statements.scores AS s
$$;

INSERT INTO statements_crm.leads SELECT n FROM generate_series(1, 3) AS n;
INSERT INTO statements_crm.events SELECT n, n % 3 + 1 FROM generate_series(1, 9) AS n;
SELECT statements_crm.scores();

-- Inserted and updated in one statement.
INSERT INTO statements_crm.events VALUES (9, 2), (10, 2) ON CONFLICT (id) DO UPDATE SET lead_id = excluded.lead_id;
SELECT statements_crm.scores();
INSERT INTO statements_crm.events VALUES (9, 3), (11, 3) ON CONFLICT DO NOTHING;
SELECT statements_crm.scores();
MERGE INTO statements_crm.events AS e USING (VALUES (1, 'delete'), (2, 'move'), (12, 'new'), (13, 'new')) AS v(id, what) ON e.id = v.id
    WHEN MATCHED AND v.what = 'delete' THEN DELETE
    WHEN MATCHED THEN UPDATE SET lead_id = 1
    WHEN NOT MATCHED THEN INSERT VALUES (v.id, 1);
SELECT statements_crm.scores();
WITH gone AS (DELETE FROM statements_crm.events WHERE id = 13 RETURNING id, lead_id),
     moved AS (UPDATE statements_crm.events SET lead_id = 3 WHERE id = 12 RETURNING id)
INSERT INTO statements_crm.events SELECT id + 100, lead_id FROM gone UNION ALL SELECT id + 100, 3 FROM moved;
SELECT statements_crm.scores();
COPY statements_crm.events (id, lead_id) FROM stdin;
201	1
202	2
203	99
\.
SELECT statements_crm.scores();

-- Two leads become one; an event of no lead, of a lead to come, of another kind.
UPDATE statements_crm.events SET lead_id = 1 WHERE lead_id = 2;
DELETE FROM statements_crm.leads WHERE id = 2;
INSERT INTO statements_crm.events VALUES (300, NULL), (301, 4);
UPDATE statements_crm.events SET kind = 'b' WHERE id = 201;
SELECT statements_crm.scores();
INSERT INTO statements_crm.leads VALUES (4);
SELECT statements_crm.scores();

-- A lead's key changes; then two leads swap theirs, and their events with them.
UPDATE statements_crm.leads SET id = 99 WHERE id = 4;
SELECT statements_crm.scores();
UPDATE statements_crm.events SET lead_id = CASE lead_id WHEN 1 THEN 3 ELSE 1 END WHERE lead_id IN (1, 3);
SELECT statements_crm.scores();

-- Taken back, in part and in whole.
BEGIN;
INSERT INTO statements_crm.events VALUES (400, 1);
SAVEPOINT here;
INSERT INTO statements_crm.events VALUES (401, 1), (402, 3);
DELETE FROM statements_crm.events WHERE lead_id = 3;
SELECT statements_crm.scores();
ROLLBACK TO here;
SELECT statements_crm.scores();
ROLLBACK;
SELECT statements_crm.scores();

-- Triggers of the team's own, which change what the statement wrote.
CREATE FUNCTION statements_crm.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE statements_crm.events SET lead_id = 3 WHERE id = NEW.id AND lead_id = 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER a_meddler AFTER INSERT ON statements_crm.events FOR EACH ROW EXECUTE FUNCTION statements_crm.meddle();
INSERT INTO statements_crm.events VALUES (500, 1), (501, 99), (502, 1);
SELECT statements_crm.scores();
DROP TRIGGER a_meddler ON statements_crm.events;

-- The same for leads: the statement's own rows may be gone when its triggers run, also the inserted and the updated ones of one statement.
CREATE FUNCTION statements_crm.tidy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        DELETE FROM statements_crm.leads WHERE name = 'unwanted';
    END IF;
    RETURN NULL;
END
$$;
INSERT INTO statements_crm.leads VALUES (50);
CREATE TRIGGER a_tidier AFTER INSERT ON statements_crm.leads FOR EACH ROW EXECUTE FUNCTION statements_crm.tidy();
INSERT INTO statements_crm.leads VALUES (50, 'unwanted'), (51, 'unwanted') ON CONFLICT (id) DO UPDATE SET name = excluded.name;
SELECT statements_crm.scores();
DROP TRIGGER a_tidier ON statements_crm.leads;

-- Who is deleted and inserted by one statement is there, whichever comes first.
ALTER TABLE statements_crm.leads DROP CONSTRAINT leads_pkey, ADD PRIMARY KEY (id) DEFERRABLE;
WITH gone AS (DELETE FROM statements_crm.leads WHERE id = 1 RETURNING 1) INSERT INTO statements_crm.leads VALUES (1, 'unread');
SELECT statements_crm.scores();
WITH gone AS (DELETE FROM statements_crm.leads WHERE id = 1 RETURNING id) INSERT INTO statements_crm.leads SELECT id, 'read' FROM gone;
SELECT statements_crm.scores();
WITH moved AS (UPDATE statements_crm.leads SET id = 77 WHERE id = 3 RETURNING 1) INSERT INTO statements_crm.leads VALUES (3, 'anew');
SELECT statements_crm.scores();

-- Dated in the future, late, and infinitely far; nothing without a time.
ALTER TABLE statements_crm.events ALTER at DROP NOT NULL;
INSERT INTO statements_crm.events VALUES (600, 1, now() + interval '1 day'), (601, 1, '1999-01-01'), (602, 1, 'infinity'),
    (603, 1, '-infinity'), (604, 1, NULL);
SELECT statements_crm.scores();
SELECT leadscore.score('statements', 1, now() + interval '1 day') - score AS tomorrow FROM statements.scores WHERE id = 1;

TRUNCATE statements_crm.events;
SELECT statements_crm.scores();
TRUNCATE statements_crm.leads;
SELECT count(*) FROM statements.scores;
SELECT count(*) AS states, (SELECT count(*) FROM leadscore.verify('statements')) AS differences FROM statements.state;

-- About more leads than are written at once, and their changes of tier.
INSERT INTO leadscore.tier (model, name, position, minimums)
VALUES ('statements', 'cold', 1, '{}'), ('statements', 'hot', 2, '{"score": 1}');
SELECT leadscore.publish('statements');
INSERT INTO statements_crm.leads SELECT n FROM generate_series(1, 20002) AS n;
INSERT INTO statements_crm.events SELECT n, n FROM generate_series(1, 10001) AS n;
INSERT INTO statements_crm.events VALUES (20001, 10002);
SELECT from_tier, to_tier, cause, count(*), count(DISTINCT lead) AS leads, min(score), max(score)
FROM statements.tier_changes GROUP BY from_tier, to_tier, cause ORDER BY from_tier NULLS FIRST;
SELECT count(*) FILTER (WHERE tier = 'hot') AS hot, count(*) AS leads,
       (SELECT count(*) FROM leadscore.verify('statements')) AS differences
FROM statements.scores;
SELECT leadscore.drop_model('statements');
SET client_min_messages = warning;
DROP SCHEMA statements_crm CASCADE;
