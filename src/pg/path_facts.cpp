// What a jsonpath is about, for the checks of `publish`: path_facts(jsonpath).

#include <set>
#include <string>
#include <vector>

#include "pg/arguments.hpp"
#include "pg/arrays.hpp"
#include "pg/place.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

struct PathFacts {
  bool is_predicate = false;
  std::set<std::string> columns;    // NAME of every `$.NAME`
  std::set<std::string> variables;  // NAME of every `$NAME`
};

bool is_predicate(const JsonPathItem &item) noexcept {
  switch (item.type) {
    case jpiAnd:
    case jpiOr:
    case jpiNot:
    case jpiIsUnknown:
    case jpiEqual:
    case jpiNotEqual:
    case jpiLess:
    case jpiGreater:
    case jpiLessOrEqual:
    case jpiGreaterOrEqual:
    case jpiExists:
    case jpiStartsWith:
    case jpiLikeRegex:
      return item.nextPos == 0;
    default:
      return false;
  }
}

// How an item holds the items below it.
enum class Operands { none, one, two, regex };

Operands operands_of(JsonPathItemType type) noexcept {
  switch (type) {
    case jpiAnd:
    case jpiOr:
    case jpiEqual:
    case jpiNotEqual:
    case jpiLess:
    case jpiGreater:
    case jpiLessOrEqual:
    case jpiGreaterOrEqual:
    case jpiAdd:
    case jpiSub:
    case jpiMul:
    case jpiDiv:
    case jpiMod:
    case jpiStartsWith:
      return Operands::two;
    case jpiNot:
    case jpiIsUnknown:
    case jpiExists:
    case jpiFilter:
    case jpiPlus:
    case jpiMinus:
      return Operands::one;
    case jpiLikeRegex:
      return Operands::regex;
    default:
      return Operands::none;
  }
}

void walk(JsonPathItem &item, PathFacts &facts);

void walk_operands(JsonPathItem &item, PathFacts &facts) {
  JsonPathItem operand;
  switch (operands_of(item.type)) {
    case Operands::two:
      jspGetLeftArg(&item, &operand);
      walk(operand, facts);
      jspGetRightArg(&item, &operand);
      walk(operand, facts);
      break;
    case Operands::one:
      jspGetArg(&item, &operand);
      walk(operand, facts);
      break;
    case Operands::regex:
      jspInitByBuffer(&operand, item.base, item.content.like_regex.expr);
      walk(operand, facts);
      break;
    case Operands::none:
      break;
  }
  if (item.type != jpiIndexArray) return;
  for (int i = 0; i < item.content.array.nelems; ++i) {
    JsonPathItem to;
    const bool is_range = jspGetArraySubscript(&item, &operand, &to, i);
    walk(operand, facts);
    if (is_range) walk(to, facts);
  }
}

void walk(JsonPathItem &item, PathFacts &facts) {
  walk_operands(item, facts);
  if (item.type == jpiVariable) facts.variables.emplace(text_of(item));
  JsonPathItem next;
  if (!jspGetNext(&item, &next)) return;
  if (item.type == jpiRoot && next.type == jpiKey) facts.columns.emplace(text_of(next));
  walk(next, facts);
}

Datum text_array(const std::set<std::string> &texts) {
  ArrayBuilder array(text_element);
  for (const std::string &text : texts) array.add(text_result(text));
  return array.build();
}

}  // namespace

// The jsonpath has been checked by its type's input function; walking it raises nothing.
LEADSCORE_FUNCTION(path_facts) {
  JsonPath *path = call([fcinfo] { return PG_GETARG_JSONPATH_P(0); });
  JsonPathItem root;
  jspInit(&root, path);
  PathFacts facts;
  facts.is_predicate = is_predicate(root);
  walk(root, facts);
  const Datum columns = text_array(facts.columns);
  const Datum variables = text_array(facts.variables);
  return call([fcinfo, &facts, columns, variables] {
    TupleDesc descriptor = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE) elog(ERROR, "return type must be a row type");
    Datum values[] = {BoolGetDatum(facts.is_predicate), columns, variables};
    bool nulls[] = {false, false, false};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
  });
}
