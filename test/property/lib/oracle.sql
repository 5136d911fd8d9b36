-- What a model means, computed by plain SQL from the team's tables. It shares no code with the extension, and is meant to be read:
-- every step is a query of its own. Statements are separated by empty lines; {key} stands for the type of a lead's key, {collation} for
-- its collation, {settings} for settings with which a row becomes a document in one way only.

CREATE SCHEMA oracle;

-- The model that is published. `number` of a dimension rises from the root (1) down; `children` are its rules by their numbers and
-- its sub-dimensions by their negative numbers, in their order; `most` is what a share is a share of; `reset_by` are the numbers of
-- the rules whose events empty a dimension. Intervals are in seconds.
CREATE TABLE oracle.model (params jsonb, eligible jsonpath);

CREATE TABLE oracle.dimension (number integer, path text, combine text, weight float8, base float8, min_value float8,
    max_value float8, most float8, children integer[], reset_by integer[]);

CREATE TABLE oracle.rule (number integer, name text, dimension text, event text, condition jsonpath, points float8,
    else_points float8, multiplier jsonpath, decay text, period numeric, rate float8, grace numeric, max_awards integer, per numeric,
    at_least bigint, at_most bigint, within numeric, silent_for numeric, repeats boolean, resets text, grants text,
    min_points float8, max_points float8);

CREATE TABLE oracle.grade (dimension text, name text, minimum float8);

CREATE TABLE oracle.tier (name text, position float8, minimums jsonb, applies_to jsonpath, latched boolean);

-- The position of a tier; none is below all.
CREATE FUNCTION oracle.rank(tier text) RETURNS float8 LANGUAGE sql STABLE AS
    $$ SELECT coalesce((SELECT t.position FROM oracle.tier AS t WHERE t.name = $1), '-infinity') $$;

-- Whether a predicate is true, false or unknown.
CREATE FUNCTION oracle.answer(document jsonb, path jsonpath, params jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN path IS NULL THEN true ELSE jsonb_path_match(document, path, params, true) END $$;

-- The number that a multiplier gives, if it is one that can be used.
CREATE FUNCTION oracle.number(value jsonb) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN jsonb_typeof(value) = 'number' AND abs(value::numeric) < 1e90 THEN value::float8 END $$;

CREATE FUNCTION oracle.clamp(value float8, low float8, high float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    $$ SELECT greatest(least(value, high), low) $$;

CREATE FUNCTION oracle.is_close(a float8, b float8, size float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$ SELECT coalesce(abs(a - b) <= 1e-9 * greatest(1, abs(a), abs(b), size), a IS NULL AND b IS NULL) $$;

-- Whether something between low and high is at least a minimum; null if that is too close to tell.
CREATE FUNCTION oracle.reaches(low float8, high float8, minimum float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN low >= minimum THEN true WHEN high < minimum THEN false END $$;

-- The first of these names that holds, null if none does; or several, if for some it is too close to tell.
CREATE FUNCTION oracle.first_of(names text[], hold boolean[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(u.name ORDER BY u.place)
    FROM unnest(names || NULL::text, hold || true) WITH ORDINALITY AS u(name, holds, place)
    WHERE u.holds IS NOT false AND u.place <= coalesce(array_position(hold, true), cardinality(hold) + 1)
    $$;

-- How much is left of an award of this age (null: it does not count yet). Ages are numeric: exact to the microsecond.
CREATE FUNCTION oracle.factor(decay text, period numeric, rate float8, age numeric) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN age IS NULL THEN 0
        WHEN decay = 'none' THEN 1
        WHEN age = 'infinity' THEN 0
        WHEN decay = 'half_life' AND age / period > 1000 THEN 0
        WHEN decay = 'half_life' THEN power(2::float8, -(age / period)::float8)
        WHEN decay = 'linear' THEN greatest(0, 1 - coalesce(rate, 1) * (age / period)::float8)
        WHEN decay = 'step' AND rate < 1 AND div(age, period)::float8 * ln(1 - rate) < -690 THEN 0
        WHEN decay = 'step' AND rate < 1 THEN exp(div(age, period)::float8 * ln(1 - rate))
        ELSE (age < period)::integer
    END
    $$;

-- The part of an award of this age that may be rounded in other ways than here: none, if it does not fade.
CREATE FUNCTION oracle.rounded(decay text, period numeric, rate float8, age numeric) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN age IS NULL OR decay IN ('none', 'window') THEN 0
        WHEN decay = 'linear' THEN (age <> 'infinity' AND coalesce(rate, 1) * (age / period)::float8 < 1 + 1e-9)::integer
        ELSE oracle.factor(decay, period, rate, age)
    END
    $$;

-- Those of a rule's awards that its limit admits: in the order of their times, and at one time of their points, each before which
-- fewer than so many awards lie within `per`.
CREATE FUNCTION oracle.admitted(times timestamptz[], sizes float8[], max_awards integer, per numeric)
    RETURNS TABLE (at timestamptz, points float8) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    awarded timestamptz[] := '{}';
BEGIN
    FOR i IN 1 .. cardinality(times) LOOP
        IF (SELECT count(*) FROM unnest(awarded) AS a(at)
            WHERE per IS NULL OR (isfinite(a.at) AND extract(epoch FROM times[i]) - extract(epoch FROM a.at) < per)) < max_awards THEN
            awarded := awarded || times[i];
            at := times[i];
            points := sizes[i];
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;

-- Which of these children a dimension takes by its largest value: the first in order of those with the largest that apply; null if
-- none does; several if it is too close to tell.
CREATE FUNCTION oracle.largest_of(names text[], lows float8[], highs float8[], apply boolean[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE AS $$
    WITH child AS (
        SELECT * FROM unnest(names, lows, highs, apply) WITH ORDINALITY AS c(name, low, high, applies, place)
    ), candidate AS (
        SELECT c.name, c.applies IS NOT true AS may_be_none, c.applies IS NOT false AS may_be_it,
            c.applies AND NOT EXISTS (SELECT FROM child AS o WHERE o.high > c.low) AS is_it, c.place
        FROM child AS c
        WHERE NOT EXISTS (SELECT FROM child AS o WHERE o.low > c.high)
          AND NOT EXISTS (SELECT FROM child AS o WHERE o.place < c.place AND o.applies AND o.low >= c.high)
    )
    SELECT coalesce(array_agg(c.name ORDER BY c.place) FILTER (WHERE c.may_be_it), '{}')
        || CASE WHEN NOT coalesce(bool_or(c.is_it), false) AND coalesce(bool_or(c.may_be_none), true)
            THEN ARRAY[NULL::text] ELSE '{}' END
    FROM candidate AS c
    $$;

-- Puts together what the children of each dimension give, for one lead. Of rules, by number: value, the least and the most that it
-- may be if rounded in other ways, the size of all that went into it, and whether it applies (null: if it is not 0). Of dimensions, by
-- number: the same of what they have of their own. The results are by the number of the dimension, too; `bests` by its path, and
-- `shares`, what the score gets of a point of each rule (null: too close to tell), by the number of the rule.
CREATE FUNCTION oracle.tree(rule_values float8[], rule_lows float8[], rule_highs float8[], rule_sizes float8[], rules_apply boolean[],
        own_values float8[], own_lows float8[], own_highs float8[], own_sizes float8[],
        OUT dimension_values float8[], OUT lows float8[], OUT highs float8[], OUT sizes float8[], OUT bests jsonb, OUT shares float8[])
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule_names text[] := (SELECT array_agg(r.name ORDER BY r.number) FROM oracle.rule AS r);
    paths text[] := (SELECT array_agg(d.path ORDER BY d.number) FROM oracle.dimension AS d);
    weights float8[] := (SELECT array_agg(d.weight ORDER BY d.number) FROM oracle.dimension AS d);
    dimension oracle.dimension;
    number integer;
    child integer;
    name text;
    weight float8;
    names text[];
    v float8[];
    l float8[];
    h float8[];
    s float8[];
    apply boolean[];
    best text[];
    value float8;
    low float8;
    high float8;
    size float8;
    factor float8;
    flows float8[] := ARRAY[1];
    flow float8;
BEGIN
    bests := '{}';
    FOR dimension IN SELECT d.* FROM oracle.dimension AS d ORDER BY d.number DESC LOOP
        number := dimension.number;
        names := '{}'; v := '{}'; l := '{}'; h := '{}'; s := '{}'; apply := '{}';
        FOREACH child IN ARRAY dimension.children LOOP
            IF child > 0 THEN
                names := names || rule_names[child];
                v := v || rule_values[child];
                l := l || rule_lows[child];
                h := h || rule_highs[child];
                s := s || rule_sizes[child];
                apply := apply || rules_apply[child];
            ELSE
                weight := weights[-child];
                names := names || substring(paths[-child] FROM '[^.]*$');
                v := v || weight * dimension_values[-child];
                l := l || weight * CASE WHEN weight < 0 THEN highs[-child] ELSE lows[-child] END;
                h := h || weight * CASE WHEN weight < 0 THEN lows[-child] ELSE highs[-child] END;
                s := s || abs(weight) * sizes[-child];
                apply := apply || NULL::boolean;
            END IF;
        END LOOP;
        apply := ARRAY(SELECT coalesce(c.applies, CASE WHEN c.low > 0 OR c.high < 0 THEN true
                                                       WHEN c.low = 0 AND c.high = 0 THEN false END)
                       FROM unnest(apply, l, h) WITH ORDINALITY AS c(applies, low, high, place) ORDER BY c.place);
        IF dimension.combine IN ('sum', 'share') THEN
            factor := CASE dimension.combine WHEN 'share' THEN 100 / dimension.most ELSE 1 END;
            SELECT factor * coalesce(sum(c.v), 0), factor * coalesce(sum(c.l), 0), factor * coalesce(sum(c.h), 0),
                factor * coalesce(sum(c.s), 0)
            INTO value, low, high, size FROM unnest(v, l, h, s) AS c(v, l, h, s);
            IF dimension.combine = 'share' THEN
                low := low - 1e-13 * size;
                high := high + 1e-13 * size;
            END IF;
        ELSIF dimension.combine = 'max' THEN
            SELECT coalesce(max(c.v), 0), coalesce(max(c.l), 0), coalesce(max(c.h), 0), coalesce(sum(c.s), 0)
            INTO value, low, high, size FROM unnest(v, l, h, s) AS c(v, l, h, s);
            bests := bests || jsonb_build_object(dimension.path, oracle.largest_of(names, l, h, apply));
        ELSE
            best := oracle.first_of(names, apply);
            SELECT coalesce((array_agg(c.v ORDER BY c.place))[1], 0), coalesce(min(c.l), 0), coalesce(max(c.h), 0),
                coalesce(sum(c.s), 0)
            INTO value, low, high, size
            FROM unnest(names || NULL::text, v || 0::float8, l || 0::float8, h || 0::float8, s || 0::float8)
                WITH ORDINALITY AS c(name, v, l, h, s, place)
            WHERE c.place <= cardinality(names) + 1 AND array_position(best, c.name) IS NOT NULL;
            bests := bests || jsonb_build_object(dimension.path, best);
        END IF;
        value := value + own_values[number];
        low := low + own_lows[number];
        high := high + own_highs[number];
        size := size + own_sizes[number];
        -- What is rounded in other ways moves a sum's last digits, however small it is itself.
        IF low < high THEN
            low := low - 1e-14 * size;
            high := high + 1e-14 * size;
        END IF;
        dimension_values[number] := oracle.clamp(value, dimension.min_value, dimension.max_value);
        lows[number] := oracle.clamp(low, dimension.min_value, dimension.max_value);
        highs[number] := oracle.clamp(high, dimension.min_value, dimension.max_value);
        sizes[number] := size + abs(dimension_values[number]);
    END LOOP;

    FOR dimension IN SELECT d.* FROM oracle.dimension AS d ORDER BY d.number LOOP
        FOREACH child IN ARRAY dimension.children LOOP
            name := CASE WHEN child > 0 THEN rule_names[child] ELSE substring(paths[-child] FROM '[^.]*$') END;
            flow := flows[dimension.number] * CASE
                WHEN dimension.combine = 'sum' THEN 1
                WHEN dimension.combine = 'share' THEN 100 / dimension.most
                WHEN jsonb_array_length(bests -> dimension.path) = 1
                    THEN ((bests -> dimension.path ->> 0) IS NOT DISTINCT FROM name)::integer
            END;
            IF child > 0 THEN
                shares[child] := flow;
            ELSE
                flows[-child] := flow * weights[-child];
            END IF;
        END LOOP;
    END LOOP;
END
$$;

-- oracle.scores(t, part, source): a row per lead that has a row, an event with a time, if only an infinite one, or an adjustment.
--   dimensions: their values, none if the lead is not eligible; sizes: the sizes of all that was added up, by the dimension's path
--   grades, bests, by path, and tiers: the name, or several if that is too close to tell; the tier is that of a lead without a past
--   kept: the latched tiers that such a lead does not leave
--   rules: of each the points that the score gets, and number and last time of what it counts, where explain is to say so
-- part: 'all'; 'lead': bases and lead rules; 'events': event rules. source: of events, null for all.
CREATE FUNCTION oracle.scores(t timestamptz, part text DEFAULT 'all', source text DEFAULT NULL)
    RETURNS TABLE (lead {key}, has_lead boolean, has_events boolean, is_eligible boolean, dimensions jsonb, sizes jsonb, grades jsonb,
        bests jsonb, tiers text[], kept text[], last_event_at timestamptz, rules jsonb)
    LANGUAGE plpgsql STABLE {settings} SET plan_cache_mode = force_generic_plan SET join_collapse_limit = 1 AS $$
#variable_conflict use_column
BEGIN
    -- In PL/pgSQL: a session plans this only once.
    RETURN QUERY
    WITH event AS MATERIALIZED (
        SELECT e.lead{collation} AS lead, e.at, e.kind, e.source, e.document FROM oracle.events() AS e
        WHERE e.lead IS NOT NULL AND e.at IS NOT NULL AND (scores.source IS NULL OR e.source = scores.source)
    ), known AS MATERIALIZED (
        SELECT l.lead{collation} AS lead, l.document, CASE WHEN isfinite(l.created_at) AND l.created_at <= t THEN l.created_at END AS created_at,
            coalesce(oracle.answer(l.document, m.eligible, m.params), false) AS is_eligible
        FROM oracle.leads() AS l CROSS JOIN oracle.model AS m
        WHERE part <> 'events'
    ), adjustment AS MATERIALIZED (
        SELECT * FROM oracle.adjustments() AS a
        WHERE part = 'all' AND a.at <= t AND t < coalesce(least(a.until, a.revoked_at), 'infinity')
    ), entry AS MATERIALIZED (
        -- What each event gives each rule that it meets.
        SELECT e.lead, r.number, e.at, r.points * CASE WHEN r.multiplier IS NULL THEN 1
            ELSE oracle.number(jsonb_path_query_first(e.document, r.multiplier, m.params, true)) END AS points
        FROM event AS e JOIN oracle.rule AS r ON r.event IN ('*', e.kind) CROSS JOIN oracle.model AS m
        WHERE part <> 'lead' AND oracle.answer(e.document, r.condition, m.params)
    ), emptied AS MATERIALIZED (
        -- When a dimension was last emptied.
        SELECT e.lead, d.path, max(e.at) AS at
        FROM entry AS e JOIN oracle.dimension AS d ON e.number = ANY (d.reset_by)
        WHERE isfinite(e.at) AND e.at <= t
        GROUP BY e.lead, d.path
    ), admitted AS (
        SELECT e.lead, e.number, e.at, e.points
        FROM entry AS e JOIN oracle.rule AS r ON r.number = e.number AND r.max_awards IS NULL
        UNION ALL
        SELECT e.lead, e.number, a.at, a.points
        FROM (SELECT e.lead, e.number, array_agg(e.at ORDER BY e.at, e.points DESC) AS times,
                  array_agg(e.points ORDER BY e.at, e.points DESC) AS points
              FROM entry AS e WHERE e.points <> 0 GROUP BY e.lead, e.number) AS e
        JOIN oracle.rule AS r ON r.number = e.number AND r.max_awards IS NOT NULL
        CROSS JOIN LATERAL oracle.admitted(e.times, e.points, r.max_awards, r.per) AS a
    ), aged AS MATERIALIZED (
        SELECT e.*, greatest(0, extract(epoch FROM t) - extract(epoch FROM e.at) - r.grace) AS age
        FROM admitted AS e JOIN oracle.rule AS r ON r.number = e.number
        LEFT JOIN emptied AS x ON x.lead = e.lead AND x.path = r.dimension
        WHERE e.at <= t AND (x.at IS NULL OR e.at >= x.at)
    ), counted AS (
        SELECT a.lead, a.number, sum(a.points * f.factor) AS value, sum(abs(a.points) * f.rounded) AS rounded,
            sum(abs(a.points) * greatest(f.factor, f.rounded)) AS size,
            count(*) FILTER (WHERE a.points <> 0) AS awards, max(a.at) FILTER (WHERE a.points <> 0) AS last_award_at,
            count(*) FILTER (WHERE f.is_within) AS events_within, max(a.at) FILTER (WHERE f.is_within) AS last_within_at,
            max(a.at) FILTER (WHERE isfinite(a.at)) AS last_at
        FROM aged AS a JOIN oracle.rule AS r ON r.number = a.number
        CROSS JOIN LATERAL (SELECT oracle.factor(r.decay, r.period, r.rate, a.age), oracle.rounded(r.decay, r.period, r.rate, a.age),
                                coalesce(a.age < r.within, true)) AS f(factor, rounded, is_within)
        GROUP BY a.lead, a.number
    ), granted AS MATERIALIZED (
        SELECT e.lead, r.grants AS tier, bool_or(h.holds) OR CASE WHEN bool_and(h.holds IS NOT NULL) THEN false END AS holds
        FROM entry AS e JOIN oracle.rule AS r ON r.number = e.number AND r.grants IS NOT NULL
        LEFT JOIN emptied AS x ON x.lead = e.lead AND x.path = r.dimension
        CROSS JOIN LATERAL greatest(0, extract(epoch FROM t) - extract(epoch FROM e.at) - r.grace) AS a(age)
        CROSS JOIN LATERAL (
            SELECT CASE r.decay WHEN 'none' THEN true WHEN 'window' THEN a.age < r.period
                ELSE oracle.reaches(1 - c.lost - 1e-13, 1 - c.lost + 1e-13, 0) END
            FROM (SELECT CASE WHEN a.age < 1e15 THEN coalesce(r.rate, 1) * (a.age / r.period)::float8 ELSE 1e30 END) AS c(lost)
        ) AS h(holds)
        WHERE e.at <= t AND (x.at IS NULL OR e.at >= x.at)
        GROUP BY e.lead, r.grants
    ), who AS MATERIALIZED (
        SELECT k.lead FROM known AS k
        UNION SELECT e.lead FROM event AS e
        UNION SELECT a.lead FROM oracle.adjustments() AS a WHERE part = 'all'
    ), worth AS (
        -- What each rule is worth to each lead.
        SELECT w.lead, r.number, p.applies,
            CASE WHEN r.event IS NULL OR part = 'lead' THEN p.value ELSE oracle.clamp(p.value, r.min_points, r.max_points) END AS value,
            CASE WHEN r.event IS NULL OR part = 'lead' THEN p.value
                ELSE oracle.clamp(p.value - p.slack, r.min_points, r.max_points) END AS low,
            CASE WHEN r.event IS NULL OR part = 'lead' THEN p.value
                ELSE oracle.clamp(p.value + p.slack, r.min_points, r.max_points) END AS high,
            coalesce(c.size, 0) + abs(p.value) AS size, p.awards, p.last_at
        FROM who AS w CROSS JOIN oracle.rule AS r CROSS JOIN oracle.model AS m
        LEFT JOIN known AS k ON k.lead = w.lead
        LEFT JOIN counted AS c ON c.lead = w.lead AND c.number = r.number
        LEFT JOIN emptied AS x ON x.lead = w.lead AND x.path = r.dimension
        CROSS JOIN LATERAL (
            SELECT CASE WHEN r.event IS NULL AND k.lead IS NOT NULL THEN oracle.answer(k.document, r.condition, m.params) END,
                coalesce(greatest(c.last_at, x.at), k.created_at), coalesce(c.events_within, 0)
        ) AS f(answer, silent_since, events)
        CROSS JOIN LATERAL (
            SELECT floor((extract(epoch FROM t) - extract(epoch FROM f.silent_since)) / r.silent_for)::float8
        ) AS s(silences)
        CROSS JOIN LATERAL (
            SELECT CASE f.answer WHEN true THEN r.points WHEN false THEN r.else_points ELSE 0 END, 0::float8,
                CASE f.answer WHEN true THEN true WHEN false THEN r.else_points <> 0 ELSE false END, 0::bigint, NULL::timestamptz
            WHERE r.event IS NULL
            UNION ALL
            SELECT CASE WHEN part <> 'lead' AND f.events >= coalesce(r.at_least, 0) AND f.events <= coalesce(r.at_most, f.events)
                THEN r.points ELSE 0 END, 0, NULL, f.events, c.last_within_at
            WHERE coalesce(r.at_least, r.at_most) IS NOT NULL
            UNION ALL
            SELECT CASE WHEN part <> 'lead' AND s.silences >= 1
                THEN r.points * CASE WHEN r.repeats THEN s.silences ELSE 1 END ELSE 0 END, 0, NULL, NULL, f.silent_since
            WHERE r.silent_for IS NOT NULL
            UNION ALL
            SELECT coalesce(c.value, 0), CASE WHEN c.rounded > 0 THEN 1e-11 * c.rounded + 1e-250 ELSE 0 END, NULL,
                CASE WHEN r.points <> 0 THEN coalesce(c.awards, 0) END, c.last_award_at
            WHERE r.event IS NOT NULL AND coalesce(r.at_least, r.at_most) IS NULL AND r.silent_for IS NULL
        ) AS p(value, slack, applies, awards, last_at)
    ), rules_of AS MATERIALIZED (
        SELECT w.lead, array_agg(w.value ORDER BY w.number) AS values, array_agg(w.low ORDER BY w.number) AS lows,
            array_agg(w.high ORDER BY w.number) AS highs, array_agg(w.size ORDER BY w.number) AS sizes,
            array_agg(w.applies ORDER BY w.number) AS apply, array_agg(w.awards ORDER BY w.number) AS awards,
            array_agg(w.last_at ORDER BY w.number) AS last_at
        FROM worth AS w GROUP BY w.lead
    ), adjusted AS (
        SELECT a.lead, a.dimension, sum(a.points * f.factor) AS value, sum(abs(a.points) * f.rounded) AS rounded,
            sum(abs(a.points) * greatest(f.factor, f.rounded)) AS size
        FROM adjustment AS a LEFT JOIN emptied AS x ON x.lead = a.lead AND x.path = a.dimension
        CROSS JOIN LATERAL (SELECT extract(epoch FROM t) - extract(epoch FROM a.at), extract(epoch FROM a.period)) AS e(age, period)
        CROSS JOIN LATERAL (
            SELECT oracle.factor(a.decay, e.period, a.rate, e.age), oracle.rounded(a.decay, e.period, a.rate, e.age)
        ) AS f(factor, rounded)
        WHERE a.points IS NOT NULL AND (x.at IS NULL OR a.at >= x.at)
        GROUP BY a.lead, a.dimension
    ), own AS MATERIALIZED (
        SELECT w.lead, array_agg(b.base + coalesce(a.value, 0) ORDER BY d.number) AS values,
            array_agg(b.base + coalesce(a.value - s.slack, 0) ORDER BY d.number) AS lows,
            array_agg(b.base + coalesce(a.value + s.slack, 0) ORDER BY d.number) AS highs,
            array_agg(abs(b.base) + coalesce(a.size, 0) ORDER BY d.number) AS sizes
        FROM who AS w CROSS JOIN oracle.dimension AS d LEFT JOIN adjusted AS a ON a.lead = w.lead AND a.dimension = d.path
        CROSS JOIN LATERAL (SELECT CASE part WHEN 'events' THEN 0 ELSE d.base END) AS b(base)
        CROSS JOIN LATERAL (SELECT CASE WHEN a.rounded > 0 THEN 1e-11 * a.rounded + 1e-250 ELSE 0 END) AS s(slack)
        GROUP BY w.lead
    ), override AS (
        SELECT a.lead,
            (array_agg(a.score ORDER BY a.at DESC, a.id DESC) FILTER (WHERE a.score IS NOT NULL))[1] AS score,
            (array_agg(a.tier ORDER BY a.at DESC, a.id DESC) FILTER (WHERE a.tier IN (SELECT n.name FROM oracle.tier AS n)))[1] AS tier
        FROM adjustment AS a GROUP BY a.lead
    ), valued AS MATERIALIZED (
        SELECT w.lead, k.lead IS NOT NULL AS has_lead, k.is_eligible, k.document, o.tier AS set_tier,
            CASE WHEN o.score IS NULL THEN x.dimension_values ELSE o.score || x.dimension_values[2:] END AS dimension_values,
            CASE WHEN o.score IS NULL THEN x.lows ELSE o.score || x.lows[2:] END AS lows,
            CASE WHEN o.score IS NULL THEN x.highs ELSE o.score || x.highs[2:] END AS highs,
            x.sizes, x.bests, x.shares, r.values AS rule_values, r.awards, r.last_at
        FROM who AS w JOIN rules_of AS r ON r.lead = w.lead JOIN own AS n ON n.lead = w.lead
        LEFT JOIN known AS k ON k.lead = w.lead LEFT JOIN override AS o ON o.lead = w.lead
        CROSS JOIN LATERAL oracle.tree(r.values, r.lows, r.highs, r.sizes, r.apply, n.values, n.lows, n.highs, n.sizes) AS x
    ), engaged AS (
        SELECT e.lead, max(e.at) FILTER (WHERE isfinite(e.at)) AS last_event_at FROM event AS e GROUP BY e.lead
    )
    SELECT v.lead, v.has_lead, e.lead IS NOT NULL, v.is_eligible,
        CASE WHEN v.is_eligible IS NOT false OR part = 'events' THEN d.values ELSE '{}' END, d.sizes,
        CASE WHEN v.is_eligible THEN g.grades ELSE '{}' END, CASE WHEN v.is_eligible IS NOT false THEN v.bests ELSE '{}' END,
        CASE WHEN v.is_eligible IS NOT true THEN ARRAY[NULL] WHEN v.set_tier IS NOT NULL THEN ARRAY[v.set_tier] ELSE h.tiers END,
        CASE WHEN v.is_eligible AND v.set_tier IS NULL THEN h.kept ELSE '{}' END, e.last_event_at, r.rules
    FROM valued AS v LEFT JOIN engaged AS e ON e.lead = v.lead
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(d.path, v.dimension_values[d.number]),
            jsonb_object_agg(d.path, v.sizes[d.number] + 1e9 * (v.highs[d.number] - v.lows[d.number]))
        FROM oracle.dimension AS d
    ) AS d(values, sizes)
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(g.path, g.possible), '{}')
        FROM (SELECT d.path, oracle.first_of(array_agg(g.name ORDER BY g.minimum DESC),
                  array_agg(oracle.reaches(v.lows[d.number], v.highs[d.number], g.minimum) ORDER BY g.minimum DESC)) AS possible
              FROM oracle.grade AS g JOIN oracle.dimension AS d ON d.path = g.dimension GROUP BY d.path) AS g
    ) AS g(grades)
    CROSS JOIN LATERAL (
        SELECT oracle.first_of(coalesce(array_agg(n.name ORDER BY n.position DESC), '{}'),
                coalesce(array_agg(n.applies AND (n.is_granted OR n.is_reached) ORDER BY n.position DESC), '{}')),
            coalesce(array_agg(n.name) FILTER (WHERE n.latched AND n.applies), '{}')
        FROM (SELECT n.*, v.has_lead AND coalesce(oracle.answer(v.document, n.applies_to, m.params), false) AS applies,
                  CASE WHEN g.lead IS NULL THEN false ELSE g.holds END AS is_granted,
                  (SELECT CASE WHEN NOT bool_and(coalesce(c.reached, true)) THEN false WHEN bool_and(c.reached IS NOT NULL) THEN true END
                   FROM (SELECT oracle.reaches(v.lows[d.number], v.highs[d.number], l.value::float8)
                         FROM jsonb_each(n.minimums) AS l JOIN oracle.dimension AS d ON d.path = l.key
                         UNION ALL SELECT true) AS c(reached)) AS is_reached
              FROM oracle.model AS m CROSS JOIN oracle.tier AS n
              LEFT JOIN granted AS g ON g.lead = v.lead AND g.tier = n.name) AS n
    ) AS h(tiers, kept)
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(r.name, jsonb_build_object('points', v.rule_values[r.number] * v.shares[r.number],
            'awards', v.awards[r.number], 'last_at', v.last_at[r.number]))
        FROM oracle.rule AS r
    ) AS r(rules);
END
$$;
