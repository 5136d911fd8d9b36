-- The benchmark's model :model over the CRM in :schema: 24 rules on events, which fade with three half-lives, and :rules on leads.
SELECT leadscore.create_model(:'model', leads => :'schema' || '.leads', eligible => '$.email != null') \g /dev/null
SELECT leadscore.add_events(:'model', :'schema' || '.events', lead => 'lead_id', at => 'at', kind => 'kind') \g /dev/null

INSERT INTO leadscore.dimension (model, path, max_value) VALUES
    (:'model', 'fit', 10 * :rules), (:'model', 'fit.company', NULL), (:'model', 'fit.person', NULL), (:'model', 'engagement', NULL),
    (:'model', 'engagement.web', NULL), (:'model', 'engagement.email', NULL), (:'model', 'engagement.product', NULL);

INSERT INTO leadscore.rule (model, name, dimension, condition, points)
SELECT :'model', 'lead ' || i, CASE i % 2 WHEN 0 THEN 'fit.company' ELSE 'fit.person' END, r.condition::jsonpath, r.points
FROM generate_series(1, :rules) AS i, bench.lead_rule(i) AS r;

INSERT INTO leadscore.rule (model, name, dimension, event, condition, points, decay, period)
SELECT :'model', r.kind || ' ' || r.number, r.dimension, r.kind, r.condition::jsonpath, r.points, 'half_life', r.period
FROM bench.event_rule AS r;

-- Hot are a few in a hundred, so that time alone changes the tiers of many.
INSERT INTO leadscore.tier (model, name, position, minimums)
VALUES (:'model', 'cold', 1, '{}'), (:'model', 'warm', 2, '{"engagement": 5}'), (:'model', 'hot', 3, '{"engagement": 12}');
