-- Everybody anew, after what no trigger has seen, and whether scores are exact
SET session_replication_role = replica;
INSERT INTO crm.events (lead, kind, at) VALUES (1, 'buy', '2024-07-28');
RESET session_replication_role;
SELECT leadscore.rebuild('m');
SELECT count(*) FROM leadscore.verify('m');
