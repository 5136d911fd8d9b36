-- Who may do what with the configuration: see docs/security.md. The extension's tables belong to a superuser, whoever installed it, so
-- that nobody else can attach code to them which would then run with the rights of those who write to them.
--
-- GRANT says who may write to these tables at all; these triggers say for which models. The rows of a model are worth its owner's
-- rights: they name the tables that are read with these.

CREATE FUNCTION leadscore.owns_model(model text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM pg_namespace AS n
                   WHERE n.nspname = owns_model.model AND pg_has_role(n.nspowner, 'USAGE'))
        OR (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user)
$$;
COMMENT ON FUNCTION leadscore.owns_model(text) IS
    'Internal: whether the current user has the rights of the owner of a model''s schema, or is a superuser.';

CREATE FUNCTION leadscore.require_ownership(model text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT leadscore.owns_model(model) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = format('must be owner of model "%s"', model),
            DETAIL = 'The owner of a model is the owner of the schema that has its name.';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_ownership(text) IS 'Internal: an error unless the current user owns the model; see owns_model.';

CREATE FUNCTION leadscore.model_owned() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        IF TG_ARGV[0] = 'name' THEN
            PERFORM leadscore.require_ownership(OLD.name);
        ELSE
            PERFORM leadscore.require_ownership(OLD.model);
        END IF;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        IF TG_ARGV[0] = 'name' THEN
            PERFORM leadscore.require_ownership(NEW.name);
        ELSE
            PERFORM leadscore.require_ownership(NEW.model);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leadscore.model_owned() IS
    'Internal: trigger on the tables of the configuration; an error unless who writes owns the model. Argument: the column with its name.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.model
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('name');
COMMENT ON TRIGGER model_owned ON leadscore.model IS 'Refuses who does not own the model.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.event_source
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('model');
COMMENT ON TRIGGER model_owned ON leadscore.event_source IS 'Refuses who does not own the model.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.dimension
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('model');
COMMENT ON TRIGGER model_owned ON leadscore.dimension IS 'Refuses who does not own the model.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.rule
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('model');
COMMENT ON TRIGGER model_owned ON leadscore.rule IS 'Refuses who does not own the model.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.grade
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('model');
COMMENT ON TRIGGER model_owned ON leadscore.grade IS 'Refuses who does not own the model.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.tier
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('model');
COMMENT ON TRIGGER model_owned ON leadscore.tier IS 'Refuses who does not own the model.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.version
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('model');
COMMENT ON TRIGGER model_owned ON leadscore.version IS 'Refuses who does not own the model.';

CREATE TRIGGER model_owned AFTER INSERT OR UPDATE OR DELETE ON leadscore.rollup
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_owned('model');
COMMENT ON TRIGGER model_owned ON leadscore.rollup IS 'Refuses who does not own the model.';

-- What rows of the team's tables the model's owner sees

CREATE FUNCTION leadscore.row_security_faults(model text)
    RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.part, 0::float8, t.item, format('row security of %s may hide rows from %I, who owns the model', t.relation, o.rolname),
           format('Let the owner of %s own the model, or a role with BYPASSRLS.', t.relation)
    FROM (SELECT 1, 'model', m.leads FROM leadscore.model AS m WHERE m.name = row_security_faults.model
          UNION ALL
          SELECT 2, format('source "%s"', s.name), s.relation FROM leadscore.event_source AS s WHERE s.model = row_security_faults.model
    ) AS t(part, item, relation)
    JOIN pg_class AS c ON c.oid = t.relation AND c.relrowsecurity
    JOIN pg_namespace AS n ON n.nspname = row_security_faults.model
    JOIN pg_class AS s ON s.relnamespace = n.oid AND s.relname = 'state'
    JOIN pg_roles AS o ON o.oid = s.relowner
    WHERE NOT (o.rolsuper OR o.rolbypassrls OR pg_has_role(o.oid, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity)
$$;
COMMENT ON FUNCTION leadscore.row_security_faults(text) IS
    'Internal: for draft_faults, tables of leads or events whose row security would hold for the model''s owner: scores need all rows.';

-- Whoever installs it hands these rights on. They are also what pg_dump and a restore take.

GRANT USAGE ON SCHEMA leadscore TO @extowner@ WITH GRANT OPTION;
GRANT SELECT, INSERT, UPDATE, DELETE ON leadscore.model, leadscore.event_source, leadscore.dimension, leadscore.rule, leadscore.grade,
    leadscore.tier, leadscore.version, leadscore.rollup TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON leadscore.template_document TO @extowner@ WITH GRANT OPTION;
GRANT SELECT, UPDATE ON SEQUENCE leadscore.model_id_seq TO @extowner@;
