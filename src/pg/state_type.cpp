// The type leadscore.state: text and binary form, sum, and what its header says without the model.

#include <cstring>

#include "core/evaluate.hpp"
#include "core/state_codec.hpp"
#include "pg/arguments.hpp"
#include "pg/reading.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// The type modifier and the type's own number, which the input functions are given too, say nothing about a state.
Datum checked_state(std::span<const std::byte> bytes) {
  (void)decode(bytes);
  varlena *value = allocate_state(bytes.size());
  std::memcpy(VARDATA(value), bytes.data(), bytes.size());
  return PointerGetDatum(value);
}

}  // namespace

// Text is hexadecimal, as bytea has it: PostgreSQL's own functions read and write it.
LEADSCORE_FUNCTION(state_in) {
  const Datum bytes = call([fcinfo] { return DirectFunctionCall1(byteain, PG_GETARG_DATUM(0)); });
  return checked_state(state_bytes(bytes));
}

LEADSCORE_FUNCTION(state_out) {
  const std::span<const std::byte> bytes = state_bytes(PG_GETARG_DATUM(0));
  return call([bytes] {
    constexpr char digits[] = "0123456789abcdef";
    auto *text = static_cast<char *>(palloc(bytes.size() * 2 + 3));
    char *end = text;
    *end++ = '\\';
    *end++ = 'x';
    for (const std::byte byte : bytes) {
      *end++ = digits[std::to_integer<unsigned>(byte) >> 4U];
      *end++ = digits[std::to_integer<unsigned>(byte) & 15U];
    }
    *end = '\0';
    return CStringGetDatum(text);
  });
}

LEADSCORE_FUNCTION(state_recv) {
  auto *buffer = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const int size = buffer->len - buffer->cursor;
  const char *data = call([buffer, size] { return pq_getmsgbytes(buffer, size); });
  return checked_state({reinterpret_cast<const std::byte *>(data), static_cast<std::size_t>(size)});
}

LEADSCORE_FUNCTION(state_send) {
  const std::span<const std::byte> bytes = state_bytes(PG_GETARG_DATUM(0));
  return call([bytes] {
    StringInfoData buffer;
    pq_begintypsend(&buffer);
    pq_sendbytes(&buffer, reinterpret_cast<const char *>(bytes.data()), static_cast<int>(bytes.size()));
    return PointerGetDatum(pq_endtypsend(&buffer));
  });
}

LEADSCORE_FUNCTION(state_add) {
  BoundState left = bind_state(PG_GETARG_DATUM(0));
  merge(left.program(), left.state, bind_state(PG_GETARG_DATUM(1)).state);
  return make_state(left.state);
}

LEADSCORE_FUNCTION(state_due_at) { return TimestampTzGetDatum(to_timestamp(decode_due_at(state_bytes(PG_GETARG_DATUM(0))))); }

LEADSCORE_FUNCTION(state_ceiling) { return float8_result(fcinfo, decode_ceiling(state_bytes(PG_GETARG_DATUM(0)))); }

LEADSCORE_FUNCTION(state_horizon) { return TimestampTzGetDatum(to_timestamp(known_state(PG_GETARG_DATUM(0)).horizon)); }

LEADSCORE_FUNCTION(state_version) { return Int32GetDatum(known_state(PG_GETARG_DATUM(0)).version); }

LEADSCORE_FUNCTION(state_last_event_at) { return instant_result(fcinfo, known_state(PG_GETARG_DATUM(0)).last_event_at); }

LEADSCORE_FUNCTION(state_is_empty) { return BoolGetDatum(is_empty(known_state(PG_GETARG_DATUM(0)))); }

LEADSCORE_FUNCTION(state_is_scored) {
  const State &state = known_state(PG_GETARG_DATUM(0));
  return BoolGetDatum(state.has_lead && is_eligible(state));
}

LEADSCORE_FUNCTION(state_has_changes) { return BoolGetDatum(decode_has_changes(state_bytes(PG_GETARG_DATUM(0)))); }
