-- What conditions say of rows: answers, is_compiled; and rules with conditions that are compiled and others, together.
CREATE TABLE firm (id int PRIMARY KEY, country text, employees int, revenue numeric, rating float8, tags text[], about jsonb, founded date);
INSERT INTO firm VALUES
    (1, 'FR', 120, 1.50, 0.1, '{a,b}', '{"city": "Lyon", "sites": [{"city": "Lyon"}, {"city": "Paris"}], "public": true}', '1999-12-31'),
    (2, 'US', NULL, 'NaN', 'Infinity', '{}', '{"city": null, "sites": {"city": "Paris"}}', 'infinity'),
    (3, NULL, 50, 100, 2.5, NULL, NULL, NULL);

-- True, false, or null for unknown, as a rule would be answered.
SELECT c.condition::text, array_agg(a.answers[c.number] ORDER BY f.id) AS answers
FROM firm AS f,
     (SELECT ARRAY['$.country == "FR"', '$.country != null', '$.country starts with "U"', '$.country like_regex "^f" flag "i"',
                   '$.employees >= 50 && $.employees < 120', '50 < $.employees', '$.revenue == 1.5', '$.revenue == "NaN"',
                   '$.rating == 0.1', '$.rating > 1', '$.tags[*] == "b"', '$.about.city == "Lyon"', '$.about.sites.city == "Paris"',
                   '$.about.public == true', 'exists($.about.city)', '$.founded < "2000"', '$.nothing == 1', '($.employees > "x") is unknown',
                   '!($.country == "FR" || $.country == "US")', '$.employees > $min', '$.country == $list[*]', '$.employees + 1 > 100',
                   '$.about.sites.size() > 1', NULL]::jsonpath[] AS all) AS s,
     unnest(s.all) WITH ORDINALITY AS c (condition, number),
     LATERAL leadscore.answers(f, s.all, '{"min": 100, "list": ["FR", "BE"]}') AS a (answers)
GROUP BY c.number, c.condition::text ORDER BY c.number;

-- Rows of no table will do.
SELECT leadscore.answers(r, ARRAY['$.x == 1', '$.y == "a"']::jsonpath[]) FROM (SELECT 1 AS x, 'a'::text AS y) AS r;
SELECT leadscore.answers(f, '{}') FROM firm AS f WHERE id = 1;
SELECT leadscore.answers(f, NULL) IS NULL AS is_null FROM firm AS f WHERE id = 1;
SELECT leadscore.answers(1, ARRAY['$.x == 1']::jsonpath[]);
SELECT leadscore.answers(f, ARRAY['$.x == $unknown']::jsonpath[]) FROM firm AS f WHERE id = 1;

-- Which are compiled.
SELECT condition, leadscore.is_compiled(condition, '{"v": 1}')
FROM unnest(ARRAY['$.a == 1', '$.a.b[*].c != "x" && !($.d < 5)', '$.a == $v', '$.a like_regex "x"', 'exists($.a.b)', '$.a == $.b', '$.a + 1 == 2',
                  '$.a ? (@ > 1) == 2', 'strict $.a == 1', '$.a == $unknown', '$.a.size() == 1', '$.a[0] == 1', 'exists($.a[*] ? (@ > 1))']::jsonpath[]) AS condition;

-- Rules of both kinds score together, and go on when columns are added, dropped and renamed.
SELECT leadscore.create_model('firms', leads => 'firm', params => '{"big": 100}');
INSERT INTO leadscore.dimension (model, path) VALUES ('firms', 'fit');
INSERT INTO leadscore.rule (model, name, dimension, condition, points) VALUES
    ('firms', 'french', 'fit', '$.country == "FR"', 1), ('firms', 'big', 'fit', '$.employees > $big', 10),
    ('firms', 'more than one site', 'fit', '$.about.sites.size() > 1', 100), ('firms', 'in Paris', 'fit', '$.about.sites.city == "Paris"', 1000);
SELECT leadscore.publish('firms');
SELECT id, fit FROM firms.scores ORDER BY id;
ALTER TABLE firm DROP COLUMN revenue, ADD COLUMN revenue text DEFAULT 'x', ALTER COLUMN employees TYPE numeric;
SELECT f.id, leadscore.fit('firms', f) FROM firm AS f ORDER BY id;
UPDATE firm SET employees = employees + 100 WHERE id = 3;
INSERT INTO firm (id, country, employees) VALUES (4, 'FR', 100.5);
SELECT id, fit FROM firms.scores ORDER BY id;
SELECT * FROM leadscore.verify('firms');

SELECT leadscore.drop_model('firms');
DROP TABLE firm;
