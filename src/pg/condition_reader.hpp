// Asks conditions, and for numbers, about rows: places are looked up once for each shape of row.
#pragma once

#include "pg/postgres.hpp"

#include <functional>
#include <optional>
#include <vector>

#include "core/condition_set.hpp"
#include "pg/column_reader.hpp"
#include "pg/conditions.hpp"
#include "pg/row_document.hpp"

namespace leadscore::pg {

class ConditionReader {
 public:
  // Told of a condition that cannot be evaluated, which is unknown; without a number it is a column that cannot be read.
  using Report = std::function<void(std::optional<std::size_t> condition, const ErrorData &error)>;

  // The conditions must live as long as the reader.
  ConditionReader(const Conditions &conditions, Report report) : conditions_(&conditions), report_(std::move(report)) {}

  // What the conditions say of the row that `document` is about. Valid until the next call.
  [[nodiscard]] const ConditionSet::Truths &ask(const Row &row, RowDocument &document);

 private:
  // A column and the places in it: those from `first` up to but not including `last`.
  struct BoundColumn {
    ColumnReader column;
    PlaceIndex first = 0;
    PlaceIndex last = 0;
    bool is_readable = true;  // in the row at hand
  };

  void follow_shape(const Row &row);
  // False if it cannot be read, which is reported.
  [[nodiscard]] bool read(BoundColumn &bound, const Row &row, RowDocument &document);
  [[nodiscard]] bool read_places(BoundColumn &bound, const Row &row, RowDocument &document);
  [[nodiscard]] bool add(const ColumnValue &value, PlaceIndex place);
  [[nodiscard]] bool add_item(const Item &item, PlaceIndex place);
  void add_found(PlaceIndex place);

  const Conditions *conditions_;
  Report report_;
  std::optional<ShapeIdentity> shape_;  // that the columns are bound to
  std::vector<BoundColumn> columns_;
  ConditionSet::Truths truths_;
  std::vector<JsonbValue> found_;
};

// The number that is a place's first item.
class NumberReader {
 public:
  explicit NumberReader(Place place) : place_(std::move(place)) {}

  // None if there is no item, or the first is no number or no finite one, or it cannot be read, which is reported.
  [[nodiscard]] std::optional<double> read(const Row &row, RowDocument &document, const FailureReport &report);

 private:
  [[nodiscard]] std::optional<Item> first_item(const Row &row, RowDocument &document);

  Place place_;
  std::optional<ShapeIdentity> shape_;
  std::optional<ColumnReader> column_;
  std::vector<JsonbValue> found_;
};

}  // namespace leadscore::pg
