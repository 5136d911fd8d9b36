#include "pg/ranking.hpp"

#include <algorithm>
#include <vector>

#include "core/evaluate.hpp"
#include "core/upper_bound.hpp"
#include "pg/arguments.hpp"
#include "pg/recompute.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace leadscore::pg {

namespace {

// So many leads can all be ranked.
constexpr double few_leads = 20'000;

constexpr double sample_size = 4'000;
constexpr double ranked_part = 0.02;

// The keys of a sample of the leads, as an array; none if there are few.
std::optional<Datum> sample_leads(const CompiledModel &model) {
  const std::string from = " FROM " + qualified_table(model.leads);
  const double leads = run_query("SELECT count(*)::float8" + from, {}, true).float8_or(0, 1, 0);
  if (leads <= few_leads) return std::nullopt;
  const Rows sample = run_query("SELECT array_agg(" + quoted(model.key) + "::" + model.key_type.name + ")" + from +
                                    " WHERE random() < " + std::to_string(sample_size / leads),
                                {}, true);
  if (sample.is_null(0, 1)) return std::nullopt;
  return sample.datum(0, 1);
}

}  // namespace

std::optional<double> choose_ranked_above(const CompiledModel &model) {
  const std::optional<Datum> sample = sample_leads(model);
  if (!sample) return std::nullopt;
  const Rows states = run_query(
      recompute_query(model, RecomputePart::all, RecomputeKeys::given),
      {instant_parameter(to_timestamp(transaction_start())), {.type = model.key_type.array_type, .value = *sample}}, true);
  std::vector<double> bounds;
  for (std::uint64_t i = 0; i < states.count(); ++i) {
    const State state = read_state(states.datum(i, 2));
    if (state.has_lead && is_eligible(state)) bounds.push_back(upper_bound(model.program, state, state.horizon));
  }
  std::ranges::sort(bounds);
  // The lowest of the ranked part, and the next below it: where many share one bound, all of them are ranked or none.
  const auto lowest = bounds.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(bounds.size()) * (1 - ranked_part));
  if (lowest == bounds.end()) return std::nullopt;
  const auto first_equal = std::ranges::lower_bound(bounds, *lowest);
  return first_equal == bounds.begin() ? std::nullopt : std::optional(*std::prev(first_equal));
}

}  // namespace leadscore::pg
