#include "pg/condition_reader.hpp"

#include <algorithm>
#include <cmath>

#include "pg/guard.hpp"

namespace leadscore::pg {

namespace {

// A scalar is its own only element, and has no keys.
bool reaches_scalar(const Place &place) noexcept {
  return std::ranges::none_of(place.steps, [](const PlaceStep &step) { return step.key.has_value(); });
}

double double_of(const Item &item) {
  if (const auto *number = std::get_if<double>(&item)) return *number;
  if (const auto *whole = std::get_if<std::int64_t>(&item)) return static_cast<double>(*whole);
  const auto *numeric = std::get_if<Numeric>(&item);
  if (numeric == nullptr) return std::nan("");
  return to_double(*numeric);
}

}  // namespace

const ConditionSet::Truths &ConditionReader::ask(const Row &row, RowDocument &document) {
  const ConditionSet &set = conditions_->set();
  follow_shape(row);
  set.start(truths_);
  for (BoundColumn &bound : columns_) bound.is_readable = read(bound, row, document);
  set.conclude(truths_);
  for (const BoundColumn &bound : columns_)
    for (PlaceIndex place = bound.first; !bound.is_readable && place < bound.last; ++place) set.withdraw(place, truths_);
  for (const PathCondition &condition : conditions_->paths()) {
    const auto report = [this, &condition](const ErrorData &error) { report_(condition.condition, error); };
    const Answer answer = match(document.get(), condition.path, conditions_->variables(), report);
    ConditionSet::set(condition.condition, answer, truths_);
  }
  return truths_;
}

void ConditionReader::follow_shape(const Row &row) {
  const ShapeIdentity shape = row.shape();
  if (shape_ == shape) return;
  columns_.clear();
  const std::span<const TestedPlace> places = conditions_->places();
  for (PlaceIndex i = 0; i < places.size(); ++i) {
    const std::string &column = places[i].place.column;
    if (i == 0 || places[i - 1].place.column != column)
      columns_.push_back({.column = ColumnReader(column, row.descriptor()), .first = i, .last = i});
    columns_.back().last = i + 1;
  }
  shape_ = shape;
}

bool ConditionReader::read(BoundColumn &bound, const Row &row, RowDocument &document) {
  bool is_readable = true;
  const CaughtError error = attempt_calls([&] { is_readable = read_places(bound, row, document); });
  if (error == nullptr) return is_readable;
  report_(std::nullopt, *error);
  return false;
}

bool ConditionReader::read_places(BoundColumn &bound, const Row &row, RowDocument &document) {
  std::optional<ColumnValue> value = bound.column.read(row, document);
  if (!value) return false;
  for (PlaceIndex place = bound.first; place < bound.last; ++place) {
    if (add(*value, place)) continue;
    // A number whose place among the constants only numeric tells.
    value = bound.column.read_document(document);
    if (!value || !add(*value, place)) return false;
  }
  return true;
}

bool ConditionReader::add(const ColumnValue &value, PlaceIndex place) {
  if (const auto *item = std::get_if<Item>(&value)) {
    if (!reaches_scalar(conditions_->places()[place].place)) return true;
    add_found(place);
    return add_item(*item, place);
  }
  const auto *root = std::get_if<JsonbValue>(&value);
  if (root == nullptr) return true;
  found_.clear();
  follow_steps(*root, conditions_->places()[place].place.steps, found_);
  if (found_.empty()) return true;
  add_found(place);
  unwrap_arrays(found_);
  return std::ranges::all_of(found_, [&](const JsonbValue &found) { return add_item(item_of(found), place); });
}

bool ConditionReader::add_item(const Item &item, PlaceIndex place) {
  return conditions_->places()[place].add(item, place, conditions_->set(), truths_);
}

void ConditionReader::add_found(PlaceIndex place) {
  for (const TestIndex test : conditions_->places()[place].exist_tests) conditions_->set().add_true(test, truths_);
}

std::optional<double> NumberReader::read(const Row &row, RowDocument &document, const FailureReport &report) {
  double number = std::nan("");
  const CaughtError error = attempt_calls([&] {
    if (const std::optional<Item> item = first_item(row, document)) number = double_of(*item);
  });
  if (error != nullptr) report(*error);
  return error == nullptr && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<Item> NumberReader::first_item(const Row &row, RowDocument &document) {
  if (const ShapeIdentity shape = row.shape(); shape_ != shape) {
    column_.emplace(place_.column, row.descriptor());
    shape_ = shape;
  }
  const std::optional<ColumnValue> value = column_->read(row, document);
  if (!value || std::holds_alternative<std::monostate>(*value)) return std::nullopt;
  if (const auto *item = std::get_if<Item>(&*value)) return reaches_scalar(place_) ? std::optional(*item) : std::nullopt;
  found_.clear();
  follow_steps(std::get<JsonbValue>(*value), place_.steps, found_);
  return found_.empty() ? std::nullopt : std::optional(item_of(found_.front()));
}

}  // namespace leadscore::pg
