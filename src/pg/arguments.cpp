#include "pg/arguments.hpp"

#include "pg/time.hpp"

namespace leadscore::pg {

std::string text_argument(FunctionCallInfo fcinfo, int index) {
  return call([fcinfo, index] { return text_to_cstring(PG_GETARG_TEXT_PP(index)); });
}

bool is_text_argument(FunctionCallInfo fcinfo, int index, std::string_view text) {
  const auto *value = reinterpret_cast<const varlena *>(PG_GETARG_POINTER(index));
  if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value)) return text_argument(fcinfo, index) == text;
  return std::string_view(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)) == text;
}

std::optional<Instant> instant_argument(FunctionCallInfo fcinfo, int index) {
  if (!has_argument(fcinfo, index)) return std::nullopt;
  return to_instant(PG_GETARG_TIMESTAMPTZ(index));
}

Datum text_result(std::string_view text) {
  return call([text] { return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size()))); });
}

Datum instant_result(FunctionCallInfo fcinfo, Instant at) noexcept {
  if (at == distant_future || at == distant_past) return null_result(fcinfo);
  return TimestampTzGetDatum(to_timestamp(at));
}

Datum float8_result(FunctionCallInfo fcinfo, const std::optional<double> &value) noexcept {
  return value ? Float8GetDatum(*value) : null_result(fcinfo);
}

Instant transaction_start() noexcept { return to_instant(GetCurrentTransactionStartTimestamp()); }

}  // namespace leadscore::pg
