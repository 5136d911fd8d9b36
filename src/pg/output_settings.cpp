#include "pg/output_settings.hpp"

#include "pg/guard.hpp"

namespace leadscore::pg {

OutputSettings::OutputSettings() {
  static pg_tz *const utc = call([] { return pg_tzset("UTC"); });
  session_timezone = utc;
  DateStyle = USE_ISO_DATES;
  DateOrder = DATEORDER_MDY;
  IntervalStyle = INTSTYLE_POSTGRES;
  extra_float_digits = 1;
  bytea_output = BYTEA_OUTPUT_HEX;
}

OutputSettings::~OutputSettings() {
  session_timezone = timezone_;
  DateStyle = date_style_;
  DateOrder = date_order_;
  IntervalStyle = interval_style_;
  extra_float_digits = float_digits_;
  bytea_output = bytea_style_;
}

}  // namespace leadscore::pg
