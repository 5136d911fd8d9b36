-- The peers of live scoring: the triggers in plpgsql that one would write without leadscore, on the events of :schema. They keep,
-- for each lead, one sum a half-life as of a fixed instant (so that sums only ever grow by adding), from which a view gives what
-- the events are worth now. They know of no tiers. Both are created disabled.
CREATE TABLE bench.origin AS SELECT date_part('epoch', midnight - interval '301 days') AS epoch FROM :schema.anchor;
SELECT epoch AS origin FROM bench.origin \gset
CREATE TABLE bench.points (
    lead_id bigint PRIMARY KEY, week float8 NOT NULL, month float8 NOT NULL, quarter float8 NOT NULL
) WITH (fillfactor = 80);

SELECT bench.event_by_hand(:'origin', '7 days') AS week, bench.event_by_hand(:'origin', '30 days') AS month,
       bench.event_by_hand(:'origin', '90 days') AS quarter,
       bench.event_by_hand(:'origin', '7 days', 'NEW') AS row_week,
       bench.event_by_hand(:'origin', '30 days', 'NEW') AS row_month,
       bench.event_by_hand(:'origin', '90 days', 'NEW') AS row_quarter \gset

SELECT format($function$
CREATE FUNCTION bench.score_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench.points AS p (lead_id, week, month, quarter)
    SELECT e.lead_id, sum(%1$s), sum(%2$s), sum(%3$s) FROM new_events AS e GROUP BY e.lead_id ORDER BY e.lead_id
    ON CONFLICT (lead_id) DO UPDATE
    SET week = p.week + excluded.week, month = p.month + excluded.month, quarter = p.quarter + excluded.quarter;
    RETURN NULL;
END $$;
CREATE FUNCTION bench.score_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench.points AS p (lead_id, week, month, quarter)
    VALUES (NEW.lead_id, %4$s, %5$s, %6$s)
    ON CONFLICT (lead_id) DO UPDATE
    SET week = p.week + excluded.week, month = p.month + excluded.month, quarter = p.quarter + excluded.quarter;
    RETURN NULL;
END $$;
$function$, :'week', :'month', :'quarter', :'row_week', :'row_month', :'row_quarter') AS functions \gset
:functions
CREATE TRIGGER plpgsql_statement AFTER INSERT ON :schema.events REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION bench.score_rows();
CREATE TRIGGER plpgsql_row AFTER INSERT ON :schema.events FOR EACH ROW EXECUTE FUNCTION bench.score_row();
ALTER TABLE :schema.events DISABLE TRIGGER plpgsql_statement, DISABLE TRIGGER plpgsql_row;

INSERT INTO bench.points (lead_id, week, month, quarter)
SELECT l.id, coalesce(s.week, 0), coalesce(s.month, 0), coalesce(s.quarter, 0)
FROM :schema.leads AS l
LEFT JOIN (SELECT e.lead_id, sum(:week) AS week, sum(:month) AS month, sum(:quarter) AS quarter
           FROM :schema.events AS e GROUP BY e.lead_id) AS s ON s.lead_id = l.id;
VACUUM (ANALYZE) bench.points;

CREATE FUNCTION bench.points_at(points bench.points, at timestamptz) RETURNS float8
    LANGUAGE sql STABLE
    RETURN points.week * power(2.0::float8, ((SELECT epoch FROM bench.origin) - date_part('epoch', at)) / 604800)
         + points.month * power(2.0::float8, ((SELECT epoch FROM bench.origin) - date_part('epoch', at)) / 2592000)
         + points.quarter * power(2.0::float8, ((SELECT epoch FROM bench.origin) - date_part('epoch', at)) / 7776000);
