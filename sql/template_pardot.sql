-- Template "pardot": the default points, and the ladder of grades in thirds from F to A+; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_pardot;
CREATE TABLE template_pardot.prospect (id integer PRIMARY KEY, employees text, industry text, country text, job_title text,
    department text);
CREATE TABLE template_pardot.visitor_activity (prospect_id integer, created_at timestamptz, kind text);
SELECT leadscore.import_model('pardot', leadscore.template('pardot'), leads => 'template_pardot.prospect',
    events => 'template_pardot.visitor_activity', lead => 'prospect_id', at => 'created_at', kind => 'kind');
SELECT leadscore.publish('pardot');

-- A third of a letter is a point: F is 0, D 2, C 5, B 8, A 11, A+ 12. Every prospect begins with 2. The default profile has five
-- criteria of 2/3 each: what matches adds 2, what does not takes 2, what is not known moves nothing.
INSERT INTO template_pardot.prospect VALUES
    (1, NULL,   NULL,       NULL, NULL,           NULL),           -- nothing known: 2, D
    (2, '200',  'Software', 'FR', 'VP Marketing', 'Marketing'),    -- five matches: 2 + 10 = 12, A+
    (3, NULL,   'Software', NULL, NULL,           NULL),           -- one match: 2 + 2 = 4, C-
    (4, '10',   NULL,       NULL, NULL,           NULL),           -- one that does not match: 2 - 2 = 0, F
    (5, '10',   'Mining',   'DE', 'Intern',       'Legal'),        -- five: 2 - 10 = -8, and no less than 0, F
    (6, '5000', 'Software', 'FR', 'Intern',       NULL),           -- three against one: 2 + 6 - 2 = 6, C+
    (7, 'many', 'Software', 'BE', 'Director',     'Legal'),        -- 'many' is no number, so not known: 2 + 6 - 2 = 6, C+
    (8, '5001', 'Software', 'BE', 'Director',     'Sales');        -- 2 - 2 + 8 = 8, B
SELECT id, profile, profile_grade, score FROM pardot.scores ORDER BY id;

-- 1/3, 2/3, 3/3 for a match move a new prospect from D to D+, C- and C; ten thirds from D to A+.
UPDATE leadscore.rule SET points = 1, else_points = -1 WHERE model = 'pardot' AND name = 'company size';
UPDATE leadscore.rule SET points = 3, else_points = -3 WHERE model = 'pardot' AND name = 'job title';
SELECT leadscore.publish('pardot');
INSERT INTO template_pardot.prospect VALUES
    (11, '200', NULL,       NULL, NULL,   NULL),
    (12, NULL,  'Software', NULL, NULL,   NULL),
    (13, NULL,  NULL,       NULL, 'Head', NULL),
    (14, '200', 'Software', 'FR', 'Head', 'Sales'),
    (15, '20',  NULL,       NULL, NULL,   NULL);
SELECT id, profile, profile_grade FROM pardot.scores WHERE id > 10 ORDER BY id;

-- The points of every activity, one of each on a day of its own.
CREATE TABLE template_pardot.default_points (kind text PRIMARY KEY, points float8);
INSERT INTO template_pardot.default_points VALUES
    ('custom_redirect_click', 3), ('email_click', 3), ('email_open', 0), ('event_registered', 0), ('event_checked_in', 0),
    ('download', 3), ('form_submit', 50), ('form_error', -5), ('form_handler_submit', 50), ('form_handler_error', -5),
    ('landing_page_submit', 50), ('landing_page_error', -5), ('chat', 10), ('opportunity_created', 50), ('opportunity_won', 0),
    ('opportunity_lost', -100), ('page_view', 1), ('site_search', 3), ('session', 3);
INSERT INTO template_pardot.visitor_activity
SELECT 1, timestamptz '2024-01-01' + row_number() OVER (ORDER BY kind) * interval '1 day', kind FROM template_pardot.default_points;
SELECT a.kind, d.points,
       leadscore.score('pardot', 1, a.created_at) - leadscore.score('pardot', 1, a.created_at - interval '1 hour') AS scored
FROM template_pardot.visitor_activity AS a JOIN template_pardot.default_points AS d USING (kind) ORDER BY a.kind;

-- Prospect 2, A+: a visit, three pages, a form with an error, the form, a file: 3 + 3 - 5 + 50 + 3 = 54. With an opportunity 104
-- and qualified, which needs 100 points and a B. When that is lost: 4. Prospect 3 does the same with a C-.
INSERT INTO template_pardot.visitor_activity
SELECT p.id, v.at::timestamptz, v.kind
FROM (VALUES (2), (3)) AS p(id),
     (VALUES ('2024-02-01 10:00', 'session'), ('2024-02-01 10:00', 'page_view'), ('2024-02-01 10:01', 'page_view'),
             ('2024-02-01 10:02', 'page_view'), ('2024-02-01 10:03', 'form_error'), ('2024-02-01 10:04', 'form_submit'),
             ('2024-02-01 10:05', 'download'), ('2024-02-10', 'opportunity_created'),
             ('2024-03-10', 'opportunity_lost')) AS v(at, kind);
SELECT p.id, t.at, leadscore.score('pardot', p.id, t.at), leadscore.score(s.state, t.at) AS again, leadscore.tier(s.state, t.at)
FROM template_pardot.prospect AS p
CROSS JOIN LATERAL (SELECT leadscore.lead_state('pardot', p)
                           OPERATOR(leadscore.+) leadscore.event_state('pardot', a, '2024-02-01')
                    FROM template_pardot.visitor_activity AS a WHERE a.prospect_id = p.id) AS s(state)
CROSS JOIN unnest(ARRAY['2024-02-01 10:03', '2024-02-02', '2024-02-10', '2024-03-10']::timestamptz[]) AS t(at)
WHERE p.id IN (2, 3) ORDER BY p.id, t.at;

-- The grade has no part in the score.
SELECT path, rule, awards, points FROM leadscore.explain('pardot', 2, '2024-02-02');

-- A table without columns that are needed is told which. The department may be missing: then its criterion is left out.
-- Two matches are 2 + 2 + 2 = 6, C+.
\set SHOW_CONTEXT never
CREATE TABLE template_pardot.short (id integer PRIMARY KEY, employees integer, industry text);
SELECT leadscore.import_model('pardot_short', leadscore.template('pardot'), leads => 'template_pardot.short',
    events => 'template_pardot.visitor_activity', lead => 'prospect_id', at => 'created_at', kind => 'kind');
ALTER TABLE template_pardot.short ADD country text, ADD job_title text;
SELECT leadscore.import_model('pardot_short', leadscore.template('pardot'), leads => 'template_pardot.short',
    events => 'template_pardot.visitor_activity', lead => 'prospect_id', at => 'created_at', kind => 'kind');
SELECT leadscore.publish('pardot_short');
INSERT INTO template_pardot.short VALUES (20, 100, 'Software');
SELECT id, profile, profile_grade, score FROM pardot_short.scores;

SELECT * FROM leadscore.verify('pardot');
SELECT leadscore.drop_model('pardot');
SELECT leadscore.drop_model('pardot_short');
SET client_min_messages = warning;
DROP SCHEMA template_pardot CASCADE;
