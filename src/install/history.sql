-- The course of scores: of one lead or all at any instant, a series, a trend, and where a lead stands among all.
--
-- What was is computed anew from the rows and events, never recalled. A state answers for every instant from its horizon on, so the
-- events are read once, however many instants are asked for.
--
-- The time goes into the engine's functions, whose cost makes PostgreSQL believe that compiling the query would pay: hence jit = off.

CREATE FUNCTION leadscore.state_at(model text, lead text, at timestamptz DEFAULT now()) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT COST 10000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_state_at';
CREATE FUNCTION leadscore.state_at(model text, lead anyelement, at timestamptz DEFAULT now()) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT COST 10000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_state_at';
COMMENT ON FUNCTION leadscore.state_at(text, text, timestamptz) IS
    'The state of one lead from an instant on, past ones too, computed from its row as it is and its events: its scores, tiers
(without the memory of latched ones) and next change can be read from it at that and every later instant. `lead` is its key, as
text. Null if it does not exist. Fails for an instant that is not finite, and if the model does not exist or is not published.';
COMMENT ON FUNCTION leadscore.state_at(text, anyelement, timestamptz) IS
    'The state of one lead from an instant on, past ones too; see state_at(text, text, timestamptz). `lead` is its key.';

-- All leads

CREATE FUNCTION leadscore.scores_at(model text, at timestamptz)
    RETURNS TABLE (lead text, score float8, tier text, dimensions jsonb)
    LANGUAGE plpgsql STABLE STRICT ROWS 10000
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
BEGIN
    IF NOT isfinite(scores_at.at) THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = 'scores are asked for at a finite instant';
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT format(''%%s'', r.lead), leadscore.score(r.state, $1), leadscore.tier(r.state, $1), leadscore.breakdown(r.state, $1)'
        ' FROM (%s) AS r WHERE leadscore.is_scored(r.state)', leadscore.recompute_query(scores_at.model, false))
    USING scores_at.at;
END
$$;
COMMENT ON FUNCTION leadscore.scores_at(text, timestamptz) IS
    'The scores of all leads that exist and are eligible, at any instant, past ones too, from their rows as they are and their
events up to then: the key as text, the score in points, the tier (null: none) that follows from the values then, without the
memory of latched tiers, and the values of all dimensions as an object. Reads all rows and events. Fails for an instant that is
not finite, and if the model does not exist or is not published. No row for a null.';

-- A series

CREATE FUNCTION leadscore.instants(since timestamptz, until timestamptz, step interval) RETURNS timestamptz[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most CONSTANT integer := 100000;
    result timestamptz[];
BEGIN
    IF since IS NULL OR until IS NULL OR step IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s must not be null',
                             CASE WHEN since IS NULL THEN 'since' WHEN until IS NULL THEN 'until' ELSE 'step' END);
    END IF;
    IF NOT isfinite(since) OR NOT isfinite(until) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'datetime_field_overflow',
            MESSAGE = 'a series of scores is asked for between finite instants';
    END IF;
    IF step <= '0' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('the step of a series must be positive, not %s', step);
    END IF;
    IF since > until THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('the series begins at %s, after its end at %s', since, until);
    END IF;
    -- In the list of SELECT the series is made as far as it is read, so that a very long one does no harm.
    result := array(SELECT generate_series(since, until, step) LIMIT most + 1);
    IF cardinality(result) > most THEN
        RAISE EXCEPTION USING
            ERRCODE = 'program_limit_exceeded',
            MESSAGE = format('the series has more than %s points', most),
            HINT = 'Take a longer step.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION leadscore.instants(timestamptz, timestamptz, interval) IS
    'Internal: the instants of a series; an error if it has too many, if the step is not positive, and for nulls.';

CREATE FUNCTION leadscore.series_of(state leadscore.state, instants timestamptz[])
    RETURNS TABLE (at timestamptz, score float8, tier text)
    LANGUAGE c STABLE STRICT ROWS 365 AS 'MODULE_PATHNAME', 'leadscore_series_of';
COMMENT ON FUNCTION leadscore.series_of(leadscore.state, timestamptz[]) IS
    'Internal: score and tier (without any memory) of a state at instants; no row unless it is that of a lead that is eligible.';

CREATE FUNCTION leadscore.score_series(model text, lead text, since timestamptz, until timestamptz DEFAULT now(),
                                       step interval DEFAULT '1 day')
    RETURNS TABLE (at timestamptz, score float8, tier text)
    LANGUAGE sql STABLE COST 10000 ROWS 365
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.* FROM leadscore.series_of(leadscore.state_at(model, lead, since), leadscore.instants(since, until, step)) AS s
$$;
CREATE FUNCTION leadscore.score_series(model text, lead anyelement, since timestamptz, until timestamptz DEFAULT now(),
                                       step interval DEFAULT '1 day')
    RETURNS TABLE (at timestamptz, score float8, tier text)
    LANGUAGE sql STABLE COST 10000 ROWS 365
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.* FROM leadscore.series_of(leadscore.state_at(model, lead, since), leadscore.instants(since, until, step)) AS s
$$;
COMMENT ON FUNCTION leadscore.score_series(text, text, timestamptz, timestamptz, interval) IS
    'The score of one lead, in points, and its tier at the instants of generate_series(since, until, step), for a chart: each as
leadscore.score(model, lead, at) gives it, but the events are read only once. The tier (null: none) follows from the values then,
without the memory of latched tiers. until: now() if left out; step: a day, of the session''s time zone. `lead` is its key, as
text. No row if the lead does not exist or is not eligible. It is an error if the step is not positive, if since is after until,
if one of them is null or not finite, if there are more than 100,000 points, or if the model does not exist or is not published.';
COMMENT ON FUNCTION leadscore.score_series(text, anyelement, timestamptz, timestamptz, interval) IS
    'The score of one lead and its tier at the instants of a series; see score_series(text, text, timestamptz, timestamptz,
interval). `lead` is its key.';

-- Trends

CREATE FUNCTION leadscore.instant_before(over interval) RETURNS timestamptz
    LANGUAGE plpgsql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF now() - over >= now() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('the time that a trend is over must be positive, not %s', over);
    END IF;
    RETURN now() - over;
END
$$;
COMMENT ON FUNCTION leadscore.instant_before(interval) IS 'Internal: now() less an interval; an error unless that is in the past.';

CREATE FUNCTION leadscore.trend(model text, lead text, over interval DEFAULT '7 days') RETURNS float8
    LANGUAGE sql STABLE STRICT COST 10000
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT leadscore.score(s.state) - leadscore.score(s.state, t.at)
    FROM leadscore.instant_before(over) AS t(at), leadscore.state_at(model, lead, t.at) AS s(state)
$$;
CREATE FUNCTION leadscore.trend(model text, lead anyelement, over interval DEFAULT '7 days') RETURNS float8
    LANGUAGE sql STABLE STRICT COST 10000
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT leadscore.score(s.state) - leadscore.score(s.state, t.at)
    FROM leadscore.instant_before(over) AS t(at), leadscore.state_at(model, lead, t.at) AS s(state)
$$;
COMMENT ON FUNCTION leadscore.trend(text, text, interval) IS
    'How much the score of one lead has risen over the last time, in points: leadscore.score(model, lead) less
leadscore.score(model, lead, now() - over). Negative: it fell. `lead` is its key, as text. Null if it does not exist or is not
eligible. It is an error if over is not positive, or if the model does not exist or is not published.';
COMMENT ON FUNCTION leadscore.trend(text, anyelement, interval) IS
    'How much the score of one lead has risen over the last time, in points; see trend(text, text, interval). `lead` is its key.';

CREATE FUNCTION leadscore.trends(model text, over interval DEFAULT '7 days')
    RETURNS TABLE (lead text, score float8, trend float8)
    LANGUAGE plpgsql STABLE STRICT ROWS 10000
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT format(''%%s'', r.lead), r.score, r.score - leadscore.score(r.state, $1)'
        ' FROM (SELECT q.lead, q.state, leadscore.score(q.state) AS score FROM (%s) AS q WHERE leadscore.is_scored(q.state)) AS r',
        leadscore.recompute_query(trends.model, false))
    USING leadscore.instant_before(trends.over);
END
$$;
COMMENT ON FUNCTION leadscore.trends(text, interval) IS
    'Of every lead that exists and is eligible: its key as text, its score now, and how much that has risen over the last time,
both in points; see trend. Reads all rows and events. It is an error if over is not positive, or if the model does not exist or is
not published. No row for a null.';

-- Rank

CREATE FUNCTION leadscore.percentile(model text, lead text) RETURNS float8
    LANGUAGE plpgsql STABLE STRICT COST 100000
    SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    key_type text;
    result float8;
BEGIN
    -- An error if there is no such model or it is not published.
    PERFORM leadscore.empty_state(percentile.model);
    -- Without length and domain, which would cut a key that is too long down to another one.
    SELECT format_type(leadscore.base_type(a.atttypid), -1) INTO STRICT key_type
    FROM pg_attribute AS a
    WHERE a.attrelid = format('%I.state', percentile.model)::regclass AND a.attname = 'lead';
    EXECUTE format(
        'WITH scored AS MATERIALIZED ('
        'SELECT l.lead, leadscore.score(l.state) AS score FROM (%s) AS l WHERE leadscore.is_scored(l.state))'
        ' SELECT 100 * (count(*) FILTER (WHERE o.score < s.score))::float8 / greatest(count(*) - 1, 1)'
        ' FROM scored AS s JOIN (SELECT $1::%s) AS r(lead) ON %s CROSS JOIN scored AS o GROUP BY s.lead',
        leadscore.live_query(percentile.model), key_type, leadscore.lead_is_same(percentile.model))
    INTO result USING percentile.lead;
    RETURN result;
END
$$;
CREATE FUNCTION leadscore.percentile(model text, lead anyelement) RETURNS float8
    LANGUAGE sql STABLE STRICT COST 100000
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT leadscore.percentile(model, lead::text)
$$;
COMMENT ON FUNCTION leadscore.percentile(text, text) IS
    'Where one lead stands now among all that exist and are eligible, from 0 to 100: 100 times the number of those with a lower
score, divided by the number of the others; 0 for the only one. For each lead of the view of scores it is what 100 *
percent_rank() OVER (ORDER BY score) gives, which is the way to have all of them. Reads all live states. `lead` is its key, as
text. Null if it does not exist or is not eligible. It is an error if the model does not exist or is not published.';
COMMENT ON FUNCTION leadscore.percentile(text, anyelement) IS
    'Where one lead stands now among all that exist and are eligible, from 0 to 100; see percentile(text, text). `lead` is its
key.';
