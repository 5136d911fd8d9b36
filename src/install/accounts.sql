-- Accounts: the scores of companies, or whatever else a column of the leads says that leads belong to, from those of their people.
--
-- A rollup is a view over the live states and the table of leads: there is nothing of its own to keep up.

CREATE TABLE leadscore.rollup (
    model     text NOT NULL,
    name      text NOT NULL,
    account   name NOT NULL,
    combine   text NOT NULL DEFAULT 'sum',
    k         integer,
    dimension text NOT NULL DEFAULT 'score',
    CONSTRAINT rollup_pkey PRIMARY KEY (model, name),
    -- The names of what a model has in its schema anyhow.
    CONSTRAINT rollup_name_usable CHECK (octet_length(name) BETWEEN 1 AND 63
                                         AND name NOT IN ('state', 'live', 'pending', 'changed', 'scores', 'tier_changes', 'adjustment')),
    CONSTRAINT rollup_combine_known CHECK (combine IN ('sum', 'max', 'top')),
    CONSTRAINT rollup_k_positive CHECK (k > 0),
    CONSTRAINT rollup_k_with_top CHECK ((combine = 'top') = (k IS NOT NULL))
);
COMMENT ON TABLE leadscore.rollup IS
    'The scores of accounts that models have, each a view in the model''s schema. Made by leadscore.rollup, removed by
leadscore.drop_rollup. What is inserted or changed here has effect when the model is published.';
COMMENT ON COLUMN leadscore.rollup.model IS 'The model.';
COMMENT ON COLUMN leadscore.rollup.name IS 'Name of the view, unique in the model: 1 to 63 bytes.';
COMMENT ON COLUMN leadscore.rollup.account IS
    'Column of the table of leads that says to which account a lead belongs; null: to none.';
COMMENT ON COLUMN leadscore.rollup.combine IS
    'How the people''s points make the account''s: sum: of all; max: those of the best; top: the sum of the k best.';
COMMENT ON COLUMN leadscore.rollup.k IS 'top: how many of the best count; null for the others.';
COMMENT ON COLUMN leadscore.rollup.dimension IS 'Path of the dimension that gives the points; score: the root.';

CREATE TRIGGER model_named AFTER INSERT OR UPDATE OF model ON leadscore.rollup
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_named();
COMMENT ON TRIGGER model_named ON leadscore.rollup IS 'Refuses a model that does not exist.';

SELECT pg_catalog.pg_extension_config_dump('leadscore.rollup', '');

CREATE FUNCTION leadscore.type_equality(type regtype) RETURNS text
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'leadscore_type_equality';
COMMENT ON FUNCTION leadscore.type_equality(regtype) IS
    'Internal: the equality of a type''s default btree order, as it stands in SQL; null if it has none.';

-- The view

CREATE FUNCTION leadscore.is_rollup_view(model text, name text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_class AS c
        JOIN pg_rewrite AS w ON w.ev_class = c.oid
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE c.oid = to_regclass(format('%I.%I', model, name)) AND c.relkind = 'v' AND name <> 'scores'
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(format('%I.state', model)))
$$;
COMMENT ON FUNCTION leadscore.is_rollup_view(text, text) IS
    'Internal: whether the relation of that name in a model''s schema is a view over its states, and not that of its scores.';

CREATE FUNCTION leadscore.rollup_people(rollup leadscore.rollup) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    -- From the leads to the states, so that those of one account are found by an index on its column.
    SELECT format(
        'SELECT q.account, q.lead, q.score, q.last_event_at,'
        ' row_number() OVER (PARTITION BY q.account ORDER BY q.score DESC, q.lead) AS rank'
        ' FROM (SELECT r.account, s.lead, leadscore.score(s.state, %L) AS score, leadscore.last_event_at(s.state) AS last_event_at'
        ' FROM (SELECT s.lead, CASE WHEN r.lead IS NULL THEN s.state ELSE leadscore.advance(s.state, r.state) END AS state'
        ' FROM (%s) AS s LEFT JOIN (%s) AS r ON %s) AS s'
        ' JOIN (SELECT l.%I AS lead, l.%I AS account FROM %s AS l) AS r ON %s'
        ' WHERE r.account IS NOT NULL AND leadscore.is_scored(s.state)) AS q',
        rollup.dimension, leadscore.stored_query(m.name), leadscore.pending_query(m.name), leadscore.lead_is_same(m.name),
        m.key, rollup.account, m.leads, leadscore.lead_is_same(m.name))
    FROM leadscore.model AS m WHERE m.name = rollup.model
$$;
COMMENT ON FUNCTION leadscore.rollup_people(leadscore.rollup) IS
    'Internal: SQL that gives (account, lead, score, last_event_at, rank): the eligible leads of all accounts, in each the best
one first.';

CREATE FUNCTION leadscore.rollup_limit(rollup leadscore.rollup) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE rollup.combine WHEN 'sum' THEN 'true' WHEN 'max' THEN 'p.rank = 1' ELSE format('p.rank <= %s', rollup.k) END
$$;
COMMENT ON FUNCTION leadscore.rollup_limit(leadscore.rollup) IS
    'Internal: the condition on p, a row of the people, under which its points count for its account.';

CREATE FUNCTION leadscore.rollup_column_comments(rollup leadscore.rollup) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg(format('COMMENT ON COLUMN %I.%I.%I IS %L', rollup.model, rollup.name, c.name, c.comment))
    FROM (VALUES (rollup.account, 'The account.'), ('score', 'Its score now, in points.'),
                 ('people', 'How many of its leads exist and are eligible.'),
                 ('best_lead', 'The key of the one with the most points.'), ('best_score', 'The points of that one.'),
                 ('last_event_at', 'The time of the latest event of one of them; null: no event.')) AS c(name, comment)
$$;
COMMENT ON FUNCTION leadscore.rollup_column_comments(leadscore.rollup) IS
    'Internal: the statements that comment on the columns of a rollup''s view.';

CREATE FUNCTION leadscore.create_rollup_view(rollup leadscore.rollup) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    view text := format('%I.%I', rollup.model, rollup.name);
    -- All that the view depends on, so that it also tells one view from another.
    comment text := (SELECT format(
        'Accounts: by %s.%I, the %s of dimension "%s" of the leads of model "%s" (key %I), in points, exact as of now().',
        m.leads, rollup.account,
        CASE rollup.combine WHEN 'sum' THEN 'sum' WHEN 'max' THEN 'maximum' ELSE format('sum of the %s best', rollup.k) END,
        rollup.dimension, m.name, m.key) FROM leadscore.model AS m WHERE m.name = rollup.model);
    query text := format(
        'SELECT p.account AS %I, sum(p.score)%s AS score, count(*) AS people,'
        ' (array_agg(p.lead) FILTER (WHERE p.rank = 1))[1] AS best_lead, max(p.score) AS best_score,'
        ' max(p.last_event_at) AS last_event_at FROM (%s) AS p GROUP BY p.account',
        rollup.account,
        CASE WHEN rollup.combine <> 'sum' THEN format(' FILTER (WHERE %s)', leadscore.rollup_limit(rollup)) END,
        leadscore.rollup_people(rollup));
    statement text;
BEGIN
    -- A view that stays need not be locked against its readers.
    IF obj_description(to_regclass(view), 'pg_class') = comment THEN
        RETURN;
    END IF;
    PERFORM leadscore.replace_view(view, query);
    EXECUTE format('COMMENT ON VIEW %s IS %L', view, comment);
    FOREACH statement IN ARRAY leadscore.rollup_column_comments(rollup) LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.create_rollup_view(leadscore.rollup) IS
    'Internal: creates or replaces the view of a rollup, unless it is there as it should be. It is an error if its columns change
while others depend on it.';

CREATE FUNCTION leadscore.create_rollup_views(model text) RETURNS void
    LANGUAGE sql
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT leadscore.create_rollup_view(r) FROM leadscore.rollup AS r
    WHERE r.model = create_rollup_views.model ORDER BY r.name COLLATE "C"
$$;
COMMENT ON FUNCTION leadscore.create_rollup_views(text) IS
    'Internal: for publish, creates or replaces the views of a model''s rollups, as far as they are not there as they should be.';

-- What is wrong with a rollup

CREATE FUNCTION leadscore.rollup_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 7, 0::float8, format('rollup "%s"', r.name), c.fault, c.hint
    FROM leadscore.rollup AS r
    JOIN leadscore.model AS m ON m.name = r.model
    CROSS JOIN leadscore.column_names(m.leads) AS l(columns)
    LEFT JOIN pg_attribute AS a ON a.attrelid = m.leads AND a.attname = r.account AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (
        SELECT '{score}' || array(SELECT d.path FROM leadscore.dimension AS d WHERE d.model = m.name AND d.path <> 'score')
    ) AS d(paths)
    CROSS JOIN LATERAL (VALUES
        (l.columns <> '{}' AND a.attname IS NULL,
         format('column "%s" of %s does not exist', r.account, m.leads),
         coalesce(leadscore.suggestion(r.account, l.columns), format('Its columns are: %s.', array_to_string(l.columns, ', ')))),
        (a.attname IN ('score', 'people', 'best_lead', 'best_score', 'last_event_at'),
         format('column "%s" of %s has the name of another column of the view', r.account, m.leads),
         format('Rename column "%s" of %s.', r.account, m.leads)),
        (a.attname IS NOT NULL AND leadscore.type_equality(a.atttypid) IS NULL,
         format('column "%s" of %s cannot be the account: its type, %s, has no default btree order',
                r.account, m.leads, format_type(a.atttypid, a.atttypmod)),
         'Take a column of another type, such as a generated one.'),
        (r.dimension <> ALL (d.paths),
         format('dimension "%s" does not exist', r.dimension),
         coalesce(leadscore.suggestion(r.dimension, d.paths),
                  format('The dimensions of the model are: %s.', array_to_string(d.paths, ', ')))),
        (to_regclass(format('%I.%I', m.name, r.name)) IS NOT NULL AND NOT leadscore.is_rollup_view(m.name, r.name),
         format('%I.%I already exists and is no rollup', m.name, r.name),
         'Choose another name.')
    ) AS c(wrong, fault, hint)
    WHERE m.name = rollup_faults.model AND c.wrong
$$;
COMMENT ON FUNCTION leadscore.rollup_faults(text) IS 'Internal: for draft_faults, what is wrong with the rollups.';

CREATE FUNCTION leadscore.require_rollup(model text, name text) RETURNS leadscore.rollup
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_model leadscore.model := leadscore.require_model(require_rollup.model);
    names text[] := array(SELECT r.name FROM leadscore.rollup AS r WHERE r.model = of_model.name ORDER BY r.name COLLATE "C");
    result leadscore.rollup;
BEGIN
    SELECT r.* INTO result FROM leadscore.rollup AS r WHERE r.model = of_model.name AND r.name = require_rollup.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object',
            MESSAGE = format('model "%s" has no rollup %s', of_model.name,
                             CASE WHEN require_rollup.name IS NULL THEN 'null' ELSE format('"%s"', require_rollup.name) END),
            HINT = coalesce(leadscore.suggestion(require_rollup.name, names),
                            'Its rollups are: ' || nullif(array_to_string(names, ', '), '') || '.',
                            'Rollups are made by leadscore.rollup.');
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION leadscore.require_rollup(text, text) IS
    'Internal: the rollup''s row of leadscore.rollup; an error, naming the most similar one of the model, if there is none.';

CREATE FUNCTION leadscore.require_rollup_name(name text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF octet_length(name) NOT BETWEEN 1 AND 63 OR name IN ('state', 'live', 'pending', 'changed', 'scores', 'tier_changes', 'adjustment') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_name',
            MESSAGE = format('"%s" cannot be the name of a rollup', name),
            DETAIL = 'The name is that of a view in the model''s schema: 1 to 63 bytes, not that of what each model has there.';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_rollup_name(text) IS 'Internal: an error if a rollup cannot have this name.';

CREATE FUNCTION leadscore.require_combination(combine text, k integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fault text := CASE
        WHEN combine IS NULL THEN 'combine must not be null'
        WHEN combine NOT IN ('sum', 'max', 'top') THEN format('combine must be sum, max or top, not "%s"', combine)
        WHEN combine = 'top' AND k IS NULL THEN 'combine top needs k, how many of the best count'
        WHEN combine = 'top' AND k < 1 THEN format('k must be at least 1, not %s', k)
        WHEN combine <> 'top' AND k IS NOT NULL THEN format('k is for combine top, not for %s', combine)
    END;
BEGIN
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = fault,
            HINT = 'The sum of the three best is combine => ''top'', k => 3.';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_combination(text, integer) IS
    'Internal: an error unless combine is one that there is, with k if it is top, and else without.';

CREATE FUNCTION leadscore.require_live_dimension(model text, dimension text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF dimension <> 'score' AND EXISTS (
        SELECT FROM leadscore.version AS v
        WHERE v.model = require_live_dimension.model
          AND NOT v.config -> 'dimensions' @> jsonb_build_array(jsonb_build_object('path', dimension))
          AND v.version = (SELECT max(o.version) FROM leadscore.version AS o WHERE o.model = v.model)
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('dimension "%s" of model "%s" is not published yet', dimension, model),
            HINT = format('Run SELECT leadscore.publish(%L) first.', model);
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_live_dimension(text, text) IS
    'Internal: an error if the model is published, but without that dimension.';

-- For users

CREATE FUNCTION leadscore.rollup(model text, name text, account name, combine text DEFAULT 'sum', k integer DEFAULT NULL,
                                 dimension text DEFAULT 'score')
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_model leadscore.model := leadscore.require_model($1);
    faults record;
BEGIN
    IF $2 IS NULL OR $3 IS NULL OR $6 IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('the %s of a rollup must not be null',
                             CASE WHEN $2 IS NULL THEN 'name' WHEN $3 IS NULL THEN 'account' ELSE 'dimension' END);
    END IF;
    PERFORM leadscore.require_rollup_name($2);
    PERFORM leadscore.require_combination($4, $5);
    EXECUTE format('LOCK TABLE %I.state IN SHARE UPDATE EXCLUSIVE MODE', of_model.name);
    INSERT INTO leadscore.rollup AS r (model, name, account, combine, k, dimension) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT rollup_pkey DO UPDATE
    SET account = excluded.account, combine = excluded.combine, k = excluded.k, dimension = excluded.dimension;
    SELECT count(*) AS count, min(f.item) AS item, string_agg(f.fault, E'\n' ORDER BY f.fault) AS fault,
           string_agg(f.hint, E'\n' ORDER BY f.fault) AS hint
    INTO faults
    FROM leadscore.rollup_faults($1) AS f WHERE f.item = format('rollup "%s"', $2);
    IF faults.count > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_object_definition',
            MESSAGE = faults.item || ': ' || faults.fault,
            HINT = faults.hint;
    END IF;
    PERFORM leadscore.require_live_dimension($1, $6);
    PERFORM leadscore.create_rollup_view(leadscore.require_rollup($1, $2));
END
$$;
COMMENT ON FUNCTION leadscore.rollup(text, text, name, text, integer, text) IS
    'Makes, or makes anew, a view of that name in the model''s schema: the score of each account from its people, exact as of
now(). account: the column of the leads that says to which account they belong (null: to none); combine: sum of all, max, or top:
the sum of the k best; dimension: what gives the points. Its columns: the account under its own name, score, people (how many of
its leads exist and are eligible; an account without one has no row), best_lead, best_score, last_event_at. Who reads it needs the
right to read the model''s schema, and the key and the account of the leads. It is an error if the model, the column or the
dimension does not exist, if the column cannot serve, or if the name is taken.';

CREATE FUNCTION leadscore.drop_rollup(model text, name text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    dropped leadscore.rollup := leadscore.require_rollup(drop_rollup.model, drop_rollup.name);
    detail text;
BEGIN
    DELETE FROM leadscore.rollup AS r WHERE r.model = dropped.model AND r.name = dropped.name;
    IF leadscore.is_rollup_view(dropped.model, dropped.name) THEN
        EXECUTE format('DROP VIEW %I.%I', dropped.model, dropped.name);
    END IF;
EXCEPTION WHEN dependent_objects_still_exist THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RAISE EXCEPTION USING
        ERRCODE = 'dependent_objects_still_exist',
        MESSAGE = format('rollup "%s" cannot be dropped because other objects depend on it', drop_rollup.name),
        DETAIL = detail,
        HINT = 'Drop those objects first.';
END
$$;
COMMENT ON FUNCTION leadscore.drop_rollup(text, text) IS
    'Drops a rollup: its view and its row of leadscore.rollup. It is an error if the model does not exist or has no such rollup,
or if other objects depend on the view.';

CREATE FUNCTION leadscore.rollup_explanation(model text, name text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    explained leadscore.rollup := leadscore.require_rollup(rollup_explanation.model, rollup_explanation.name);
    type regtype := (SELECT leadscore.base_type(a.atttypid)
                     FROM leadscore.model AS m
                     JOIN pg_attribute AS a ON a.attrelid = m.leads AND a.attname = explained.account AND NOT a.attisdropped
                     WHERE m.name = explained.model);
BEGIN
    IF type IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_column',
            MESSAGE = format('column "%s", the account of rollup "%s", does not exist any more', explained.account, explained.name),
            HINT = 'Run SELECT leadscore.rollup(...) with the column that there is.';
    END IF;
    -- The type without a length, which would cut a value that is too long down to another one.
    RETURN format('SELECT p.rank, p.lead, p.score, CASE WHEN %s THEN p.score ELSE 0 END AS points'
                  ' FROM (%s) AS p WHERE p.account %s $1::%s',
                  leadscore.rollup_limit(explained), leadscore.rollup_people(explained), leadscore.type_equality(type),
                  format_type(type, -1));
END
$$;
COMMENT ON FUNCTION leadscore.rollup_explanation(text, text) IS
    'Internal: SQL that gives (rank, lead, score, points): the people of the account $1, a text, and what each adds to its score.
Tells nothing but names of the configuration, which who asks need not have the right to read.';

CREATE FUNCTION leadscore.explain_rollup(model text, name text, account text)
    RETURNS TABLE (rank bigint, lead text, score float8, points float8, share float8)
    LANGUAGE plpgsql STABLE STRICT COST 10000 ROWS 10
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT e.rank, format(''%%s'', e.lead), e.score, e.points, e.points / nullif(sum(e.points) OVER (), 0)'
        ' FROM (%s) AS e ORDER BY e.rank',
        leadscore.rollup_explanation(explain_rollup.model, explain_rollup.name))
    USING explain_rollup.account;
END
$$;
CREATE FUNCTION leadscore.explain_rollup(model text, name text, account anyelement)
    RETURNS TABLE (rank bigint, lead text, score float8, points float8, share float8)
    LANGUAGE sql STABLE STRICT COST 10000 ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.* FROM leadscore.explain_rollup(model, name, account::text) AS e
$$;
COMMENT ON FUNCTION leadscore.explain_rollup(text, text, text) IS
    'Why an account has its score: its people, the best first, each with its own value of the rollup''s dimension, the points that
it adds to the score of the account, which are all of them or, beyond the k best, 0, and their share of that score (null if that
is 0). leadscore.explain takes each lead apart. `account` is its value in the column, as text. No row for an account without a
lead that is eligible. It is an error if the model does not exist or has no such rollup.';
COMMENT ON FUNCTION leadscore.explain_rollup(text, text, anyelement) IS
    'Why an account has its score: its people, and what each adds; see explain_rollup(text, text, text). `account` is its value in
the column.';
