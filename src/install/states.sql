-- Reading states at an instant, adding them, writing them.
--
-- `at` defaults to now(), or to the state's horizon if that is later: another transaction may have written the state after this one began.
-- An `at` before the horizon is refused: a state has forgotten what it no longer needs.

CREATE FUNCTION leadscore.score(state leadscore.state) RETURNS float8
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_score';
CREATE FUNCTION leadscore.score(state leadscore.state, at timestamptz) RETURNS float8
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_score';
CREATE FUNCTION leadscore.score(state leadscore.state, dimension text) RETURNS float8
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_dimension_score';
CREATE FUNCTION leadscore.score(state leadscore.state, dimension text, at timestamptz) RETURNS float8
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_dimension_score';
COMMENT ON FUNCTION leadscore.score(leadscore.state) IS
    'The score of a state now, in points. Null for a lead that is not eligible.';
COMMENT ON FUNCTION leadscore.score(leadscore.state, timestamptz) IS
    'The score of a state at an instant, in points. Null for a lead that is not eligible. Fails for an instant before the state''s horizon.';
COMMENT ON FUNCTION leadscore.score(leadscore.state, text) IS
    'The value of one dimension of a state now, in points, before its weight. Null for a lead that is not eligible. Fails for an unknown dimension.';
COMMENT ON FUNCTION leadscore.score(leadscore.state, text, timestamptz) IS
    'The value of one dimension of a state at an instant, in points, before its weight. Null for a lead that is not eligible. Fails for an unknown
dimension and for an instant before the state''s horizon.';

CREATE FUNCTION leadscore.grade(state leadscore.state, dimension text) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_grade';
CREATE FUNCTION leadscore.grade(state leadscore.state, dimension text, at timestamptz) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_grade';
COMMENT ON FUNCTION leadscore.grade(leadscore.state, text) IS
    'The grade of one dimension of a state now: the one with the highest minimum that its value reaches. Null if it reaches none, and for a
lead that is not eligible. Fails for an unknown dimension.';
COMMENT ON FUNCTION leadscore.grade(leadscore.state, text, timestamptz) IS
    'The grade of one dimension of a state at an instant; see grade(state, text). Fails for an instant before the state''s horizon, too.';

CREATE FUNCTION leadscore.best(state leadscore.state, dimension text) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_best';
CREATE FUNCTION leadscore.best(state leadscore.state, dimension text, at timestamptz) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_best';
COMMENT ON FUNCTION leadscore.best(leadscore.state, text) IS
    'The child whose value a dimension that combines by max or first takes now: the name of a rule, or the last part of a sub-dimension''s
path. Null if no child applies, and for a lead that is not eligible. Fails for a dimension that is unknown or combines otherwise.';
COMMENT ON FUNCTION leadscore.best(leadscore.state, text, timestamptz) IS
    'The child whose value a dimension takes at an instant; see best(state, text). Fails for an instant before the state''s horizon, too.';

CREATE FUNCTION leadscore.tier(state leadscore.state) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_tier';
CREATE FUNCTION leadscore.tier(state leadscore.state, at timestamptz) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_tier';
COMMENT ON FUNCTION leadscore.tier(leadscore.state) IS
    'The tier of a state now: the highest whose minimums hold, or that an event has granted, and whose applies_to is true; a latched one that
was reached is not left for a lower one; and what a person has set goes before. Null if none fits, without a lead, and for one that is
not eligible.';
COMMENT ON FUNCTION leadscore.tier(leadscore.state, timestamptz) IS
    'The tier of a state at an instant; see tier(state). Fails for an instant before the state''s horizon.';

CREATE FUNCTION leadscore.raw_tier(state leadscore.state, at timestamptz) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_raw_tier';
COMMENT ON FUNCTION leadscore.raw_tier(leadscore.state, timestamptz) IS
    'Internal: the tier of a state at an instant if it had no past, in which it may have reached a latched tier.';

CREATE FUNCTION leadscore.tier_since(state leadscore.state) RETURNS timestamptz
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_state_tier_since';
CREATE FUNCTION leadscore.tier_since(state leadscore.state, at timestamptz) RETURNS timestamptz
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_state_tier_since';
COMMENT ON FUNCTION leadscore.tier_since(leadscore.state) IS
    'Since when a stored state has had the tier that it has now. Null for a state that is not stored.';
COMMENT ON FUNCTION leadscore.tier_since(leadscore.state, timestamptz) IS
    'Since when a stored state will have had the tier that it has at an instant, if nothing but time happens. Null for a state that is not stored.';

CREATE FUNCTION leadscore.next_change(state leadscore.state) RETURNS timestamptz
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_state_next_change';
CREATE FUNCTION leadscore.next_change(state leadscore.state, at timestamptz) RETURNS timestamptz
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_state_next_change';
COMMENT ON FUNCTION leadscore.next_change(leadscore.state) IS
    'The next instant, to the microsecond, at which time alone changes the tier of a state. Null: never.';
COMMENT ON FUNCTION leadscore.next_change(leadscore.state, timestamptz) IS
    'The first instant after another at which time alone changes the tier of a state. Null: never. Fails for an instant before the state''s horizon.';

CREATE FUNCTION leadscore.breakdown(state leadscore.state) RETURNS jsonb
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_breakdown';
CREATE FUNCTION leadscore.breakdown(state leadscore.state, at timestamptz) RETURNS jsonb
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_breakdown';
COMMENT ON FUNCTION leadscore.breakdown(leadscore.state) IS
    'The values of all dimensions of a state now, as an object {"score": 63, "fit": 50, ...}. Null for a lead that is not eligible.';
COMMENT ON FUNCTION leadscore.breakdown(leadscore.state, timestamptz) IS
    'The values of all dimensions of a state at an instant; see breakdown(state). Fails for an instant before the state''s horizon.';

CREATE FUNCTION leadscore.last_event_at(state leadscore.state) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_last_event_at';
CREATE FUNCTION leadscore.version(state leadscore.state) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_version';
CREATE FUNCTION leadscore.horizon(state leadscore.state) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_horizon';
CREATE FUNCTION leadscore.is_scored(state leadscore.state) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_is_scored';
CREATE FUNCTION leadscore.is_empty(state leadscore.state) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_is_empty';
CREATE FUNCTION leadscore.due_at(state leadscore.state) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_due_at';
CREATE FUNCTION leadscore.ceiling(state leadscore.state) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_ceiling';
CREATE FUNCTION leadscore.has_changes(state leadscore.state) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_has_changes';
CREATE FUNCTION leadscore.changes(state leadscore.state, OUT at timestamptz, OUT from_tier text, OUT to_tier text, OUT score float8,
                                  OUT version integer, OUT cause text) RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 1 AS 'MODULE_PATHNAME', 'leadscore_state_changes';
COMMENT ON FUNCTION leadscore.last_event_at(leadscore.state) IS
    'The time of the latest event in a state, of whatever kind, also one dated in the future. Infinite times are left out. Null: no event.';
COMMENT ON FUNCTION leadscore.version(leadscore.state) IS 'The version of the model that a state belongs to.';
COMMENT ON FUNCTION leadscore.horizon(leadscore.state) IS 'The instant from which on a state answers; -infinity: any.';
COMMENT ON FUNCTION leadscore.is_scored(leadscore.state) IS 'Whether a state is that of a lead that exists and is eligible.';
COMMENT ON FUNCTION leadscore.is_empty(leadscore.state) IS 'Whether neither a lead nor an event nor an adjustment has gone into a state.';
COMMENT ON FUNCTION leadscore.due_at(leadscore.state) IS
    'Internal: no change of tier that time alone brings about comes before this instant; infinity: none will.';
COMMENT ON FUNCTION leadscore.ceiling(leadscore.state) IS
    'Internal: what the score of a stored state, in points, does not exceed if nothing but time happens; null: it is not ranked.';
COMMENT ON FUNCTION leadscore.has_changes(leadscore.state) IS 'Internal: whether the last write of a stored state recorded a change of tier.';
COMMENT ON FUNCTION leadscore.changes(leadscore.state) IS 'Internal: the changes of tier that the last write of a stored state recorded.';

CREATE FUNCTION leadscore.state_add(leadscore.state, leadscore.state) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_add';
COMMENT ON FUNCTION leadscore.state_add(leadscore.state, leadscore.state) IS 'Implementation of the + operator.';
CREATE OPERATOR leadscore.+ (
    LEFTARG = leadscore.state, RIGHTARG = leadscore.state, FUNCTION = leadscore.state_add, COMMUTATOR = OPERATOR(leadscore.+)
);
COMMENT ON OPERATOR leadscore.+ (leadscore.state, leadscore.state) IS
    'The state of both: all events together, what either knows of the lead. Fails for states of different versions.';

-- Writing

CREATE FUNCTION leadscore.empty_state(model text) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_empty_state';
CREATE FUNCTION leadscore.as_write(state leadscore.state, kind text, cause text, at timestamptz) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_as_write';
CREATE FUNCTION leadscore.advance(stored leadscore.state, write leadscore.state) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_advance';
CREATE FUNCTION leadscore.rescore_state(model text, stored leadscore.state, computed leadscore.state, cause text, at timestamptz)
    RETURNS leadscore.state
    LANGUAGE c STABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_rescore_state';
COMMENT ON FUNCTION leadscore.empty_state(text) IS 'The state of a lead of which nothing is known: what + leaves unchanged.';
COMMENT ON FUNCTION leadscore.as_write(leadscore.state, text, text, timestamptz) IS
    'Internal: a state as it is written at an instant. Kinds: nothing, add_events, replace_events, replace_lead, replace_all.';
COMMENT ON FUNCTION leadscore.advance(leadscore.state, leadscore.state) IS
    'Internal: a stored state after a write, with the changes of tier that this brings.';
COMMENT ON FUNCTION leadscore.rescore_state(text, leadscore.state, leadscore.state, text, timestamptz) IS
    'Internal: the state to store of a lead that was computed anew at an instant, after the stored one, with the changes of tier that this
brings. Either may be null: there was none; nothing is known of the lead any more.';
