// What the benchmarks of the engine work on: the model of bench/sql without a database, and a lead with a history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/explain.hpp"
#include "core/model.hpp"
#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore::bench {

inline constexpr Duration day{86'400'000'000};
inline constexpr Instant now{day * 9'000};

// Three event rules for each of eight kinds, with half-lives of a week, a month and a quarter, and `lead_rules` on leads.
ModelDefinition model(std::uint32_t lead_rules);

// The answers of an eligible lead that one in five conditions hold for.
Answers answers(const Program &program);

// What the events of a lead were awarded, spread over 300 days before `now`.
std::vector<RuleAward> awards(const Program &program, std::size_t count);

// The state of the lead with so many awards, folded now.
State state(const Program &program, std::size_t awards);

// The state of one more event, of just now.
State one_event(const Program &program);

}  // namespace leadscore::bench
