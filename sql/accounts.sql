-- The scores of accounts: leadscore.rollup, explain_rollup, drop_rollup.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET extra_float_digits = 0;
SET datestyle = 'ISO';
CREATE SCHEMA sales;
SET search_path = sales, public;

CREATE TABLE people (id bigint PRIMARY KEY, name text, role text, blocked boolean, company_id integer, "E-mail domain" text,
                     score integer, place point);
CREATE TABLE mails (person bigint, at timestamptz, kind text);
SELECT leadscore.create_model('b2b', 'people', eligible => '$.blocked != true');
SELECT leadscore.add_events('b2b', 'mails', 'person', 'at', 'kind');
INSERT INTO leadscore.dimension (model, path) VALUES ('b2b', 'fit'), ('b2b', 'mail');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points) VALUES
    ('b2b', 'decides', 'fit', NULL, '$.role == "head"', 40),
    ('b2b', 'advises', 'fit', NULL, '$.role == "staff"', 15),
    ('b2b', 'answered', 'mail', 'answered', NULL, 5),
    ('b2b', 'unsubscribed', 'mail', 'unsubscribed', NULL, -30);

-- Before the first publish nobody has a score.
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id');
SELECT * FROM b2b.accounts;
SELECT leadscore.publish('b2b');
SELECT leadscore.draft_faults('b2b');

-- Ada and Bob are of company 1, with Cleo, who is not eligible, and Dan, who has unsubscribed. Company 2 has one person, company 3
-- none who is eligible, company 4 nobody; Fay has no company.
INSERT INTO people (id, name, role, blocked, company_id, "E-mail domain") VALUES
    (1, 'Ada', 'head', false, 1, 'one.example'), (2, 'Bob', 'staff', NULL, 1, 'one.example'),
    (3, 'Cleo', 'head', true, 1, 'one.example'), (4, 'Dan', NULL, false, 1, 'ONE.example'),
    (5, 'Eve', 'staff', false, 2, 'two.example'), (6, 'Fay', 'head', false, NULL, NULL), (7, 'Gus', 'head', true, 3, 'three.example');
INSERT INTO mails VALUES
    (1, '2024-01-05 10:00 UTC', 'answered'), (1, '2024-01-07 10:00 UTC', 'answered'), (2, '2024-01-06 10:00 UTC', 'answered'),
    (4, '2024-01-09 10:00 UTC', 'unsubscribed'), (3, '2024-02-09 10:00 UTC', 'answered'), (99, '2024-01-09 10:00 UTC', 'answered');
SELECT company_id, score, people, best_lead, best_score, last_event_at AT TIME ZONE 'UTC' AS last_event_at FROM b2b.accounts
ORDER BY company_id;
SELECT rank, lead, score, points, round(share::numeric, 3) AS share FROM leadscore.explain_rollup('b2b', 'accounts', 1);
SELECT rank, lead, score, points, share FROM leadscore.explain_rollup('b2b', 'accounts', '2');
SELECT * FROM leadscore.explain_rollup('b2b', 'accounts', 3);
SELECT * FROM leadscore.explain_rollup('b2b', 'accounts', 4);
SELECT * FROM leadscore.explain_rollup('b2b', 'accounts', NULL::integer);

-- It is live.
INSERT INTO mails VALUES (5, '2024-01-10 10:00 UTC', 'answered');
UPDATE people SET company_id = 2 WHERE id = 6;
DELETE FROM people WHERE id = 2;
SELECT company_id, score, people, best_lead FROM b2b.accounts ORDER BY company_id;
INSERT INTO people (id, role, company_id, "E-mail domain") VALUES (2, 'staff', 1, 'one.example');
UPDATE people SET company_id = NULL WHERE id = 6;

-- The same name makes it anew: the best one, the best two, one dimension. Of two who are equal the first key is best.
GRANT SELECT ON b2b.accounts TO PUBLIC;
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', combine => 'max');
SELECT company_id, score, people, best_lead, best_score FROM b2b.accounts ORDER BY company_id;
SELECT rank, lead, score, points, share FROM leadscore.explain_rollup('b2b', 'accounts', 1);
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', combine => 'top', k => 2);
SELECT company_id, score, people, best_lead, best_score FROM b2b.accounts ORDER BY company_id;
SELECT rank, lead, score, points, round(share::numeric, 3) AS share FROM leadscore.explain_rollup('b2b', 'accounts', 1);
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', combine => 'top', k => 100, dimension => 'mail');
SELECT company_id, score, people, best_lead, best_score FROM b2b.accounts ORDER BY company_id;
SELECT rank, lead, score, points, share FROM leadscore.explain_rollup('b2b', 'accounts', 1);
SELECT has_table_privilege('public', 'b2b.accounts', 'SELECT') AS is_still_granted;
SELECT obj_description('b2b.accounts'::regclass);
SELECT a.attname, a.atttypid::regtype, col_description(a.attrelid, a.attnum) FROM pg_attribute AS a
WHERE a.attrelid = 'b2b.accounts'::regclass AND a.attnum > 0 ORDER BY a.attnum;

-- A second one, with names that need quotes, by another column.
SELECT leadscore.rollup('b2b', 'By "domain"', account => 'E-mail domain');
SELECT "E-mail domain", score, people FROM b2b."By ""domain""" ORDER BY "E-mail domain";
SELECT rank, lead, points FROM leadscore.explain_rollup('b2b', 'By "domain"', 'one.example');
SELECT rank, lead, points FROM leadscore.explain_rollup('b2b', 'By "domain"', 'ONE.example'::varchar);
-- Other columns than before: the grants stay.
GRANT SELECT ON b2b."By ""domain""" TO PUBLIC;
SELECT leadscore.rollup('b2b', 'By "domain"', account => 'role');
SELECT role, score, people, best_lead FROM b2b."By ""domain""" ORDER BY role;
SELECT has_table_privilege('public', 'b2b."By ""domain"""', 'SELECT') AS is_still_granted;
CREATE VIEW heads AS SELECT score FROM b2b."By ""domain""" WHERE role = 'head';
SELECT leadscore.rollup('b2b', 'By "domain"', account => 'name');
SELECT leadscore.drop_rollup('b2b', 'By "domain"');
SELECT leadscore.rollup('b2b', 'By "domain"', account => 'role', combine => 'max');
SELECT * FROM heads;
TABLE leadscore.rollup ORDER BY name COLLATE "C";

-- What cannot be.
SELECT leadscore.rollup('b2c', 'accounts', account => 'company_id');
SELECT leadscore.rollup(NULL, 'accounts', account => 'company_id');
SELECT leadscore.rollup('b2b', NULL, account => 'company_id');
SELECT leadscore.rollup('b2b', 'accounts', account => NULL);
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', dimension => NULL);
SELECT leadscore.rollup('b2b', 'accounts', account => 'compani_id');
SELECT leadscore.rollup('b2b', 'accounts', account => 'x');
SELECT leadscore.rollup('b2b', 'accounts', account => 'ctid');
SELECT leadscore.rollup('b2b', 'accounts', account => 'score');
SELECT leadscore.rollup('b2b', 'accounts', account => 'place');
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', dimension => 'mails');
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', dimension => 'x');
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', combine => 'mean');
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', combine => NULL);
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', combine => 'top');
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', combine => 'top', k => 0);
SELECT leadscore.rollup('b2b', 'accounts', account => 'company_id', k => 3);
SELECT leadscore.rollup('b2b', 'scores', account => 'company_id');
SELECT leadscore.rollup('b2b', '', account => 'company_id');
SELECT leadscore.rollup('b2b', 'state_pkey', account => 'company_id');
CREATE VIEW b2b.mine AS SELECT 1 AS one;
SELECT leadscore.rollup('b2b', 'mine', account => 'company_id');
DROP VIEW b2b.mine;
INSERT INTO leadscore.rollup (model, name, account) VALUES ('b2c', 'accounts', 'company_id');
INSERT INTO leadscore.rollup (model, name, account, combine) VALUES ('b2b', 'a', 'company_id', 'top');
INSERT INTO leadscore.rollup (model, name, account, k) VALUES ('b2b', 'a', 'company_id', 3);
INSERT INTO leadscore.rollup (model, name, account) VALUES ('b2b', 'tier_changes', 'company_id');
SELECT leadscore.explain_rollup('b2c', 'accounts', 1);
SELECT leadscore.explain_rollup('b2b', 'acounts', 1);
SELECT leadscore.explain_rollup('b2b', 'x', 1);
SELECT leadscore.explain_rollup('b2b', 'accounts', 'one');
SELECT leadscore.drop_rollup('b2b', 'acounts');
SELECT leadscore.drop_rollup('b2b', NULL);

-- A dimension is there when it is published, and stays as long as a rollup needs it.
INSERT INTO leadscore.dimension (model, path) VALUES ('b2b', 'calls');
SELECT leadscore.rollup('b2b', 'callers', account => 'company_id', dimension => 'calls');
SELECT leadscore.publish('b2b');
SELECT leadscore.rollup('b2b', 'callers', account => 'company_id', dimension => 'calls');
DELETE FROM leadscore.dimension WHERE path = 'calls';
SELECT leadscore.publish('b2b');
UPDATE leadscore.rollup SET dimension = 'score' WHERE name = 'callers';
SELECT leadscore.publish('b2b');
SELECT company_id, score FROM b2b.callers ORDER BY company_id;

-- What is edited takes effect with publish, a view that is as it should be is left as it is, and one that is gone is made again.
UPDATE leadscore.rollup SET combine = 'top', k = 1, account = 'role' WHERE name = 'callers';
SELECT 'b2b.accounts'::regclass::oid AS accounts, xmin AS written FROM pg_class WHERE oid = 'b2b.accounts'::regclass \gset
DROP VIEW b2b."By ""domain""" CASCADE;
SELECT leadscore.publish('b2b');
SELECT role, score FROM b2b.callers ORDER BY role;
SELECT role, score FROM b2b."By ""domain""" ORDER BY role;
SELECT oid = :accounts AND xmin = :'written' AS is_left FROM pg_class WHERE oid = 'b2b.accounts'::regclass;

-- A column with another name: the view follows, and publish asks for the new one.
ALTER TABLE people RENAME COLUMN company_id TO company;
SELECT company_id, score FROM b2b.accounts ORDER BY company_id;
SELECT leadscore.explain_rollup('b2b', 'accounts', 1);
SELECT leadscore.publish('b2b');
SELECT leadscore.rollup('b2b', 'accounts', account => 'company');
SELECT leadscore.publish('b2b');
SELECT company, score FROM b2b.accounts ORDER BY company;
-- One that is needed cannot be dropped.
ALTER TABLE people DROP COLUMN company;

-- A rollup is dropped alone, or with its model.
SELECT leadscore.drop_rollup('b2b', 'callers');
SELECT to_regclass('b2b.callers');
CREATE VIEW best AS SELECT company FROM b2b.accounts;
SELECT leadscore.drop_model('b2b');
DROP VIEW best;
SELECT leadscore.drop_model('b2b');
TABLE leadscore.rollup;
SELECT FROM pg_namespace WHERE nspname = 'b2b';
DROP SCHEMA sales CASCADE;
