-- What functions require before they change the configuration.

CREATE FUNCTION leadscore.require_model(model text) RETURNS leadscore.model
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    result leadscore.model;
BEGIN
    IF require_model.model IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'the model must not be null';
    END IF;
    SELECT m.* INTO result FROM leadscore.model AS m WHERE m.name = require_model.model;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object',
            MESSAGE = format('model "%s" does not exist', require_model.model),
            HINT = coalesce(leadscore.suggestion(require_model.model, array(SELECT m.name FROM leadscore.model AS m)),
                            'Models are made by leadscore.create_model.');
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION leadscore.require_model(text) IS
    'Internal: the model''s row of leadscore.model; an error, naming the most similar model, if there is none or the name is null.';

CREATE FUNCTION leadscore.require_table(relation regclass) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    class pg_class;
BEGIN
    IF relation IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'the table must not be null';
    END IF;
    SELECT * INTO class FROM pg_class AS c WHERE c.oid = relation;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_table', MESSAGE = format('table %s does not exist', relation);
    END IF;
    IF class.relkind NOT IN ('r', 'p') OR class.relpersistence = 't' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'wrong_object_type',
            MESSAGE = format('%s is not a permanent table', relation),
            DETAIL = 'Live scores need triggers that see all rows of a statement; only ordinary and partitioned tables have them.';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_table(regclass) IS
    'Internal: an error unless the relation is an ordinary or partitioned table and not temporary.';

CREATE FUNCTION leadscore.column_names(relation regclass) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}')
    FROM pg_attribute AS a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$$;
COMMENT ON FUNCTION leadscore.column_names(regclass) IS
    'Internal: the columns of a relation, in their order; empty if the relation is null or gone.';

CREATE FUNCTION leadscore.suggestion(name text, candidates text[]) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN 'Perhaps you mean "' || leadscore.nearest(name, candidates) || '".';
END
$$;
COMMENT ON FUNCTION leadscore.suggestion(text, text[]) IS
    'Internal: a hint at the candidate most similar to the name; null if none is similar.';

CREATE FUNCTION leadscore.require_column(relation regclass, name name) RETURNS pg_catalog.pg_attribute
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    attribute pg_attribute;
    columns text[] := leadscore.column_names(relation);
BEGIN
    IF require_column.name IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = format('a column of %s must not be null', relation);
    END IF;
    SELECT * INTO attribute
    FROM pg_attribute AS a
    WHERE a.attrelid = require_column.relation AND a.attname = require_column.name AND a.attnum > 0 AND NOT a.attisdropped;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_column',
            MESSAGE = format('column "%s" of %s does not exist', require_column.name, relation),
            HINT = coalesce(leadscore.suggestion(require_column.name, columns),
                            format('Its columns are: %s.', array_to_string(columns, ', ')));
    END IF;
    RETURN attribute;
END
$$;
COMMENT ON FUNCTION leadscore.require_column(regclass, name) IS
    'Internal: the column''s row of pg_attribute; an error, naming the most similar column, if there is none or the name is null.';

CREATE FUNCTION leadscore.base_type(type regtype) RETURNS regtype
    LANGUAGE sql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE layer(type, below) AS (
        SELECT t.oid, t.typbasetype FROM pg_type AS t WHERE t.oid = base_type.type
        UNION ALL
        SELECT t.oid, t.typbasetype FROM layer AS l JOIN pg_type AS t ON t.oid = l.below
    )
    SELECT l.type::regtype FROM layer AS l WHERE l.below = 0
$$;
COMMENT ON FUNCTION leadscore.base_type(regtype) IS
    'Internal: the type that a domain is over in the end; a type that is no domain itself.';

CREATE FUNCTION leadscore.base_type_name(type regtype, modifier integer) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN leadscore.base_type(type) = type THEN format_type(type, modifier) ELSE format_type(leadscore.base_type(type), -1) END
$$;
COMMENT ON FUNCTION leadscore.base_type_name(regtype, integer) IS
    'Internal: a type as it stands in SQL; for a domain the type that it is over, without a length.';

CREATE FUNCTION leadscore.require_time(relation regclass, name name) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    type regtype := (leadscore.require_column(relation, require_time.name)).atttypid;
BEGIN
    IF leadscore.base_type(type) NOT IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, not a time', require_time.name, relation, type),
            HINT = 'It must be timestamp with time zone, timestamp (read as UTC) or date (midnight UTC).';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_time(regclass, name) IS
    'Internal: an error unless the column is there and of type timestamptz, timestamp or date, or a domain over one.';
