// answers(row, conditions, params): what conditions say of a row, to try them out before they are rules.

#include <memory>
#include <string>

#include "pg/arguments.hpp"
#include "pg/arrays.hpp"
#include "pg/condition_parser.hpp"
#include "pg/condition_reader.hpp"
#include "pg/jsonpath.hpp"
#include "pg/row_shape.hpp"
#include "pg/scorer.hpp"
#include "pg/session.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

void warn_of(const std::string &what, int sqlstate, const std::string &message) {
  warn(sqlstate, what + " could not be evaluated", message);
}

template <typename Value>
std::string bytes_of(const Value *value) {
  return {reinterpret_cast<const char *>(value), VARSIZE(value)};
}

// In the current memory context, as what follows.
const Jsonb *copy_of(const Jsonb *document) {
  return call([document] { return DatumGetJsonbPCopy(JsonbPGetDatum(document)); });
}

std::vector<const JsonPath *> paths_of(ArrayType *conditions) {
  const ElementType jsonpath{.type = JSONPATHOID, .length = -1, .by_value = false, .alignment = TYPALIGN_INT};
  std::vector<const JsonPath *> paths;
  for (const NullableDatum &element : nullable_elements_of(conditions, jsonpath))
    paths.push_back(element.isnull ? nullptr : call([&element] { return DatumGetJsonPathPCopy(element.value); }));
  return paths;
}

struct DeleteMemory {
  void operator()(MemoryContext memory) const noexcept { MemoryContextDelete(memory); }
};

// The conditions of one call site, which mostly are the same for every row.
class AnswersSite {
 public:
  AnswersSite()
      : memory_(call([] { return AllocSetContextCreate(TopMemoryContext, "leadscore answers", ALLOCSET_SMALL_SIZES); })) {}

  // Compiles anew only if these are others than last time.
  ConditionReader &reader(ArrayType *conditions, const Jsonb *params) {
    std::string arguments = bytes_of(conditions) + bytes_of(params);
    if (reader_ != nullptr && arguments == arguments_) return *reader_;
    reader_.reset();
    conditions_.reset();
    MemoryContextReset(memory_.get());
    const MemoryScope scope(memory_.get());
    conditions_ = std::make_unique<Conditions>(paths_of(conditions), copy_of(params));
    reader_ = std::make_unique<ConditionReader>(*conditions_, [](std::optional<std::size_t> condition, const ErrorData &error) {
      warn_of(condition ? "condition " + std::to_string(*condition + 1) : "a row", error.sqlerrcode, error.message);
    });
    arguments_ = std::move(arguments);
    return *reader_;
  }

  RowShape &shape() noexcept { return shape_; }
  RowDocument &document() noexcept { return *document_; }
  [[nodiscard]] const Conditions &conditions() const noexcept { return *conditions_; }

 private:
  // A child of the function's memory would be gone before the site is, whose regular expressions are in it from PostgreSQL 16 on.
  std::unique_ptr<MemoryContextData, DeleteMemory> memory_;
  std::string arguments_;
  std::unique_ptr<Conditions> conditions_;
  std::unique_ptr<ConditionReader> reader_;
  RowShape shape_;
  std::unique_ptr<RowDocument> document_ =
      std::make_unique<RowDocument>([](int sqlstate, const std::string &message) { warn_of("a row", sqlstate, message); });
};

Datum boolean_array(const Answers &answers) {
  ArrayBuilder array({.type = BOOLOID, .length = 1, .by_value = true, .alignment = TYPALIGN_CHAR});
  array.reserve(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i)
    array.add(NullableDatum{.value = BoolGetDatum(answers[i] == Answer::is_true), .isnull = answers[i] == Answer::unknown});
  return array.build();
}

}  // namespace

// (row, conditions, params)
LEADSCORE_FUNCTION(answers) {
  auto &site = call_site<AnswersSite>(fcinfo, [] { return AnswersSite(); });
  ArrayType *conditions = call([fcinfo] { return PG_GETARG_ARRAYTYPE_P(1); });
  const Jsonb *params = call([fcinfo] { return PG_GETARG_JSONB_P(2); });
  ConditionReader &reader = site.reader(conditions, params);
  HeapTupleHeader tuple = site.shape().row_argument(fcinfo, 0);
  (void)site.shape().changes_to(tuple);
  const Row row = site.shape().row(tuple);
  site.document().start(row);
  Answers answers;
  site.conditions().set().write_answers(reader.ask(row, site.document()), answers);
  return boolean_array(answers);
}

// (condition, params)
LEADSCORE_FUNCTION(is_compiled) {
  const JsonPath *path = call([fcinfo] { return PG_GETARG_JSONPATH_P(0); });
  const Jsonb *params = call([fcinfo] { return PG_GETARG_JSONB_P(1); });
  RegularExpressions regular_expressions;
  return BoolGetDatum(parse_condition(path, params, regular_expressions).has_value());
}
