-- Template "webmecanik": points for answers, for actions once or repeatable, a point group; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_webmecanik;
CREATE TABLE template_webmecanik.contact (id integer PRIMARY KEY, company_size text);
CREATE TABLE template_webmecanik.event (contact_id integer, at timestamptz, kind text, url text);
SELECT leadscore.import_model('webmecanik', leadscore.template('webmecanik'), leads => 'template_webmecanik.contact',
    events => 'template_webmecanik.event', lead => 'contact_id', at => 'at', kind => 'kind',
    params => '{"company_sizes": {"small": "< 10", "medium": "10 - 50", "large": "> 50"}}');
SELECT leadscore.publish('webmecanik');

-- Webmecanik's own example: less than 10 employees 1 point, 10 to 50 employees 5, more than 50 employees 10.
INSERT INTO template_webmecanik.contact VALUES (1, '< 10'), (2, '10 - 50'), (3, '> 50'), (4, NULL);
SELECT id, score, profile, tier FROM webmecanik.scores ORDER BY id;

-- Contact 3: 10; an e-mail opened 11, again 11; two clicks 14 and 17; a form 37; the prices 42, again 42; the product 42 and
-- 5 in the group; left the list 22.
INSERT INTO template_webmecanik.event VALUES
    (3, '2024-03-01', 'email_open', NULL), (3, '2024-03-02', 'email_open', NULL),
    (3, '2024-03-03', 'email_click', NULL), (3, '2024-03-04', 'email_click', NULL),
    (3, '2024-03-05', 'form_submit', NULL),
    (3, '2024-03-06', 'page_view', '/pricing'), (3, '2024-03-07', 'page_view', '/pricing'),
    (3, '2024-03-08', 'page_view', '/product'),
    (3, '2024-03-09', 'unsubscribe', NULL);
SELECT d AS march, leadscore.score('webmecanik', 3, t.at), leadscore.score(s.state, 'profile', t.at) AS profile,
       leadscore.score(s.state, 'behaviour', t.at) AS behaviour, leadscore.score(s.state, 'product', t.at) AS product,
       leadscore.tier(s.state, t.at)
FROM template_webmecanik.contact AS c
CROSS JOIN LATERAL (SELECT leadscore.lead_state('webmecanik', c)
                           OPERATOR(leadscore.+) leadscore.event_state('webmecanik', e, '2024-03-01')
                    FROM template_webmecanik.event AS e WHERE e.contact_id = c.id) AS s(state)
CROSS JOIN generate_series(1, 9) AS d
CROSS JOIN LATERAL (SELECT make_timestamptz(2024, 3, d, 0, 0, 0, 'UTC')) AS t(at)
WHERE c.id = 3 ORDER BY d;
SELECT id, score, profile, behaviour, product, tier FROM webmecanik.scores ORDER BY id;

SELECT * FROM leadscore.verify('webmecanik');
SELECT leadscore.drop_model('webmecanik');
SET client_min_messages = warning;
DROP SCHEMA template_webmecanik CASCADE;
