// Arrays: parameters of queries that take many rows at once, and arguments of functions.
#pragma once

#include "pg/postgres.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace leadscore::pg {

// A type as an array of it needs it.
struct ElementType {
  Oid type = InvalidOid;
  std::int16_t length = 0;
  bool by_value = false;
  char alignment = TYPALIGN_INT;
};

inline constexpr ElementType text_element{.type = TEXTOID, .length = -1, .by_value = false, .alignment = TYPALIGN_INT};
inline constexpr ElementType timestamptz_element{
    .type = TIMESTAMPTZOID, .length = sizeof(TimestampTz), .by_value = true, .alignment = TYPALIGN_DOUBLE};

// The elements of an array, in their order; an error if one is null.
[[nodiscard]] std::vector<Datum> elements_of(ArrayType *array, const ElementType &type);
[[nodiscard]] std::vector<NullableDatum> nullable_elements_of(ArrayType *array, const ElementType &type);

// The values of one column, row by row.
class ArrayBuilder {
 public:
  explicit ArrayBuilder(ElementType type) noexcept : type_(type) {}
  void reserve(std::size_t count) { values_.reserve(count); }
  void add(Datum value) { values_.push_back({.value = value, .isnull = false}); }
  void add(NullableDatum value) { values_.push_back(value); }
  // In the current memory context.
  [[nodiscard]] Datum build() const;

 private:
  ElementType type_;
  std::vector<NullableDatum> values_;
};

}  // namespace leadscore::pg
