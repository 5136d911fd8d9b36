// Arguments and results of SQL-callable functions.
#pragma once

#include "pg/postgres.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "core/instant.hpp"
#include "pg/guard.hpp"

namespace leadscore::pg {

// The index-th argument is there and is not null.
[[nodiscard]] inline bool has_argument(FunctionCallInfo fcinfo, int index) noexcept {
  return fcinfo->nargs > index && !fcinfo->args[index].isnull;
}

[[nodiscard]] std::string text_argument(FunctionCallInfo fcinfo, int index);
// Whether an argument is this text; without a copy of it, unless it is stored elsewhere.
[[nodiscard]] bool is_text_argument(FunctionCallInfo fcinfo, int index, std::string_view text);
[[nodiscard]] std::optional<Instant> instant_argument(FunctionCallInfo fcinfo, int index);

// SQL null as a function's result.
[[nodiscard]] inline Datum null_result(FunctionCallInfo fcinfo) noexcept {
  fcinfo->isnull = true;
  return Datum{0};
}

[[nodiscard]] Datum text_result(std::string_view text);
// distant_future, that is "never", and distant_past, "not yet", become null.
[[nodiscard]] Datum instant_result(FunctionCallInfo fcinfo, Instant at) noexcept;
[[nodiscard]] Datum float8_result(FunctionCallInfo fcinfo, const std::optional<double> &value) noexcept;

// The instant that `now()` gives.
[[nodiscard]] Instant transaction_start() noexcept;

// An object of C++ that lives as long as the call site of a function in a query: made at its first call, destroyed with the memory
// of the call site.
template <typename Object, typename Make>
Object &call_site(FunctionCallInfo fcinfo, Make make) {
  FmgrInfo *function = fcinfo->flinfo;
  if (function->fn_extra == nullptr) {
    auto *callback = call([function] {
      return static_cast<MemoryContextCallback *>(MemoryContextAllocZero(function->fn_mcxt, sizeof(MemoryContextCallback)));
    });
    callback->arg = new Object(make());
    callback->func = [](void *object) { delete static_cast<Object *>(object); };
    MemoryContextRegisterResetCallback(function->fn_mcxt, callback);
    function->fn_extra = callback->arg;
  }
  return *static_cast<Object *>(function->fn_extra);
}

}  // namespace leadscore::pg
