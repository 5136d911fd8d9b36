#include "pg/arrays.hpp"

#include "pg/guard.hpp"

namespace leadscore::pg {

std::vector<Datum> elements_of(ArrayType *array, const ElementType &type) {
  Datum *values = nullptr;
  int count = 0;
  call([&] { deconstruct_array(array, type.type, type.length, type.by_value, type.alignment, &values, nullptr, &count); });
  return {values, values + count};
}

std::vector<NullableDatum> nullable_elements_of(ArrayType *array, const ElementType &type) {
  Datum *values = nullptr;
  bool *nulls = nullptr;
  int count = 0;
  call([&] { deconstruct_array(array, type.type, type.length, type.by_value, type.alignment, &values, &nulls, &count); });
  std::vector<NullableDatum> elements;
  elements.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) elements.push_back({.value = values[i], .isnull = nulls[i]});
  return elements;
}

Datum ArrayBuilder::build() const {
  return call([this] {
    const std::size_t count = values_.size();
    auto *values = static_cast<Datum *>(palloc(sizeof(Datum) * (count + 1)));
    auto *nulls = static_cast<bool *>(palloc(sizeof(bool) * (count + 1)));
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = values_[i].value;
      nulls[i] = values_[i].isnull;
    }
    int dimensions[] = {static_cast<int>(count)};
    int bounds[] = {1};
    ArrayType *array =
        construct_md_array(values, nulls, 1, dimensions, bounds, type_.type, type_.length, type_.by_value, type_.alignment);
    pfree(values);
    pfree(nulls);
    return PointerGetDatum(array);
  });
}

}  // namespace leadscore::pg
