#include "pg/adjustments.hpp"

#include "pg/guard.hpp"
#include "pg/state_datum.hpp"

namespace leadscore::pg {

std::string adjustments_table(const CompiledModel &model) { return quoted(model.name) + ".adjustment"; }

std::string adjustment_state_of(const std::string &row, const CompiledModel &model) {
  std::string columns =
      "%.id, %.at, least(%.until, %.revoked_at), %.dimension, %.points, %.decay, %.period, %.rate, %.tier, %.score";
  for (std::size_t place = 0; (place = columns.find('%', place)) != std::string::npos;) columns.replace(place, 1, row);
  return "leadscore.adjustment_state(" + quoted_literal(model.name) + ", " + columns + ")";
}

namespace {

// What an explanation calls an adjustment.
std::string label_of(const Adjustment &adjustment, const CompiledModel &model, const std::string &made_by,
                     const std::string &reason) {
  std::string label = adjustment.kind == AdjustmentKind::points ? "(adjusted by " : "(overridden by ";
  label += made_by;
  if (adjustment.kind == AdjustmentKind::tier) label += ", tier " + model.program.tiers[adjustment.tier].name;
  return label + ": " + reason + ")";
}

}  // namespace

std::vector<LabelledAdjustment> adjustments_of_lead(const CompiledModel &model, const Parameter &keys) {
  const Rows rows =
      run_query("SELECT " + adjustment_state_of("r", model) + ", r.made_by, r.reason FROM " + adjustments_table(model) +
                    " r WHERE r.lead " + model.key_type.equality + " ANY ($1) ORDER BY r.at, r.id",
                {keys}, true);
  std::vector<LabelledAdjustment> result;
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    for (const Adjustment &adjustment : read_state(rows.datum(i, 1)).adjustments) {
      result.push_back(
          {.adjustment = adjustment, .label = label_of(adjustment, model, rows.required_text(i, 2), rows.required_text(i, 3))});
    }
  }
  return result;
}

}  // namespace leadscore::pg
