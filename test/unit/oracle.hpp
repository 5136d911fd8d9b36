// What a lead is worth, straight from the definition: sums over the whole history, with pow. It knows nothing of folding, states,
// slots or programs.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "support.hpp"

namespace leadscore::test {

struct OracleValue {
  double value = 0;
  double magnitude = 0;  // what the value is made of, signs aside: what rounding is relative to
};

// The value of a dimension.
OracleValue oracle(const ModelDefinition &model, const History &history, Instant t, std::string_view path = root_path,
                   Part part = Part::all);

// The values of all dimensions, by path.
std::map<std::string, OracleValue> oracle_values(const ModelDefinition &model, const History &history, Instant t,
                                                 Part part = Part::all);

// 100 divided by the most that the parts of a dimension can give.
double oracle_share_scale(const ModelDefinition &model, std::string_view path);

// True if an event has granted the tier and has not faded or been reset by `t`.
bool oracle_grants(const ModelDefinition &model, const History &history, std::string_view tier, Instant t);

// Expects the values of the state's dimensions to be those of the oracle but for rounding.
void expect_as_oracle(const ModelDefinition &model, const Program &program, const History &history, const State &state, Instant t);

}  // namespace leadscore::test
