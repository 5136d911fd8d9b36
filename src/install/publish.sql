-- From the draft to a version.

CREATE FUNCTION leadscore.newest_config(model text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.config FROM leadscore.version AS v WHERE v.model = newest_config.model ORDER BY v.version DESC LIMIT 1
$$;
COMMENT ON FUNCTION leadscore.newest_config(text) IS 'Internal: the newest version of a model, as it was published. Null if there is none.';

CREATE FUNCTION leadscore.has_scores_view(model text, config jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    -- Its columns tell one view from another: the name and type of each, but for the key's type.
    SELECT array(SELECT concat_ws(' ', c.name, c.type)
                 FROM leadscore.scores_columns(config) WITH ORDINALITY AS c(name, type, expression, label_of, comment, place)
                 ORDER BY c.place)
           = array(SELECT concat_ws(' ', a.attname, CASE WHEN a.attnum > 1 THEN a.atttypid::regtype END) FROM pg_attribute AS a
                   WHERE a.attrelid = to_regclass(format('%I.scores', model)) AND a.attnum > 0 AND NOT a.attisdropped
                   ORDER BY a.attnum)
$$;
COMMENT ON FUNCTION leadscore.has_scores_view(text, jsonb) IS
    'Internal: whether the view of a model''s scores is there as a version needs it.';

CREATE FUNCTION leadscore.create_scores_view(model text, config jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    view text := format('%I.scores', model);
    query text := format(
        'SELECT %s FROM (%s) AS s WHERE leadscore.is_scored(s.state)',
        (SELECT string_agg(format('%s AS %I', c.expression, c.name), ', ' ORDER BY c.place)
         FROM leadscore.scores_columns(config) WITH ORDINALITY AS c(name, type, expression, label_of, comment, place)),
        leadscore.scored_query(model));
    comment text;
BEGIN
    -- A view that stays need not be locked against its readers.
    IF leadscore.has_scores_view(model, config) THEN
        RETURN;
    END IF;
    PERFORM leadscore.replace_view(view, query);
    EXECUTE format('COMMENT ON VIEW %s IS %L', view, format(
        'The scores of model "%s", in points, exact as of now(): of the leads that exist and are eligible.', model));
    FOR comment IN SELECT format('COMMENT ON COLUMN %s.%I IS %L', view, c.name, c.comment) FROM leadscore.scores_columns(config) AS c LOOP
        EXECUTE comment;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.create_scores_view(text, jsonb) IS
    'Internal: creates or replaces the view of a model''s scores. It is an error if its columns change while others depend on it.';

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
    PERFORM leadscore.notice_doubtful_kinds(name);
    BEGIN
        -- One statement, so one snapshot: what is checked is what is frozen, though others edit the draft.
        SELECT leadscore.draft(name) AS config, count(*) AS count,
               string_agg(f.item || ': ' || f.fault, E'\n' ORDER BY f.place) AS detail,
               string_agg(f.item || ': ' || f.hint, E'\n' ORDER BY f.place) AS hint
        INTO faults
        FROM leadscore.draft_faults(name) WITH ORDINALITY AS f(item, fault, hint, place);
    EXCEPTION WHEN program_limit_exceeded THEN
        RAISE EXCEPTION USING
            ERRCODE = 'program_limit_exceeded',
            MESSAGE = format('model "%s" is too large to be published', name),
            DETAIL = format('A version is one document, of 256 MB at most: %s.', SQLERRM),
            HINT = 'Rules that differ by a value alone can be one, with a multiplier that looks the value up in params.';
    END;
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
    UPDATE leadscore.version AS v SET ranked_above = leadscore.choose_ranked_above(name) WHERE v.model = name AND v.version = number;
    IF leadscore.begins_to_follow(name) THEN
        PERFORM leadscore.lock_tables(array(SELECT leadscore.tables_of(name)), 'SHARE ROW EXCLUSIVE');
    END IF;
    PERFORM leadscore.score_everybody(name, 'publish');
    RETURN number;
END
$$;
COMMENT ON FUNCTION leadscore.publish(text) IS
    'Freezes a model''s draft as its next version, which scores from now on: checks it, follows the tables of leads and events with
triggers, makes the view of the scores, and scores every lead from its row and events. Returns the number of the version. Others read and
write meanwhile, with the version that is live; writers of leads and events wait for a moment at its end, until the transaction ends. Only
where the version is the first one, or about a table or a column with the lead that the one before it is not about, writers wait from the
beginning. It is an error, and nothing changes, if the draft has faults: 42P17, with all of them
(see leadscore.draft_faults); also if the model does not exist, or under REPEATABLE READ or SERIALIZABLE.';
