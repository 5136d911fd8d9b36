-- What is refused, in the middle of a transaction, too
SELECT leadscore.score('nothing', 1);
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('m', 'wrong', '$.country ==', 1);
SELECT 'abc'::leadscore.state;
BEGIN;
INSERT INTO crm.events (lead, kind, at) VALUES (1, 'buy', '2024-07-10');
SAVEPOINT s;
SELECT leadscore.refresh('m', 'infinity');
ROLLBACK TO s;
INSERT INTO crm.events (lead, kind, at) VALUES (1, 'buy', '2024-07-14');
COMMIT;
SELECT leadscore.breakdown(state, '2030-01-01') FROM m.state WHERE lead = 1;
