// A published version of a model, ready to score: the engine's program and what only the database knows of it.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/program.hpp"
#include "pg/arrays.hpp"
#include "pg/kind_rules.hpp"
#include "pg/query.hpp"

namespace leadscore::pg {

// The type of a lead's key, as the state table has it.
struct KeyType {
  std::string name;             // as a cast names it in SQL, with its collation
  Oid base_type = InvalidOid;   // of a domain; else the type itself
  Oid array_type = InvalidOid;  // of the base type
  Oid collation = InvalidOid;
  std::string equality;  // the operator of its default btree order, as it stands in SQL
  std::int16_t length = 0;
  bool by_value = false;
  char alignment = 'i';
  FmgrInfo *comparison = nullptr;  // of its default btree order

  [[nodiscard]] ElementType element() const noexcept { return {base_type, length, by_value, alignment}; }
  // Below, at or above 0 as `left` comes before, with or after `right` in that order.
  [[nodiscard]] int compare(Datum left, Datum right) const;
};

// One of the team's event tables.
struct EventSource {
  std::string name;
  Oid relation = InvalidOid;
  std::string lead;
  std::string at;
  std::optional<std::string> kind;  // none: every row's kind is the source's name
};

struct CompiledModel {
  CompiledModel() = default;
  ~CompiledModel();
  CompiledModel(const CompiledModel &) = delete;
  CompiledModel &operator=(const CompiledModel &) = delete;

  Program program;
  std::string name;
  TransactionId written_by = InvalidTransactionId;  // which wrote the version's row as it is now
  bool notify = true;

  Oid leads = InvalidOid;
  std::string key;  // the leads column
  KeyType key_type;
  std::optional<std::string> created_at;  // the leads column with the time of a lead's creation
  std::vector<EventSource> sources;

  Oid states = InvalidOid;       // the table that holds the states
  Oid pending = InvalidOid;      // the table of events on their way into it
  Oid live = InvalidOid;         // the table that says which rows of `states` count
  Oid changed = InvalidOid;      // the table of leads to score once more
  std::int32_t generation = 0;   // of the rows of `states` that count
  Oid adjustments = InvalidOid;  // the table of what people have adjusted

  MemoryContext memory = nullptr;             // of the following
  const Jsonb *params = nullptr;              // the variables of every path
  std::vector<const JsonPath *> answers;      // by AnswerIndex; null: always true
  std::vector<const JsonPath *> conditions;   // by event rule; null: always true
  std::vector<const JsonPath *> multipliers;  // by event rule; null: 1

  // Whose rights the triggers work with: the owner of the states, as it is now, which may be another than when this was compiled.
  // Who owns the schema, and so may write the configuration, must have these rights, too: throws UserError if not.
  [[nodiscard]] Oid owner() const;

  // Throws UserError unless the model's tables are those that it was compiled for: something else in their place would be read with
  // the rights of who asks.
  void require_own_tables() const;

  // `answers`, compiled when first asked for.
  [[nodiscard]] const Conditions &lead_conditions() const;
  // The rules that an event of this kind may meet, compiled when first asked for.
  [[nodiscard]] const KindRules &rules_of_kind(std::string_view kind) const;

  // True if this table is `root`, or a partition or child of it, at any depth. A trigger on any other table is none of ours.
  [[nodiscard]] bool is_of_family(Oid relation, Oid root) const;

  // In SQL: the table that holds the states, and the condition on its row `alias` by which that counts.
  [[nodiscard]] std::string state_table() const;
  [[nodiscard]] std::string is_live(const std::string &alias) const;

  [[nodiscard]] const EventSource *find_source(const std::string &source) const noexcept;
  // What the index-th answer belongs to, as a user knows it: `eligible`, `rule "x"`, `tier "y"`.
  [[nodiscard]] std::string answer_owner(AnswerIndex index) const;

  // Queries kept for this version, made when first needed. Not part of the value.
  mutable std::map<std::string, std::unique_ptr<SavedQuery>> queries;

 private:
  [[nodiscard]] bool names_kind(std::string_view kind) const noexcept;
  [[nodiscard]] std::unique_ptr<const KindRules> compile_kind(std::string_view kind) const;

  // What has been found out or compiled so far. Not part of the value.
  mutable std::set<std::pair<Oid, Oid>> families_;  // what is_of_family has found to be true
  mutable std::unique_ptr<const Conditions> lead_conditions_;
  mutable std::map<std::string, std::unique_ptr<const KindRules>, std::less<>> kinds_;
  mutable std::unique_ptr<const KindRules> other_kinds_;  // of every kind that no rule names
};

// What is given stays whole while it is held, whatever is published meanwhile.
using ModelPointer = std::shared_ptr<const CompiledModel>;

}  // namespace leadscore::pg
