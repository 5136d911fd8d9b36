// PostgreSQL's instants and intervals as the engine's, and back.
#pragma once

#include "pg/postgres.hpp"

#include "core/instant.hpp"

namespace leadscore::pg {

[[nodiscard]] inline Instant to_instant(TimestampTz at) noexcept { return Instant(Duration(at)); }
[[nodiscard]] inline TimestampTz to_timestamp(Instant at) noexcept { return at.time_since_epoch().count(); }

// An interval as the fixed length that it stands for: extract(epoch from ...), with 30 days a month, held at 100,000 years, so that
// no arithmetic on instants overflows. May raise a PostgreSQL error: inside a guard only.
[[nodiscard]] Duration to_duration(const Interval *interval);

}  // namespace leadscore::pg
