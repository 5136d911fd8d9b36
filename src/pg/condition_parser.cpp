#include "pg/condition_parser.hpp"

#include <algorithm>

#include "pg/guard.hpp"

namespace leadscore::pg {

namespace {

using Kind = Condition::Kind;

bool has_next(const JsonPathItem &item) noexcept { return jspHasNext(&item); }

std::optional<Comparison> comparison_of(JsonPathItemType type) noexcept {
  switch (type) {
    case jpiEqual:
      return Comparison::equal;
    case jpiNotEqual:
      return Comparison::not_equal;
    case jpiLess:
      return Comparison::less;
    case jpiLessOrEqual:
      return Comparison::less_or_equal;
    case jpiGreater:
      return Comparison::greater;
    case jpiGreaterOrEqual:
      return Comparison::greater_or_equal;
    default:
      return std::nullopt;
  }
}

// The comparison with its sides changed over.
Comparison mirrored(Comparison comparison) noexcept {
  switch (comparison) {
    case Comparison::less:
      return Comparison::greater;
    case Comparison::less_or_equal:
      return Comparison::greater_or_equal;
    case Comparison::greater:
      return Comparison::less;
    case Comparison::greater_or_equal:
      return Comparison::less_or_equal;
    default:
      return comparison;
  }
}

// jsonpath orders strings by their Unicode code points; in these two encodings that is the order of their bytes.
bool bytes_tell_order() noexcept { return GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII; }

bool is_string(const Item &item) noexcept { return std::holds_alternative<std::string_view>(item); }

// Reads one path.
class Parser {
 public:
  Parser(const Jsonb *variables, RegularExpressions &regular_expressions)
      : variables_(variables), regular_expressions_(regular_expressions) {}

  std::optional<ParsedCondition> parse(JsonPathItem &item) const {
    if (has_next(item)) return std::nullopt;
    switch (item.type) {
      case jpiAnd:
        return combination(Kind::all, item);
      case jpiOr:
        return combination(Kind::any, item);
      case jpiNot:
        return unary(Kind::negation, item);
      case jpiIsUnknown:
        return unary(Kind::is_unknown, item);
      case jpiStartsWith:
        return prefix(item);
      case jpiLikeRegex:
        return regex(item);
      case jpiExists:
        return exists(item);
      default:
        return comparison(item);
    }
  }

 private:
  std::optional<ParsedCondition> combination(Kind kind, JsonPathItem &item) const {
    JsonPathItem operand;
    jspGetLeftArg(&item, &operand);
    std::optional<ParsedCondition> left = parse(operand);
    jspGetRightArg(&item, &operand);
    std::optional<ParsedCondition> right = parse(operand);
    if (!left || !right) return std::nullopt;
    ParsedCondition condition{.kind = kind};
    for (ParsedCondition *side : {&*left, &*right}) {
      // A long chain is one combination, not a deep tree.
      if (side->kind == kind)
        std::ranges::move(side->operands, std::back_inserter(condition.operands));
      else
        condition.operands.push_back(std::move(*side));
    }
    return condition;
  }

  std::optional<ParsedCondition> unary(Kind kind, JsonPathItem &item) const {
    JsonPathItem argument;
    jspGetArg(&item, &argument);
    std::optional<ParsedCondition> operand = parse(argument);
    if (!operand) return std::nullopt;
    ParsedCondition condition{.kind = kind};
    condition.operands.push_back(std::move(*operand));
    return condition;
  }

  template <typename TestKind>
  static std::optional<ParsedCondition> test(JsonPathItem &place_item, TestKind kind) {
    std::optional<Place> place = place_of(place_item);
    if (!place) return std::nullopt;
    return ParsedCondition{.test = ParsedTest{.place = std::move(*place), .kind = std::move(kind)}};
  }

  std::optional<ParsedCondition> comparison(JsonPathItem &item) const {
    std::optional<Comparison> comparison = comparison_of(item.type);
    if (!comparison) return std::nullopt;
    JsonPathItem place;
    JsonPathItem constant;
    jspGetLeftArg(&item, &place);
    jspGetRightArg(&item, &constant);
    if (place.type != jpiRoot) {
      std::swap(place, constant);
      comparison = mirrored(*comparison);
    }
    std::optional<std::vector<Item>> items = constants(constant, true);
    if (!items) return std::nullopt;
    if (needs_order(*comparison) && !bytes_tell_order() && std::ranges::any_of(*items, is_string)) return std::nullopt;
    return test(place, ComparisonTest{.comparison = *comparison, .constants = std::move(*items)});
  }

  std::optional<ParsedCondition> prefix(JsonPathItem &item) const {
    JsonPathItem place;
    JsonPathItem constant;
    jspGetLeftArg(&item, &place);
    jspGetRightArg(&item, &constant);
    const std::optional<std::vector<Item>> items = constants(constant, false);
    if (!items || items->size() != 1 || !is_string(items->front())) return std::nullopt;
    return test(place, PrefixTest{.prefix = std::string(std::get<std::string_view>(items->front()))});
  }

  std::optional<ParsedCondition> regex(JsonPathItem &item) const {
    const auto &content = item.content.like_regex;
    JsonPathItem place;
    jspInitByBuffer(&place, item.base, content.expr);
    const std::string_view pattern(content.pattern, static_cast<std::size_t>(content.patternlen));
    std::shared_ptr<const RegularExpression> compiled = regular_expressions_.find(pattern, content.flags);
    if (compiled == nullptr) return std::nullopt;
    return test(place, RegexTest{.expression = std::move(compiled)});
  }

  static std::optional<ParsedCondition> exists(JsonPathItem &item) {
    JsonPathItem place;
    jspGetArg(&item, &place);
    return test(place, ExistsTest{});
  }

  // The items of a literal, or of a variable and what follows it; none for what is no constant.
  std::optional<std::vector<Item>> constants(JsonPathItem &item, bool unwraps) const {
    if (item.type == jpiVariable) return variable(item, unwraps);
    if (has_next(item)) return std::nullopt;
    switch (item.type) {
      case jpiNull:
        return std::vector<Item>{JsonNull{}};
      case jpiBool:
        return std::vector<Item>{jspGetBool(&item)};
      case jpiNumeric:
        return std::vector<Item>{jspGetNumeric(&item)};
      case jpiString:
        return std::vector<Item>{text_of(item)};
      default:
        return std::nullopt;
    }
  }

  std::optional<std::vector<Item>> variable(JsonPathItem &item, bool unwraps) const {
    if (variables_ == nullptr || !JB_ROOT_IS_OBJECT(variables_)) return std::nullopt;
    const std::optional<std::vector<PlaceStep>> steps = steps_after(item);
    const std::string_view name = text_of(item);
    JsonbValue value;
    auto *root = const_cast<JsonbContainer *>(&variables_->root);
    if (!steps || getKeyJsonValueFromContainer(root, name.data(), static_cast<int>(name.size()), &value) == nullptr)
      return std::nullopt;
    std::vector<JsonbValue> found;
    follow_steps(value, *steps, found);
    if (unwraps) unwrap_arrays(found);
    std::vector<Item> items;
    items.reserve(found.size());
    for (const JsonbValue &each : found) items.push_back(item_of(each));
    return items;
  }

  const Jsonb *variables_;
  RegularExpressions &regular_expressions_;
};

// The root of a path in lax mode; strict ones are left to PostgreSQL.
std::optional<JsonPathItem> root_of(const JsonPath *path) {
  if ((path->header & JSONPATH_LAX) == 0) return std::nullopt;
  JsonPathItem root;
  jspInit(&root, const_cast<JsonPath *>(path));
  return root;
}

}  // namespace

std::optional<ParsedCondition> parse_condition(const JsonPath *path, const Jsonb *variables,
                                               RegularExpressions &regular_expressions) {
  if (path == nullptr) return ParsedCondition{.kind = Kind::all};
  std::optional<JsonPathItem> root = root_of(path);
  return root ? Parser(variables, regular_expressions).parse(*root) : std::nullopt;
}

std::optional<Place> parse_place(const JsonPath *path) {
  std::optional<JsonPathItem> root = root_of(path);
  return root ? place_of(*root) : std::nullopt;
}

}  // namespace leadscore::pg
