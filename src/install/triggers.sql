-- What keeps states current: the trigger functions, the queries that recompute and write, and what publish checks paths with.

CREATE FUNCTION leadscore.events_changed() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'leadscore_events_changed';
CREATE FUNCTION leadscore.leads_changed() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'leadscore_leads_changed';
COMMENT ON FUNCTION leadscore.events_changed() IS
    'Internal: AFTER STATEMENT trigger on an event table. Arguments: model, event source. Works with the rights of the model''s owner.';
COMMENT ON FUNCTION leadscore.leads_changed() IS
    'Internal: AFTER STATEMENT trigger on a leads table. Argument: model. Works with the rights of the model''s owner.';

CREATE FUNCTION leadscore.recompute_query(model text, keyed boolean) RETURNS text
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'leadscore_recompute_query';
CREATE FUNCTION leadscore.refresh_due(model text, at timestamptz) RETURNS bigint
    LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'leadscore_refresh_due';
CREATE FUNCTION leadscore.has_stale_ceiling(state leadscore.state, at timestamptz) RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_state_has_stale_ceiling';
CREATE FUNCTION leadscore.choose_ranked_above(model text) RETURNS float8
    LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'leadscore_choose_ranked_above';
COMMENT ON FUNCTION leadscore.recompute_query(text, boolean) IS
    'Internal: SQL that gives (lead, state) from rows and events. $1: horizon (timestamptz); $2, if keyed: the leads, each given exactly once.';
COMMENT ON FUNCTION leadscore.refresh_due(text, timestamptz) IS
    'Internal: adds the events that are pending to the states of their leads, and records the changes of tier that are due by an instant;
returns their number. Removes states that count no more.';
COMMENT ON FUNCTION leadscore.has_stale_ceiling(leadscore.state, timestamptz) IS
    'Internal: whether the score of a stored state has sunk so far below its ceiling that this had better be lowered.';
COMMENT ON FUNCTION leadscore.choose_ranked_above(text) IS
    'Internal: what to take for leadscore.version.ranked_above of the version that is published, from a sample of its leads; null: all
are to be ranked.';

CREATE FUNCTION leadscore.path_facts(path jsonpath, OUT is_predicate boolean, OUT columns text[], OUT variables text[])
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_path_facts';
CREATE FUNCTION leadscore.nearest(name text, candidates text[]) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_nearest';
COMMENT ON FUNCTION leadscore.path_facts(jsonpath) IS
    'Internal: whether a jsonpath is a predicate, the NAMEs of every $.NAME in it, and its variables.';
COMMENT ON FUNCTION leadscore.nearest(text, text[]) IS
    'Internal: the candidate most similar to a name, for a hint. Null if none is similar.';
