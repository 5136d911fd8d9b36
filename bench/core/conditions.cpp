// Conditions on a row, all at once: half of them ask for one of the constants of a place, the others for a range between two.
#include <benchmark/benchmark.h>

#include <optional>
#include <vector>

#include "core/condition_set.hpp"

namespace {

using namespace leadscore;

constexpr PlaceIndex places = 8;

// As many constants at each place as it has tests.
ConditionSet condition_set(std::uint32_t count) {
  const Position positions = 2 * (count / places) + 1;
  std::vector<ItemTest> tests;
  std::vector<std::optional<Condition>> conditions;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Position constant = 2 * (i / places) + 1;
    ItemTest test{.place = i % places, .otherwise = {}, .is_true_in = {}};
    test.otherwise.fill(Answer::is_false);
    test.is_true_in.push_back({.type = ItemType::number, .first = constant, .last = i % 2 == 0 ? constant + 1 : positions});
    tests.push_back(test);
    conditions.push_back(Condition{.test = i});
  }
  return {conditions, tests, places};
}

void compile_conditions(benchmark::State &run) {
  for (auto _ : run) benchmark::DoNotOptimize(condition_set(static_cast<std::uint32_t>(run.range(0))));
}
BENCHMARK(compile_conditions)->Arg(50)->Arg(200)->Arg(10'000);

void answer_conditions(benchmark::State &run) {
  const auto count = static_cast<std::uint32_t>(run.range(0));
  const ConditionSet set = condition_set(count);
  ConditionSet::Truths truths;
  Answers answers;
  Position position = 0;
  for (auto _ : run) {
    set.start(truths);
    for (PlaceIndex place = 0; place < places; ++place)
      set.add_item(place, ItemType::number, (position += 7) % (2 * (count / places) + 1), truths);
    set.conclude(truths);
    set.write_answers(truths, answers);
    benchmark::DoNotOptimize(answers.is_true().data());
  }
}
BENCHMARK(answer_conditions)->Arg(50)->Arg(200)->Arg(10'000);

}  // namespace
