#include "pg/time.hpp"

#include <algorithm>

namespace leadscore::pg {

Duration to_duration(const Interval *interval) {
  const Datum seconds = DirectFunctionCall2(interval_part, CStringGetTextDatum("epoch"), IntervalPGetDatum(interval));
  constexpr double longest = 3155760000000000000.0;
  return Duration(static_cast<std::int64_t>(std::clamp(DatumGetFloat8(seconds) * 1e6, -longest, longest)));
}

}  // namespace leadscore::pg
