// Asks the rules of one version about rows. What cannot be evaluated awards nothing, and is reported once per rule and scorer by a
// WARNING.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/explain.hpp"
#include "core/state.hpp"
#include "pg/compiled_model.hpp"
#include "pg/row.hpp"

namespace leadscore::pg {

// An award of an event rule, before any decay.
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

  // What a row of the leads table answers to every condition on leads.
  [[nodiscard]] std::vector<Answer> answers(const Row &lead);

  // The awards for an event of this kind, in the order of the rules.
  [[nodiscard]] const std::vector<EventAward> &awards(const Row &event, const char *kind);

 private:
  void report(const std::string &item, const ErrorData &error);
  [[nodiscard]] Jsonb *document(const Row &row);

  std::shared_ptr<const CompiledModel> model_;
  std::set<std::string> reported_;
  std::vector<EventAward> awards_;  // kept from event to event for its memory
  TupleDesc descriptor_ = nullptr;  // the shape that `is_pure_` is about
  bool is_pure_ = false;
};

// Tells the client that something of the model could not be evaluated and what that means.
void warn(int sqlstate, const std::string &message, const std::string &detail);

}  // namespace leadscore::pg
