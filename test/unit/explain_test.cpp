#include "core/explain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
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
  model.lead_rules = {lead_rule("country", "fit", 6), lead_rule("title", "fit", 5, -1), lead_rule("silent", "fit", 5)};
  const Program program = compile(model);
  const std::vector<Answer> answers{Answer::is_true, Answer::is_true, Answer::is_false, Answer::unknown};
  const std::vector<RuleAward> awards{{0, on_day(0), 12}, {1, on_day(1), 3}, {1, on_day(2), 3}, {1, on_day(99), 3}};
  const std::vector<Contribution> rows = explain(program, answers, awards, on_day(10));

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
  const Program program =
      compile(engagement_model({event_rule("visit", "engagement", 0, window(day)), event_rule("call", "engagement", 0)}));
  const std::vector<RuleAward> awards{{0, on_day(0), 12}, {0, on_day(3), 12}, {1, on_day(1), 3}, {1, on_day(9), 3}};
  const std::vector<Contribution> rows = explain(program, {}, awards, on_day(5));
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
  const std::vector<Answer> answers{Answer::is_true, Answer::is_false};
  const std::vector<Contribution> rows = explain(program, answers, {}, on_day(5));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(is_row(rows[0], "score", {}, 0));
  EXPECT_TRUE(is_row(rows[1], "engagement", {}, 0));
  EXPECT_FALSE(rows[0].awards);
  EXPECT_FALSE(rows[0].last_at);
}

TEST(Explain, ShowsARuleWhoseMinimumGivesPointsWithoutAwards) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0)});
  model.event_rules[0].min_points = 3;
  const std::vector<Contribution> rows = explain(compile(model), {}, {}, on_day(5));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(is_row(rows[2], "engagement", "visit", 3));
  EXPECT_EQ(rows[2].awards, 0);
  EXPECT_FALSE(rows[2].last_at);
}

TEST(Explain, NamesTheClampThatRaises) {
  ModelDefinition model = engagement_model({});
  model.dimensions[0].min_value = 3;
  model.dimensions[0].weight = -2;
  const std::vector<Contribution> rows = explain(compile(model), {}, {}, on_day(5));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(is_row(rows[0], "score", {}, -6));
  EXPECT_TRUE(is_row(rows[2], "engagement", "(min_value)", -6));
}

TEST(Explain, IgnoresAwardsThatAreNone) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0)}));
  const std::vector<RuleAward> awards{{0, on_day(0), 0}, {0, on_day(0), std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_EQ(explain(program, {}, awards, on_day(5)).size(), 2U);
}

TEST(Explain, RefusesWhatDoesNotFitTheVersion) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0)}));
  const std::vector<RuleAward> awards{{1, on_day(0), 1}};
  EXPECT_THROW(static_cast<void>(explain(program, {}, awards, on_day(5))), InvalidArgument);
  const std::vector<Answer> answers(2);
  EXPECT_THROW(static_cast<void>(explain(program, answers, {}, on_day(5))), InvalidArgument);
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

TEST(Explain, AddsUpToTheScoreOnRandomModels) {
  for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const ModelDefinition model = random_model(random, day);
    const Program program = compile(model);
    const History history = random_history(random, program, day, 30);
    const Instant t = random_instant(random, on_day(-10), day);
    const std::vector<Contribution> rows = explain(program, history.answers, history.awards, t);
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
