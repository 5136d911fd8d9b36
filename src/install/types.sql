-- The type of a state.

CREATE TYPE leadscore.state;

CREATE FUNCTION leadscore.state_in(cstring) RETURNS leadscore.state
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_in';
CREATE FUNCTION leadscore.state_out(leadscore.state) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_out';
CREATE FUNCTION leadscore.state_recv(internal) RETURNS leadscore.state
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_recv';
CREATE FUNCTION leadscore.state_send(leadscore.state) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'leadscore_state_send';

COMMENT ON FUNCTION leadscore.state_in(cstring) IS 'Internal: reads a state in its hexadecimal text form; refuses what is none.';
COMMENT ON FUNCTION leadscore.state_out(leadscore.state) IS 'Internal: gives a state in its hexadecimal text form.';
COMMENT ON FUNCTION leadscore.state_recv(internal) IS 'Internal: reads a state in its binary form; refuses what is none.';
COMMENT ON FUNCTION leadscore.state_send(leadscore.state) IS 'Internal: gives a state in its binary form.';

-- Numbers that hardly become smaller are not worth compressing: a large state would take a quarter less room, and a write of it twice the time.
CREATE TYPE leadscore.state (
    INPUT = leadscore.state_in,
    OUTPUT = leadscore.state_out,
    RECEIVE = leadscore.state_recv,
    SEND = leadscore.state_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = external
);
COMMENT ON TYPE leadscore.state IS
    'All that a lead''s scores depend on, from an instant (its horizon) on: read it with score, tier, next_change and breakdown, add with +.';
