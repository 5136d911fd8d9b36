-- Aggregates: over events, over states, and one that needs no model. All are order-free, and run in parallel and partitionwise plans.

CREATE FUNCTION leadscore.event_state_step(leadscore.state, model text, event anyelement) RETURNS leadscore.state
    LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_event_state_step';
CREATE FUNCTION leadscore.event_state_step(leadscore.state, model text, event anyelement, as_of timestamptz) RETURNS leadscore.state
    LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_event_state_step';
CREATE FUNCTION leadscore.state_combine(leadscore.state, leadscore.state) RETURNS leadscore.state
    LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_combine';
CREATE FUNCTION leadscore.state_final(leadscore.state) RETURNS leadscore.state
    LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_final';
CREATE FUNCTION leadscore.engagement_final(leadscore.state) RETURNS float8
    LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_engagement_final';
COMMENT ON FUNCTION leadscore.event_state_step(leadscore.state, text, anyelement) IS 'Internal: transition function of event_state and engagement.';
COMMENT ON FUNCTION leadscore.event_state_step(leadscore.state, text, anyelement, timestamptz) IS
    'Internal: transition function of event_state and engagement.';
COMMENT ON FUNCTION leadscore.state_combine(leadscore.state, leadscore.state) IS
    'Internal: transition function of merge, combine function of the aggregates over events.';
COMMENT ON FUNCTION leadscore.state_final(leadscore.state) IS 'Internal: final function of event_state and merge.';
COMMENT ON FUNCTION leadscore.engagement_final(leadscore.state) IS 'Internal: final function of engagement.';

CREATE AGGREGATE leadscore.event_state(model text, event anyelement) (
    SFUNC = leadscore.event_state_step, STYPE = leadscore.state, SSPACE = 256, FINALFUNC = leadscore.state_final,
    COMBINEFUNC = leadscore.state_combine, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.event_state(model text, event anyelement, as_of timestamptz) (
    SFUNC = leadscore.event_state_step, STYPE = leadscore.state, SSPACE = 256, FINALFUNC = leadscore.state_final,
    COMBINEFUNC = leadscore.state_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.event_state(text, anyelement) IS
    'The state of rows of an event table, whose scores can be read from now() on. Rows without time are ignored. Null without rows.';
COMMENT ON AGGREGATE leadscore.event_state(text, anyelement, timestamptz) IS
    'The state of rows of an event table, whose scores can be read from the instant as_of on. Null without rows, or if as_of is null. It is
an error if as_of is not finite, or not the same for all rows.';

CREATE AGGREGATE leadscore.engagement(model text, event anyelement) (
    SFUNC = leadscore.event_state_step, STYPE = leadscore.state, SSPACE = 256, FINALFUNC = leadscore.engagement_final,
    COMBINEFUNC = leadscore.state_combine, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.engagement(model text, event anyelement, at timestamptz) (
    SFUNC = leadscore.event_state_step, STYPE = leadscore.state, SSPACE = 256, FINALFUNC = leadscore.engagement_final,
    COMBINEFUNC = leadscore.state_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.engagement(text, anyelement) IS
    'What rows of an event table are worth now: the score without lead rules and bases, in points. Null without rows.';
COMMENT ON AGGREGATE leadscore.engagement(text, anyelement, timestamptz) IS
    'What rows of an event table are worth at an instant: the score without lead rules and bases, in points. Null without rows, or if at is
null. It is an error if at is not finite, or not the same for all rows.';

CREATE AGGREGATE leadscore.merge(state leadscore.state) (
    SFUNC = leadscore.state_combine, STYPE = leadscore.state, SSPACE = 256, FINALFUNC = leadscore.state_final,
    COMBINEFUNC = leadscore.state_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.merge(leadscore.state) IS
    'The state of all states together, as + gives it. Nulls are ignored; null without states. Fails for states of different versions.';

CREATE FUNCTION leadscore.decayed_sum_step(float8, points float8, at timestamptz, half_life interval) RETURNS float8
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_decayed_sum_step';
CREATE FUNCTION leadscore.decayed_sum_step(float8, points float8, at timestamptz, half_life interval, as_of timestamptz) RETURNS float8
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_decayed_sum_step';
COMMENT ON FUNCTION leadscore.decayed_sum_step(float8, float8, timestamptz, interval) IS 'Internal: transition function of decayed_sum.';
COMMENT ON FUNCTION leadscore.decayed_sum_step(float8, float8, timestamptz, interval, timestamptz) IS 'Internal: transition function of decayed_sum.';

CREATE AGGREGATE leadscore.decayed_sum(points float8, at timestamptz, half_life interval) (
    SFUNC = leadscore.decayed_sum_step, STYPE = float8, COMBINEFUNC = float8pl, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.decayed_sum(points float8, at timestamptz, half_life interval, as_of timestamptz) (
    SFUNC = leadscore.decayed_sum_step, STYPE = float8, COMBINEFUNC = float8pl, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.decayed_sum(float8, timestamptz, interval) IS
    'Sum of points * 2^(-age/half_life) now, over the rows that are not in the future. Rows with a null are ignored; null without rows.';
COMMENT ON AGGREGATE leadscore.decayed_sum(float8, timestamptz, interval, timestamptz) IS
    'Sum of points * 2^(-age/half_life) at the instant as_of, over the rows up to then. Rows with a null are ignored; null without rows.';
