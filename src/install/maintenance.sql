-- Scoring all leads, letting time pass, and checking that live scores are what a recompute gives.

-- Scoring all leads

CREATE FUNCTION leadscore.begin_noting(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET row_security = on
AS $$
BEGIN
    -- While somebody holds this lock, triggers note which leads change.
    EXECUTE format('LOCK TABLE %I.changed IN SHARE UPDATE EXCLUSIVE MODE', model);
    -- Who empties a table, or drops a part of one, has all leads scored anew with all states locked: either is over now, or waits.
    PERFORM leadscore.lock_tables(array(SELECT leadscore.tables_of(model)), 'ACCESS SHARE');
    EXECUTE format('LOCK TABLE %I.state IN ROW EXCLUSIVE MODE', model);
END
$$;
COMMENT ON FUNCTION leadscore.begin_noting(text) IS
    'Internal: from now on until the end of the transaction, the leads that others change are noted in the model''s table changed.';

CREATE FUNCTION leadscore.try_switch(model text, cause text, attempt integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET row_security = on
    SET lock_timeout = '50ms'
AS $$
BEGIN
    -- Beside a writer publish waits with locks that he may wait for: those on tables that it leaves, and on views.
    PERFORM set_config('lock_timeout', leadscore.patience(attempt, cause = 'publish')::text, true);
    IF cause = 'publish' THEN
        PERFORM leadscore.follow_draft(model);
        PERFORM leadscore.create_scores_view(model, leadscore.newest_config(model));
        PERFORM leadscore.create_rollup_views(model);
    END IF;
    EXECUTE format('LOCK TABLE %I.live IN SHARE MODE', model);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION leadscore.try_switch(text, text, integer) IS
    'Internal: does what publish has to do under locks that others wait for, and keeps all writers of the model''s states out until the
end of the transaction. Gives up, and returns false, if others are in the way for longer than is due at that attempt
(leadscore.patience).';

CREATE FUNCTION leadscore.wait_for_switch(model text, cause text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET row_security = on
AS $$
BEGIN
    PERFORM leadscore.wait_for_holders(format('%I.live', model)::regclass, 'SHARE');
    IF cause = 'publish' THEN
        PERFORM leadscore.wait_for_holders(g.relation, 'ACCESS EXCLUSIVE') FROM leadscore.forsaken_tables(model) AS g;
        IF NOT leadscore.has_scores_view(model, leadscore.newest_config(model)) THEN
            PERFORM leadscore.wait_for_holders(to_regclass(format('%I.scores', model)), 'ACCESS EXCLUSIVE');
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION leadscore.wait_for_switch(text, text) IS
    'Internal: waits until those are gone who are in the way of try_switch, without being in anybody''s way.';

-- Few expressions, and functions of ours in all of them: compiling gains nothing. Two aggregations, a join and their result are in memory
-- at once, each up to work_mem. All events are read: to fetch them one by one in the order of an index, which spares a sort, takes twice as
-- long as to read the table and to sort it, and yet the planner prefers it as long as the table fits into effective_cache_size.
CREATE FUNCTION leadscore.score_everybody(model text, cause text) RETURNS bigint
    LANGUAGE c VOLATILE STRICT SET jit = off SET hash_mem_multiplier = 1 SET enable_indexscan = off
    AS 'MODULE_PATHNAME', 'leadscore_score_everybody';
COMMENT ON FUNCTION leadscore.score_everybody(text, text) IS
    'Internal: after lock_model, scores every lead with the newest version from its row and events, beside the live states while others
write, and switches to it; writers wait from then on until the transaction ends. cause: publish or rebuild. Returns how many leads have a
state then.';

CREATE FUNCTION leadscore.progress() RETURNS TABLE (pid integer, model text, command text, phase text, done bigint, expected bigint,
                                                    started_at timestamptz)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.pid, replace(p.part[2], '''''', ''''), p.part[1], p.part[3], p.part[4]::bigint, p.part[5]::bigint, a.query_start
    FROM pg_stat_activity AS a
    CROSS JOIN regexp_match(a.query, '^leadscore\.(publish|rebuild)\(''(.*)''\): ([a-z ]+)(?:: (\d{1,18})(?: of about (\d{1,18}))?)?$')
        AS p(part)
    WHERE a.datname = current_database() AND a.state = 'active' AND p.part IS NOT NULL
    ORDER BY a.query_start, a.pid
$$;
COMMENT ON FUNCTION leadscore.progress() IS
    'How far each publish and rebuild is that runs in this database: the process (pid) and model, what it does now (phase), how many rows
of that are done and about how many there are, as far as the statistics of PostgreSQL know (null: not counted; not known), since when it
runs. It is taken from pg_stat_activity, of whose queries one sees those of one''s own roles, or all with the rights of
pg_read_all_stats; and only with track_activities on.';

CREATE FUNCTION leadscore.rebuild(model text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := leadscore.require_published(rebuild.model);
BEGIN
    PERFORM leadscore.lock_model(name);
    RETURN leadscore.score_everybody(name, 'rebuild');
END
$$;
COMMENT ON FUNCTION leadscore.rebuild(text) IS
    'Scores every lead of a model again, from its row and its events, with the version that is published: for when triggers could
not see a change, such as one that logical replication applied. Returns how many leads have a row, events or adjustments. Others read and
write meanwhile; writers of leads and events wait for a moment at its end, until the transaction ends. It is an error if the model does not exist or is not published, or under REPEATABLE READ or SERIALIZABLE.';

-- Letting time pass

CREATE FUNCTION leadscore.remove_left_overs(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('DELETE FROM %1$I.state AS s WHERE s.ctid = ANY (array(SELECT o.ctid FROM %1$I.state AS o'
                   ' WHERE o.generation < leadscore.live_generation(%1$L) LIMIT 50000))', model);
END
$$;
COMMENT ON FUNCTION leadscore.remove_left_overs(text) IS
    'Internal: removes states that have not counted any more since a publish or rebuild; 50,000 at most, so that the cost is bounded.';

CREATE FUNCTION leadscore.refresh(model text, at timestamptz DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := leadscore.require_published(refresh.model);
    until timestamptz;
BEGIN
    EXECUTE format('LOCK TABLE %I.live IN SHARE UPDATE EXCLUSIVE MODE', name);
    until := coalesce(refresh.at, clock_timestamp());
    IF until > clock_timestamp() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s lies in the future', until),
            HINT = 'What will be at a later time can be read without recording it: leadscore.tier(state, at), for example.';
    END IF;
    RETURN leadscore.refresh_due(name, until);
END
$$;
COMMENT ON FUNCTION leadscore.refresh(text, timestamptz) IS
    'Records the changes of tier that time alone has brought about up to at (now if null), each at its own instant, and those of pending
events, and tells who listens. Returns how many. Scores are exact without it; run it as often as the record is to be fresh. The cost
follows the number of leads that are due; and it removes some of the states that a publish or rebuild has left behind. It is an error if at lies in the future, or if the model does not exist or is not published.';

-- Checking

CREATE FUNCTION leadscore.verify(model text, at timestamptz DEFAULT NULL)
    RETURNS TABLE (lead text, dimension text, live float8, recomputed float8)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    name text := leadscore.require_published(verify.model);
    instant timestamptz := coalesce(verify.at, clock_timestamp());
    tiers jsonb := (SELECT jsonb_object_agg(t.name, t.position)
                    FROM jsonb_to_recordset(leadscore.newest_config(verify.model) -> 'tiers') AS t(name text, position float8));
BEGIN
    IF NOT isfinite(instant) THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = 'scores are compared at a finite instant';
    END IF;
    -- Whole documents are compared first: almost all are equal, and taking one apart costs more than the comparison.
    RETURN QUERY EXECUTE format($query$
        SELECT p.lead, d.name, d.live, d.recomputed
        FROM (
            SELECT format('%%s', coalesce(s.lead, r.lead)) AS lead,
                   leadscore.breakdown(s.state, t.at) AS live, leadscore.breakdown(r.state, t.at) AS recomputed,
                   leadscore.raw_tier(s.state, t.at) AS live_tier, leadscore.raw_tier(r.state, t.at) AS recomputed_tier,
                   leadscore.last_event_at(s.state) AS live_event, leadscore.last_event_at(r.state) AS recomputed_event
            FROM (SELECT x.lead, x.state FROM (%s) AS x WHERE NOT leadscore.is_empty(x.state)) AS s
            FULL JOIN (SELECT x.lead, x.state FROM (%s) AS x WHERE NOT leadscore.is_empty(x.state)) AS r ON %s
            CROSS JOIN LATERAL greatest($1, leadscore.horizon(s.state), leadscore.horizon(r.state)) AS t(at)
            -- Where one of the two has no state, the other may hold nothing but an adjustment that has ended since.
            WHERE s.state IS NOT NULL AND r.state IS NOT NULL
               OR NOT leadscore.is_empty(leadscore.as_write(coalesce(s.state, r.state), 'nothing', 'time', t.at))
        ) AS p
        CROSS JOIN LATERAL (
            SELECT coalesce(l.key, r.key), l.value::float8, r.value::float8
            FROM jsonb_each(p.live) AS l FULL JOIN jsonb_each(p.recomputed) AS r ON l.key = r.key
            WHERE (abs(l.value::float8 - r.value::float8)
                   <= 1e-9 * greatest(1, abs(l.value::float8), abs(r.value::float8))) IS NOT TRUE
            UNION ALL
            SELECT '(tier)', ($2 -> p.live_tier)::float8, ($2 -> p.recomputed_tier)::float8
            WHERE p.live_tier IS DISTINCT FROM p.recomputed_tier
            UNION ALL
            SELECT '(last_event_at)', extract(epoch FROM p.live_event)::float8, extract(epoch FROM p.recomputed_event)::float8
            WHERE p.live_event IS DISTINCT FROM p.recomputed_event
        ) AS d(name, live, recomputed)
        WHERE p.live IS DISTINCT FROM p.recomputed
           OR p.live_tier IS DISTINCT FROM p.recomputed_tier OR p.live_event IS DISTINCT FROM p.recomputed_event
        $query$, leadscore.live_query(name), leadscore.recompute_query(name, false), leadscore.lead_is_same(name))
    USING instant, tiers;
END
$$;
COMMENT ON FUNCTION leadscore.verify(text, timestamptz) IS
    'Where live scores differ from those that a recompute from all rows and events gives, at an instant (now if null; a state that
is newer than that, at its own): lead, dimension, both values in points, null where there is none. (tier) compares the positions of
tiers, without what latched ones remember, (last_event_at) seconds since 1970. No row: all is well. Values are taken as equal up to 1e-9 of the larger one, or of 1. It
is an error if at is not finite, or if the model does not exist or is not published.';
