// What the unit tests share: short ways to build models and states, random ones, and an oracle that knows nothing of folding.
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
};

// The answers of an eligible lead that answers everything else with `other`.
std::vector<Answer> eligible_lead(const Program &program, Answer other = Answer::is_true);

// The state of a history, folded at the horizon.
State state_of(const Program &program, const History &history, Instant horizon);

// A random model whose periods and events lie in the order of `unit`.
ModelDefinition random_model(Random &random, Duration unit);
RuleAward random_award(Random &random, const Program &program, Duration unit);
History random_history(Random &random, const Program &program, Duration unit, std::int64_t awards = 12);
std::vector<Answer> random_answers(Random &random, const Program &program);
Instant random_instant(Random &random, Instant from, Duration unit);

// The value of a dimension, straight from the definition: a sum over the whole history, with pow.
struct OracleValue {
  double value = 0;
  double magnitude = 0;  // what the value is made of, signs aside: what rounding is relative to
};
OracleValue oracle(const ModelDefinition &model, const History &history, Instant t, std::string_view path = root_path,
                   Part part = Part::all);

// Expects the values of the state's dimensions to be those of the oracle but for rounding.
void expect_as_oracle(const ModelDefinition &model, const Program &program, const History &history, const State &state, Instant t);

}  // namespace leadscore::test
