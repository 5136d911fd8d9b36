// nearest(name, candidates), and the errors that make use of it.

#include "pg/nearest.hpp"

#include <algorithm>

#include "pg/arguments.hpp"
#include "pg/arrays.hpp"

extern "C" {
#include "utils/varlena.h"
}

namespace leadscore::pg {

namespace {

// How far two names may lie apart to be taken for one another.
constexpr std::size_t furthest = 3;

// A distance that is not below the limit may come out as any number that is not, either.
int distance(const std::string &left, const std::string &right, int limit) {
  // The longest strings that PostgreSQL compares: names are shorter.
  if (left.size() > NAMEDATALEN || right.size() > NAMEDATALEN) return limit;
  return call([&left, &right, limit] {
    return varstr_levenshtein_less_equal(left.data(), static_cast<int>(left.size()), right.data(), static_cast<int>(right.size()),
                                         1, 1, 1, limit, false);
  });
}

[[noreturn]] void refuse(const std::string &item, const std::string &name, const Program &program,
                         const std::vector<std::string> &names, std::string hint) {
  if (const std::optional<std::string> best = nearest(name, names)) {
    hint = "Perhaps you mean \"" + *best + "\".";
  } else if (hint.empty() && !names.empty()) {
    for (const std::string &other : names) hint += (hint.empty() ? "There are: " : ", ") + other;
    hint += ".";
  }
  throw UserError(ERRCODE_INVALID_PARAMETER_VALUE,
                  item + " \"" + name + "\" does not exist in version " + std::to_string(program.version), {}, hint);
}

}  // namespace

std::optional<std::string> nearest(const std::string &name, const std::vector<std::string> &candidates) {
  std::optional<std::string> best;
  int best_distance = static_cast<int>(std::min(furthest, name.size() / 2)) + 1;
  for (const std::string &candidate : candidates) {
    const int found = distance(name, candidate, best_distance);
    if (found >= best_distance) continue;
    best_distance = found;
    best = candidate;
  }
  return best;
}

DimensionIndex required_dimension(const Program &program, const std::string &path, const std::string &hint) {
  if (const std::optional<DimensionIndex> found = program.find_dimension(path)) return *found;
  std::vector<std::string> paths;
  for (const Dimension &dimension : program.dimensions) paths.push_back(dimension.path);
  refuse("dimension", path, program, paths, hint);
}

TierIndex required_tier(const Program &program, const std::string &name) {
  if (const std::optional<TierIndex> found = program.find_tier(name)) return *found;
  std::vector<std::string> names;
  for (const Tier &tier : program.tiers) names.push_back(tier.name);
  refuse("tier", name, program, names, {});
}

}  // namespace leadscore::pg

LEADSCORE_FUNCTION(nearest) {
  using namespace leadscore::pg;
  ArrayType *array = call([fcinfo] { return PG_GETARG_ARRAYTYPE_P(1); });
  std::vector<std::string> candidates;
  for (const NullableDatum &element : nullable_elements_of(array, text_element))
    if (!element.isnull) candidates.emplace_back(call([&element] { return TextDatumGetCString(element.value); }));
  const std::optional<std::string> best = nearest(text_argument(fcinfo, 0), candidates);
  return best ? text_result(*best) : null_result(fcinfo);
}
