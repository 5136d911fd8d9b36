-- Template "eloqua": criteria with weights, the best matching rule of each, frequency and recency, A1 to D4; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_eloqua;
CREATE TABLE template_eloqua.contact (id integer PRIMARY KEY, title text, industry text, annual_revenue numeric,
    current_solution text);
CREATE TABLE template_eloqua.activity (contact_id integer, activity_date timestamptz, activity_type text, details jsonb);
SELECT leadscore.import_model('eloqua', leadscore.template('eloqua'), leads => 'template_eloqua.contact',
    events => 'template_eloqua.activity', lead => 'contact_id', at => 'activity_date', kind => 'activity_type',
    columns => '{"job_title": "title", "revenue": "annual_revenue"}', event_columns => '{"url": ["details", "url"]}',
    kinds => '{"form_submit": "FormSubmit", "email_click": "EmailClickthrough", "page_view": "PageView",
               "email_open": "EmailOpen"}');
SELECT leadscore.publish('eloqua');

-- Profile: 30 % of the title, 30 % of the industry, 25 % of the revenue, 15 % of the solution in use.
INSERT INTO template_eloqua.contact VALUES
    (1, 'VP Marketing',      'Software',       1000000000, 'Competitor 2'),   -- 30 + 30 + 25 + 12 = 97, A
    (2, 'Director of Sales', 'Pharmaceutical',  100000000, NULL),             -- 15 + 30 + 5 = 50, B
    (3, 'Director of Sales', 'Mining',          999999999, 'Competitor 1'),   -- 15 + 0 + 5 + 15 = 35, C
    (4, 'Manager of Sales',  NULL,               99999999, 'Competitor 3'),   -- 7.5, D
    (5, 'VP Marketing',      'Software',             NULL, 'Competitor 1'),   -- 30 + 30 + 15 = 75, A
    (6, NULL,                NULL,                   NULL, NULL);             -- 0, D
SELECT id, profile, profile_grade, engagement, engagement_grade, tier FROM eloqua.scores ORDER BY id;

-- Contact 1 on day 0: a form, three clicks, three product pages and a page that is none, one open.
INSERT INTO template_eloqua.activity VALUES
    (1, '2024-03-01', 'FormSubmit', NULL),
    (1, '2024-03-01', 'EmailClickthrough', NULL), (1, '2024-03-01', 'EmailClickthrough', NULL),
    (1, '2024-03-01', 'EmailClickthrough', NULL),
    (1, '2024-03-01', 'PageView', '{"url": "/products"}'), (1, '2024-03-01', 'PageView', '{"url": "/products/one"}'),
    (1, '2024-03-01', 'PageView', '{"url": "/product/two"}'), (1, '2024-03-01', 'PageView', '{"url": "/productivity"}'),
    (1, '2024-03-01', 'EmailOpen', NULL);
-- Contact 2 does one thing of each kind on day 0, contact 3 two.
INSERT INTO template_eloqua.activity
SELECT c.id, '2024-03-01', k.type, '{"url": "/products/one"}'
FROM (VALUES (2), (3)) AS c(id), generate_series(1, c.id - 1),
     (VALUES ('FormSubmit'), ('EmailClickthrough'), ('PageView'), ('EmailOpen')) AS k(type);

-- Of contact 1:      day 0          7                14              30
--   form, 35 %       100 -> 35      75 -> 26.25      50 -> 17.5      0
--   clicks, 20 %     100 -> 20      75 -> 15         75 -> 15        0
--   pages, 30 %      100 -> 30      75 -> 22.5       75 -> 22.5      0
--   opens, 15 %      100 -> 15      100 -> 15        0               0
--   engagement       100, 1         78.75, 1         55, 2           0, 4
-- Of contact 2: 35 + 10 + 15 + 15 = 75, 1; day 7: 26.25 + 10 + 15 + 15 = 66.25, 2; day 14: 17.5, 4; day 30: 0.
-- Of contact 3, to whom two clicks and two opens are neither one nor three: 35 + 15 = 50, 2; 41.25, 3; 17.5, 4; 0.
CREATE VIEW template_eloqua.states AS
SELECT c.id, leadscore.lead_state('eloqua', c) OPERATOR(leadscore.+) coalesce(a.state, leadscore.empty_state('eloqua')) AS state
FROM template_eloqua.contact AS c
LEFT JOIN (SELECT a.contact_id, leadscore.event_state('eloqua', a, '2024-03-01') AS state
           FROM template_eloqua.activity AS a GROUP BY a.contact_id) AS a ON a.contact_id = c.id;
SELECT s.id, d AS days, leadscore.score(s.state, 'profile', t.at) AS profile, leadscore.grade(s.state, 'profile', t.at) AS letter,
       leadscore.score(s.state, 'engagement', t.at) AS engagement, leadscore.grade(s.state, 'engagement', t.at) AS number,
       leadscore.tier(s.state, t.at) AS label, leadscore.score('eloqua', s.id, t.at) AS both_together
FROM template_eloqua.states AS s
CROSS JOIN unnest(ARRAY[0, 7, 14, 30]) AS d
CROSS JOIN LATERAL (SELECT timestamptz '2024-03-01' + d * interval '1 day') AS t(at)
WHERE s.id <= 3 OR d = 0
ORDER BY s.id, d;

-- The rule that each criterion took.
SELECT d AS days, leadscore.best(s.state, 'profile.revenue', t.at) AS revenue,
       leadscore.best(s.state, 'engagement.forms', t.at) AS forms,
       leadscore.best(s.state, 'engagement.clicks', t.at) AS clicks, leadscore.best(s.state, 'engagement.opens', t.at) AS opens
FROM template_eloqua.states AS s
CROSS JOIN unnest(ARRAY[0, 7, 14, 30]) AS d
CROSS JOIN LATERAL (SELECT timestamptz '2024-03-01' + d * interval '1 day') AS t(at)
WHERE s.id = 2 ORDER BY d;
SELECT path, rule, points, best FROM leadscore.explain('eloqua', 1, '2024-03-08');

SELECT * FROM leadscore.verify('eloqua');
SELECT leadscore.drop_model('eloqua');
SET client_min_messages = warning;
DROP SCHEMA template_eloqua CASCADE;
