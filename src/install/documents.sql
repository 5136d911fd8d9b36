-- Documents: a model as one JSON object. What is in one, what is wrong with one, and how one is made to fit other tables.

-- What is in a document. The planner takes its few rows for so many that it would compile the queries, which costs seconds: no JIT.

CREATE FUNCTION leadscore.document_entries(document jsonb)
    RETURNS TABLE (place bigint, section text, relation regclass, item text, entry jsonb)
    LANGUAGE sql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    SELECT row_number() OVER (ORDER BY s.place, e.place), s.section, s.relation::regclass,
           s.singular || CASE WHEN s.label IS NULL THEN '' ELSE coalesce(' "' || (e.entry ->> s.label) || '"', ' ' || e.place) END,
           e.entry
    FROM (VALUES (1, 'model', 'model', 'leadscore.model', NULL),
                 (2, 'sources', 'source', 'leadscore.event_source', 'name'),
                 (3, 'dimensions', 'dimension', 'leadscore.dimension', 'path'),
                 (4, 'rules', 'rule', 'leadscore.rule', 'name'),
                 (5, 'grades', 'grade', 'leadscore.grade', 'name'),
                 (6, 'tiers', 'tier', 'leadscore.tier', 'name'),
                 (7, 'rollups', 'rollup', 'leadscore.rollup', 'name')) AS s(place, section, singular, relation, label)
    CROSS JOIN LATERAL jsonb_path_query(document -> s.section, '$[*]') WITH ORDINALITY AS e(entry, place)
$$;
COMMENT ON FUNCTION leadscore.document_entries(jsonb) IS
    'Internal: the entries of a document, in their order, each with the configuration table whose columns are its keys.';

CREATE FUNCTION leadscore.document_path(item text, field text, path text) RETURNS jsonpath
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN path::jsonpath;
EXCEPTION WHEN syntax_error OR data_exception THEN
    RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('%s of the document: %s is no jsonpath', item, field),
        DETAIL = format('%s: %s', SQLERRM, path);
END
$$;
COMMENT ON FUNCTION leadscore.document_path(text, text, text) IS
    'Internal: a jsonpath of a document; an error that names the entry if it is none.';

CREATE FUNCTION leadscore.document_uses(document jsonb)
    RETURNS TABLE (place bigint, item text, field text, scope text, name text)
    LANGUAGE sql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    WITH field AS (
        SELECT e.place, e.section, e.item, f.name, f.value, a.atttypid = 'jsonpath'::regtype AS is_path,
               CASE WHEN e.entry ->> 'event' IS NULL THEN 'columns' ELSE 'event_columns' END AS scope
        FROM leadscore.document_entries(document) AS e
        CROSS JOIN LATERAL jsonb_each_text(e.entry) AS f(name, value)
        JOIN pg_attribute AS a ON a.attrelid = e.relation AND a.attname = f.name
        WHERE f.value IS NOT NULL
    )
    SELECT f.place, f.item, f.name, f.scope, c.name
    FROM field AS f
    CROSS JOIN LATERAL unnest((leadscore.path_facts(leadscore.document_path(f.item, f.name, f.value))).columns) AS c(name)
    WHERE f.is_path
    UNION ALL
    SELECT f.place, f.item, f.name, 'columns', f.value
    FROM field AS f WHERE (f.section, f.name) IN (('model', 'key'), ('model', 'created_at'), ('rollups', 'account'))
    UNION ALL
    SELECT f.place, f.item, f.name, 'kinds', f.value
    FROM field AS f WHERE f.section = 'rules' AND f.name = 'event' AND f.value <> '*'
$$;
COMMENT ON FUNCTION leadscore.document_uses(jsonb) IS
    'Internal: which entries of a document use which names, by scope: columns of the leads, event_columns, kinds of events.';

CREATE FUNCTION leadscore.document_needs(document jsonb)
    RETURNS TABLE (scope text, name text, about text, is_declared boolean, is_optional boolean)
    LANGUAGE sql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    SELECT coalesce(d.scope, u.scope), coalesce(d.name, u.name), coalesce(d.need ->> 'about', 'used by ' || u.items),
           d.name IS NOT NULL, coalesce((d.need ->> 'optional')::boolean, false)
    FROM (
        SELECT s.scope, n.name, n.need
        FROM unnest(ARRAY['columns', 'event_columns', 'kinds']) AS s(scope)
        CROSS JOIN LATERAL jsonb_each(document -> 'needs' -> s.scope) AS n(name, need)
    ) AS d(scope, name, need)
    FULL JOIN (
        SELECT i.scope, i.name, string_agg(i.item, ', ' ORDER BY i.place)
        FROM (SELECT u.scope, u.name, u.item, min(u.place) FROM leadscore.document_uses(document) AS u GROUP BY 1, 2, 3)
            AS i(scope, name, item, place)
        GROUP BY i.scope, i.name
    ) AS u(scope, name, items) ON u.scope = d.scope AND u.name = d.name
    ORDER BY coalesce(d.scope, u.scope), coalesce(d.name, u.name) COLLATE "C"
$$;
COMMENT ON FUNCTION leadscore.document_needs(jsonb) IS
    'Internal: the columns and kinds of events that a document asks for, those it uses without a word about them too.';

-- What is wrong with a document

CREATE FUNCTION leadscore.document_structure_faults(document jsonb) RETURNS TABLE (item text, fault text, hint text)
    LANGUAGE sql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    WITH part(name, type) AS (
        VALUES ('format', 'number'), ('template', 'object'), ('needs', 'object'), ('model', 'object'), ('sources', 'array'),
               ('dimensions', 'array'), ('rules', 'array'), ('grades', 'array'), ('tiers', 'array'), ('rollups', 'array')
    ), scope(name, type) AS (
        VALUES ('columns', 'object'), ('event_columns', 'object'), ('kinds', 'object')
    ), need(item, value) AS (
        SELECT format('%s "%s" of needs', s.name, n.name), n.value
        FROM scope AS s CROSS JOIN LATERAL jsonb_each(
            CASE WHEN jsonb_typeof(document #> ARRAY['needs', s.name]) = 'object' THEN document #> ARRAY['needs', s.name] END
        ) AS n(name, value)
    )
    SELECT 'document', format('unknown key "%s"', k.name), leadscore.suggestion(k.name, array(SELECT p.name FROM part AS p))
    FROM jsonb_object_keys(document) AS k(name) WHERE k.name NOT IN (SELECT p.name FROM part AS p)
    UNION ALL
    SELECT 'document', format('"%s" must be of type %s, not %s', p.name, p.type, jsonb_typeof(document -> p.name)), NULL
    FROM part AS p WHERE jsonb_typeof(document -> p.name) <> p.type
    UNION ALL
    SELECT e.item, format('it must be of type object, not %s', jsonb_typeof(e.entry)), NULL
    FROM leadscore.document_entries(document) AS e WHERE jsonb_typeof(e.entry) <> 'object' AND e.section <> 'model'
    UNION ALL
    SELECT 'needs', format('unknown key "%s"', k.name), leadscore.suggestion(k.name, array(SELECT s.name FROM scope AS s))
    FROM jsonb_object_keys(CASE WHEN jsonb_typeof(document -> 'needs') = 'object' THEN document -> 'needs' END) AS k(name)
    WHERE k.name NOT IN (SELECT s.name FROM scope AS s)
    UNION ALL
    SELECT 'needs', format('"%s" must be of type object, not %s', s.name, jsonb_typeof(document #> ARRAY['needs', s.name])), NULL
    FROM scope AS s WHERE jsonb_typeof(document #> ARRAY['needs', s.name]) <> 'object'
    UNION ALL
    SELECT n.item, 'it must be {"about": TEXT} or {"about": TEXT, "optional": true or false}', NULL
    FROM need AS n
    WHERE CASE WHEN jsonb_typeof(n.value) = 'object'
               THEN jsonb_typeof(n.value -> 'about') IS DISTINCT FROM 'string' OR jsonb_typeof(n.value -> 'optional') <> 'boolean'
                    OR n.value - ARRAY['about', 'optional'] <> '{}'
               ELSE true END
$$;
COMMENT ON FUNCTION leadscore.document_structure_faults(jsonb) IS
    'Internal: what is wrong with the parts of an object that should be a document.';

CREATE FUNCTION leadscore.document_entry_faults(document jsonb) RETURNS TABLE (item text, fault text, hint text)
    LANGUAGE sql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    WITH attribute AS (
        SELECT e.place, e.item, e.section, e.entry, a.attname::text AS name, a.attnotnull AS is_required,
               a.atthasdef OR e.section IN ('model', 'sources') AS may_be_absent,
               CASE WHEN a.atttypid IN ('float8'::regtype, 'integer'::regtype) THEN 'number'
                    WHEN a.atttypid = 'boolean'::regtype THEN 'boolean'
                    WHEN a.atttypid = 'jsonb'::regtype THEN 'object'
                    ELSE 'string' END AS type
        FROM leadscore.document_entries(document) AS e
        JOIN pg_attribute AS a ON a.attrelid = e.relation AND a.attnum > 0 AND NOT a.attisdropped
        WHERE a.attname <> CASE e.section WHEN 'model' THEN 'id' ELSE 'model' END
    )
    SELECT c.item, c.fault, c.hint
    FROM (
        SELECT e.place, e.item, format('unknown key "%s"', k.name),
               leadscore.suggestion(k.name, array(SELECT a.name FROM attribute AS a WHERE a.place = e.place))
        FROM leadscore.document_entries(document) AS e
        CROSS JOIN LATERAL jsonb_object_keys(e.entry) AS k(name)
        WHERE NOT EXISTS (SELECT FROM attribute AS a WHERE a.place = e.place AND a.name = k.name)
        UNION ALL
        SELECT a.place, a.item, format('"%s" must be of type %s, not %s', a.name, a.type, jsonb_typeof(a.entry -> a.name)), NULL
        FROM attribute AS a
        WHERE jsonb_typeof(a.entry -> a.name) NOT IN (a.type, CASE WHEN a.is_required THEN a.type ELSE 'null' END)
        UNION ALL
        SELECT a.place, a.item, format('it has no "%s"', a.name), NULL
        FROM attribute AS a WHERE a.is_required AND NOT a.may_be_absent AND NOT a.entry ? a.name
    ) AS c(place, item, fault, hint)
    ORDER BY c.place, c.fault
$$;
COMMENT ON FUNCTION leadscore.document_entry_faults(jsonb) IS
    'Internal: what is wrong with the keys of a document''s entries, and with the types of their values.';

CREATE FUNCTION leadscore.document_faults(document jsonb) RETURNS TABLE (item text, fault text, hint text)
    LANGUAGE plpgsql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT * FROM leadscore.document_structure_faults(document);
    IF NOT FOUND THEN
        RETURN QUERY SELECT * FROM leadscore.document_entry_faults(document);
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.document_faults(jsonb) IS
    'Internal: what is wrong with an object that should be a document; with its entries only if its parts are as they should be.';

CREATE FUNCTION leadscore.require_document(document jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    newest CONSTANT numeric := 1;
    faults record;
BEGIN
    IF document IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'the document must not be null';
    END IF;
    IF jsonb_typeof(document) <> 'object' OR jsonb_typeof(document -> 'format') IS DISTINCT FROM 'number' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'the document is no model',
            DETAIL = 'A model is a JSON object with a number as "format".',
            HINT = 'leadscore.export_model and leadscore.template give such documents.';
    END IF;
    IF (document ->> 'format')::numeric > newest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'feature_not_supported',
            MESSAGE = format('the document is of format %s, which is newer than this leadscore', document ->> 'format'),
            DETAIL = format('It reads formats up to %s.', newest),
            HINT = 'Install the version of leadscore that made the document, and run ALTER EXTENSION leadscore UPDATE.';
    END IF;
    IF (document ->> 'format')::numeric <> newest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('the document is of an unknown format, %s', document ->> 'format');
    END IF;
    SELECT count(*) AS count, string_agg(f.item || ': ' || f.fault, E'\n' ORDER BY f.place) AS detail,
           string_agg(f.item || ': ' || f.hint, E'\n' ORDER BY f.place) AS hint
    INTO faults
    FROM leadscore.document_faults(document) WITH ORDINALITY AS f(item, fault, hint, place);
    IF faults.count > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('the document cannot be read: %s fault%s', faults.count,
                             CASE WHEN faults.count > 1 THEN 's' ELSE '' END),
            DETAIL = faults.detail,
            HINT = coalesce(faults.hint, 'The keys of its entries are the columns of the configuration tables.');
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_document(jsonb) IS
    'Internal: an error, with all faults, unless the object is a document that this version reads.';

-- How a document is made to fit: the names it uses, by scope, are mapped to what there is. A column may also be inside another one:
-- then it is mapped to the path to it. What is mapped to null is not there.

CREATE FUNCTION leadscore.renamed_path(path jsonpath, names jsonb) RETURNS jsonpath
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    -- The text of a jsonpath has quotes around every name. In one pass, so that two columns can swap their names.
    SELECT string_agg(
        CASE WHEN t.parts[1] LIKE '$."%' AND names ? n.name
             THEN '$' || (SELECT string_agg('.' || to_json(k.key), '' ORDER BY k.place)
                          FROM jsonb_array_elements_text(names -> n.name) WITH ORDINALITY AS k(key, place))
             ELSE t.parts[1] END, '' ORDER BY t.place)::jsonpath
    FROM regexp_matches(path::text, '\$\."(?:[^"\\]|\\.)*"|\$?"(?:[^"\\]|\\.)*"|[^"$]+|\$', 'g') WITH ORDINALITY AS t(parts, place)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN t.parts[1] LIKE '$."%' THEN substr(t.parts[1], 3)::jsonb #>> '{}' END
    ) AS n(name)
$$;
COMMENT ON FUNCTION leadscore.renamed_path(jsonpath, jsonb) IS
    'Internal: a jsonpath in which each $.NAME with NAME in the object is replaced by $ and the keys of the array there.';

CREATE FUNCTION leadscore.renamed_entry(entry jsonb, relation regclass, names jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_object_agg(f.name,
        CASE WHEN jsonb_typeof(f.value) <> 'string' THEN f.value
             WHEN a.atttypid = 'jsonpath'::regtype
             THEN to_jsonb(leadscore.renamed_path((f.value #>> '{}')::jsonpath, names -> CASE
                 WHEN entry ->> 'event' IS NULL THEN 'columns' ELSE 'event_columns' END))
             WHEN f.name = 'event' THEN coalesce(names -> 'kinds' -> (f.value #>> '{}'), f.value)
             WHEN f.name IN ('key', 'created_at', 'account')
             THEN coalesce(names #> ARRAY['columns', f.value #>> '{}', '0'], f.value)
             ELSE f.value END), '{}')
    FROM jsonb_each(entry) AS f(name, value)
    LEFT JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = f.name
$$;
COMMENT ON FUNCTION leadscore.renamed_entry(jsonb, regclass, jsonb) IS
    'Internal: an entry of a document with the names that there are instead of those of the document.';

CREATE FUNCTION leadscore.fitted_document(document jsonb, names jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result jsonb := '{"model": {}, "dimensions": [], "rules": [], "grades": [], "tiers": [], "rollups": []}';
    one record;
    rest jsonb;
BEGIN
    FOR one IN
        SELECT e.section, e.relation, e.item, e.entry, u.fields, u.reason
        FROM leadscore.document_entries(document) AS e
        LEFT JOIN (
            SELECT u.place, array_agg(DISTINCT u.field), string_agg(DISTINCT format('there is no %s "%s"', CASE u.scope
                   WHEN 'kinds' THEN 'kind of event' WHEN 'columns' THEN 'column' ELSE 'event column' END, u.name), ', ')
            FROM leadscore.document_uses(document) AS u
            WHERE names #> ARRAY[u.scope, u.name] = 'null'
            GROUP BY u.place
        ) AS u(place, fields, reason) ON u.place = e.place
        WHERE e.section <> 'sources'
        ORDER BY e.place
    LOOP
        IF one.fields IS NOT NULL THEN
            RAISE NOTICE USING MESSAGE = CASE one.section
                WHEN 'model' THEN format('model: without %s: %s', array_to_string(one.fields, ', '), one.reason)
                ELSE format('%s is left out: %s', one.item, one.reason) END;
        END IF;
        rest := leadscore.renamed_entry(one.entry - coalesce(one.fields, '{}'), one.relation, names);
        IF one.section = 'model' THEN
            result := jsonb_set(result, '{model}', rest);
        ELSIF one.fields IS NULL THEN
            result := jsonb_insert(result, ARRAY[one.section, '-1'], rest, true);
        END IF;
    END LOOP;
    RETURN result;
END
$$;
COMMENT ON FUNCTION leadscore.fitted_document(jsonb, jsonb) IS
    'Internal: a document with the names that there are, without its sources and without what uses names that are not there, each of
which is told by a notice.';
