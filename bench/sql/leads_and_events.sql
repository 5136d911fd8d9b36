-- A CRM, the same on every machine: numbers come from hashes, and times lie before the last midnight.
--   :schema   where it is made
--   :leads    how many leads: nine tenths have events; of one tenth, the last, one in 250 has 1,000 and the others have none
--   :events   how many events, of 8 kinds, over 300 days
CREATE SCHEMA :schema;
SET search_path = :schema, pg_catalog;
SET default_statistics_target = 100;

CREATE FUNCTION dice(place bigint, seed bigint, sides bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(place, seed) & 9223372036854775807) % sides;
CREATE TABLE anchor AS SELECT date_trunc('day', now()) AS midnight;

CREATE TABLE leads (
    id bigint PRIMARY KEY, country text, industry text, title text, employees integer, revenue numeric, email text, city text,
    source text, seniority integer, created_at timestamptz
);
INSERT INTO leads
SELECT i,
       (ARRAY['FR', 'BE', 'DE', 'US', 'UK', 'ES', 'IT', 'NL', 'SE', 'CH'])[1 + dice(i, 1, 10)],
       'industry ' || dice(i, 2, 40),
       (ARRAY['CEO', 'CTO', 'VP Sales', 'Head of Marketing', 'Developer', 'Student', 'Sales manager', 'Buyer', 'Analyst',
              'Assistant'])[1 + dice(i, 3, 10)] || ' ' || dice(i, 4, 50),
       dice(i, 5, 5000), dice(i, 6, 10000000) / 100.0,
       'user' || i || '@' || (ARRAY['gmail.example', 'acme.example', 'corp.example', 'yahoo.example'])[1 + dice(i, 7, 4)],
       'city ' || dice(i, 8, 3000), (ARRAY['ad', 'web', 'event', 'partner'])[1 + dice(i, 9, 4)], dice(i, 10, 10),
       anchor.midnight - interval '700 days' + dice(i, 11, 31536000) * interval '1 second'
FROM anchor, generate_series(1, :leads::bigint) AS i;

-- The groups of leads, by number of events: `some` of them have their share of all, `many` have 1,000 each, `none` has none.
CREATE TABLE lead_group AS
SELECT 'some' AS name, 1::bigint AS first, (:leads * 0.9)::bigint AS leads
UNION ALL
SELECT 'many', (:leads * 0.9)::bigint + 1, greatest(:leads / 2500, 1)
UNION ALL
SELECT 'none', (:leads * 0.9)::bigint + 1 + greatest(:leads / 2500, 1), :leads - (:leads * 0.9)::bigint - greatest(:leads / 2500, 1);

CREATE FUNCTION kind(i bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (ARRAY['page_view', 'email_open', 'email_click', 'form_submit', 'webinar', 'download', 'trial', 'unsubscribe'])
               [1 + dice(i, 21, 8)];
CREATE FUNCTION props(i bigint) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_build_object(
        'url', '/' || (ARRAY['pricing', 'blog', 'docs', 'home', 'contact', 'careers'])[1 + dice(i, 22, 6)] || '/' || dice(i, 23, 200),
        'seconds', dice(i, 24, 300));

CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead_id bigint NOT NULL, kind text NOT NULL, at timestamptz NOT NULL,
    props jsonb
);
INSERT INTO events (lead_id, kind, at, props)
SELECT CASE WHEN i <= m.leads * 1000 THEN m.first + i % m.leads ELSE s.first + dice(i, 25, s.leads) END,
       kind(i), anchor.midnight - interval '301 days' + dice(i, 26, 25920000) * interval '1 second', props(i)
FROM anchor, lead_group AS m, lead_group AS s, generate_series(1, :events::bigint) AS i
WHERE m.name = 'many' AND s.name = 'some';
CREATE INDEX events_lead_id_at_idx ON events (lead_id, at);
VACUUM (ANALYZE, FREEZE) leads;
VACUUM (ANALYZE, FREEZE) events;
RESET search_path;
