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

CREATE TABLE leadscore.editor (
    model text NOT NULL,
    role  name NOT NULL,
    CONSTRAINT editor_pkey PRIMARY KEY (model, role)
);
COMMENT ON TABLE leadscore.editor IS
    'The roles that may edit the rules, dimensions, grades and tiers of models which they do not own, if they may write these tables at
all. Written by the owners of the models.';
COMMENT ON COLUMN leadscore.editor.model IS 'The model.';
COMMENT ON COLUMN leadscore.editor.role IS 'The role: its members are editors, too.';

CREATE TRIGGER model_named AFTER INSERT OR UPDATE OF model ON leadscore.editor
    FOR EACH ROW EXECUTE FUNCTION leadscore.model_named();
COMMENT ON TRIGGER model_named ON leadscore.editor IS 'Refuses a model that does not exist.';

SELECT pg_catalog.pg_extension_config_dump('leadscore.editor', '');

CREATE FUNCTION leadscore.edits_model(model text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT leadscore.owns_model(edits_model.model)
        OR EXISTS (SELECT FROM leadscore.editor AS e JOIN pg_roles AS r ON r.rolname = e.role
                   WHERE e.model = edits_model.model AND pg_has_role(r.oid, 'USAGE'))
$$;
COMMENT ON FUNCTION leadscore.edits_model(text) IS
    'Internal: whether the current user may edit the draft of a model: as its owner, see owns_model, or by leadscore.editor.';

CREATE FUNCTION leadscore.require_right(model text, right_to text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    has_right boolean := CASE right_to WHEN 'edit' THEN leadscore.edits_model(model) ELSE leadscore.owns_model(model) END;
BEGIN
    IF NOT has_right THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = format('must be owner%s of model "%s"', CASE right_to WHEN 'edit' THEN ' or editor' END, model),
            DETAIL = 'The owner of a model is the owner of the schema that has its name; its editors are in leadscore.editor.';
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.require_right(text, text) IS
    'Internal: an error unless the current user has a right to a model: edit, see edits_model, or own, see owns_model.';

CREATE FUNCTION leadscore.right_needed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    was text;
    becomes text;
BEGIN
    IF TG_TABLE_NAME = 'model' THEN
        was := OLD.name;
        becomes := NEW.name;
    ELSE
        was := OLD.model;
        becomes := NEW.model;
    END IF;
    -- What is left of a model whose schema is gone is nobody's, and may be removed.
    IF TG_OP = 'UPDATE' OR TG_OP = 'DELETE' AND to_regnamespace(quote_ident(was)) IS NOT NULL THEN
        PERFORM leadscore.require_right(was, TG_ARGV[0]);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM leadscore.require_right(becomes, TG_ARGV[0]);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leadscore.right_needed() IS
    'Internal: trigger on the tables of the configuration; an error unless who writes has a right to the model. Argument: see require_right.';

CREATE FUNCTION leadscore.models_to_see() RETURNS SETOF text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT n.nspname::text FROM pg_namespace AS n WHERE pg_has_role(n.nspowner, 'USAGE')
    UNION
    SELECT e.model FROM leadscore.editor AS e JOIN pg_roles AS r ON r.rolname = e.role WHERE pg_has_role(r.oid, 'USAGE')
$$;
COMMENT ON FUNCTION leadscore.models_to_see() IS
    'Internal: for the policies on the configuration, the models that the current user owns or edits, and other schemas of his.';

-- Who writes the rows of a table needs the right to their model: that is its column `model`, or `name`. Whose rows are seen, where a
-- superuser has installed the extension: those of the models that one owns or edits. Where the owner of the database has, row security
-- would keep pg_dump from working for him, and whoever may read the configuration reads that of all models.
DO $$
DECLARE
    part record;
    is_superusers boolean := (SELECT r.rolsuper FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_roles AS r ON r.oid = e.extowner
                              WHERE e.extname = 'leadscore');
BEGIN
    FOR part IN
        SELECT p.*, pg_catalog.format('leadscore.%I', p.name) AS relation
        FROM (VALUES ('model', 'name', 'own'), ('event_source', 'model', 'own'), ('dimension', 'model', 'edit'),
                     ('rule', 'model', 'edit'), ('grade', 'model', 'edit'), ('tier', 'model', 'edit'), ('version', 'model', 'own'),
                     ('rollup', 'model', 'own'), ('editor', 'model', 'own')) AS p(name, model, needed)
    LOOP
        EXECUTE pg_catalog.format('CREATE TRIGGER right_needed AFTER INSERT OR UPDATE OR DELETE ON %s'
                                  ' FOR EACH ROW EXECUTE FUNCTION leadscore.right_needed(%L)', part.relation, part.needed);
        EXECUTE pg_catalog.format('COMMENT ON TRIGGER right_needed ON %s IS %L', part.relation,
                                  CASE part.needed WHEN 'own' THEN 'Refuses who does not own the model.'
                                  ELSE 'Refuses who neither owns nor edits the model.' END);
        CONTINUE WHEN part.name = 'editor';  -- which is no secret
        EXECUTE pg_catalog.format('CREATE POLICY own_models ON %s USING (%2$I = ANY (array(SELECT leadscore.models_to_see()))'
                                  ' OR pg_catalog.to_regnamespace(pg_catalog.quote_ident(%2$I)) IS NULL) WITH CHECK (true)',
                                  part.relation, part.model);
        EXECUTE pg_catalog.format('COMMENT ON POLICY own_models ON %s IS %L', part.relation,
                                  'Shows what belongs to models that one owns or edits, or whose schema is gone.');
        IF is_superusers THEN
            EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part.relation);
        END IF;
    END LOOP;
END
$$;

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
    leadscore.tier, leadscore.version, leadscore.rollup, leadscore.editor TO @extowner@ WITH GRANT OPTION;
-- What is no secret, and is asked with the rights of whoever writes.
GRANT SELECT ON leadscore.editor TO PUBLIC;
GRANT SELECT ON leadscore.template_document TO @extowner@ WITH GRANT OPTION;
GRANT SELECT, UPDATE ON SEQUENCE leadscore.model_id_seq TO @extowner@;
