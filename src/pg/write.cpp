#include "pg/write.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/advance.hpp"
#include "pg/arrays.hpp"
#include "pg/guard.hpp"
#include "pg/lock_order.hpp"
#include "pg/session.hpp"
#include "pg/state_datum.hpp"
#include "pg/tier_changes.hpp"
#include "pg/time.hpp"

namespace leadscore::pg {

namespace {

// So many leads are written by one query: it bounds the memory that a statement about many takes.
constexpr std::size_t leads_per_query = 10'000;

std::string advance_state(const std::string &written) { return " SET state = leadscore.advance(s.state, " + written + ")"; }

// The SQL that writes the rows (lead, state) of the query `source`.
std::string upsert(const CompiledModel &model, const std::string &source) {
  return "INSERT INTO " + model.state_table() + " AS s (lead, state, generation) SELECT w.*, " + std::to_string(model.generation) +
         " FROM (" + source + ") AS w (lead, state) ON CONFLICT (generation, lead) DO UPDATE" + advance_state("excluded.state");
}

// What a write gives back: the lead, and its state if that has changed the tier.
std::string returning() { return " RETURNING s.lead, CASE WHEN leadscore.has_changes(s.state) THEN s.state END"; }

const SavedQuery &saved(const CompiledModel &model, const char *name, const auto &make) {
  std::unique_ptr<SavedQuery> &query = model.queries[name];
  if (query == nullptr) query = make();
  return *query;
}

std::int64_t record_changes_in(const CompiledModel &model, const Rows &written) {
  std::vector<ChangedLead> changed;
  for (std::uint64_t i = 0; i < written.count(); ++i) {
    if (written.is_null(i, 2)) continue;
    changed.push_back(
        {.lead = written.datum_of_type(i, 1, model.key_type.base_type), .state = written.datum_of_type(i, 2, state_type())});
  }
  return record_changes(model, changed);
}

// A lead that is known is updated, which costs less than an insert that finds it there. One that is not, or not yet, is inserted.
std::int64_t write_one(const CompiledModel &model, Datum lead, Datum state) {
  const KeyType &key = model.key_type;
  const std::array<Datum, 2> values{lead, state};
  const SavedQuery &update = saved(model, "update a state", [&] {
    const std::string sql = "UPDATE " + model.state_table() + " AS s" + advance_state("$2") +
                            " WHERE s.generation = " + std::to_string(model.generation) + " AND s.lead " + key.equality + " $1" +
                            returning();
    return std::make_unique<SavedQuery>(sql, std::initializer_list<Oid>{key.base_type, state_type()});
  });
  const Rows updated = update.run(values, false);
  if (updated.count() > 0) return record_changes_in(model, updated);
  const SavedQuery &insert = saved(model, "write a state", [&] {
    return std::make_unique<SavedQuery>(upsert(model, "SELECT $1::" + key.name + ", $2") + returning(),
                                        std::initializer_list<Oid>{key.base_type, state_type()});
  });
  return record_changes_in(model, insert.run(values, false));
}

std::int64_t write_many(const CompiledModel &model, const std::array<Datum, 2> &arrays) {
  const SavedQuery &query = saved(model, "write states", [&] {
    const std::string source = "SELECT d.lead::" + model.key_type.name + ", d.state FROM unnest($1, $2) AS d(lead, state)";
    return std::make_unique<SavedQuery>(upsert(model, source) + returning(),
                                        std::initializer_list<Oid>{model.key_type.array_type, state_array_type()});
  });
  return record_changes_in(model, query.run(arrays, false));
}

}  // namespace

LeadWrites::LeadWrites(const CompiledModel &model) : model_(model), memory_(CurrentMemoryContext) {}

std::string LeadWrites::identity(Datum lead) const {
  const KeyType &key = model_.key_type;
  if (key.by_value) return {reinterpret_cast<const char *>(&lead), sizeof lead};
  const char *bytes = DatumGetPointer(lead);
  const std::size_t size = call([lead, &key] { return datumGetSize(lead, key.by_value, key.length); });
  return {bytes, size};
}

State &LeadWrites::operator[](Datum lead) {
  const auto [place, is_new] = places_.try_emplace(identity(lead), writes_.size());
  if (is_new) {
    const KeyType &key = model_.key_type;
    const MemoryContext memory = memory_;
    const Datum copy = call([lead, &key, memory] {
      MemoryContext old = MemoryContextSwitchTo(memory);
      const Datum result = datumCopy(lead, key.by_value, key.length);
      MemoryContextSwitchTo(old);
      return result;
    });
    writes_.push_back({.lead = copy, .state = empty_state(model_.program)});
  }
  return writes_[place->second].state;
}

std::vector<LeadWrite> LeadWrites::take() {
  const KeyType &key = model_.key_type;
  // Not the writes themselves are sorted, which are large.
  std::vector<std::size_t> order(writes_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [this, &key](std::size_t left, std::size_t right) {
    return key.compare(writes_[left].lead, writes_[right].lead) < 0;
  });
  std::vector<LeadWrite> result;
  result.reserve(writes_.size());
  for (const std::size_t place : order) {
    LeadWrite &write = writes_[place];
    if (!result.empty() && key.compare(result.back().lead, write.lead) == 0)
      merge(model_.program, result.back().state, write.state);
    else
      result.push_back(std::move(write));
  }
  writes_.clear();
  places_.clear();
  return result;
}

std::vector<Datum> LeadWrites::take_keys() {
  std::vector<Datum> keys;
  for (const LeadWrite &write : take()) keys.push_back(write.lead);
  return keys;
}

std::string write_query(const CompiledModel &model, const std::string &source, const std::string &superseded) {
  const std::string schema = quoted(model.name);
  const std::string remove =
      superseded.empty() ? "" : "superseded AS (DELETE FROM " + schema + ".pending p WHERE " + superseded + "), ";
  return "WITH " + remove + "written AS (" + upsert(model, source) +
         " RETURNING s.lead, s.state),"
         " recorded AS (INSERT INTO " +
         schema +
         ".tier_changes (lead, at, recorded_at, from_tier, to_tier, score, version, cause)"
         " SELECT w.lead, c.at, clock_timestamp(), c.from_tier, c.to_tier, c.score, c.version, c.cause FROM written w"
         " CROSS JOIN LATERAL leadscore.changes(w.state) c WHERE leadscore.has_changes(w.state) RETURNING *)"
         " SELECT count(*) AS changes" +
         (model.notify ? ", count(" + notification(model) + ") AS notifications" : "") + " FROM recorded r";
}

Datum key_array(const CompiledModel &model, const std::vector<Datum> &keys) {
  ArrayBuilder array(model.key_type.element());
  array.reserve(keys.size());
  for (const Datum lead : keys) array.add(lead);
  return array.build();
}

void delete_empty_states(const CompiledModel &model, const std::vector<Datum> &leads) {
  if (leads.empty()) return;
  (void)run_query("DELETE FROM " + model.state_table() + " s WHERE " + model.is_live("s") + " AND s.lead " +
                      model.key_type.equality + " ANY ($1) AND leadscore.is_empty(s.state)",
                  {{.type = model.key_type.array_type, .value = key_array(model, leads)}}, false);
}

std::int64_t write_states(const CompiledModel &model, std::span<const LeadWrite> writes, WriteKind kind, Cause cause, Instant at) {
  std::int64_t changes = 0;
  for (std::size_t first = 0; first < writes.size(); first += leads_per_query) {
    const ScratchMemory memory;
    const std::span<const LeadWrite> some = writes.subspan(first, std::min(leads_per_query, writes.size() - first));
    if (some.size() == 1) {
      const LeadWrite &write = some.front();
      changes += write_one(model, write.lead, make_state(as_write(model.program, write.state, kind, cause, at)));
    } else {
      changes += write_many(model, write_arrays(model, some, kind, cause, at));
    }
  }
  if (!writes.empty()) note_locked(model, writes.back().lead);
  return changes;
}

std::array<Datum, 2> write_arrays(const CompiledModel &model, std::span<const LeadWrite> writes, WriteKind kind, Cause cause,
                                  Instant at) {
  ArrayBuilder states({.type = state_type(), .length = -1, .by_value = false, .alignment = TYPALIGN_DOUBLE});
  states.reserve(writes.size());
  for (const LeadWrite &write : writes) states.add(make_state(as_write(model.program, write.state, kind, cause, at)));
  return {key_array(model, keys_of(writes)), states.build()};
}

std::vector<Datum> keys_of(std::span<const LeadWrite> writes) {
  std::vector<Datum> keys;
  keys.reserve(writes.size());
  for (const LeadWrite &write : writes) keys.push_back(write.lead);
  return keys;
}

Instant clock_instant() noexcept { return to_instant(GetCurrentTimestamp()); }

Oid state_array_type() {
  return call([] { return get_array_type(state_type()); });
}

}  // namespace leadscore::pg
