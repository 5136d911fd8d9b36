-- From the draft to a version.

CREATE FUNCTION leadscore.draft(model text) RETURNS jsonb
    LANGUAGE sql STABLE
    -- A document of one meaning, whatever the session shows intervals and numbers like.
    SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres' SET extra_float_digits = 1
AS $$
    SELECT jsonb_build_object(
        'format', 1,
        'model', to_jsonb(m) - 'id',
        'sources', coalesce((SELECT jsonb_agg(to_jsonb(s) - 'model' ORDER BY s.name COLLATE "C")
                             FROM leadscore.event_source AS s WHERE s.model = m.name), '[]'),
        'dimensions', coalesce((SELECT jsonb_agg(to_jsonb(d) - 'model' ORDER BY d.path COLLATE "C")
                                FROM leadscore.dimension AS d WHERE d.model = m.name), '[]'),
        'rules', coalesce((SELECT jsonb_agg(to_jsonb(r) - 'model' ORDER BY r.position, r.name COLLATE "C")
                           FROM leadscore.rule AS r WHERE r.model = m.name AND r.enabled), '[]'),
        'tiers', coalesce((SELECT jsonb_agg(to_jsonb(t) - 'model' ORDER BY t.position)
                           FROM leadscore.tier AS t WHERE t.model = m.name), '[]'))
    FROM leadscore.model AS m WHERE m.name = draft.model
$$;
COMMENT ON FUNCTION leadscore.draft(text) IS
    'Internal: the draft of a model as leadscore.version keeps it; null if there is no such model.';

CREATE FUNCTION leadscore.create_scores_view(model text, config jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    view text := format('%I.scores', model);
    dimensions text[] := array(
        SELECT d.path FROM ROWS FROM (jsonb_to_recordset(config -> 'dimensions') AS (path text)) WITH ORDINALITY AS d(path, place)
        WHERE d.path <> 'score' AND position('.' IN d.path) = 0 ORDER BY d.place);
    columns text[] := ARRAY[config #>> '{model,key}', 'score'] || dimensions
                      || ARRAY['tier', 'tier_since', 'last_event_at', 'next_change_at', 'version'];
    definition text := format(
        '%s WITH (security_invoker) AS SELECT s.lead AS %I, leadscore.score(s.state) AS score,%s leadscore.tier(s.state) AS tier,'
        ' leadscore.tier_since(s.state) AS tier_since, leadscore.last_event_at(s.state) AS last_event_at,'
        ' leadscore.next_change(s.state) AS next_change_at, leadscore.version(s.state) AS version'
        ' FROM (%s) AS s WHERE leadscore.is_scored(s.state)', view, columns[1],
        (SELECT string_agg(format(' leadscore.score(s.state, %1$L) AS %1$I,', d.path), '' ORDER BY d.place)
         FROM unnest(dimensions) WITH ORDINALITY AS d(path, place)),
        leadscore.live_query(model));
    restore text[];
    statement text;
    detail text;
BEGIN
    -- Its columns tell one view from another. A view that stays need not be locked against its readers.
    IF columns = array(SELECT a.attname::text FROM pg_attribute AS a
                       WHERE a.attrelid = to_regclass(view) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) THEN
        RETURN;
    END IF;
    BEGIN
        EXECUTE 'CREATE OR REPLACE VIEW ' || definition;
    EXCEPTION WHEN invalid_table_definition THEN
        -- Other columns than before: only a new view can have them. Its owner and grants are kept.
        restore := array(SELECT leadscore.view_grants(to_regclass(view)));
        EXECUTE 'DROP VIEW ' || view;
        EXECUTE 'CREATE VIEW ' || definition;
        FOREACH statement IN ARRAY restore LOOP
            EXECUTE statement;
        END LOOP;
    END;
    EXECUTE format('COMMENT ON VIEW %s IS %L', view, format(
        'The scores of model "%s", in points, exact as of now(): of the leads that exist and are eligible.', model));
EXCEPTION WHEN dependent_objects_still_exist THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RAISE EXCEPTION USING
        ERRCODE = 'dependent_objects_still_exist',
        MESSAGE = format('view %s gets other columns, but other objects depend on it', view),
        DETAIL = detail,
        HINT = 'Drop those objects, publish, and create them again.';
END
$$;
COMMENT ON FUNCTION leadscore.create_scores_view(text, jsonb) IS
    'Internal: creates or replaces the view of a model''s scores. It is an error if its columns change while others depend on it.';

CREATE FUNCTION leadscore.view_grants(view regclass) RETURNS SETOF text
    LANGUAGE sql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('ALTER VIEW %s OWNER TO %I', view, pg_get_userbyid(c.relowner))
    FROM pg_class AS c
    WHERE c.oid = view AND pg_get_userbyid(c.relowner) <> current_user
    UNION ALL
    SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, view,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(a.grantee)) END,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
    FROM pg_class AS c
    CROSS JOIN aclexplode(c.relacl) AS a
    WHERE c.oid = view AND a.grantee <> c.relowner
$$;
COMMENT ON FUNCTION leadscore.view_grants(regclass) IS
    'Internal: the statements that give a new view of the same name the owner and the grants of this one.';

CREATE FUNCTION leadscore.publish(model text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    name text := (leadscore.require_model(publish.model)).name;
    faults record;
    number integer;
BEGIN
    PERFORM leadscore.lock_model(name);
    -- One statement, so one snapshot: what is checked is what is frozen, though others edit the draft.
    SELECT leadscore.draft(name) AS config, count(*) AS count,
           string_agg(f.item || ': ' || f.fault, E'\n' ORDER BY f.place) AS detail,
           string_agg(f.item || ': ' || f.hint, E'\n' ORDER BY f.place) AS hint
    INTO faults
    FROM leadscore.draft_faults(name) WITH ORDINALITY AS f(item, fault, hint, place);
    IF faults.count > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_object_definition',
            MESSAGE = format('model "%s" cannot be published: %s fault%s', name, faults.count,
                             CASE WHEN faults.count > 1 THEN 's' ELSE '' END),
            DETAIL = faults.detail,
            HINT = coalesce(faults.hint, format('SELECT * FROM leadscore.draft_faults(%L) gives them as rows.', name));
    END IF;
    number := 1 + coalesce((SELECT max(v.version) FROM leadscore.version AS v WHERE v.model = name), 0);
    INSERT INTO leadscore.version (model, version, config) VALUES (name, number, faults.config);
    PERFORM leadscore.follow_draft(name);
    PERFORM leadscore.score_everybody(name, 'publish');
    -- Last, since readers wait for a view that gets other columns.
    PERFORM leadscore.create_scores_view(name, faults.config);
    RETURN number;
END
$$;
COMMENT ON FUNCTION leadscore.publish(text) IS
    'Freezes a model''s draft as its next version, which scores from now on: checks it, follows the tables of leads and events with
triggers, makes the view of the scores, and scores every lead from its row and events. Returns the number of the version. Writers of
these tables wait meanwhile, readers do not. It is an error, and nothing changes, if the draft has faults: 42P17, with all of them
(see leadscore.draft_faults); also if the model does not exist, or under REPEATABLE READ or SERIALIZABLE.';
