-- Scoring rows: leads by their attributes, one lead at any instant, and why.

CREATE FUNCTION leadscore.fit(model text, lead anyelement) RETURNS float8
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_fit';
COMMENT ON FUNCTION leadscore.fit(text, anyelement) IS
    'What a lead''s own attributes are worth: the score without events, in points. `lead` is a row of the leads table. Null if it is not eligible.';

CREATE FUNCTION leadscore.lead_state(model text, lead anyelement) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_lead_state';
COMMENT ON FUNCTION leadscore.lead_state(text, anyelement) IS
    'The state of a row of the leads table, without events: add an event_state to it with +.';

CREATE FUNCTION leadscore.score(model text, lead text) RETURNS float8
    LANGUAGE c STABLE STRICT COST 10000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_lead_score';
CREATE FUNCTION leadscore.score(model text, lead anyelement) RETURNS float8
    LANGUAGE c STABLE STRICT COST 10000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_lead_score';
CREATE FUNCTION leadscore.score(model text, lead text, at timestamptz) RETURNS float8
    LANGUAGE c STABLE STRICT COST 10000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_lead_score';
CREATE FUNCTION leadscore.score(model text, lead anyelement, at timestamptz) RETURNS float8
    LANGUAGE c STABLE STRICT COST 10000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_lead_score';
COMMENT ON FUNCTION leadscore.score(text, text) IS
    'The score of one lead now, in points, from its row and events. `lead` is its key, as text. Null if it does not exist or is not eligible.';
COMMENT ON FUNCTION leadscore.score(text, anyelement) IS
    'The score of one lead now, in points, from its row and events. `lead` is its key. Null if it does not exist or is not eligible.';
COMMENT ON FUNCTION leadscore.score(text, text, timestamptz) IS
    'The score of one lead at any instant, past ones too, from its row as it is and its events up to then; see score(text, text).';
COMMENT ON FUNCTION leadscore.score(text, anyelement, timestamptz) IS
    'The score of one lead at any instant, past ones too, from its row as it is and its events up to then; see score(text, anyelement).';

CREATE FUNCTION leadscore.explain(model text, lead text, at timestamptz DEFAULT now())
    RETURNS TABLE (path text, rule text, awards bigint, last_at timestamptz, points float8, share float8, best text)
    LANGUAGE c STABLE STRICT COST 10000 ROWS 20 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_explain';
CREATE FUNCTION leadscore.explain(model text, lead anyelement, at timestamptz DEFAULT now())
    RETURNS TABLE (path text, rule text, awards bigint, last_at timestamptz, points float8, share float8, best text)
    LANGUAGE c STABLE STRICT COST 10000 ROWS 20 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'leadscore_explain';
COMMENT ON FUNCTION leadscore.explain(text, text, timestamptz) IS
    'Why a lead has its score at an instant: the tree of dimensions, each with its base, rules and clamp. `points` is what a row adds to the score,
weights applied; those of a dimension are the sum of the rows directly below it; the first row is the score. `share` is points / score. `awards` and
`last_at` count events. `best` is the child that won in a dimension that combines by max or first. What people have adjusted is shown
with their name and reason. No row if the lead does not exist or is not eligible. `lead` is its key, as text.';
COMMENT ON FUNCTION leadscore.explain(text, anyelement, timestamptz) IS
    'Why a lead has its score at an instant; see explain(text, text, timestamptz). `lead` is its key.';

CREATE FUNCTION leadscore.answers("row" anyelement, conditions jsonpath[], params jsonb DEFAULT '{}') RETURNS boolean[]
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'leadscore_answers';
COMMENT ON FUNCTION leadscore.answers(anyelement, jsonpath[], jsonb) IS
    'What conditions say of a row of a table, as rules would be answered: true, false, or null for unknown, in their order. To try conditions
before they are rules. `params` are the variables; a null condition always holds.';

CREATE FUNCTION leadscore.is_compiled(condition jsonpath, params jsonb DEFAULT '{}') RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_is_compiled';
COMMENT ON FUNCTION leadscore.is_compiled(jsonpath, jsonb) IS
    'Whether leadscore evaluates a condition by itself, many at once and fast. Others give the same answers through PostgreSQL''s jsonpath, for
which the whole row is turned into JSON. `params` are the variables.';
