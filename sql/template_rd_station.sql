-- Template "rd_station": the profile as a weighted share of answers worth 0 to 10, and interest beside it; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_rd_station;
CREATE TABLE template_rd_station.leads (id bigint PRIMARY KEY, email text, cargo text, segmento text, funcionarios integer);
CREATE TABLE template_rd_station.events (lead_id bigint, kind text, at timestamptz);
CREATE INDEX ON template_rd_station.events (lead_id, at);
SELECT leadscore.import_model('rd_station', leadscore.template('rd_station'), leads => 'template_rd_station.leads',
    events => 'template_rd_station.events', lead => 'lead_id', at => 'at', kind => 'kind',
    columns => '{"job_title": "cargo", "industry": "segmento", "employees": "funcionarios"}');
SELECT leadscore.publish('rd_station');

INSERT INTO template_rd_station.leads VALUES
    (1, 'ana@exemplo.br',  'Diretor',    'Serviços',   30),
    (2, 'bia@exemplo.br',  'Gerente',    'Tecnologia', 10),
    (3, 'caio@exemplo.br', 'Analista',   'Outro',      100),
    (4, 'davi@exemplo.br', 'Estagiário', NULL,         NULL),
    (5, NULL,              'CEO',        'Tecnologia', 500),
    (6, 'edu@exemplo.br',  'CEO',        'Tecnologia', 100);
INSERT INTO template_rd_station.events
SELECT k.lead_id, k.kind, '2026-01-01'
FROM (VALUES (1, 'demo_request', 1), (1, 'download', 1), (2, 'page_view', 4), (2, 'email_click', 1), (3, 'demo_request', 3),
             (6, 'webinar_attended', 1), (6, 'email_click', 1)) AS k(lead_id, kind, times), generate_series(1, k.times);

-- The weights are 3, 2 and 1, the most is 3 * 10 + 2 * 10 + 1 * 10 = 60.
-- Ana   3 * 10 + 2 * 5  + 1 * 5  = 45 of 60: 75 %, A      interest 10 + 5 = 15: qualified
-- Bia   3 * 7  + 2 * 10 + 0      = 41 of 60: 68.33 %, B   interest 4 * 1 + 2 = 6: not interested enough
-- Caio  3 * 3  + 0      + 1 * 10 = 19 of 60: 31.67 %, C   interest 30, but not the profile
-- Davi  nothing: D. Without an e-mail address there is no lead. Edu 60 of 60: A; interest 7 + 2 = 9.
-- The profile goes into the score with weight 0: the score is the interest.
SELECT id, profile, profile_grade, interest, score, tier FROM rd_station.scores ORDER BY id;
SELECT id, leadscore.best(state, 'profile.job_title') AS job_title, leadscore.best(state, 'profile.industry') AS industry,
       leadscore.best(state, 'profile.employees') AS employees
FROM template_rd_station.leads, leadscore.state_at('rd_station', id, '2026-02-01') AS s(state) ORDER BY id;

SELECT * FROM leadscore.verify('rd_station');
SELECT leadscore.drop_model('rd_station');
SET client_min_messages = warning;
DROP SCHEMA template_rd_station CASCADE;
