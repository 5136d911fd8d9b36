#include "core/explain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "oracle.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

bool is_row(const Contribution &row, std::string_view path, std::optional<std::string_view> rule, double points) {
  return row.path == path && row.rule == rule && std::abs(row.points - points) < 1e-9;
}

TEST(Explain, ListsTheTreeFromTheRootDown) {
  ModelDefinition model =
      engagement_model({event_rule("visit", "engagement.web", 0, half_life(day * 10)), event_rule("call", "engagement", 0)});
  model.dimensions = {dimension("fit", 0.5, 2), dimension("engagement", 2), dimension("engagement.web", 3)};
  model.dimensions[1].max_value = 20;
  model.event_rules[1].max_points = 4;
  model.dimensions[0].position = -1;
  model.lead_rules = {lead_rule("country", "fit", 6), lead_rule("title", "fit", 5, -1), lead_rule("silent", "fit", 5)};
  const Program program = compile(model);
  const Answers answers{Answer::is_true, Answer::is_true, Answer::is_false, Answer::unknown};
  const std::vector<RuleAward> awards{{0, on_day(0), 12}, {1, on_day(1), 3}, {1, on_day(2), 3}, {1, on_day(99), 3}};
  const std::vector<Contribution> rows = explain(program, {.answers = answers, .awards = awards}, on_day(10));

  ASSERT_EQ(rows.size(), 10U);
  EXPECT_TRUE(is_row(rows[0], "score", {}, 0.5 * 7 + 2 * 20));
  EXPECT_TRUE(is_row(rows[1], "fit", {}, 3.5));
  EXPECT_TRUE(is_row(rows[2], "fit", "(base)", 1));
  EXPECT_TRUE(is_row(rows[3], "fit", "country", 3));
  EXPECT_TRUE(is_row(rows[4], "fit", "title", -0.5));
  EXPECT_TRUE(is_row(rows[5], "engagement", {}, 40));
  EXPECT_TRUE(is_row(rows[6], "engagement", "call", 8));
  EXPECT_TRUE(is_row(rows[7], "engagement", "(max_value)", -4));
  EXPECT_TRUE(is_row(rows[8], "engagement.web", {}, 36));
  EXPECT_TRUE(is_row(rows[9], "engagement.web", "visit", 36));
}

TEST(Explain, CountsTheAwardsUpToTheInstant) {
  ModelDefinition model =
      engagement_model({event_rule("visit", "engagement", 0, window(day)), event_rule("call", "engagement", 0)});
  model.event_rules[1].position = 1;
  const Program program = compile(model);
  const std::vector<RuleAward> awards{{0, on_day(0), 12}, {0, on_day(3), 12}, {1, on_day(1), 3}, {1, on_day(9), 3}};
  const std::vector<Contribution> rows = explain(program, {.awards = awards}, on_day(5));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].awards, 3);
  EXPECT_EQ(rows[0].last_at, on_day(3));
  EXPECT_EQ(rows[1].awards, 3);
  EXPECT_TRUE(is_row(rows[2], "engagement", "visit", 0));  // faded, but awarded
  EXPECT_EQ(rows[2].awards, 2);
  EXPECT_EQ(rows[2].last_at, on_day(3));
  EXPECT_EQ(rows[3].awards, 1);
  EXPECT_EQ(rows[3].last_at, on_day(1));
}

TEST(Explain, LeavesOutRulesThatAwardNothingButNoDimension) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0)});
  model.lead_rules = {lead_rule("country", "score", 6)};
  const Program program = compile(model);
  const Answers answers{Answer::is_true, Answer::is_false};
  const std::vector<Contribution> rows = explain(program, {.answers = answers}, on_day(5));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(is_row(rows[0], "score", {}, 0));
  EXPECT_TRUE(is_row(rows[1], "engagement", {}, 0));
  EXPECT_FALSE(rows[0].awards);
  EXPECT_FALSE(rows[0].last_at);
}

TEST(Explain, ShowsARuleWhoseMinimumGivesPointsWithoutAwards) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0)});
  model.event_rules[0].min_points = 3;
  const std::vector<Contribution> rows = explain(compile(model), {}, on_day(5));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(is_row(rows[2], "engagement", "visit", 3));
  EXPECT_EQ(rows[2].awards, 0);
  EXPECT_FALSE(rows[2].last_at);
}

TEST(Explain, NamesTheClampThatRaises) {
  ModelDefinition model = engagement_model({});
  model.dimensions[0].min_value = 3;
  model.dimensions[0].weight = -2;
  const std::vector<Contribution> rows = explain(compile(model), {}, on_day(5));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(is_row(rows[0], "score", {}, -6));
  EXPECT_TRUE(is_row(rows[2], "engagement", "(min_value)", -6));
}

TEST(Explain, IgnoresAwardsThatAreNone) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0)}));
  const std::vector<RuleAward> awards{{0, on_day(0), 0}, {0, on_day(0), std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_EQ(explain(program, {.awards = awards}, on_day(5)).size(), 2U);
}

TEST(Explain, RefusesWhatDoesNotFitTheVersion) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0)}));
  const std::vector<RuleAward> awards{{1, on_day(0), 1}};
  EXPECT_THROW(static_cast<void>(explain(program, {.awards = awards}, on_day(5))), InvalidArgument);
  const Answers answers{Answer::unknown, Answer::unknown};
  EXPECT_THROW(static_cast<void>(explain(program, {.answers = answers}, on_day(5))), InvalidArgument);
}

LeadFacts facts_of(const History &history) {
  return {.answers = Answers(history.answers),
          .created_at = history.created_at,
          .awards = history.awards,
          .adjustments = history.adjustments};
}

// The sum of the rows directly below the dimension in row `parent`, and how large they are, signs aside.
OracleValue sum_below(const std::vector<Contribution> &rows, std::size_t parent) {
  OracleValue sum;
  const std::string &path = rows[parent].path;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t dot = rows[i].path.rfind('.');
    const std::string above = dot == std::string::npos ? "score" : rows[i].path.substr(0, dot);
    const bool is_below = rows[i].rule ? rows[i].path == path : i != parent && above == path && rows[i].path != "score";
    if (!is_below) continue;
    sum.value += rows[i].points;
    sum.magnitude += std::abs(rows[i].points);
  }
  return sum;
}

// The row of a rule, or of the dimension itself.
Contribution row_of(const std::vector<Contribution> &rows, std::string_view path, std::optional<std::string_view> rule = {}) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Contribution &row) { return row.path == path && row.rule == rule; });
  if (found == rows.end()) ADD_FAILURE() << "no row of " << path << " " << rule.value_or("");
  return found == rows.end() ? Contribution{} : *found;
}

bool has_row(const std::vector<Contribution> &rows, std::string_view rule) {
  return std::any_of(rows.begin(), rows.end(), [&](const Contribution &row) { return row.rule == rule; });
}

TEST(Explain, NamesTheBestPartAndCountsTheOthersForNothing) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0), event_rule("call", "engagement.phone", 0)});
  model.dimensions = {dimension("engagement", 2), dimension("engagement.phone", 3, 1)};
  model.dimensions[0].combine = Combine::max;
  const Program program = compile(model);
  const std::vector<RuleAward> awards{{0, on_day(0), 5}, {1, on_day(1), 2}};
  const std::vector<Contribution> rows = explain(program, {.awards = awards}, on_day(5));
  EXPECT_EQ(row_of(rows, "engagement").best, "phone");
  EXPECT_EQ(row_of(rows, "engagement").points, 18);
  EXPECT_EQ(row_of(rows, "engagement", "visit").points, 0);
  EXPECT_EQ(row_of(rows, "engagement", "visit").awards, 1);
  EXPECT_EQ(row_of(rows, "engagement.phone", "call").points, 12);
  EXPECT_EQ(row_of(rows, "engagement.phone", "(base)").points, 6);
  EXPECT_EQ(row_of(rows, "score").best, std::nullopt);
}

TEST(Explain, DividesAShareAmongItsParts) {
  ModelDefinition model;
  model.dimensions = {dimension("fit", 0.5)};
  model.dimensions[0].combine = Combine::share;
  model.lead_rules = {lead_rule("a", "fit", 1), lead_rule("b", "fit", 2), lead_rule("c", "fit", 1)};
  const Program program = compile(model);
  const Answers answers{Answer::is_true, Answer::is_true, Answer::is_true, Answer::is_false};
  const std::vector<Contribution> rows = explain(program, {.answers = answers}, on_day(0));
  EXPECT_DOUBLE_EQ(row_of(rows, "fit", "a").points, 12.5);
  EXPECT_DOUBLE_EQ(row_of(rows, "fit", "b").points, 25);
  EXPECT_FALSE(has_row(rows, "c"));
  EXPECT_DOUBLE_EQ(row_of(rows, "fit").points, 37.5);
}

TEST(Explain, ListsAdjustmentsWhileTheyCount) {
  const Program program = compile(engagement_model({}));
  const std::vector<LabelledAdjustment> adjustments{adjusted(program, "engagement", on_day(1), 8, half_life(day * 2))};
  const std::vector<Contribution> rows = explain(program, {.adjustments = adjustments}, on_day(3));
  EXPECT_EQ(row_of(rows, "engagement", label_of("engagement")).points, 4);
  EXPECT_EQ(row_of(rows, "engagement", label_of("engagement")).last_at, on_day(1));
  EXPECT_EQ(rows[0].points, 4);
  EXPECT_FALSE(has_row(explain(program, {.adjustments = adjustments}, on_day(0)), label_of("engagement")));
}

TEST(Explain, ShowsWhatAnOverrideChanges) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0)});
  model.dimensions.push_back(dimension("score"));
  model.dimensions.back().max_value = 5;
  const Program program = compile(model);
  const std::vector<RuleAward> awards{{0, on_day(0), 12}};
  const std::vector<LabelledAdjustment> adjustments{score_set(on_day(1), on_day(9), 50), tier_set(on_day(1), on_day(9), 0)};
  const std::vector<Contribution> rows = explain(program, {.awards = awards, .adjustments = adjustments}, on_day(3));
  EXPECT_EQ(rows[0].points, 50);
  EXPECT_EQ(row_of(rows, "engagement").points, 12);
  EXPECT_EQ(row_of(rows, "score", "(max_value)").points, -7);
  EXPECT_EQ(row_of(rows, "score", "(score set)").points, 45);
  EXPECT_EQ(row_of(rows, "score", "(tier set)").points, 0);
  EXPECT_EQ(row_of(rows, "score", "(tier set)").last_at, on_day(1));
  const std::vector<Contribution> later = explain(program, {.awards = awards, .adjustments = adjustments}, on_day(9));
  EXPECT_FALSE(has_row(later, "(score set)"));
  EXPECT_FALSE(has_row(later, "(tier set)"));
}

TEST(Explain, CountsTheEventsOfAFrequencyAndTheStartOfASilence) {
  ModelDefinition model = engagement_model({event_rule("busy", "engagement", 10), event_rule("gone", "engagement", -4)});
  model.event_rules[0].frequency = Frequency{.at_least = 2, .within = day * 7};
  model.event_rules[1].silence = Silence{.silent_for = day * 3};
  const Program program = compile(model);
  const std::vector<RuleAward> awards{
      {0, on_day(0), 1}, {0, on_day(4), 1}, {0, on_day(5), 1}, {1, on_day(0), 1}, {1, on_day(2), 1}};
  const std::vector<Contribution> rows = explain(program, {.awards = awards}, on_day(8));
  EXPECT_EQ(row_of(rows, "engagement", "busy").awards, 2);
  EXPECT_EQ(row_of(rows, "engagement", "busy").last_at, on_day(5));
  EXPECT_EQ(row_of(rows, "engagement", "busy").points, 10);
  EXPECT_EQ(row_of(rows, "engagement", "gone").awards, std::nullopt);
  EXPECT_EQ(row_of(rows, "engagement", "gone").last_at, on_day(2));
  EXPECT_EQ(row_of(rows, "engagement", "gone").points, -4);
  EXPECT_EQ(rows[0].awards, 2);
}

TEST(Explain, CountsOnlyTheAwardsThatALimitAndAResetLeave) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0), event_rule("close", "score", 0)});
  model.event_rules[0].limit = Limit{.max_awards = 2};
  model.event_rules[1].resets = "engagement";
  const Program program = compile(model);
  const std::vector<RuleAward> awards{{0, on_day(0), 3}, {0, on_day(2), 3}, {0, on_day(4), 3}, {1, on_day(1), 0}};
  const std::vector<Contribution> rows = explain(program, {.awards = awards}, on_day(8));
  EXPECT_EQ(row_of(rows, "engagement", "visit").awards, 1);
  EXPECT_EQ(row_of(rows, "engagement", "visit").points, 3);
  EXPECT_EQ(row_of(rows, "score", "close").awards, 1);
  EXPECT_EQ(row_of(rows, "score", "close").last_at, on_day(1));
  EXPECT_EQ(row_of(rows, "score", "close").points, 0);
  EXPECT_EQ(rows[0].awards, 2) << "the visit and the reset";
}

TEST(Explain, TakesNoCreationOfALeadWithoutARow) {
  ModelDefinition model = engagement_model({event_rule("gone", "engagement", -4)});
  model.event_rules[0].silence = Silence{.silent_for = day};
  const std::vector<Contribution> rows = explain(compile(model), {.created_at = on_day(0)}, on_day(9));
  EXPECT_EQ(rows[0].points, 0);
}

TEST(Explain, NamesTheBestPartThatTheStateNamesOnRandomModels) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Program program = compile(random_model(random, day));
    const History history = random_history(random, program, day, 20);
    const Instant t = random_instant(random, on_day(-10), day);
    const State state = state_of(program, history, t);
    for (const Contribution &row : explain(program, facts_of(history), t)) {
      if (row.rule) continue;
      EXPECT_EQ(row.best, best_child(program, state, program.find_dimension(row.path).value(), t)) << row.path;
    }
    if (HasFailure()) return;
  }
}

TEST(Explain, AddsUpToTheScoreOnRandomModels) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const ModelDefinition model = random_model(random, day);
    const Program program = compile(model);
    const History history = random_history(random, program, day, 30);
    const Instant t = random_instant(random, on_day(-10), day);
    const std::vector<Contribution> rows = explain(program, facts_of(history), t);
    const double score = evaluate(program, state_of(program, history, t), t)[root_dimension];
    EXPECT_NEAR(rows[0].points, score, 1e-12 * oracle(model, history, t).magnitude + 1e-300);

    OracleValue leaves;
    std::size_t dimensions = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].rule) {
        leaves.value += rows[i].points;
        leaves.magnitude += std::abs(rows[i].points);
        continue;
      }
      ++dimensions;
      const OracleValue below = sum_below(rows, i);
      EXPECT_NEAR(rows[i].points, below.value, 1e-12 * below.magnitude + 1e-300) << rows[i].path;
    }
    EXPECT_NEAR(leaves.value, score, 1e-9 * leaves.magnitude + 1e-300);
    EXPECT_EQ(dimensions, program.dimensions.size());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace leadscore::test
