#include "pg/reading.hpp"

#include <algorithm>
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
  std::vector<std::byte> bytes;
  BoundState bound;                // without a model until it is asked for
  std::optional<Reading> reading;  // of `bound` with its model
};

// Never destroyed: what it holds lives in PostgreSQL's memory, which is gone before static destructors run.
Last &last() {
  static Last &instance = *new Last;
  return instance;
}

// The memory for a state of this size is not kept for ones that are far smaller.
constexpr std::size_t large_state = 1U << 20U;

void forget(Last &known) noexcept {
  known.is_known = false;
  known.reading.reset();
  known.bound.model.reset();
  if (known.bytes.capacity() > large_state) known.bytes = {};
}

void remember(Last &known, std::span<const std::byte> bytes) {
  known.bytes.assign(bytes.begin(), bytes.end());
  known.is_known = true;
}

bool is_same(const Last &known, std::span<const std::byte> bytes) noexcept {
  return known.is_known && std::ranges::equal(known.bytes, bytes);
}

}  // namespace

const State &known_state(Datum value) {
  const std::span<const std::byte> bytes = state_bytes(value);
  Last &known = last();
  if (is_same(known, bytes)) return known.bound.state;
  forget(known);
  known.bound.state = decode(bytes);
  remember(known, bytes);
  return known.bound.state;
}

const BoundState &bound_state(Datum value) {
  const std::span<const std::byte> bytes = state_bytes(value);
  Last &known = last();
  const bool is_known = is_same(known, bytes);
  if (is_known && known.bound.model != nullptr &&
      known.bound.model == model_version(known.bound.state.model, known.bound.state.version)) {
    return known.bound;
  }
  std::optional<State> decoded;
  if (is_known && !AwardLog::is_log(bytes)) decoded = std::move(known.bound.state);
  forget(known);
  known.bound = decoded ? bind_state(std::move(*decoded)) : bind_state(bytes);
  remember(known, bytes);
  return known.bound;
}

Reading &reading(const BoundState &bound, const std::optional<Instant> &asked) {
  const Instant t = asked ? *asked : std::max(transaction_start(), bound.state.horizon);
  std::optional<Reading> &known = last().reading;
  if (!known || known->at() != t) known.emplace(bound.program(), bound.state, t);
  return *known;
}

}  // namespace leadscore::pg
