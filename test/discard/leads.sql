-- Leads come, change and go.
INSERT INTO crm.leads VALUES (4, 'FR', 1000, '2024-07-01');
UPDATE crm.leads SET country = 'FR' WHERE id IN (2, 3);
INSERT INTO crm.leads VALUES (1, 'BE', 5, '2024-07-01') ON CONFLICT (id) DO UPDATE SET country = excluded.country;
DELETE FROM crm.leads WHERE id = 3;
SELECT lead, leadscore.breakdown(state, '2030-01-01') FROM m.state ORDER BY lead;
SELECT lead, from_tier, to_tier, cause FROM m.tier_changes ORDER BY lead, at, recorded_at, to_tier;
