-- import_model: a document becomes a model with a draft.

CREATE FUNCTION leadscore.document_table(name text) RETURNS regclass
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN to_regclass(name);
EXCEPTION WHEN invalid_name OR syntax_error OR feature_not_supported THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leadscore.document_table(text) IS
    'Internal: the table of a name with its schema; null if there is none or the name is none.';

CREATE FUNCTION leadscore.fitted_leads(document jsonb, leads regclass) RETURNS regclass
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result regclass := coalesce(leads, leadscore.document_table(document #>> '{model,leads}'));
BEGIN
    IF result IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_table',
            MESSAGE = coalesce('table ' || (document #>> '{model,leads}') || ' of the document does not exist',
                               'the document names no table of leads'),
            DETAIL = format('Columns that it needs: %s.', coalesce((
                SELECT string_agg(n.name, ', ') FROM leadscore.document_needs(document) AS n WHERE n.scope = 'columns'), 'none')),
            HINT = 'Give the table of the leads, such as leads => ''crm.leads''.';
    END IF;
    PERFORM leadscore.require_table(result);
    RETURN result;
END
$$;
COMMENT ON FUNCTION leadscore.fitted_leads(jsonb, regclass) IS
    'Internal: the table of the leads, as given or else as the document names it; an error if there is none.';

CREATE FUNCTION leadscore.fitted_sources(document jsonb, events regclass, lead name, at name, kind name, sources jsonb)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entries jsonb := coalesce(document -> 'sources', '[]');
    entry jsonb;
    given jsonb;
    relation regclass;
    result jsonb := '[]';
BEGIN
    PERFORM leadscore.require_names('sources', sources, array(
        SELECT s.entry ->> 'name' FROM jsonb_array_elements(entries) AS s(entry)));
    IF events IS NULL AND num_nonnulls(lead, at, kind) > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'lead, at and kind are columns of events, which is not given';
    END IF;
    IF events IS NOT NULL AND (jsonb_array_length(entries) > 1 OR sources <> '{}') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('events cannot be given: the document has %s sources of events', jsonb_array_length(entries)),
            HINT = format('Give a table for each of them: sources => %L', (
                SELECT jsonb_object_agg(s.entry ->> 'name', s.entry -> 'relation') FROM jsonb_array_elements(entries) AS s(entry)));
    END IF;
    IF events IS NOT NULL THEN
        entry := coalesce(entries -> 0, '{}') || jsonb_strip_nulls(
            jsonb_build_object('relation', events::text, 'lead', lead, 'at', at, 'kind', kind));
        IF NOT entry ?& ARRAY['lead', 'at'] THEN
            RAISE EXCEPTION USING
                ERRCODE = 'null_value_not_allowed',
                MESSAGE = format('the columns of %s with the lead and the time must be given', events),
                HINT = 'For instance: lead => ''lead_id'', at => ''at'', and kind => ''kind'' if one has the kind.';
        END IF;
        RETURN jsonb_build_array(entry);
    END IF;
    FOR entry IN SELECT s.entry FROM jsonb_array_elements(entries) AS s(entry) LOOP
        given := sources -> (entry ->> 'name');
        CONTINUE WHEN given = 'null';
        entry := entry || CASE jsonb_typeof(given) WHEN 'object' THEN given
                                                   WHEN 'string' THEN jsonb_build_object('relation', given) ELSE '{}' END;
        relation := leadscore.document_table(entry ->> 'relation');
        IF relation IS NULL THEN
            RAISE EXCEPTION USING
                ERRCODE = 'undefined_table',
                MESSAGE = format('table %s of source "%s" does not exist', coalesce(entry ->> 'relation', '(none)'),
                                 entry ->> 'name'),
                HINT = CASE WHEN jsonb_array_length(entries) = 1
                            THEN 'Give the table of the events, such as events => ''crm.events''.'
                            ELSE format('Give the table with its schema, or null for none: sources => %L',
                                        jsonb_build_object(entry ->> 'name', 'crm.events')) END;
        END IF;
        result := result || (entry || jsonb_build_object('relation', relation::text));
    END LOOP;
    RETURN result;
END
$$;
COMMENT ON FUNCTION leadscore.fitted_sources(jsonb, regclass, name, name, name, jsonb) IS
    'Internal: the sources of events of a document with the tables that there are, as given or else as the document names them.';

CREATE FUNCTION leadscore.insert_entry(model text, relation regclass, item text, entry jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres'
AS $$
DECLARE
    columns text := (SELECT string_agg(format('%I', f.name), ', ') FROM jsonb_object_keys(entry || '{"model": ""}') AS f(name));
    constraint_name text;
BEGIN
    -- Only the columns that it has: the others are as by default.
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)', relation, columns, columns, relation)
    USING entry || jsonb_build_object('model', model);
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
    GET STACKED DIAGNOSTICS constraint_name = CONSTRAINT_NAME;
    RAISE EXCEPTION USING
        ERRCODE = SQLSTATE,
        MESSAGE = format('%s of the document cannot be imported: %s', item, SQLERRM),
        DETAIL = entry::text,
        CONSTRAINT = constraint_name;
END
$$;
COMMENT ON FUNCTION leadscore.insert_entry(text, regclass, text, jsonb) IS
    'Internal: inserts an entry of a document into its configuration table; an error that names the entry if that refuses it.';

CREATE FUNCTION leadscore.notice_absent_kinds(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    seen text[];
    absent text[];
BEGIN
    -- A source without a column for the kind has no kinds to compare with, and publish knows its one.
    IF EXISTS (SELECT FROM leadscore.event_source AS s WHERE s.model = notice_absent_kinds.model AND s.kind IS NULL) THEN
        RETURN;
    END IF;
    seen := leadscore.event_kinds(model);
    absent := array(SELECT DISTINCT r.event COLLATE "C" FROM leadscore.rule AS r
                    WHERE r.model = notice_absent_kinds.model AND r.event <> '*' AND r.event <> ALL (seen) ORDER BY 1);
    IF absent <> '{}' AND seen <> '{}' THEN
        RAISE NOTICE USING
            MESSAGE = format('so far there are no events of kind %s', array_to_string(absent, ', ')),
            DETAIL = format('There are: %s.', array_to_string(array(SELECT DISTINCT s.kind COLLATE "C" FROM unnest(seen) AS s(kind)
                                                                    ORDER BY 1), ', ')),
            HINT = format('If they have other names here, drop the model and import it with kinds => %L', (
                SELECT format('{%s}', string_agg(format('%s: %s', to_json(a.kind), to_json(a.proposal)), ', '))
                FROM (SELECT k.kind, coalesce(leadscore.nearest(k.kind, seen), '...') FROM unnest(absent) AS k(kind))
                    AS a(kind, proposal)));
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.notice_absent_kinds(text) IS
    'Internal: says which kinds of events the rules of a draft are about although there are none yet, if there are events at all.';

CREATE FUNCTION leadscore.import_model(
    name text, document jsonb, leads regclass DEFAULT NULL, key name DEFAULT NULL, created_at name DEFAULT NULL,
    events regclass DEFAULT NULL, lead name DEFAULT NULL, at name DEFAULT NULL, kind name DEFAULT NULL,
    columns jsonb DEFAULT '{}', event_columns jsonb DEFAULT '{}', kinds jsonb DEFAULT '{}', sources jsonb DEFAULT '{}',
    params jsonb DEFAULT '{}') RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    read jsonb := document;
    relation regclass;
    fitted jsonb;
    entry jsonb;
BEGIN
    PERFORM leadscore.require_new_model(name);
    PERFORM leadscore.require_document(document);
    IF jsonb_typeof(params) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'params must be a JSON object';
    END IF;
    -- What is given is none of the document's needs.
    IF key IS NOT NULL THEN
        read := read #- '{model,key}';
    END IF;
    IF created_at IS NOT NULL THEN
        read := read #- '{model,created_at}';
    END IF;
    relation := leadscore.fitted_leads(read, leads);
    read := jsonb_set(read, '{sources}', leadscore.fitted_sources(read, events, lead, at, kind, sources));
    fitted := leadscore.fitted_document(read, leadscore.fitted_names(
        read, relation, array(SELECT (s.entry ->> 'relation')::regclass FROM jsonb_array_elements(read -> 'sources') AS s(entry)),
        jsonb_build_object('columns', columns, 'event_columns', event_columns, 'kinds', kinds)));

    PERFORM leadscore.create_model(
        name, relation, coalesce(key, (fitted #>> '{model,key}')::name),
        coalesce(created_at, (fitted #>> '{model,created_at}')::name),
        (fitted #>> '{model,eligible}')::jsonpath, coalesce(fitted #> '{model,params}', '{}') || params,
        (fitted #>> '{model,notify}')::boolean);
    FOR entry IN SELECT s.entry FROM jsonb_array_elements(read -> 'sources') AS s(entry) LOOP
        PERFORM leadscore.add_events(name, (entry ->> 'relation')::regclass, (entry ->> 'lead')::name, (entry ->> 'at')::name,
                                     (entry ->> 'kind')::name, entry ->> 'name');
    END LOOP;
    PERFORM leadscore.insert_entry(name, e.relation, e.item, e.entry)
    FROM leadscore.document_entries(fitted) AS e WHERE e.section <> 'model' ORDER BY e.place;
    PERFORM leadscore.notice_absent_kinds(name);
END
$$;
COMMENT ON FUNCTION leadscore.import_model(text, jsonb, regclass, name, name, regclass, name, name, name, jsonb, jsonb, jsonb,
                                           jsonb, jsonb) IS
    'Makes a model with a draft from a document of leadscore.export_model, leadscore.template or leadscore.version, and publishes
nothing. leads, key, created_at: as in leadscore.create_model, else as in the document. events, lead, at, kind: the table of the
events, as in leadscore.add_events; for a document with several sources: sources, an object name of the source -> table with its
schema, or an object of relation, lead, at and kind as far as they differ, or null for none. columns, event_columns: objects that
map a column''s name in the document to the column here, to the path to a value inside a column as an array, or to null for none:
what uses it is left out, each told by a notice. kinds: the same for kinds of events. params: laid over those of the document, key
by key. It is an error, and nothing is made, if the name is taken, if the object is no document, is of a newer format or has faults,
or if tables or columns are missing: then all missing columns are named.';
