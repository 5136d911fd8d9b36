-- States out of rows, in one step and in two
SELECT id, leadscore.fit('m', l) FROM crm.leads AS l ORDER BY id;
SELECT lead, leadscore.engagement('m', e, '2024-08-01') FROM crm.events AS e GROUP BY lead ORDER BY lead;
SELECT leadscore.score(leadscore.merge(s.state), at => '2030-01-01')
FROM (SELECT leadscore.event_state('m', e) AS state FROM crm.events AS e WHERE lead = 1 GROUP BY e.id % 2) AS s;
SELECT lead, leadscore.decayed_sum(1, at, '30 days', '2024-08-01') FROM crm.events GROUP BY lead ORDER BY lead;
SELECT s.state::text::leadscore.state::text = s.state::text AS is_same FROM m.state AS s ORDER BY s.lead;
