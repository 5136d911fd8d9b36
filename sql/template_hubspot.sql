-- Template "hubspot": limits of rules, groups and the total, linear decay by 25 to 100 % a month, labels A1 to C3; by hand.
-- The tables have the column names of HubSpot's data as Fivetran lands it.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_hubspot;
CREATE TABLE template_hubspot.contact (id bigint PRIMARY KEY, property_email text, property_jobtitle text,
    property_country text, property_annualrevenue numeric);
CREATE TABLE template_hubspot.event (contact_id bigint, created timestamptz, type text);
SELECT leadscore.import_model('hubspot', leadscore.template('hubspot'), leads => 'template_hubspot.contact',
    events => 'template_hubspot.event', lead => 'contact_id', at => 'created', kind => 'type',
    columns => '{"email": "property_email", "job_title": "property_jobtitle", "country": "property_country",
                 "revenue": "property_annualrevenue"}',
    kinds => '{"form_submit": "FORM_SUBMISSION", "meeting": "MEETING", "email_click": "CLICK", "email_open": "OPEN",
               "page_view": "PAGE_VIEW", "unsubscribe": "UNSUBSCRIBE"}');
SELECT leadscore.publish('hubspot');

INSERT INTO template_hubspot.contact VALUES
    (1, 'ada@example.com', 'VP Sales, Director',  'FR', 50000000),
    (2, 'ben@gmail.com',   'Manager',             'DE',  1000000),
    (3, 'cid@example.com', NULL,                  'FR', NULL),
    (4, NULL,              'CEO',                 'FR', 50000000),
    (5, 'eve@example.com', 'Head of IT',          'DE', 20000000);

-- Fit. Ada: person 20 + 15 = 35, no more than 30; company 10 + 15 = 25, no more than 20: 50. Ben: 15 - 10 = 5; 0.
-- Cid: 0; 10, his revenue is not known. The CEO has no e-mail address and is not scored. Eve: 15; 15.
SELECT id, leadscore.fit('hubspot', c) FROM template_hubspot.contact AS c ORDER BY id;

-- HubSpot's own example: 10 points for a form, 50 % less every month, are 10, 5, 0 after 0, 1, 2 months.
INSERT INTO template_hubspot.event VALUES (5, '2024-03-01', 'FORM_SUBMISSION');
SELECT d AS days, leadscore.score('hubspot', 5, timestamptz '2024-03-01' + d * interval '1 day') - 30 AS form
FROM unnest(ARRAY[0, 15, 30, 45, 60, 90]) AS d;

-- Ada: three forms, two meetings, four clicks, four opens and five pages, all at the same instant.
INSERT INTO template_hubspot.event
SELECT 1, '2024-03-01', k.type
FROM (VALUES ('FORM_SUBMISSION', 3), ('MEETING', 2), ('CLICK', 4), ('OPEN', 4), ('PAGE_VIEW', 5)) AS k(type, times),
     generate_series(1, k.times);
-- Ben: a click and a page on day 0, a form on day 5. Cid leaves the list twice. Eve meets us on day 0, besides her form.
INSERT INTO template_hubspot.event VALUES
    (2, '2024-03-01', 'CLICK'), (2, '2024-03-01', 'PAGE_VIEW'), (2, '2024-03-06', 'FORM_SUBMISSION'),
    (3, '2024-03-01', 'UNSUBSCRIBE'), (3, '2024-03-02', 'UNSUBSCRIBE'),
    (5, '2024-03-01', 'MEETING');

-- Ada, in points:         day 0          15              30           60        90       120
--   forms (10, 50 %)      30 -> 20       22.5 -> 20      15           0         0        0
--   meetings (15, 25 %)   30             26.25           22.5         15        7.5      0
--   conversion, max 35    50 -> 35       46.25 -> 35     37.5 -> 35   15        7.5      0
--   clicks (3, 100 %)     12 -> 9        6               0            0         0        0
--   opens (1, 75 %)       4 -> 3         2.5             1            0         0        0
--   pages                 6              6               0            0         0        0
--   awareness, max 15     18 -> 15       14.5            1            0         0        0
--   engagement, max 50    50             49.5            36           15        7.5      0
--   with a fit of 50      100            99.5            86           65        57.5     50
-- Ben has 5 + 3 + 3 = 11; on day 5 his click is worth 2.5 and his form 10: 20.5. On day 15 it is 1.5 + 3 + 10 * (1 - 1/6) + 5.
-- Cid has 10 - 15, once only. Eve has 30 + 10 + 15 = 55; on day 31 it is 30 + 10 * (1 - 31/60) + 15 * (1 - 31/120) = 45.9583.
SELECT c.id,
       leadscore.score('hubspot', c.id, '2024-02-29') AS before,
       leadscore.score('hubspot', c.id, '2024-03-01') AS day_0,
       leadscore.score('hubspot', c.id, '2024-03-06') AS day_5,
       leadscore.score('hubspot', c.id, '2024-03-16') AS day_15,
       leadscore.score('hubspot', c.id, '2024-03-31') AS day_30,
       leadscore.score('hubspot', c.id, '2024-04-01') AS day_31,
       leadscore.score('hubspot', c.id, '2024-04-30') AS day_60,
       leadscore.score('hubspot', c.id, '2024-05-30') AS day_90,
       leadscore.score('hubspot', c.id, '2024-06-29') AS day_120
FROM template_hubspot.contact AS c ORDER BY c.id;

-- What was cut off by the limits: (max_points) of a rule is not shown apart, those of groups are.
SELECT path, rule, awards, points FROM leadscore.explain('hubspot', 1, '2024-03-01') AS e WHERE path LIKE 'engagement%';

-- Grades and labels. Fit: A from 35, B from 20. Engagement: 1 from 30, 2 from 15. The label is both.
CREATE VIEW template_hubspot.states AS
SELECT c.id, leadscore.lead_state('hubspot', c) OPERATOR(leadscore.+) coalesce(e.state, leadscore.empty_state('hubspot')) AS state
FROM template_hubspot.contact AS c
LEFT JOIN (SELECT e.contact_id, leadscore.event_state('hubspot', e, '2024-03-01') AS state
           FROM template_hubspot.event AS e GROUP BY e.contact_id) AS e ON e.contact_id = c.id;
SELECT s.id, d AS days,
       leadscore.score(s.state, 'fit', t.at) AS fit, leadscore.grade(s.state, 'fit', t.at) AS fit_grade,
       round(leadscore.score(s.state, 'engagement', t.at)::numeric, 4) AS engagement,
       leadscore.grade(s.state, 'engagement', t.at) AS engagement_grade, leadscore.tier(s.state, t.at) AS label
FROM template_hubspot.states AS s
CROSS JOIN unnest(ARRAY[0, 5, 31, 60, 120]) AS d
CROSS JOIN LATERAL (SELECT timestamptz '2024-03-01' + d * interval '1 day') AS t(at)
ORDER BY s.id, d;

SELECT id, score, fit, fit_grade, engagement_grade, tier FROM hubspot.scores ORDER BY id;
SELECT * FROM leadscore.verify('hubspot');
SELECT leadscore.drop_model('hubspot');
SET client_min_messages = warning;
DROP SCHEMA template_hubspot CASCADE;
