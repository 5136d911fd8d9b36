// The one way in which states are written: an upsert per lead, in the order of the keys, that records the tier changes it brings.
#pragma once

#include "pg/postgres.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/state.hpp"
#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// What a statement has to say about a lead.
struct LeadWrite {
  Datum lead = 0;  // in the key's base type
  State state;
};

// What one statement has to say, by lead. Keys are copied into the memory context that is current at construction.
class LeadWrites {
 public:
  explicit LeadWrites(const CompiledModel &model);
  // The state to add to for this lead. `lead` need not outlive the call. The reference is good until the next call.
  [[nodiscard]] State &operator[](Datum lead);
  // One write per lead, sorted by key. What is equal to the type's order though not to the byte becomes one.
  [[nodiscard]] std::vector<LeadWrite> take();
  // Only the keys, likewise.
  [[nodiscard]] std::vector<Datum> take_keys();

 private:
  [[nodiscard]] std::string identity(Datum lead) const;

  const CompiledModel &model_;
  MemoryContext memory_;
  std::vector<LeadWrite> writes_;
  std::unordered_map<std::string, std::size_t> places_;  // by the key's bytes
};

// The SQL that writes the rows (lead, state) of the query `source` and gives the number of tier changes. `superseded`, a condition
// on the pending events `p`, removes those that the rows already count.
[[nodiscard]] std::string write_query(const CompiledModel &model, const std::string &source, const std::string &superseded = {});

// The instant at which triggers write: the clock's, so that an event of just now has happened already.
[[nodiscard]] Instant clock_instant() noexcept;

// Writes what `take` gave, or a part of it, at an instant. Returns the number of tier changes. Inside an SpiScope, with the rights
// of the model's owner; so also `delete_empty_states`.
std::int64_t write_states(const CompiledModel &model, std::span<const LeadWrite> writes, WriteKind kind, Cause cause, Instant at);

// The same as two arrays, of keys and of states, for queries that take them.
[[nodiscard]] std::array<Datum, 2> write_arrays(const CompiledModel &model, std::span<const LeadWrite> writes, WriteKind kind,
                                                Cause cause, Instant at);
[[nodiscard]] Oid state_array_type();

// Removes the states of these leads that hold nothing any more.
void delete_empty_states(const CompiledModel &model, const std::vector<Datum> &leads);

// The leads of these writes.
[[nodiscard]] std::vector<Datum> keys_of(std::span<const LeadWrite> writes);

// An array of keys, for the queries that take one.
[[nodiscard]] Datum key_array(const CompiledModel &model, const std::vector<Datum> &keys);

}  // namespace leadscore::pg
