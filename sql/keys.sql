-- Keys of several types, and names that need quoting.
SET timezone = 'UTC';
CREATE SCHEMA "Key CRM";
CREATE DOMAIN "Key CRM"."lead number" AS bigint CHECK (VALUE > 0);

CREATE FUNCTION "Key CRM".try_key(key_type text, one text, two text) RETURNS TABLE (step text, lead text, score float8)
    LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    EXECUTE format('CREATE TABLE "Key CRM"."My ""Leads"""("Lead Id" %1$s PRIMARY KEY, "Country Code" text)', key_type);
    EXECUTE format('CREATE TABLE "Key CRM"."E vents"("of Lead" %1$s, "happened At" timestamptz, "What" text, "Value" int)', key_type);
    PERFORM leadscore.create_model('key "m', leads => '"Key CRM"."My ""Leads"""');
    PERFORM leadscore.add_events('key "m', '"Key CRM"."E vents"', lead => 'of Lead', at => 'happened At', kind => 'What');
    INSERT INTO leadscore.dimension (model, path) VALUES ('key "m', 'the fit');
    INSERT INTO leadscore.rule (model, name, dimension, event, condition, points) VALUES
        ('key "m', 'it''s "French"', 'the fit', NULL, '$."Country Code" == "FR"', 10),
        ('key "m', 'a visit', 'score', 'vis it', '$."Value" > 1', 1);
    INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('key "m', 'any one', 1, '{"the fit": 5}');
    PERFORM leadscore.publish('key "m');
    EXECUTE format('INSERT INTO "Key CRM"."E vents" VALUES (%1$L, ''2020-01-01'', ''vis it'', 2), (%2$L, ''2020-01-01'', ''vis it'', 2),'
                   ' (%2$L, ''2020-01-02'', ''vis it'', 1), (NULL, ''2020-01-01'', ''vis it'', 2)', one, two);
    EXECUTE format('INSERT INTO "Key CRM"."My ""Leads""" VALUES (%L, ''FR''), (%L, ''DE'')', one, two);
    RETURN QUERY EXECUTE 'SELECT ''inserted'', "Lead Id"::text, score FROM "key ""m".scores ORDER BY 2';
    EXECUTE format('UPDATE "Key CRM"."E vents" SET "of Lead" = %L WHERE "of Lead" = %L', one, two);
    EXECUTE format('DELETE FROM "Key CRM"."My ""Leads""" WHERE "Lead Id" = %L', two);
    RETURN QUERY EXECUTE 'SELECT ''merged'', "Lead Id"::text, score FROM "key ""m".scores ORDER BY 2';
    RETURN QUERY SELECT 'by text', one, leadscore.score('key "m', one);
    RETURN QUERY EXECUTE format('SELECT ''by key'', %1$L, leadscore.score(''key "m'', %1$L::%2$s)', one, key_type);
    RETURN QUERY SELECT 'explained', e.path || coalesce(': ' || e.rule, ''), e.points FROM leadscore.explain('key "m', one) AS e;
    RETURN QUERY SELECT 'differs', v.lead, v.live FROM leadscore.verify('key "m') AS v;
    PERFORM leadscore.drop_model('key "m');
    DROP TABLE "Key CRM"."My ""Leads""", "Key CRM"."E vents";
END
$$;

SET client_min_messages = warning;
SELECT * FROM "Key CRM".try_key('bigint', '1', '9000000000');
SELECT * FROM "Key CRM".try_key('uuid', '00000000-0000-0000-0000-00000000000a', 'ffffffff-0000-0000-0000-00000000000b');
SELECT * FROM "Key CRM".try_key('text', 'a "quoted" lead', 'it''s another');
SELECT * FROM "Key CRM".try_key('"Key CRM"."lead number"', '7', '8');
SELECT * FROM "Key CRM".try_key('numeric', '1.50', '2');
SELECT * FROM "Key CRM".try_key('smallint', '-5', '5');
SELECT * FROM "Key CRM".try_key('varchar(20) COLLATE "C"', 'one', 'two');

DROP SCHEMA "Key CRM" CASCADE;
