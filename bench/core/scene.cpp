#include "core/scene.hpp"

#include <array>

namespace leadscore::bench {

namespace {

constexpr std::array kinds{"page_view", "email_open", "email_click", "form_submit", "webinar", "download", "trial", "unsubscribe"};
constexpr std::array groups{"engagement.web", "engagement.email", "engagement.product"};
constexpr std::array periods{7, 30, 90};

}  // namespace

ModelDefinition model(std::uint32_t lead_rules) {
  ModelDefinition definition{.model = 1, .version = 1};
  definition.dimensions = {
      {.path = "score"}, {.path = "fit"}, {.path = "fit.company"}, {.path = "fit.person"}, {.path = "engagement"}};
  for (const char *group : groups) definition.dimensions.push_back({.path = group});
  for (std::uint32_t i = 0; i < lead_rules; ++i) {
    definition.lead_rules.push_back({.name = "lead " + std::to_string(i),
                                     .dimension = i % 2 == 0 ? "fit.company" : "fit.person",
                                     .has_condition = true,
                                     .points = 1.0 + i % 7});
  }
  for (std::size_t i = 0; i < kinds.size() * periods.size(); ++i) {
    const std::size_t kind = i / periods.size();
    const std::size_t number = i % periods.size();
    definition.event_rules.push_back({.name = kinds[kind] + std::to_string(number),
                                      .dimension = groups[kind % groups.size()],
                                      .event = kinds[kind],
                                      .points = kind + 1 == kinds.size() ? -5.0 : static_cast<double>(number) + 2,
                                      .decay = {.kind = DecayKind::half_life, .period = day * periods[number]}});
  }
  definition.tiers = {{.name = "cold", .position = 1},
                      {.name = "warm", .position = 2, .minimums = {{.dimension = "engagement", .minimum = 5}}},
                      {.name = "hot", .position = 3, .minimums = {{.dimension = "engagement", .minimum = 12}}}};
  return definition;
}

Answers answers(const Program &program) {
  Answers result;
  result.start(program.answer_count);
  for (std::size_t i = 0; i < result.size(); i += 5) result.set(i, Answer::is_true);
  return result;
}

std::vector<RuleAward> awards(const Program &program, std::size_t count) {
  std::vector<RuleAward> result;
  for (std::size_t i = 0; i < count; ++i) {
    const auto rule = static_cast<std::uint32_t>(i * 7 % program.event_rules.size());
    const Duration age = day * 300 * static_cast<std::int64_t>(i * 7'919 % count) / static_cast<std::int64_t>(count);
    result.push_back({.rule = rule, .at = now - age, .points = program.event_rules[rule].points});
  }
  return result;
}

State state(const Program &program, std::size_t count) {
  State state = empty_state(program);
  state.has_lead = true;
  state.answers = answers(program);
  for (const RuleAward &award : awards(program, count)) {
    enter(program, program.event_rules[award.rule], award.at, award.points,
          [&state](SlotIndex slot, Instant at, double points) { add_award(state, slot, at, points); });
    note_event(state, award.at);
  }
  fold(program, state, now);
  return state;
}

State one_event(const Program &program) {
  State state = empty_state(program);
  enter(program, program.event_rules[1], now, program.event_rules[1].points,
        [&state](SlotIndex slot, Instant at, double points) { add_award(state, slot, at, points); });
  note_event(state, now);
  return state;
}

}  // namespace leadscore::bench
