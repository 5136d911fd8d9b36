-- The draft as a document, and the columns that the view of its scores has.

CREATE FUNCTION leadscore.draft(model text) RETURNS jsonb
    LANGUAGE sql STABLE
    -- A document of one meaning, whatever the session shows intervals and numbers like.
    SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres' SET extra_float_digits = 1
AS $$
    SELECT jsonb_build_object(
        'format', 1,
        'model', to_jsonb(m) - 'id',
        'sources', coalesce((SELECT jsonb_agg(to_jsonb(s) - 'model' ORDER BY s.name COLLATE "C")
                             FROM leadscore.event_source AS s WHERE s.model = m.name), '[]'),
        'dimensions', coalesce((SELECT jsonb_agg(to_jsonb(d) - 'model' ORDER BY d.path COLLATE "C")
                                FROM leadscore.dimension AS d WHERE d.model = m.name), '[]'),
        'rules', coalesce((SELECT jsonb_agg(to_jsonb(r) - 'model' ORDER BY r.position, r.name COLLATE "C")
                           FROM leadscore.rule AS r WHERE r.model = m.name AND r.enabled), '[]'),
        'tiers', coalesce((SELECT jsonb_agg(to_jsonb(t) - 'model' ORDER BY t.position)
                           FROM leadscore.tier AS t WHERE t.model = m.name), '[]'),
        'grades', coalesce((SELECT jsonb_agg(to_jsonb(g) - 'model' ORDER BY g.dimension COLLATE "C", g.minimum)
                            FROM leadscore.grade AS g WHERE g.model = m.name), '[]'))
    FROM leadscore.model AS m WHERE m.name = draft.model
$$;
COMMENT ON FUNCTION leadscore.draft(text) IS
    'Internal: the draft of a model as leadscore.version keeps it; null if there is no such model.';

CREATE FUNCTION leadscore.scores_columns(config jsonb)
    RETURNS TABLE (name text, type regtype, expression text, label_of text, comment text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH declared AS (
        SELECT d.path, d.combine, d.place
        FROM ROWS FROM (jsonb_to_recordset(config -> 'dimensions') AS (path text, combine text))
             WITH ORDINALITY AS d(path, combine, place)
        WHERE position('.' IN d.path) = 0
    ), shown(path, place, has_grades, has_best) AS (
        SELECT path, CASE path WHEN 'score' THEN 0 ELSE d.place END,
               path IN (SELECT g.dimension FROM jsonb_to_recordset(config -> 'grades') AS g(dimension text)),
               d.combine IN ('max', 'first')
        FROM declared AS d FULL JOIN (VALUES ('score')) AS r(path) USING (path)
    )
    SELECT c.name, c.type::regtype, c.expression, c.label_of, c.comment
    FROM (
        SELECT -1, 0, config #>> '{model,key}', NULL, 's.lead', NULL, 'The lead''s key.'
        UNION ALL
        SELECT s.place, 1, s.path, 'float8',
               CASE s.path WHEN 'score' THEN 'leadscore.score(s.state)' ELSE format('leadscore.score(s.state, %L)', s.path) END, NULL,
               CASE s.path WHEN 'score' THEN 'The score now, in points.'
                           ELSE format('The value of dimension "%s" now, in points, before its weight.', s.path) END
        FROM shown AS s
        UNION ALL
        SELECT s.place, 2, s.path || '_grade', 'text', format('leadscore.grade(s.state, %L)', s.path), s.path,
               format('The grade of dimension "%s" now; null: its value reaches none.', s.path)
        FROM shown AS s WHERE s.has_grades
        UNION ALL
        SELECT s.place, 3, s.path || '_best', 'text', format('leadscore.best(s.state, %L)', s.path), s.path,
               format('The part that wins in dimension "%s" now; null: none applies.', s.path)
        FROM shown AS s WHERE s.has_best
        UNION ALL
        SELECT 1000000, t.place, t.name, t.type, format('leadscore.%s(s.state)', t.read_by), NULL, t.comment
        FROM (VALUES
            (1, 'tier', 'text', 'tier', 'The tier now; null: none fits.'),
            (2, 'tier_since', 'timestamptz', 'tier_since', 'Since when it is that tier.'),
            (3, 'last_event_at', 'timestamptz', 'last_event_at', 'The time of the latest event, also of one yet to come; null: no event.'),
            (4, 'next_change_at', 'timestamptz', 'next_change', 'When time alone will change the tier; null: never.'),
            (5, 'version', 'integer', 'version', 'The version of the model that scores.')) AS t(place, name, type, read_by, comment)
    ) AS c(place, rank, name, type, expression, label_of, comment)
    ORDER BY c.place, c.rank
$$;
COMMENT ON FUNCTION leadscore.scores_columns(jsonb) IS
    'Internal: the columns of the view of the scores of a version, in their order, with their types (null: the key''s) and what gives them
from a row s of (lead, state). label_of: the dimension whose grade or best part the column shows. comment: what it means.';
