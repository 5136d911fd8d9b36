-- Template "bant": how many of the four are met, as a share; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_bant;
CREATE TABLE template_bant.leads (id bigint PRIMARY KEY, budget numeric, title text, answers jsonb);
SELECT leadscore.import_model('bant', leadscore.template('bant'), leads => 'template_bant.leads',
    columns => '{"job_title": "title", "need": ["answers", "need"], "months_to_buy": ["answers", "months"]}',
    params => '{"budget": {"least": 5000}}');
SELECT leadscore.publish('bant');

INSERT INTO template_bant.leads VALUES
    (1,  5000,    'CTO',             '{"need": "fewer returns", "months": 3}'),
    (2, 20000,    'Clerk',           '{"need": "fewer returns", "months": 6}'),
    (3,  4999.99, 'Owner',           '{"need": "", "months": 2}'),
    (4,  NULL,    NULL,              NULL),
    (5, 50000,    'Director of IT',  '{"need": null, "months": 6.5}'),
    (6,  NULL,    'VP Sales',        '{"need": "fewer returns", "months": 0}');

-- Each that is met is worth a quarter: 1 has all; 2 does not decide; 3 has too little money and no need; of 4 nothing is known;
-- 5 has no need and is late; 6 lacks the budget. Three of the four qualify.
SELECT id, score, budget, authority, need, timeline, tier FROM bant.scores ORDER BY id;
SELECT path, rule, points, share FROM leadscore.explain('bant', 2);

SELECT * FROM leadscore.verify('bant');
SELECT leadscore.drop_model('bant');
SET client_min_messages = warning;
DROP SCHEMA template_bant CASCADE;
