// Asks the rules of one version about rows. What cannot be evaluated awards nothing, and is reported once per rule and scorer by a
// WARNING.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/explain.hpp"
#include "core/state.hpp"
#include "pg/compiled_model.hpp"
#include "pg/condition_reader.hpp"
#include "pg/row.hpp"
#include "pg/row_document.hpp"

namespace leadscore::pg {

// An event that meets an event rule, and the points that it is awarded, before any decay.
struct EventAward {
  std::uint32_t rule = 0;
  double points = 0;
};

class Scorer {
 public:
  explicit Scorer(std::shared_ptr<const CompiledModel> model);
  ~Scorer() = default;
  Scorer(const Scorer &) = delete;
  Scorer &operator=(const Scorer &) = delete;

  [[nodiscard]] const CompiledModel &model() const noexcept { return *model_; }
  [[nodiscard]] const std::shared_ptr<const CompiledModel> &shared_model() const noexcept { return model_; }
  [[nodiscard]] const Program &program() const noexcept { return model_->program; }

  // Puts into a state what a row of the leads table says: what it answers to every condition on leads, and when it was created.
  void read_lead(const Row &lead, State &state);

  // The awards for an event of this kind, in the order of the rules. Those of 0 points only where the event itself matters.
  [[nodiscard]] const std::vector<EventAward> &awards(const Row &event, std::string_view kind);

  // Calls `sink(slot, at, points)` for each entry that an event of this kind makes: see leadscore::enter.
  template <typename Sink>
  void enter(const Row &event, std::string_view kind, Instant at, const Sink &sink) {
    for (const EventAward &award : awards(event, kind))
      leadscore::enter(program(), program().event_rules[award.rule], at, award.points, sink);
  }

 private:
  // What reads the events of one kind.
  struct KindReader {
    ConditionReader conditions;
    std::vector<std::optional<NumberReader>> multipliers;  // by rule of the kind, where it is a place
  };

  [[nodiscard]] KindReader &reader_of(const KindRules &kind);
  [[nodiscard]] double multiplier(const KindRules &kind, std::size_t rule, KindReader &reader, const Row &event);
  void report(const std::string &item, int sqlstate, const std::string &message);
  void report(const std::string &item, const ErrorData &error) { report(item, error.sqlerrcode, error.message); }
  void report_rule(std::uint32_t rule, const ErrorData &error);

  std::shared_ptr<const CompiledModel> model_;
  std::set<std::string> reported_;
  std::vector<EventAward> awards_;  // kept from event to event for its memory
  RowDocument document_;
  std::optional<ConditionReader> lead_reader_;
  std::vector<std::unique_ptr<KindReader>> kind_readers_;  // by KindRules::index
  std::optional<ShapeIdentity> lead_shape_;                // that the next is about
  std::optional<Column> created_at_;
};

// Tells the client that something of the model could not be evaluated and what that means.
void warn(int sqlstate, const std::string &message, const std::string &detail);

}  // namespace leadscore::pg
