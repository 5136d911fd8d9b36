// The engine alone, without a server: what a lead costs at each step from its events to its stored state and its scores.
#include <benchmark/benchmark.h>

#include "core/advance.hpp"
#include "core/evaluate.hpp"
#include "core/next_change.hpp"
#include "core/scene.hpp"
#include "core/state_codec.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::bench;

// A state as it is stored, of a lead with so many awards.
State stored(const Program &program, std::int64_t awards) {
  const State whole = state(program, static_cast<std::size_t>(awards));
  return as_write(program, whole, WriteKind::replace_all, Cause::rebuild, now);
}

void compile_model(benchmark::State &run) {
  const ModelDefinition definition = model(static_cast<std::uint32_t>(run.range(0)));
  for (auto _ : run) benchmark::DoNotOptimize(compile(definition));
}
BENCHMARK(compile_model)->Arg(50)->Arg(200)->Arg(10'000);

void fold_awards(benchmark::State &run) {
  const Program program = compile(model(200));
  for (auto _ : run) benchmark::DoNotOptimize(state(program, static_cast<std::size_t>(run.range(0))));
}
BENCHMARK(fold_awards)->Arg(10)->Arg(1'000);

void evaluate_state(benchmark::State &run) {
  const Program program = compile(model(static_cast<std::uint32_t>(run.range(0))));
  const State lead = stored(program, 10);
  for (auto _ : run) benchmark::DoNotOptimize(evaluate(program, lead, now + day));
}
BENCHMARK(evaluate_state)->Arg(0)->Arg(50)->Arg(200);

void first_write(benchmark::State &run) {
  const Program program = compile(model(200));
  const State lead = state(program, static_cast<std::size_t>(run.range(0)));
  for (auto _ : run) benchmark::DoNotOptimize(as_write(program, lead, WriteKind::replace_all, Cause::rebuild, now));
}
BENCHMARK(first_write)->Arg(10)->Arg(1'000);

void write_of_one_event(benchmark::State &run) {
  const Program program = compile(model(200));
  const State event = one_event(program);
  for (auto _ : run) benchmark::DoNotOptimize(as_write(program, event, WriteKind::add_events, Cause::event, now));
}
BENCHMARK(write_of_one_event);

void advance_by_one_event(benchmark::State &run) {
  const Program program = compile(model(200));
  const State lead = stored(program, run.range(0));
  const State event = as_write(program, one_event(program), WriteKind::add_events, Cause::event, now + Duration{1});
  for (auto _ : run) benchmark::DoNotOptimize(advance(program, lead, program, event));
}
BENCHMARK(advance_by_one_event)->Arg(0)->Arg(10)->Arg(1'000);

void find_next_change(benchmark::State &run) {
  const Program program = compile(model(200));
  const State lead = stored(program, 100);
  for (auto _ : run) benchmark::DoNotOptimize(next_change(program, lead, now));
}
BENCHMARK(find_next_change);

void encode_state(benchmark::State &run) {
  const Program program = compile(model(200));
  const State lead = stored(program, 10);
  for (auto _ : run) benchmark::DoNotOptimize(encode(lead));
  run.counters["bytes"] = static_cast<double>(encode(lead).size());
}
BENCHMARK(encode_state);

void decode_state(benchmark::State &run) {
  const Program program = compile(model(200));
  const std::vector<std::byte> bytes = encode(stored(program, 10));
  for (auto _ : run) benchmark::DoNotOptimize(decode(bytes));
}
BENCHMARK(decode_state);

void explain_lead(benchmark::State &run) {
  const Program program = compile(model(200));
  const Answers lead = answers(program);
  const std::vector<RuleAward> events = awards(program, static_cast<std::size_t>(run.range(0)));
  for (auto _ : run) benchmark::DoNotOptimize(explain(program, {.answers = lead, .awards = events}, now));
}
BENCHMARK(explain_lead)->Arg(10)->Arg(1'000);

}  // namespace

BENCHMARK_MAIN();
