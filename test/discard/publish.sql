-- Another version, while a session has the one before in use
INSERT INTO crm.events (lead, kind, at) VALUES (1, 'buy', '2024-07-20');
UPDATE leadscore.rule SET points = points + 1 WHERE name = 'buy';
SELECT leadscore.publish('m');
INSERT INTO crm.events (lead, kind, at) VALUES (1, 'buy', '2024-07-24');
SELECT lead, leadscore.breakdown(state, '2030-01-01') FROM m.state WHERE generation = leadscore.live_generation('m') ORDER BY lead;
