-- The rules of the benchmark, once as leadscore says them and once as SQL by hand would: the peers are written from the latter.
CREATE SCHEMA bench;

CREATE FUNCTION bench.lead_rule(number integer, OUT condition text, OUT by_hand text, OUT points double precision)
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT c.condition, c.by_hand, (1 + number % 7)::double precision
    FROM (SELECT (ARRAY['ceo', 'cto', 'vp', 'head', 'sales 1', 'dev'])[1 + number % 6] AS title,
                 (ARRAY['FR', 'BE', 'DE', 'US'])[1 + number % 4] AS country) AS words
    CROSS JOIN LATERAL (VALUES
        (0, format('$.industry == "industry %s"', number % 40), format('l.industry = %L', 'industry ' || number % 40)),
        (1, format('$.employees >= %s', number * 20), format('l.employees >= %s', number * 20)),
        (2, format('$.title like_regex "%s" flag "i"', title), format('l.title ~* %L', title)),
        (3, format('$.country == "%s" && $.employees < %s', country, 100 + number * 10),
            format('l.country = %L AND l.employees < %s', country, 100 + number * 10)),
        (4, format('$.city == "city %s" || $.revenue > %s', number, 90000 + number),
            format('(l.city = %L OR l.revenue > %s)', 'city ' || number, 90000 + number))
    ) AS c (kind, condition, by_hand)
    WHERE c.kind = number % 5
$$;

CREATE TABLE bench.event_rule AS
SELECT k.kind, n.number,
       'engagement.' || CASE WHEN k.kind LIKE 'email%' OR k.kind = 'unsubscribe' THEN 'email'
                             WHEN k.kind IN ('page_view', 'download') THEN 'web' ELSE 'product' END AS dimension,
       n.condition, n.by_hand, CASE k.kind WHEN 'unsubscribe' THEN -5 ELSE n.number + 1 END::double precision AS points, n.period
FROM unnest(ARRAY['page_view', 'email_open', 'email_click', 'form_submit', 'webinar', 'download', 'trial', 'unsubscribe'])
         WITH ORDINALITY AS k (kind, place),
     (VALUES (1, NULL, NULL, interval '7 days'),
             (2, '$.props.url starts with "/pricing"', $$e.props ->> 'url' LIKE '/pricing%'$$, interval '30 days'),
             (3, '$.props.seconds > 120', $$(e.props ->> 'seconds')::integer > 120$$, interval '90 days')
     ) AS n (number, condition, by_hand, period)
ORDER BY k.place, n.number;

-- What a lead's row is worth, by hand: a sum of one CASE a rule.
CREATE FUNCTION bench.fit_by_hand(rules integer) RETURNS text
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT string_agg(format('CASE WHEN %s THEN %s ELSE 0 END::float8', r.by_hand, r.points), E'\n + ' ORDER BY i)
    FROM generate_series(1, rules) AS i, bench.lead_rule(i) AS r
$$;

-- What an event `e` is worth at `as_of`, an SQL expression of the seconds since 1970, by hand: a CASE by kind, and in it one a
-- condition. With `of_period` only the rules of this half-life count.
CREATE FUNCTION bench.event_by_hand(as_of text, of_period interval DEFAULT NULL, event text DEFAULT 'e') RETURNS text
    LANGUAGE sql STABLE
AS $$
    SELECT format('CASE %s.kind %s ELSE 0 END', event, string_agg(format('WHEN %L THEN %s', kind, worth), E'\n    ' ORDER BY kind))
    FROM (SELECT r.kind,
                 string_agg(format(CASE WHEN r.by_hand IS NULL THEN '%2$s' ELSE 'CASE WHEN %1$s THEN %2$s ELSE 0 END' END,
                                   replace(r.by_hand, 'e.', event || '.'),
                                   format('%s * power(2.0::float8, (date_part(''epoch'', %s.at) - %s) / %s)',
                                          r.points, event, as_of, extract(epoch FROM r.period)::bigint)), ' + ' ORDER BY r.number) AS worth
          FROM bench.event_rule AS r
          WHERE of_period IS NULL OR r.period = of_period
          GROUP BY r.kind) AS by_kind
$$;
