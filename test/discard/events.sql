-- Events of leads that have a state, of one that has none, and of one that is no lead
INSERT INTO crm.events (lead, kind, at, props) VALUES (1, 'buy', '2024-07-01', NULL), (9, 'view', '2024-07-01', '{"n": 2, "note": "a b"}');
INSERT INTO crm.events (lead, kind, at, props) SELECT i % 3, 'view', '2024-07-02', '{"n": 3}' FROM generate_series(1, 6) AS i;
UPDATE crm.events SET kind = 'buy' WHERE lead = 2 AND kind = 'view' AND at = '2024-07-02';
DELETE FROM crm.events WHERE lead = 3;
BEGIN;
INSERT INTO crm.events (lead, kind, at) VALUES (2, 'buy', '2024-07-03');
SAVEPOINT s;
INSERT INTO crm.events (lead, kind, at) VALUES (2, 'buy', '2024-07-06');
ROLLBACK TO s;
COMMIT;
SELECT lead, leadscore.breakdown(state, '2030-01-01') FROM m.state ORDER BY lead;
