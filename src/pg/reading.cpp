#include "pg/reading.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/award_log.hpp"
#include "core/state_codec.hpp"
#include "pg/arguments.hpp"
#include "pg/rule_cache.hpp"

namespace leadscore::pg {

namespace {

// The last state that was read.
struct Last {
  bool is_known = false;
  std::vector<std::byte> stored;
  std::size_t size = 0;  // of the state's bytes
  BoundState bound;      // its model is that of a state read before, until `is_bound`
  bool is_bound = false;
  std::uint64_t generation = 0;  // of the configuration that the model is of
  Reading reading;               // of the bound state, once `is_read`
  bool is_read = false;
};

// Never destroyed: what it holds lives in PostgreSQL's memory, which is gone before static destructors run.
Last &last() {
  static Last &instance = *new Last;
  return instance;
}

// The memory for a state of this size is not kept for the next one.
constexpr std::size_t large_state = 1U << 20U;

void forget(Last &known) noexcept {
  known.is_known = false;
  known.is_bound = false;
  known.is_read = false;
  if (known.size <= large_state) return;
  known.size = 0;
  known.stored = {};
  known.bound.state = {};
  known.reading = {};
}

// A value as it is stored: one that is compressed, or lies in a table of its own, is known by that, and not fetched again for the
// next question. Nothing of one that lies elsewhere in memory, where there may soon be another.
std::span<const std::byte> stored_bytes(Datum value) noexcept {
  const auto *stored = reinterpret_cast<const varlena *>(DatumGetPointer(value));
  if (VARATT_IS_EXTERNAL(stored) && !VARATT_IS_EXTERNAL_ONDISK(stored)) return {};
  return {reinterpret_cast<const std::byte *>(stored), VARSIZE_ANY(stored)};
}

void remember(Last &known, std::span<const std::byte> stored, std::size_t size) {
  known.stored.assign(stored.begin(), stored.end());
  known.size = size;
  known.is_known = !stored.empty();
}

bool is_same(const Last &known, std::span<const std::byte> bytes) noexcept {
  return known.is_known && known.stored.size() == bytes.size() && std::memcmp(known.stored.data(), bytes.data(), bytes.size()) == 0;
}

// The version of the last state is looked up only if it is another one than before.
void bind_last(Last &known) {
  const State &state = known.bound.state;
  const bool is_current = known.bound.model != nullptr && known.generation == configuration_generation() &&
                          known.bound.program().model == state.model && known.bound.program().version == state.version;
  known.is_bound = false;
  known.is_read = false;
  if (!is_current) {
    // What changes while it is loaded makes it stale.
    known.generation = configuration_generation();
    known.bound.model = model_version(state.model, state.version);
  }
  require_fit(known.bound.program(), state);
  known.is_bound = true;
}

}  // namespace

const State &known_state(Datum value) {
  const std::span<const std::byte> stored = stored_bytes(value);
  Last &known = last();
  if (is_same(known, stored)) return known.bound.state;
  forget(known);
  const std::span<const std::byte> bytes = state_bytes(value);
  decode(bytes, known.bound.state);
  remember(known, stored, bytes.size());
  return known.bound.state;
}

const BoundState &bound_state(Datum value) {
  const std::span<const std::byte> stored = stored_bytes(value);
  Last &known = last();
  const bool is_known = is_same(known, stored);
  if (is_known && known.is_bound && known.generation == configuration_generation()) return known.bound;
  if (!is_known) {
    forget(known);
    const std::span<const std::byte> bytes = state_bytes(value);
    if (AwardLog::is_log(bytes)) {
      BoundState bound = bind_state(bytes);
      known.bound.state = std::move(bound.state);
    } else {
      decode(bytes, known.bound.state);
    }
    remember(known, stored, bytes.size());
  }
  bind_last(known);
  return known.bound;
}

Reading &reading(const BoundState &bound, const std::optional<Instant> &asked) {
  const Instant t = asked ? *asked : std::max(transaction_start(), bound.state.horizon);
  Last &known = last();
  if (!known.is_read || known.reading.at() != t) {
    known.reading.start(bound.program(), bound.state, t);
    known.is_read = true;
  }
  return known.reading;
}

}  // namespace leadscore::pg
