-- Template "mautic": points for actions, once or repeatable, a point group beside the main points; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_mautic;
CREATE TABLE template_mautic.leads (id integer PRIMARY KEY, email text);
CREATE TABLE template_mautic.actions (lead_id integer, date_added timestamptz, type text, url text);
SELECT leadscore.import_model('mautic', leadscore.template('mautic'), leads => 'template_mautic.leads',
    events => 'template_mautic.actions', lead => 'lead_id', at => 'date_added', kind => 'type',
    kinds => '{"email_open": "email.open", "form_submit": "form.submit", "download": "asset.download", "page_view": "url.hit"}');
SELECT leadscore.publish('mautic');

INSERT INTO template_mautic.leads VALUES (1, 'ada@example.com'), (2, 'ben@example.com');
INSERT INTO template_mautic.actions VALUES
    (1, '2024-03-01 10:00', 'email.open', NULL),             -- 10
    (1, '2024-03-01 11:00', 'email.open', NULL),             -- not repeatable: nothing
    (1, '2024-03-02 10:00', 'url.hit', '/pricing'),          -- 5
    (1, '2024-03-02 11:00', 'url.hit', '/pricing/teams'),    -- the same action: nothing
    (1, '2024-03-03 10:00', 'form.submit', NULL),            -- 20
    (1, '2024-03-03 11:00', 'form.submit', NULL),            -- repeatable: 20
    (1, '2024-03-04 10:00', 'url.hit', '/product/one'),      -- the group: 5
    (1, '2024-03-04 11:00', 'url.hit', '/product/one'),      -- repeatable: 5
    (1, '2024-03-05 10:00', 'asset.download', '/product/sheet.pdf'),   -- 15, and the group 10
    (1, '2024-03-06 10:00', 'asset.download', '/white-paper.pdf'),     -- not repeatable: nothing
    (1, '2024-03-07 10:00', 'url.hit', '/jobs'),             -- -10
    (2, '2024-03-01 10:00', 'url.hit', '/jobs/cook'),        -- -10: points can be negative
    (2, '2024-03-01 11:00', 'email.send', NULL);             -- no action of the model
-- Ada at the end of each day: 10; 15; 55; 55 and 10 in the group; 70 and 20; 70; 60. What is in the group is not in the points.
CREATE VIEW template_mautic.states AS
SELECT l.id, leadscore.lead_state('mautic', l) OPERATOR(leadscore.+) leadscore.event_state('mautic', a, '2024-03-01') AS state
FROM template_mautic.leads AS l JOIN template_mautic.actions AS a ON a.lead_id = l.id GROUP BY l.id, l.*;
SELECT d AS march, leadscore.score('mautic', 1, t.at) AS points, leadscore.score(s.state, 'product', t.at) AS product,
       leadscore.tier(s.state, t.at)
FROM template_mautic.states AS s
CROSS JOIN generate_series(1, 7) AS d
CROSS JOIN LATERAL (SELECT make_timestamptz(2024, 3, d, 23, 59, 59, 'UTC')) AS t(at)
WHERE s.id = 1 ORDER BY d;
SELECT id, score, product, tier FROM mautic.scores ORDER BY id;

-- The first of two counts by its own time, whenever it is told: the points are the same, their time is not.
INSERT INTO template_mautic.actions VALUES (1, '2024-02-20', 'email.open', NULL);
SELECT leadscore.score('mautic', 1, '2024-02-20') AS february, leadscore.score('mautic', 1, '2024-03-08') AS march;

-- A trigger fires once, a tier is left when the points fall; a latched one is kept.
UPDATE leadscore.tier SET latched = true WHERE model = 'mautic' AND name = 'ready';
SELECT leadscore.publish('mautic');
DELETE FROM template_mautic.actions WHERE type = 'form.submit';
SELECT id, score, tier FROM mautic.scores ORDER BY id;

SELECT * FROM leadscore.verify('mautic');
SELECT leadscore.drop_model('mautic');
SET client_min_messages = warning;
DROP SCHEMA template_mautic CASCADE;
