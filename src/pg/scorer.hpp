// Asks the rules of one version about rows. What cannot be evaluated awards nothing, and is reported once per rule and scorer by a
// WARNING.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/explain.hpp"
#include "core/state.hpp"
#include "pg/compiled_model.hpp"
#include "pg/row.hpp"

namespace leadscore::pg {

// An event that meets an event rule, and the points that it is awarded, before any decay.
struct EventAward {
  std::uint32_t rule = 0;
  double points = 0;
};

class Scorer {
 public:
  explicit Scorer(std::shared_ptr<const CompiledModel> model) : model_(std::move(model)) {}

  [[nodiscard]] const CompiledModel &model() const noexcept { return *model_; }
  [[nodiscard]] const std::shared_ptr<const CompiledModel> &shared_model() const noexcept { return model_; }
  [[nodiscard]] const Program &program() const noexcept { return model_->program; }

  // Puts into a state what a row of the leads table says: what it answers to every condition on leads, and when it was created.
  void read_lead(const Row &lead, State &state);

  // The awards for an event of this kind, in the order of the rules. Those of 0 points only where the event itself matters.
  [[nodiscard]] const std::vector<EventAward> &awards(const Row &event, const char *kind);

  // Calls `sink(slot, at, points)` for each entry that an event of this kind makes: see leadscore::enter.
  template <typename Sink>
  void enter(const Row &event, const char *kind, Instant at, const Sink &sink) {
    for (const EventAward &award : awards(event, kind))
      leadscore::enter(program(), program().event_rules[award.rule], at, award.points, sink);
  }

 private:
  [[nodiscard]] std::vector<Answer> answers(const Row &lead);
  void follow_shape(TupleDesc descriptor);
  void report(const std::string &item, int sqlstate, const std::string &message);
  void report(const std::string &item, const ErrorData &error) { report(item, error.sqlerrcode, error.message); }
  [[nodiscard]] Jsonb *document(const Row &row);

  std::shared_ptr<const CompiledModel> model_;
  std::set<std::string> reported_;
  std::vector<EventAward> awards_;  // kept from event to event for its memory
  TupleDesc descriptor_ = nullptr;  // the shape that the next three are about
  bool is_pure_ = false;
  Oid distrusted_ = InvalidOid;  // a type that keeps rows from being shown to rules: see type_with_foreign_cast
  std::optional<Column> created_at_;
};

// Tells the client that something of the model could not be evaluated and what that means.
void warn(int sqlstate, const std::string &message, const std::string &detail);

}  // namespace leadscore::pg
