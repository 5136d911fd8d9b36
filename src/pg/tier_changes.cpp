#include "pg/tier_changes.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "pg/arguments.hpp"
#include "pg/arrays.hpp"
#include "pg/cause.hpp"
#include "pg/guard.hpp"
#include "pg/query.hpp"
#include "pg/rule_cache.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace leadscore::pg {

namespace {

// What a change is recorded with: lead, at, from_tier, to_tier, score, version, cause.
constexpr std::size_t column_count = 7;
using Change = std::array<NullableDatum, column_count>;

std::array<ElementType, column_count> column_types(const KeyType &key) noexcept {
  return {key.element(),
          timestamptz_element,
          text_element,
          text_element,
          ElementType{.type = FLOAT8OID, .length = sizeof(double), .by_value = true, .alignment = TYPALIGN_DOUBLE},
          ElementType{.type = INT4OID, .length = sizeof(std::int32_t), .by_value = true, .alignment = TYPALIGN_INT},
          text_element};
}

NullableDatum name_of(const Program &program, TierIndex tier) {
  if (tier == no_tier) return {.value = 0, .isnull = true};
  return {.value = text_result(program.tiers.at(static_cast<std::size_t>(tier)).name), .isnull = false};
}

void add_changes(const ChangedLead &lead, std::vector<Change> &changes) {
  const BoundState bound = bind_state(lead.state);
  for (const TierChange &change : bound.state.changes) {
    const bool has_past = change.from != no_tier;
    changes.push_back({NullableDatum{.value = lead.lead, .isnull = false},
                       NullableDatum{.value = TimestampTzGetDatum(to_timestamp(change.at)), .isnull = false},
                       has_past ? name_of(model_version(bound.state.model, change.from_version)->program, change.from)
                                : NullableDatum{.value = 0, .isnull = true},
                       name_of(bound.program(), change.to),
                       NullableDatum{.value = Float8GetDatum(change.score), .isnull = !change.has_score},
                       NullableDatum{.value = Int32GetDatum(bound.state.version), .isnull = false},
                       NullableDatum{.value = text_result(cause_name(change.cause)), .isnull = false}});
  }
}

std::string insert_query(const CompiledModel &model, const std::string &source) {
  return "INSERT INTO " + quoted(model.name) +
         ".tier_changes AS r (lead, at, recorded_at, from_tier, to_tier, score, version, cause) SELECT c.lead::" +
         model.key_type.name + ", c.at, clock_timestamp(), c.from_tier, c.to_tier, c.score, c.version, c.cause FROM (" + source +
         ") AS c (lead, at, from_tier, to_tier, score, version, cause)" + (model.notify ? " RETURNING " + notification(model) : "");
}

// Most statements bring one change, if any: for that one arrays would cost more than the rest.
void insert_one(const CompiledModel &model, const Change &change) {
  std::unique_ptr<SavedQuery> &query = model.queries["record a change"];
  if (query == nullptr) {
    query = std::make_unique<SavedQuery>(
        insert_query(model, "SELECT $1, $2, $3, $4, $5, $6, $7"),
        std::initializer_list<Oid>{model.key_type.base_type, TIMESTAMPTZOID, TEXTOID, TEXTOID, FLOAT8OID, INT4OID, TEXTOID});
  }
  (void)query->run(change, false);
}

void insert_many(const CompiledModel &model, const std::vector<Change> &changes) {
  std::unique_ptr<SavedQuery> &query = model.queries["record changes"];
  if (query == nullptr) {
    query = std::make_unique<SavedQuery>(insert_query(model, "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)"),
                                         std::initializer_list<Oid>{model.key_type.array_type, TIMESTAMPTZARRAYOID, TEXTARRAYOID,
                                                                    TEXTARRAYOID, FLOAT8ARRAYOID, INT4ARRAYOID, TEXTARRAYOID});
  }
  const std::array<ElementType, column_count> types = column_types(model.key_type);
  Change arrays{};
  for (std::size_t column = 0; column < column_count; ++column) {
    ArrayBuilder array(types[column]);
    array.reserve(changes.size());
    for (const Change &change : changes) array.add(change[column]);
    arrays[column] = {.value = array.build(), .isnull = false};
  }
  (void)query->run(arrays, false);
}

}  // namespace

// A NOTIFY payload has to stay below 8000 bytes; a key so long that it would not is left out. A key of somebody's own type is shown
// as text: a cast of it to json would be anybody's code.
std::string notification(const CompiledModel &model) {
  const std::string lead = model.key_type.base_type < FirstNormalObjectId ? "to_jsonb(r.lead)" : "to_jsonb(format('%s', r.lead))";
  return "pg_notify('leadscore', jsonb_build_object('model', " + quoted_literal(model.name) + ", 'lead', CASE WHEN octet_length(" +
         lead + "::text) <= 4000 THEN " + lead +
         " END, 'from', r.from_tier, 'to', r.to_tier,"
         " 'score', r.score, 'at', r.at, 'version', r.version, 'cause', r.cause)::text)";
}

std::int64_t record_changes(const CompiledModel &model, std::span<const ChangedLead> leads) {
  std::vector<Change> changes;
  for (const ChangedLead &lead : leads) add_changes(lead, changes);
  if (changes.size() == 1)
    insert_one(model, changes.front());
  else if (!changes.empty())
    insert_many(model, changes);
  return static_cast<std::int64_t>(changes.size());
}

}  // namespace leadscore::pg
