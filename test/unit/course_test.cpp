#include "core/course.hpp"

#include <gtest/gtest.h>

#include "core/lead_part.hpp"
#include "core/value_between.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

// What the dimensions do between two instants.
std::vector<Course> courses(const Program &program, const State &state, Instant first, Instant last) {
  Ages ages_first(first);
  Ages ages_last(last);
  std::vector<Course> slots;
  value_slots(program, state, counted_entries(program, state), CourseBetween{{program, state, first, last, ages_first, ages_last}},
              slots);
  std::vector<Course> dimensions;
  roll_up(program, lead_part_as<Course>(lead_part(program, state), constant), slots, dimensions);
  return dimensions;
}

TEST(Course, EnclosesEveryValueInsideAndItsDirection) {
  int monotone = 0;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit(std::int64_t{1} << random.integer(0, 44));
    const Program program = compile(random_model(random, unit));
    State state = state_of(program, random_history(random, program, unit), random_instant(random, Instant(unit * -20), unit));
    state.adjustments.clear();
    const Instant first = state.horizon + Duration(random.integer(0, 5) * unit.count());
    const Instant last = first + Duration(random.integer(0, 20) * unit.count() / 8 + random.integer(0, 3));
    const std::vector<Course> known = courses(program, state, first, last);
    std::vector<double> before = evaluate(program, state, first);
    constexpr int samples = 16;
    for (int sample = 0; sample <= samples; ++sample) {
      const std::vector<double> values = evaluate(program, state, first + (last - first) / samples * sample);
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_GE(values[i], known[i].range.low);
        EXPECT_LE(values[i], known[i].range.high);
        if (known[i].rate.low >= 0) {
          EXPECT_GE(values[i], before[i] - 2 * known[i].error);
        }
        if (known[i].rate.high <= 0) {
          EXPECT_LE(values[i], before[i] + 2 * known[i].error);
        }
        monotone += only_rises_or_falls(known[i]) && known[i].rate.low != known[i].rate.high ? 1 : 0;
      }
      before = values;
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(monotone, 10'000);
}

TEST(Course, KnowsASumOfPartsThatFadeInBothDirectionsByItsEnds) {
  const Program program = compile(engagement_model(
      {event_rule("visit", "engagement", 0, half_life(day * 30)), event_rule("complaint", "engagement", 0, half_life(day * 30))}));
  const State state =
      state_of(program, {eligible_lead(program), {{0, on_day(0), 40}, {1, on_day(0), -8}, {1, on_day(0), -2}}}, on_day(0));
  const Course score = courses(program, state, on_day(0), on_day(15)).front();
  EXPECT_NEAR(score.range.high, 30, 1e-12);
  EXPECT_NEAR(score.range.low, 30 / std::sqrt(2.0), 1e-12);
}

TEST(Course, OfNegativePointsIsThatOfPositiveOnesMirrored) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day * 30))}));
  const auto course_of = [&program](double points) {
    const State state = state_of(program, {eligible_lead(program), {{0, on_day(0), points}}}, on_day(0));
    return courses(program, state, on_day(2), on_day(9)).front();
  };
  const Course gained = course_of(7.3);
  const Course lost = course_of(-7.3);
  EXPECT_EQ(lost.range.low, -gained.range.high);
  EXPECT_EQ(lost.range.high, -gained.range.low);
  EXPECT_EQ(lost.rate.low, -gained.rate.high);
  EXPECT_EQ(lost.rate.high, -gained.rate.low);
  EXPECT_EQ(lost.error, gained.error);
}

}  // namespace
}  // namespace leadscore::test
