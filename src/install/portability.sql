-- Models that travel: export_model, import_model, and the templates.

-- Out

CREATE FUNCTION leadscore.column_defaults(relation regclass) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres' SET extra_float_digits = 1
AS $$
DECLARE
    defaults text;
    result jsonb;
BEGIN
    SELECT string_agg(format('%s AS %I', pg_get_expr(d.adbin, d.adrelid), a.attname), ', ') INTO defaults
    FROM pg_attrdef AS d
    JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid = relation;
    EXECUTE format('SELECT to_jsonb(d) FROM (SELECT %s) AS d', defaults) INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION leadscore.column_defaults(regclass) IS
    'Internal: the columns of a table that have a default, with it.';

CREATE FUNCTION leadscore.exported_entry(entry jsonb, relation regclass) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_object_agg(f.name, f.value) FILTER (WHERE f.value <> coalesce(d.defaults -> f.name, 'null')), '{}')
    FROM leadscore.column_defaults(relation) AS d(defaults) CROSS JOIN jsonb_each(entry) AS f(name, value)
$$;
COMMENT ON FUNCTION leadscore.exported_entry(jsonb, regclass) IS
    'Internal: a row of a configuration table without what is as by default.';

CREATE FUNCTION leadscore.table_name(relation regclass) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT relation::text FROM pg_class AS c WHERE c.oid = relation
$$;
COMMENT ON FUNCTION leadscore.table_name(regclass) IS
    'Internal: the name of a table with its schema; null if the table is gone.';

CREATE FUNCTION leadscore.export_model(model text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres' SET extra_float_digits = 1 SET jit = off
AS $$
    SELECT jsonb_build_object(
        'format', 1,
        'model', leadscore.exported_entry(to_jsonb(m) - 'id' - 'name' || jsonb_build_object('leads', leadscore.table_name(m.leads)),
                                          'leadscore.model'),
        'sources', coalesce((SELECT jsonb_agg(leadscore.exported_entry(
                                 to_jsonb(s) - 'model' || jsonb_build_object('relation', leadscore.table_name(s.relation)),
                                 'leadscore.event_source') ORDER BY s.name COLLATE "C")
                             FROM leadscore.event_source AS s WHERE s.model = m.name), '[]'),
        'dimensions', coalesce((SELECT jsonb_agg(leadscore.exported_entry(to_jsonb(d) - 'model', 'leadscore.dimension')
                                                 ORDER BY d.path COLLATE "C")
                                FROM leadscore.dimension AS d WHERE d.model = m.name), '[]'),
        'rules', coalesce((SELECT jsonb_agg(leadscore.exported_entry(to_jsonb(r) - 'model', 'leadscore.rule')
                                            ORDER BY r.position, r.name COLLATE "C")
                           FROM leadscore.rule AS r WHERE r.model = m.name), '[]'),
        'grades', coalesce((SELECT jsonb_agg(leadscore.exported_entry(to_jsonb(g) - 'model', 'leadscore.grade')
                                             ORDER BY g.dimension COLLATE "C", g.minimum)
                            FROM leadscore.grade AS g WHERE g.model = m.name), '[]'),
        'tiers', coalesce((SELECT jsonb_agg(leadscore.exported_entry(to_jsonb(t) - 'model', 'leadscore.tier') ORDER BY t.position)
                           FROM leadscore.tier AS t WHERE t.model = m.name), '[]'),
        'rollups', coalesce((SELECT jsonb_agg(leadscore.exported_entry(to_jsonb(r) - 'model', 'leadscore.rollup')
                                              ORDER BY r.name COLLATE "C")
                             FROM leadscore.rollup AS r WHERE r.model = m.name), '[]'))
    FROM leadscore.require_model(export_model.model) AS m
$$;
COMMENT ON FUNCTION leadscore.export_model(text) IS
    'A model''s draft as one document, which leadscore.import_model reads in this or another database: its tables and columns by
name, its dimensions, rules (also those that are not enabled), grades, tiers and rollups, without what is as by default. No scores,
no history, no rights. What was published is in leadscore.version, which import_model reads, too. It is an error if the model does
not exist.';

-- Templates. They belong to the extension, not to the configuration: they are in no dump.

CREATE TABLE leadscore.template_document (
    name     text  NOT NULL GENERATED ALWAYS AS (document #>> '{template,name}') STORED,
    document jsonb NOT NULL,
    CONSTRAINT template_document_pkey PRIMARY KEY (name)
);
GRANT SELECT ON leadscore.template_document TO PUBLIC;
COMMENT ON TABLE leadscore.template_document IS
    'Internal: the ready-made models. Read them with leadscore.templates and leadscore.template.';
COMMENT ON COLUMN leadscore.template_document.name IS 'Name of the template, as the document has it.';
COMMENT ON COLUMN leadscore.template_document.document IS 'The document, for leadscore.import_model.';

CREATE FUNCTION leadscore.templates()
    RETURNS TABLE (name text, title text, about text, columns text[], event_columns text[], kinds text[])
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.name, d.document #>> '{template,title}', d.document #>> '{template,about}',
           array(SELECT k.name FROM jsonb_object_keys(n.needs -> 'columns') AS k(name) ORDER BY k.name COLLATE "C"),
           array(SELECT k.name FROM jsonb_object_keys(n.needs -> 'event_columns') AS k(name) ORDER BY k.name COLLATE "C"),
           array(SELECT k.name FROM jsonb_object_keys(n.needs -> 'kinds') AS k(name) ORDER BY k.name COLLATE "C")
    FROM leadscore.template_document AS d
    CROSS JOIN LATERAL (SELECT d.document -> 'needs') AS n(needs)
    ORDER BY d.name COLLATE "C"
$$;
COMMENT ON FUNCTION leadscore.templates() IS
    'The ready-made models: their names, what they are, and the columns of leads and events and the kinds of events that they ask
for. What these mean and which are optional is in leadscore.template(name) -> ''needs''.';

CREATE FUNCTION leadscore.template(name text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    names text[] := array(SELECT d.name FROM leadscore.template_document AS d ORDER BY d.name COLLATE "C");
BEGIN
    IF template.name IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'the name of a template must not be null';
    END IF;
    IF template.name <> ALL (names) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object',
            MESSAGE = format('template "%s" does not exist', template.name),
            HINT = coalesce(leadscore.suggestion(template.name, names), format('There are: %s.', array_to_string(names, ', ')));
    END IF;
    RETURN (SELECT d.document FROM leadscore.template_document AS d WHERE d.name = template.name);
END
$$;
COMMENT ON FUNCTION leadscore.template(text) IS
    'A ready-made model as a document, for leadscore.import_model. It is an error, naming the most similar template, if there is
none of this name.';

-- In. What there is for the names that a document uses:

CREATE FUNCTION leadscore.require_names(argument text, names jsonb, needed text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    IF jsonb_typeof(names) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s must be a JSON object', argument);
    END IF;
    FOR one IN SELECT n.name, n.value FROM jsonb_each(names) AS n(name, value) LOOP
        IF one.name <> ALL (needed) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('%s: the document has no "%s"', argument, one.name),
                HINT = coalesce(leadscore.suggestion(one.name, needed),
                                'It has: ' || nullif(array_to_string(needed, ', '), '') || '.', 'It has none.');
        END IF;
        IF NOT (CASE jsonb_typeof(one.value)
                    WHEN 'array' THEN argument IN ('columns', 'event_columns') AND one.value <> '[]'
                                      AND NOT jsonb_path_exists(one.value, 'strict $[*] ? (@.type() != "string")')
                    WHEN 'object' THEN argument = 'sources' AND one.value - ARRAY['relation', 'lead', 'at', 'kind'] = '{}'
                                       AND NOT jsonb_path_exists(one.value, 'strict $.* ? (@.type() != "string")')
                    ELSE jsonb_typeof(one.value) IN ('string', 'null') END) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('%s: "%s" is mapped to what is no name: %s', argument, one.name, one.value),
                HINT = CASE argument
                    WHEN 'sources' THEN 'Give the table with its schema, {"relation": ..., "lead": ..., "at": ..., "kind": ...} of '
                                        'what differs, or null for none.'
                    WHEN 'kinds' THEN 'Give the kind, or null for none.'
                    ELSE 'Give the name of a column, the path to a value inside a column as an array of strings, or null for '
                         'none.' END;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.require_names(text, jsonb, text[]) IS
    'Internal: an error unless an argument of import_model maps names that the document has to what may stand for them.';

CREATE FUNCTION leadscore.fitted_needs(document jsonb, leads regclass, events regclass[], given jsonb)
    RETURNS TABLE (scope text, name text, target jsonb, fault text, proposal text)
    LANGUAGE sql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    SELECT n.scope, n.name,
           CASE WHEN t.target IS NOT NULL AND (t.is_there OR t.value IS NOT NULL)
                THEN CASE WHEN n.scope = 'kinds' THEN to_jsonb(t.target)
                          WHEN jsonb_typeof(t.value) = 'array' THEN t.value
                          ELSE jsonb_build_array(t.target) END
                ELSE 'null' END,
           CASE WHEN t.target IS NULL AND n.is_declared AND NOT n.is_optional AND n.scope <> 'kinds'
                THEN format('"%s" cannot be left out: %s', n.name, n.about)
                WHEN NOT t.is_there AND (t.value IS NOT NULL OR NOT n.is_optional)
                THEN format('column "%s" of %s%s: %s', t.target, array_to_string(r.relations, ', '),
                            CASE WHEN t.target <> n.name THEN format(', given for "%s"', n.name) END, n.about) END,
           coalesce(leadscore.nearest(t.target, r.columns),
                    (SELECT c.name FROM unnest(r.columns) AS c(name)
                     WHERE length(c.name) > 2 AND (position(c.name IN t.target) > 0 OR position(t.target IN c.name) > 0)
                     ORDER BY length(c.name) DESC, c.name COLLATE "C" LIMIT 1), '...')
    FROM leadscore.document_needs(document) AS n
    CROSS JOIN LATERAL (
        SELECT q.relations, array(SELECT DISTINCT c.name FROM unnest(q.relations) AS o(relation)
                                  CROSS JOIN unnest(leadscore.column_names(o.relation)) AS c(name) ORDER BY c.name)
        FROM (SELECT CASE n.scope WHEN 'columns' THEN ARRAY[leads] WHEN 'event_columns' THEN events ELSE '{}' END) AS q(relations)
    ) AS r(relations, columns)
    CROSS JOIN LATERAL (
        SELECT v.value, v.target, v.target IS NULL OR v.target = ANY (r.columns) OR r.relations = '{}'
        FROM (SELECT given -> n.scope -> n.name,
                     CASE jsonb_typeof(given -> n.scope -> n.name)
                         WHEN 'array' THEN given -> n.scope -> n.name ->> 0
                         WHEN 'string' THEN given -> n.scope ->> n.name
                         WHEN 'null' THEN NULL
                         ELSE n.name END) AS v(value, target)
    ) AS t(value, target, is_there)
$$;
COMMENT ON FUNCTION leadscore.fitted_needs(jsonb, regclass, regclass[], jsonb) IS
    'Internal: for every name that a document uses, what there is for it (JSON null: nothing, what uses it is left out) or why that
will not do, with a column that may be meant.';

CREATE FUNCTION leadscore.fitted_names(document jsonb, leads regclass, events regclass[], given jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    argument text;
    missing record;
BEGIN
    FOREACH argument IN ARRAY ARRAY['columns', 'event_columns', 'kinds'] LOOP
        PERFORM leadscore.require_names(argument, given -> argument, array(
            SELECT n.name FROM leadscore.document_needs(document) AS n WHERE n.scope = argument));
    END LOOP;

    SELECT count(*) AS count, string_agg(f.fault, E'\n' ORDER BY f.scope, f.name COLLATE "C") AS detail,
           (SELECT string_agg(format('%s => %L', s.scope, s.names), ', ' ORDER BY s.scope)
            FROM (SELECT n.scope, format('{%s}', string_agg(format('%s: %s', to_json(n.name), to_json(n.proposal)), ', '
                                                            ORDER BY n.name COLLATE "C"))
                  FROM leadscore.fitted_needs(document, leads, events, given) AS n
                  WHERE n.fault IS NOT NULL GROUP BY n.scope) AS s(scope, names)) AS names
    INTO missing
    FROM leadscore.fitted_needs(document, leads, events, given) AS f WHERE f.fault IS NOT NULL;
    IF missing.count > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_column',
            MESSAGE = CASE missing.count WHEN 1 THEN 'a column that the document needs is missing'
                                         ELSE format('%s columns that the document needs are missing', missing.count) END,
            DETAIL = missing.detail,
            HINT = format('Say which columns are meant, such as %s', missing.names);
    END IF;
    SELECT u.item, u.field, u.name INTO missing
    FROM leadscore.document_uses(document) AS u
    WHERE u.field IN ('key', 'created_at', 'account') AND jsonb_path_exists(given -> 'columns' -> u.name, '$[1]')
    ORDER BY u.place LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('columns: "%s" is mapped to a value inside a column, but is needed as a column', missing.name),
            DETAIL = format('It is the %s of the %s.', missing.field, missing.item);
    END IF;
    RETURN (SELECT jsonb_object_agg(s.scope, s.names)
            FROM (SELECT f.scope, jsonb_object_agg(f.name, f.target)
                  FROM leadscore.fitted_needs(document, leads, events, given) AS f GROUP BY f.scope) AS s(scope, names));
END
$$;
COMMENT ON FUNCTION leadscore.fitted_names(jsonb, regclass, regclass[], jsonb) IS
    'Internal: what there is for the names that a document uses, by scope; an error with all columns that are missing.';
