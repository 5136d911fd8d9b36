-- Views that a model makes in its schema, and makes again when their columns change.

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

CREATE FUNCTION leadscore.replace_view(view text, query text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    definition text := format('%s WITH (security_invoker) AS %s', view, query);
    restore text[];
    statement text;
    detail text;
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW ' || definition;
EXCEPTION WHEN invalid_table_definition THEN
    -- Other columns than before: only a new view can have them. Its owner and grants are kept.
    restore := array(SELECT leadscore.view_grants(to_regclass(view)));
    BEGIN
        EXECUTE 'DROP VIEW ' || view;
    EXCEPTION WHEN dependent_objects_still_exist THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        RAISE EXCEPTION USING
            ERRCODE = 'dependent_objects_still_exist',
            MESSAGE = format('view %s gets other columns, but other objects depend on it', view),
            DETAIL = detail,
            HINT = 'Drop those objects first, and create them again afterwards.';
    END;
    EXECUTE 'CREATE VIEW ' || definition;
    FOREACH statement IN ARRAY restore LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.replace_view(text, text) IS
    'Internal: creates a view of this name (quoted) and query, with the rights of who reads it, or replaces the one that is there,
which keeps its owner and grants. It is an error if its columns change while others depend on it.';
