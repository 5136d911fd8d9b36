// fit(model, lead row) and lead_state(model, lead row): what a lead's own attributes are worth.

#include "core/error.hpp"
#include "core/evaluate.hpp"
#include "pg/arguments.hpp"
#include "pg/progress.hpp"
#include "pg/row_shape.hpp"
#include "pg/rule_cache.hpp"
#include "pg/scorer.hpp"
#include "pg/state_datum.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// A command: a call site may outlive its query.
struct Command {
  TimestampTz statement = 0;
  CommandId number = 0;

  friend bool operator==(const Command &, const Command &) = default;
};

Command current_command() noexcept { return {GetCurrentStatementStartTimestamp(), GetCurrentCommandId(false)}; }

// All rows of a command are scored by one version.
struct LeadCallSite {
  std::string name;
  Command command;
  std::unique_ptr<Scorer> scorer;
  RowShape shape;
};

// The state of the lead in argument 1 under the model in argument 0.
BoundState state_of_lead(FunctionCallInfo fcinfo) {
  auto &site = call_site<LeadCallSite>(fcinfo, [] { return LeadCallSite{}; });
  const std::string name = text_argument(fcinfo, 0);
  if (const Command command = current_command(); site.scorer == nullptr || site.name != name || site.command != command) {
    site.scorer = std::make_unique<Scorer>(model_to_read(name));
    site.name = name;
    site.command = command;
  }
  const std::shared_ptr<const CompiledModel> &model = site.scorer->shared_model();
  BoundState bound{empty_state(model->program), model};
  HeapTupleHeader lead = site.shape.row_argument(fcinfo, 1);
  (void)site.shape.changes_to(lead);
  site.scorer->read_lead(site.shape.row(lead), bound.state);
  return bound;
}

}  // namespace

LEADSCORE_FUNCTION(lead_state) {
  count_progress(Step::read_leads);
  return make_state(state_of_lead(fcinfo).state);
}

LEADSCORE_FUNCTION(fit) {
  const BoundState bound = state_of_lead(fcinfo);
  if (!is_eligible(bound.state)) return null_result(fcinfo);
  return Float8GetDatum(evaluate(bound.program(), bound.state, transaction_start(), Part::lead)[root_dimension]);
}
