-- The life of a model, but for publishing: create_model, add_events, remove_events, drop_model.

-- create_model

CREATE FUNCTION leadscore.require_new_model(name text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF require_new_model.name IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'the name of a model must not be null';
    END IF;
    IF octet_length(require_new_model.name) NOT BETWEEN 1 AND 36 OR require_new_model.name ~ '^pg_'
       OR require_new_model.name IN ('leadscore', 'public', 'information_schema') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_name',
            MESSAGE = format('"%s" cannot be the name of a model', require_new_model.name),
            DETAIL = 'The name is that of the model''s schema, too: 1 to 36 bytes, not beginning with "pg_", and not "leadscore", '
                     '"public" or "information_schema".';
    END IF;
    IF EXISTS (SELECT FROM leadscore.model AS m WHERE m.name = require_new_model.name) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_object',
            MESSAGE = format('model "%s" already exists', require_new_model.name);
    END IF;
    IF EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = require_new_model.name) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema',
            MESSAGE = format('schema "%s" already exists', require_new_model.name),
            HINT = 'A model has a schema of its own, with the same name. Choose another name for the model.';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_new_model(text) IS
    'Internal: an error unless a model of this name can be created; null is no name.';

CREATE FUNCTION leadscore.primary_key_column(relation regclass) RETURNS name
    LANGUAGE plpgsql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    columns name[];
BEGIN
    SELECT array_agg(a.attname ORDER BY k.place) INTO columns
    FROM pg_constraint AS c
    CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
    WHERE c.conrelid = relation AND c.contype = 'p';
    IF columns IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s has no primary key to identify leads by', relation),
            HINT = 'Name a column that is unique and not null, such as key => ''id''.';
    END IF;
    IF cardinality(columns) > 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('the primary key of %s has more than one column: %s', relation, array_to_string(columns, ', ')),
            HINT = 'Name one column that is unique and not null, such as key => ''id''.';
    END IF;
    RETURN columns[1];
END
$$;
COMMENT ON FUNCTION leadscore.primary_key_column(regclass) IS
    'Internal: the column of a table''s primary key; an error if it has none or the key has several columns.';

CREATE FUNCTION leadscore.require_key(relation regclass, name name) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    attribute pg_attribute := leadscore.require_column(relation, require_key.name);
BEGIN
    BEGIN
        EXECUTE format('SELECT FROM %s ORDER BY %I LIMIT 0', relation, attribute.attname);
    EXCEPTION WHEN undefined_function THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object',
            MESSAGE = format('column "%s" of %s cannot be the key', attribute.attname, relation),
            DETAIL = format('Its type, %s, has no default btree order.', format_type(attribute.atttypid, attribute.atttypmod));
    END;
    IF (SELECT t.typarray = 0 FROM pg_type AS t WHERE t.oid = leadscore.base_type(attribute.atttypid)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object',
            MESSAGE = format('column "%s" of %s cannot be the key', attribute.attname, relation),
            DETAIL = format('There are no arrays of its type, %s.', format_type(attribute.atttypid, attribute.atttypmod));
    END IF;
    IF NOT attribute.attnotnull THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('column "%s" of %s cannot be the key: it may be null', attribute.attname, relation),
            HINT = format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, attribute.attname);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_index AS i
                   WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1
                     AND i.indkey[0] = attribute.attnum AND i.indpred IS NULL) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('column "%s" of %s cannot be the key: it is not unique', attribute.attname, relation),
            HINT = format('ALTER TABLE %s ADD UNIQUE (%I)', relation, attribute.attname);
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_key(regclass, name) IS
    'Internal: an error unless the column is there, not null, unique by itself, and its type has a default btree order and arrays.';

CREATE FUNCTION leadscore.create_model_objects(model text, key pg_catalog.pg_attribute) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- The key's type as the team's column has it, with its collation: equal keys must be equal here, too. Not a domain itself, whose
    -- checks would be anybody's code that runs with the rights of the model's owner.
    key_type text := leadscore.base_type_name(key.atttypid, key.atttypmod) || coalesce(
        (SELECT format(' COLLATE %I.%I', n.nspname, c.collname)
         FROM pg_collation AS c
         JOIN pg_namespace AS n ON n.oid = c.collnamespace
         JOIN pg_type AS t ON t.oid = leadscore.base_type(key.atttypid)
         WHERE c.oid = key.attcollation AND c.oid <> t.typcollation), '');
    template text;
BEGIN
    FOREACH template IN ARRAY ARRAY[
        'CREATE SCHEMA %1$I',
        'COMMENT ON SCHEMA %1$I IS %3$L',

        -- The state comes last: most writes leave its end as it is, and what comes before it takes the least room.
        'CREATE TABLE %1$I.state (lead %2$s,'
        ' due_at timestamptz GENERATED ALWAYS AS (leadscore.due_at(state)) STORED,'
        ' ceiling float8 GENERATED ALWAYS AS (leadscore.ceiling(state)) STORED,'
        ' generation integer, state leadscore.state NOT NULL,'
        ' CONSTRAINT state_pkey PRIMARY KEY (generation, lead)) WITH (fillfactor = 90)',
        'CREATE INDEX state_due_at_idx ON %1$I.state (generation, due_at) WHERE due_at < ''infinity''',
        'CREATE INDEX state_ceiling_idx ON %1$I.state (generation, ceiling) WHERE ceiling IS NOT NULL',
        'COMMENT ON TABLE %1$I.state IS ''What each lead''''s scores at any later time follow from. Written by leadscore alone.''',
        'COMMENT ON COLUMN %1$I.state.lead IS ''The lead''''s key.''',
        'COMMENT ON COLUMN %1$I.state.state IS ''Its state.''',
        'COMMENT ON COLUMN %1$I.state.generation IS ''Which publish or rebuild it comes from: that of table live counts, others are'
        ' on their way in or out.''',
        'COMMENT ON COLUMN %1$I.state.due_at IS ''Time alone does not change its tier before then.''',
        'COMMENT ON COLUMN %1$I.state.ceiling IS ''Time alone does not raise its score, in points, above this; null: it is not'
        ' ranked, see leadscore.version.ranked_above.''',

        'CREATE TABLE %1$I.live (generation integer NOT NULL)',
        'CREATE TRIGGER generation_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I.live'
        ' FOR EACH STATEMENT EXECUTE FUNCTION leadscore.configuration_changed()',
        'COMMENT ON TABLE %1$I.live IS ''Which states count now. Written by leadscore alone.''',
        'COMMENT ON COLUMN %1$I.live.generation IS ''Their generation; no row: 0.''',
        'COMMENT ON TRIGGER generation_changed ON %1$I.live IS ''Makes every session read its models again.''',

        'CREATE TABLE %1$I.pending (lead %2$s NOT NULL, state leadscore.state NOT NULL)',
        'CREATE INDEX pending_lead_idx ON %1$I.pending (lead)',
        'COMMENT ON TABLE %1$I.pending IS ''Events that count, but wait to be added to the state of their lead, which was held by others.''',
        'COMMENT ON COLUMN %1$I.pending.lead IS ''The lead''''s key.''',
        'COMMENT ON COLUMN %1$I.pending.state IS ''The state of the events.''',

        'CREATE TABLE %1$I.changed (lead %2$s NOT NULL)',
        'COMMENT ON TABLE %1$I.changed IS ''Leads that changed while a publish or rebuild was scoring everybody, which scores them once'
        ' more. What an interrupted one has left is of no account.''',
        'COMMENT ON COLUMN %1$I.changed.lead IS ''The lead''''s key.''',

        'CREATE TABLE %1$I.tier_changes (lead %2$s NOT NULL, at timestamptz NOT NULL,'
        ' recorded_at timestamptz NOT NULL DEFAULT now(), from_tier text, to_tier text, score float8,'
        ' version integer NOT NULL, cause text NOT NULL,'
        ' CONSTRAINT tier_changes_cause_known CHECK (cause IN (''time'', ''event'', ''lead'', ''publish'', ''rebuild'', ''adjustment'')))',
        'CREATE INDEX tier_changes_lead_at_idx ON %1$I.tier_changes (lead, at)',
        'CREATE INDEX tier_changes_at_idx ON %1$I.tier_changes (at)',
        'COMMENT ON TABLE %1$I.tier_changes IS ''Who moved from one tier to another, when and why.''',
        'COMMENT ON COLUMN %1$I.tier_changes.lead IS ''The lead''''s key.''',
        'COMMENT ON COLUMN %1$I.tier_changes.at IS ''When the tier changed.''',
        'COMMENT ON COLUMN %1$I.tier_changes.recorded_at IS ''When that was noticed and recorded.''',
        'COMMENT ON COLUMN %1$I.tier_changes.from_tier IS ''The tier before; null: none.''',
        'COMMENT ON COLUMN %1$I.tier_changes.to_tier IS ''The tier since; null: none.''',
        'COMMENT ON COLUMN %1$I.tier_changes.score IS ''The score then, in points; null: the lead is gone or not eligible.''',
        'COMMENT ON COLUMN %1$I.tier_changes.version IS ''The model''''s version that scored.''',
        'COMMENT ON COLUMN %1$I.tier_changes.cause IS ''time, event, lead (its row changed), publish, rebuild or adjustment (by a person).'''
    ] LOOP
        EXECUTE format(template, model, key_type, format('Scores of model "%s" of leadscore', model));
    END LOOP;
    PERFORM leadscore.create_adjustments(model, key_type);
END
$$;
COMMENT ON FUNCTION leadscore.create_model_objects(text, pg_catalog.pg_attribute) IS
    'Internal: creates a model''s schema and the tables in it. The view of the scores comes with leadscore.publish.';

CREATE FUNCTION leadscore.create_model(name text, leads regclass, key name DEFAULT NULL, created_at name DEFAULT NULL,
                                       eligible jsonpath DEFAULT NULL, params jsonb DEFAULT '{}', notify boolean DEFAULT true)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    key_column name;
BEGIN
    PERFORM leadscore.require_new_model(create_model.name);
    PERFORM leadscore.require_table(create_model.leads);
    key_column := coalesce(create_model.key, leadscore.primary_key_column(create_model.leads));
    PERFORM leadscore.require_key(create_model.leads, key_column);
    IF create_model.created_at IS NOT NULL THEN
        PERFORM leadscore.require_time(create_model.leads, create_model.created_at);
    END IF;
    IF jsonb_typeof(create_model.params) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'params must be a JSON object';
    END IF;

    PERFORM leadscore.create_model_objects(create_model.name, leadscore.require_column(create_model.leads, key_column));
    INSERT INTO leadscore.model (name, leads, key, created_at, eligible, params, notify)
    VALUES (create_model.name, create_model.leads, key_column, create_model.created_at, create_model.eligible, create_model.params,
            coalesce(create_model.notify, true));
END
$$;
COMMENT ON FUNCTION leadscore.create_model(text, regclass, name, name, jsonpath, jsonb, boolean) IS
    'Creates a model over a table of leads, and its schema. key: the column that identifies a lead, the primary key if null;
created_at: the column with a lead''s creation time; eligible: predicate on a lead''s row; params: the variables of every jsonpath;
notify: whether changes of tier are told to who listens. Nothing is scored before leadscore.publish. It is an error if the name is
taken or unusable, if the leads are no table, or if a column is missing or cannot serve.';

-- Sources of events

CREATE FUNCTION leadscore.notice_draft(model text, what text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM leadscore.version AS v WHERE v.model = notice_draft.model) THEN
        RAISE NOTICE USING
            MESSAGE = what,
            HINT = format('It takes effect with the next SELECT leadscore.publish(%L).', notice_draft.model);
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.notice_draft(text, text) IS
    'Internal: says that a change of the draft does not take effect yet, if the model is already published.';

CREATE FUNCTION leadscore.require_same_type(model leadscore.model, relation regclass, lead name) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key_column pg_attribute := leadscore.require_column(model.leads, model.key);
    lead_column pg_attribute := leadscore.require_column(relation, lead);
    key_type regtype := key_column.atttypid;
    lead_type regtype := lead_column.atttypid;
    integers CONSTANT regtype[] := '{smallint, integer, bigint}';
    strings CONSTANT regtype[] := '{text, character varying}';
    both_types regtype[] := ARRAY[leadscore.base_type(key_type), leadscore.base_type(lead_type)];
BEGIN
    IF both_types[1] <> both_types[2] AND NOT both_types <@ integers AND NOT both_types <@ strings THEN
        RAISE EXCEPTION USING
            ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, but column "%s" of %s is of type %s',
                             lead, relation, lead_type, model.key, model.leads, key_type),
            HINT = 'The events must name their lead by a value of the type of the model''s key.';
    END IF;
    -- With deterministic collations equal keys are equal bytes, whichever the collation.
    IF key_column.attcollation <> lead_column.attcollation
       AND EXISTS (SELECT FROM pg_collation AS c
                   WHERE c.oid IN (key_column.attcollation, lead_column.attcollation) AND NOT c.collisdeterministic) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'collation_mismatch',
            MESSAGE = format('column "%s" of %s and column "%s" of %s have different collations',
                             lead, relation, model.key, model.leads),
            DETAIL = 'One of them takes different strings for equal.';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_same_type(leadscore.model, regclass, name) IS
    'Internal: an error unless the column''s type is the key''s, domains aside; integers go together, and text and varchar. Their
collations must be the same if one of them is not deterministic.';

CREATE FUNCTION leadscore.lead_index(relation regclass, lead name) RETURNS regclass
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.indexrelid::regclass
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = c.relam
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = relation AND a.attname = lead AND m.amname = 'btree'
      AND i.indisvalid AND i.indisready AND i.indpred IS NULL
    ORDER BY i.indexrelid
    LIMIT 1
$$;
COMMENT ON FUNCTION leadscore.lead_index(regclass, name) IS
    'Internal: an index by which the events of one lead are found; null if there is none.';

CREATE FUNCTION leadscore.ensure_lead_index(relation regclass, lead name, at name) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Unquoted where possible: people read it.
    wanted text := format('%s (%I, %I)', relation, lead, at);
BEGIN
    IF leadscore.lead_index(relation, lead) IS NOT NULL THEN
        RETURN;
    END IF;
    IF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = relation) THEN
        RAISE WARNING USING
            MESSAGE = format('no index of %s begins with column "%s"', relation, lead),
            DETAIL = 'Finding the events of one lead reads the whole table.',
            HINT = format('Ask the owner of the table for CREATE INDEX ON %s', wanted);
        RETURN;
    END IF;
    EXECUTE 'CREATE INDEX ON ' || wanted;
    RAISE NOTICE USING
        MESSAGE = format('created index %s on %s', leadscore.lead_index(relation, lead), wanted),
        DETAIL = 'It finds the events of one lead; no index did.';
END
$$;
COMMENT ON FUNCTION leadscore.ensure_lead_index(regclass, name, name) IS
    'Internal: makes the index on (lead, at), and says so, unless one begins with the lead. Warns if only the owner could.';

CREATE FUNCTION leadscore.add_events(model text, relation regclass, lead name, at name, kind name DEFAULT NULL,
                                     name text DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_model leadscore.model := leadscore.require_model(add_events.model);
    source text;
BEGIN
    PERFORM leadscore.require_table(add_events.relation);
    PERFORM leadscore.require_same_type(of_model, add_events.relation, add_events.lead);
    PERFORM leadscore.require_time(add_events.relation, add_events.at);
    IF add_events.kind IS NOT NULL THEN
        PERFORM leadscore.require_column(add_events.relation, add_events.kind);
    END IF;

    source := coalesce(add_events.name, (SELECT c.relname FROM pg_class AS c WHERE c.oid = add_events.relation));
    IF EXISTS (SELECT FROM leadscore.event_source AS s WHERE s.model = of_model.name AND s.relation = add_events.relation) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_object',
            MESSAGE = format('model "%s" already has the events of %s', of_model.name, add_events.relation),
            HINT = format('To change its columns, run SELECT leadscore.remove_events(%L, %L) first.',
                          of_model.name, add_events.relation);
    END IF;
    IF EXISTS (SELECT FROM leadscore.event_source AS s WHERE s.model = of_model.name AND s.name = source) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_object',
            MESSAGE = format('model "%s" already has a source of events named "%s"', of_model.name, source),
            HINT = 'Choose another name with name => ''...''.';
    END IF;

    INSERT INTO leadscore.event_source (model, name, relation, lead, at, kind)
    VALUES (of_model.name, source, add_events.relation, add_events.lead, add_events.at, add_events.kind);
    PERFORM leadscore.ensure_lead_index(add_events.relation, add_events.lead, add_events.at);
    PERFORM leadscore.notice_draft(of_model.name, format('the events of %s do not count yet', add_events.relation));
END
$$;
COMMENT ON FUNCTION leadscore.add_events(text, regclass, name, name, name, text) IS
    'Adds a table of events to a model, from the next leadscore.publish on. lead: the column with the lead''s key; at: the column
with the event''s time (timestamptz, timestamp or date); kind: the column with its kind, or null, and then the source''s name is the
kind of every row; name: the source''s name, the table''s own if null. Makes an index on (lead, at), and says so, if none begins
with the lead. It is an error if the model, the table or a column is missing or cannot serve, or if the model has the table or the
name already.';

CREATE FUNCTION leadscore.remove_events(model text, relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_model leadscore.model := leadscore.require_model(remove_events.model);
BEGIN
    DELETE FROM leadscore.event_source AS s WHERE s.model = of_model.name AND s.relation = remove_events.relation;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object',
            MESSAGE = format('model "%s" has no events of %s', of_model.name, coalesce(remove_events.relation::text, 'null'));
    END IF;
    PERFORM leadscore.notice_draft(of_model.name, format('the events of %s still count', remove_events.relation));
END
$$;
COMMENT ON FUNCTION leadscore.remove_events(text, regclass) IS
    'Removes a table of events from a model, from the next leadscore.publish on. The table is left alone, its indexes too. It is an
error if the model does not exist or has no such source.';

-- drop_model

CREATE FUNCTION leadscore.drop_model(name text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    dropped leadscore.model := leadscore.require_model(drop_model.name);
    statement text;
    detail text;
BEGIN
    IF to_regclass(format('%I.live', dropped.name)) IS NOT NULL THEN
        EXECUTE format('LOCK TABLE %I.live IN SHARE UPDATE EXCLUSIVE MODE', dropped.name);
    END IF;
    PERFORM leadscore.lock_tables(array(SELECT leadscore.tables_of(dropped.name)), 'ACCESS EXCLUSIVE');
    PERFORM leadscore.unfollow(dropped.name, f.source, f.relation) FROM leadscore.followed(dropped.name) AS f;
    PERFORM leadscore.drop_rollup(r.model, r.name) FROM leadscore.rollup AS r WHERE r.model = dropped.name;
    DELETE FROM leadscore.model AS m WHERE m.name = dropped.name;
    FOR statement IN
        SELECT format('DROP %s %I.%I', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, n.nspname, c.relname)
        FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid
        WHERE n.nspname = dropped.name AND c.relname IN ('scores', 'tier_changes', 'adjustment', 'pending', 'changed', 'live', 'state')
        ORDER BY c.relkind = 'v' DESC, c.relname
    LOOP
        EXECUTE statement;
    END LOOP;
    EXECUTE format('DROP SCHEMA IF EXISTS %I', dropped.name);
EXCEPTION WHEN dependent_objects_still_exist THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RAISE EXCEPTION USING
        ERRCODE = 'dependent_objects_still_exist',
        MESSAGE = format('model "%s" cannot be dropped because other objects depend on it', dropped.name),
        DETAIL = detail,
        HINT = 'Drop those objects first.';
END
$$;
COMMENT ON FUNCTION leadscore.drop_model(text) IS
    'Drops a model: its triggers, its schema with scores and history of tiers, its configuration and its versions. The tables of
leads and events are left alone. It is an error if the model does not exist or if objects that are not its own depend on its objects
or lie in its schema.';
