-- Template "marketo": demographic and behaviour scores; every time, only once, once every 24 hours; silence; by hand.
-- The tables have the column names of Marketo's data as Fivetran lands it.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_marketo;
CREATE TABLE template_marketo.lead (id integer PRIMARY KEY, created_at timestamptz, title text, lead_source text);
CREATE TABLE template_marketo.activity (lead_id integer, activity_date timestamptz, activity text, primary_attribute_value text);
SELECT leadscore.import_model('marketo', leadscore.template('marketo'), leads => 'template_marketo.lead',
    events => 'template_marketo.activity', lead => 'lead_id', at => 'activity_date', kind => 'activity',
    columns => '{"job_title": "title", "source": "lead_source"}', event_columns => '{"url": "primary_attribute_value"}',
    kinds => '{"page_view": "Visit Webpage", "email_open": "Open Email"}');
SELECT leadscore.publish('marketo');

-- Demographics: title and source. Ada 6 + 7; Ben 8 - 5; Cid, a chief and a manager, only the first that applies: 8; Dan nothing.
INSERT INTO template_marketo.lead VALUES
    (1, '2024-01-01', 'VP Marketing',              'Website'),
    (2, '2024-01-01', 'CEO',                       'Thought leadership'),
    (3, '2024-01-01', 'Chief of Staff, Manager',   'Trade show'),
    (4, '2024-01-01', NULL,                        NULL);
SELECT id, leadscore.fit('marketo', l) FROM template_marketo.lead AS l ORDER BY id;

-- Marketo's own example of once a day: who qualifies at 10 pm on a Sunday cannot qualify again until 10 pm on Monday.
INSERT INTO template_marketo.activity VALUES
    (1, '2024-03-03 22:00', 'Visit Webpage', '/'),
    (1, '2024-03-04 21:59:59', 'Visit Webpage', '/blog'),
    (1, '2024-03-04 22:00', 'Visit Webpage', '/pricing');
-- Sunday 21:59:59: 13 and 62 days of silence, 2 * -5; the visit ends it: 13 + 1. Monday 21:59:59: a second visit in the week, 8,
-- but no point for the visit. Monday 22:00: 1 for the visit, 5 for the prices. A week after the second visit only one is left.
SELECT at, leadscore.score('marketo', 1, at)
FROM unnest(ARRAY['2024-03-03 21:59:59', '2024-03-03 22:00', '2024-03-04 21:59:59', '2024-03-04 22:00', '2024-03-11 21:59:58',
                  '2024-03-11 21:59:59']::timestamptz[]) AS at;

-- A visit at 9 pm on Sunday that is told late takes the place: the one at 10 pm gives nothing, the one on Monday at 21:59:59 does,
-- the one at 22:00 does not.
INSERT INTO template_marketo.activity VALUES (1, '2024-03-03 21:00', 'Visit Webpage', '/');
SELECT at, leadscore.score('marketo', 1, at) - 13 AS behaviour
FROM unnest(ARRAY['2024-03-03 21:00', '2024-03-03 22:00', '2024-03-04 21:59:59', '2024-03-04 22:00']::timestamptz[]) AS at;
SELECT path, rule, awards, last_at, points FROM leadscore.explain('marketo', 1, '2024-03-04 22:00') WHERE path = 'behaviour';

-- Only once: two looks at the jobs cost 10. Every time: two searches are 30. A webinar: 5 + 5; a demonstration 5; a review 12.
INSERT INTO template_marketo.activity VALUES
    (2, '2024-03-05 08:00', 'search', NULL), (2, '2024-03-05 09:00', 'search', NULL),
    (2, '2024-03-05 10:00', 'webinar_registered', NULL), (2, '2024-03-06 10:00', 'webinar_attended', NULL),
    (2, '2024-03-06 11:00', 'demo_watched', NULL),
    (2, '2024-03-06 12:00', 'download', '/files/reviews/2024.pdf'),
    (3, '2024-03-05 10:00', 'Visit Webpage', '/careers/cook'), (3, '2024-03-20 10:00', 'Visit Webpage', '/careers');
-- Ben: 3; 3 + 30; + 5; + 5 + 5; + 12 = 60. Cid: 8; 64 days of silence cost 2 * 5; then 8 + 1 - 10; on 20 March, 15 days after
-- the first visit, 8 + 2 - 10.
SELECT l.id,
       leadscore.score('marketo', l.id, '2024-01-30') AS january,
       leadscore.score('marketo', l.id, '2024-03-05 09:00') AS searched,
       leadscore.score('marketo', l.id, '2024-03-05 10:00') AS registered,
       leadscore.score('marketo', l.id, '2024-03-06 11:00') AS attended,
       leadscore.score('marketo', l.id, '2024-03-06 12:00') AS read,
       leadscore.score('marketo', l.id, '2024-03-20 10:00') AS later
FROM template_marketo.lead AS l WHERE l.id IN (2, 3) ORDER BY l.id;

-- Silence: -5 for every 30 days, no less than -30, from the last activity or from the creation. Ben was last seen on 6 March at
-- noon, Dan never.
SELECT l.id,
       leadscore.score('marketo', l.id, '2024-01-30 23:59:59') AS day_29,
       leadscore.score('marketo', l.id, '2024-01-31') AS day_30,
       leadscore.score('marketo', l.id, '2024-04-05 11:59:59') AS april_5,
       leadscore.score('marketo', l.id, '2024-04-05 12:00') AS april_5_noon,
       leadscore.score('marketo', l.id, '2024-05-05 12:00') AS may_5_noon,
       leadscore.score('marketo', l.id, '2025-03-06') AS in_a_year
FROM template_marketo.lead AS l WHERE l.id IN (2, 4) ORDER BY l.id;

-- Up to 30 points are from a person who looked at it.
INSERT INTO marketo.adjustment (lead, at, reason, dimension, points)
VALUES (2, '2024-03-06 13:00', 'known from the trade show', 'demographic', 20);
SELECT leadscore.score('marketo', 2, '2024-03-06 12:59') AS before, leadscore.score('marketo', 2, '2024-03-06 13:00') AS after;

-- A score above 65 makes a lead. Eve: 8 + 7, three searches and a webinar are 15 + 45 + 5 = 65; with an e-mail opened 66.
INSERT INTO template_marketo.lead VALUES (5, '2024-03-01', 'Founder', 'Website');
INSERT INTO template_marketo.activity VALUES
    (5, '2024-03-05 08:00', 'search', NULL), (5, '2024-03-05 09:00', 'search', NULL), (5, '2024-03-05 10:00', 'search', NULL),
    (5, '2024-03-05 11:00', 'webinar_registered', NULL), (5, '2024-03-05 12:00', 'Open Email', NULL);
SELECT t.at, leadscore.score('marketo', 5, t.at), leadscore.tier(s.state, t.at)
FROM (SELECT leadscore.lead_state('marketo', l)
             OPERATOR(leadscore.+) (SELECT leadscore.event_state('marketo', a, '2024-03-05')
                                    FROM template_marketo.activity AS a WHERE a.lead_id = l.id) AS state
      FROM template_marketo.lead AS l WHERE l.id = 5) AS s
CROSS JOIN unnest(ARRAY['2024-03-05 11:59:59', '2024-03-05 12:00']::timestamptz[]) AS t(at);

SELECT * FROM leadscore.verify('marketo');
SELECT leadscore.drop_model('marketo');
SET client_min_messages = warning;
DROP SCHEMA template_marketo CASCADE;
