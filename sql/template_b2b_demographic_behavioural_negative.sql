-- Template "b2b_demographic_behavioural_negative": 50 points for the profile, 50 for behaviour, 50 off; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_b2b;
CREATE TABLE template_b2b.leads (id bigint PRIMARY KEY, email text, job_title text, industry text, employees integer, country text,
    created_at timestamptz DEFAULT '2026-01-01');
CREATE TABLE template_b2b.events (lead_id bigint, kind text, at timestamptz, url text);
CREATE INDEX ON template_b2b.events (lead_id, at);
SELECT leadscore.import_model('b2b', leadscore.template('b2b_demographic_behavioural_negative'), leads => 'template_b2b.leads',
    events => 'template_b2b.events', lead => 'lead_id', at => 'at', kind => 'kind');
SELECT leadscore.publish('b2b');

INSERT INTO template_b2b.leads VALUES
    (1, 'ada@acme.example', 'CTO',               'Software', 200,  'FR'),
    (2, 'ben@gmail.com',    'Student',           NULL,       NULL, 'DE'),
    (3, 'cid@acme.example', 'Marketing Manager', 'Retail',   60,   'BE'),
    (4, 'dan@acme.example', 'Director, Head of IT', 'Software', 10, 'US'),
    (5, NULL,               'CEO',               'Software', 200,  'FR');
-- Ada: a demonstration, and the prices three times. Ben: vacancies twice, and his address is wrong.
-- Cid: three webinars, four documents, four clicks, seven opens; he leaves the list on day 15, and once more on day 20.
INSERT INTO template_b2b.events
SELECT k.lead_id, k.kind, '2026-01-01', k.url
FROM (VALUES (1, 'demo_request', NULL, 1), (1, 'page_view', '/pricing', 3), (2, 'page_view', '/jobs/intern', 2), (2, 'bounce', NULL, 1),
             (3, 'webinar_attended', NULL, 3), (3, 'download', NULL, 4), (3, 'email_click', NULL, 4), (3, 'email_open', NULL, 7))
     AS k(lead_id, kind, url, times), generate_series(1, k.times);
INSERT INTO template_b2b.events VALUES (3, 'unsubscribe', '2026-01-16'), (3, 'unsubscribe', '2026-01-21');

--                              day 0        15                        30            60           90           120
-- Ada  demographic 20+10+10+10 50           50                        50            50           50           50
--      demonstration, linear   30           25                        20            10           0            0
--      prices 3 * 10           30 -> 20     21.2132 -> 20             15            7.5          3.75         1.875
--      behavioural, max 50     50           45                        35            17.5         3.75         1.875
--      silent                  0            0                         -10           -20          -30          -40 -> -30
--      score                   100          95                        75            47.5         23.75        21.875
-- Ben  -10 address -20 student -10 vacancies -20 bounce = -60 -> -50, and the score is not below 0
-- Cid  demographic 10+10+10    30           30                        30
--      webinars 3 * 10         30 -> 20     21.2132 -> 20             15
--      documents 4 * 5         20 -> 15     14.1421                   10
--      clicks 4 * 3            12 -> 9      8.4853                    6
--      opens 7 * 1             7 -> 5       4.9497                    3.5
--      behavioural             49           47.5772                   34.5
--      left the list           0            -25                       -25, once only; silent since day 20
--      score                   79           52.5772                   39.5
-- Dan  demographic 20+10 (the first position that fits), silent since he came in: 30, 30, 20, 10, 0, 0
SELECT l.id, d AS days, leadscore.score(s.state, 'demographic', t.at) AS demographic,
       round(leadscore.score(s.state, 'behavioural', t.at)::numeric, 4) AS behavioural,
       leadscore.score(s.state, 'negative', t.at) AS negative,
       round(leadscore.score(s.state, at => t.at)::numeric, 4) AS score, leadscore.tier(s.state, t.at)
FROM template_b2b.leads AS l, unnest(ARRAY[0, 15, 30, 60, 90, 120]) AS d,
     LATERAL (SELECT timestamptz '2026-01-01' + d * interval '1 day') AS t(at),
     leadscore.state_at('b2b', l.id, t.at) AS s(state)
ORDER BY l.id, d;

SELECT * FROM leadscore.verify('b2b');
SELECT leadscore.drop_model('b2b');

-- Without what is optional it still stands: a table that has but three columns, and no pages.
CREATE TABLE template_b2b.contacts (id bigint PRIMARY KEY, email text, job_title text);
SELECT leadscore.import_model('b2b', leadscore.template('b2b_demographic_behavioural_negative'), leads => 'template_b2b.contacts',
    events => 'template_b2b.events', lead => 'lead_id', at => 'at', kind => 'kind', event_columns => '{"url": null}');
SELECT leadscore.publish('b2b');

SELECT leadscore.drop_model('b2b');
SET client_min_messages = warning;
DROP SCHEMA template_b2b CASCADE;
