-- What is wrong with a draft.

-- The faults of a draft. The functions below give one kind of item each; `part` and `place` order them.

CREATE FUNCTION leadscore.model_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 1, 0::float8, 'model', c.fault, c.hint
    FROM leadscore.model AS m
    CROSS JOIN leadscore.column_names(m.leads) AS l(columns)
    LEFT JOIN pg_attribute AS k ON k.attrelid = m.leads AND k.attname = m.key AND NOT k.attisdropped
    LEFT JOIN pg_attribute AS s
           ON s.attrelid = to_regclass(format('%I.state', m.name)) AND s.attname = 'lead' AND NOT s.attisdropped
    CROSS JOIN LATERAL (VALUES
        (l.columns = '{}',
         'the table of the leads is gone',
         format('Run SELECT leadscore.drop_model(%L).', m.name)),
        (s.attname IS NULL,
         format('table %I.state is gone', m.name),
         format('Run SELECT leadscore.drop_model(%L).', m.name)),
        (l.columns <> '{}' AND k.attname IS NULL,
         format('column "%s" of %s does not exist, which is the key', m.key, m.leads),
         leadscore.suggestion(m.key, l.columns)),
        (leadscore.base_type(k.atttypid) <> leadscore.base_type(s.atttypid),
         format('column "%s" of %s is of type %s, but the lead in %I.state of type %s',
                m.key, m.leads, k.atttypid::regtype, m.name, s.atttypid::regtype),
         format('ALTER TABLE %I.state ALTER COLUMN lead TYPE %s', m.name, leadscore.base_type_name(k.atttypid, k.atttypmod))),
        (l.columns <> '{}' AND m.created_at <> ALL (l.columns),
         format('column "%s" of %s does not exist, which is the time of creation', m.created_at, m.leads),
         leadscore.suggestion(m.created_at, l.columns)),
        (m.key IN ('score', 'tier', 'tier_since', 'last_event_at', 'next_change_at', 'version'),
         format('the key "%s" has the name of another column of the view %I.scores', m.key, m.name),
         format('Rename column "%s" of %s.', m.key, m.leads)),
        (NOT EXISTS (SELECT FROM leadscore.rule AS r WHERE r.model = m.name AND r.enabled),
         'it has no rule that is enabled',
         'Insert rules into leadscore.rule.')
    ) AS c(wrong, fault, hint)
    WHERE m.name = model_faults.model AND c.wrong
$$;
COMMENT ON FUNCTION leadscore.model_faults(text) IS
    'Internal: for draft_faults, what is wrong with the model itself and its table of leads.';

CREATE FUNCTION leadscore.source_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 2, 0::float8, format('source "%s"', s.name), c.fault, c.hint
    FROM leadscore.event_source AS s
    CROSS JOIN leadscore.column_names(s.relation) AS l(columns)
    CROSS JOIN LATERAL (
        SELECT l.columns = '{}', 'its table is gone', 'Delete its row of leadscore.event_source.'
        UNION ALL
        SELECT l.columns <> '{}' AND n.name <> ALL (l.columns),
               format('column "%s" of %s does not exist', n.name, s.relation),
               leadscore.suggestion(n.name, l.columns)
        FROM (VALUES (s.lead), (s.at), (s.kind)) AS n(name)
    ) AS c(wrong, fault, hint)
    WHERE s.model = source_faults.model AND c.wrong
$$;
COMMENT ON FUNCTION leadscore.source_faults(text) IS
    'Internal: for draft_faults, what is wrong with the columns of the tables of events.';

CREATE FUNCTION leadscore.family_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.part, 0::float8, t.item, c.fault, c.hint
    FROM (SELECT 1, 'model', m.leads FROM leadscore.model AS m WHERE m.name = family_faults.model
          UNION ALL
          SELECT 2, format('source "%s"', s.name), s.relation FROM leadscore.event_source AS s WHERE s.model = family_faults.model
    ) AS t(part, item, relation)
    CROSS JOIN LATERAL (
        SELECT format('%s is a part of %s, and what is done through that fires no trigger of the part',
                      t.relation, i.inhparent::regclass),
               format('Use %s instead.', i.inhparent::regclass)
        FROM pg_inherits AS i WHERE i.inhrelid = t.relation
        UNION ALL
        SELECT format('%s, a part of %s, is a foreign table, whose rows no trigger sees', c.oid::regclass, t.relation),
               format('Detach %s.', c.oid::regclass)
        FROM leadscore.family(t.relation) AS f(member) JOIN pg_class AS c ON c.oid = f.member AND c.relkind = 'f'
    ) AS c(fault, hint)
$$;
COMMENT ON FUNCTION leadscore.family_faults(text) IS
    'Internal: for draft_faults, tables of leads or events whose parents or children keep triggers from seeing all rows.';

CREATE FUNCTION leadscore.dimension_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 3, 0::float8, format('dimension "%s"', d.path), c.fault, c.hint
    FROM leadscore.dimension AS d
    JOIN leadscore.model AS m ON m.name = d.model
    CROSS JOIN LATERAL (
        SELECT array(SELECT o.path FROM leadscore.dimension AS o WHERE o.model = d.model AND o.path <> d.path),
               '' = ANY (string_to_array(d.path, '.')) OR d.path = '',
               substring(d.path FROM '^(.*)\.')
    ) AS p(others, is_malformed, parent)
    CROSS JOIN LATERAL (VALUES
        (p.is_malformed,
         'the path has an empty part',
         'A path is made of names with dots between them.'),
        (NOT p.is_malformed AND p.parent = 'score',
         'the root is left out of the paths of what is below it',
         format('Name it "%s".', substr(d.path, 7))),
        (NOT p.is_malformed AND p.parent <> 'score' AND p.parent <> ALL (p.others),
         format('its parent "%s" does not exist', p.parent),
         coalesce(leadscore.suggestion(p.parent, p.others), format('Insert dimension "%s", too.', p.parent))),
        (d.path IN ('tier', 'tier_since', 'last_event_at', 'next_change_at', 'version', m.key::text),
         format('the view %I.scores has another column of this name', m.name),
         'Rename the dimension.'),
        (p.parent IS NULL AND octet_length(d.path) > 63,
         'the name is too long for a column',
         'At most 63 bytes are possible for a dimension directly below the root.')
    ) AS c(wrong, fault, hint)
    WHERE d.model = dimension_faults.model AND c.wrong
$$;
COMMENT ON FUNCTION leadscore.dimension_faults(text) IS 'Internal: for draft_faults, what is wrong with the tree of dimensions.';

CREATE FUNCTION leadscore.rule_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 4, r.position, format('rule "%s"', r.name), c.fault, c.hint
    FROM (
        SELECT array_append(array_agg(d.path), 'score') FROM leadscore.dimension AS d WHERE d.model = rule_faults.model
    ) AS t(paths)
    CROSS JOIN (
        SELECT array_agg(s.name), bool_or(s.kind IS NOT NULL) FROM leadscore.event_source AS s WHERE s.model = rule_faults.model
    ) AS s(names, give_any_kind)
    CROSS JOIN (
        SELECT array(SELECT n.name FROM leadscore.tier AS n WHERE n.model = rule_faults.model)
    ) AS n(tiers)
    CROSS JOIN leadscore.rule AS r
    CROSS JOIN LATERAL (VALUES
        (r.dimension <> ALL (t.paths),
         format('dimension "%s" does not exist', r.dimension),
         coalesce(leadscore.suggestion(r.dimension, t.paths), 'Insert it into leadscore.dimension.')),
        (r.resets <> ALL (t.paths),
         format('resets: dimension "%s" does not exist', r.resets),
         coalesce(leadscore.suggestion(r.resets, t.paths), 'Insert it into leadscore.dimension.')),
        (r.grants IS NOT NULL AND r.grants <> ALL (n.tiers),
         format('grants: tier "%s" does not exist', r.grants),
         coalesce(leadscore.suggestion(r.grants, n.tiers), 'Insert it into leadscore.tier.')),
        (r.event IS NOT NULL AND s.names IS NULL,
         'the model has no source of events',
         'Add one with leadscore.add_events.'),
        (NOT s.give_any_kind AND r.event <> '*' AND r.event <> ALL (s.names),
         format('no source gives events of kind "%s"', r.event),
         coalesce(leadscore.suggestion(r.event, s.names), 'No source has a column for the kind: kinds are the sources'' names.')),
        (r.decay <> 'none' AND r.period IS NULL,
         format('decay %s needs a period', r.decay),
         'Set period to, say, 30 days.'),
        (r.decay = 'step' AND r.rate IS NULL,
         'decay step needs a rate',
         'Set rate to the part that is lost per period: above 0, at most 1.')
    ) AS c(wrong, fault, hint)
    WHERE r.model = rule_faults.model AND r.enabled AND c.wrong
$$;
COMMENT ON FUNCTION leadscore.rule_faults(text) IS
    'Internal: for draft_faults, what is wrong with the enabled rules but for their jsonpaths.';

CREATE FUNCTION leadscore.tier_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 5, t.position, format('tier "%s"', t.name), c.fault, c.hint
    FROM (
        SELECT array_append(array_agg(d.path), 'score')
        FROM leadscore.dimension AS d WHERE d.model = tier_faults.model
    ) AS p(paths)
    CROSS JOIN leadscore.tier AS t
    CROSS JOIN jsonb_each(t.minimums) AS n(path, minimum)
    CROSS JOIN LATERAL (VALUES
        (n.path <> ALL (p.paths),
         format('dimension "%s" does not exist', n.path),
         coalesce(leadscore.suggestion(n.path, p.paths), 'Insert it into leadscore.dimension.')),
        (jsonb_typeof(n.minimum) <> 'number',
         format('the minimum of "%s" is no number: %s', n.path, n.minimum),
         NULL),
        (CASE WHEN jsonb_typeof(n.minimum) = 'number' THEN abs(n.minimum::numeric) > 1e12 END,
         format('the minimum of "%s" is not between -1e12 and 1e12', n.path),
         NULL)
    ) AS c(wrong, fault, hint)
    WHERE t.model = tier_faults.model AND c.wrong
$$;
COMMENT ON FUNCTION leadscore.tier_faults(text) IS 'Internal: for draft_faults, what is wrong with the minimums of the tiers.';

CREATE FUNCTION leadscore.grade_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 6, g.minimum, format('grade "%s"', g.name),
           format('dimension "%s" does not exist', g.dimension),
           coalesce(leadscore.suggestion(g.dimension, p.paths), 'Insert it into leadscore.dimension.')
    FROM (
        SELECT array_append(array_agg(d.path), 'score')
        FROM leadscore.dimension AS d WHERE d.model = grade_faults.model
    ) AS p(paths)
    CROSS JOIN leadscore.grade AS g
    WHERE g.model = grade_faults.model AND g.dimension <> ALL (p.paths)
$$;
COMMENT ON FUNCTION leadscore.grade_faults(text) IS 'Internal: for draft_faults, grades of dimensions that do not exist.';

CREATE FUNCTION leadscore.label_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.part, 0::float8, c.item, c.fault, c.hint
    FROM leadscore.model AS m
    CROSS JOIN leadscore.scores_columns(leadscore.draft(m.name)) AS l
    CROSS JOIN LATERAL (SELECT CASE l.name WHEN l.label_of || '_grade' THEN 'grade' ELSE 'best part' END) AS w(what)
    CROSS JOIN LATERAL (
        SELECT 1, 'model',
               format('the key "%s" has the name of another column of the view %I.scores: the %s of dimension "%s"',
                      m.key, m.name, w.what, l.label_of),
               format('Rename column "%s" of %s.', m.key, m.leads)
        WHERE l.name = m.key
        UNION ALL
        SELECT 3, format('dimension "%s"', d.path),
               format('the view %I.scores has another column of this name: the %s of dimension "%s"', m.name, w.what, l.label_of),
               'Rename the dimension.'
        FROM leadscore.dimension AS d WHERE d.model = m.name AND d.path = l.name
        UNION ALL
        SELECT 3, format('dimension "%s"', l.label_of),
               format('the name of its column "%s" is too long', l.name),
               'At most 63 bytes are possible for a column: give the dimension a shorter name.'
        WHERE octet_length(l.name) > 63 AND octet_length(l.label_of) <= 63
    ) AS c(part, item, fault, hint)
    WHERE m.name = label_faults.model AND l.label_of IS NOT NULL
$$;
COMMENT ON FUNCTION leadscore.label_faults(text) IS
    'Internal: for draft_faults, columns of the view of the scores that show grades or best parts and whose names are taken or too long.';

CREATE FUNCTION leadscore.draft_paths(model text)
    RETURNS TABLE (part integer, place float8, item text, field text, path jsonpath, relations regclass[])
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 1, 0::float8, 'model', 'eligible', m.eligible, ARRAY[m.leads]
    FROM leadscore.model AS m
    WHERE m.name = draft_paths.model AND m.eligible IS NOT NULL
    UNION ALL
    SELECT 4, r.position, format('rule "%s"', r.name), f.field, f.path,
           CASE WHEN r.event IS NULL THEN ARRAY[m.leads]
                ELSE array(SELECT s.relation FROM leadscore.event_source AS s
                           WHERE s.model = r.model AND (s.kind IS NOT NULL OR r.event IN ('*', s.name))
                           ORDER BY s.name) END
    FROM leadscore.rule AS r
    JOIN leadscore.model AS m ON m.name = r.model
    CROSS JOIN LATERAL (VALUES
        ('condition', r.condition), ('multiplier', CASE WHEN r.event IS NOT NULL THEN r.multiplier END)
    ) AS f(field, path)
    WHERE r.model = draft_paths.model AND r.enabled AND f.path IS NOT NULL
    UNION ALL
    SELECT 5, t.position, format('tier "%s"', t.name), 'applies_to', t.applies_to, ARRAY[m.leads]
    FROM leadscore.tier AS t
    JOIN leadscore.model AS m ON m.name = t.model
    WHERE t.model = draft_paths.model AND t.applies_to IS NOT NULL
$$;
COMMENT ON FUNCTION leadscore.draft_paths(text) IS
    'Internal: every jsonpath of a draft that scoring would use, with the tables whose rows it is for.';

CREATE FUNCTION leadscore.column_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.part, p.place, p.item,
           CASE p.field WHEN 'condition' THEN '' ELSE p.field || ': ' END
           || CASE WHEN cardinality(p.relations) = 1 THEN format('column "%s" of %s does not exist', n.name, p.relations[1])
                   ELSE format('column "%s" exists in none of %s', n.name, array_to_string(p.relations, ', ')) END,
           leadscore.suggestion(n.name, k.columns)
    FROM leadscore.draft_paths(column_faults.model) AS p
    CROSS JOIN leadscore.path_facts(p.path) AS f
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT c.name)
        FROM unnest(p.relations) AS r(relation) CROSS JOIN unnest(leadscore.column_names(r.relation)) AS c(name)
    ) AS k(columns)
    CROSS JOIN unnest(f.columns) AS n(name)
    WHERE n.name <> ALL (k.columns)
$$;
COMMENT ON FUNCTION leadscore.column_faults(text) IS
    'Internal: for draft_faults, columns that jsonpaths ask for and that no table in question has.';

CREATE FUNCTION leadscore.path_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.part, p.place, p.item, CASE p.field WHEN 'condition' THEN '' ELSE p.field || ': ' END || c.fault, c.hint
    FROM leadscore.draft_paths(path_faults.model) AS p
    CROSS JOIN leadscore.path_facts(p.path) AS f
    CROSS JOIN (
        SELECT array(SELECT jsonb_object_keys(m.params)) FROM leadscore.model AS m WHERE m.name = path_faults.model
    ) AS v(variables)
    CROSS JOIN LATERAL (
        SELECT p.field <> 'multiplier' AND NOT f.is_predicate,
               format('%s is no predicate', p.path),
               -- A filter asks whether something is there, a plain path for a value.
               CASE WHEN p.path::text LIKE 'strict %' THEN 'A predicate compares: it is true or false.'
                    WHEN p.path::text LIKE '%?%' THEN format('Perhaps you mean exists(%s).', p.path)
                    ELSE format('Perhaps you mean %s == true.', p.path) END
        UNION ALL
        SELECT p.field = 'multiplier' AND f.is_predicate,
               format('%s is a predicate, which gives no number', p.path),
               'To award points on a condition, put it into condition.'
        UNION ALL
        SELECT true,
               format('variable $%I is not in params', n.name),
               coalesce(leadscore.suggestion(n.name, v.variables), 'Variables are the keys of the model''s params.')
        FROM unnest(f.variables) AS n(name) WHERE n.name <> ALL (v.variables)
    ) AS c(wrong, fault, hint)
    WHERE c.wrong
$$;
COMMENT ON FUNCTION leadscore.path_faults(text) IS 'Internal: for draft_faults, what is wrong with the jsonpaths but for their columns.';

CREATE FUNCTION leadscore.warn_of_missing_columns(model text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    config jsonb := leadscore.newest_config(model);
    missing record;
BEGIN
    FOR missing IN
        SELECT f.item, f.fault
        FROM (SELECT * FROM leadscore.model_faults(model) AS m WHERE starts_with(m.fault, 'column ')
              UNION ALL SELECT * FROM leadscore.source_faults(model)
              UNION ALL SELECT * FROM leadscore.column_faults(model)) AS f
        -- A rule that was never published has no part in this.
        WHERE f.part <> 4 OR f.item IN (SELECT format('rule "%s"', r.name) FROM jsonb_to_recordset(config -> 'rules') AS r(name text))
        ORDER BY f.part, f.place, f.item, f.fault
    LOOP
        RAISE WARNING USING
            MESSAGE = format('model "%s": %s: %s', model, missing.item, missing.fault),
            DETAIL = 'Rows that are written from now on are scored without it, or not at all.',
            HINT = format('Give the model the columns that there are, and run SELECT leadscore.publish(%L).', model);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.warn_of_missing_columns(text) IS
    'Internal: tells who has changed a table which columns a published model asks for in vain.';

CREATE FUNCTION leadscore.draft_faults(model text) RETURNS TABLE (item text, fault text, hint text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := (leadscore.require_model(draft_faults.model)).name;
BEGIN
    RETURN QUERY
        SELECT f.item, f.fault, f.hint
        FROM (SELECT * FROM leadscore.model_faults(name)
              UNION ALL SELECT * FROM leadscore.source_faults(name)
              UNION ALL SELECT * FROM leadscore.family_faults(name)
              UNION ALL SELECT * FROM leadscore.row_security_faults(name)
              UNION ALL SELECT * FROM leadscore.dimension_faults(name)
              UNION ALL SELECT * FROM leadscore.rule_faults(name)
              UNION ALL SELECT * FROM leadscore.tier_faults(name)
              UNION ALL SELECT * FROM leadscore.grade_faults(name)
              UNION ALL SELECT * FROM leadscore.label_faults(name)
              UNION ALL SELECT * FROM leadscore.share_faults(name)
              UNION ALL SELECT * FROM leadscore.column_faults(name)
              UNION ALL SELECT * FROM leadscore.path_faults(name)
              UNION ALL SELECT * FROM leadscore.rollup_faults(name)) AS f
        ORDER BY f.part, f.place, f.item, f.fault;
END
$$;
COMMENT ON FUNCTION leadscore.draft_faults(text) IS
    'What keeps a model''s draft from being published, a row per fault: the item at fault, what is wrong, and a hint if there is
one. No row: leadscore.publish will take it. Rules that are not enabled are not looked at. It is an error if the model does not
exist.';
