-- Template "leadlovers": one number, one classification; by hand.
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET extra_float_digits = 0;
CREATE SCHEMA template_leadlovers;
CREATE TABLE template_leadlovers.leads (id bigint PRIMARY KEY, email text);
CREATE TABLE template_leadlovers.events (lead_id bigint, kind text, at timestamptz);
CREATE INDEX ON template_leadlovers.events (lead_id, at);
SELECT leadscore.import_model('leadlovers', leadscore.template('leadlovers'), leads => 'template_leadlovers.leads',
    events => 'template_leadlovers.events', lead => 'lead_id', at => 'at', kind => 'kind');
SELECT leadscore.publish('leadlovers');

INSERT INTO template_leadlovers.leads VALUES (1, 'ana@exemplo.br'), (2, 'bia@exemplo.br'), (3, 'caio@exemplo.br'), (4, NULL);
INSERT INTO template_leadlovers.events
SELECT k.lead_id, k.kind, k.at
FROM (VALUES (1, 'email_open', timestamptz '2026-01-01', 4), (1, 'email_click', '2026-01-01', 2), (1, 'page_view', '2026-01-02', 3),
             (1, 'form_submit', '2026-01-02', 1), (1, 'purchase', '2026-01-03', 1), (2, 'email_open', '2026-01-01', 4),
             (2, 'unsubscribe', '2026-01-02', 1), (2, 'form_submit', '2026-01-03', 2)) AS k(lead_id, kind, at, times),
     generate_series(1, k.times);

-- Ana   4 * 1 + 2 * 3 = 10, + 3 * 1 + 5 = 18, + 20 = 38.
-- Bia   4, then -6, shown as 0, then 4: the floor holds the total, it does not forget what was below it.
-- Caio  has done nothing. The fourth has no e-mail address.
SELECT l.id, t.at::date AS day, leadscore.score(s.state, at => t.at) AS score, leadscore.tier(s.state, t.at)
FROM template_leadlovers.leads AS l, unnest(ARRAY['2026-01-01', '2026-01-02', '2026-01-03']::timestamptz[]) AS t(at),
     leadscore.state_at('leadlovers', l.id, t.at) AS s(state)
ORDER BY l.id, t.at;
SELECT id, score, tier FROM leadlovers.scores ORDER BY id;

SELECT * FROM leadscore.verify('leadlovers');
SELECT leadscore.drop_model('leadlovers');
SET client_min_messages = warning;
DROP SCHEMA template_leadlovers CASCADE;
