# What must hold between a model's scores and the oracle. Each check is a function that returns a row per violation.
package Checks;

use strict;
use warnings;

use Oracle;
use Sql qw(literal identifier);

my $result = "RETURNS TABLE (lead text, what text, live text, expected text)\n    LANGUAGE sql STABLE";

# All functions, to be created once the model is published.
sub setup_sql {
    my ($model) = @_;
    my $schema = identifier($model->{name});
    return (
        _misreadings_sql(), _live_sql($schema), _differences_sql($schema), _chains_sql($model, $schema), _view_sql($model, $schema),
        _top_sql($model, $schema),
        _explanation_sql($model), _fit_sql($model), map { _engagement_sql($model, $_) } @{ $model->{tables}{sources} });
}

# --- What is stored, at an instant that is not before anything was written ---

# What a state says at an instant against what the oracle says. A latched tier is left by none of the leads that it is for: the tier
# of a state with a past may be one of those that are `kept`, if it is higher than that of a lead without one.
sub _misreadings_sql {
    return <<'SQL' =~ s/\n\z//r;
CREATE FUNCTION oracle.misreadings(state leadscore.state, t timestamptz, dimensions jsonb, sizes jsonb, grades jsonb, bests jsonb,
        tiers text[], kept text[])
    RETURNS TABLE (what text, live text, expected text) LANGUAGE sql STABLE AS $$
    SELECT coalesce(l.key, e.key), l.value::text, e.value::text
    FROM jsonb_each(leadscore.breakdown(state, t)) AS l FULL JOIN jsonb_each(dimensions) AS e ON l.key = e.key
    WHERE NOT oracle.is_close(l.value::float8, e.value::float8, (sizes ->> e.key)::float8)
    UNION ALL
    SELECT 'grade of ' || e.key, g.grade, e.value::text
    FROM jsonb_each(grades) AS e CROSS JOIN LATERAL leadscore.grade(state, e.key, t) AS g(grade)
    WHERE NOT e.value @> coalesce(to_jsonb(g.grade), 'null')
    UNION ALL
    SELECT 'best of ' || e.key, b.best, e.value::text
    FROM jsonb_each(bests) AS e CROSS JOIN LATERAL leadscore.best(state, e.key, t) AS b(best)
    WHERE NOT e.value @> coalesce(to_jsonb(b.best), 'null')
    UNION ALL
    SELECT 'tier without a past', r.tier, array_to_string(tiers, '|', 'none')
    FROM leadscore.raw_tier(state, t) AS r(tier)
    WHERE array_position(tiers, r.tier) IS NULL
    UNION ALL
    SELECT 'tier', r.tier, array_to_string(tiers, '|', 'none') || ', kept: ' || array_to_string(kept, '|')
    FROM leadscore.tier(state, t) AS r(tier)
    WHERE array_position(tiers, r.tier) IS NULL
      AND (coalesce(r.tier <> ALL (kept), true) OR oracle.rank(r.tier) <= oracle.rank(leadscore.raw_tier(state, t)))
    UNION ALL
    SELECT 'next_change', c.at::text, concat_ws(' -> ', leadscore.tier(state, t), leadscore.tier(state, c.at))
    FROM leadscore.next_change(state, t) AS c(at)
    WHERE c.at IS NOT NULL
      AND (c.at <= t OR leadscore.tier(state, c.at) IS NOT DISTINCT FROM leadscore.tier(state, t)
        OR leadscore.tier(state, c.at - interval '1 microsecond') IS DISTINCT FROM leadscore.tier(state, t))
    $$
SQL
}

# The stored states, with the events that wait to be added to them.
sub _live_sql {
    my ($schema) = @_;
    return "CREATE VIEW oracle.live AS SELECT a.lead, leadscore.merge(a.state) AS state"
        . " FROM (SELECT s.lead, s.state FROM $schema.state AS s UNION ALL SELECT p.lead, p.state FROM $schema.pending AS p) AS a"
        . ' GROUP BY a.lead';
}

sub _differences_sql {
    my ($schema) = @_;
    return <<"SQL" =~ s/\n\z//r;
CREATE FUNCTION oracle.differences(t timestamptz) $result AS \$\$
    SELECT coalesce(s.lead, o.lead)::text, d.*
    FROM oracle.live AS s FULL JOIN oracle.scores(t) AS o ON s.lead = o.lead
    CROSS JOIN LATERAL (
        SELECT 'state', 'none', 'some' WHERE s.lead IS NULL AND (o.has_lead OR o.last_event_at IS NOT NULL)
        UNION ALL
        SELECT 'state', 'some', 'none' WHERE o.lead IS NULL
        UNION ALL
        -- What had been reached when the state was written is kept. Not everybody's tier is what was reached: see Statements.
        SELECT 'latched tier', leadscore.tier(s.state, t), n.name
        FROM oracle.tier AS n
        WHERE s.lead IS NOT NULL AND n.name = ANY (o.kept) AND NOT EXISTS (SELECT FROM $schema.pending AS p WHERE p.lead = s.lead)
          AND NOT EXISTS (SELECT FROM oracle.adjustments() AS a WHERE a.lead = s.lead AND a.points IS NULL)
          AND oracle.rank(leadscore.tier(s.state, leadscore.horizon(s.state))) >= n.position
          AND oracle.rank(leadscore.tier(s.state, t)) < n.position
        UNION ALL
        SELECT 'is_scored', leadscore.is_scored(s.state)::text, (o.has_lead AND o.is_eligible)::text
        WHERE s.lead IS NOT NULL AND leadscore.is_scored(s.state) <> (o.has_lead AND coalesce(o.is_eligible, false))
        UNION ALL
        SELECT 'last_event_at', leadscore.last_event_at(s.state)::text, o.last_event_at::text
        WHERE s.lead IS NOT NULL AND leadscore.last_event_at(s.state) IS DISTINCT FROM o.last_event_at
        UNION ALL
        SELECT m.* FROM oracle.misreadings(s.state, t, o.dimensions, o.sizes, o.grades, o.bests, o.tiers, o.kept) AS m
        WHERE s.lead IS NOT NULL
    ) AS d
    \$\$
SQL
}

# The recorded changes of tier are a chain that ends where the lead stood when it was last written.
sub _chains_sql {
    my ($model, $schema) = @_;
    my ($name, $key_type) = (literal($model->{name}), $model->{tables}->key_type);
    my $overridden = join(', ', $model->{tables}->overridden_keys);
    return <<"SQL" =~ s/\n\z//r;
CREATE FUNCTION oracle.broken_chains() $result AS \$\$
    SELECT c.lead::text, 'change at ' || c.at, c.from_tier, c.before
    FROM (SELECT *, lag(c.to_tier) OVER w AS before, row_number() OVER w AS place
          FROM $schema.tier_changes AS c WINDOW w AS (PARTITION BY c.lead ORDER BY c.at, c.ctid)) AS c
    WHERE c.place > 1 AND c.from_tier IS DISTINCT FROM c.before
       OR c.from_tier IS NOT DISTINCT FROM c.to_tier OR c.recorded_at < c.at
    UNION ALL
    SELECT c.lead::text, 'last change', c.to_tier, leadscore.tier(s.state, leadscore.horizon(s.state))
    FROM (SELECT DISTINCT ON (c.lead) c.* FROM $schema.tier_changes AS c ORDER BY c.lead, c.at DESC, c.ctid DESC) AS c
    LEFT JOIN $schema.state AS s ON s.lead = c.lead
    WHERE c.to_tier IS DISTINCT FROM leadscore.tier(s.state, leadscore.horizon(s.state))
    UNION ALL
    -- Neither time nor events take a lead out of a latched tier.
    SELECT c.lead::text, 'change at ' || c.at || ' by ' || c.cause, c.to_tier, c.from_tier
    FROM $schema.tier_changes AS c
    JOIN leadscore.version AS v ON v.model = $name AND v.version = c.version
    CROSS JOIN jsonb_to_recordset(v.config -> 'tiers') AS n(name text, position float8, latched boolean)
    LEFT JOIN jsonb_to_recordset(v.config -> 'tiers') AS o(name text, position float8) ON o.name = c.to_tier
    WHERE n.name = c.from_tier AND n.latched AND coalesce(o.position, '-infinity') < n.position
      AND c.cause IN ('time', 'event', 'rebuild', 'adjustment') AND c.lead <> ALL (ARRAY[$overridden]::$key_type\[])
    \$\$
SQL
}

# --- What is read, outside of transactions that have written ---

sub _view_sql {
    my ($model, $schema) = @_;
    my $id = $model->{tables}->column('id');
    my $no_dimensions = literal("{tier,tier_since,last_event_at,next_change_at,version,\"" . ($model->{tables}{names}{id}) . '"}');
    return <<"SQL" =~ s/\n\z//r;
CREATE FUNCTION oracle.view_differences() $result $Oracle::settings AS \$\$
    SELECT coalesce(v.$id, o.lead)::text, d.*
    FROM $schema.scores AS v
    FULL JOIN (SELECT * FROM oracle.scores(now()) AS o WHERE o.has_lead AND o.is_eligible) AS o ON v.$id = o.lead
    CROSS JOIN LATERAL (
        SELECT 'row', (v.$id IS NOT NULL)::text, (o.lead IS NOT NULL)::text WHERE v.$id IS NULL OR o.lead IS NULL
        UNION ALL
        SELECT coalesce(l.key, e.key), l.value::text, e.value::text
        FROM (SELECT * FROM jsonb_each(to_jsonb(v) - $no_dimensions\::text[]) AS l WHERE l.key !~ '_(?:grade|best)\$') AS l
        FULL JOIN (SELECT * FROM jsonb_each(o.dimensions) AS e WHERE strpos(e.key, '.') = 0) AS e ON l.key = e.key
        WHERE NOT oracle.is_close(l.value::float8, e.value::float8, (o.sizes ->> e.key)::float8)
        UNION ALL
        SELECT coalesce(l.key, e.key), l.value::text, e.value::text
        FROM (SELECT * FROM jsonb_each(to_jsonb(v)) AS l WHERE l.key ~ '_(?:grade|best)\$') AS l
        FULL JOIN (SELECT g.key || '_grade', g.value FROM jsonb_each(o.grades) AS g WHERE strpos(g.key, '.') = 0
                   UNION ALL SELECT b.key || '_best', b.value FROM jsonb_each(o.bests) AS b WHERE strpos(b.key, '.') = 0)
            AS e(key, value) ON l.key = e.key
        WHERE (e.value @> l.value) IS NOT TRUE
        UNION ALL
        SELECT 'tier', v.tier, array_to_string(o.tiers, '|', 'none')
        WHERE array_position(o.tiers, v.tier) IS NULL AND coalesce(v.tier <> ALL (o.kept), true)
        UNION ALL
        SELECT 'last_event_at', v.last_event_at::text, o.last_event_at::text WHERE v.last_event_at IS DISTINCT FROM o.last_event_at
        UNION ALL
        SELECT 'next_change_at', v.next_change_at::text, 'later' WHERE v.next_change_at <= now()
        UNION ALL
        -- What nothing has changed since it was recorded.
        SELECT 'tier_since', v.tier_since::text, c.at::text
        FROM (SELECT * FROM $schema.tier_changes AS c WHERE c.lead = v.$id ORDER BY c.at DESC, c.ctid DESC LIMIT 1) AS c
        JOIN $schema.state AS s ON s.lead = v.$id AND s.due_at > now()
        WHERE NOT EXISTS (SELECT FROM $schema.pending AS p WHERE p.lead = v.$id)
          AND (c.to_tier IS DISTINCT FROM v.tier OR v.tier_since IS DISTINCT FROM c.at)
          AND (v.tier IS NOT NULL OR v.tier_since IS NOT NULL)
    ) AS d
    \$\$
SQL
}

# The highest scores from now on are those of the live states.
sub _top_sql {
    my ($model, $schema) = @_;
    my $name = literal($model->{name});
    return <<"SQL" =~ s/\n\z//r;
CREATE FUNCTION oracle.top_differences(n bigint, t timestamptz) $result AS \$\$
    WITH live AS (
        SELECT s.lead::text AS lead, leadscore.score(s.state, greatest(t, leadscore.horizon(s.state))) AS score
        FROM oracle.live AS s WHERE leadscore.is_scored(s.state)
    ), expected AS (
        SELECT l.score, row_number() OVER (ORDER BY l.score DESC) AS place FROM live AS l ORDER BY l.score DESC LIMIT n
    ), given AS (
        SELECT g.*, row_number() OVER (ORDER BY g.score DESC) AS place FROM leadscore.top($name, n, t) AS g
    )
    SELECT g.lead, n || ' highest: place ' || coalesce(g.place, e.place), g.score::text, e.score::text
    FROM given AS g FULL JOIN expected AS e USING (place)
    WHERE NOT oracle.is_close(g.score, e.score, abs(e.score) * 1000)
    UNION ALL
    SELECT g.lead, n || ' highest: score', g.score::text, l.score::text
    FROM given AS g LEFT JOIN live AS l USING (lead)
    WHERE NOT oracle.is_close(g.score, l.score, abs(l.score) * 1000)
    UNION ALL
    SELECT g.lead, n || ' highest: tier', g.tier, s.tier
    FROM given AS g JOIN $schema.scores AS s ON s.@{[ $model->{tables}->column('id') ]}::text = g.lead
    WHERE t = now() AND g.tier IS DISTINCT FROM s.tier
    UNION ALL
    SELECT g.lead, n || ' highest: rank', g.rank::text, g.place::text
    FROM (SELECT g.*, rank() OVER (ORDER BY g.score DESC) AS true_rank FROM given AS g) AS g WHERE g.rank <> g.true_rank
    \$\$
SQL
}

# score(model, lead, at) and explain(model, lead, at) at any instant.
sub _explanation_sql {
    my ($model) = @_;
    my $name = literal($model->{name});
    return <<"SQL" =~ s/\n\z//r;
CREATE FUNCTION oracle.explanation_differences(t timestamptz) $result AS \$\$
    SELECT o.lead::text, d.*
    FROM oracle.scores(t) AS o
    CROSS JOIN LATERAL (
        SELECT CASE WHEN o.has_lead THEN (o.dimensions ->> 'score')::float8 END, (o.sizes ->> 'score')::float8
    ) AS e(score, size)
    CROSS JOIN LATERAL (
        SELECT count(*), sum(x.points) FILTER (WHERE x.rule IS NOT NULL),
            sum(x.points) FILTER (WHERE x.rule IS NULL AND x.path = 'score'),
            jsonb_object_agg(x.rule, jsonb_build_object('points', x.points::numeric, 'awards', x.awards, 'last_at', x.last_at))
                FILTER (WHERE x.rule IS NOT NULL AND x.rule !~ '^\\('),
            jsonb_object_agg(x.path, x.best) FILTER (WHERE x.rule IS NULL)
        FROM leadscore.explain($name, o.lead, t) AS x
    ) AS x(count, leaves, root, rules, bests)
    CROSS JOIN LATERAL (
        SELECT 'score of key', s.score::text, e.score::text FROM leadscore.score($name, o.lead, t) AS s(score)
        WHERE NOT oracle.is_close(s.score, e.score, e.size)
        UNION ALL
        SELECT 'score of text', s.score::text, e.score::text FROM leadscore.score($name, o.lead::text, t) AS s(score)
        WHERE NOT oracle.is_close(s.score, e.score, e.size)
        UNION ALL
        SELECT 'explained root', x.root::text, e.score::text WHERE NOT oracle.is_close(x.root, e.score, e.size)
        UNION ALL
        SELECT 'sum of the explanation', x.leaves::text, x.root::text
        WHERE x.count > 0 AND NOT oracle.is_close(coalesce(x.leaves, 0), x.root, e.size)
        UNION ALL
        SELECT r.key, l.value::text, r.value::text
        FROM jsonb_each(o.rules) AS r
        CROSS JOIN LATERAL (SELECT coalesce(x.rules -> r.key, '{"points": 0, "awards": 0}')) AS l(value)
        WHERE e.score IS NOT NULL
          AND (abs((l.value ->> 'points')::float8 - (r.value ->> 'points')::float8) > 1e-9 * greatest(1, e.size)
            OR coalesce((l.value ->> 'awards')::bigint, 0) <> (r.value ->> 'awards')::bigint
            OR (r.value ->> 'awards')::bigint > 0
              AND (l.value ->> 'last_at')::timestamptz IS DISTINCT FROM (r.value ->> 'last_at')::timestamptz)
        UNION ALL
        SELECT 'best of ' || b.key, x.bests ->> b.key, b.value::text
        FROM jsonb_each(o.bests) AS b
        WHERE e.score IS NOT NULL AND NOT b.value @> coalesce(x.bests -> b.key, 'null')
    ) AS d
    \$\$
SQL
}

sub _fit_sql {
    my ($model) = @_;
    my ($name, $tables, $id) = (literal($model->{name}), $model->{tables}, $model->{tables}->column('id'));
    return <<"SQL" =~ s/\n\z//r;
CREATE FUNCTION oracle.fit_differences() $result AS \$\$
    SELECT l.$id\::text, 'fit', f.fit::text, e.fit::text
    FROM $tables->{leads}{table} AS l
    CROSS JOIN leadscore.fit($name, l) AS f(fit)
    JOIN oracle.scores(now(), 'lead') AS o ON o.lead = l.$id
    CROSS JOIN LATERAL CAST(o.dimensions ->> 'score' AS float8) AS e(fit)
    WHERE NOT oracle.is_close(f.fit, e.fit, (o.sizes ->> 'score')::float8)
    \$\$
SQL
}

sub _engagement_check { my ($source) = @_; return 'oracle.' . identifier("differences of $source->{name}") }

sub _engagement_sql {
    my ($model, $source) = @_;
    my $tables = $model->{tables};
    my ($name, $source_name, $check) = (literal($model->{name}), literal($source->{name}), _engagement_check($source));
    my ($lead, $at, $key) = ($tables->column('lead'), $tables->column('at'), $tables->key_sql);
    return <<"SQL" =~ s/\n\z//r;
CREATE FUNCTION $check(t timestamptz) $result AS \$\$
    SELECT g.lead::text, 'engagement', g.engagement::text, o.dimensions ->> 'score'
    FROM (SELECT (v.$lead)\::$key AS lead, leadscore.engagement($name, v, t) AS engagement
          FROM $source->{table} AS v WHERE v.$lead IS NOT NULL AND v.$at IS NOT NULL GROUP BY v.$lead) AS g
    FULL JOIN (SELECT * FROM oracle.scores(t, 'events', $source_name) AS o WHERE o.has_events) AS o ON g.lead = o.lead
    WHERE NOT oracle.is_close(g.engagement, (o.dimensions ->> 'score')::float8, (o.sizes ->> 'score')::float8)
    \$\$
SQL
}

# --- What to ask ---

# Inside a transaction, too.
sub stored {
    my ($model) = @_;
    return ('leadscore.verify(' . literal($model->{name}) . ')', 'oracle.differences(clock_timestamp())', 'oracle.broken_chains()');
}

sub now {
    return ('oracle.view_differences()', 'oracle.fit_differences()', map { "oracle.top_differences($_, now())" } 1, 4, 1000);
}

# At an instant in the future.
sub future {
    my ($model, $t) = @_;
    return (
        'leadscore.verify(' . literal($model->{name}) . ", $t)", "oracle.differences($t)",
        map { "oracle.top_differences($_, greatest(now(), $t))" } 2, 1000);
}

# At any instant.
sub anytime {
    my ($model, $t) = @_;
    return map { "$_($t)" } 'oracle.explanation_differences', map { _engagement_check($_) } @{ $model->{tables}{sources} };
}

1;
