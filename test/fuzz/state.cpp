// Bytes as a state: whatever they are, they are refused or are one canonical state, and then that can be read, added and written.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "invariants.hpp"

namespace {

using namespace leadscore;

constexpr Duration day{86'400'000'000};

EventRuleDefinition rule(std::string name, std::string dimension, double points, Decay decay = {}) {
  EventRuleDefinition made;
  made.name = std::move(name);
  made.dimension = std::move(dimension);
  made.event = "*";
  made.points = points;
  made.decay = decay;
  return made;
}

void add_event_rules(ModelDefinition &model) {
  std::vector<EventRuleDefinition> &rules = model.event_rules;
  rules.push_back(rule("plain", "web", 1));
  rules.push_back(rule("half life", "web", 2, {.kind = DecayKind::half_life, .period = day, .grace = day}));
  rules.push_back(rule("linear", "web", 3, {.kind = DecayKind::linear, .period = day, .rate = 0.5}));
  rules.push_back(rule("step", "web", 4, {.kind = DecayKind::step, .period = day, .rate = 0.25}));
  rules.push_back(rule("window", "mail", 5, {.kind = DecayKind::window, .period = day}));
  rules.push_back(rule("limited", "mail", 6));
  rules.back().limit = Limit{.max_awards = 2, .per = day};
  rules.push_back(rule("bounded", "mail", 7, {.kind = DecayKind::half_life, .period = day}));
  rules.back().max_points = 20;
  rules.push_back(rule("frequent", "score", 8));
  rules.back().frequency = Frequency{.at_least = 2, .at_most = 5, .within = day};
  rules.push_back(rule("silent", "score", -9));
  rules.back().silence = Silence{.silent_for = day, .repeats = true};
  rules.push_back(rule("reset", "mail", 0));
  rules.back().resets = "mail";
  rules.push_back(rule("grant", "score", 0, {.kind = DecayKind::window, .period = day}));
  rules.back().grants = "hot";
}

// A model in which there is everything.
Program program_of_all() {
  ModelDefinition model;
  model.model = 1;
  model.version = 1;
  model.dimensions = {{.path = "fit", .combine = Combine::share, .weight = 0.5},
                      {.path = "web", .combine = Combine::sum, .max_value = 50},
                      {.path = "mail", .combine = Combine::max, .base = 1},
                      {.path = "mail.first", .combine = Combine::first, .weight = -1}};
  model.lead_rules = {{.name = "a", .dimension = "fit", .has_condition = true, .points = 10},
                      {.name = "b", .dimension = "fit", .has_condition = true, .points = 20, .else_points = -5},
                      {.name = "c", .dimension = "mail.first", .has_condition = true, .points = 20}};
  add_event_rules(model);
  model.grades = {{.dimension = "web", .name = "A", .minimum = 10}};
  model.tiers = {{.name = "cold", .position = 1},
                 {.name = "warm", .position = 2, .minimums = {{"score", 10}}, .latched = true},
                 {.name = "hot", .position = 3, .minimums = {{"score", 30}, {"web", 5}}, .has_applies_to = true}};
  return compile(model);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  static const Program program = program_of_all();
  const std::span bytes(reinterpret_cast<const std::byte *>(data), size);
  static_cast<void>(decode_due_at(bytes));
  try {
    State state = decode(bytes);
    fuzz::require(std::ranges::equal(encode(state), bytes), "a state that is taken is encoded to the same bytes");
    state.model = program.model;
    state.version = program.version;
    require_fit(program, state);
    fuzz::check_state(program, state);
  } catch (const InvalidState &) {
    return 0;  // that is how bytes are refused
  }
  return 0;
}
