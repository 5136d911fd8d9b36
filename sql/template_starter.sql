-- Template "starter": three facts, four sizes of points that fade; by hand.
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET extra_float_digits = 0;
CREATE SCHEMA template_starter;
CREATE TABLE template_starter.leads (id bigint PRIMARY KEY, email text, title text, industry text, employees integer);
CREATE TABLE template_starter.events (lead_id bigint, type text, at timestamptz);
CREATE INDEX ON template_starter.events (lead_id, at);
SELECT leadscore.import_model('starter', leadscore.template('starter'), leads => 'template_starter.leads',
    events => 'template_starter.events', lead => 'lead_id', at => 'at', kind => 'type', columns => '{"job_title": "title"}');
SELECT leadscore.publish('starter');

INSERT INTO template_starter.leads VALUES
    (1, 'ada@example.com', 'CTO',           'Software',      120),
    (2, 'ben@example.com', 'Clerk',         'Manufacturing',  20),
    (3, 'cid@example.com', 'Head of Sales', NULL,            500),
    (4, NULL,              'CEO',           'Software',      100),
    (5, 'eve@example.com', 'Editor',        'Press',         501);

-- Ten points for each of the three that is met: Ada all, Ben his industry, Cid position and size. Dora has no e-mail address.
-- Eve decides nothing, her industry is not ours, and one more than 500 is too many.
SELECT id, leadscore.fit('starter', l) FROM template_starter.leads AS l ORDER BY id;

INSERT INTO template_starter.events
SELECT k.lead_id, k.type, '2026-01-01'
FROM (VALUES (1, 'page_view', 12), (1, 'email_open', 6), (1, 'email_click', 2), (1, 'download', 1), (1, 'webinar_attended', 1),
             (1, 'demo_request', 1), (2, 'form_submit', 1), (2, 'demo_request', 1), (2, 'webinar_attended', 3),
             (5, 'demo_request', 8)) AS k(lead_id, type, times), generate_series(1, k.times);

-- After each 30 days an event is worth half of what it was.
--                             day 0       30          60           90
-- Ada  pages     12 * 1       12 -> 10    6           3            1.5
--      opens      6 * 1        6 -> 5     3           1.5          0.75
--      clicks     2 * 2        4          2           1            0.5
--      document, webinar 5+5  10          5           2.5          1.25
--      demonstration 10       10          5           2.5          1.25
--      with 30 of fit         69 hot     51 hot      40.5 hot     35.25 warm
-- Ben  10 + 10 + 3 * 5        35         17.5         8.75         4.375
--      with 10 of fit         45 warm    27.5 warm   18.75 cold   14.375 cold     (for hot he needs 20 points of fit)
-- Cid  nothing                20 warm    20 warm     20 warm      20 warm
-- Eve  80, no more than 70    70 warm    40 warm     20 warm      10 cold
SELECT l.id, d AS days, leadscore.score(s.state, 'engagement', t.at) AS engagement, leadscore.score(s.state, at => t.at) AS score,
       leadscore.tier(s.state, t.at)
FROM template_starter.leads AS l, unnest(ARRAY[0, 30, 60, 90]) AS d,
     LATERAL (SELECT timestamptz '2026-01-01' + d * interval '1 day') AS t(at),
     leadscore.state_at('starter', l.id, t.at) AS s(state)
ORDER BY l.id, d;

-- Ben is cold when 35 * 2^(-t/30) is 10: after 30 * log2(3.5) = 54.22 days.
SELECT leadscore.next_change(leadscore.state_at('starter', 2, '2026-01-01'), '2026-01-01');

SELECT * FROM leadscore.verify('starter');
SELECT leadscore.drop_model('starter');
SET client_min_messages = warning;
DROP SCHEMA template_starter CASCADE;
