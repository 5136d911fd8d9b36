#include "pg/conditions.hpp"

#include <algorithm>
#include <map>

#include "pg/condition_parser.hpp"
#include "pg/guard.hpp"

namespace leadscore::pg {

namespace {

// What a type's items are to a test, as far as the type alone tells.
Answer answer_to(const Item &constant, ItemType type, Comparison comparison) {
  const bool is_null = std::holds_alternative<JsonNull>(constant);
  if (is_null && type == ItemType::null) {
    return comparison == Comparison::equal || comparison == Comparison::less_or_equal || comparison == Comparison::greater_or_equal
               ? Answer::is_true
               : Answer::is_false;
  }
  // Null differs from all else, and has no order with it.
  if (is_null || type == ItemType::null) return comparison == Comparison::not_equal ? Answer::is_true : Answer::is_false;
  return type_of(constant) == type && type != ItemType::container ? Answer::is_false : Answer::unknown;
}

// The spans of the positions that compare so with the constant at `index` of its scale, which has `count`.
std::vector<PositionSpan> spans_of(Comparison comparison, ItemType type, std::size_t index, std::size_t count) {
  const Position at = position_of_constant(index);
  const PositionSpan below{.type = type, .first = 0, .last = at};
  const PositionSpan same{.type = type, .first = at, .last = at + 1};
  const PositionSpan above{.type = type, .first = at + 1, .last = end_of_scale(count)};
  switch (comparison) {
    case Comparison::equal:
      return {same};
    case Comparison::not_equal:
      return {below, above};
    case Comparison::less:
      return {below};
    case Comparison::less_or_equal:
      return {below, same};
    case Comparison::greater:
      return {above};
    case Comparison::greater_or_equal:
      return {same, above};
  }
  return {};
}

// The first string after all that begin with `prefix`, in the order of bytes; none if there is no string after them.
std::optional<std::string> end_of_prefix(std::string prefix) {
  constexpr char last_byte = '\xff';
  while (!prefix.empty() && prefix.back() == last_byte) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// Both ends of the span are constants of the scale, which is ordered.
PositionSpan span_of_prefix(const std::string &prefix, const StringScale &scale) {
  const std::optional<std::string> end = end_of_prefix(prefix);
  return {
      .type = ItemType::string, .first = scale.position(prefix), .last = end ? scale.position(*end) : end_of_scale(scale.size())};
}

// Of several constants the one decides that the test is true for, else one that it is unknown for.
Answer stronger(Answer left, Answer right) noexcept {
  if (left == Answer::is_true || right == Answer::is_true) return Answer::is_true;
  return left == Answer::unknown || right == Answer::unknown ? Answer::unknown : Answer::is_false;
}

// The tests of one place while conditions are gathered.
struct PlaceDraft {
  std::vector<Numeric> numbers;
  std::vector<std::string> strings;
  bool is_ordered = false;  // the strings
  std::vector<std::pair<TestIndex, const ParsedTest *>> tests;
};

// Gathers the conditions' tests by place.
class Draft {
 public:
  // What is returned points into `parsed`, which must live on.
  Condition add(const ParsedCondition &parsed) {
    Condition condition{.kind = parsed.kind};
    if (parsed.test) condition.test = add(*parsed.test);
    for (const ParsedCondition &operand : parsed.operands) condition.operands.push_back(add(operand));
    return condition;
  }

  // Puts the places in their order; gives the tests by their index.
  std::vector<ItemTest> finish(std::vector<TestedPlace> &places) {
    std::vector<ItemTest> tests(test_count_);
    for (auto &[place, draft] : places_) {
      const auto index = static_cast<PlaceIndex>(places.size());
      places.push_back({.place = place,
                        .numbers = NumberScale(draft.numbers),
                        .strings = StringScale(draft.strings, draft.is_ordered),
                        .expressions = {},
                        .exist_tests = {}});
      for (const auto &[test, parsed] : draft.tests) {
        tests[test] = make_test(*parsed, test, places.back());
        tests[test].place = index;
      }
    }
    return tests;
  }

 private:
  TestIndex add(const ParsedTest &test) {
    PlaceDraft &draft = places_[test.place];
    if (const auto *comparison = std::get_if<ComparisonTest>(&test.kind)) {
      for (const Item &constant : comparison->constants) {
        if (const auto *number = std::get_if<Numeric>(&constant)) draft.numbers.push_back(*number);
        if (const auto *text = std::get_if<std::string_view>(&constant)) {
          draft.strings.emplace_back(*text);
          draft.is_ordered = draft.is_ordered || needs_order(comparison->comparison);
        }
      }
    }
    if (const auto *prefix = std::get_if<PrefixTest>(&test.kind)) {
      draft.strings.push_back(prefix->prefix);
      if (std::optional<std::string> end = end_of_prefix(prefix->prefix)) draft.strings.push_back(std::move(*end));
      draft.is_ordered = true;
    }
    draft.tests.emplace_back(test_count_, &test);
    return test_count_++;
  }

  static ItemTest make_test(const ParsedTest &parsed, TestIndex index, TestedPlace &place) {
    if (const auto *comparison = std::get_if<ComparisonTest>(&parsed.kind)) return comparison_test(*comparison, place);
    ItemTest test;
    if (std::holds_alternative<ExistsTest>(parsed.kind)) {
      test.otherwise.fill(Answer::is_false);
      place.exist_tests.push_back(index);
      return test;
    }
    test.otherwise.fill(Answer::unknown);
    test.otherwise[static_cast<std::size_t>(ItemType::string)] = Answer::is_false;
    if (const auto *prefix = std::get_if<PrefixTest>(&parsed.kind))
      test.is_true_in.push_back(span_of_prefix(prefix->prefix, place.strings));
    else
      place.expressions.add(std::get<RegexTest>(parsed.kind).expression, index);
    return test;
  }

  static ItemTest comparison_test(const ComparisonTest &comparison, const TestedPlace &place) {
    ItemTest test;
    test.otherwise.fill(Answer::is_false);
    for (const Item &constant : comparison.constants) {
      for (std::size_t type = 0; type < item_type_count; ++type) {
        Answer &otherwise = test.otherwise[type];
        otherwise = stronger(otherwise, answer_to(constant, static_cast<ItemType>(type), comparison.comparison));
      }
      const std::vector<PositionSpan> spans = spans_with(constant, comparison.comparison, place);
      test.is_true_in.insert(test.is_true_in.end(), spans.begin(), spans.end());
    }
    return test;
  }

  static std::vector<PositionSpan> spans_with(const Item &constant, Comparison comparison, const TestedPlace &place) {
    if (const auto *truth = std::get_if<bool>(&constant))
      return spans_of(comparison, ItemType::boolean, index_of(*truth), boolean_count);
    if (const auto *number = std::get_if<Numeric>(&constant))
      return spans_of(comparison, ItemType::number, place.numbers.position(*number) / 2, place.numbers.size());
    if (const auto *text = std::get_if<std::string_view>(&constant))
      return spans_of(comparison, ItemType::string, place.strings.position(*text) / 2, place.strings.size());
    return {};
  }

  std::map<Place, PlaceDraft> places_;
  TestIndex test_count_ = 0;
};

}  // namespace

bool TestedPlace::add(const Item &item, PlaceIndex index, const ConditionSet &set, ConditionSet::Truths &truths) const {
  std::optional<Position> position = 0;
  if (const auto *text = std::get_if<std::string_view>(&item)) {
    position = strings.position(*text);
    if (!expressions.empty())
      for (const TestIndex test : expressions.met_by(*text)) set.add_true(test, truths);
  } else if (const auto *number = std::get_if<Numeric>(&item)) {
    position = numbers.position(*number);
  } else if (const auto *whole = std::get_if<std::int64_t>(&item)) {
    position = numbers.position(*whole);
  } else if (const auto *real = std::get_if<double>(&item)) {
    position = numbers.position(*real);
  } else if (const auto *truth = std::get_if<bool>(&item)) {
    position = position_of_constant(index_of(*truth));
  }
  if (!position) return false;
  set.add_item(index, type_of(item), *position, truths);
  return true;
}

Conditions::Conditions(std::span<const JsonPath *const> paths, const Jsonb *variables) : variables_(variables) {
  RegularExpressions regular_expressions;
  std::vector<std::optional<ParsedCondition>> parsed;
  parsed.reserve(paths.size());
  for (const JsonPath *path : paths) {
    std::optional<ParsedCondition> condition = parse_condition(path, variables, regular_expressions);
    if (!condition) paths_.push_back({.condition = parsed.size(), .path = path});
    parsed.push_back(std::move(condition));
  }
  Draft draft;
  std::vector<std::optional<Condition>> conditions;
  conditions.reserve(parsed.size());
  for (const std::optional<ParsedCondition> &condition : parsed)
    conditions.push_back(condition ? std::optional(draft.add(*condition)) : std::nullopt);
  const std::vector<ItemTest> tests = draft.finish(places_);
  set_.emplace(conditions, tests, static_cast<PlaceIndex>(places_.size()));
}

}  // namespace leadscore::pg
