-- The leads with the highest scores.

CREATE FUNCTION leadscore.top(model text, n bigint, at timestamptz DEFAULT now())
    RETURNS TABLE (rank bigint, lead text, score float8, tier text)
    LANGUAGE c STABLE STRICT COST 10000 ROWS 100
    SET search_path = pg_catalog, pg_temp SET jit = off
    AS 'MODULE_PATHNAME', 'leadscore_top';
COMMENT ON FUNCTION leadscore.top(text, bigint, timestamptz) IS
    'The n leads with the highest scores, of those that exist and are eligible: rank (equal scores share one), key as text, score in
points, and tier (null: none), by falling score. They are what ORDER BY score DESC LIMIT n gives over the view of the scores, but
few of the leads are read: little more than n right after leadscore.publish, more where penalties are yet to fade, and the more scores
have faded since, until leadscore.refresh runs. All are read if fewer than n have a score above leadscore.version.ranked_above, which publish chooses anew.
Of leads with equal scores at the end any are given. at: an instant that is not past, now if left out: what time alone will have
made of the scores by then. Takes the right to read the model''s states and pending events, and shows what row security lets pass.
No row for a null, and for n = 0. It is an error if n is negative, if at is past or not finite, or if the model does not exist or
is not published.';
