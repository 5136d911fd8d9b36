#include "pg/compiled_model.hpp"

#include <algorithm>

#include "pg/condition_parser.hpp"
#include "pg/guard.hpp"
#include "pg/session.hpp"

namespace leadscore::pg {

int KeyType::compare(Datum left, Datum right) const {
  return call([this, left, right] { return DatumGetInt32(FunctionCall2Coll(comparison, collation, left, right)); });
}

// What is compiled has its PostgreSQL memory in `memory`.
CompiledModel::~CompiledModel() {
  lead_conditions_.reset();
  kinds_.clear();
  other_kinds_.reset();
  if (memory != nullptr) MemoryContextDelete(memory);
}

Oid CompiledModel::owner() const {
  bool is_safe = false;
  const Oid owner = call([this, &is_safe]() -> Oid {
    HeapTuple table = SearchSysCache1(RELOID, ObjectIdGetDatum(states));
    if (!HeapTupleIsValid(table)) elog(ERROR, "cache lookup failed for relation %u", states);
    const auto *form = reinterpret_cast<Form_pg_class>(GETSTRUCT(table));
    const Oid role = form->relowner;
    HeapTuple schema = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(form->relnamespace));
    if (!HeapTupleIsValid(schema)) elog(ERROR, "cache lookup failed for schema %u", form->relnamespace);
    const Oid schema_owner = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(schema))->nspowner;
    ReleaseSysCache(schema);
    ReleaseSysCache(table);
    is_safe = role == schema_owner || has_privs_of_role(schema_owner, role);
    return role;
  });
  if (!is_safe) {
    throw UserError(ERRCODE_INSUFFICIENT_PRIVILEGE,
                    "the owner of schema \"" + name + "\" has not the rights of the owner of the tables of the model in it", {},
                    "Give the tables in the schema to its owner, too.");
  }
  return owner;
}

void CompiledModel::require_own_tables() const {
  const bool are_there = call([this] {
    const Oid schema = get_namespace_oid(name.c_str(), true);
    return OidIsValid(schema) && get_relname_relid("state", schema) == states && get_relname_relid("pending", schema) == pending &&
           get_relname_relid("adjustment", schema) == adjustments;
  });
  if (are_there) return;
  throw UserError(ERRCODE_UNDEFINED_TABLE, "the tables of model \"" + name + "\" are not those that it was made with", {},
                  "A model's own schema and tables must not be renamed; drop the model with leadscore.drop_model.");
}

bool CompiledModel::is_of_family(Oid relation, Oid root) const {
  if (relation == root || families_.contains({relation, root})) return true;
  const bool is_member = call([relation, root] { return list_member_oid(find_all_inheritors(root, NoLock, nullptr), relation); });
  if (is_member) families_.insert({relation, root});
  return is_member;
}

const Conditions &CompiledModel::lead_conditions() const {
  if (lead_conditions_ == nullptr) {
    const MemoryScope scope(memory);
    lead_conditions_ = std::make_unique<const Conditions>(answers, params);
  }
  return *lead_conditions_;
}

const KindRules &CompiledModel::rules_of_kind(std::string_view kind) const {
  if (const auto found = kinds_.find(kind); found != kinds_.end()) return *found->second;
  if (names_kind(kind)) return *kinds_.emplace(kind, compile_kind(kind)).first->second;
  if (other_kinds_ == nullptr) other_kinds_ = compile_kind(kind);
  return *other_kinds_;
}

bool CompiledModel::names_kind(std::string_view kind) const noexcept {
  return std::ranges::any_of(program.event_rules, [kind](const EventRule &rule) { return rule.event == kind; });
}

std::unique_ptr<const KindRules> CompiledModel::compile_kind(std::string_view kind) const {
  const MemoryScope scope(memory);
  std::vector<std::uint32_t> rules;
  std::vector<const JsonPath *> paths;
  std::vector<Multiplier> factors;
  for (std::uint32_t i = 0; i < program.event_rules.size(); ++i) {
    if (!program.event_rules[i].matches(kind)) continue;
    rules.push_back(i);
    paths.push_back(conditions[i]);
    const JsonPath *factor = multipliers[i];
    factors.push_back({.path = factor, .place = factor != nullptr ? parse_place(factor) : std::nullopt});
  }
  const std::size_t index = kinds_.size() + (other_kinds_ != nullptr ? 1 : 0);
  return std::make_unique<const KindRules>(KindRules{
      .index = index, .rules = std::move(rules), .conditions = Conditions(paths, params), .multipliers = std::move(factors)});
}

std::string CompiledModel::state_table() const { return quoted(name) + ".state"; }

std::string CompiledModel::is_live(const std::string &alias) const { return alias + ".generation = " + std::to_string(generation); }

const EventSource *CompiledModel::find_source(const std::string &source) const noexcept {
  const auto found = std::ranges::find(sources, source, &EventSource::name);
  return found == sources.end() ? nullptr : &*found;
}

std::string CompiledModel::answer_owner(AnswerIndex index) const {
  const auto rule = std::ranges::find(program.lead_rules, std::optional(index), &LeadRule::answer);
  if (rule != program.lead_rules.end()) return "rule \"" + rule->name + "\"";
  const auto tier = std::ranges::find(program.tiers, std::optional(index), &Tier::applies_to);
  if (tier != program.tiers.end()) return "tier \"" + tier->name + "\"";
  return "eligible";
}

}  // namespace leadscore::pg
