-- Template "brevo": 5 points for each action, engaged from 20; by hand.
SET timezone = 'UTC';
SET extra_float_digits = 0;
CREATE SCHEMA template_brevo;
CREATE TABLE template_brevo.contact (id integer PRIMARY KEY, email text);
CREATE TABLE template_brevo.event (contact_id integer, date timestamptz, event text);
SELECT leadscore.import_model('brevo', leadscore.template('brevo'), leads => 'template_brevo.contact',
    events => 'template_brevo.event', lead => 'contact_id', at => 'date', kind => 'event', kinds => '{"email_open": "opened"}');
SELECT leadscore.publish('brevo');

-- Brevo's own example: each action adds 5 points, with 20 points a contact is highly engaged. That is the fourth action.
INSERT INTO template_brevo.contact VALUES (1, 'ada@example.com'), (2, 'ben@example.com'), (3, NULL);
INSERT INTO template_brevo.event VALUES
    (1, '2024-03-01', 'opened'), (1, '2024-03-02', 'push_click'), (1, '2024-03-03', 'opened'), (1, '2024-03-04', 'opened'),
    (2, '2024-03-01', 'opened'), (2, '2024-03-02', 'delivered'), (3, '2024-03-01', 'opened');
SELECT d AS march, leadscore.score('brevo', 1, make_timestamptz(2024, 3, d, 0, 0, 0, 'UTC')) AS ada,
       leadscore.score('brevo', 2, make_timestamptz(2024, 3, d, 0, 0, 0, 'UTC')) AS ben,
       leadscore.score('brevo', 3, make_timestamptz(2024, 3, d, 0, 0, 0, 'UTC')) AS no_address
FROM generate_series(1, 5) AS d;
SELECT id, score, tier FROM brevo.scores ORDER BY id;
SELECT lead, from_tier, to_tier, score, cause FROM brevo.tier_changes ORDER BY recorded_at, lead;

-- An automation without re-entry gives its points once: 5 for opening and 5 for the push. With a wait of two days between entries,
-- the open on the 3rd counts, the one on the 4th does not.
UPDATE leadscore.rule SET max_awards = 1 WHERE model = 'brevo';
SELECT leadscore.publish('brevo');
SELECT id, score, tier FROM brevo.scores ORDER BY id;
UPDATE leadscore.rule SET per = '2 days' WHERE model = 'brevo';
SELECT leadscore.publish('brevo');
SELECT id, score, tier FROM brevo.scores ORDER BY id;
SELECT lead, from_tier, to_tier, score, version, cause FROM brevo.tier_changes ORDER BY recorded_at, lead;

SELECT * FROM leadscore.verify('brevo');
SELECT leadscore.drop_model('brevo');
SET client_min_messages = warning;
DROP SCHEMA template_brevo CASCADE;
