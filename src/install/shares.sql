-- The least and the most that the parts of a draft's dimensions can give: a share divides by the most. Infinite: no bound.

CREATE FUNCTION leadscore.extent_of_rule(rule leadscore.rule, OUT low float8, OUT high float8)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_once boolean := num_nonnulls(rule.at_least, rule.at_most) > 0 OR (rule.silent_for IS NOT NULL AND NOT rule.repeats);
    is_limited boolean := rule.max_awards IS NOT NULL AND rule.per IS NULL;
BEGIN
    low := least(rule.points, rule.else_points, 0);
    high := greatest(rule.points, rule.else_points, 0);
    IF rule.event IS NULL THEN
        RETURN;
    END IF;
    IF num_nonnulls(rule.resets, rule.grants) > 0 AND rule.points = 0 AND num_nonnulls(rule.min_points, rule.max_points) = 0 THEN
        low := NULL;
        high := NULL;
        RETURN;
    END IF;
    IF rule.multiplier IS NOT NULL THEN
        low := '-infinity';
        high := 'infinity';
    ELSIF is_limited THEN
        low := low * rule.max_awards;
        high := high * rule.max_awards;
    ELSIF NOT is_once THEN
        low := CASE WHEN low < 0 THEN '-infinity'::float8 ELSE 0 END;
        high := CASE WHEN high > 0 THEN 'infinity'::float8 ELSE 0 END;
    END IF;
    low := greatest(least(low, rule.max_points), rule.min_points);
    high := greatest(least(high, rule.max_points), rule.min_points);
END
$$;
COMMENT ON FUNCTION leadscore.extent_of_rule(leadscore.rule) IS 'Internal: the least and the most points that a rule can give; null: it is no part, for it only resets or grants.';

CREATE FUNCTION leadscore.extent_of_dimension(model text, path text, OUT low float8, OUT high float8)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    dimension leadscore.dimension;
    parts record;
BEGIN
    SELECT d.* INTO STRICT dimension
    FROM leadscore.dimension AS d WHERE d.model = extent_of_dimension.model AND d.path = extent_of_dimension.path;
    SELECT coalesce(sum(p.low), 0) AS low, coalesce(sum(p.high), 0) AS high,
           coalesce(min(p.low), 0) AS least, coalesce(max(p.low), 0) AS largest_low, coalesce(max(p.high), 0) AS largest_high
    INTO parts
    FROM leadscore.extents_of_parts(dimension.model, dimension.path) AS p;
    low := CASE dimension.combine
               WHEN 'sum' THEN parts.low
               WHEN 'max' THEN parts.largest_low
               WHEN 'first' THEN least(parts.least, 0)
               ELSE CASE WHEN parts.high > 0 AND parts.high < 'infinity' THEN 100 / parts.high * parts.low ELSE 0 END
           END;
    high := CASE dimension.combine
                WHEN 'sum' THEN parts.high
                WHEN 'max' THEN parts.largest_high
                WHEN 'first' THEN greatest(parts.largest_high, 0)
                ELSE 100
            END;
    low := greatest(least(dimension.base + low, dimension.max_value), dimension.min_value);
    high := greatest(least(dimension.base + high, dimension.max_value), dimension.min_value);
END
$$;
COMMENT ON FUNCTION leadscore.extent_of_dimension(text, text) IS
    'Internal: the least and the most that the value of a declared dimension of a draft can be, before its weight.';

CREATE FUNCTION leadscore.extents_of_parts(model text, path text) RETURNS TABLE (low float8, high float8)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.low, e.high
    FROM leadscore.rule AS r
    CROSS JOIN LATERAL leadscore.extent_of_rule(r) AS e
    WHERE r.model = extents_of_parts.model AND r.dimension = extents_of_parts.path AND r.enabled
    UNION ALL
    SELECT CASE WHEN d.weight > 0 THEN e.low * d.weight WHEN d.weight < 0 THEN e.high * d.weight ELSE 0 END,
           CASE WHEN d.weight > 0 THEN e.high * d.weight WHEN d.weight < 0 THEN e.low * d.weight ELSE 0 END
    FROM leadscore.dimension AS d
    CROSS JOIN LATERAL leadscore.extent_of_dimension(d.model, d.path) AS e
    WHERE d.model = extents_of_parts.model AND d.path <> 'score'
      AND coalesce(substring(d.path FROM '^(.*)\.'), 'score') = extents_of_parts.path
$$;
COMMENT ON FUNCTION leadscore.extents_of_parts(text, text) IS
    'Internal: of each enabled rule and each sub-dimension of a dimension of a draft, the least and the most that it can give it.';

CREATE FUNCTION leadscore.share_faults(model text) RETURNS TABLE (part integer, place float8, item text, fault text, hint text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE share(path, most) AS (
        SELECT d.path, (SELECT coalesce(sum(p.high), 0) FROM leadscore.extents_of_parts(d.model, d.path) AS p)
        FROM leadscore.dimension AS d WHERE d.model = share_faults.model AND d.combine = 'share'
    ), unbounded(rule, lacks, path, upwards) AS (
        -- From each rule without a bound up the tree, as long as nothing on the way bounds it; a weight below 0 turns it round.
        SELECT r, b.lacks, r.dimension, b.upwards
        FROM leadscore.rule AS r
        CROSS JOIN LATERAL leadscore.extent_of_rule(r) AS e
        CROSS JOIN LATERAL (VALUES ('max_points', true, e.high), ('min_points', false, e.low)) AS b(lacks, upwards, points)
        WHERE r.model = share_faults.model AND r.enabled AND abs(b.points) = 'infinity'
        UNION ALL
        SELECT u.rule, u.lacks, coalesce(substring(d.path FROM '^(.*)\.'), 'score'), u.upwards = (d.weight > 0)
        FROM unbounded AS u
        JOIN leadscore.dimension AS d ON d.model = share_faults.model AND d.path = u.path
        WHERE d.path <> 'score' AND d.weight <> 0
          AND CASE WHEN u.upwards THEN d.combine <> 'share' AND d.max_value IS NULL ELSE d.min_value IS NULL END
    )
    SELECT 3, 0::float8, format('dimension "%s"', s.path),
           'none of its parts can give points, of which it could be a share',
           'Give one of them points above 0, or set combine to sum.'
    FROM share AS s WHERE s.most <= 0
    UNION ALL
    SELECT 4, (u.rule).position, format('rule "%s"', (u.rule).name),
           format('it has no %s: the share "%s" needs the most that each of its parts can give', u.lacks, s.path),
           CASE WHEN (u.rule).multiplier IS NULL AND (u.rule).silent_for IS NULL
                THEN format('Set %s, or max_awards without per.', u.lacks)
                ELSE format('Set %s.', u.lacks) END
    FROM share AS s
    JOIN unbounded AS u ON u.path = s.path AND u.upwards
    WHERE s.most = 'infinity'
$$;
COMMENT ON FUNCTION leadscore.share_faults(text) IS
    'Internal: for draft_faults, dimensions that combine by share and the enabled rules without a bound that keep them from it.';
