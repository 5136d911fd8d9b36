#include "pg/write.hpp"

#include <algorithm>
#include <array>

#include "core/advance.hpp"
#include "pg/guard.hpp"
#include "pg/lock_order.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace leadscore::pg {

namespace {

Datum make_array(std::vector<Datum> &elements, Oid type, std::int16_t length, bool by_value, char alignment) {
  return call([&elements, type, length, by_value, alignment] {
    return PointerGetDatum(construct_array(elements.data(), static_cast<int>(elements.size()), type, length, by_value, alignment));
  });
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
  std::ranges::sort(writes_,
                    [&key](const LeadWrite &left, const LeadWrite &right) { return key.compare(left.lead, right.lead) < 0; });
  std::vector<LeadWrite> result;
  result.reserve(writes_.size());
  for (LeadWrite &write : writes_) {
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

// A NOTIFY payload has to stay below 8000 bytes; a key so long that it would not is left out. A key of somebody's own type is shown
// as text: a cast of it to json would be anybody's code.
std::string notification(const CompiledModel &model) {
  const std::string lead = model.key_type.base_type < FirstNormalObjectId ? "to_jsonb(r.lead)" : "to_jsonb(format('%s', r.lead))";
  return "count(pg_notify('leadscore', jsonb_build_object('model', " + quoted_literal(model.name) +
         ", 'lead', CASE WHEN octet_length(" + lead + "::text) <= 4000 THEN " + lead +
         " END, 'from', r.from_tier, 'to', r.to_tier,"
         " 'score', r.score, 'at', r.at, 'version', r.version, 'cause', r.cause)::text))";
}

std::string write_query(const CompiledModel &model, const std::string &source, const std::string &superseded) {
  const std::string schema = quoted(model.name);
  const std::string remove =
      superseded.empty() ? "" : "superseded AS (DELETE FROM " + schema + ".pending p WHERE " + superseded + "), ";
  return "WITH " + remove + "written AS (INSERT INTO " + model.state_table() + " AS s (lead, state, generation) SELECT w.*, " +
         std::to_string(model.generation) + " FROM (" + source +
         ") w ON CONFLICT (generation, lead) DO UPDATE SET state = leadscore.advance(s.state, excluded.state) RETURNING s.lead, "
         "s.state),"
         " recorded AS (INSERT INTO " +
         schema +
         ".tier_changes (lead, at, recorded_at, from_tier, to_tier, score, version, cause)"
         " SELECT w.lead, c.at, clock_timestamp(), c.from_tier, c.to_tier, c.score, c.version, c.cause FROM written w"
         " CROSS JOIN LATERAL leadscore.changes(w.state) c WHERE leadscore.has_changes(w.state) RETURNING *)"
         " SELECT count(*) AS changes" +
         (model.notify ? ", " + notification(model) + " AS notifications" : "") + " FROM recorded r";
}

Datum key_array(const CompiledModel &model, const std::vector<Datum> &keys) {
  const KeyType &key = model.key_type;
  std::vector<Datum> elements = keys;
  return make_array(elements, key.base_type, key.length, key.by_value, key.alignment);
}

void delete_empty_states(const CompiledModel &model, const std::vector<Datum> &leads) {
  if (leads.empty()) return;
  (void)run_query("DELETE FROM " + model.state_table() + " s WHERE " + model.is_live("s") + " AND s.lead " +
                      model.key_type.equality + " ANY ($1) AND leadscore.is_empty(s.state)",
                  {{.type = model.key_type.array_type, .value = key_array(model, leads)}}, false);
}

std::int64_t write_states(const CompiledModel &model, std::span<const LeadWrite> writes, WriteKind kind, Cause cause, Instant at) {
  if (writes.empty()) return 0;
  std::unique_ptr<SavedQuery> &query = model.queries["write"];
  if (query == nullptr) {
    const std::string source = "SELECT d.lead::" + model.key_type.name + ", d.state FROM unnest($1, $2) AS d(lead, state)";
    query = std::make_unique<SavedQuery>(write_query(model, source),
                                         std::initializer_list<Oid>{model.key_type.array_type, state_array_type()});
  }
  const std::array<Datum, 2> values = write_arrays(model, writes, kind, cause, at);
  const Rows result = query->run(values, false);
  note_locked(model, writes.back().lead);
  return DatumGetInt64(result.datum(0, 1));
}

std::array<Datum, 2> write_arrays(const CompiledModel &model, std::span<const LeadWrite> writes, WriteKind kind, Cause cause,
                                  Instant at) {
  std::vector<Datum> keys;
  std::vector<Datum> states;
  for (const LeadWrite &write : writes) {
    keys.push_back(write.lead);
    states.push_back(make_state(as_write(model.program, write.state, kind, cause, at)));
  }
  return {key_array(model, keys), make_array(states, state_type(), -1, false, TYPALIGN_DOUBLE)};
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
