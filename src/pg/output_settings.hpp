// One way to show values, whatever the session's settings: a rule must not depend on who inserts or asks.
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include "pgtime.h"
#include "utils/bytea.h"
#include "utils/float.h"
}

namespace leadscore::pg {

// For its lifetime values are shown as with TimeZone = UTC, DateStyle = ISO, IntervalStyle = postgres, extra_float_digits = 1 and
// bytea_output = hex. It sets the variables behind these settings, which costs nothing; its destructor restores them on every way
// out, errors of PostgreSQL included, since those pass the inner guard.
class OutputSettings {
 public:
  OutputSettings();
  ~OutputSettings();
  OutputSettings(const OutputSettings &) = delete;
  OutputSettings &operator=(const OutputSettings &) = delete;

 private:
  pg_tz *timezone_ = session_timezone;
  int date_style_ = DateStyle;
  int date_order_ = DateOrder;
  int interval_style_ = IntervalStyle;
  int float_digits_ = extra_float_digits;
  int bytea_style_ = bytea_output;
};

}  // namespace leadscore::pg
