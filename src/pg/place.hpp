// Places in a row as jsonpath names them, `$.column.key[*]`, and the items that are found there.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "core/condition.hpp"

namespace leadscore::pg {

// A step into a value: to a key of an object, or to the elements of an array (without a key).
struct PlaceStep {
  std::optional<std::string> key;

  friend bool operator<(const PlaceStep &a, const PlaceStep &b) { return a.key < b.key; }
};

// A place in a row.
struct Place {
  std::string column;
  std::vector<PlaceStep> steps;

  friend bool operator<(const Place &a, const Place &b) { return std::tie(a.column, a.steps) < std::tie(b.column, b.steps); }
};

// What was found at a place. Texts and numbers belong to the row, or to a constant.
struct JsonNull {};
struct JsonContainer {};
using Item = std::variant<JsonNull, bool, std::int64_t, double, Numeric, std::string_view, JsonContainer>;

[[nodiscard]] ItemType type_of(const Item &item);
[[nodiscard]] Item item_of(const JsonbValue &value) noexcept;

// The text of an item of a path that has one: a key, a variable, a string. It belongs to the path.
[[nodiscard]] std::string_view text_of(JsonPathItem &item) noexcept;

// The double that is nearest; what is larger than any is infinite.
[[nodiscard]] double to_double(Numeric number);

// The value that a jsonb is at its root; a scalar, or a container.
[[nodiscard]] JsonbValue root_value(Jsonb *document);

// The steps that follow `item` in a path; none if a step is of another kind than PlaceStep knows.
[[nodiscard]] std::optional<std::vector<PlaceStep>> steps_after(JsonPathItem &item);

// The place that a path names which begins at the root; none if it names something else.
[[nodiscard]] std::optional<Place> place_of(JsonPathItem &item);

// The values that the steps lead to from `value`, in the lax mode of jsonpath: an array is entered where a key is asked of it, and
// what is no array is its own only element. Appended to `found`.
void follow_steps(const JsonbValue &value, const std::vector<PlaceStep> &steps, std::vector<JsonbValue> &found);

// Replaces arrays among `found` by their elements, as jsonpath does with what is compared.
void unwrap_arrays(std::vector<JsonbValue> &found);

}  // namespace leadscore::pg
