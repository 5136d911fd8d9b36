-- What publish, rebuild, refresh and drop_model have in common: who must wait for whom, and where live states are.
--
-- refresh, rebuild, publish and drop_model first take SHARE UPDATE EXCLUSIVE on the model's table live: one of them at a time. Triggers
-- hold ROW EXCLUSIVE on it, from the first one to the end of their transaction, which keeps none of these out.
--
-- rebuild and publish make states of all leads beside the live ones while others write (src/pg/everybody.cpp, src/pg/writers.hpp), note
-- which leads change meanwhile, and score these once more. Only at the end they take SHARE on live: who writes then waits until they
-- commit, and goes on with the new version and states. A publish that begins to follow a table cannot know what changes in it before it
-- has triggers: it locks the tables of leads, events and adjustments against writing from its beginning.
--
-- Nobody is kept waiting for long by a lock that is only waited for: such a request is given up after a moment, and made again when those
-- who were in its way are gone. Where others are always in its way it is given up later each time, so that it is granted once that is longer
-- than they take.

CREATE FUNCTION leadscore.require_published(model text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    name text := (leadscore.require_model(require_published.model)).name;
BEGIN
    IF NOT EXISTS (SELECT FROM leadscore.version AS v WHERE v.model = name) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('model "%s" is not published', name),
            HINT = format('Run SELECT leadscore.publish(%L) first.', name);
    END IF;
    RETURN name;
END
$$;
COMMENT ON FUNCTION leadscore.require_published(text) IS
    'Internal: the model''s name; an error if there is no such model or it has no version yet.';

CREATE FUNCTION leadscore.tables_of(model text) RETURNS SETOF regclass
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.relation::regclass
    FROM (SELECT m.leads::oid FROM leadscore.model AS m WHERE m.name = tables_of.model
          UNION SELECT s.relation FROM leadscore.event_source AS s WHERE s.model = tables_of.model
          UNION SELECT f.relation FROM leadscore.followed(tables_of.model) AS f
          WHERE NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = f.relation)
          UNION SELECT to_regclass(format('%I.adjustment', tables_of.model))) AS r(relation)
    JOIN pg_class AS c ON c.oid = r.relation AND c.relkind IN ('r', 'p')
    ORDER BY r.relation
$$;
COMMENT ON FUNCTION leadscore.tables_of(text) IS
    'Internal: the tables of leads and events of a model''s draft, and those that are followed now, without partitions and children;
and the table of the model''s adjustments.';

CREATE FUNCTION leadscore.wait_for_holders(relation regclass, mode text) RETURNS void
    LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'leadscore_wait_for_holders';
COMMENT ON FUNCTION leadscore.wait_for_holders(regclass, text) IS
    'Internal: waits until all transactions have ended that hold a lock on a table now which conflicts with a mode. Does not ask for the
lock itself, so that nobody has to wait for it.';

CREATE FUNCTION leadscore.wait_for_turn(relation regclass, mode text) RETURNS void
    LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'leadscore_wait_for_turn';
COMMENT ON FUNCTION leadscore.wait_for_turn(regclass, text) IS
    'Internal: waits, in the order of coming, for those who have had their turn with a table in a mode that conflicts, until they have
ended. Writers and readers of the table take no turns.';

CREATE FUNCTION leadscore.take_turn(relations regclass[], mode text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation regclass;
BEGIN
    -- Who has locked one of them already may be waited for by the one whose turn it is.
    IF EXISTS (SELECT FROM pg_locks AS l
               WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.relation = ANY (relations)
                 AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())) THEN
        RETURN;
    END IF;
    FOREACH relation IN ARRAY relations LOOP
        PERFORM leadscore.wait_for_turn(relation, mode);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.take_turn(regclass[], text) IS
    'Internal: waits until the transaction may lock these tables before all who come later, though they are of another model: else those
who score everybody, one after the other, would keep a drop_model out for ever.';

CREATE FUNCTION leadscore.patience(attempt integer, is_awaited boolean) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT greatest(1, least(50 * power(2, least(attempt, 16)), CASE WHEN is_awaited
        THEN extract(epoch FROM current_setting('deadlock_timeout')::interval) * 500 ELSE 10000 END))::integer
$$;
COMMENT ON FUNCTION leadscore.patience(integer, boolean) IS
    'Internal: for how many milliseconds to wait for a lock, while those who come later wait: longer after each attempt (from 0), up to ten
seconds, since those who are in the way may last so long. is_awaited: others may wait for what this transaction holds already, and it for
them; then only for so long that nobody takes that for a deadlock.';

CREATE FUNCTION leadscore.is_in_vain(held regclass[], wanted regclass) RETURNS boolean
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM pg_locks AS w JOIN pg_locks AS h ON h.pid = w.pid
                   WHERE w.locktype = 'relation' AND NOT w.granted AND h.locktype = 'relation' AND h.granted AND w.database = h.database
                     AND w.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                     AND w.relation IN (SELECT f.member FROM unnest(held) AS t(relation), leadscore.family(t.relation) AS f(member))
                     AND h.relation IN (SELECT f.member FROM leadscore.family(wanted) AS f(member)))
$$;
COMMENT ON FUNCTION leadscore.is_in_vain(regclass[], regclass) IS
    'Internal: whether somebody who has locked a table waits for one of those that this transaction holds.';

CREATE FUNCTION leadscore.try_lock(relations regclass[], first regclass, mode text, attempt integer) RETURNS regclass
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '50ms'
AS $$
DECLARE
    relation regclass := first;
    held regclass[] := ARRAY[first];
BEGIN
    PERFORM set_config('lock_timeout', leadscore.patience(attempt, false)::text, true);
    -- LOCK takes partitions and children along.
    EXECUTE format('LOCK TABLE %s IN %s MODE', relation, mode);
    -- A transaction that has written to one of them and goes on to the next now waits for us, who may wait for it.
    PERFORM set_config('lock_timeout', greatest(1, leadscore.patience(attempt, true) / cardinality(relations))::text, true);
    FOREACH relation IN ARRAY array_remove(relations, first) LOOP
        IF leadscore.is_in_vain(held, relation) THEN
            RAISE lock_not_available;
        END IF;
        EXECUTE format('LOCK TABLE %s IN %s MODE', relation, mode);
        held := held || relation;
    END LOOP;
    RETURN NULL;
EXCEPTION WHEN lock_not_available THEN
    -- What was locked in this block is free again.
    RETURN relation;
END
$$;
COMMENT ON FUNCTION leadscore.try_lock(regclass[], regclass, text, integer) IS
    'Internal: locks all tables in a mode until the end of the transaction, beginning with the first one, waiting for each for as long as is
due at that attempt (leadscore.patience); or none, and returns the one that could not be locked.';

CREATE FUNCTION leadscore.lock_tables(relations regclass[], mode text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    busy regclass := relations[1];
    attempt integer := 0;
BEGIN
    PERFORM leadscore.take_turn(relations, mode);
    WHILE busy IS NOT NULL LOOP
        PERFORM leadscore.wait_for_holders(m.member, mode) FROM leadscore.family(busy) AS m(member);
        -- The next round begins with the table that was not free.
        busy := leadscore.try_lock(relations, busy, mode, attempt);
        attempt := attempt + 1;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leadscore.lock_tables(regclass[], text) IS
    'Internal: locks all tables in a mode until the end of the transaction. While it waits for those who hold one of them it holds none of
them, and who comes later waits for it for a moment; for longer only where somebody always holds them.';

CREATE FUNCTION leadscore.lock_model(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_transaction_state',
            MESSAGE = format('all leads of a model cannot be scored under %s', upper(current_setting('transaction_isolation'))),
            DETAIL = 'What others have just committed must be seen, but the transaction''s snapshot was taken before.',
            HINT = 'Use a transaction with isolation level READ COMMITTED.';
    END IF;
    EXECUTE format('LOCK TABLE %I.live IN SHARE UPDATE EXCLUSIVE MODE', model);
    PERFORM leadscore.take_turn(array(SELECT leadscore.tables_of(model)), 'ACCESS SHARE');
EXCEPTION WHEN invalid_schema_name OR undefined_table THEN
    -- It was dropped while this waited.
    PERFORM leadscore.require_model(model);
    RAISE;
END
$$;
COMMENT ON FUNCTION leadscore.lock_model(text) IS
    'Internal: keeps publish, rebuild, refresh and drop_model of a model out until the end of the transaction. It is an error under
REPEATABLE READ and SERIALIZABLE.';

CREATE FUNCTION leadscore.lead_is_same(model text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    -- By the operator and the collation of the states' primary key (generation, lead), which a search path cannot change.
    SELECT format('s.lead OPERATOR(%I.%s) r.lead%s', n.nspname, o.oprname,
                  (SELECT format(' COLLATE %I.%I', cn.nspname, c.collname)
                   FROM pg_collation AS c JOIN pg_namespace AS cn ON cn.oid = c.collnamespace WHERE c.oid = i.indcollation[1]))
    FROM pg_index AS i
    JOIN pg_opclass AS k ON k.oid = i.indclass[1]
    JOIN pg_amop AS a ON a.amopfamily = k.opcfamily AND a.amoplefttype = k.opcintype AND a.amoprighttype = k.opcintype
                     AND a.amopstrategy = 3
    JOIN pg_operator AS o ON o.oid = a.amopopr
    JOIN pg_namespace AS n ON n.oid = o.oprnamespace
    WHERE i.indrelid = to_regclass(format('%I.state', model)) AND i.indisprimary
$$;
COMMENT ON FUNCTION leadscore.lead_is_same(text) IS
    'Internal: the condition that joins s, a model''s states, and r, a recompute, by lead; null if there is no such model.';

CREATE FUNCTION leadscore.pending_query(model text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format(
        'SELECT p.lead,'
        ' leadscore.as_write(leadscore.merge(p.state), ''add_events'', ''event'', max(leadscore.horizon(p.state))) AS state'
        ' FROM %I.pending AS p GROUP BY p.lead', model)
$$;
COMMENT ON FUNCTION leadscore.pending_query(text) IS
    'Internal: SQL that gives (lead, state): the events that are pending, as the write of them to their lead''s state.';

CREATE FUNCTION leadscore.live_generation(model text) RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'leadscore_live_generation';
COMMENT ON FUNCTION leadscore.live_generation(text) IS
    'Internal: the generation of a model''s states that counts, as the query sees it: all that it reads is of one. Takes no right.';

CREATE FUNCTION leadscore.stored_query(model text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format(
        'SELECT g.lead, g.state FROM %I.state AS g WHERE g.generation = (SELECT leadscore.live_generation(%L))', model, model)
$$;
COMMENT ON FUNCTION leadscore.stored_query(text) IS
    'Internal: SQL that gives (lead, state): the states that count, as stored.';

CREATE FUNCTION leadscore.live_query(model text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format(
        'SELECT coalesce(s.lead, r.lead) AS lead,'
        ' CASE WHEN r.lead IS NULL THEN s.state WHEN s.lead IS NULL THEN r.state ELSE leadscore.advance(s.state, r.state) END AS state'
        ' FROM (%s) AS s FULL JOIN (%s) AS r ON %s',
        leadscore.stored_query(model), leadscore.pending_query(model), leadscore.lead_is_same(model))
$$;
COMMENT ON FUNCTION leadscore.live_query(text) IS
    'Internal: SQL that gives (lead, state): the states as stored, with the events that are pending.';

CREATE FUNCTION leadscore.live_state(state leadscore.state, lead anyelement, pending record[]) RETURNS leadscore.state
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'leadscore_live_state';
COMMENT ON FUNCTION leadscore.live_state(leadscore.state, anyelement, record[]) IS
    'Internal: a stored state of a lead with its events among those that are pending, an array of the rows of a model''s table pending.';

CREATE FUNCTION leadscore.scored_query(model text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    -- Who has pending events but no state has no row, and so no score. OFFSET 0 makes that what is pending is read once, not for each column.
    SELECT format(
        'SELECT g.lead, leadscore.live_state(g.state, g.lead, w.pending) AS state'
        ' FROM %1$I.state AS g CROSS JOIN (SELECT ARRAY(SELECT p FROM %1$I.pending AS p) AS pending OFFSET 0) AS w'
        ' WHERE g.generation = (SELECT leadscore.live_generation(%1$L))', model)
$$;
COMMENT ON FUNCTION leadscore.scored_query(text) IS
    'Internal: SQL that gives (lead, state) of all leads that may have a score: the states as stored, with the events that are pending.
Joined by lead it finds the states by their key.';
