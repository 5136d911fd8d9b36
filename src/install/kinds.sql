-- Kinds of events are data: no table says which there are. So a rule about a kind that never happened may be right or a slip of the pen.

CREATE FUNCTION leadscore.event_kinds(model text, among text[] DEFAULT NULL) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source record;
    found text[];
    kinds text[] := '{}';
BEGIN
    FOR source IN
        SELECT s.relation, s.kind, s.name FROM leadscore.event_source AS s
        LEFT JOIN pg_attribute AS a ON a.attrelid = s.relation AND a.attname = s.kind AND a.attnum > 0 AND NOT a.attisdropped
        WHERE s.model = event_kinds.model AND (s.kind IS NULL OR has_column_privilege(s.relation, a.attnum, 'SELECT'))
          AND (SELECT c.relkind IN ('r', 'p') FROM pg_class AS c WHERE c.oid = s.relation)
    LOOP
        IF source.kind IS NULL THEN
            kinds := kinds || source.name;
        ELSE
            -- By the type's output function: a cast to text may be the code of who made the type.
            EXECUTE format('SELECT array_agg(DISTINCT format(''%%s'', e.%1$I)) FROM %2$s AS e WHERE e.%1$I IS NOT NULL%3$s', source.kind,
                           source.relation, CASE WHEN among IS NOT NULL THEN format(' AND format(''%%s'', e.%I) = ANY ($1)', source.kind) END)
                INTO found USING among;
            kinds := kinds || found;
        END IF;
    END LOOP;
    RETURN kinds;
END
$$;
COMMENT ON FUNCTION leadscore.event_kinds(text, text[]) IS
    'Internal: the kinds of the events that a draft''s sources have, and names of sources that are kinds; only those among some if not null.';

CREATE FUNCTION leadscore.notice_doubtful_kinds(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    -- What the version that scores asks for was looked at when it was published.
    absent text[] := array(
        SELECT r.event FROM leadscore.rule AS r WHERE r.model = model AND r.enabled AND r.event <> '*'
        EXCEPT
        SELECT r.event FROM jsonb_to_recordset(leadscore.newest_config(model) -> 'rules') AS r(event text));
    kinds text[];
    doubt record;
BEGIN
    IF absent <> '{}' THEN
        absent := array(SELECT unnest(absent) EXCEPT SELECT unnest(leadscore.event_kinds(model, absent)));
    END IF;
    IF absent <> '{}' THEN
        kinds := leadscore.event_kinds(model);
        FOR doubt IN
            SELECT r.name, r.event, leadscore.suggestion(r.event, kinds) AS hint FROM leadscore.rule AS r
            WHERE r.model = model AND r.enabled AND r.event = ANY (absent) ORDER BY r.position, r.name COLLATE "C"
        LOOP
            -- Without a kind that looks like it, it is more likely one that is still to come.
            CONTINUE WHEN doubt.hint IS NULL;
            RAISE NOTICE USING
                MESSAGE = format('rule "%s": so far there are no events of kind "%s"', doubt.name, doubt.event),
                HINT = doubt.hint;
        END LOOP;
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.notice_doubtful_kinds(text) IS
    'Internal: for publish, says which rules are new to a draft and about a kind that has no events, if one that has looks like it.';
