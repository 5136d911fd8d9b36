-- Live scores, scores at an instant, and why
SELECT id, round(score::numeric, 1) AS score, fit, fit_grade, tier, version FROM m.scores ORDER BY id;
SELECT leadscore.score('m', 1, '2024-06-05');
SELECT path, rule, awards, points FROM leadscore.explain('m', 1, '2024-06-05');
SELECT leadscore.score(s.state, 'web', '2030-01-01'), leadscore.tier(s.state, '2030-01-01'), leadscore.grade(s.state, 'fit', '2030-01-01'),
    leadscore.next_change(s.state, '2030-01-01') FROM m.state AS s WHERE s.lead = 1;
