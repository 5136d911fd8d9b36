#include "pg/arrays.hpp"

#include "pg/guard.hpp"

namespace leadscore::pg {

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
