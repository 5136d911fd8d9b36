-- What must be the same before and after (scripts/check-upgrade).
\o /dev/null
SET timezone = 'UTC';
SET extra_float_digits = 1;
\o
SELECT s.lead, leadscore.breakdown(s.state, '2030-01-01'), leadscore.tier(s.state, '2030-01-01'), leadscore.grade(s.state, 'fit', '2030-01-01'),
    s.state FROM b2b.state AS s ORDER BY s.lead;
SELECT * FROM leadscore.explain('b2b', 7, '2030-01-01');
SELECT * FROM leadscore.explain('b2b', 8, '2030-01-01');
SELECT * FROM b2b.tier_changes AS t ORDER BY t.lead, t.at, t.recorded_at, t.to_tier;
SELECT id, decides FROM (SELECT key AS id, score AS decides FROM people.scores) AS p ORDER BY id;
SELECT * FROM leadscore.version AS v ORDER BY v.model, v.version;
SELECT * FROM leadscore.rule AS r ORDER BY r.model, r.name;
SELECT leadscore.export_model('b2b');
SELECT count(*) FROM leadscore.verify('b2b');
SELECT count(*) FROM leadscore.verify('people');
