-- Models go on scoring (scripts/check-upgrade); an assertion that fails ends psql.
SET client_min_messages = warning;
INSERT INTO crm.events VALUES (1, 'demo', now(), NULL), (2, 'view', now(), '{"n": 3}');
UPDATE crm.leads SET country = 'FR' WHERE id < 20;
DELETE FROM crm.events WHERE lead = 3;
INSERT INTO crm.people VALUES ('00000000-0000-0000-0000-000000000001', 'CEO');
DO $$ BEGIN
    ASSERT (SELECT tier FROM b2b.scores WHERE id = 1) = 'hot', 'an event after the upgrade counts';
    ASSERT (SELECT score FROM people.scores WHERE key = '00000000-0000-0000-0000-000000000001') = 5, 'so does a lead';
    ASSERT NOT EXISTS (SELECT FROM leadscore.verify('b2b')), 'scores are exact';
    UPDATE leadscore.rule SET points = points + 1 WHERE model = 'b2b';
    ASSERT leadscore.publish('b2b') = 2, 'a model is published again';
    ASSERT NOT EXISTS (SELECT FROM leadscore.verify('b2b')), 'scores are exact then';
END $$;
SELECT leadscore.refresh('b2b');
SELECT leadscore.rebuild('people');
SELECT leadscore.drop_model('b2b'), leadscore.drop_model('people');
DROP EXTENSION leadscore;
CREATE EXTENSION leadscore;
