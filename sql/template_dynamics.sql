-- Template "dynamics": each, once, or from a number in a time on; named ranges; sales ready stays; by hand.
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET extra_float_digits = 0;
CREATE SCHEMA template_dynamics;
CREATE TABLE template_dynamics.leads (id bigint PRIMARY KEY, country text, job_title text, employees integer);
CREATE TABLE template_dynamics.events (lead_id bigint, kind text, at timestamptz);
CREATE INDEX ON template_dynamics.events (lead_id, at);
SELECT leadscore.import_model('dynamics', leadscore.template('dynamics'), leads => 'template_dynamics.leads',
    events => 'template_dynamics.events', lead => 'lead_id', at => 'at', kind => 'kind');
SELECT leadscore.publish('dynamics');

INSERT INTO template_dynamics.leads VALUES (1, 'FR', 'Head of IT', 600), (2, 'BE', 'Clerk', 500), (3, 'US', 'Chief', 9000);
INSERT INTO template_dynamics.events VALUES
    (1, 'email_open', '2026-01-01'), (1, 'email_open', '2026-01-05'), (1, 'email_open', '2026-01-10'),
    (1, 'email_open', '2026-01-15'), (1, 'email_open', '2026-01-28'),
    (1, 'email_click', '2026-02-01'), (1, 'email_click', '2026-02-01'),
    (1, 'webinar_registered', '2026-02-02'), (1, 'webinar_registered', '2026-02-03'),
    (1, 'webinar_attended', '2026-02-10'), (1, 'unsubscribe', '2026-03-01'), (1, 'unsubscribe', '2026-03-02');

-- Lead 1 decides and its company has more than 500 people: 8. Lead 2: 500 is not more than 500. Lead 3 is not of the audience.
--   28 January     five opens in the 28 days since 31 December: + 5 = 13, Warm
--   29 January     the open of 1 January is 28 days old, four are left: 8, Cold
--    1 February    two clicks, each 2: 12
--    3 February    registered, counted once: 17, Warm
--   10 February    checked in: 22, Hot, and sales ready
--    2 March       took consent back, counted once: 12, Cold
--    1 February 2027  the clicks are 365 days old: 8; on the 3rd the registrations: 3; on the 10th the event: -2
SELECT v.at, leadscore.score(s.state, at => v.at) AS score, leadscore.grade(s.state, 'score', v.at) AS range,
       leadscore.tier(s.state, v.at)
FROM unnest(ARRAY['2026-01-15', '2026-01-28', '2026-01-28 23:59:59', '2026-01-29', '2026-02-01', '2026-02-03', '2026-02-10',
                  '2026-03-02', '2027-01-31', '2027-02-01', '2027-02-03', '2027-02-10']::timestamptz[]) AS v(at),
     leadscore.state_at('dynamics', 1, v.at) AS s(state) ORDER BY v.at;
SELECT id, leadscore.score('dynamics', id, '2026-01-28') AS score FROM template_dynamics.leads ORDER BY id;

-- Live, lead 2 forgets nothing: 5 registered, 5 + 5 checked in, 2 * 3 forms are 21; without consent 11 are left, but it stays
-- sales ready.
INSERT INTO template_dynamics.events VALUES (2, 'webinar_registered', now()), (2, 'webinar_attended', now()),
    (2, 'webinar_attended', now()), (2, 'form_submit', now()), (2, 'form_submit', now());
SELECT id, score, score_grade, tier FROM dynamics.scores WHERE id = 2;
INSERT INTO template_dynamics.events VALUES (2, 'unsubscribe', now());
SELECT id, score, score_grade, tier FROM dynamics.scores WHERE id = 2;
SELECT lead, from_tier, to_tier, score, cause FROM dynamics.tier_changes WHERE lead = 2;

SELECT * FROM leadscore.verify('dynamics');
SELECT leadscore.drop_model('dynamics');
SET client_min_messages = warning;
DROP SCHEMA template_dynamics CASCADE;
