-- Following tables: the triggers that the published version needs on the tables of leads and events, and on their partitions and
-- children, whichever way these come and go. A partition has triggers of its own because a row that is inserted straight into it
-- fires none of its parent's; one that comes through the parent fires none of the partition's. So every row is seen once.

CREATE FUNCTION leadscore.family(relation regclass) RETURNS SETOF regclass
    LANGUAGE sql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE member(relation) AS (
        SELECT family.relation::oid
        UNION
        SELECT i.inhrelid FROM member AS m JOIN pg_inherits AS i ON i.inhparent = m.relation AND NOT i.inhdetachpending
    )
    SELECT m.relation::regclass FROM member AS m
$$;
COMMENT ON FUNCTION leadscore.family(regclass) IS
    'Internal: a table with its partitions and children, theirs too; none for null.';

CREATE FUNCTION leadscore.followed(model text) RETURNS TABLE (relation regclass, source text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.tgrelid::regclass, NULL
    FROM pg_trigger AS t
    WHERE t.tgfoid = 'leadscore.leads_changed()'::regprocedure AND t.tgname = format('leadscore_%s_leads_insert', model)
    UNION ALL
    -- The second of the trigger's arguments, which are the model and the source, each with a zero byte behind it.
    SELECT t.tgrelid::regclass, convert_from(rtrim(substring(t.tgargs FROM octet_length(model) + 2), '\x00'), getdatabaseencoding())
    FROM pg_trigger AS t
    WHERE t.tgfoid = 'leadscore.events_changed()'::regprocedure AND t.tgname = format('leadscore_%s_events_insert', model)
$$;
COMMENT ON FUNCTION leadscore.followed(text) IS
    'Internal: the tables that carry a model''s triggers, each with the name of its source of events, null on a table of leads.';

CREATE FUNCTION leadscore.follow(model text, source text, relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role text := CASE WHEN source IS NULL THEN 'leads' ELSE 'events' END;
    arguments text := concat_ws(', ', quote_literal(model), quote_literal(source));
    operation text;
    tables text;
BEGIN
    IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = relation AND c.relkind = 'f') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'wrong_object_type',
            MESSAGE = format('foreign table %s cannot hold %s of model "%s"', relation, role, model),
            DETAIL = 'Live scores need triggers that see the rows of a whole statement, which foreign tables do not have.';
    END IF;
    FOR operation, tables IN
        VALUES ('insert', 'REFERENCING NEW TABLE AS leadscore_new'),
               ('update', 'REFERENCING OLD TABLE AS leadscore_old NEW TABLE AS leadscore_new'),
               ('delete', 'REFERENCING OLD TABLE AS leadscore_old'),
               ('truncate', '')
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION leadscore.%I(%s)',
                       format('leadscore_%s_%s_%s', model, role, operation), operation, relation, tables, role || '_changed',
                       arguments);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.follow(text, text, regclass) IS
    'Internal: puts a model''s triggers on a table of events, of the named source, or of leads if source is null; replaces those
that are there. It is an error if the table is a foreign one.';

CREATE FUNCTION leadscore.unfollow(model text, source text, relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role text := CASE WHEN source IS NULL THEN 'leads' ELSE 'events' END;
    trigger name;
BEGIN
    FOR trigger IN
        SELECT t.tgname
        FROM unnest('{insert, update, delete, truncate}'::text[]) AS o(operation)
        JOIN pg_trigger AS t ON t.tgrelid = relation AND t.tgname = format('leadscore_%s_%s_%s', model, role, o.operation)
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', trigger, relation);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.unfollow(text, text, regclass) IS
    'Internal: drops from a table the triggers that follow has put there for the same model and source.';

CREATE FUNCTION leadscore.draft_tables(model text) RETURNS TABLE (relation regclass, source text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f.member, r.source
    FROM (SELECT m.leads, NULL FROM leadscore.model AS m WHERE m.name = draft_tables.model
          UNION ALL
          SELECT s.relation, s.name FROM leadscore.event_source AS s WHERE s.model = draft_tables.model) AS r(relation, source)
    CROSS JOIN leadscore.family(r.relation) AS f(member)
$$;
COMMENT ON FUNCTION leadscore.draft_tables(text) IS
    'Internal: the tables that a model''s draft is about, in the shape of followed: leads and events, with all partitions and
children.';

CREATE FUNCTION leadscore.forsaken_tables(model text) RETURNS TABLE (relation regclass, source text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT * FROM leadscore.followed(forsaken_tables.model)
    EXCEPT SELECT * FROM leadscore.draft_tables(forsaken_tables.model)
$$;
COMMENT ON FUNCTION leadscore.forsaken_tables(text) IS
    'Internal: the tables that carry a model''s triggers, but that its draft is not about, in the shape of followed.';

CREATE FUNCTION leadscore.is_followed(model text, source text, relation regclass) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) = 4
    FROM unnest('{insert, update, delete, truncate}'::text[]) AS o(operation)
    JOIN pg_trigger AS t
      ON t.tgrelid = relation AND t.tgenabled IN ('O', 'A')
     AND t.tgname = format('leadscore_%s_%s_%s', model, CASE WHEN source IS NULL THEN 'leads' ELSE 'events' END, o.operation)
     AND t.tgargs = (SELECT string_agg(convert_to(a.argument, getdatabaseencoding()) || '\x00'::bytea, '' ORDER BY a.place)
                     FROM (VALUES (1, model), (2, source)) AS a(place, argument) WHERE a.argument IS NOT NULL)
$$;
COMMENT ON FUNCTION leadscore.is_followed(text, text, regclass) IS
    'Internal: whether a table carries all of a model''s triggers, for this source of events (null: for leads), and they are enabled.';

CREATE FUNCTION leadscore.begins_to_follow(model text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM leadscore.draft_tables(begins_to_follow.model) AS t
                   WHERE NOT leadscore.is_followed(begins_to_follow.model, t.source, t.relation))
        -- The triggers find leads by the columns of the version before.
        OR coalesce((SELECT w.config -> 'model' -> 'key' <> v.config -> 'model' -> 'key'
                         OR w.config -> 'model' -> 'leads' <> v.config -> 'model' -> 'leads'
                         OR NOT w.config -> 'sources' <@ (v.config -> 'sources')
                     FROM leadscore.version AS w
                     JOIN leadscore.version AS v ON v.model = w.model AND v.version = w.version - 1
                     WHERE w.model = begins_to_follow.model
                     ORDER BY w.version DESC LIMIT 1), true)
$$;
COMMENT ON FUNCTION leadscore.begins_to_follow(text) IS
    'Internal: whether the newest version is about a table, or a column with the lead, that the triggers of the version before it do not
look at: also if it is the first one.';

CREATE FUNCTION leadscore.follow_draft(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM leadscore.unfollow(follow_draft.model, g.source, g.relation) FROM leadscore.forsaken_tables(follow_draft.model) AS g;
    -- A table that has its triggers need not be locked against its writers.
    PERFORM leadscore.follow(follow_draft.model, t.source, t.relation) FROM leadscore.draft_tables(follow_draft.model) AS t
    WHERE NOT leadscore.is_followed(follow_draft.model, t.source, t.relation);
END
$$;
COMMENT ON FUNCTION leadscore.follow_draft(text) IS
    'Internal: puts a model''s triggers on all tables that its draft is about, and drops them from all others.';

-- Partitions and children that come and go

CREATE FUNCTION leadscore.part_changes(model text) RETURNS TABLE (relation regclass, source text, lead text, has_joined boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH version AS (
        SELECT v.config FROM leadscore.version AS v WHERE v.model = part_changes.model ORDER BY v.version DESC LIMIT 1
    ), named(relation, source, lead) AS (
        -- What the version is about. A table that was renamed since is known by the draft.
        SELECT m.leads, NULL, v.config #>> '{model,key}'
        FROM leadscore.model AS m CROSS JOIN version AS v WHERE m.name = part_changes.model
        UNION
        SELECT r.relation, s.name, s.lead
        FROM version AS v
        CROSS JOIN jsonb_to_recordset(v.config -> 'sources') AS s(name text, relation text, lead text)
        LEFT JOIN leadscore.event_source AS d ON d.model = part_changes.model AND d.name = s.name
        CROSS JOIN LATERAL (VALUES (d.relation), (to_regclass(s.relation))) AS r(relation)
    ), followed AS (
        SELECT f.relation, f.source FROM leadscore.followed(part_changes.model) AS f
    ), live AS (
        SELECT DISTINCT m.member AS relation, n.source
        FROM named AS n
        JOIN followed AS f ON f.relation = n.relation AND f.source IS NOT DISTINCT FROM n.source
        CROSS JOIN leadscore.family(n.relation) AS m(member)
    )
    SELECT c.relation, c.source, (SELECT n.lead FROM named AS n WHERE n.source IS NOT DISTINCT FROM c.source LIMIT 1), c.has_joined
    FROM (SELECT j.*, true FROM (SELECT * FROM live EXCEPT SELECT * FROM followed) AS j
          UNION ALL
          SELECT g.*, false FROM (SELECT * FROM followed EXCEPT SELECT * FROM live) AS g) AS c(relation, source, has_joined)
    ORDER BY c.relation
$$;
COMMENT ON FUNCTION leadscore.part_changes(text) IS
    'Internal: the tables that have become part of a model''s tables of leads or events (has_joined), or have ceased to be, which
their triggers do not show yet. lead: the column with the lead''s key.';

CREATE FUNCTION leadscore.rescore(model text, relation regclass, lead name) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'leadscore_rescore';
REVOKE EXECUTE ON FUNCTION leadscore.rescore(text, regclass, name) FROM PUBLIC;
COMMENT ON FUNCTION leadscore.rescore(text, regclass, name) IS
    'Internal: scores anew the leads that the rows of a table (without its children) name in column lead, or all that have a state
if relation is null. Reads the table with the rights of its owner, scores with those of the model''s. Does nothing for a model that
is not published.';

CREATE FUNCTION leadscore.follow_parts(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM leadscore.part_changes(model) LOOP
        IF part.has_joined THEN
            PERFORM leadscore.follow(model, part.source, part.relation);
        ELSE
            PERFORM leadscore.unfollow(model, part.source, part.relation);
        END IF;
        IF part.lead = ANY (leadscore.column_names(part.relation)) THEN
            PERFORM leadscore.rescore(model, part.relation, part.lead);
        END IF;
    END LOOP;
    -- A table that has become part of one that the model knows nothing of.
    FOR part IN
        SELECT f.relation, i.inhparent::regclass AS parent
        FROM leadscore.followed(model) AS f
        JOIN pg_inherits AS i ON i.inhrelid = f.relation
        WHERE i.inhparent NOT IN (SELECT o.relation FROM leadscore.followed(model) AS o)
        ORDER BY f.relation
    LOOP
        RAISE WARNING USING
            MESSAGE = format('model "%s" does not see what is done to %s through %s', model, part.relation, part.parent),
            HINT = format('Let the model use %s, and publish.', part.parent);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.follow_parts(text) IS
    'Internal: gives the tables of part_changes their triggers, or takes them, and scores the leads of their rows anew. It is an
error if a foreign table has become a part.';

-- The event triggers run whoever changes a table, with the rights of the extension's owner, because most users may neither read the
-- configuration nor write states. Whoever changes a table must not gain these rights: what runs with them reads the catalogs and
-- the configuration, and creates triggers; rows of users' tables are read, and rules evaluated, by rescore alone, which drops them.

CREATE FUNCTION leadscore.tables_changed() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    models text[];
BEGIN
    -- The models that follow a table that the command was about, or a parent or child of one. Most commands end here.
    WITH RECURSIVE command(relation) AS (
        SELECT c.objid FROM pg_event_trigger_ddl_commands() AS c WHERE c.classid = 'pg_class'::regclass
    ), touched(relation) AS (
        SELECT c.relation FROM command AS c
        UNION
        SELECT i.inhparent FROM touched AS t JOIN pg_inherits AS i ON i.inhrelid = t.relation
    ), around(relation) AS (
        SELECT t.relation FROM touched AS t
        UNION
        SELECT i.inhrelid FROM command AS c JOIN pg_inherits AS i ON i.inhparent = c.relation
    )
    SELECT array_agg(DISTINCT m.name) INTO models
    FROM around AS t
    JOIN pg_trigger AS g ON g.tgrelid = t.relation
    JOIN leadscore.model AS m
      ON g.tgname IN (format('leadscore_%s_leads_insert', m.name), format('leadscore_%s_events_insert', m.name));
    IF models IS NOT NULL THEN
        PERFORM leadscore.follow_parts(m.name), leadscore.warn_of_missing_columns(m.name) FROM unnest(models) AS m(name);
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.tables_changed() IS
    'Internal: event trigger; models follow the partitions and children that their tables of leads and events got or lost.';

CREATE FUNCTION leadscore.dropped_parts() RETURNS TABLE (model text, relation oid, identity text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT m.name, t.objid, t.object_identity
    FROM pg_event_trigger_dropped_objects() AS t
    JOIN pg_event_trigger_dropped_objects() AS g ON g.object_type = 'trigger' AND g.address_names[1:2] = t.address_names
    JOIN leadscore.model AS m
      ON g.address_names[3] IN (format('leadscore_%s_leads_insert', m.name), format('leadscore_%s_events_insert', m.name))
    WHERE t.object_type = 'table'
$$;
COMMENT ON FUNCTION leadscore.dropped_parts() IS
    'Internal: in an event trigger on sql_drop, the tables of leads and events, and their parts, dropped with their triggers.';

CREATE FUNCTION leadscore.dropped_needs() RETURNS TABLE (model text, object text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH part AS (
        SELECT * FROM leadscore.dropped_parts()
    ), dropped(model, relation, object, identity, column_name) AS (
        SELECT p.model, p.relation, 'table ' || p.identity, p.identity, NULL FROM part AS p
        UNION ALL
        SELECT m.name, d.objid, 'column ' || d.object_identity, format('%I.%I', d.address_names[1], d.address_names[2]),
               d.address_names[3]
        FROM pg_event_trigger_dropped_objects() AS d
        CROSS JOIN leadscore.model AS m
        WHERE d.object_type = 'table column' AND d.objid IN (SELECT f.relation FROM leadscore.followed(m.name) AS f)
    )
    SELECT m.name, d.object, format('Run SELECT leadscore.drop_model(%L) first.', m.name)
    FROM dropped AS d
    JOIN leadscore.model AS m ON m.name = d.model AND m.leads = d.relation
    WHERE d.column_name IS NULL OR d.column_name IN (m.key, m.created_at)
    UNION ALL
    SELECT m.name, 'table ' || d.object_identity, format('Run SELECT leadscore.drop_model(%L) first.', m.name)
    FROM pg_event_trigger_dropped_objects() AS d
    JOIN leadscore.model AS m ON m.name = d.schema_name
    WHERE d.object_type = 'table' AND d.object_name IN ('state', 'live', 'pending', 'changed', 'tier_changes', 'adjustment')
      AND (EXISTS (SELECT FROM leadscore.followed(m.name)) OR m.name IN (SELECT p.model FROM part AS p))
    UNION ALL
    SELECT s.model, d.object, format('Run SELECT leadscore.remove_events(%L, %L) and SELECT leadscore.publish(%L) first.',
                                     s.model, d.identity, s.model)
    FROM dropped AS d
    JOIN leadscore.event_source AS s ON s.model = d.model AND s.relation = d.relation
    WHERE d.column_name IS NULL OR d.column_name IN (s.lead, s.at, s.kind)
    UNION ALL
    -- Removed from the draft, but not yet from the version that scores.
    SELECT d.model, d.object, format('Run SELECT leadscore.publish(%L) first.', d.model)
    FROM dropped AS d
    CROSS JOIN LATERAL (
        SELECT v.config FROM leadscore.version AS v WHERE v.model = d.model ORDER BY v.version DESC LIMIT 1
    ) AS v
    CROSS JOIN jsonb_to_recordset(v.config -> 'sources') AS c(name text, relation text, lead text, at text, kind text)
    WHERE d.identity = c.relation AND (d.column_name IS NULL OR d.column_name IN (c.lead, c.at, c.kind))
      AND NOT EXISTS (SELECT FROM leadscore.event_source AS s WHERE s.model = d.model AND s.name = c.name)
$$;
COMMENT ON FUNCTION leadscore.dropped_needs() IS
    'Internal: in an event trigger on sql_drop, the dropped tables and columns that a published model cannot do without. A model
whose triggers are gone needs nothing: pg_restore --clean drops these first.';

CREATE FUNCTION leadscore.tables_dropped() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    needed record;
BEGIN
    IF NOT EXISTS (SELECT FROM leadscore.version) THEN
        RETURN;
    END IF;
    SELECT * INTO needed FROM leadscore.dropped_needs() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'dependent_objects_still_exist',
            MESSAGE = format('cannot drop %s because model "%s" needs it', needed.object, needed.model),
            HINT = needed.hint;
    END IF;
    -- The other parts took their rows along: nobody knows any more whose they were.
    PERFORM leadscore.rescore(p.model, NULL, NULL) FROM (SELECT DISTINCT d.model FROM leadscore.dropped_parts() AS d) AS p;
END
$$;
COMMENT ON FUNCTION leadscore.tables_dropped() IS
    'Internal: event trigger; refuses to drop a table or column that a model needs, and scores all leads of a model anew when a
partition or child of its tables is dropped. (Detaching it first costs less: then only the leads of its rows are scored.)';

CREATE EVENT TRIGGER leadscore_tables_changed ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE')
    EXECUTE FUNCTION leadscore.tables_changed();
COMMENT ON EVENT TRIGGER leadscore_tables_changed IS 'leadscore: partitions and children that come and go are followed.';

CREATE EVENT TRIGGER leadscore_tables_dropped ON sql_drop
    EXECUTE FUNCTION leadscore.tables_dropped();
COMMENT ON EVENT TRIGGER leadscore_tables_dropped IS 'leadscore: what models need is not dropped; what they do not is forgotten.';
