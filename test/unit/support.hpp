// What the unit tests share: short ways to build models and states, and random ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/evaluate.hpp"
#include "core/explain.hpp"
#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore::test {

inline constexpr Duration microsecond{1};
inline constexpr Duration day{86'400'000'000};

// An instant so many microseconds after the epoch.
constexpr Instant instant(std::int64_t microseconds) { return Instant(Duration(microseconds)); }
constexpr Instant on_day(std::int64_t number) { return Instant(day * number); }

// A generator whose numbers follow from its seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::int64_t integer(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution(low, high)(engine_); }
  double number(double low, double high) { return std::uniform_real_distribution(low, high)(engine_); }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(engine_); }
  template <typename Items>
  const auto &pick(const Items &items) {
    return items[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(items.size()) - 1))];
  }
  template <typename Items>
  void shuffle(Items &items) {
    std::shuffle(items.begin(), items.end(), engine_);
  }

 private:
  std::mt19937_64 engine_;
};

DimensionDefinition dimension(std::string path, double weight = 1, double base = 0);
LeadRuleDefinition lead_rule(std::string name, std::string dimension, double points, double else_points = 0);
EventRuleDefinition event_rule(std::string name, std::string dimension, double points, const Decay &decay = {});
TierDefinition tier(std::string name, double position, std::vector<TierMinimum> minimums = {});

Decay half_life(Duration period, Duration grace = Duration{0});
Decay window(Duration period, Duration grace = Duration{0});
Decay linear(Duration period, double rate = 1, Duration grace = Duration{0});
Decay step(Duration period, double rate, Duration grace = Duration{0});

// A model with dimension `engagement` and tiers cold (from anything), warm (score 10), hot (score 20), and these event rules.
ModelDefinition engagement_model(std::vector<EventRuleDefinition> rules);

// Everything that is known about a lead.
struct History {
  std::vector<Answer> answers;  // none: no lead
  std::vector<RuleAward> awards;
  Instant created_at = distant_past;              // of the lead
  std::vector<LabelledAdjustment> adjustments{};  // labelled by `label_of` the dimension
};

// What tests call an adjustment of a dimension.
std::string label_of(std::string_view path);
// Points given by a person, for good unless they fade.
LabelledAdjustment adjusted(const Program &program, std::string_view path, Instant at, double points, const Decay &decay = {});
// The score, or the tier, set by a person.
LabelledAdjustment score_set(Instant at, Instant until, double score, std::int64_t id = 1);
LabelledAdjustment tier_set(Instant at, Instant until, TierIndex tier, std::int64_t id = 1);

// The answers of an eligible lead that answers everything else with `other`.
std::vector<Answer> eligible_lead(const Program &program, Answer other = Answer::is_true);

// The state of a history, folded at the horizon.
State state_of(const Program &program, const History &history, Instant horizon);

// The value of a dimension at `t`, asked of a state that still knows all, and of one folded there: both must agree.
double value_of(const Program &program, const History &history, Instant t, std::string_view path = root_path);

// The tier of a lead from instant to instant, told by the rule for latched tiers alone: who has been in one, or in a higher one,
// does not fall below it while it is for such a lead.
class Memory {
 public:
  // The tier at `t`, which must not lie before the instant asked for last.
  TierIndex pass(const Program &program, const State &state, Instant t);

 private:
  TierIndex highest_ = no_tier;
};

// A random model whose periods and events lie in the order of `unit`.
ModelDefinition random_model(Random &random, Duration unit);
// One whose leads change their tier more often.
ModelDefinition lively_model(Random &random, Duration unit);
LabelledAdjustment random_adjustment(Random &random, const Program &program, Duration unit);
RuleAward random_award(Random &random, const Program &program, Duration unit);
History random_history(Random &random, const Program &program, Duration unit, std::int64_t awards = 12);
std::vector<Answer> random_answers(Random &random, const Program &program);
Instant random_instant(Random &random, Instant from, Duration unit);

}  // namespace leadscore::test
