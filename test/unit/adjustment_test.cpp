// What people add, and what they set.
#include <gtest/gtest.h>

#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/tiers.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

ModelDefinition plain_model() {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 1)});
  model.dimensions[0].weight = 2;
  return model;
}

class Adjusted : public ::testing::Test {
 protected:
  [[nodiscard]] History with(std::vector<LabelledAdjustment> adjustments) const {
    return {eligible_lead(program_), {}, distant_past, std::move(adjustments)};
  }
  [[nodiscard]] double value(const std::vector<LabelledAdjustment> &adjustments, Instant t) const {
    return value_of(program_, with(adjustments), t);
  }
  [[nodiscard]] TierIndex tier(const std::vector<LabelledAdjustment> &adjustments, Instant t) const {
    return raw_tier_at(program_, state_of(program_, with(adjustments), distant_past), t);
  }

  Program program_ = compile(plain_model());
};

TEST_F(Adjusted, AddsPointsToADimensionFromItsInstantOn) {
  const std::vector<LabelledAdjustment> adjustments{adjusted(program_, "engagement", on_day(3), 5)};
  EXPECT_EQ(value(adjustments, on_day(3) - microsecond), 0);
  EXPECT_EQ(value(adjustments, on_day(3)), 10) << "the dimension weighs 2";
  EXPECT_EQ(value(adjustments, on_day(9000)), 10);
}

TEST_F(Adjusted, FadesAsAwardsDo) {
  const auto one = [&](const Decay &decay) { return std::vector{adjusted(program_, "score", on_day(0), 8, decay)}; };
  EXPECT_DOUBLE_EQ(value(one(half_life(day * 10)), on_day(20)), 2);
  EXPECT_DOUBLE_EQ(value(one(linear(day * 10, 0.5)), on_day(10)), 4);
  EXPECT_DOUBLE_EQ(value(one(step(day * 10, 0.25)), on_day(25)), 4.5);
  EXPECT_DOUBLE_EQ(value(one(window(day * 10)), on_day(10) - microsecond), 8);
  EXPECT_DOUBLE_EQ(value(one(window(day * 10)), on_day(10)), 0);
}

TEST_F(Adjusted, EndsWhenItIsTakenBack) {
  LabelledAdjustment adjustment = adjusted(program_, "score", on_day(3), 5);
  adjustment.adjustment.until = on_day(6);
  EXPECT_EQ(value({adjustment}, on_day(6) - microsecond), 5);
  EXPECT_EQ(value({adjustment}, on_day(6)), 0);
}

TEST_F(Adjusted, IsNothingIfItIsTakenBackBeforeItCounts) {
  LabelledAdjustment adjustment = adjusted(program_, "score", on_day(3), 5);
  adjustment.adjustment.until = on_day(2);
  EXPECT_EQ(value({adjustment}, on_day(3)), 0);
  EXPECT_TRUE(state_of(program_, with({adjustment}), distant_past).adjustments.empty());
}

TEST_F(Adjusted, IsPartOfWhatIsClampedButNoPartOfTheLeadOrTheEvents) {
  ModelDefinition model = plain_model();
  model.dimensions[0].max_value = 4;
  const Program program = compile(model);
  const History history{eligible_lead(program), {}, distant_past, {adjusted(program, "engagement", on_day(0), 50)}};
  const State state = state_of(program, history, on_day(1));
  EXPECT_EQ(evaluate(program, state, on_day(1))[root_dimension], 8);
  EXPECT_EQ(evaluate(program, state, on_day(1), Part::lead)[root_dimension], 0);
  EXPECT_EQ(evaluate(program, state, on_day(1), Part::events)[root_dimension], 0);
}

TEST_F(Adjusted, AddsToAMaxWithoutBeingOneOfItsParts) {
  ModelDefinition model = plain_model();
  model.dimensions[0].combine = Combine::max;
  const Program program = compile(model);
  History history{eligible_lead(program), {{0, on_day(0), 7}}, distant_past, {adjusted(program, "engagement", on_day(0), 5)}};
  EXPECT_EQ(value_of(program, history, on_day(1), "engagement"), 12);
}

TEST_F(Adjusted, SetsTheScoreWhileItIsInForce) {
  const std::vector<LabelledAdjustment> adjustments{score_set(on_day(3), on_day(6), 20)};
  EXPECT_EQ(value(adjustments, on_day(3) - microsecond), 0);
  EXPECT_EQ(value(adjustments, on_day(3)), 20);
  EXPECT_EQ(value(adjustments, on_day(6)), 0);
  EXPECT_EQ(tier(adjustments, on_day(3) - microsecond), 0);
  EXPECT_EQ(tier(adjustments, on_day(5)), 2) << "tiers see it";
  EXPECT_EQ(tier(adjustments, on_day(6)), 0);
}

TEST_F(Adjusted, SetsTheTierWhateverTheScore) {
  const std::vector<LabelledAdjustment> adjustments{score_set(on_day(0), on_day(9), 50), tier_set(on_day(3), on_day(6), 1)};
  EXPECT_EQ(tier(adjustments, on_day(2)), 2);
  EXPECT_EQ(tier(adjustments, on_day(3)), 1);
  EXPECT_EQ(tier(adjustments, on_day(6)), 2);
  EXPECT_EQ(value(adjustments, on_day(4)), 50);
}

TEST_F(Adjusted, SetsNoTierOfALeadThatIsNotEligible) {
  State state = state_of(program_, with({tier_set(on_day(3), on_day(6), 1)}), on_day(4));
  state.answers.set(eligible_answer, Answer::is_false);
  EXPECT_EQ(raw_tier_at(program_, state, on_day(4)), no_tier);
}

TEST_F(Adjusted, LetsTheLatestOverrideWin) {
  const std::vector<LabelledAdjustment> adjustments{score_set(on_day(3), on_day(20), 1), score_set(on_day(5), on_day(10), 2),
                                                    score_set(on_day(4), on_day(20), 3)};
  EXPECT_EQ(value(adjustments, on_day(3)), 1);
  EXPECT_EQ(value(adjustments, on_day(4)), 3);
  EXPECT_EQ(value(adjustments, on_day(5)), 2);
  EXPECT_EQ(value(adjustments, on_day(10)), 3) << "the one before holds again";
}

TEST_F(Adjusted, LetsTheHigherNumberOfTwoAtOneInstantWin) {
  EXPECT_EQ(value({score_set(on_day(3), on_day(9), 1, 8), score_set(on_day(3), on_day(9), 2, 7)}, on_day(4)), 1);
  EXPECT_EQ(value({score_set(on_day(3), on_day(9), 1, 6), score_set(on_day(3), on_day(9), 2, 7)}, on_day(4)), 2);
}

TEST_F(Adjusted, HoldsForGoodWithoutAnEnd) {
  EXPECT_EQ(value({score_set(on_day(3), distant_future, 5)}, distant_future), 5);
  EXPECT_EQ(value({adjusted(program_, "score", on_day(3), 5)}, distant_future), 5);
}

TEST_F(Adjusted, IsForgottenOnceItIsOver) {
  const std::vector<LabelledAdjustment> adjustments{score_set(on_day(3), on_day(6), 20), tier_set(on_day(3), on_day(7), 1),
                                                    adjusted(program_, "score", on_day(3), 5, window(day * 5)),
                                                    adjusted(program_, "score", on_day(3), 0)};
  EXPECT_EQ(state_of(program_, with(adjustments), on_day(5)).adjustments.size(), 3U);
  EXPECT_EQ(state_of(program_, with(adjustments), on_day(6)).adjustments.size(), 2U);
  EXPECT_EQ(state_of(program_, with(adjustments), on_day(7)).adjustments.size(), 1U);
  EXPECT_TRUE(state_of(program_, with(adjustments), on_day(8)).adjustments.empty());
}

TEST_F(Adjusted, MakesAStateThatIsNotEmpty) {
  const State state = state_of(program_, {{}, {}, distant_past, {adjusted(program_, "score", on_day(3), 5)}}, on_day(5));
  EXPECT_FALSE(is_empty(state));
}

TEST_F(Adjusted, IsRefusedIfTheVersionCannotMakeIt) {
  const auto refuses = [&](const auto &change) {
    State state = state_of(program_, with({adjusted(program_, "score", on_day(3), 5)}), on_day(5));
    change(state.adjustments[0]);
    EXPECT_THROW(require_fit(program_, state), InvalidState);
  };
  refuses([](Adjustment &a) { a.dimension = 2; });
  refuses([](Adjustment &a) { a.tier = 3; });
  refuses([](Adjustment &a) { a.points = std::numeric_limits<double>::quiet_NaN(); });
  refuses([](Adjustment &a) { a.points = std::numeric_limits<double>::infinity(); });
  refuses([](Adjustment &a) { a.decay = half_life(Duration{0}); });
  refuses([](Adjustment &a) { a.decay = linear(day, -1); });
}

}  // namespace
}  // namespace leadscore::test
